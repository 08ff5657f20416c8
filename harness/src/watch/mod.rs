//! Watches and log streams of a cluster, turned into observations.
//!
//! Each kind has a watch of its own, for all namespaces; the logs of containers are followed as the
//! watch of pods shows their runs, and kinds that are not of Kubernetes' own as the watch of their
//! definitions shows these. What breaks is resumed, and the gap is an observation too.

mod backoff;
mod client;
mod definitions;
mod error;
mod flood;
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
use definitions::Definitions;
pub use error::WatchError;
pub(crate) use error::in_words;
pub use mark::{MarkError, mark};
pub use scope::Scope;

use objects::{ObjectWatch, Stop, stream_name};
use relapse_judge::witness::{ObjectChange, Observation};
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
    let kinds = scope.kinds().to_vec();
    let custom = scope.custom().iter().map(definitions::stream_name);
    let unlisted = kinds.iter().map(stream_name).chain(custom).collect();
    let (progress, receiver) = watch::channel(Progress {
        unlisted,
        failure: None,
    });
    let watches = Watches {
        client: client.clone(),
        sink,
        scope: Arc::new(scope),
        progress: Arc::new(progress),
    };
    let (pods, pod_changes) = unbounded_channel();
    let defined = Arc::new(watch::Sender::default());
    let mut tasks = JoinSet::new();
    for custom in watches.scope.custom() {
        let watches = watches.clone();
        tasks.spawn(definitions::watch(
            watches,
            custom.clone(),
            defined.subscribe(),
        ));
    }
    for kind in kinds {
        let also = if is_pod(&kind) {
            Also::Logs(pods.clone())
        } else if is_definition(&kind) {
            Also::Definitions(Arc::clone(&defined))
        } else {
            Also::Nowhere
        };
        tasks.spawn(watches.clone().watch(kind, also));
    }
    let outlet = watches.outlet(Also::Nowhere);
    tasks.spawn(logs::follow(client, watches.scope, pod_changes, outlet));
    Observer {
        progress: receiver,
        _tasks: tasks,
    }
}

/// What the watches of one cluster share.
#[derive(Clone)]
struct Watches {
    client: Client,
    sink: UnboundedSender<Observation>,
    scope: Arc<Scope>,
    progress: Arc<watch::Sender<Progress>>,
}

impl Watches {
    async fn watch(self, kind: ApiResource, also: Also) {
        let name = stream_name(&kind);
        let outlet = self.outlet(also);
        let synced = || {
            outlet.listed();
            self.listed(&name);
            Ok(())
        };
        let watch = ObjectWatch::new(self.client.clone(), kind, outlet.clone());
        if let Stop::Failed(error) = watch.run(synced).await {
            self.failed(error);
        }
    }

    fn outlet(&self, also: Also) -> Outlet {
        Outlet {
            sink: self.sink.clone(),
            scope: Arc::clone(&self.scope),
            also,
        }
    }

    /// All that there is of a stream's kind is known.
    fn listed(&self, name: &str) {
        self.progress
            .send_if_modified(|progress| progress.unlisted.remove(name));
    }

    /// The failure stays known while the others go on.
    fn failed(&self, error: WatchError) {
        self.progress.send_modify(|progress| {
            progress.failure.get_or_insert(error);
        });
    }
}

fn is_definition(kind: &ApiResource) -> bool {
    kind.group == "apiextensions.k8s.io" && kind.kind == "CustomResourceDefinition"
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
    /// What may be seen.
    scope: Arc<Scope>,
    also: Also,
}

/// Where changes of objects go as well.
#[derive(Debug, Clone)]
enum Also {
    Nowhere,
    /// Pods, to those who follow their logs.
    Logs(UnboundedSender<ObjectChange>),
    /// Definitions of kinds, to those who watch these.
    Definitions(Arc<watch::Sender<Definitions>>),
}

impl Outlet {
    fn send(&self, observation: Observation) -> Result<(), Unheard> {
        if let Observation::Object(change) = &observation {
            if !self.shows(&change.object) {
                return Ok(());
            }
            match &self.also {
                Also::Nowhere => {}
                Also::Logs(pods) => pods.send(change.clone()).map_err(|_| Unheard)?,
                Also::Definitions(defined) => {
                    defined.send_if_modified(|defined| defined.take(change));
                }
            }
        }
        self.sink.send(observation).map_err(|_| Unheard)
    }

    /// All that there was has been sent.
    fn listed(&self) {
        if let Also::Definitions(defined) = &self.also {
            defined.send_modify(Definitions::are_complete);
        }
    }

    fn shows(&self, object: &Value) -> bool {
        let is_seen = |seen: &BTreeSet<String>| is_inside(object, seen);
        !is_the_canarys(object) && self.scope.namespaces().is_none_or(is_seen)
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
