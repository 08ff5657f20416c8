//! What a scenario's manifests make, what controllers derive from it, and what every kind cluster
//! has: the objects that a claim may name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::kubernetes::kinds::{self, Kind, may_be};
use crate::manifest::{ManifestFile, ManifestObject, containers, pod_template};
use crate::scenario::node_names::{NODE_LABEL, node_names};

/// An object that a claim may name.
#[derive(Debug, Clone)]
pub(crate) struct KnownObject {
    pub(crate) kind: String,
    /// API group, empty for the core group.
    pub(crate) group: Option<String>,
    /// None where the kind has no namespaces, or where every namespace has one.
    pub(crate) namespace: Option<String>,
    pub(crate) name: Name,
    pub(crate) labels: BTreeMap<String, String>,
    /// Containers of its pods.
    pub(crate) containers: Vec<String>,
    /// Ports of a Service.
    pub(crate) ports: Vec<u64>,
}

/// How an object comes by its name.
#[derive(Debug, Clone)]
pub(crate) enum Name {
    /// Its manifest says it.
    Given(String),
    /// A prefix and an ordinal, as for the pods of a `StatefulSet`.
    Numbered(String),
    /// A controller makes it up.
    Generated,
}

/// Labels that controllers add; their values are not known beforehand.
const ADDED_LABELS: &[&str] = &[
    "pod-template-hash",
    "controller-revision-hash",
    "pod-template-generation",
    "statefulset.kubernetes.io/pod-name",
    "apps.kubernetes.io/pod-index",
    "job-name",
    "controller-uid",
    "batch.kubernetes.io/job-name",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
];

/// Kind, namespace (`*`: each has one), name, and a label of its pods, of what every kind cluster has.
const OF_EVERY_CLUSTER: &[(&str, &str, &str, &str)] = &[
    ("ConfigMap", "*", "kube-root-ca.crt", ""),
    ("ConfigMap", "kube-system", "coredns", ""),
    ("ConfigMap", "kube-system", "kube-proxy", ""),
    ("DaemonSet", "kube-system", "kindnet", "app=kindnet"),
    (
        "DaemonSet",
        "kube-system",
        "kube-proxy",
        "k8s-app=kube-proxy",
    ),
    ("Deployment", "kube-system", "coredns", "k8s-app=kube-dns"),
    (
        "Deployment",
        "local-path-storage",
        "local-path-provisioner",
        "app=local-path-provisioner",
    ),
    ("Namespace", "*", "default", ""),
    ("Namespace", "*", "kube-node-lease", ""),
    ("Namespace", "*", "kube-public", ""),
    ("Namespace", "*", "kube-system", ""),
    ("Namespace", "*", "local-path-storage", ""),
    ("Pod", "kube-system", "", "component=etcd"),
    ("Pod", "kube-system", "", "component=kube-apiserver"),
    (
        "Pod",
        "kube-system",
        "",
        "component=kube-controller-manager",
    ),
    ("Pod", "kube-system", "", "component=kube-scheduler"),
    ("PriorityClass", "*", "system-cluster-critical", ""),
    ("PriorityClass", "*", "system-node-critical", ""),
    ("ServiceAccount", "*", "default", ""),
    ("StorageClass", "*", "standard", ""),
];

/// Services of every kind cluster, with their ports.
const SERVICES_OF_EVERY_CLUSTER: &[(&str, &str, &[u64])] = &[
    ("default", "kubernetes", &[443]),
    ("kube-system", "kube-dns", &[53, 9153]),
];

/// Everything that a claim may name.
#[derive(Debug, Default)]
pub(crate) struct KnownObjects {
    pub(crate) things: Vec<KnownObject>,
    /// Kinds that the definitions among the manifests put outside of namespaces: group and kind.
    cluster_scoped: BTreeSet<(String, String)>,
}

