use super::*;
use crate::lint::api_schema::Kinds;

/// What is wrong with a test of a field of a kind.
fn wrong(kind: &str, field: &str) -> Option<String> {
    let field: FieldTest = serde_saphyr::from_str(field).unwrap();
    let shape = Kinds::default().shapes(kind, None)[0];
    match end(field.path.query(), kind, shape) {
        Err(misfit) => Some(format!("{}; {}", misfit.message, misfit.help)),
        Ok(end) => values(&field, kind, end)
            .err()
            .map(|(key, _, misfit)| format!("{key}: {}; {}", misfit.message, misfit.help)),
    }
}

#[test]
fn a_path_that_objects_have_is_right() {
    for field in [
        "{path: .status.phase, is: Pending}",
        "{path: \".status.conditions[?@.type=='Ready'].status\", is: 'False'}",
        "{path: \".status.conditions[?(@.type=='Ready' && @.status=='False')].reason\", is: x}",
        "{path: \".status.containerStatuses[?@.name=='a'].restartCount\", at_least: 1}",
        "{path: '.status.containerStatuses[*].state.terminated.exitCode', in: [1, 137]}",
        "{path: '.status.containerStatuses[?@.state.waiting].name', exists: true}",
        "{path: '.metadata.annotations.any', is: '1'}",
        "{path: \".metadata.labels['a.b/c']\", at_least: 1}",
        "{path: '.spec.containers[0].ports[0].containerPort', is: 80}",
        "{path: '..reason', is: Evicted}",
        "{path: '.spec.containers[*].resources.limits.memory', is: 1Gi}",
    ] {
        assert_eq!(wrong("Pod", field), None, "{field}");
    }
}

#[test]
fn a_path_that_no_object_has_is_told_with_the_nearest() {
    for (field, expected) in [
        (
            "{path: .status.phse, is: Pending}",
            "a Pod has no field `.status.phse`; did you mean `phase`? fields of .status: ",
        ),
        (
            "{path: .satus.phase, is: Pending}",
            "a Pod has no field `.satus`; did you mean `status`? fields of it: ",
        ),
        (
            "{path: .status.containerStatuses.restartCount, is: 1}",
            "`.status.containerStatuses` of a Pod is a list; choose its entries first",
        ),
        (
            "{path: '.status[0]', is: 1}",
            "`.status` of a Pod is a mapping; name one of its fields",
        ),
        (
            "{path: .status.phase.reason, is: 1}",
            "`.status.phase` of a Pod is a text; end the path here",
        ),
        (
            "{path: \".status.conditions[?@.tpye=='Ready'].status\", is: 'True'}",
            "a Pod has no field `.status.conditions[*].tpye`; did you mean `type`?",
        ),
        (
            "{path: '.status.containerStatuses[?@.state.wating].name', exists: true}",
            "a Pod has no field `.status.containerStatuses[*].state.wating`; did you mean `waiting`?",
        ),
        (
            "{path: \".status.conditions['type','sttus']\", is: x}",
            "`.status.conditions` of a Pod is a list",
        ),
        (
            "{path: \".status['phase','phse']\", is: x}",
            "a Pod has no field `.status.phse`",
        ),
    ] {
        let wrong = wrong("Pod", field).unwrap_or_default();
        assert!(wrong.starts_with(expected), "{field}\n{wrong}");
    }
}

#[test]
fn a_value_that_never_stands_there_is_told() {
    for (field, expected) in [
        (
            "{path: '.status.containerStatuses[*].restartCount', is: '1'}",
            "is: `.status.containerStatuses[*].restartCount` of a Pod is a whole number, never \
             `\"1\"`; write a number, without quotes",
        ),
        (
            "{path: '.status.containerStatuses[*].lastState.terminated.exitCode', in: [1, '2']}",
            "in: `.status.containerStatuses[*].lastState.terminated.exitCode` of a Pod is a whole \
             number, never `\"2\"`; write a number, without quotes",
        ),
        (
            "{path: '.status.conditions[*].status', is: true}",
            "is: `.status.conditions[*].status` of a Pod is a text, never `true`; write it in \
             quotes: `'True'`",
        ),
        (
            "{path: '.status.containerStatuses[*].ready', is: 'true'}",
            "is: `.status.containerStatuses[*].ready` of a Pod is true or false, never \
             `\"true\"`; write `true` or `false`, without quotes",
        ),
        (
            "{path: '.status.containerStatuses[*].restartCount', contains: '1'}",
            "contains: `.status.containerStatuses[*].restartCount` of a Pod is a whole number, \
             and `contains` looks into texts; use `is`, `at_least` or `exists`",
        ),
        (
            "{path: .status.phase, at_least: 1}",
            "at_least: `.status.phase` of a Pod is a text, and `at_least` compares numbers; use \
             `is`, `in` or `contains`",
        ),
        (
            "{path: .status.conditions, is: x}",
            "is: `.status.conditions` of a Pod is a list, never `\"x\"`; choose its entries \
             first, for example `[0]`, `[*]` or `[?@.name=='web']`",
        ),
        (
            "{path: \".status.containerStatuses[?@.restartCount=='1'].name\", is: web}",
            "`.status.containerStatuses[*].restartCount` of a Pod is a whole number, never \
             `\"1\"`; write a number, without quotes",
        ),
    ] {
        assert_eq!(wrong("Pod", field).as_deref(), Some(expected), "{field}");
    }
}

#[test]
fn the_containers_that_a_path_names_are_found() {
    let named = |path: &str| {
        let path: crate::scenario::FieldPath = path.parse().unwrap();
        let names = containers(path.query());
        names.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        named(".status.containerStatuses[?@.name=='web'].state"),
        ["web"]
    );
    assert_eq!(
        named(".spec.template.spec.initContainers[?('a'==@.name || @.name=='b')].image"),
        ["a", "b"]
    );
    assert!(named(".status.containerStatuses[?@.name!='web'].state").is_empty());
    assert!(named(".status.conditions[?@.name=='web'].state").is_empty());
}
