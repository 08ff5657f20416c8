use proptest::prelude::*;
use serde_json::json;

use super::*;

const TWO: &str = "# the web\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  \
    namespace: shop\n---\n# its address\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n---\n";

fn read(text: &str) -> Result<ManifestFile, String> {
    ManifestFile::parse(Path::new("m/a.yaml"), text.to_owned()).map_err(|error| error.to_string())
}

fn mistake(text: &str) -> String {
    let error = read(text).expect_err("the manifest is wrong");
    error.lines().skip(1).collect::<Vec<_>>().join("\n")
}

#[test]
fn each_document_is_an_object_with_its_position_and_its_text() {
    let file = read(TWO).unwrap();
    assert_eq!(file.name, "a.yaml");
    let seen: Vec<_> = file
        .objects
        .iter()
        .map(|object| {
            (
                object.to_string(),
                object.namespace.as_deref(),
                object.line,
                object.column,
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("Deployment web".to_owned(), Some("shop"), 2, 1),
            ("Service web".to_owned(), None, 9, 1),
        ]
    );
    assert_eq!(
        file.objects[1].text,
        "# its address\napiVersion: v1\nkind: Service\nmetadata: {name: web}\n"
    );
}

#[test]
fn numbers_with_a_leading_zero_are_octal_as_for_kubectl() {
    let file =
        read("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {mode: 0644}\n").unwrap();
    assert_eq!(
        file.objects[0].value.pointer("/spec/mode"),
        Some(&Value::from(420))
    );
}

#[test]
fn mistakes_are_given_all_at_once_with_their_positions() {
    assert_eq!(
        mistake(
            "kind: A\nmetadata: {name: a}\n---\napiVersion: v1\n---\n- 1\n---\n\n  apiVersion: v1\n  kind: B\n"
        ),
        "m/a.yaml:1:1: the object has no `apiVersion`; write `apiVersion`\n\
         m/a.yaml:4:1: the object has no `kind`; write `kind`\n\
         m/a.yaml:6:1: this is not an object; write a mapping with `apiVersion`, `kind` and `metadata`\n\
         m/a.yaml:9:3: the object has no `metadata.name`; write `metadata.name`"
    );
}

#[test]
fn an_object_may_be_written_once_in_a_file() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n";
    assert_eq!(
        mistake(&format!("{service}---\n{service}")),
        "m/a.yaml:5:1: `Service a` is written twice in this file, first in line 1"
    );
    let elsewhere = service.replace("{name: a}", "{name: a, namespace: b}");
    assert_eq!(
        read(&format!("{service}---\n{elsewhere}"))
            .unwrap()
            .objects
            .len(),
        2
    );
}

#[test]
fn a_file_without_objects_is_a_mistake() {
    assert_eq!(
        mistake("# nothing\n---\n"),
        "m/a.yaml:1:1: the file has no object; write one with `apiVersion`, `kind` and `metadata`"
    );
}

#[test]
fn broken_yaml_is_a_mistake_where_the_parser_stopped() {
    assert_eq!(
        mistake("a: b: c\n"),
        "m/a.yaml:1:5: mapping values are not allowed in this context"
    );
}

#[test]
fn images_are_those_of_every_kind_that_makes_pods() {
    let pod = serde_json::json!({
        "initContainers": [{"image": "init:1"}, {"image": "main:1"}],
        "containers": [{"image": "main:1"}, {"name": "no image"}, {"image": "side:1"}],
    });
    let template = serde_json::json!({"template": {"spec": pod}});
    for (kind, spec) in [
        ("Pod", pod.clone()),
        ("Deployment", template.clone()),
        ("StatefulSet", template.clone()),
        ("DaemonSet", template.clone()),
        ("ReplicaSet", template.clone()),
        ("Job", template.clone()),
        (
            "CronJob",
            serde_json::json!({"jobTemplate": {"spec": template}}),
        ),
    ] {
        let object = serde_json::json!({"kind": kind, "spec": spec});
        assert_eq!(images(&object), ["init:1", "main:1", "side:1"], "{kind}");
    }
    assert!(images(&serde_json::json!({"kind": "Service", "spec": template})).is_empty());
}