impl KnownObjects {
    /// What these files make on a cluster of so many nodes.
    pub(crate) fn of<'a>(files: impl IntoIterator<Item = &'a ManifestFile>, nodes: u32) -> Self {
        let objects: Vec<&ManifestObject> =
            files.into_iter().flat_map(|file| &file.objects).collect();
        let mut made = Self {
            cluster_scoped: cluster_scoped(objects.iter().copied()),
            ..Self::default()
        };
        for object in objects {
            made.add(object);
        }
        made.add_cluster();
        made.things.extend(node_names(nodes).map(node));
        made
    }

    /// The kinds of which there is anything.
    pub(crate) fn kinds(&self) -> BTreeSet<&str> {
        let kinds = self.things.iter().map(|thing| thing.kind.as_str());
        kinds.collect()
    }

    /// The groups that have something of a kind.
    pub(crate) fn groups(&self, kind: &str) -> BTreeSet<&str> {
        let of_kind = self.things.iter().filter(|thing| thing.kind == kind);
        of_kind.filter_map(|thing| thing.group.as_deref()).collect()
    }

    /// The things of a kind; of any group where none is said.
    pub(crate) fn of_kind<'a>(
        &'a self,
        group: Option<&'a str>,
        kind: &'a str,
    ) -> impl Iterator<Item = &'a KnownObject> {
        self.things
            .iter()
            .filter(move |thing| thing.kind == kind && may_be(thing.group.as_deref(), group))
    }

    /// A definition among the manifests says it of its kind; Kubernetes' own are known.
    fn has_namespaces(&self, object: &ManifestObject) -> bool {
        let key = (object.group().to_owned(), object.kind.clone());
        !self.cluster_scoped.contains(&key) && kinds::has_namespaces(Some(&key.0), &key.1)
    }

    fn add(&mut self, object: &ManifestObject) {
        let thing = KnownObject {
            kind: object.kind.clone(),
            group: Some(object.group().to_owned()),
            namespace: self.has_namespaces(object).then(|| {
                object
                    .namespace
                    .clone()
                    .unwrap_or_else(|| "default".to_owned())
            }),
            // A refusal of what has no name yet names its prefix.
            name: Name::Given(object.name.clone()),
            labels: labels(object.value.pointer("/metadata/labels")),
            containers: containers(&object.value)
                .filter_map(|container| container.get("name")?.as_str().map(str::to_owned))
                .collect(),
            ports: ports(&object.value),
        };
        self.add_derived(object, &thing);
        self.things.push(thing);
    }

    /// What controllers make from an object.
    fn add_derived(&mut self, object: &ManifestObject, owner: &KnownObject) {
        let mut derive = |kind: &str, name: Name, labels: BTreeMap<String, String>| {
            let own = Kind::named(None, kind);
            self.things.push(KnownObject {
                kind: kind.to_owned(),
                group: own.map(|own| own.group.to_owned()),
                namespace: owner
                    .namespace
                    .clone()
                    .filter(|_| own.is_none_or(Kind::has_namespaces)),
                name,
                labels,
                ports: Vec::new(),
                ..owner.clone()
            });
        };
        let template = pod_template(&object.value)
            .map(|template| labels(template.pointer("/metadata/labels")))
            .unwrap_or_default();
        let Some(own) = Kind::of(&object.value) else {
            return;
        };
        match own.name {
            "Deployment" => {
                derive("ReplicaSet", Name::Generated, template.clone());
                derive("Pod", Name::Generated, template);
            }
            "ReplicaSet" | "ReplicationController" | "Job" => {
                derive("Pod", Name::Generated, template);
            }
            "DaemonSet" => {
                derive("ControllerRevision", Name::Generated, template.clone());
                derive("Pod", Name::Generated, template);
            }
            "CronJob" => {
                let job = labels(object.value.pointer("/spec/jobTemplate/metadata/labels"));
                derive("Job", Name::Generated, job);
                derive("Pod", Name::Generated, template);
            }
            "StatefulSet" => {
                derive("ControllerRevision", Name::Generated, template.clone());
                derive("Pod", Name::Numbered(format!("{}-", object.name)), template);
                for (name, labels) in claims(&object.value) {
                    let prefix = format!("{name}-{}-", object.name);
                    derive("PersistentVolumeClaim", Name::Numbered(prefix), labels);
                }
            }
            "PersistentVolumeClaim" => {
                derive("PersistentVolume", Name::Generated, BTreeMap::new());
            }
            "Service" => {
                derive(
                    "Endpoints",
                    Name::Given(object.name.clone()),
                    owner.labels.clone(),
                );
                let by_service = BTreeMap::from([(
                    "kubernetes.io/service-name".to_owned(),
                    object.name.clone(),
                )]);
                derive("EndpointSlice", Name::Generated, by_service);
            }
            _ => {}
        }
    }

    fn add_cluster(&mut self) {
        for &(kind, namespace, name, label) in OF_EVERY_CLUSTER {
            let thing = KnownObject {
                kind: kind.to_owned(),
                group: group_of_own(kind),
                namespace: (namespace != "*").then(|| namespace.to_owned()),
                name: if name.is_empty() {
                    Name::Generated
                } else {
                    Name::Given(name.to_owned())
                },
                labels: label
                    .split_once('=')
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
                    .into_iter()
                    .collect(),
                containers: Vec::new(),
                ports: Vec::new(),
            };
            if kind == "Deployment" || kind == "DaemonSet" {
                self.things.push(KnownObject {
                    kind: "Pod".to_owned(),
                    group: group_of_own("Pod"),
                    name: Name::Generated,
                    ..thing.clone()
                });
            }
            self.things.push(thing);
        }
        for &(namespace, name, ports) in SERVICES_OF_EVERY_CLUSTER {
            self.things.push(KnownObject {
                kind: "Service".to_owned(),
                group: group_of_own("Service"),
                namespace: Some(namespace.to_owned()),
                name: Name::Given(name.to_owned()),
                labels: BTreeMap::new(),
                containers: Vec::new(),
                ports: ports.to_vec(),
            });
        }
    }
}

