//! Which kinds are watched, and whose logs are followed.

use std::collections::BTreeSet;

use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use serde_json::Value;

use relapse_judge::kubernetes::kinds::{Kind, Told, Trait, group_of, may_be, version_of};
use relapse_judge::kubernetes::{CANARY_NAMESPACE, SYSTEM_NAMESPACES, text_at};
use relapse_judge::scenario::{Clause, LoadedScenario, Selector};
use relapse_judge::signature::AwaitedLines;
use relapse_judge::workload::is_selected;

/// What an observer watches.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    kinds: Vec<ApiResource>,
    /// Kinds that are watched as soon as the cluster has a definition of them.
    custom: Vec<CustomKind>,
    namespaces: Option<BTreeSet<String>>,
    /// Pods of the cluster's own parts whose logs are followed all the same.
    asked: Vec<Selector>,
    /// What is kept of a flood of log lines.
    awaited: AwaitedLines,
}

/// A kind that is not of Kubernetes' own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomKind {
    /// Its group, where a manifest or a clause says it.
    pub(super) group: Option<String>,
    /// The version that a manifest or a clause says.
    pub(super) version: Option<String>,
    /// Its name.
    pub(super) kind: String,
}

impl CustomKind {
    /// What it is called in a witness.
    pub(super) fn told(&self) -> String {
        let (group, kind) = (self.group.as_deref(), self.kind.as_str());
        Told { group, kind }.to_string()
    }
}

impl Scope {
    /// The kinds that every claim may speak of: workloads, storage, services, nodes and events.
    #[must_use]
    pub fn standard() -> Self {
        Kind::all(Trait::Standard)
            .map(|kind| resource(kind, kind.version))
            .fold(Self::default(), Self::with)
    }

    /// Keeps these log lines of a flood.
    #[must_use]
    pub fn awaiting(mut self, lines: AwaitedLines) -> Self {
        self.awaited = lines;
        self
    }

    pub(super) const fn awaited(&self) -> &AwaitedLines {
        &self.awaited
    }

    /// What a scenario needs to be seen: the standard kinds, every kind that its manifests, its
    /// clauses and its steps name, and the logs that its clauses ask for.
    #[must_use]
    pub fn of(scenario: &LoadedScenario) -> Self {
        let mut scope = Self::standard().awaiting(scenario.scenario.awaited_lines());
        let claim = scenario.value();
        let mut named = Vec::new();
        named_in(&claim, &mut named);
        // Whoever says a version in a clause asks for fields of that version.
        named.sort_by_key(|(api_version, _)| api_version.is_none());
        let objects = scenario.manifests.values().flat_map(|file| &file.objects);
        let made: Vec<(&str, &str)> = objects
            .map(|object| (object.api_version.as_str(), object.kind.as_str()))
            .collect();
        for (api_version, kind) in named {
            // A clause without a group means that of the manifests.
            let of_manifests = made.iter().find(|(_, other)| *other == kind);
            let api_version = api_version.or(of_manifests.map(|(api_version, _)| *api_version));
            scope = scope.with_named(api_version, kind);
        }
        for (api_version, kind) in made {
            scope = scope.with_named(Some(api_version), kind);
        }
        let clauses = scenario
            .scenario
            .chain()
            .flat_map(|failure| failure.signature);
        let wrong = scenario.scenario.wrong_remedies.iter();
        let others = wrong.flat_map(|one| one.signature.iter().flatten());
        scope.asked = clauses
            .chain(others)
            .filter_map(|clause| match clause {
                Clause::Log(log) | Clause::NoLog(log) if !is_followed(&log.of.namespace) => {
                    Some(log.of.clone())
                }
                _ => None,
            })
            .collect();
        scope
    }

    fn with_named(mut self, api_version: Option<&str>, kind: &str) -> Self {
        let group = api_version.map(group_of);
        let version = api_version.and_then(version_of);
        if let Some(own) = Kind::named(group, kind) {
            return self.with(resource(own, version.unwrap_or(own.version)));
        }
        let known = |have: &CustomKind| have.kind == kind && may_be(have.group.as_deref(), group);
        if !self.custom.iter().any(known) {
            self.custom.push(CustomKind {
                group: group.map(ToOwned::to_owned),
                version: version.map(ToOwned::to_owned),
                kind: kind.to_owned(),
            });
        }
        self.with_named(Some("apiextensions.k8s.io/v1"), "CustomResourceDefinition")
    }

    /// Watches this kind too, once.
    #[must_use]
    pub fn with(mut self, kind: ApiResource) -> Self {
        let known = |have: &ApiResource| have.group == kind.group && have.kind == kind.kind;
        if !self.kinds.iter().any(known) {
            self.kinds.push(kind);
        }
        self
    }

