//! Kinds that the API server may not serve yet, and Secrets.

use serde_json::Value;

use super::*;

const DEFINITIONS: &str = "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions?limit=500";
const WIDGETS: &str = "GET /apis/example.com/v1/widgets?limit=500";
const WIDGETS_AFTER_20: &str = "GET /apis/example.com/v1/widgets?watch=true&resourceVersion=20";

fn definitions_after(version: u64) -> String {
    format!(
        "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions?watch=true&\
         resourceVersion={version}"
    )
}

fn widgets() -> Scope {
    Scope::default().with_custom("example.com/v1", "Widget")
}

fn definition(version: u64, established: &str) -> Value {
    let mut definition = object("widgets.example.com", version);
    definition["spec"] = json!({"group": "example.com",
        "names": {"kind": "Widget", "plural": "widgets"},
        "versions": [{"name": "v1", "served": true, "storage": true}]});
    let condition = json!({"type": "Established", "status": established});
    definition["status"] = json!({"conditions": [condition]});
    definition
}

fn not_found() -> Answer {
    Answer::text(404, "404 page not found")
}

#[tokio::test(start_paused = true)]
async fn a_kind_is_seen_from_when_its_definition_is_established() {
    let script = Script::default()
        .on(DEFINITIONS, listed(10, &[]))
        .on(
            &definitions_after(10),
            Answer::stream([
                event("ADDED", &definition(11, "False")),
                event("MODIFIED", &definition(12, "True")),
                Part::Open,
            ])
            .after(5),
        )
        // It is served a moment after it is established.
        .on(WIDGETS, not_found())
        .on(WIDGETS, listed(20, &[("first", 15)]))
        .on(WIDGETS_AFTER_20, open());
    let mut watching = Watching::start(widgets(), script);
    // The experiment begins without it.
    assert_eq!(watching.observer.synced().await, Ok(()));
    watching
        .expect(&[
            "applied CustomResourceDefinition widgets.example.com@11",
            "applied CustomResourceDefinition widgets.example.com@12",
            "applied Widget first@15",
            r#"Watching { kinds: ["Widget.example.com"], awaited: [] }"#,
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_kind_whose_definition_is_there_from_the_start_is_listed_before_anything_begins() {
    let defined = list(10, &[definition(9, "True")]);
    let script = Script::default()
        .on(DEFINITIONS, Answer::json(&defined))
        .on(&definitions_after(10), open())
        .on(WIDGETS, listed(20, &[("first", 15)]).after(3))
        .on(WIDGETS_AFTER_20, open());
    let mut watching = Watching::start(widgets(), script);
    let begun = Instant::now();
    assert_eq!(watching.observer.synced().await, Ok(()));
    assert!(begun.elapsed() >= Duration::from_secs(3));
    watching
        .expect(&[
            "applied CustomResourceDefinition widgets.example.com@9",
            "applied Widget first@15",
            r#"Watching { kinds: ["Widget.example.com"], awaited: [] }"#,
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn what_is_left_of_a_kind_ends_with_its_definition_and_is_no_gap() {
    let defined = list(10, &[definition(9, "True")]);
    let gone = Answer::stream([event("DELETED", &definition(30, "True")), Part::Open]);
    let script = Script::default()
        .on(DEFINITIONS, Answer::json(&defined))
        .on(&definitions_after(10), gone.after(1))
        .on(WIDGETS, listed(20, &[("first", 15)]))
        .on(
            WIDGETS_AFTER_20,
            Answer::stream([Part::Wait(Duration::from_secs(2)), Part::Cut]),
        )
        .on(WIDGETS_AFTER_20, not_found());
    let mut watching = Watching::start(widgets(), script);
    watching
        .expect(&[
            "applied CustomResourceDefinition widgets.example.com@9",
            "applied Widget first@15",
            r#"Watching { kinds: ["Widget.example.com"], awaited: [] }"#,
            "deleted CustomResourceDefinition widgets.example.com@30",
            "gap in watch of Widget.example.com: connection reset by peer",
            "deleted Widget first@15",
            "resumed watch of Widget.example.com: the API server does not serve this kind any more",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn of_a_secret_nothing_is_asked_for_but_its_metadata() {
    let kind = GroupVersionKind::gvk("", "v1", "Secret");
    let mut secret = object("token", 5);
    secret["metadata"]["annotations"] = json!({"team": "shop",
        "kubectl.kubernetes.io/last-applied-configuration": "{\"data\": {\"key\": \"c2VjcmV0\"}}"});
    let script = Script::default()
        .on(
            "GET /api/v1/secrets?limit=500",
            Answer::json(&list(10, &[secret])),
        )
        .on("GET /api/v1/secrets?watch=true&resourceVersion=10", open());
    let scope = Scope::default().with(ApiResource::from_gvk(&kind));
    let mut watching = Watching::start(scope, script);
    let Observation::Object(change) = watching.next().await else {
        panic!("no object")
    };
    let metadata = json!({"name": "token", "namespace": "default", "uid": "uid-of-token",
        "resourceVersion": "5", "annotations": {"team": "shop"}});
    assert_eq!(
        change.object,
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": metadata})
    );
    watching.expect_no_more().await;
    for accepted in watching.server.accepted() {
        assert!(accepted.contains("as=PartialObjectMetadata"), "{accepted}");
    }
}
