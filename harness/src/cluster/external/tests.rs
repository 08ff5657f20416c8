use serde_json::{Value, json};

use super::*;
use relapse_judge::testing::{Story, object, with};

fn node(name: &str, ready: &str) -> Value {
    let conditions = json!([{"type": "Ready", "status": ready}]);
    let node = json!({"metadata": {"namespace": null}, "status": {"conditions": conditions}});
    with(&object("Node", name), &node)
}

fn showing(nodes: &[Value]) -> Witness {
    Story::new().shows_all(nodes).witness()
}

#[test]
fn one_ready_node_makes_a_lent_cluster_usable() {
    assert!(is_usable(&showing(&[])).is_err());
    assert!(is_usable(&showing(&[node("a", "False")])).is_err());
    let one_of_two = [node("a", "False"), node("b", "True")];
    assert_eq!(is_usable(&showing(&one_of_two)), Ok(()));
}

#[test]
fn what_is_in_the_way_is_named_with_what_to_do() {
    let taken = vec![
        ObjectPlace {
            kind: "StorageClass".to_owned(),
            group: "storage.k8s.io".to_owned(),
            namespace: String::new(),
            name: "standard".to_owned(),
        },
        ObjectPlace {
            kind: "Pod".to_owned(),
            group: String::new(),
            namespace: "default".to_owned(),
            name: "web".to_owned(),
        },
    ];
    let context = "lab".to_owned();
    insta::assert_snapshot!(Unfit::Taken { context, taken }, @"in the way on the cluster of the context lab: StorageClass standard, Pod default/web; relapse changes nothing that it did not make, and pods in a namespace of the scenario could be taken for its own; next: lend another cluster, or delete what a killed run left");
}
