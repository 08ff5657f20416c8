//! What a user would see: an HTTP answer of a Service or the output of a command; asked again until
//! it fits, or as long as somebody listens.

mod exec;

use std::future::Future;
use std::time::Duration;

use futures::future::BoxFuture;
use http::{Request, Response};
use kube::Client;
use kube::client::Body;
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval, timeout, timeout_at};

use crate::watch::in_words;
use relapse_judge::kubernetes::text_at;
use relapse_judge::scenario::{self, Check, ExecCheck, HttpCheck};
use relapse_judge::time::Millis;
use relapse_judge::witness::{Answered, CheckOutcome, Observation};

/// Time for one answer.
const ANSWER: Duration = Duration::from_secs(10);

/// Time between two questions.
const ASKED_EVERY: Duration = Duration::from_secs(1);

/// What is shown of an answer.
const SHOWN_CHARACTERS: usize = 300;

/// So many answers in a row must fit: of several servers behind one name each may answer otherwise.
const IN_A_ROW: u32 = 5;

/// Time between the answers of such a row.
const STEADY_EVERY: Duration = Duration::from_millis(250);

/// So often a row may break off. What answers now and then has not become what it is to be.
const BREAKS: u32 = 3;

/// So many questions in a row without an answer are told: as with the kubelet's readiness probes, a
/// single one may be lost on a busy machine.
const SILENCES: u32 = 3;

/// An answer to a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is what the check says.
    pub fits: bool,
    /// Whether the Service or the command answered at all.
    pub answered: bool,
    /// What was seen, shortened.
    pub seen: String,
}

impl Answer {
    /// That there is none, and why.
    pub fn none(seen: impl Into<String>) -> Self {
        Self {
            fits: false,
            answered: false,
            seen: seen.into(),
        }
    }
}

/// Who asks, through the API server.
#[derive(Clone)]
pub struct Prober(Client);

impl Prober {
    /// Asks by this.
    #[must_use]
    pub const fn by(client: Client) -> Self {
        Self(client)
    }

    /// Asks until an answer fits or the time is over.
    pub async fn check(&self, check: &Check) -> CheckOutcome {
        until_it_fits(check.name(), check.within(), || self.ask(check)).await
    }

    /// Asks as long as anybody listens, and tells each answer, with when it was asked since `began`.
    pub async fn follow(
        self,
        question: Check,
        began: Instant,
        sink: mpsc::UnboundedSender<Observation>,
    ) {
        tell(question.name(), began, sink, || self.ask(&question)).await;
    }

    fn ask<'a>(&'a self, check: &'a Check) -> BoxFuture<'a, Answer> {
        match check {
            Check::Http(http) => Box::pin(ask(&self.0, http)),
            Check::Exec(exec) => self.run(exec),
            // The experiment reads these from its witness.
            Check::State(_) | Check::Log(_) | Check::Event(_) => {
                Box::pin(async { Answer::none("nobody is asked for what is witnessed") })
            }
        }
    }

    /// Runs a command in a container, once.
    #[must_use]
    pub fn run<'a>(&'a self, check: &'a ExecCheck) -> BoxFuture<'a, Answer> {
        Box::pin(async {
            match timeout(ANSWER, exec::exec(&self.0, check)).await {
                Ok(Ok(output)) => Answer {
                    fits: output.success && output.stdout.contains(&check.contains),
                    answered: true,
                    seen: shortened(format!("{}{}", output.stdout, output.stderr).trim_end()),
                },
                Ok(Err(error)) => Answer::none(error.to_string()),
                Err(_) => Answer::none(format!("no end within {} s", ANSWER.as_secs())),
            }
        })
    }
}

async fn tell<F>(
    name: &str,
    began: Instant,
    sink: mpsc::UnboundedSender<Observation>,
    mut ask: impl FnMut() -> F,
) where
    F: Future<Output = Answer>,
{
    let mut ticks = ticks();
    let mut silent = 0;
    loop {
        ticks.tick().await;
        let asked = Instant::now();
        let answer = ask().await;
        silent = if answer.answered { 0 } else { silent + 1 };
        // An answer that did not change is told too: it counts for the phase in which it was asked for.
        if (1..SILENCES).contains(&silent) {
            continue;
        }
        let answered = Answered {
            name: name.to_owned(),
            fits: answer.fits,
            seen: answer.seen,
            asked: millis(asked.duration_since(began)),
        };
        if sink.send(Observation::Answer(answered)).is_err() {
            break;
        }
    }
}

fn millis(time: Duration) -> Millis {
    Millis::try_from(time.as_millis()).unwrap_or(Millis::MAX)
}

/// An answer cannot be watched, so it is asked for every second: nothing in the cluster says when a
/// program begins to answer differently.
fn ticks() -> Interval {
    let mut ticks = interval(ASKED_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// Asks a Service through the API server's proxy, once. A connection that is refused or breaks is
/// an answer that does not fit.
pub async fn ask(client: &Client, check: &HttpCheck) -> Answer {
    let request = match Request::get(proxied(check)).body(Body::empty()) {
        Ok(request) => request,
        Err(error) => return Answer::none(format!("no request can be made: {error}")),
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
        Ok(Err(error)) => Answer::none(in_words(&error)),
        Err(_) => Answer::none(format!("no whole answer within {} s", ANSWER.as_secs())),
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
        return Answer::none(shortened(&format!(
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
    match &json {
        // The fields tell what was asked for; the whole of a long answer changes with each question.
        Some(json) if !check.fields.is_empty() && status == check.status => {
            let seen = check.fields.iter().filter(|_| fits);
            misfits.extend(seen.map(|field| field.seen(json)));
        }
        _ => misfits.push(format!("status {status}: {}", shortened(body.trim()))),
    }
    Answer {
        fits,
        answered: true,
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

/// Asks every second until answers fit several times in a row, or the time is over. A row that has begun
/// may end after it.
pub async fn until_it_fits<F>(
    name: &str,
    within: scenario::Duration,
    mut ask: impl FnMut() -> F,
) -> CheckOutcome
where
    F: Future<Output = Answer>,
{
    let deadline = Instant::now() + Duration::from_millis(within.as_millis());
    let mut ticks = ticks();
    let mut seen = format!("no answer within {within}");
    let mut breaks = 0;
    let passed = loop {
        let answered = timeout_at(deadline, async {
            ticks.tick().await;
            ask().await
        });
        let Ok(answer) = answered.await else {
            break false;
        };
        seen = answer.seen;
        if !answer.fits {
            continue;
        }
        match row(&mut ask).await {
            Ok(last) => {
                seen = last.unwrap_or(seen);
                break true;
            }
            Err(misfit) => {
                breaks += 1;
                seen = format!("it fitted now and then, and then not: {misfit}");
            }
        }
        if breaks == BREAKS {
            break false;
        }
    };
    CheckOutcome {
        name: name.to_owned(),
        passed,
        seen,
    }
}

/// Asks for the rest of a row whose first answer fitted; the last one, or the first that does not fit.
async fn row<F>(ask: &mut impl FnMut() -> F) -> Result<Option<String>, String>
where
    F: Future<Output = Answer>,
{
    let mut ticks = interval(STEADY_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    let mut last = None;
    for _ in 1..IN_A_ROW {
        ticks.tick().await;
        let answer = ask().await;
        if !answer.fits {
            return Err(answer.seen);
        }
        last = Some(answer.seen);
    }
    Ok(last)
}

#[cfg(test)]
mod tests;
