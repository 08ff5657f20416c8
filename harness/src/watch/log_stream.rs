//! The log of one run of a container, read until it is whole.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use kube::{Api, Client};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::backoff::Backoff;
use super::error::{broken_body_in_words, in_words};
use super::flood::Kept;
use super::ledger::Continuity;
use super::log_line::{TimedLine, next_line};
use super::scope::Scope;
use relapse_judge::witness::Observation;

/// Silence after which the log is asked for again, in case the connection is dead.
const SILENCE: Duration = Duration::from_mins(1);

/// Time for the first byte of an answer.
const ANSWER: Duration = Duration::from_secs(30);

/// The end of a run shows in the pod's status at most this long after the end of its log.
const STATUS_LAG: Duration = Duration::from_secs(1);

/// A container of a pod.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Container {
    pub(super) namespace: String,
    pub(super) pod: String,
    pub(super) pod_uid: String,
    pub(super) name: String,
}

/// The newest run of a container, as the pod's status shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct NewestRun {
    /// Its container id.
    pub(super) id: String,
    pub(super) is_running: bool,
}

/// Which log of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Which {
    /// That of the run with this container id, as it grows.
    Current(String),
    /// That of the run before.
    Previous,
}

/// Something that a stream gave.
#[derive(Debug)]
pub(super) enum Found {
    /// A line, perhaps one that is known.
    Line(Container, TimedLine),
    /// A gap, or its end.
    Continuity(Observation),
}

/// The log of one run.
pub(super) struct LogStream {
    api: Api<Pod>,
    container: Container,
    which: Which,
    newest: watch::Receiver<NewestRun>,
    found: mpsc::Sender<Found>,
    continuity: Continuity,
    last: Option<Timestamp>,
    kept: Kept,
    scope: Arc<Scope>,
    kubelet_failed: bool,
}

/// How a request for the log ended.
enum End {
    /// The server ended it without a complaint.
    Ended,
    /// There is no such log, or not yet: the run has not begun, or run or pod are gone.
    Absent,
    /// The connection or the server broke.
    Broken(String),
    /// The kubelet told an error of its own inside the log.
    Kubelet(String),
    /// Nobody listens.
    Unheard,
}

impl LogStream {
    pub(super) fn new(
        client: Client,
        container: Container,
        which: Which,
        newest: watch::Receiver<NewestRun>,
        found: mpsc::Sender<Found>,
        scope: Arc<Scope>,
    ) -> Self {
        let stream = format!(
            "log of {}/{}/{}",
            container.namespace, container.pod, container.name
        );
        Self {
            api: Api::namespaced(client, &container.namespace),
            continuity: Continuity::of(stream),
            container,
            which,
            newest,
            found,
            last: None,
            kept: Kept::default(),
            scope,
            kubelet_failed: false,
        }
    }

    /// Reads until the log of the run is whole, asking again where the stream breaks.
    pub(super) async fn follow(mut self) {
        let mut backoff = Backoff::new();
        loop {
            let last_before = self.last;
            let end = self.read().await;
            if self.last > last_before {
                backoff.reset();
            }
            match end {
                End::Unheard => return,
                End::Ended | End::Absent if !self.is_running() => break,
                // A stream that ends cleanly may have been cut by the kubelet's own end.
                End::Ended => {
                    if self.run_ends_within(STATUS_LAG).await {
                        break;
                    }
                }
                End::Absent => {
                    if self.run_ends_within(backoff.pause()).await {
                        break;
                    }
                }
                End::Kubelet(message) => {
                    self.kubelet_failed = true;
                    self.tell_gap(message).await;
                    if !self.is_running() || self.pod_goes_within(backoff.pause()).await {
                        break;
                    }
                }
                End::Broken(message) => {
                    self.tell_gap(message).await;
                    if self.is_superseded() || self.pod_goes_within(backoff.pause()).await {
                        break;
                    }
                }
            }
        }
        self.tell_resumed("the run has ended; lines of it may be lost")
            .await;
        for line in self.kept.end() {
            self.tell_line(line).await;
        }
    }

