//! The beginning of a phase, read from the API server.

use std::time::Duration;

use relapse::watch::{MarkError, mark};
use relapse_judge::phase::Phase;
use serde_json::json;
use tokio::time::Instant;

use crate::script::{Answer, Script};

const READ: &str = "GET /api/v1/namespaces?limit=1&!resourceVersion";

fn list(version: &str) -> Answer {
    Answer::json(&json!({
        "kind": "NamespaceList", "apiVersion": "v1", "metadata": {"resourceVersion": version},
        "items": [{"metadata": {"name": "default"}, "spec": {"finalizers": ["kubernetes"]}}],
    }))
}

fn listed(version: &str) -> Answer {
    list(version).dated("Fri, 20 Nov 2026 10:00:07 GMT")
}

#[tokio::test(start_paused = true)]
async fn a_phase_begins_at_the_servers_revision_and_time() {
    let (client, server) = Script::default().on(READ, listed("4711")).play();
    let marked = mark(&client, Phase::Remedy).await.unwrap();
    assert_eq!(marked.phase, Phase::Remedy);
    assert_eq!(marked.resource_version, 4711);
    assert_eq!(marked.server_time.to_string(), "2026-11-20T10:00:07Z");
    server.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn a_server_that_gets_well_is_waited_for() {
    let script = Script::default()
        .on(
            READ,
            Answer::failure(429, "TooManyRequests", "too many requests"),
        )
        .on(
            READ,
            Answer::failure(500, "InternalError", "etcdserver: request timed out"),
        )
        .on(READ, Answer::refused())
        .on(READ, listed("12"));
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
    for answer in [unwell, Answer::text(502, "bad gateway")] {
        let (client, _server) = Script::default().on_each(READ, answer).play();
        let begun = Instant::now();
        let error = mark(&client, Phase::Control).await.unwrap_err();
        assert!(matches!(error, MarkError::Deadline { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("not listed within 30 s; last seen: 50"),
            "{error}"
        );
        assert_eq!(begun.elapsed(), Duration::from_secs(30));
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_answers_ends_at_the_deadline() {
    let (client, _server) = Script::default().on(READ, listed("1").after(3600)).play();
    let error = mark(&client, Phase::Control).await.unwrap_err().to_string();
    assert!(
        error.contains("last seen: no answer; look whether"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_final_and_says_what_to_grant() {
    let refused = Answer::failure(403, "Forbidden", "namespaces is forbidden");
    let (client, server) = Script::default().on(READ, refused).play();
    let error = mark(&client, Phase::SteadyState).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "cannot tell when the phase steady state begins: the API server refuses to list namespaces: \
         403 namespaces is forbidden; grant the kubeconfig's user the verb list on namespaces"
    );
    server.expect_end().await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_time_or_a_revision_is_no_mark() {
    let soon = listed("1").dated("soon");
    for (answer, missing) in [
        (list("1"), "Date"),
        (soon, "Date"),
        (listed(""), "resourceVersion"),
        (listed("latest"), "resourceVersion"),
    ] {
        let (client, _server) = Script::default().on(READ, answer).play();
        let error = mark(&client, Phase::Fault).await.unwrap_err().to_string();
        assert!(error.contains(missing), "{error}");
    }
}