    /// Watches this kind too, as soon as the cluster has a definition of it.
    #[must_use]
    pub fn with_custom(self, api_version: &str, kind: &str) -> Self {
        self.with_named(Some(api_version), kind)
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

    /// The kinds that are watched.
    #[must_use]
    pub fn kinds(&self) -> &[ApiResource] {
        &self.kinds
    }

    /// The kinds that are watched as soon as the cluster has definitions of them.
    pub(super) fn custom(&self) -> &[CustomKind] {
        &self.custom
    }

    /// The kinds that are watched, and those that will be, as a witness calls them.
    #[must_use]
    pub fn told(&self) -> (Vec<String>, Vec<String>) {
        let kinds = self.kinds.iter().map(told).collect();
        (kinds, self.custom.iter().map(CustomKind::told).collect())
    }

    /// Whether the logs of a pod are followed: those of the cluster's own are no evidence of a claim,
    /// unless it asks for them.
    pub(super) fn follows(&self, pod: &Value) -> bool {
        namespace(pod).is_some_and(is_followed)
            || self.asked.iter().any(|selector| is_selected(pod, selector))
    }
}

/// What a kind is called in a witness.
pub(super) fn told(kind: &ApiResource) -> String {
    let group = Some(kind.group.as_str());
    let kind = kind.kind.as_str();
    Told { group, kind }.to_string()
}

fn resource(kind: &Kind, version: &str) -> ApiResource {
    let named = GroupVersionKind::gvk(kind.group, version, kind.name);
    ApiResource::from_gvk_with_plural(&named, kind.plural)
}

/// Every kind that a scenario file names, with its `apiVersion` where it says one.
fn named_in<'a>(claim: &'a Value, named: &mut Vec<(Option<&'a str>, &'a str)>) {
    match claim {
        Value::Object(fields) => {
            if let Some(kind) = text_at(claim, "/kind") {
                named.push((text_at(claim, "/apiVersion"), kind));
            }
            fields.values().for_each(|field| named_in(field, named));
        }
        Value::Array(items) => items.iter().for_each(|item| named_in(item, named)),
        _ => {}
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

fn is_followed(namespace: &str) -> bool {
    !SYSTEM_NAMESPACES.contains(&namespace)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use serde_json::json;

    use super::*;
    use relapse_judge::manifest::ManifestFile;
    use relapse_judge::testing::yaml;

    /// A scenario whose clause is of these objects, with a manifest of these.
    fn scope(of: &str, manifest: &str) -> Scope {
        let text = format!(
            "title: t\nsource: s\ncomponent: c\nabout: a\n\
             fault: {{steps: [{{apply: broken.yaml}}], within: 30s}}\n\
             signature: [{of}]\ncontrol: {{hold: 10s}}\n\
             remedy: {{steps: [{{apply: broken.yaml}}], within: 30s, hold: 10s}}\n"
        );
        let made = ManifestFile::parse(Path::new("broken.yaml"), manifest.to_owned()).unwrap();
        Scope::of(&LoadedScenario {
            id: "claim".to_owned(),
            path: PathBuf::from("claim.yaml"),
            folder: PathBuf::new(),
            scenario: yaml(&text),
            text,
            manifests: [(made.name.clone(), made)].into(),
            warnings: Vec::new(),
        })
    }

    const STATE: &str = "{state: {of: {KIND}, fields: [{path: .spec, exists: true}]}}";

    fn of_kind(kind: &str, manifest: &str) -> Scope {
        scope(&STATE.replace("KIND", kind), manifest)
    }

    #[test]
    fn every_kind_that_manifests_and_clauses_name_is_watched_once() {
        let quota = "{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}}\n---\n\
                     {apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}";
        let scope = of_kind("kind: Endpoints, name: web", quota);
        let (kinds, custom) = scope.told();
        let standard = Kind::all(Trait::Standard).count();
        assert_eq!(kinds[standard..], ["Endpoints", "ResourceQuota"]);
        assert!(custom.is_empty());
    }

    #[test]
    fn a_kind_of_another_group_is_watched_when_its_definition_is_there() {
        let widget = "{apiVersion: example.com/v1beta1, kind: Widget, metadata: {name: w}}";
        let (_, custom) = of_kind("kind: Widget, name: w", widget).told();
        assert_eq!(custom, ["Widget.example.com"]);
        let job = "{apiVersion: batch.example.com/v1, kind: Job, metadata: {name: train}}";
        let (_, custom) = of_kind("kind: Pod, name: a", job).told();
        assert_eq!(custom, ["Job.batch.example.com"]);
    }

    #[test]
    fn a_kind_is_watched_in_the_version_that_a_clause_names() {
        let scaler =
            "{apiVersion: autoscaling/v2, kind: HorizontalPodAutoscaler, metadata: {name: a}}";
        let version = |clause: &str| {
            let scope = of_kind(clause, scaler);
            scope.kinds().last().unwrap().api_version.clone()
        };
        let plain = "kind: HorizontalPodAutoscaler, name: a";
        assert_eq!(version(plain), "autoscaling/v2");
        assert_eq!(
            version(&format!("apiVersion: autoscaling/v1, {plain}")),
            "autoscaling/v1"
        );
    }

    #[test]
    fn logs_of_the_clusters_own_pods_are_followed_where_a_clause_asks_for_them() {
        let dns = "{log: {of: {kind: Pod, namespace: kube-system, labels: {k8s-app: kube-dns}}, \
                   container: coredns, contains: [no such host]}}";
        let map = "{apiVersion: v1, kind: ConfigMap, metadata: {name: m}}";
        let (asking, silent) = (scope(dns, map), of_kind("kind: Pod, name: a", map));
        let pod = |namespace: &str, app: &str| {
            json!({"apiVersion": "v1", "kind": "Pod",
                "metadata": {"namespace": namespace, "labels": {"k8s-app": app}}})
        };
        assert!(asking.follows(&pod("kube-system", "kube-dns")));
        assert!(!asking.follows(&pod("kube-system", "kube-proxy")));
        assert!(!silent.follows(&pod("kube-system", "kube-dns")));
        assert!(silent.follows(&pod("default", "web")));
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
}
