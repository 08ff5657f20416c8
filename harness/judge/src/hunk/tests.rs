use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::scenario::FieldPath;

/// Each hunk with its field and its lines.
fn told(old: &Value, new: &Value) -> String {
    let hunks = hunks(Some(old), Some(new));
    let told = hunks.iter().map(|hunk| hunk.field() + "\n" + &hunk.diff());
    told.collect()
}

#[test]
fn a_field_that_changes_is_one_hunk() {
    let old = json!({"spec": {"strategy": {"type": "RollingUpdate"}, "paused": true}});
    let new = json!({"spec": {"strategy": {"type": "Recreate"}, "replicas": 1}});
    insta::assert_snapshot!(told(&old, &new), @"
    .spec.paused
    - paused: true
    .spec.replicas
    + replicas: 1
    .spec.strategy.type
    - type: RollingUpdate
    + type: Recreate
    ");
}

#[test]
fn a_map_that_comes_or_goes_does_so_leaf_by_leaf() {
    let old = json!({"annotations": {"a/b": "c", "empty": {}}});
    let new = json!({"securityContext": {"runAsUser": 65534, "capabilities": {"drop": ["ALL"]}},
        "emptyDir": {}});
    insta::assert_snapshot!(told(&old, &new), @"
    .annotations['a/b']
    - a/b: c
    .annotations.empty
    - empty: {}
    .emptyDir
    + emptyDir: {}
    .securityContext.capabilities.drop
    + drop:
    + - ALL
    .securityContext.runAsUser
    + runAsUser: 65534
    ");
}

#[test]
fn an_object_that_comes_or_goes_is_one_hunk() {
    let object = json!({"kind": "ConfigMap", "data": {"a": "1\n2\n"}});
    let comes = hunks(None, Some(&object));
    insta::assert_snapshot!(comes[0].diff(), @"
    + data:
    +   a: |
    +     1
    +     2
    + kind: ConfigMap
    ");
    assert_eq!((comes.len(), comes[0].field().as_str()), (1, ""));
    let goes = hunks(Some(&object), None);
    assert_eq!((goes.len(), &goes[0].old), (1, &comes[0].new));
}

#[test]
fn elements_with_keys_are_told_apart_by_them() {
    let old = json!({"containers": [
        {"name": "old", "image": "old:1"},
        {"name": "web", "image": "web:1",
            "ports": [{"containerPort": 53}, {"containerPort": 53, "protocol": "UDP"}],
            "volumeMounts": [{"mountPath": "/data", "name": "a"}]}]});
    let new = json!({"containers": [
        {"name": "first", "image": "first:1"},
        {"name": "web", "image": "web:2",
            "ports": [{"containerPort": 53, "protocol": "TCP"},
                {"containerPort": 53, "protocol": "UDP", "name": "dns"}],
            "volumeMounts": [{"mountPath": "/data", "name": "b"}],
            "env": [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]}],
        "volumeClaimTemplates": [{"metadata": {"name": "data"}}]});
    insta::assert_snapshot!(told(&old, &new), @r#"
    .containers[?@.name=='old']
    - - image: old:1
    -   name: old
    .containers[?@.name=='first']
    + - image: first:1
    +   name: first
    .containers[?@.name=='web'].env[?@.name=='A']
    + - name: A
    +   value: "1"
    .containers[?@.name=='web'].env[?@.name=='B']
    + - name: B
    +   value: "2"
    .containers[?@.name=='web'].image
    - image: web:1
    + image: web:2
    .containers[?@.name=='web'].ports[?@.containerPort==53].protocol
    + protocol: TCP
    .containers[?@.name=='web'].ports[?@.containerPort==53 && @.protocol=='UDP'].name
    + name: dns
    .containers[?@.name=='web'].volumeMounts[?@.mountPath=='/data'].name
    - name: a
    + name: b
    .volumeClaimTemplates[?@.metadata.name=='data']
    + - metadata:
    +     name: data
    "#);
}

#[test]
fn elements_that_change_their_order_are_told_by_their_place() {
    let old = json!({"env": [{"name": "A"}, {"name": "B", "value": "$(A)"}]});
    let new = json!({"env": [{"name": "B", "value": "$(A)"}, {"name": "A"}]});
    insta::assert_snapshot!(told(&old, &new), @"
    .env entry 1
    + - name: B
    +   value: $(A)
    .env entry 2
    - - name: B
    -   value: $(A)
    ");
}

#[test]
fn elements_without_a_key_or_with_the_same_are_told_by_their_place() {
    let old = json!({"env": [{"name": "A"}, {"name": "A"}], "volumes": [{}]});
    let new = json!({"env": [{"name": "A"}], "volumes": [{}, {"name": "a"}]});
    insta::assert_snapshot!(told(&old, &new), @"
    .env entry 2
    - - name: A
    .volumes entry 2
    + - name: a
    ");
}

#[test]
fn each_contiguous_change_of_a_list_is_a_hunk() {
    let old = json!({"args": ["--a", "--b", "--c", "--d"]});
    let new = json!({"args": ["--a", "--B", "--c", "--d", "--e", "--f"]});
    insta::assert_snapshot!(told(&old, &new), @"
    .args entry 2
    - - --b
    + - --B
    .args entry 5
    + - --e
    + - --f
    ");
}

#[test]
fn each_contiguous_change_of_a_texts_lines_is_a_hunk() {
    let old = json!({"data": {"config.yaml": "server:\n  port: 1\n\nlimits: {}\nend"}});
    let new = json!({"data": {"config.yaml": "server:\n  port: 2\n\nlimits: {}\n\u{1b}end\n"}});
    insta::assert_snapshot!(told(&old, &new), @r"
    .data['config.yaml'] line 2
    -   port: 1
    +   port: 2
    .data['config.yaml'] line 5
    - end (no line break)
    + \u{1b}end
    ");
}

#[test]
fn a_text_that_gets_its_second_line_is_compared_by_lines() {
    let (one, two) = (json!({"a": "one"}), json!({"a": "one\ntwo\n"}));
    insta::assert_snapshot!(told(&one, &two), @"
    .a line 1
    - one (no line break)
    + one
    + two
    ");
    insta::assert_snapshot!(told(&two, &one), @"
    .a line 1
    - one
    - two
    + one (no line break)
    ");
}

#[test]
fn of_a_line_only_what_a_terminal_would_not_show_is_escaped() {
    let (old, new) = (json!("\tone\n"), json!("\t\"zwölf\" \\\u{1b}[2J\r\n"));
    let hunk = &hunks(Some(&old), Some(&new))[0];
    assert_eq!(hunk.old, ["\tone"]);
    assert_eq!(hunk.new, ["\t\"zwölf\" \\\\u{1b}[2J\\r"]);
}

#[test]
fn a_value_of_another_type_is_one_hunk() {
    let old = json!({"a": {"b": 1}, "c": [1], "d": null});
    let new = json!({"a": "b", "c": {"0": 1}, "d": {"e": 1}});
    insta::assert_snapshot!(told(&old, &new), @r#"
    .a
    - a:
    -   b: 1
    + a: b
    .c
    - c:
    - - 1
    + c:
    +   "0": 1
    .d
    - d: null
    + d:
    +   e: 1
    "#);
}

#[test]
fn a_hunk_contains_what_one_of_its_lines_contains() {
    let old = json!({"a": "one\ntwo\n"});
    let new = json!({"a": "one\nthree\n"});
    let hunk = &hunks(Some(&old), Some(&new))[0];
    assert!(hunk.contains("two") && hunk.contains("hre") && !hunk.contains("one"));
}

proptest! {
    #[test]
    fn all_hunks_make_the_new_value_and_none_the_old_one(
        (old, new) in (option::of(object()), option::of(object())),
    ) {
        prop_assert_eq!(&merge(old.as_ref(), new.as_ref(), &mut |_| true), &new);
        prop_assert_eq!(&merge(old.as_ref(), new.as_ref(), &mut |_| false), &old);
    }

    #[test]
    fn equal_values_have_no_hunks_and_others_have_some((old, new) in (object(), object())) {
        prop_assert_eq!(hunks(Some(&old), Some(&old)), []);
        prop_assert_eq!(hunks(Some(&old), Some(&new)).is_empty(), old == new);
    }

    #[test]
    fn no_two_hunks_are_the_same((old, new) in (object(), object())) {
        let hunks = hunks(Some(&old), Some(&new));
        let set: BTreeSet<&Hunk> = hunks.iter().collect();
        prop_assert_eq!(set.len(), hunks.len());
    }

    #[test]
    fn a_set_of_hunks_has_one_outcome(
        (old, new, chosen) in (object(), object(), vec(any::<bool>(), 40)),
    ) {
        let hunks = hunks(Some(&old), Some(&new));
        let mut some: Vec<&Hunk> = hunks.iter().zip(chosen).filter(|(_, yes)| *yes)
            .map(|(hunk, _)| hunk).collect();
        let once = merge(Some(&old), Some(&new), &mut |hunk| some.contains(&hunk));
        some.reverse();
        let again = merge(Some(&old), Some(&new), &mut |hunk| some.contains(&hunk));
        prop_assert_eq!(once, again);
    }

    #[test]
    fn one_more_hunk_changes_something_and_only_under_its_path(
        (old, new, chosen, one) in (object(), object(), vec(any::<bool>(), 40), any::<prop::sample::Index>()),
    ) {
        let all = hunks(Some(&old), Some(&new));
        prop_assume!(!all.is_empty());
        let one = one.get(&all);
        let some: Vec<&Hunk> = all.iter().zip(chosen).filter(|(_, yes)| *yes)
            .map(|(hunk, _)| hunk).collect();
        let without = merge(Some(&old), Some(&new), &mut |hunk| hunk != one && some.contains(&hunk));
        let with = merge(Some(&old), Some(&new), &mut |hunk| hunk == one || some.contains(&hunk));
        let changed = hunks(without.as_ref(), with.as_ref());
        prop_assert!(!changed.is_empty());
        for hunk in changed {
            let rest = hunk.path.strip_prefix(&one.path);
            let is_under = rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
            prop_assert!(is_under, "{} is not under {}", hunk.path, one.path);
        }
    }

    #[test]
    fn a_path_leads_to_its_field((old, new) in (object(), object())) {
        for hunk in hunks(Some(&old), Some(&new)) {
            let path: FieldPath = hunk.path.parse().map_err(TestCaseError::fail)?;
            let found = |value| !path.values(value).is_empty();
            let (in_old, in_new) = (!hunk.old.is_empty(), !hunk.new.is_empty());
            prop_assert!(!in_old || found(&old), "no {path} in {old}");
            prop_assert!(!in_new || found(&new), "no {path} in {new}");
        }
    }
}

/// A map with few fields and few values, so that two of them have much in common.
fn object() -> impl Strategy<Value = Value> {
    let scalar = || {
        prop_oneof![
            Just(Value::Null),
            (0..3).prop_map(Value::from),
            "[ab]".prop_map(Value::from)
        ]
    };
    let text = "([ab]?\n){0,5}[ab]?".prop_map(Value::from);
    let list = vec(scalar(), 0..5).prop_map(Value::from);
    let map = |value: BoxedStrategy<Value>| {
        btree_map("a|b|a\\.b|'|[0-9]", value, 0..4)
            .prop_map(|map| Value::Object(map.into_iter().collect()))
    };
    let leaf = prop_oneof![scalar(), list.clone(), map(scalar().boxed())];
    let tree = map(prop_oneof![leaf.clone(), map(leaf.clone().boxed())].boxed());
    let env = list_of([("name", name().boxed()), ("value", scalar().boxed())]);
    let port = (0..3).prop_map(Value::from).boxed();
    let protocol = "TCP|UDP".prop_map(Value::from).boxed();
    let ports = list_of([
        ("port", port),
        ("protocol", protocol),
        ("name", name().boxed()),
    ]);
    let claims = name().prop_map(|name| json!({"name": name})).boxed();
    let claims = list_of([("metadata", claims), ("spec", leaf.boxed())]);
    let containers = list_of([
        ("name", name().boxed()),
        ("env", env.boxed()),
        ("ports", ports.boxed()),
        ("args", list.boxed()),
    ]);
    map_of([
        ("data", map(text.boxed()).boxed()),
        ("spec", tree.boxed()),
        ("containers", containers.boxed()),
        ("volumeClaimTemplates", claims.boxed()),
    ])
}

fn name() -> impl Strategy<Value = Value> {
    "[ab']".prop_map(Value::from)
}

fn list_of<const N: usize>(
    fields: [(&'static str, BoxedStrategy<Value>); N],
) -> impl Strategy<Value = Value> + Clone {
    vec(map_of(fields), 0..4).prop_map(Value::from)
}

/// A map of which each field is mostly there.
fn map_of<const N: usize>(
    fields: [(&'static str, BoxedStrategy<Value>); N],
) -> impl Strategy<Value = Value> + Clone {
    let names = fields.clone().map(|(name, _)| name);
    let values: Vec<_> = fields
        .into_iter()
        .map(|(_, value)| option::weighted(0.8, value))
        .collect();
    values.prop_map(move |values| {
        let fields = names.iter().zip(values);
        let there = fields.filter_map(|(name, value)| Some(((*name).to_owned(), value?)));
        Value::Object(there.collect())
    })
}
