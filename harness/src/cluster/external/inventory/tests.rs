use proptest::prelude::*;
use serde_json::json;

use super::*;

fn place(kind: &str, namespace: &str, name: &str) -> ObjectPlace {
    ObjectPlace {
        kind: kind.to_owned(),
        group: String::new(),
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    }
}

fn texts(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn item(uid: &str) -> Item {
    Item {
        uid: uid.to_owned(),
        ..Item::default()
    }
}

fn node(labels: &[(&str, &str)]) -> Inventory {
    let item = Item {
        labels: texts(labels),
        ..item("node")
    };
    [(place("Node", "", "worker"), item)].into_iter().collect()
}

fn object(value: Value) -> DynamicObject {
    serde_json::from_value(value).unwrap()
}

#[test]
fn a_volume_that_is_left_is_told_with_its_phase() {
    let volume = Item {
        phase: Some("Released".to_owned()),
        ..item("volume")
    };
    let after = [(place("PersistentVolume", "", "pvc-1"), volume)];
    assert_eq!(
        left_behind(&Inventory::default(), &after.into_iter().collect()),
        ["PersistentVolume pvc-1 (Released)"]
    );
}

#[test]
fn labels_and_annotations_are_told_one_by_one() {
    let before = node(&[("kept", "1"), ("lost", "2"), ("other", "3")]);
    let after = node(&[("kept", "1"), ("other", "4"), ("x", "y")]);
    assert_eq!(
        left_behind(&before, &after),
        [
            "label lost is gone from Node worker",
            "label other=4 on Node worker, which was 3",
            "label x=y on Node worker",
        ]
    );
    let annotated = Item {
        annotations: texts(&[("note", &"long ".repeat(30))]),
        ..item("node")
    };
    let annotated = [(place("Node", "", "worker"), annotated)];
    let told = left_behind(&node(&[]), &annotated.into_iter().collect());
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("annotation note=long long"), "{told:?}");
    assert!(told[0].ends_with("… on Node worker"), "{told:?}");
}

#[test]
fn what_is_owned_by_something_that_is_there_is_told_with_its_owner_only() {
    let owned = Item {
        owners: vec!["owner".to_owned()],
        ..item("owned")
    };
    let set = (place("ReplicaSet", "default", "web-1"), owned);
    let deployment = (place("Deployment", "default", "web"), item("owner"));
    let both = [set.clone(), deployment].into_iter().collect();
    assert_eq!(
        left_behind(&Inventory::default(), &both),
        ["Deployment default/web"]
    );
    let orphan = [set].into_iter().collect();
    assert_eq!(
        left_behind(&Inventory::default(), &orphan),
        ["ReplicaSet default/web-1"]
    );
}

#[test]
fn what_is_gone_changed_or_replaced_is_told() {
    let class = |uid: &str, content| {
        let item = Item {
            content,
            ..item(uid)
        };
        [(place("StorageClass", "", "fast"), item)]
            .into_iter()
            .collect::<Inventory>()
    };
    let before = class("1", 1);
    assert_eq!(left_behind(&before, &before), Vec::<String>::new());
    assert_eq!(
        left_behind(&before, &class("1", 2)),
        ["StorageClass fast was changed"]
    );
    assert_eq!(
        left_behind(&before, &class("2", 1)),
        ["StorageClass fast in place of another"]
    );
    assert_eq!(
        left_behind(&before, &Inventory::default()),
        ["StorageClass fast is gone"]
    );
}

#[test]
fn what_an_object_is_does_not_depend_on_its_status_or_its_revision() {
    let volume = |phase: &str, revision: &str, size: &str| {
        Item::of(&object(json!({
            "metadata": {"name": "pvc-1", "uid": "1", "resourceVersion": revision,
                "labels": {"a": "b"}, "ownerReferences": [
                    {"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": "2"}]},
            "spec": {"capacity": {"storage": size}},
            "status": {"phase": phase},
        })))
    };
    let bound = volume("Bound", "1", "1Gi");
    let released = volume("Released", "2", "1Gi");
    assert_eq!(bound.content, released.content);
    assert_ne!(bound.content, volume("Bound", "1", "2Gi").content);
    assert_eq!(released.phase.as_deref(), Some("Released"));
    assert_eq!(bound.labels, texts(&[("a", "b")]));
    assert_eq!(bound.owners, ["2"]);
}

#[test]
fn volumes_and_addresses_are_there_for_a_namespace() {
    let volume = object(json!({"metadata": {}, "spec": {"claimRef": {"namespace": "a"}}}));
    let address = object(json!({"metadata": {}, "spec": {"parentRef": {"namespace": "b"}}}));
    let class = object(json!({"metadata": {}, "provisioner": "x"}));
    assert_eq!(served_namespace(&volume), Some("a"));
    assert_eq!(served_namespace(&address), Some("b"));
    assert_eq!(served_namespace(&class), None);
}

/// Without owners; few names and contents, so that things are met again.
fn any_inventory() -> impl Strategy<Value = Inventory> {
    let entry = ("[a-e]", "[1-2]", 0..2_u64).prop_map(|(name, uid, content)| {
        let item = Item {
            content,
            ..item(&format!("{name}{uid}"))
        };
        (place("StorageClass", "", &name), item)
    });
    prop::collection::vec(entry, 0..6).prop_map(Inventory::from_iter)
}

proptest! {
    #[test]
    fn nothing_is_told_of_what_is_as_it_was(inventory in any_inventory()) {
        prop_assert_eq!(left_behind(&inventory, &inventory), Vec::<String>::new());
    }

    #[test]
    fn each_place_that_differs_is_told_once_and_no_other(
        before in any_inventory(), after in any_inventory()
    ) {
        let told = left_behind(&before, &after);
        let places: BTreeSet<&ObjectPlace> = before.0.keys().chain(after.0.keys()).collect();
        for place in places {
            let name = place.to_string();
            let count = told
                .iter()
                .filter(|words| **words == name || words.starts_with(&format!("{name} ")))
                .count();
            prop_assert_eq!(count, usize::from(before.get(place) != after.get(place)), "{}", name);
        }
    }
}
