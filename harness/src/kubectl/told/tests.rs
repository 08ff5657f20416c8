use serde_json::json;

use super::*;

fn wanted(objects: &[(&str, &str, &str)]) -> Vec<Wanted> {
    let wanted = |&(version, kind, name): &(&str, &str, &str)| {
        let (namespace, name) = name.split_once('/').unwrap_or(("", name));
        Wanted::of_object(&json!({"apiVersion": version, "kind": kind,
            "metadata": {"name": name, "namespace": namespace}}))
    };
    objects.iter().map(wanted).collect()
}

/// Which objects were accepted, and who was refused.
fn told(wanted: &[Wanted], stdout: &str, stderr: &str) -> (Vec<usize>, Vec<Refusal>) {
    let printed = Output {
        success: false,
        stdout: stdout.to_owned(),
        stderr: stderr.to_owned(),
    };
    let accepted = accepted(&printed, wanted);
    let refused = refusals(stderr, wanted, &accepted);
    (accepted, refused)
}

fn objects(refusals: &[Refusal]) -> Vec<String> {
    let object = |refusal: &Refusal| refusal.key.as_ref().map(ToString::to_string);
    let object = |refusal| object(refusal).unwrap_or_else(|| "the file".to_owned());
    refusals.iter().map(object).collect()
}

#[test]
fn one_of_several_is_refused_in_the_words_for_one() {
    let wanted = wanted(&[("v1", "ConfigMap", "a"), ("v1", "Service", "web")]);
    let stderr = "The Service \"web\" is invalid: \n* spec.ports[0].port: Invalid value: 0\n\
        * spec.ports: Required value\n";
    let (accepted, refused) = told(&wanted, "configmap/a\n", stderr);
    assert_eq!(accepted, [0]);
    assert_eq!(objects(&refused), ["Service web"]);
    assert!(refused[0].message.ends_with("spec.ports: Required value"));
}

#[test]
fn each_of_several_refused_objects_has_its_own_words() {
    let wanted = wanted(&[
        ("apps/v1", "Deployment", "web"),
        ("v1", "Service", "web"),
        ("v1", "Service", "db"),
    ]);
    let stderr = "Warning: metadata.finalizers: \"a\": prefer a domain-qualified name\n\
        Error from server (Invalid): error when creating \"STDIN\": Service \"web\" is invalid: no\n\
        Error from server (Forbidden): error when creating \"STDIN\": admission webhook denied:\n\
        \n\
        policy: say why\n";
    let (accepted, refused) = told(&wanted, "deployment.apps/web\n", stderr);
    assert_eq!(accepted, [0]);
    assert_eq!(objects(&refused), ["Service web", "Service db"]);
    assert!(refused[1].message.ends_with("policy: say why"));
}

#[test]
fn objects_that_the_words_do_not_name_are_told_by_their_order() {
    let wanted = wanted(&[
        ("apps/v1", "Deployment", "shop/web"),
        ("v1", "Namespace", "shop"),
        ("v1", "Service", "shop/db"),
    ]);
    let missing = "Error from server (NotFound): error when creating \"STDIN\": namespaces \"shop\" \
        not found\n";
    let (accepted, refused) = told(&wanted, "namespace/shop\nservice/db\n", missing);
    assert_eq!(accepted, [1, 2]);
    assert_eq!(objects(&refused), ["Deployment web in shop"]);
}

#[test]
fn kinds_that_are_unknown_are_told_before_all_other_refusals() {
    let wanted = wanted(&[
        ("v1", "Service", "web"),
        ("a.test/v1", "Widget", "first"),
        ("a.test/v1", "Widget", "second"),
    ]);
    let unknown = |name: &str| {
        format!(
            "resource mapping not found for name: \"{name}\" namespace: \"\" from \"STDIN\": no \
             matches for kind \"Widget\" in version \"a.test/v1\"\nensure CRDs are installed first"
        )
    };
    let alone = format!("error: {}\n", unknown("second"));
    let (accepted, refused) = told(&wanted, "service/web\nwidget.a.test/first\n", &alone);
    assert_eq!(accepted, [0, 1]);
    assert_eq!(objects(&refused), ["Widget.a.test second"]);
    let all = format!(
        "[{}, {}]\nError from server (Invalid): error when creating \"STDIN\": \"web\"\n",
        unknown("first"),
        unknown("second")
    );
    let (accepted, refused) = told(&wanted, "", &all);
    assert!(accepted.is_empty());
    assert_eq!(
        objects(&refused),
        ["Widget.a.test first", "Widget.a.test second", "Service web"]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused_as_a_whole() {
    let wanted = wanted(&[("v1", "ConfigMap", "a"), ("v1", "ConfigMap", "b")]);
    let stderr =
        "error: error parsing STDIN: error converting YAML to JSON: yaml: line 2: mapping\n";
    for (stdout, accepted_first) in [("", vec![]), ("configmap/a\n", vec![0])] {
        let (accepted, refused) = told(&wanted, stdout, stderr);
        assert_eq!(accepted, accepted_first);
        assert_eq!(objects(&refused), ["the file"]);
    }
}

#[test]
fn where_it_cannot_be_told_the_refusal_is_of_no_single_object() {
    let wanted = wanted(&[("v1", "ConfigMap", "a"), ("v1", "ConfigMap", "b")]);
    let (_, refused) = told(&wanted, "", "Unable to connect to the server: EOF\n");
    assert_eq!(objects(&refused), ["the file"]);
    let (_, refused) = told(&wanted, "", "");
    assert_eq!(objects(&refused), ["the file"]);
    assert!(refused[0].message.contains("said nothing"));
}

#[test]
fn of_two_with_one_name_the_words_tell_which_by_its_namespace() {
    let wanted = wanted(&[("v1", "Service", "a/web"), ("v1", "Service", "b/web")]);
    let missing = "Error from server (NotFound): error when creating \"STDIN\": namespaces \"a\" not \
        found\n";
    let (accepted, refused) = told(&wanted, "service/web\n", missing);
    assert_eq!(accepted, [1]);
    assert_eq!(refused[0].key.as_ref().unwrap().namespace, "a");
    let (accepted, _) = told(&wanted, "service/web\nservice/web\n", "");
    assert_eq!(accepted, [0, 1]);
}

#[test]
fn a_conflict_of_server_side_apply_keeps_all_of_its_lines() {
    let wanted = wanted(&[("apps/v1", "Deployment", "web")]);
    let stderr = "error: Apply failed with 1 conflict: conflict with \"hpa\": .spec.replicas\n\
        Please review the fields above--they currently have other managers. Here\n\
        are the ways you can resolve this warning:\n";
    let (_, refused) = told(&wanted, "", stderr);
    assert_eq!(objects(&refused), ["Deployment web"]);
    assert!(refused[0].message.contains("ways you can resolve"));
}
