//! The watch of one kind: list, watch from there, resume where it broke, list again where that is
//! not possible.
//!
//! kube's own watcher is not used: it tells neither when a broken watch is open again, so that the
//! gap of a quiet kind would never end, nor does it list again when the API server answers a watch
//! with the status 410, and its pauses are long. Objects are taken as the server sent them; passing
//! them through types would drop fields that this client does not know.

use std::convert::Infallible;
use std::fmt::Display;
use std::time::Duration;

use futures::{StreamExt, TryStream};
use kube::Client;
use kube::api::{DynamicObject, ListParams, WatchParams};
use kube::core::{ObjectList, Request, Resource, WatchEvent};
use kube::discovery::ApiResource;
use serde_json::Value;
use tokio::time::{Instant, timeout};

use super::backoff::Backoff;
use super::error::{Break, WatchError};
use super::ledger::{Continuity, Ledger};
use super::scope::told;
use super::{Outlet, Unheard};
use relapse_judge::witness::{Change, Observation, WATCH};

/// The server ends a watch after this time, and it is resumed: a dead connection is noticed soon.
const WATCH_SECONDS: u32 = 60;

/// Silence after which a connection is dead, since the server would have ended the watch.
const SILENCE: Duration = Duration::from_secs(65);

/// Time for the first byte of an answer; the API server itself gives up after 60 s.
const ANSWER: Duration = Duration::from_secs(65);

/// A server that cannot resume a watch accepts it all the same, and says so at once inside it.
const ACCEPTED: Duration = Duration::from_secs(1);

/// A watch that ends sooner than this is pausing work for a server that is not well.
const SHORT_LIVED: Duration = Duration::from_secs(1);

const PAGE: u32 = 500;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

const RESUMED: &str = "resumed where it broke; nothing is lost";
const NOT_SERVED: &str = "the API server does not serve this kind any more";
const LISTED_AGAIN: &str = "listed again; states in between may be lost";

/// Why a watch is over for good.
pub(super) enum Stop {
    /// It cannot come back.
    Failed(WatchError),
    /// The API server does not serve the kind, or not any more.
    NotServed,
    /// Nobody listens.
    Unheard,
}

impl From<Unheard> for Stop {
    fn from(_: Unheard) -> Self {
        Self::Unheard
    }
}

/// A position in the server's order, from which a watch can be resumed.
type Position = String;

/// The watch of one kind.
pub(super) struct ObjectWatch {
    client: Client,
    kind: ApiResource,
    outlet: Outlet,
    ledger: Ledger,
    continuity: Continuity,
    backoff: Backoff,
    refused_since: Option<Instant>,
    /// Its definition may come and go.
    is_custom: bool,
}

/// The name of the stream in the witness.
pub(super) fn stream_name(kind: &ApiResource) -> String {
    format!("{WATCH}{}", told(kind))
}

impl ObjectWatch {
    pub(super) fn new(client: Client, kind: ApiResource, outlet: Outlet) -> Self {
        Self {
            continuity: Continuity::of(stream_name(&kind)),
            client,
            kind,
            outlet,
            ledger: Ledger::default(),
            backoff: Backoff::new(),
            refused_since: None,
            is_custom: false,
        }
    }

    /// The watch of a kind whose definition may come and go.
    pub(super) fn of_custom(client: Client, kind: ApiResource, outlet: Outlet) -> Self {
        Self {
            is_custom: true,
            ..Self::new(client, kind, outlet)
        }
    }

    /// Watches until it cannot; `synced` is called after each complete list was sent.
    pub(super) async fn run(mut self, synced: impl Fn() -> Result<(), Unheard>) -> Stop {
        let Err(stop) = self.watch_on(synced).await;
        stop
    }

    async fn watch_on(
        &mut self,
        synced: impl Fn() -> Result<(), Unheard>,
    ) -> Result<Infallible, Stop> {
        loop {
            let mut position = Some(self.list_until_complete().await?);
            synced()?;
            while let Some(from) = position {
                position = self.watch_from(from).await?;
            }
        }
    }

