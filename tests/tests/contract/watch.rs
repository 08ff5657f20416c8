//! Lists and watches.

mod custom;
mod refused;

use std::time::Duration;

use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use relapse::watch::{Scope, WatchError};
use relapse_judge::witness::Observation;
use serde_json::json;
use tokio::time::{Instant, timeout};

use crate::script::{Answer, Part, Script, failure};
use crate::witnessed::{Watching, bookmark, event, in_short, list, object};

const LIST: &str = "GET /apis/apps/v1/deployments?limit=500&!watch&!continue";

fn deployments() -> Scope {
    let kind = GroupVersionKind::gvk("apps", "v1", "Deployment");
    Scope::default().with(ApiResource::from_gvk(&kind))
}

fn watch(position: u64) -> String {
    format!(
        "GET /apis/apps/v1/deployments?watch=true&allowWatchBookmarks=true&resourceVersion={position}"
    )
}

fn listed(version: u64, names: &[(&str, u64)]) -> Answer {
    let objects: Vec<_> = names
        .iter()
        .map(|(name, version)| object(name, *version))
        .collect();
    Answer::json(&list(version, &objects))
}

fn open() -> Answer {
    Answer::stream([Part::Open])
}

#[tokio::test(start_paused = true)]
async fn objects_come_with_their_kind_and_without_managed_fields() {
    let script = Script::default()
        .on(LIST, listed(10, &[("web", 5)]))
        .on(&watch(10), open());
    let mut watching = Watching::start(deployments(), script);
    let Observation::Object(change) = watching.next().await else {
        panic!("no object")
    };
    assert_eq!(
        change.object,
        json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web",
            "namespace": "default", "uid": "uid-of-web", "resourceVersion": "5"}})
    );
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_cut_in_the_middle_resumes_at_the_last_version_with_no_duplicate() {
    let script = Script::default()
        .on(LIST, listed(10, &[("web", 5)]))
        .on(
            &watch(10),
            Answer::stream([
                event("MODIFIED", &object("web", 11)),
                event("ADDED", &object("db", 12)),
                Part::Cut,
            ]),
        )
        .on(
            &watch(12),
            Answer::stream([
                event("ADDED", &object("db", 12)),
                event("DELETED", &object("web", 13)),
                Part::Open,
            ]),
        );
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "applied Deployment web@5",
            "applied Deployment web@11",
            "applied Deployment db@12",
            "gap in watch of Deployment: connection reset by peer",
            "resumed watch of Deployment: resumed where it broke; nothing is lost",
            "deleted Deployment web@13",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_the_server_ends_at_its_time_limit_is_no_gap() {
    let script = Script::default()
        .on(LIST, listed(10, &[]))
        .on(
            &watch(10),
            Answer::stream([
                event("ADDED", &object("web", 11)),
                Part::Wait(Duration::from_mins(1)),
            ]),
        )
        .on(
            &watch(11),
            Answer::stream([event("MODIFIED", &object("web", 14)), Part::Open]),
        );
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&["applied Deployment web@11", "applied Deployment web@14"])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_connection_is_left_after_the_time_limit_of_the_watch() {
    let script = Script::default()
        .on(LIST, listed(10, &[]))
        .on(&watch(10), open())
        .on(
            &watch(10),
            Answer::stream([event("ADDED", &object("web", 11)), Part::Open]),
        );
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "gap in watch of Deployment: nothing came for 65 s",
            "resumed watch of Deployment: resumed where it broke; nothing is lost",
            "applied Deployment web@11",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_resumes_at_its_last_bookmark() {
    let script = Script::default()
        .on(LIST, listed(10, &[]))
        .on(&watch(10), Answer::stream([bookmark(40), Part::Cut]))
        .on(&watch(40), open());
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "gap in watch of Deployment: connection reset by peer",
            "resumed watch of Deployment: resumed where it broke; nothing is lost",
        ])
        .await;
    watching.expect_no_more().await;
}

