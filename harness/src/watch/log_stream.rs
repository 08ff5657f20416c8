//! The log of one run of a container, read until it is whole.

use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use kube::api::LogParams;
use kube::{Api, Client};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::backoff::Backoff;
use super::error::in_words;
use super::ledger::Continuity;
use super::log_line::{TimedLine, next_line};
use crate::witness::Observation;

/// What is kept of one stream from its beginning, and of an ended run from its end.
const MOST_LINES: usize = 5_000;
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Silence after which the log is asked for again, in case the connection is dead.
const SILENCE: Duration = Duration::from_secs(60);

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
    /// The end of that of the run before.
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
    lines: usize,
    bytes: usize,
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
    /// Enough was kept, or nobody listens.
    Enough,
}

impl LogStream {
    pub(super) fn new(
        client: Client,
        container: Container,
        which: Which,
        newest: watch::Receiver<NewestRun>,
        found: mpsc::Sender<Found>,
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
            lines: 0,
            bytes: 0,
            kubelet_failed: false,
        }
    }

    /// Reads until the log of the run is whole, asking again where the stream breaks.
    pub(super) async fn follow(mut self) {
        let mut backoff = Backoff::new();
        loop {
            let lines_before = self.lines;
            let end = self.read().await;
            if self.lines > lines_before {
                backoff.reset();
            }
            match end {
                End::Enough => return,
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
                Ok(Err(error)) => return End::Broken(error.to_string()),
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
        let previous = self.which == Which::Previous;
        LogParams {
            container: Some(self.container.name.clone()),
            timestamps: true,
            follow: !previous,
            previous,
            tail_lines: previous.then(|| i64::try_from(MOST_LINES).unwrap_or(i64::MAX)),
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
        self.last = Some(line.time);
        self.lines += 1;
        self.bytes += line.line.len();
        let time = line.time;
        self.tell(Found::Line(self.container.clone(), line)).await?;
        if self.lines < MOST_LINES && self.bytes < MOST_BYTES {
            return None;
        }
        if matches!(self.which, Which::Current(_)) {
            let line = "[relapse: later lines of this run are not kept]".to_owned();
            let marker = TimedLine { time, line };
            self.tell(Found::Line(self.container.clone(), marker))
                .await?;
        }
        Some(End::Enough)
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
        if let Some(gap) = self.continuity.broke(message) {
            self.tell(Found::Continuity(gap)).await;
        }
    }

    async fn tell_resumed(&mut self, message: &str) {
        if let Some(resumed) = self.continuity.resumed(message) {
            self.tell(Found::Continuity(resumed)).await;
        }
    }

    /// `Some(())` if somebody listens.
    async fn tell(&self, found: Found) -> Option<()> {
        self.found.send(found).await.ok()
    }
}

fn is_running(run: &str, newest: &NewestRun) -> bool {
    newest.is_running && newest.id == run
}
