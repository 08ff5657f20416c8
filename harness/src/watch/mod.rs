//! Watches and log streams of a cluster, turned into observations.
//!
//! Each kind has a watch of its own, for all namespaces; the logs of containers are followed as the
//! watch of pods shows their runs. What breaks is resumed, and the gap is an observation too.

mod backoff;
mod client;
mod error;
mod ledger;
mod log_line;
mod log_stream;
mod logs;
mod mark;
mod objects;
mod scope;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use kube::discovery::ApiResource;
use serde_json::Value;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use client::{ClientError, client, client_of};
pub use error::WatchError;
pub(crate) use error::in_words;
pub use mark::{MarkError, mark};
pub use scope::Scope;

use crate::witness::{ObjectChange, Observation};
use objects::{ObjectWatch, Stop, stream_name};
use scope::{is_inside, is_the_canarys};

/// The watches and log streams of a cluster. They end when this is dropped, or when the receiver of
/// the observations is.
#[derive(Debug)]
pub struct Observer {
    progress: watch::Receiver<Progress>,
    _tasks: JoinSet<()>,
}

#[derive(Debug, Default)]
struct Progress {
    unlisted: BTreeSet<String>,
    failure: Option<WatchError>,
}

/// Begins to watch. Needs a tokio runtime.
#[must_use]
pub fn start(client: Client, scope: Scope, sink: UnboundedSender<Observation>) -> Observer {
    let unlisted = scope.kinds().iter().map(stream_name).collect();
    let (progress, receiver) = watch::channel(Progress {
        unlisted,
        failure: None,
    });
    let progress = Arc::new(progress);
    let (pods, pod_changes) = unbounded_channel();
    let mut tasks = JoinSet::new();
    let namespaces = scope.namespaces().cloned().map(Arc::new);
    for kind in scope.into_kinds() {
        let outlet = Outlet {
            sink: sink.clone(),
            namespaces: namespaces.clone(),
            pods: is_pod(&kind).then(|| pods.clone()),
        };
        tasks.spawn(watch_kind(
            client.clone(),
            kind,
            outlet,
            Arc::clone(&progress),
        ));
    }
    tasks.spawn(logs::follow(
        client,
        pod_changes,
        Outlet {
            sink,
            namespaces: None,
            pods: None,
        },
    ));
    Observer {
        progress: receiver,
        _tasks: tasks,
    }
}

async fn watch_kind(
    client: Client,
    kind: ApiResource,
    outlet: Outlet,
    progress: Arc<watch::Sender<Progress>>,
) {
    let name = stream_name(&kind);
    let synced = || {
        progress.send_if_modified(|progress| progress.unlisted.remove(&name));
    };
    if let Stop::Failed(error) = ObjectWatch::new(client, kind, outlet).run(synced).await {
        progress.send_modify(|progress| {
            progress.failure.get_or_insert(error);
        });
        // The failure stays known while the others go on.
    }
}

fn is_pod(kind: &ApiResource) -> bool {
    kind.group.is_empty() && kind.kind == "Pod"
}

impl Observer {
    /// Waits until every kind was listed. All that was there then has been sent to the receiver:
    /// once it is read, what was not seen was not there.
    ///
    /// # Errors
    /// A watch cannot come back, for example for want of a permission.
    pub async fn synced(&self) -> Result<(), WatchError> {
        let mut progress = self.progress.clone();
        let settled = progress
            .wait_for(|progress| progress.failure.is_some() || progress.unlisted.is_empty())
            .await
            .map_err(|_| WatchError::Unheard)?;
        settled.failure.clone().map_or(Ok(()), Err)
    }

    /// The streams that [`Observer::synced`] still waits for, for the message of its deadline.
    #[must_use]
    pub fn unsynced(&self) -> Vec<String> {
        self.progress.borrow().unlisted.iter().cloned().collect()
    }

    /// Waits until a watch fails for good; a healthy observer never gets there.
    pub async fn failed(&self) -> WatchError {
        let mut progress = self.progress.clone();
        let failed = progress
            .wait_for(|progress| progress.failure.is_some())
            .await;
        failed
            .ok()
            .and_then(|progress| progress.failure.clone())
            .unwrap_or(WatchError::Unheard)
    }
}

/// Nobody receives the observations any more.
#[derive(Debug, Clone, Copy)]
struct Unheard;

/// Where observations go.
#[derive(Debug, Clone)]
struct Outlet {
    sink: UnboundedSender<Observation>,
    /// The only namespaces whose objects are passed on, where not all are.
    namespaces: Option<Arc<BTreeSet<String>>>,
    /// Where changes of pods go as well.
    pods: Option<UnboundedSender<ObjectChange>>,
}

impl Outlet {
    fn send(&self, observation: Observation) -> Result<(), Unheard> {
        if let Observation::Object(change) = &observation
            && !self.shows(&change.object)
        {
            return Ok(());
        }
        if let (Some(pods), Observation::Object(change)) = (&self.pods, &observation) {
            pods.send(change.clone()).map_err(|_| Unheard)?;
        }
        self.sink.send(observation).map_err(|_| Unheard)
    }

    fn shows(&self, object: &Value) -> bool {
        let is_seen = |seen: &Arc<BTreeSet<String>>| is_inside(object, seen);
        !is_the_canarys(object) && self.namespaces.as_ref().is_none_or(is_seen)
    }

    /// Lets this time pass, unless the receiver goes away.
    async fn heard_for(&self, time: Duration) -> Result<(), Unheard> {
        match tokio::time::timeout(time, self.sink.closed()).await {
            Ok(()) => Err(Unheard),
            Err(_) => Ok(()),
        }
    }
}

type PodChanges = UnboundedReceiver<ObjectChange>;