/// The API server says 410 inside the watch; a proxy before it may say it as the status.
async fn lists_again_after(gone: Answer, says: &str) {
    let script = Script::default()
        .on(
            LIST,
            listed(10, &[("same", 3), ("changed", 4), ("vanished", 5)]),
        )
        .on(&watch(10), gone)
        .on(LIST, listed(90, &[("changed", 80), ("same", 3)]))
        .on(&watch(90), open());
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "applied Deployment same@3",
            "applied Deployment changed@4",
            "applied Deployment vanished@5",
            &format!("gap in watch of Deployment: {says}"),
            "deleted Deployment vanished@5",
            "applied Deployment changed@80",
            "resumed watch of Deployment: listed again; states in between may be lost",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn after_410_gone_in_a_watch_the_list_tells_what_changed_and_what_vanished() {
    let status = failure(410, "Expired", "too old resource version: 10 (70)");
    let gone = Answer::stream([event("ERROR", &status)]);
    lists_again_after(gone, "410 too old resource version: 10 (70)").await;
}

#[tokio::test(start_paused = true)]
async fn a_restarted_server_that_accepts_a_watch_and_then_says_410_does_not_end_the_gap_before_the_list()
 {
    let status = failure(410, "Expired", "too old resource version: 10 (70)");
    let script = Script::default()
        .on(LIST, listed(10, &[("web", 5)]))
        .on(&watch(10), Answer::stream([Part::Cut]))
        .on(&watch(10), Answer::refused())
        .on(&watch(10), Answer::stream([event("ERROR", &status)]))
        .on(LIST, listed(90, &[("web", 80)]))
        .on(&watch(90), open());
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "applied Deployment web@5",
            "gap in watch of Deployment: connection reset by peer",
            "applied Deployment web@80",
            "resumed watch of Deployment: listed again; states in between may be lost",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn after_410_gone_as_the_status_of_a_watch_the_list_tells_what_changed_and_what_vanished() {
    let gone = Answer::failure(410, "Expired", "too old resource version: 10 (70)");
    lists_again_after(gone, "410 too old resource version: 10 (70)").await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_is_refused_for_overload_is_one_gap_however_often_it_is_tried() {
    let overload = Answer::failure(429, "TooManyRequests", "too many requests");
    let script = Script::default()
        .on(LIST, overload.clone())
        .on(LIST, overload)
        .on(
            LIST,
            Answer::failure(500, "InternalError", "etcdserver: leader changed"),
        )
        .on(LIST, Answer::refused())
        .on(LIST, listed(10, &[("web", 5)]))
        .on(&watch(10), open());
    let begun = Instant::now();
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "gap in watch of Deployment: 429 too many requests",
            "applied Deployment web@5",
            "resumed watch of Deployment: listed again; states in between may be lost",
        ])
        .await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_fails_with_429_and_500_is_a_gap_and_resumes_at_the_same_version() {
    let script = Script::default()
        .on(LIST, listed(10, &[]))
        .on(
            &watch(10),
            Answer::failure(429, "TooManyRequests", "too many requests"),
        )
        .on(&watch(10), Answer::text(500, "upstream died"))
        .on(
            &watch(10),
            Answer::stream([event("ADDED", &object("web", 11)), Part::Open]),
        );
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "gap in watch of Deployment: 429 too many requests",
            "resumed watch of Deployment: resumed where it broke; nothing is lost",
            "applied Deployment web@11",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_a_watch_is_a_gap_and_resumes() {
    let status = failure(500, "InternalError", "etcdserver: no leader");
    let script = Script::default()
        .on(LIST, listed(10, &[]))
        .on(&watch(10), Answer::stream([event("ERROR", &status)]))
        .on(&watch(10), open());
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&[
            "gap in watch of Deployment: 500 etcdserver: no leader",
            "resumed watch of Deployment: resumed where it broke; nothing is lost",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_known_before_a_slow_list_has_come() {
    let script = Script::default()
        .on(LIST, listed(10, &[]).after(20))
        .on(&watch(10), open());
    let mut watching = Watching::start(deployments(), script);
    let early = timeout(Duration::from_secs(19), watching.observer.synced()).await;
    assert!(early.is_err());
    assert_eq!(watching.observer.unsynced(), ["watch of Deployment"]);
    let late = timeout(Duration::from_secs(2), watching.observer.synced()).await;
    assert_eq!(late, Ok(Ok(())));
    assert!(watching.observer.unsynced().is_empty());
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_long_list_comes_in_pages_and_is_told_when_it_is_whole() {
    let mut page = list(10, &[object("web", 5)]);
    page["metadata"]["continue"] = json!("more");
    let script = Script::default()
        .on(LIST, Answer::json(&page))
        .on(
            "GET /apis/apps/v1/deployments?limit=500&continue=more",
            listed(10, &[("db", 4)]),
        )
        .on(&watch(10), open());
    let mut watching = Watching::start(deployments(), script);
    watching
        .expect(&["applied Deployment db@4", "applied Deployment web@5"])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_gap_of_one_kind_is_no_gap_of_another() {
    let events = |parts: &[Part]| Answer::stream(parts.to_vec());
    let kind = GroupVersionKind::gvk("", "v1", "Event");
    let script = Script::default()
        .on(LIST, listed(10, &[("web", 5)]))
        .on(&watch(10), Answer::stream([Part::Cut]))
        .on(&watch(10), open())
        .on("GET /api/v1/events?limit=500", listed(11, &[]))
        .on(
            "GET /api/v1/events?watch=true&resourceVersion=11",
            events(&[event("ADDED", &object("web.1", 12)), Part::Open]),
        );
    let scope = deployments().with(ApiResource::from_gvk(&kind));
    let mut watching = Watching::start(scope, script);
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(in_short(&watching.next().await));
    }
    let (of_events, of_deployments): (Vec<_>, Vec<_>) =
        seen.into_iter().partition(|seen| seen.contains("Event "));
    assert_eq!(of_events, ["applied Event web.1@12"]);
    assert_eq!(of_deployments.len(), 3, "{of_deployments:?}");
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn watches_end_when_nobody_receives_any_more() {
    let script = Script::default().on(LIST, listed(10, &[])).on(
        &watch(10),
        Answer::stream([Part::Wait(Duration::from_secs(5)), Part::Cut]),
    );
    let mut watching = Watching::start(deployments(), script);
    assert_eq!(watching.observer.synced().await, Ok(()));
    watching.turn_away();
    assert_eq!(watching.observer.failed().await, WatchError::Unheard);
    watching.server.expect_end().await;
}