    async fn list_until_complete(&mut self) -> Result<Position, Stop> {
        loop {
            match self.list().await {
                Ok((objects, position)) => {
                    for news in self.ledger.listed(objects) {
                        self.outlet.send(Observation::Object(news))?;
                    }
                    self.works(LISTED_AGAIN)?;
                    return Ok(position);
                }
                Err(broken) => self.pause_after(broken).await?,
            }
        }
    }

    /// Every object of the kind, and the position at which they stood so.
    async fn list(&self) -> Result<(Vec<Value>, Position), Break> {
        let mut objects = Vec::new();
        let mut params = ListParams::default().limit(PAGE);
        loop {
            let page = timeout(ANSWER, self.page(&params))
                .await
                .unwrap_or_else(|_| Err(Break::silent("list", ANSWER)))?;
            objects.extend(page.items.into_iter().map(|object| self.finished(object)));
            params.continue_token = page.metadata.continue_.filter(|token| !token.is_empty());
            if params.continue_token.is_none() {
                let position = page.metadata.resource_version.unwrap_or_default();
                return Ok((objects, position));
            }
        }
    }

    async fn page(&self, params: &ListParams) -> Result<ObjectList<Value>, Break> {
        let request = self.request();
        let request = if self.is_secret() {
            request.list_metadata(params)
        } else {
            request.list(params)
        };
        let request = request.map_err(|error| self.unusable(error))?;
        let page = self.client.request(request).await;
        page.map_err(|error| Break::of("list", &error))
    }

    /// One watch. Gives the position from which the next one starts; `None` if a list must come first.
    async fn watch_from(&mut self, mut position: Position) -> Result<Option<Position>, Stop> {
        let opened = timeout(ANSWER, self.open(&position)).await;
        let events = match opened.unwrap_or_else(|_| Err(Break::silent("watch", ANSWER))) {
            Ok(events) => events,
            Err(broken) => return self.resume_after(broken, position).await,
        };
        self.refused_since = None;
        let opened_at = Instant::now();
        let mut events = std::pin::pin!(events);
        loop {
            let patience = if self.continuity.is_broken() {
                ACCEPTED
            } else {
                SILENCE
            };
            let broken = match timeout(patience, events.next()).await {
                Ok(Some(Ok(event))) => match self.take(event, &mut position)? {
                    None => continue,
                    Some(broken) => broken,
                },
                Ok(Some(Err(error))) => Break::of("watch", &error),
                Err(_) if self.continuity.is_broken() => {
                    self.tell_resumed(RESUMED)?;
                    continue;
                }
                Err(_) => Break::silent("watch", SILENCE),
                // The server's time limit, which is no gap.
                Ok(None) => {
                    if opened_at.elapsed() < SHORT_LIVED {
                        self.pause().await?;
                    }
                    return Ok(Some(position));
                }
            };
            return self.resume_after(broken, position).await;
        }
    }

    async fn open(
        &self,
        position: &Position,
    ) -> Result<impl TryStream<Item = kube::Result<WatchEvent<Value>>> + use<>, Break> {
        let params = WatchParams::default().timeout(WATCH_SECONDS);
        let request = self.request();
        let request = if self.is_secret() {
            request.watch_metadata(&params, position)
        } else {
            request.watch(&params, position)
        };
        let request = request.map_err(|error| self.unusable(error))?;
        let events = self.client.request_events(request).await;
        events.map_err(|error| Break::of("watch", &error))
    }

    /// Takes an event and moves the position; gives the break that an error event is.
    fn take(
        &mut self,
        event: WatchEvent<Value>,
        position: &mut Position,
    ) -> Result<Option<Break>, Stop> {
        let (change, object) = match event {
            WatchEvent::Added(object) | WatchEvent::Modified(object) => (Change::Applied, object),
            WatchEvent::Deleted(object) => (Change::Deleted, object),
            WatchEvent::Bookmark(bookmark) => {
                self.works(RESUMED)?;
                *position = bookmark.metadata.resource_version;
                return Ok(None);
            }
            WatchEvent::Error(status) => return Ok(Some(Break::told(&status))),
        };
        self.works(RESUMED)?;
        if let Some(version) = object
            .pointer("/metadata/resourceVersion")
            .and_then(Value::as_str)
        {
            version.clone_into(position);
        }
        let object = self.finished(object);
        if let Some(news) = self.ledger.changed(change, object) {
            self.outlet.send(Observation::Object(news))?;
        }
        Ok(None)
    }

