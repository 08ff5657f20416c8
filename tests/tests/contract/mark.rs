//! The beginning of a phase, written into the cluster.

use std::time::Duration;

use relapse::watch::{MarkError, mark};
use relapse::witness::Phase;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::script::{Answer, Script};

const WRITE: &str = "PATCH /api/v1/namespaces/kube-system/configmaps/relapse-phase?\
    force=true&fieldManager=relapse-phase";

fn written(version: &str) -> Answer {
    Answer::json(&map(version))
}

fn map(version: &str) -> Value {
    json!({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {
        "name": "relapse-phase", "namespace": "kube-system", "resourceVersion": version,
        "managedFields": [{"manager": "relapse-phase", "operation": "Apply",
            "apiVersion": "v1", "time": "2026-11-20T10:00:07Z", "fieldsType": "FieldsV1",
            "fieldsV1": {}}]}})
}

fn conflict() -> Answer {
    Answer::failure(409, "Conflict", "the object has been modified")
}

#[tokio::test(start_paused = true)]
async fn a_phase_begins_at_the_servers_revision_and_time() {
    let (client, server) = Script::default().on(WRITE, written("4711")).play();
    let marked = mark(&client, Phase::Remedy).await.unwrap();
    assert_eq!(marked.phase, Phase::Remedy);
    assert_eq!(marked.resource_version, 4711);
    assert_eq!(marked.server_time.to_string(), "2026-11-20T10:00:07Z");
    let body = server.bodies().remove(0);
    assert_eq!(body["kind"], "ConfigMap");
    assert_eq!(body["data"]["phase"], "remedy");
    server.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_phase_that_begins_again_is_another_change_and_so_another_revision() {
    let script = Script::default()
        .on(WRITE, written("1"))
        .on(WRITE, written("2"));
    let (client, server) = script.play();
    mark(&client, Phase::Trials).await.unwrap();
    mark(&client, Phase::Trials).await.unwrap();
    let bodies = server.bodies();
    assert_ne!(bodies[0], bodies[1]);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_tried_again_at_once() {
    let script = Script::default()
        .on(WRITE, conflict())
        .on(WRITE, conflict())
        .on(WRITE, written("12"));
    let (client, server) = script.play();
    let begun = Instant::now();
    let marked = mark(&client, Phase::Fault).await.unwrap();
    assert_eq!(marked.resource_version, 12);
    assert_eq!(begun.elapsed(), Duration::ZERO);
    server.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_gets_well_is_waited_for() {
    let script = Script::default()
        .on(
            WRITE,
            Answer::failure(429, "TooManyRequests", "too many requests"),
        )
        .on(
            WRITE,
            Answer::failure(500, "InternalError", "etcdserver: request timed out"),
        )
        .on(WRITE, Answer::refused())
        .on(WRITE, written("12"));
    let (client, server) = script.play();
    let begun = Instant::now();
    mark(&client, Phase::Fault).await.unwrap();
    assert!(
        begun.elapsed() < Duration::from_secs(1),
        "{:?}",
        begun.elapsed()
    );
    server.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_stays_unwell_ends_at_a_deadline_that_tells_the_last_answer() {
    let unwell = Answer::failure(503, "ServiceUnavailable", "apiserver not ready");
    for answer in [unwell, conflict()] {
        let (client, _server) = Script::default().on_each(WRITE, answer).play();
        let begun = Instant::now();
        let error = mark(&client, Phase::Control).await.unwrap_err();
        assert!(matches!(error, MarkError::Deadline { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("not written within 30 s; last seen: "),
            "{error}"
        );
        assert_eq!(begun.elapsed(), Duration::from_secs(30));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_ends_at_the_deadline() {
    let (client, _server) = Script::default().on(WRITE, written("1").after(3600)).play();
    let error = mark(&client, Phase::Control).await.unwrap_err().to_string();
    assert!(
        error.contains("last seen: no answer; look whether"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final_and_says_what_to_grant() {
    let refused = Answer::failure(403, "Forbidden", "configmaps is forbidden");
    let (client, server) = Script::default().on(WRITE, refused).play();
    let error = mark(&client, Phase::SteadyState).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot mark the beginning of the phase steady state: the API server refuses to write \
         ConfigMap kube-system/relapse-phase: 403 configmaps is forbidden; grant the kubeconfig's \
         user the verbs create and patch on it"
    );
    server.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_time_is_no_mark() {
    let mut map = map("1");
    map["metadata"]["managedFields"] = json!([]);
    let (client, _server) = Script::default().on(WRITE, Answer::json(&map)).play();
    let error = mark(&client, Phase::Fault).await.unwrap_err().to_string();
    assert!(error.contains("has no time in managedFields"), "{error}");
}
