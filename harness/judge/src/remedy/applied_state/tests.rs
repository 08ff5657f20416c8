use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::{AppliedState, ObjectId};
use crate::manifest::ManifestFile;
use crate::scenario::Step;
use crate::testing::yaml;

/// What stands of the first object of `web.yaml` after it was applied and after these steps.
fn after(spec: &str, steps: &[&str]) -> Option<Value> {
    let text = format!(
        "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web, labels: {{a: b}}}}, \
         spec: {spec}}}"
    );
    let files = [
        ("web.yaml", text.clone()),
        ("new.yaml", text.replace("old", "new")),
    ];
    let parsed = files.map(|(name, text)| {
        let file = ManifestFile::parse(Path::new(name), text).unwrap();
        (name.to_owned(), file)
    });
    let files = BTreeMap::from(parsed);
    let steps: Vec<Step> = ["apply: web.yaml"]
        .iter()
        .chain(steps)
        .map(|step| yaml(step))
        .collect();
    let mut standing = AppliedState::default();
    standing.perform(&steps, &files);
    standing
        .objects
        .values()
        .next()
        .map(|applied| applied.value().clone())
}

fn spec(spec: &str, steps: &[&str]) -> Value {
    after(spec, steps).unwrap()["spec"].clone()
}

const WEB: &str = "{kind: Deployment, name: web}";

#[test]
fn the_number_of_replicas_is_that_of_the_scaling_where_the_manifest_has_one() {
    let scale = format!("scale: {{object: {WEB}, replicas: 3}}");
    let with_number = spec("{replicas: 1, paused: true}", &[&scale]);
    assert_eq!(with_number, json!({"replicas": 3, "paused": true}));
    assert_eq!(spec("{paused: true}", &[&scale]), json!({"paused": true}));
}

#[test]
fn a_patch_changes_the_fields_that_the_manifest_has() {
    let written = "{replicas: 1, list: [{name: x, image: old, port: 1}, {name: z}]}";
    let patched = |patch: &str| spec(written, &[&format!("patch: {{object: {WEB}, {patch}}}")]);
    let list = "patch: {spec: {other: 1, replicas: null, list: [{name: x, image: b}]}}";
    assert_eq!(
        patched(list),
        json!({"list": [{"name": "x", "image": "b", "port": 1}, {"name": "z"}]})
    );
    assert_eq!(
        patched(&format!("type: merge, {list}")),
        json!({"list": [{"name": "x", "image": "b"}]})
    );
    let operations = "type: json, patch: [{op: replace, path: /spec/list/0/image, value: b}, \
        {op: add, path: /spec/other, value: 1}, {op: remove, path: /spec/list/1}, \
        {op: remove, path: /spec/replicas}]";
    assert_eq!(
        patched(operations),
        json!({"list": [{"name": "x", "image": "b", "port": 1}]})
    );
}

#[test]
fn an_undone_rollout_has_the_template_before() {
    let steps = ["apply: new.yaml", "undo: {kind: Deployment, name: web}"];
    let template = "{template: {metadata: {labels: {is: old}}}}";
    let is = |steps: &[&str]| spec(template, steps)["template"]["metadata"]["labels"]["is"].clone();
    assert_eq!(is(&steps[..1]), "new");
    assert_eq!(is(&steps), "old");
    assert_eq!(is(&[steps[0], steps[1], steps[1]]), "new");
}

#[test]
fn what_is_deleted_by_name_or_by_all_of_its_labels_is_not_there() {
    for gone in [
        "delete: {kind: Deployment, name: web}",
        "delete: {kind: Deployment, name: web, cascade: orphan, wait: false}",
        "delete: {kind: Deployment, labels: {a: b}}",
    ] {
        assert_eq!(after("{}", &[gone]), None, "{gone}");
    }
    for stays in [
        "delete: {kind: Deployment, labels: {a: c}}",
        "delete: {kind: Deployment, labels: {a: b}, count: 1}",
        "delete: {kind: Deployment, name: web, namespace: shop}",
    ] {
        assert!(after("{}", &[stays]).is_some(), "{stays}");
    }
}

#[test]
fn a_namespace_tells_apart_only_objects_that_have_one() {
    let class = |namespace| ObjectId::new(None, "StorageClass", namespace, "standard");
    assert_eq!(class("shop"), class("default"));
    let service = |namespace| ObjectId::new(None, "Service", namespace, "web");
    assert_ne!(service("shop"), service("default"));
    assert_eq!(service("shop").to_string(), "Service web in shop");
    assert_eq!(service("default").to_string(), "Service web");
}

#[test]
fn a_group_tells_apart_objects_of_one_kind_where_both_are_known() {
    let job = |group| ObjectId::new(group, "Job", "default", "train");
    let (own, other) = (job(Some("batch")), job(Some("batch.example.com")));
    assert!(!own.may_be(&other));
    assert!(job(None).may_be(&own) && job(None).may_be(&other));
    assert_eq!(other.to_string(), "Job.batch.example.com train");
}