    async fn resume_after(
        &mut self,
        broken: Break,
        position: Position,
    ) -> Result<Option<Position>, Stop> {
        let gone = broken.is_gone();
        if gone {
            self.backoff.reset();
        }
        self.pause_after(broken).await?;
        Ok((!gone).then_some(position))
    }

    /// Tells the gap and pauses, unless the server means it.
    async fn pause_after(&mut self, broken: Break) -> Result<(), Stop> {
        if self.is_custom && broken.code == 404 {
            return Err(self.not_served()?);
        }
        if let Some(patience) = broken.patience() {
            let since = *self.refused_since.get_or_insert_with(Instant::now);
            if since.elapsed() >= patience {
                return Err(Stop::Failed(self.refused(broken)));
            }
        } else {
            self.refused_since = None;
        }
        if let Some(gap) = self.continuity.broke(broken.message) {
            self.outlet.send(gap)?;
        }
        self.pause().await
    }

    async fn pause(&mut self) -> Result<(), Stop> {
        let pause = self.backoff.pause();
        Ok(self.outlet.heard_for(pause).await?)
    }

    /// Of a kind without a definition there is nothing left, and nothing that could be missed.
    fn not_served(&mut self) -> Result<Stop, Unheard> {
        for news in self.ledger.listed(Vec::new()) {
            self.outlet.send(Observation::Object(news))?;
        }
        self.tell_resumed(NOT_SERVED)?;
        Ok(Stop::NotServed)
    }

    fn works(&mut self, message: &str) -> Result<(), Unheard> {
        self.backoff.reset();
        self.refused_since = None;
        self.tell_resumed(message)
    }

    fn tell_resumed(&mut self, message: &str) -> Result<(), Unheard> {
        match self.continuity.resumed(message) {
            Some(resumed) => self.outlet.send(resumed),
            None => Ok(()),
        }
    }

    fn refused(&self, broken: Break) -> WatchError {
        let resource = if self.kind.group.is_empty() {
            self.kind.plural.clone()
        } else {
            format!("{}.{}", self.kind.plural, self.kind.group)
        };
        let next_step = match broken.code {
            401 => "make the cluster again, so that its credentials are new".to_owned(),
            404 | 405 => format!(
                "install what serves {} {}, or choose a Kubernetes version that does",
                self.kind.api_version, self.kind.kind
            ),
            _ => format!(
                "grant the kubeconfig's user the verbs list and watch on {resource} in all namespaces"
            ),
        };
        WatchError::Refused {
            resource,
            verb: broken.verb,
            message: broken.message,
            next_step,
        }
    }

    /// Of Secrets nothing is asked for but their metadata: what is witnessed is kept on disk.
    fn is_secret(&self) -> bool {
        self.kind.group.is_empty() && self.kind.kind == "Secret"
    }

    fn request(&self) -> Request {
        Request::new(DynamicObject::url_path(&self.kind, None))
    }

    fn unusable(&self, error: impl Display) -> Break {
        Break {
            verb: "list",
            message: format!("no request for {} can be made: {error}", self.kind.kind),
            code: 404,
        }
    }

    /// The object with its type, which lists leave out, and without `managedFields`.
    fn finished(&self, mut object: Value) -> Value {
        let is_secret = self.is_secret();
        if let Some(fields) = object.as_object_mut() {
            fields.insert(
                "apiVersion".to_owned(),
                self.kind.api_version.clone().into(),
            );
            fields.insert("kind".to_owned(), self.kind.kind.clone().into());
        }
        if let Some(metadata) = object
            .pointer_mut("/metadata")
            .and_then(Value::as_object_mut)
        {
            metadata.remove("managedFields");
            if is_secret && let Some(annotations) = metadata.get_mut("annotations") {
                // It holds the Secret as it was applied.
                annotations
                    .as_object_mut()
                    .map(|all| all.remove(LAST_APPLIED));
            }
        }
        object
    }
}