#[test]
fn the_items_of_a_list_are_objects_with_their_own_positions_and_texts() {
    let file = read(
        "kind: A\napiVersion: v1\nmetadata: {name: first}\n---\n# empty\n---\nkind: ConfigMapList\n\
         apiVersion: v1\nitems:\n- kind: ConfigMap\n  apiVersion: v1\n  metadata: {name: a}\n\
         - {kind: ConfigMap, apiVersion: v1, metadata: {name: b, namespace: shop}}\n",
    )
    .unwrap();
    let seen: Vec<_> = file
        .objects
        .iter()
        .map(|object| (object.to_string(), object.line, object.column))
        .collect();
    assert_eq!(
        seen,
        [
            ("A first".to_owned(), 1, 1),
            ("ConfigMap a".to_owned(), 10, 3),
            ("ConfigMap b".to_owned(), 13, 3),
        ]
    );
    assert_eq!(
        file.objects[1].text,
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n"
    );
    assert_eq!(file.objects[2].namespace.as_deref(), Some("shop"));
}

#[test]
fn what_is_only_called_a_list_or_only_has_items_is_an_object() {
    let of = |kind: &str, more: &str| {
        read(&format!(
            "{{apiVersion: v1, kind: {kind}, metadata: {{name: a}}{more}}}"
        ))
    };
    assert!(of("AllowList", "").is_ok());
    assert!(of("Basket", ", items: []").is_ok());
    assert!(of("BasketList", ", items: []").is_err());
}

#[test]
fn a_bundle_of_definitions_is_read_whole() {
    // As large as the definitions of kube-prometheus or argo-cd: 4 MB, 300,000 nodes, 60 deep.
    let mut schema = "{type: string}".to_owned();
    for _ in 0..28 {
        schema = format!("{{type: object, properties: {{spec: {schema}}}}}");
    }
    let words = "word ".repeat(30);
    let fields =
        (0..1_000).map(|field| format!("    f{field}: {{description: {words}, type: string}}\n"));
    let fields: Vec<String> = fields.collect();
    let fields = fields.concat();
    let definitions: Vec<String> = (0..25)
        .map(|number| {
            format!(
                "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n\
                 metadata: {{name: d{number}}}\nspec:\n  deep: {schema}\n  fields:\n{fields}"
            )
        })
        .collect();
    let text = definitions.join("---\n");
    assert!(text.len() > 4 << 20);
    assert_eq!(read(&text).unwrap().objects.len(), 25);
}

#[test]
fn an_object_with_another_value_is_what_that_value_says() {
    let file = read(TWO).unwrap();
    let value = json!({"apiVersion": "apps/v2", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "garden"}});
    let other = file.objects[0].with_value(value.clone());
    assert_eq!(other.api_version, "apps/v2");
    assert_eq!(other.namespace.as_deref(), Some("garden"));
    assert_eq!(other.value, value);
    assert_eq!(other.to_string(), "Deployment web");
}

#[test]
fn only_a_text_with_a_line_that_kubectl_would_misread_is_written_as_json() {
    assert_eq!(
        yaml(&json!({"a": "one\ntwo\t\n"})),
        "a: |\n  one\n  two\t\n"
    );
    assert_eq!(
        yaml(&json!({"a": "one\n\ttwo\n"})),
        "{\"a\":\"one\\n\\ttwo\\n\"}\n"
    );
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(values in prop::collection::vec(json(), 1..4)) {
        let object = |(number, value): (usize, &Value)| {
            let name = format!("a-{number}");
            let value = json!({"apiVersion": "v1", "kind": "ConfigMap",
                "metadata": {"name": name}, "data": value});
            ManifestObject {
                api_version: "v1".to_owned(),
                kind: "ConfigMap".to_owned(),
                namespace: None,
                name,
                value,
                text: String::new(),
                line: 0,
                column: 0,
            }
        };
        let objects = values.iter().enumerate().map(object).collect();
        let written = ManifestFile::write(Path::new("m/a.yaml"), objects);
        let read = ManifestFile::parse(&written.path, written.text.clone()).unwrap();
        prop_assert_eq!(format!("{written:#?}"), format!("{read:#?}"));
    }
}

/// Any value; words that are something else in some YAML are as frequent as others.
fn json() -> impl Strategy<Value = Value> {
    let words = "yes|off|y|~|null|=|<<|0644|0x1f|1_000|1e3|12:30|2001-01-01|\\.inf|-|\\?|\\*a|&a|!a|@a|%a|\"|'|a: b|a #b| a|a ";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        words.prop_map(Value::from),
        "[ \ta-c:#\\\\'\"{}-]{0,6}".prop_map(Value::from),
        "([ \ta-c:#-]{0,6}\n){0,4}[ a-c]{0,4}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 20, 4, move |value| {
        prop_oneof![
            prop::collection::vec(value.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(words, value, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}
