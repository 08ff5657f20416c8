//! An API server that plays a script.
//!
//! Each expected request stands in the script with its answer. Requests to one path come in the
//! script's order; those to different paths in any order. A request that the script does not expect
//! fails the test with what was expected, and so does one that is never made.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::stream::{self, BoxStream, StreamExt};
use http::{Request, Response};
use http_body_util::StreamBody;
use hyper::body::{Bytes, Frame};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};

type BoxError = Box<dyn std::error::Error + Send + Sync>;
type Frames = BoxStream<'static, Result<Frame<Bytes>, BoxError>>;

/// What the server does with a request.
#[derive(Clone)]
pub struct Answer {
    after: Duration,
    status: u16,
    date: Option<&'static str>,
    parts: Vec<Part>,
}

/// A part of an answer's body.
#[derive(Clone)]
pub enum Part {
    /// A line.
    Line(String),
    /// Nothing for a while.
    Wait(Duration),
    /// The connection breaks.
    Cut,
    /// The connection stays open, and nothing comes any more.
    Open,
}

impl Answer {
    /// A JSON body with status 200.
    pub fn json(body: &Value) -> Self {
        Self::of(200, vec![Part::Line(body.to_string())])
    }

    /// A status and a text that is no JSON.
    pub fn text(status: u16, body: &str) -> Self {
        Self::of(status, vec![Part::Line(body.to_owned())])
    }

    /// A failure, as the API server tells it.
    pub fn failure(code: u16, reason: &str, message: &str) -> Self {
        let body = failure(code, reason, message);
        Self::of(code, vec![Part::Line(body.to_string())])
    }

    /// A body that comes in parts, with status 200.
    pub fn stream(parts: impl IntoIterator<Item = Part>) -> Self {
        Self::of(200, parts.into_iter().collect())
    }

    /// A connection that breaks before anything comes.
    pub fn refused() -> Self {
        Self::of(0, vec![])
    }

    /// The same answer after a while.
    pub fn after(self, seconds: u64) -> Self {
        Self {
            after: Duration::from_secs(seconds),
            ..self
        }
    }

    /// The same answer with this header `Date`.
    pub const fn dated(mut self, date: &'static str) -> Self {
        self.date = Some(date);
        self
    }

    const fn of(status: u16, parts: Vec<Part>) -> Self {
        Self {
            after: Duration::ZERO,
            status,
            date: None,
            parts,
        }
    }

    async fn play(self) -> Result<Response<StreamBody<Frames>>, BoxError> {
        pass(self.after).await;
        if self.status == 0 {
            return Err(std::io::Error::other("Connection refused (os error 111)").into());
        }
        let frames = stream::iter(self.parts).filter_map(play_part).boxed();
        let mut response = Response::builder().status(self.status);
        if let Some(date) = self.date {
            response = response.header("date", date);
        }
        Ok(response.body(StreamBody::new(frames))?)
    }
}

async fn play_part(part: Part) -> Option<Result<Frame<Bytes>, BoxError>> {
    match part {
        Part::Line(line) => Some(Ok(Frame::data(Bytes::from(format!("{line}\n"))))),
        Part::Wait(time) => {
            pass(time).await;
            None
        }
        Part::Cut => Some(Err("connection reset by peer".into())),
        Part::Open => std::future::pending().await,
    }
}

/// Lets time pass: the clock is paused, and goes on only when nothing else can be done.
#[expect(
    clippy::disallowed_methods,
    reason = "on a paused clock nothing sleeps"
)]
async fn pass(time: Duration) {
    tokio::time::sleep(time).await;
}

/// A `Status` object, as the API server answers failures.
pub fn failure(code: u16, reason: &str, message: &str) -> Value {
    json!({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "message": message, "reason": reason, "code": code})
}

struct Expected {
    request: String,
    answer: Answer,
    again_and_again: bool,
}

/// The requests that are expected, with their answers.
#[derive(Default)]
pub struct Script {
    expected: VecDeque<Expected>,
}

