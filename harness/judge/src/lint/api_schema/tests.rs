use std::path::Path;

use super::*;

fn file(text: &str) -> ManifestFile {
    ManifestFile::parse(Path::new("x.yaml"), text.to_owned()).unwrap()
}

fn shape<'a>(kinds: &Kinds<'a>, kind: &str) -> Shape<'a> {
    kinds.shapes(kind, None)[0]
}

/// The form at the end of field names; `*` is an entry.
fn form(shape: Shape<'_>, path: &str) -> Option<FieldForm> {
    let mut steps = path.split('.');
    steps
        .try_fold(shape, |shape, step| match step {
            "*" => Some(shape.entry()),
            name => shape.field(name),
        })
        .map(Shape::form)
}

#[test]
fn the_api_is_that_of_the_newest_version_that_relapse_makes() {
    let newest = crate::scenario::MINORS.into_iter().max().unwrap();
    let first = TEXT.lines().next().unwrap();
    assert!(
        first.contains(&format!("Kubernetes v{newest}.")),
        "run ci/api-schema: {first}"
    );
}

#[test]
fn a_field_of_the_api_has_a_form() {
    let kinds = Kinds::default();
    let pod = shape(&kinds, "Pod");
    for (path, expected) in [
        ("status", FieldForm::Mapping),
        ("status.phase", FieldForm::Text),
        ("status.containerStatuses", FieldForm::List),
        ("status.containerStatuses.*.restartCount", FieldForm::Whole),
        ("status.containerStatuses.*.ready", FieldForm::Boolean),
        ("metadata.labels.any", FieldForm::Text),
        ("spec.containers.*.ports.*.containerPort", FieldForm::Whole),
        (
            "spec.containers.*.resources.limits.cpu",
            FieldForm::Quantity,
        ),
        (
            "spec.containers.*.livenessProbe.httpGet.port",
            FieldForm::Any,
        ),
    ] {
        assert_eq!(form(pod, path), Some(expected), "{path}");
    }
    assert_eq!(form(pod, "status.fase"), None);
}

#[test]
fn a_kind_of_several_groups_is_that_of_the_manifests() {
    let event = Kinds::default().shapes("Event", None).len();
    assert_eq!(event, 2, "of v1 and of events.k8s.io");
    let text = "{apiVersion: events.k8s.io/v1, kind: Event, metadata: {name: a}}";
    let files = [file(text)];
    assert_eq!(Kinds::of(&files).shapes("Event", None).len(), 1);
    assert_eq!(Kinds::of(&files).shapes("Event", Some("v1")).len(), 1);
}

const DEFINITION: &str = "
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: pumps.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Pump, plural: pumps}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                speed: {type: integer}
                free: {type: object, x-kubernetes-preserve-unknown-fields: true}
                settings: {type: object, additionalProperties: {type: string}}
";

#[test]
fn a_custom_resource_is_as_its_definition_says() {
    let files = [file(DEFINITION)];
    let kinds = Kinds::of(&files);
    let pump = shape(&kinds, "Pump");
    for (path, expected) in [
        ("spec.speed", Some(FieldForm::Whole)),
        ("spec.sped", None),
        ("spec.free.any.thing", Some(FieldForm::Any)),
        ("spec.settings.any", Some(FieldForm::Text)),
        ("metadata.name", Some(FieldForm::Text)),
        ("metadata.nmae", None),
        ("status", None),
    ] {
        assert_eq!(form(pump, path), expected, "{path}");
    }
}

#[test]
fn a_resource_without_a_definition_is_anything() {
    let files = [file(
        "{apiVersion: example.com/v1, kind: Job, metadata: {name: a}}",
    )];
    let kinds = Kinds::of(&files);
    assert_eq!(form(shape(&kinds, "Job"), "spec.any"), Some(FieldForm::Any));
    assert!(matches!(kinds.known(&files[0].objects[0]), Known::Unknown));
}

#[test]
fn a_kind_or_version_that_is_not_there_is_told_with_those_that_are() {
    let instead = |text: &str| {
        let files = [file(text), file(DEFINITION)];
        match Kinds::of(&files).known(&files[0].objects[0]) {
            Known::IsNot { instead } => instead.into_iter().map(str::to_owned).collect(),
            Known::IsNotDefined { instead } => instead,
            _ => Vec::new(),
        }
    };
    let kinds = instead("{apiVersion: apps/v1, kind: Deploymnet, metadata: {name: a}}");
    assert!(kinds.contains(&"Deployment".to_owned()), "{kinds:?}");
    let versions = instead("{apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: a}}");
    assert_eq!(versions, ["batch/v1"]);
    let defined = instead("{apiVersion: example.com/v2, kind: Pump, metadata: {name: a}}");
    assert_eq!(defined, ["example.com/v1 Pump"]);
}
