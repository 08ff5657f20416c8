use super::*;
use crate::cluster::external::Item;
use relapse_judge::library::load_scenario;

const CLAIM: &str = "
title: A claim waits for a class that is not there
source: A post-mortem
component: Store
about: Nobody made the class.
fault:
  steps: [{apply: broken.yaml}]
  within: 60s
signature:
  - state:
      of: {kind: PersistentVolumeClaim, name: data-store-0, namespace: shop}
      fields: [{path: .status.phase, is: Pending}]
  - state:
      of: {kind: Deployment, name: coredns, namespace: kube-system}
      fields: [{path: .status.replicas, exists: false}]
control: {hold: 20s}
remedy:
  steps:
    - restart: {kind: Deployment, name: coredns, namespace: kube-system}
    - delete: {kind: StatefulSet, name: store, namespace: shop}
    - apply: remedied.yaml
  within: 60s
  hold: 10s
";

const STORE: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: shop}
spec:
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec: {containers: [{name: store, image: 'store:1'}]}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 2Gi}}}
";

const CLASS: &str = "
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: fast}
provisioner: rancher.io/local-path
";

fn needs() -> Needs {
    needs_of(CLAIM)
}

fn needs_of(claim: &str) -> Needs {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("claim.yaml");
    std::fs::write(&file, claim).unwrap();
    let manifests = folder.path().join("claim");
    std::fs::create_dir(&manifests).unwrap();
    std::fs::write(manifests.join("broken.yaml"), STORE).unwrap();
    std::fs::write(manifests.join("remedied.yaml"), format!("{STORE}{CLASS}")).unwrap();
    let scenario = load_scenario(&file, &manifests).unwrap_or_else(|error| panic!("{error}"));
    Needs::of(&scenario, |_, kind| kind != "StorageClass")
}

fn place(group: &str, kind: &str, namespace: &str, name: &str) -> ObjectPlace {
    ObjectPlace {
        kind: kind.to_owned(),
        group: group.to_owned(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

fn claim(name: &str) -> ObjectPlace {
    place("", "PersistentVolumeClaim", "shop", name)
}

fn class() -> ObjectPlace {
    place("storage.k8s.io", "StorageClass", "", "fast")
}

fn store() -> ObjectPlace {
    place("apps", "StatefulSet", "shop", "store")
}

fn having(places: &[ObjectPlace]) -> Inventory {
    places
        .iter()
        .map(|place| (place.clone(), Item::default()))
        .collect()
}

#[test]
fn namespaces_that_are_changed_are_told_from_those_that_are_looked_into() {
    let needs = needs();
    assert_eq!(
        needs.namespaces().iter().collect::<Vec<_>>(),
        ["kube-system", "shop"]
    );
    assert_eq!(needs.seen(), needs.namespaces());
}

#[test]
fn pods_that_are_picked_by_their_labels_must_be_the_scenarios_own() {
    let picked =
        "    - evict: {namespace: local-path-storage, labels: {app: local-path-provisioner}}\n";
    let needs = needs_of(&CLAIM.replace(
        "    - apply: remedied.yaml",
        &format!("{picked}    - apply: remedied.yaml"),
    ));
    let namespaces: Vec<&String> = needs.namespaces().iter().collect();
    assert_eq!(namespaces, ["kube-system", "local-path-storage", "shop"]);
}

#[test]
fn what_the_scenario_applies_or_names_must_not_be_there_nor_any_pod() {
    let others = [
        place("", "ConfigMap", "shop", "store"),
        place("", "Service", "shop", "store"),
        place("storage.k8s.io", "StorageClass", "", "slow"),
        place("other.io", "StatefulSet", "shop", "store"),
        place("metrics.k8s.io", "Pod", "shop", "measure"),
        claim("data-store"),
        claim("data-store-blue-0"),
    ];
    assert_eq!(needs().taken(&having(&others)), []);
    for taken in [
        store(),
        class(),
        claim("data-store-0"),
        claim("data-store-11"),
        place("apps", "Deployment", "kube-system", "coredns"),
        place("", "Pod", "shop", "somebody"),
    ] {
        let mut all = others.to_vec();
        all.push(taken.clone());
        assert_eq!(needs().taken(&having(&all)), [taken]);
    }
}

#[test]
fn what_was_applied_last_is_deleted_first_and_claims_after_their_stateful_set() {
    let all = [
        class(),
        claim("data-store-0"),
        claim("data-store-1"),
        store(),
    ];
    assert_eq!(
        needs().own(&having(&all)),
        [
            &class(),
            &store(),
            &claim("data-store-0"),
            &claim("data-store-1")
        ]
    );
}

#[test]
fn a_cluster_with_too_few_nodes_is_told_and_so_is_what_would_be_done_to_them() {
    let nodes = having(&[place("", "Node", "", "a"), place("", "Node", "", "b")]);
    assert_eq!(
        needs_of(&format!("{CLAIM}\nnodes: 2\n")).lacking_nodes(&nodes),
        None
    );
    assert_eq!(
        needs_of(&format!("{CLAIM}\nnodes: 3\n"))
            .lacking_nodes(&nodes)
            .as_deref(),
        Some("has 2 of 3 nodes")
    );
    let cordoned = CLAIM.replacen("steps: [", "steps: [{cordon: control-plane}, ", 1);
    assert_eq!(
        needs_of(&cordoned).lacking_nodes(&nodes).as_deref(),
        Some("has nodes that are not touched: cordon control-plane")
    );
}

#[test]
fn the_namespace_of_a_trial_is_the_scenarios_own() {
    let needs = needs_of(&format!("{CLAIM}\nneeds: [network-policy]\n"));
    let namespace = place("", "Namespace", "", CANARY_NAMESPACE);
    assert_eq!(
        needs.taken(&having(std::slice::from_ref(&namespace))),
        [namespace]
    );
}