impl Script {
    /// Expects a request such as `GET /api/v1/pods?watch=true&resourceVersion=10`: each part of the
    /// query must be there, those with a `!` must not, and others may.
    #[must_use]
    pub fn on(mut self, request: &str, answer: Answer) -> Self {
        self.expected.push_back(Expected {
            request: request.to_owned(),
            answer,
            again_and_again: false,
        });
        self
    }

    /// Expects such a request once or as often as it comes.
    #[must_use]
    pub fn on_each(mut self, request: &str, answer: Answer) -> Self {
        self.expected.push_back(Expected {
            request: request.to_owned(),
            answer,
            again_and_again: true,
        });
        self
    }

    /// Starts the server.
    pub fn play(self) -> (Client, Server) {
        let state = Arc::new(Mutex::new(State {
            expected: self.expected,
            ..State::default()
        }));
        let server = Server(Arc::clone(&state));
        let service = tower::service_fn(move |request: Request<Body>| {
            let state = Arc::clone(&state);
            async move {
                let accepted = request.headers().get(http::header::ACCEPT);
                let accepted = accepted.and_then(|types| types.to_str().ok());
                let accepted = accepted.unwrap_or_default().to_owned();
                let request = format!("{} {}", request.method(), request.uri());
                let answer = {
                    let mut state = state.lock().unwrap();
                    state.accepted.push(accepted);
                    state.take(request)
                };
                answer.play().await
            }
        });
        (Client::new(service, "default"), server)
    }
}

#[derive(Default)]
struct State {
    expected: VecDeque<Expected>,
    made: Vec<String>,
    accepted: Vec<String>,
    unexpected: Vec<String>,
}

impl State {
    fn take(&mut self, request: String) -> Answer {
        let next = self
            .expected
            .iter()
            .position(|expected| path(&expected.request) == path(&request));
        let answer = match next {
            Some(at) if fits(&self.expected[at].request, &request) => {
                let answer = self.expected[at].answer.clone();
                if !self.expected[at].again_and_again {
                    self.expected.remove(at);
                }
                answer
            }
            next => {
                let expected = next.map_or("no more request to this path", |at| {
                    self.expected[at].request.as_str()
                });
                self.unexpected.push(format!(
                    "{request}\n    where the script expects: {expected}"
                ));
                Answer::failure(418, "Unexpected", "the script does not expect this")
            }
        };
        self.made.push(request);
        answer
    }
}

fn path(request: &str) -> &str {
    request.split_once('?').map_or(request, |(path, _)| path)
}

fn fits(expected: &str, made: &str) -> bool {
    let query = |request| {
        let (_, query) = str::split_once(request, '?').unwrap_or_default();
        query.split('&').filter(|part| !part.is_empty())
    };
    query(expected).all(|part| match part.strip_prefix('!') {
        Some(key) => query(made).all(|made| made.split('=').next() != Some(key)),
        None => query(made).any(|made| made == part),
    })
}

/// The server that plays the script.
pub struct Server(Arc<Mutex<State>>);

impl Server {
    /// The requests so far.
    pub fn made(&self) -> Vec<String> {
        self.0.lock().unwrap().made.clone()
    }

    /// What the requests so far would take as an answer.
    pub fn accepted(&self) -> Vec<String> {
        self.0.lock().unwrap().accepted.clone()
    }

    /// Fails if a request of the script was not made within ten seconds, or if another one was.
    pub async fn expect_end(&self) {
        pass(Duration::from_secs(10)).await;
        let state = self.0.lock().unwrap();
        let never: Vec<&str> = state
            .expected
            .iter()
            .filter(|expected| !expected.again_and_again)
            .map(|expected| expected.request.as_str())
            .collect();
        assert!(
            never.is_empty() && state.unexpected.is_empty(),
            "never requested: {never:#?}\nnot expected: {:#?}\nrequests made: {:#?}",
            state.unexpected,
            state.made
        );
    }
}
