//! Which kinds are watched, and whose logs are followed.

use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;

use crate::witness::SYSTEM_NAMESPACES;

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

/// What an observer watches, in all namespaces.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    kinds: Vec<ApiResource>,
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

/// Whether the logs of the pods of a namespace are followed: those of the cluster's own are no
/// evidence of a claim.
pub(super) fn is_followed(namespace: &str) -> bool {
    !SYSTEM_NAMESPACES.contains(&namespace)
}

#[cfg(test)]
mod tests {
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
    fn a_kind_is_watched_once() {
        let scope = Scope::standard().with(resource("Pod", "pods"));
        assert_eq!(scope.kinds().len(), STANDARD.len());
    }
}
