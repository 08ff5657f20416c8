//! Which kinds are watched, and whose logs are followed.

use std::collections::BTreeSet;

use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use serde_json::Value;

use crate::witness::{CANARY_NAMESPACE, SYSTEM_NAMESPACES, text_at};

/// The kinds that every claim may speak of: group, version, kind, plural.
const STANDARD: [(&str, &str, &str, &str); 16] = [
    ("", "v1", "Pod", "pods"),
    ("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims"),
    ("", "v1", "PersistentVolume", "persistentvolumes"),
    ("", "v1", "Service", "services"),
    ("", "v1", "ServiceAccount", "serviceaccounts"),
    ("", "v1", "Node", "nodes"),
    // Not events.k8s.io: both serve the same objects, and people know the fields of this one.
    ("", "v1", "Event", "events"),
    ("apps", "v1", "Deployment", "deployments"),
    ("apps", "v1", "ReplicaSet", "replicasets"),
    ("apps", "v1", "StatefulSet", "statefulsets"),
    ("apps", "v1", "DaemonSet", "daemonsets"),
    ("apps", "v1", "ControllerRevision", "controllerrevisions"),
    ("batch", "v1", "Job", "jobs"),
    ("storage.k8s.io", "v1", "StorageClass", "storageclasses"),
    ("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices"),
    ("apiregistration.k8s.io", "v1", "APIService", "apiservices"),
];

/// What an observer watches.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    kinds: Vec<ApiResource>,
    namespaces: Option<BTreeSet<String>>,
}

impl Scope {
    /// The kinds that every claim may speak of: workloads, storage, services, nodes and events.
    #[must_use]
    pub fn standard() -> Self {
        STANDARD
            .iter()
            .map(|(group, version, kind, plural)| {
                let kind = GroupVersionKind::gvk(group, version, kind);
                ApiResource::from_gvk_with_plural(&kind, plural)
            })
            .fold(Self::default(), Self::with)
    }

    /// Watches this kind too, once. Secrets are never watched: what is witnessed is kept on disk.
    #[must_use]
    pub fn with(mut self, kind: ApiResource) -> Self {
        let secret = kind.group.is_empty() && kind.kind == "Secret";
        let known = |have: &ApiResource| have.group == kind.group && have.kind == kind.kind;
        if !secret && !self.kinds.iter().any(known) {
            self.kinds.push(kind);
        }
        self
    }

    /// Lets only what is in these namespaces, or in none, be seen: the rest is not the claim's
    /// affair, and what is witnessed is kept on disk.
    #[must_use]
    pub fn inside(mut self, namespaces: BTreeSet<String>) -> Self {
        self.namespaces = Some(namespaces);
        self
    }

    /// The namespaces to which it is limited, if it is.
    pub(super) fn namespaces(&self) -> Option<&BTreeSet<String>> {
        self.namespaces.as_ref()
    }

    /// The kinds, to hand each to its watch.
    pub(super) fn into_kinds(self) -> Vec<ApiResource> {
        self.kinds
    }

    /// The kinds that are watched.
    #[must_use]
    pub fn kinds(&self) -> &[ApiResource] {
        &self.kinds
    }
}

/// Whether an object is in one of these namespaces or in none. An event is where the object is that
/// it is about: that of a node is kept in `default`.
pub(super) fn is_inside(object: &Value, namespaces: &BTreeSet<String>) -> bool {
    namespace(object).is_none_or(|namespace| namespaces.contains(namespace))
}

/// Whether an object is of the trial of what a cluster can do.
pub(super) fn is_the_canarys(object: &Value) -> bool {
    namespace(object) == Some(CANARY_NAMESPACE)
}

fn namespace(object: &Value) -> Option<&str> {
    let pointer = match text_at(object, "/kind") {
        Some("Event") => "/involvedObject/namespace",
        _ => "/metadata/namespace",
    };
    text_at(object, pointer)
}

/// Whether the logs of the pods of a namespace are followed: those of the cluster's own are no
/// evidence of a claim.
pub(super) fn is_followed(namespace: &str) -> bool {
    !SYSTEM_NAMESPACES.contains(&namespace)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource(kind: &str, plural: &str) -> ApiResource {
        ApiResource::from_gvk_with_plural(&GroupVersionKind::gvk("", "v1", kind), plural)
    }

    #[test]
    fn secrets_are_never_watched() {
        let scope = Scope::default().with(resource("Secret", "secrets"));
        assert!(scope.kinds().is_empty());
    }

    #[test]
    fn inside_namespaces_is_what_is_in_them_or_in_none_and_what_is_told_of_it() {
        let namespaces = BTreeSet::from(["lent".to_owned()]);
        let pod = |namespace| json!({"kind": "Pod", "metadata": {"namespace": namespace}});
        let event = |about: Value| json!({"kind": "Event", "metadata": {"namespace": "default"}, "involvedObject": about});
        for (object, inside) in [
            (pod("lent"), true),
            (pod("default"), false),
            (json!({"kind": "Node", "metadata": {"name": "node"}}), true),
            (event(json!({"kind": "Node"})), true),
            (event(json!({"kind": "Pod", "namespace": "lent"})), true),
            (event(json!({"kind": "Pod", "namespace": "default"})), false),
        ] {
            assert_eq!(is_inside(&object, &namespaces), inside, "{object}");
        }
    }

    #[test]
    fn the_trial_of_what_a_cluster_can_do_is_not_seen() {
        let of = |namespace| json!({"kind": "Pod", "metadata": {"namespace": namespace}});
        assert!(is_the_canarys(&of(CANARY_NAMESPACE)));
        let event = json!({"kind": "Event", "involvedObject": {"namespace": CANARY_NAMESPACE}});
        assert!(is_the_canarys(&event));
        assert!(!is_the_canarys(&of("default")));
        assert!(!is_the_canarys(&json!({"kind": "Node"})));
    }

    #[test]
    fn a_kind_is_watched_once() {
        let scope = Scope::standard().with(resource("Pod", "pods"));
        assert_eq!(scope.kinds().len(), STANDARD.len());
    }
}
