use std::path::Path;

use super::*;

/// What is wrong with a manifest, as `line:column message; help`.
fn wrong(text: &str) -> Vec<String> {
    let file = ManifestFile::parse(Path::new("x.yaml"), text.to_owned()).unwrap();
    let mut mistakes = Mistakes::of(Path::new("s.yaml"), "");
    let kinds = Kinds::of([&file]);
    let mut found = FieldLint {
        file: &file,
        documents: None,
        mistakes: &mut mistakes,
    };
    for object in &file.objects {
        found.object(object, &kinds);
    }
    let found = mistakes.found();
    let told = found.into_iter().map(|one| {
        let help = one.help.clone().unwrap_or_default();
        let help = help.split(':').next().unwrap_or_default();
        format!("{}:{} {}; {help}", one.line, one.column, one.message)
    });
    told.collect()
}

const POD: &str = "---
# a comment
apiVersion: v1
kind: Pod
metadata: {name: web, creationTimestamp: null, labels: {a: b}}
spec:
  containers:
    - name: web
      args: [\"1\"]
      resources: {limits: {cpu: 1, memory: 1Gi}}
      readinessProbe: {httpGet: {port: http}}
      stdin: yes
";

#[test]
fn a_right_manifest_is_right() {
    assert!(wrong(POD).is_empty());
}

#[test]
fn a_misspelt_field_is_told_where_its_key_is() {
    let text = POD.replace("resources:", "resuorces:");
    assert_eq!(
        wrong(&text),
        [
            "10:7 Pod web has an unknown field `.spec.containers[0].resuorces`; \
          did you mean `resources`? fields of `.spec.containers[0]`"
        ]
    );
}

#[test]
fn a_value_of_another_form_is_told_where_it_is() {
    let text = POD.replace("\"1\"", "1").replace("a: b", "a: true");
    assert_eq!(
        wrong(&text),
        [
            "5:60 `.metadata.labels.a` of Pod web is a text, and not `true`; write it in quotes",
            "9:14 `.spec.containers[0].args[0]` of Pod web is a text, and not `1`; write it in quotes",
        ]
    );
}

#[test]
fn a_kind_of_another_version_is_told() {
    let text = POD.replace("apiVersion: v1", "apiVersion: apps/v1");
    assert_eq!(
        wrong(&text),
        ["4:7 Kubernetes has no Pod in apps/v1; kinds of apps/v1"]
    );
}
