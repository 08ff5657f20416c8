//! Kinds that are not of Kubernetes' own: each is watched while the cluster has a definition of it,
//! which a step may apply in the middle of an experiment.

use std::collections::BTreeMap;

use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use serde_json::Value;
use tokio::sync::watch;

use super::backoff::Backoff;
use super::objects::{ObjectWatch, Stop};
use super::scope::CustomKind;
use super::{Also, Watches};
use relapse_judge::kubernetes::kinds::may_be;
use relapse_judge::kubernetes::{text_at, uid};
use relapse_judge::readiness::condition_of;
use relapse_judge::witness::{Change, ObjectChange, Observation, WATCH};

/// The name of the stream in the witness.
pub(super) fn stream_name(custom: &CustomKind) -> String {
    format!("{WATCH}{}", custom.told())
}

/// The definitions that the cluster has.
#[derive(Debug, Default)]
pub(super) struct Definitions {
    /// Those whose objects can be watched, by uid.
    established: BTreeMap<String, Definition>,
    is_complete: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Definition {
    group: String,
    kind: String,
    plural: String,
    /// Served, the one that is stored first.
    versions: Vec<String>,
}

impl Definitions {
    /// Takes a change of a definition; whether it makes a difference.
    pub(super) fn take(&mut self, change: &ObjectChange) -> bool {
        let uid = uid(&change.object);
        let definition = match change.change {
            Change::Applied => Definition::of(&change.object),
            Change::Deleted => None,
        };
        let before = match definition.clone() {
            Some(definition) => self.established.insert(uid.to_owned(), definition),
            None => self.established.remove(uid),
        };
        before != definition
    }

    /// All definitions that there are have been taken.
    pub(super) fn are_complete(&mut self) {
        self.is_complete = true;
    }

    fn of(&self, custom: &CustomKind) -> Option<ApiResource> {
        let mut definitions = self.established.values();
        let definition = definitions.find(|definition| {
            definition.kind == custom.kind
                && may_be(Some(&definition.group), custom.group.as_deref())
        })?;
        let mut versions = definition.versions.iter();
        let wanted = versions.find(|version| Some(*version) == custom.version.as_ref());
        let version = wanted.or(definition.versions.first())?;
        let kind = GroupVersionKind::gvk(&definition.group, version, &definition.kind);
        Some(ApiResource::from_gvk_with_plural(&kind, &definition.plural))
    }
}

impl Definition {
    /// What a definition defines, if its objects can be watched.
    fn of(object: &Value) -> Option<Self> {
        let established = condition_of(object, "Established")?;
        if text_at(established, "/status") != Some("True") {
            return None;
        }
        let text = |pointer| text_at(object, pointer).map(ToOwned::to_owned);
        let versions = object.pointer("/spec/versions")?.as_array()?;
        let mut served: Vec<&Value> = versions
            .iter()
            .filter(|version| version["served"] == Value::Bool(true))
            .collect();
        served.sort_by_key(|version| version["storage"] != Value::Bool(true));
        Some(Self {
            group: text("/spec/group")?,
            kind: text("/spec/names/kind")?,
            plural: text("/spec/names/plural")?,
            versions: served
                .into_iter()
                .filter_map(|version| text_at(version, "/name").map(ToOwned::to_owned))
                .collect(),
        })
    }
}

/// Watches a kind whenever the cluster has a definition of it.
pub(super) async fn watch(
    watches: Watches,
    custom: CustomKind,
    mut defined: watch::Receiver<Definitions>,
) {
    let name = stream_name(&custom);
    let outlet = watches.outlet(Also::Nowhere);
    let mut backoff = Backoff::new();
    loop {
        let decided = |defined: &Definitions| defined.is_complete || defined.of(&custom).is_some();
        let known = match defined.wait_for(decided).await {
            Ok(known) => known.of(&custom),
            Err(_) => return,
        };
        let Some(kind) = known else {
            // Of a kind without a definition there is nothing.
            watches.listed(&name);
            let is_there = |defined: &Definitions| defined.of(&custom).is_some();
            if defined.wait_for(is_there).await.is_err() {
                return;
            }
            continue;
        };
        let synced = || {
            let seen = Observation::Watching {
                kinds: vec![custom.told()],
                awaited: Vec::new(),
            };
            outlet.send(seen)?;
            watches.listed(&name);
            Ok(())
        };
        let watch = ObjectWatch::of_custom(watches.client.clone(), kind, outlet.clone());
        match watch.run(synced).await {
            Stop::NotServed => {
                // The API server serves a kind a moment after it says so, and not after its end.
                if outlet.heard_for(backoff.pause()).await.is_err() {
                    return;
                }
            }
            Stop::Failed(error) => return watches.failed(error),
            Stop::Unheard => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn definition(established: &str) -> ObjectChange {
        let object = json!({"kind": "CustomResourceDefinition", "metadata": {"name": "widgets.example.com", "uid": "u"},
            "spec": {"group": "example.com", "names": {"kind": "Widget", "plural": "widgets"},
                "versions": [
                    {"name": "v1alpha1", "served": false, "storage": false},
                    {"name": "v1beta1", "served": true, "storage": false},
                    {"name": "v1", "served": true, "storage": true}]},
            "status": {"conditions": [{"type": "Established", "status": established}]}});
        ObjectChange {
            change: Change::Applied,
            object,
        }
    }

    fn widget(group: Option<&str>, version: Option<&str>) -> CustomKind {
        CustomKind {
            group: group.map(ToOwned::to_owned),
            version: version.map(ToOwned::to_owned),
            kind: "Widget".to_owned(),
        }
    }

    #[test]
    fn a_kind_can_be_watched_while_its_definition_is_established() {
        let mut defined = Definitions::default();
        assert!(!defined.take(&definition("False")));
        assert_eq!(defined.of(&widget(None, None)), None);
        assert!(defined.take(&definition("True")));
        assert!(!defined.take(&definition("True")), "it is known already");
        assert!(defined.of(&widget(None, None)).is_some());
        let gone = ObjectChange {
            change: Change::Deleted,
            ..definition("True")
        };
        assert!(defined.take(&gone));
        assert_eq!(defined.of(&widget(None, None)), None);
    }

    #[test]
    fn a_kind_is_of_its_group_and_watched_in_the_version_that_is_named_or_stored() {
        let mut defined = Definitions::default();
        defined.take(&definition("True"));
        let of = |group, version| Some(defined.of(&widget(group, version))?.api_version);
        assert_eq!(of(None, None).as_deref(), Some("example.com/v1"));
        assert_eq!(
            of(Some("example.com"), Some("v1beta1")).as_deref(),
            Some("example.com/v1beta1")
        );
        // What is not served any more is not asked for.
        assert_eq!(
            of(Some("example.com"), Some("v1alpha1")).as_deref(),
            Some("example.com/v1")
        );
        assert_eq!(of(Some("example.org"), None), None);
    }
}