    async fn read(&mut self) -> End {
        let params = self.params();
        let opened = timeout(ANSWER, self.api.log_stream(&self.container.pod, &params)).await;
        let stream = match opened {
            Ok(Ok(stream)) => stream,
            Ok(Err(kube::Error::Api(status))) if matches!(status.code, 400 | 404) => {
                return End::Absent;
            }
            Ok(Err(error)) => return End::Broken(in_words(&error)),
            Err(_) => return End::Broken(format!("no answer for {} s", ANSWER.as_secs())),
        };
        if !self.kubelet_failed {
            self.tell_resumed("resumed at the last line").await;
        }
        let mut stream = pin!(stream);
        loop {
            let text = match timeout(SILENCE, next_line(&mut stream)).await {
                Ok(Ok(Some(text))) => text,
                Ok(Ok(None)) => return End::Ended,
                Ok(Err(error)) => return End::Broken(broken_body_in_words(&error)),
                Err(_) if self.is_running() => return End::Ended,
                Err(_) => return End::Broken(format!("nothing came for {} s", SILENCE.as_secs())),
            };
            match TimedLine::parse(text) {
                Ok(line) => {
                    if let Some(end) = self.take(line).await {
                        return end;
                    }
                }
                Err(complaint) => return End::Kubelet(complaint),
            }
        }
    }

    fn params(&self) -> LogParams {
        LogParams {
            container: Some(self.container.name.clone()),
            timestamps: true,
            follow: self.which != Which::Previous,
            previous: self.which == Which::Previous,
            // Down to the second, which is all that the server takes: kube rounds up as well.
            since_time: self
                .last
                .and_then(|last| Timestamp::from_second(last.as_second()).ok()),
            ..LogParams::default()
        }
    }

    async fn take(&mut self, line: TimedLine) -> Option<End> {
        self.kubelet_failed = false;
        self.tell_resumed("resumed at the last line").await;
        // A stream that is asked for again begins with lines that are known.
        let is_known = self.last.is_some_and(|last| line.time < last);
        if is_known && self.kept.is_full() {
            return None;
        }
        self.last = self.last.max(Some(line.time));
        for line in self.kept.take(line, self.scope.awaited()) {
            if !self.tell_line(line).await {
                return Some(End::Unheard);
            }
        }
        None
    }

    async fn tell_line(&self, line: TimedLine) -> bool {
        let found = Found::Line(self.container.clone(), line);
        self.found.send(found).await.is_ok()
    }

    fn is_running(&self) -> bool {
        match &self.which {
            Which::Current(run) => is_running(run, &self.newest.borrow()),
            Which::Previous => false,
        }
    }

    /// Whether another run has begun, so that the log of this one is that of the previous run, for
    /// which there is a stream of its own.
    fn is_superseded(&self) -> bool {
        matches!(&self.which, Which::Current(run) if *run != self.newest.borrow().id)
    }

    async fn run_ends_within(&mut self, time: Duration) -> bool {
        let Which::Current(run) = self.which.clone() else {
            return true;
        };
        let ended = self.newest.wait_for(|newest| !is_running(&run, newest));
        timeout(time, ended).await.is_ok()
    }

    async fn pod_goes_within(&mut self, time: Duration) -> bool {
        timeout(time, self.newest.wait_for(|_| false)).await.is_ok()
    }

    async fn tell_gap(&mut self, message: String) {
        let gap = self.continuity.broke(message);
        self.tell(gap).await;
    }

    async fn tell_resumed(&mut self, message: &str) {
        let resumed = self.continuity.resumed(message);
        self.tell(resumed).await;
    }

    /// Where nobody listens any more, the next line notices.
    async fn tell(&self, observation: Option<Observation>) {
        if let Some(observation) = observation {
            let _ = self.found.send(Found::Continuity(observation)).await;
        }
    }
}

fn is_running(run: &str, newest: &NewestRun) -> bool {
    newest.is_running && newest.id == run
}
