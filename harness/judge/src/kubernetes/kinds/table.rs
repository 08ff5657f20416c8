//! The table of kinds: one row for each, with all that is known of it.

use super::kind::Kind;
use super::kind::Scope::{self, Cluster, Namespace};
use super::kind::Trait::{KeepsPods, Pauses, RollsOut, Scales, Standard, Subject, TellsGeneration};

pub(crate) const POD_TEMPLATE: Option<&str> = Some("/spec/template");

/// Sorted by group, then by name.
#[rustfmt::skip]
pub(crate) const KINDS: &[Kind] = &[
    kind("", "v1", "ConfigMap", "configmaps", Namespace),
    kind("", "v1", "Endpoints", "endpoints", Namespace),
    // Not events.k8s.io: both serve the same objects, and people know the fields of this one.
    kind("", "v1", "Event", "events", Namespace).with(&[Standard]),
    kind("", "v1", "LimitRange", "limitranges", Namespace),
    kind("", "v1", "Namespace", "namespaces", Cluster),
    kind("", "v1", "Node", "nodes", Cluster).with(&[Standard]),
    kind("", "v1", "PersistentVolume", "persistentvolumes", Cluster).with(&[Standard]),
    kind("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", Namespace).with(&[Standard, Subject]),
    kind("", "v1", "Pod", "pods", Namespace).with(&[Standard, Subject]).of_template(Some("")),
    kind("", "v1", "PodTemplate", "podtemplates", Namespace).of_template(Some("/template")),
    kind("", "v1", "ReplicationController", "replicationcontrollers", Namespace).with(&[KeepsPods, Scales, Subject, TellsGeneration]).of_template(POD_TEMPLATE),
    kind("", "v1", "ResourceQuota", "resourcequotas", Namespace),
    kind("", "v1", "Secret", "secrets", Namespace),
    kind("", "v1", "Service", "services", Namespace).with(&[Standard]),
    kind("", "v1", "ServiceAccount", "serviceaccounts", Namespace).with(&[Standard]),
    kind("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicy", "mutatingadmissionpolicies", Cluster),
    kind("admissionregistration.k8s.io", "v1", "MutatingAdmissionPolicyBinding", "mutatingadmissionpolicybindings", Cluster),
    kind("admissionregistration.k8s.io", "v1", "MutatingWebhookConfiguration", "mutatingwebhookconfigurations", Cluster),
    kind("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicy", "validatingadmissionpolicies", Cluster),
    kind("admissionregistration.k8s.io", "v1", "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", Cluster),
    kind("admissionregistration.k8s.io", "v1", "ValidatingWebhookConfiguration", "validatingwebhookconfigurations", Cluster),
    kind("apiextensions.k8s.io", "v1", "CustomResourceDefinition", "customresourcedefinitions", Cluster),
    kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", Cluster).with(&[Standard]),
    kind("apps", "v1", "ControllerRevision", "controllerrevisions", Namespace).with(&[Standard]),
    kind("apps", "v1", "DaemonSet", "daemonsets", Namespace).with(&[Standard, KeepsPods, RollsOut, Subject, TellsGeneration]).of_template(POD_TEMPLATE),
    kind("apps", "v1", "Deployment", "deployments", Namespace).with(&[Standard, KeepsPods, Scales, RollsOut, Pauses, Subject, TellsGeneration]).of_template(POD_TEMPLATE),
    kind("apps", "v1", "ReplicaSet", "replicasets", Namespace).with(&[Standard, KeepsPods, Scales, Subject, TellsGeneration]).of_template(POD_TEMPLATE),
    kind("apps", "v1", "StatefulSet", "statefulsets", Namespace).with(&[Standard, KeepsPods, Scales, RollsOut, Subject, TellsGeneration]).of_template(POD_TEMPLATE),
    kind("autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers", Namespace),
    kind("batch", "v1", "CronJob", "cronjobs", Namespace).with(&[Subject]).of_template(Some("/spec/jobTemplate/spec/template")),
    kind("batch", "v1", "Job", "jobs", Namespace).with(&[Standard, Subject]).of_template(POD_TEMPLATE),
    kind("certificates.k8s.io", "v1", "CertificateSigningRequest", "certificatesigningrequests", Cluster),
    kind("coordination.k8s.io", "v1", "Lease", "leases", Namespace),
    kind("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", Namespace).with(&[Standard]),
    kind("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", Cluster),
    kind("flowcontrol.apiserver.k8s.io", "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations", Cluster),
    kind("networking.k8s.io", "v1", "IPAddress", "ipaddresses", Cluster),
    kind("networking.k8s.io", "v1", "Ingress", "ingresses", Namespace),
    kind("networking.k8s.io", "v1", "IngressClass", "ingressclasses", Cluster),
    kind("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", Namespace),
    kind("networking.k8s.io", "v1", "ServiceCIDR", "servicecidrs", Cluster),
    kind("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", Cluster),
    kind("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", Namespace).with(&[TellsGeneration]),
    kind("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", Cluster),
    kind("rbac.authorization.k8s.io", "v1", "ClusterRoleBinding", "clusterrolebindings", Cluster),
    kind("rbac.authorization.k8s.io", "v1", "Role", "roles", Namespace),
    kind("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", Namespace),
    kind("resource.k8s.io", "v1", "DeviceClass", "deviceclasses", Cluster),
    kind("resource.k8s.io", "v1", "ResourceClaim", "resourceclaims", Namespace),
    kind("resource.k8s.io", "v1", "ResourceClaimTemplate", "resourceclaimtemplates", Namespace),
    kind("resource.k8s.io", "v1", "ResourceSlice", "resourceslices", Cluster),
    kind("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", Cluster),
    kind("storage.k8s.io", "v1", "CSIDriver", "csidrivers", Cluster),
    kind("storage.k8s.io", "v1", "CSINode", "csinodes", Cluster),
    kind("storage.k8s.io", "v1", "CSIStorageCapacity", "csistoragecapacities", Namespace),
    kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", Cluster).with(&[Standard]),
    kind("storage.k8s.io", "v1", "VolumeAttachment", "volumeattachments", Cluster),
    kind("storage.k8s.io", "v1", "VolumeAttributesClass", "volumeattributesclasses", Cluster),
];

const fn kind(
    group: &'static str,
    version: &'static str,
    name: &'static str,
    plural: &'static str,
    place: Scope,
) -> Kind {
    Kind {
        group,
        version,
        name,
        plural,
        place,
        template: None,
        traits: &[],
    }
}
