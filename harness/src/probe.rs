//! What a user would see: an HTTP answer of a Service, asked again until it fits.

use std::future::Future;
use std::time::Duration;

use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout, timeout_at};

use crate::scenario::{self, HttpCheck};
use crate::watch::in_words;
use crate::witness::{CheckOutcome, text_at};

/// Time for one answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Time between two questions.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// What is shown of an answer.
const SHOWN_CHARACTERS: usize = 300;

/// An answer to a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is what the check says.
    pub fits: bool,
    /// What was seen, shortened.
    pub seen: String,
}

impl Answer {
    fn unfit(seen: impl Into<String>) -> Self {
        Self {
            fits: false,
            seen: seen.into(),
        }
    }
}

/// Asks a Service through the API server's proxy, once. A connection that is refused or breaks is
/// an answer that does not fit.
pub async fn ask(client: &Client, check: &HttpCheck) -> Answer {
    let request = match Request::get(proxied(check)).body(Body::empty()) {
        Ok(request) => request,
        Err(error) => return Answer::unfit(format!("no request can be made: {error}")),
    };
    let answer = async {
        let response = client.send(request).await?;
        let (head, body) = response.into_parts();
        let body = body.collect_bytes().await?;
        Ok::<_, kube::Error>(Response::from_parts(head, body))
    };
    match timeout(ANSWER, answer).await {
        Ok(Ok(response)) => {
            let body = String::from_utf8_lossy(response.body());
            judge(check, response.status().as_u16(), &body)
        }
        Ok(Err(error)) => Answer::unfit(in_words(&error)),
        Err(_) => Answer::unfit(format!("no whole answer within {} s", ANSWER.as_secs())),
    }
}

fn proxied(check: &HttpCheck) -> String {
    format!(
        "/api/v1/namespaces/{}/services/http:{}:{}/proxy/{}",
        check.namespace,
        check.service.value,
        check.port,
        check.path.trim_start_matches('/')
    )
}

fn judge(check: &HttpCheck, status: u16, body: &str) -> Answer {
    let json: Option<Value> = serde_json::from_str(body).ok();
    if let Some(message) = json.as_ref().and_then(refusal_of_proxy) {
        let service = &check.service.value;
        return Answer::unfit(shortened(&format!(
            "the API server could not ask Service {service}: {message}"
        )));
    }
    let mut misfits = Vec::new();
    if status != check.status {
        misfits.push(format!("status is not {}", check.status));
    }
    if let Some(text) = &check.contains
        && !body.contains(text)
    {
        misfits.push(format!("body does not contain {text:?}"));
    }
    match &json {
        Some(json) => {
            let unlike = check.fields.iter().filter(|field| !field.holds(json));
            misfits.extend(unlike.map(|field| format!("{}, not: {field}", field.seen(json))));
        }
        None if !check.fields.is_empty() => misfits.push("body is not JSON".to_owned()),
        None => {}
    }
    let fits = misfits.is_empty();
    misfits.push(format!("status {status}: {}", shortened(body.trim())));
    Answer {
        fits,
        seen: misfits.join("; "),
    }
}

/// The text with which the API server says that it got no answer from the Service; without this
/// its own 503 would pass for one of the Service.
fn refusal_of_proxy(json: &Value) -> Option<&str> {
    let is = |pointer, text| text_at(json, pointer) == Some(text);
    (is("/kind", "Status") && is("/apiVersion", "v1") && is("/status", "Failure"))
        .then(|| text_at(json, "/message").unwrap_or("no reason given"))
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Asks until an answer fits or the time is over. An answer cannot be watched, so this asks every
/// second: nothing in the cluster says when a program begins to answer differently.
pub async fn until_it_fits<F>(
    name: &str,
    within: scenario::Duration,
    mut ask: impl FnMut() -> F,
) -> CheckOutcome
where
    F: Future<Output = Answer>,
{
    let deadline = Instant::now() + Duration::from_millis(within.as_millis());
    let mut ticks = interval(ASKED_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen = format!("no answer within {within}");
    let passed = loop {
        let answered = timeout_at(deadline, async {
            ticks.tick().await;
            ask().await
        });
        match answered.await {
            Ok(answer) => {
                seen = answer.seen;
                if answer.fits {
                    break true;
                }
            }
            Err(_) => break false,
        }
    };
    CheckOutcome {
        name: name.to_owned(),
        passed,
        seen,
    }
}

#[cfg(test)]
mod tests;