impl KnownObject {
    /// Whether it is in this namespace, or in none.
    pub(crate) fn is_in(&self, namespace: &str) -> bool {
        self.namespace.as_deref().is_none_or(|own| own == namespace)
    }

    /// Whether it has this name.
    pub(crate) fn is_named(&self, name: &str) -> bool {
        match &self.name {
            Name::Given(own) => own == name,
            Name::Numbered(prefix) => name
                .strip_prefix(prefix.as_str())
                .is_some_and(|ordinal| ordinal.parse::<u32>().is_ok()),
            Name::Generated => false,
        }
    }

    /// A name of it, if names of it can be known.
    pub(crate) fn some_name(&self) -> Option<String> {
        match &self.name {
            Name::Given(name) => Some(name.clone()),
            Name::Numbered(prefix) => Some(format!("{prefix}0")),
            Name::Generated => None,
        }
    }

    /// Whether it bears this label.
    pub(crate) fn bears(&self, key: &str, value: &str) -> bool {
        let derived = !matches!(self.name, Name::Given(_));
        // Kubelet, cloud and administrators label nodes as they like.
        let labelled_by_others = self.kind == "Node" && key != NODE_LABEL;
        self.labels.get(key).is_some_and(|own| own == value)
            || (derived && (ADDED_LABELS.contains(&key) || labelled_by_others))
    }
}

/// The groups and kinds that definitions among manifests put outside of namespaces.
pub fn cluster_scoped<'a>(
    objects: impl IntoIterator<Item = &'a ManifestObject>,
) -> BTreeSet<(String, String)> {
    objects.into_iter().filter_map(defines).collect()
}

fn defines(object: &ManifestObject) -> Option<(String, String)> {
    let text = |pointer| Some(object.value.pointer(pointer)?.as_str()?.to_owned());
    let own = Kind::of(&object.value)?;
    let is_outside = own.name == "CustomResourceDefinition" && text("/spec/scope")? == "Cluster";
    is_outside.then_some((text("/spec/group")?, text("/spec/names/kind")?))
}

fn group_of_own(kind: &str) -> Option<String> {
    Kind::named(None, kind).map(|kind| kind.group.to_owned())
}

/// A node, whose name begins with that of its cluster.
fn node(name: String) -> KnownObject {
    KnownObject {
        kind: "Node".to_owned(),
        group: group_of_own("Node"),
        namespace: None,
        name: Name::Generated,
        labels: BTreeMap::from([(NODE_LABEL.to_owned(), name)]),
        containers: Vec::new(),
        ports: Vec::new(),
    }
}

fn labels(map: Option<&Value>) -> BTreeMap<String, String> {
    map.and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn ports(object: &Value) -> Vec<u64> {
    if Kind::of(object).is_none_or(|kind| kind.name != "Service") {
        return Vec::new();
    }
    object
        .pointer("/spec/ports")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|port| port.get("port")?.as_u64())
        .collect()
}

/// The claims of a `StatefulSet`; they bear its selector's labels beside their own.
fn claims(object: &Value) -> Vec<(String, BTreeMap<String, String>)> {
    let selector = labels(object.pointer("/spec/selector/matchLabels"));
    object
        .pointer("/spec/volumeClaimTemplates")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|claim| {
            let name = claim.pointer("/metadata/name")?.as_str()?.to_owned();
            let mut own = labels(claim.pointer("/metadata/labels"));
            own.extend(selector.clone());
            Some((name, own))
        })
        .collect()
}
