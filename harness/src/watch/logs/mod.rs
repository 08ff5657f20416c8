//! The logs of all containers, followed as the watch of pods shows their runs.
//!
//! A container's current run is followed as soon as its status names it. When a run has become the
//! previous one, its log is fetched once more, because the container may have restarted before it
//! could be followed; lines that were seen already are not witnessed again.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use kube::Client;
use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::log_line::{SeenLines, TimedLine};
use super::log_stream::{Container, Found, LogStream, NewestRun, Which};
use super::{Outlet, PodChanges, Scope, Unheard};
use relapse_judge::kubernetes::{text_at, uid};
use relapse_judge::witness::{Change, LogLine, Observation};

/// Lines that may wait for the witness before the streams pause.
const WAITING_LINES: usize = 1_024;

/// Follows the logs of the pods whose changes come in, until the watch of pods ends.
pub(super) async fn follow(
    client: Client,
    scope: Arc<Scope>,
    mut pods: PodChanges,
    outlet: Outlet,
) {
    let (found, mut finds) = mpsc::channel(WAITING_LINES);
    let mut logs = Logs {
        client,
        scope,
        found,
        containers: HashMap::new(),
        streams: JoinSet::new(),
    };
    loop {
        let heard = tokio::select! {
            change = pods.recv() => match change {
                Some(change) => {
                    logs.see(change.change, &change.object);
                    Ok(())
                }
                None => Err(Unheard),
            },
            Some(find) = finds.recv() => logs.witness(find).map_or(Ok(()), |news| outlet.send(news)),
            Some(_) = logs.streams.join_next() => Ok(()),
        };
        if heard.is_err() {
            return;
        }
    }
}

struct Logs {
    client: Client,
    scope: Arc<Scope>,
    found: mpsc::Sender<Found>,
    containers: HashMap<Container, Runs>,
    streams: JoinSet<()>,
}

/// What is known of a container's runs.
struct Runs {
    newest: watch::Sender<NewestRun>,
    followed: HashSet<String>,
    fetched: HashSet<String>,
    seen: SeenLines,
}

impl Logs {
    /// Starts the streams that a pod's status calls for.
    fn see(&mut self, change: Change, pod: &Value) {
        if change == Change::Deleted {
            self.containers.retain(|known, _| known.pod_uid != uid(pod));
            return;
        }
        if !self.scope.follows(pod) {
            return;
        }
        for (container, status) in container_statuses(pod) {
            for which in self.runs_of(&container).due(&status) {
                self.start(container.clone(), which);
            }
        }
    }

    fn runs_of(&mut self, container: &Container) -> &mut Runs {
        self.containers
            .entry(container.clone())
            .or_insert_with(|| Runs {
                newest: watch::Sender::default(),
                followed: HashSet::new(),
                fetched: HashSet::new(),
                seen: SeenLines::default(),
            })
    }

    fn start(&mut self, container: Container, which: Which) {
        let newest = self.runs_of(&container).newest.subscribe();
        let (client, found) = (self.client.clone(), self.found.clone());
        let scope = Arc::clone(&self.scope);
        let stream = LogStream::new(client, container, which, newest, found, scope);
        self.streams.spawn(stream.follow());
    }

    /// The observation that a find is, unless it is a line that was seen.
    fn witness(&mut self, find: Found) -> Option<Observation> {
        let (container, line) = match find {
            Found::Continuity(observation) => return Some(observation),
            Found::Line(container, line) => (container, line),
        };
        // The last lines of a pod may come after its end; nobody else can have sent them.
        let runs = self.containers.get_mut(&container);
        runs.is_none_or(|runs| runs.seen.is_news(&line))
            .then(|| Observation::Log(log_line(container, line)))
    }
}

impl Runs {
    /// The logs to ask for now that the container's status is so.
    fn due(&mut self, status: &RunsShown) -> Vec<Which> {
        let mut due = Vec::new();
        if let Some(newest) = &status.newest {
            self.newest.send_replace(newest.clone());
        }
        if let Some(previous) = &status.previous
            && self.fetched.insert(previous.clone())
        {
            due.push(Which::Previous);
        }
        if let Some(NewestRun { id, .. }) = &status.newest
            && status.previous.as_ref() != Some(id)
            && self.followed.insert(id.clone())
        {
            due.push(Which::Current(id.clone()));
        }
        due
    }
}

/// The runs that a container's status names, by container id.
#[derive(Debug, Default, PartialEq, Eq)]
struct RunsShown {
    newest: Option<NewestRun>,
    previous: Option<String>,
}

impl RunsShown {
    fn of(status: &Value) -> Self {
        let previous = ended_run(status, "/lastState/terminated");
        let newest = if status.pointer("/state/running").is_some() {
            named(status, "/containerID").map(|id| (id, true))
        } else {
            ended_run(status, "/state/terminated")
                .or_else(|| previous.clone())
                .map(|id| (id, false))
        };
        Self {
            newest: newest.map(|(id, is_running)| NewestRun { id, is_running }),
            previous,
        }
    }
}

/// The id of an ended run, unless its program never started, so that it has no log.
fn ended_run(status: &Value, ended: &str) -> Option<String> {
    let ended = status.pointer(ended)?;
    let never_started = ["StartError", "ContainerCannotRun"];
    if never_started.contains(&text_at(ended, "/reason").unwrap_or_default()) {
        return None;
    }
    named(ended, "/containerID")
}

fn named(value: &Value, pointer: &str) -> Option<String> {
    text_at(value, pointer)
        .filter(|id| !id.is_empty())
        .map(ToOwned::to_owned)
}

/// The containers of a pod, init containers first, with the runs that their statuses name.
fn container_statuses(pod: &Value) -> Vec<(Container, RunsShown)> {
    let text = |pointer| text_at(pod, pointer).unwrap_or_default().to_owned();
    let kinds = [
        "initContainerStatuses",
        "containerStatuses",
        "ephemeralContainerStatuses",
    ];
    kinds
        .iter()
        .filter_map(|kind| pod.pointer("/status")?.get(kind)?.as_array())
        .flatten()
        .map(|status| {
            let container = Container {
                namespace: text("/metadata/namespace"),
                pod: text("/metadata/name"),
                pod_uid: text("/metadata/uid"),
                name: text_at(status, "/name").unwrap_or_default().to_owned(),
            };
            (container, RunsShown::of(status))
        })
        .collect()
}

fn log_line(container: Container, line: TimedLine) -> LogLine {
    LogLine {
        namespace: container.namespace,
        pod: container.pod,
        pod_uid: container.pod_uid,
        container: container.name,
        time: line.time,
        line: line.line,
    }
}

#[cfg(test)]
mod tests;
