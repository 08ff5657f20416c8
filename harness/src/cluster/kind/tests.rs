use std::os::unix::fs::PermissionsExt;

use serde_json::json;

use super::*;
use relapse_judge::witness::{Change, ObjectChange, Observation, Record};

fn seen(objects: Vec<Value>) -> Witness {
    let mut witness = Witness::default();
    for object in objects {
        witness.push(Record {
            at: 0,
            observation: Observation::Object(ObjectChange {
                change: Change::Applied,
                object,
            }),
        });
    }
    witness
}

fn conditioned(kind: &str, name: &str, ready: &str) -> Value {
    json!({
        "kind": kind,
        "metadata": {"name": name, "uid": name, "resourceVersion": "1"},
        "status": {"conditions": [{"type": "Ready", "status": ready}]},
    })
}

fn deployment(name: &str, available: u64) -> Value {
    json!({
        "kind": "Deployment",
        "metadata": {"name": name, "uid": name, "namespace": "kube-system"},
        "spec": {"replicas": 1},
        "status": {
            "updatedReplicas": 1, "replicas": 1,
            "readyReplicas": available, "availableReplicas": available,
        },
    })
}

fn kube_proxy(nodes: u64, ready: u64) -> Value {
    json!({
        "kind": "DaemonSet",
        "metadata": {"name": "kube-proxy", "uid": "kube-proxy", "namespace": "kube-system"},
        "status": {
            "desiredNumberScheduled": nodes, "updatedNumberScheduled": nodes,
            "currentNumberScheduled": nodes, "numberReady": ready, "numberAvailable": ready,
        },
    })
}

fn account() -> Value {
    json!({
        "kind": "ServiceAccount",
        "metadata": {"name": "default", "namespace": "default", "uid": "account"},
    })
}

fn usable() -> Vec<Value> {
    vec![
        conditioned("Node", "node", "True"),
        conditioned("Pod", "coredns-1", "True"),
        deployment("coredns", 1),
        deployment("local-path-provisioner", 1),
        kube_proxy(1, 1),
        account(),
    ]
}

#[test]
fn a_cluster_is_usable_when_all_of_it_is_there_and_ready() {
    assert_eq!(is_usable(&seen(usable()), 1), Ok(()));
}

#[test]
fn nothing_seen_is_not_usable() {
    assert!(is_usable(&Witness::default(), 1).is_err());
}

#[test]
fn each_missing_part_makes_it_unusable() {
    for missing in 0..usable().len() {
        let mut objects = usable();
        let left_out = objects.remove(missing);
        assert!(is_usable(&seen(objects), 1).is_err(), "without {left_out}");
    }
}

#[test]
fn each_part_that_is_not_ready_makes_it_unusable() {
    for unready in [
        conditioned("Node", "node", "False"),
        conditioned("Pod", "coredns-1", "False"),
        deployment("coredns", 0),
        deployment("local-path-provisioner", 0),
        kube_proxy(1, 0),
    ] {
        let mut objects = usable();
        objects.retain(|object| object["metadata"]["name"] != unready["metadata"]["name"]);
        objects.push(unready.clone());
        assert!(is_usable(&seen(objects), 1).is_err(), "{unready}");
    }
}

#[test]
fn a_cluster_of_several_nodes_is_usable_when_each_is_there_with_its_kube_proxy() {
    let mut objects = usable();
    assert!(is_usable(&seen(objects.clone()), 2).is_err(), "one of two");
    objects.push(conditioned("Node", "worker", "True"));
    assert!(
        is_usable(&seen(objects.clone()), 2).is_err(),
        "services on one"
    );
    objects.push(kube_proxy(2, 2));
    assert_eq!(is_usable(&seen(objects), 2), Ok(()));
}

#[test]
fn the_control_planes_own_pods_are_not_waited_for() {
    let mut scheduler = conditioned("Pod", "kube-scheduler", "False");
    scheduler["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "hash"});
    let mut objects = usable();
    objects.push(scheduler);
    assert_eq!(is_usable(&seen(objects), 1), Ok(()));
}

#[test]
fn the_registry_of_a_reference_is_the_one_that_containerd_asks() {
    for (reference, host) in [
        ("busybox:1.37.0", "docker.io"),
        ("prom/prometheus:v2.55.1", "docker.io"),
        ("public.ecr.aws/grafana/grafana:10.2.2", "public.ecr.aws"),
        ("localhost/a:1", "localhost"),
        ("registry:5000/a:1", "registry:5000"),
    ] {
        assert_eq!(registry_host(reference), host, "{reference}");
    }
}

#[tokio::test]
async fn the_keys_of_a_cluster_are_in_no_file_unless_it_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let cluster = Cluster {
        nodes: Nodes::of("relapse-none".to_owned(), 1),
        name: "relapse-none".to_owned(),
        kubeconfig: "client-key-data".to_owned(),
        _signs: JoinSet::new(),
    };
    let kept = cluster.keep(folder.path()).await;
    assert!(kept.is_err(), "there is no such cluster to be marked");
    let kubeconfig = folder.path().join("kubeconfig");
    assert_eq!(
        std::fs::read_to_string(&kubeconfig).unwrap(),
        "client-key-data"
    );
    let mode = std::fs::metadata(&kubeconfig).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}
