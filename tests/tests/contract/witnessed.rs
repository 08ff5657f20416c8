//! Observations in short words, and waiting for them.

use std::time::Duration;

use relapse::watch::{self, Observer, Scope};
use relapse_judge::kubernetes::{resource_version, text_at};
use relapse_judge::witness::{Change, Observation};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::timeout;

use crate::script::{Part, Script, Server};

/// An observer of a scripted server.
pub struct Watching {
    /// The observer.
    pub observer: Observer,
    /// The server.
    pub server: Server,
    receiver: UnboundedReceiver<Observation>,
}

impl Watching {
    /// Watches the kinds of the scope at a server that plays the script.
    pub fn start(scope: Scope, script: Script) -> Self {
        let (client, server) = script.play();
        let (sink, receiver) = unbounded_channel();
        Self {
            observer: watch::start(client, scope, sink),
            server,
            receiver,
        }
    }

    /// The next observation.
    pub async fn next(&mut self) -> Observation {
        let next = timeout(Duration::from_mins(2), self.receiver.recv()).await;
        match next {
            Ok(Some(observation)) => observation,
            other => panic!(
                "no observation ({other:?}); made: {:#?}",
                self.server.made()
            ),
        }
    }

    /// Fails unless the next observations are these, in short words.
    pub async fn expect(&mut self, expected: &[&str]) {
        let mut seen = Vec::new();
        for _ in expected {
            seen.push(in_short(&self.next().await));
        }
        assert_eq!(seen, expected);
    }

    /// Fails if there is another observation, or if the script was not played to its end.
    pub async fn expect_no_more(&mut self) {
        self.server.expect_end().await;
        let more = self.receiver.try_recv().ok().map(|more| in_short(&more));
        assert_eq!(more, None);
    }

    /// Stops to receive.
    pub fn turn_away(&mut self) {
        self.receiver.close();
    }
}

/// An observation in short words, such as `applied Pod web@12` or `gap in watch of Pod: reset`.
pub fn in_short(observation: &Observation) -> String {
    match observation {
        Observation::Object(change) => {
            let verb = match change.change {
                Change::Applied => "applied",
                Change::Deleted => "deleted",
            };
            let text = |pointer| text_at(&change.object, pointer).unwrap_or("?");
            let version = resource_version(&change.object);
            format!(
                "{verb} {} {}@{version}",
                text("/kind"),
                text("/metadata/name")
            )
        }
        Observation::Gap(gap) => format!("gap in {}: {}", gap.stream, gap.message),
        Observation::Resumed(gap) => format!("resumed {}: {}", gap.stream, gap.message),
        Observation::Log(line) => format!("{}/{} {}", line.pod, line.container, line.line),
        other => format!("{other:?}"),
    }
}

/// An object as the API server stores it, with what relapse leaves out.
pub fn object(name: &str, version: u64) -> Value {
    json!({"metadata": {"name": name, "namespace": "default", "uid": format!("uid-of-{name}"),
        "resourceVersion": version.to_string(), "managedFields": [{"manager": "kubectl"}]}})
}

/// A list of objects at a revision; as the API server does, it leaves out the items' kinds.
pub fn list(version: u64, items: &[Value]) -> Value {
    json!({"kind": "List", "apiVersion": "v1", "items": items,
        "metadata": {"resourceVersion": version.to_string()}})
}

/// A line of a watch.
pub fn event(kind: &str, object: &Value) -> Part {
    Part::Line(json!({"type": kind, "object": object}).to_string())
}

/// A bookmark in a watch.
pub fn bookmark(version: u64) -> Part {
    let object = json!({"kind": "Pod", "apiVersion": "v1",
        "metadata": {"resourceVersion": version.to_string()}});
    event("BOOKMARK", &object)
}
