//! Logs of containers.

use std::time::Duration;

use kube::core::GroupVersionKind;
use kube::discovery::ApiResource;
use relapse::watch::Scope;
use relapse_judge::signature::AwaitedLines;
use relapse_judge::witness::Observation;
use serde_json::{Value, json};

use crate::script::{Answer, Part, Script};
use crate::witnessed::{Watching, event, list};

const LIST: &str = "GET /api/v1/pods?limit=500";
const WATCH: &str = "GET /api/v1/pods?watch=true";
const FOLLOW: &str = "GET /api/v1/namespaces/default/pods/web/log?\
    container=app&follow=true&timestamps=true&!previous&!sinceTime";
const PREVIOUS: &str = "GET /api/v1/namespaces/default/pods/web/log?\
    container=app&previous=true&timestamps=true&!tailLines&!follow";

fn pods() -> Scope {
    let kind = GroupVersionKind::gvk("", "v1", "Pod");
    let panics = AwaitedLines::with([vec!["panic".to_owned()]]);
    Scope::default()
        .with(ApiResource::from_gvk(&kind))
        .awaiting(panics)
}

fn pod(version: u64, status: &Value) -> Value {
    json!({
        "metadata": {"name": "web", "namespace": "default", "uid": "u1",
            "resourceVersion": version.to_string()},
        "status": {"containerStatuses": [status]},
    })
}

fn running(id: &str) -> Value {
    json!({"name": "app", "containerID": id, "state": {"running": {}}, "lastState": {}})
}

fn running_after(previous: &str, id: &str) -> Value {
    json!({"name": "app", "containerID": id, "state": {"running": {}},
        "lastState": {"terminated": {"containerID": previous, "exitCode": 1}}})
}

fn ended(id: &str) -> Value {
    json!({"name": "app", "containerID": id, "lastState": {},
        "state": {"terminated": {"containerID": id, "exitCode": 1}}})
}

fn listed(status: &Value) -> Answer {
    Answer::json(&list(10, &[pod(5, status)]))
}

fn at(second: u64, text: &str) -> Part {
    Part::Line(format!("2026-11-20T10:00:{second:02}.700000000Z {text}"))
}

fn seconds(seconds: u64) -> Part {
    Part::Wait(Duration::from_secs(seconds))
}

fn open() -> Answer {
    Answer::stream([Part::Open])
}

#[tokio::test(start_paused = true)]
async fn a_running_container_is_followed_with_the_runtimes_times() {
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, open())
        .on(
            FOLLOW,
            Answer::stream([at(1, "starting"), at(2, "ready"), Part::Open]),
        );
    let mut watching = Watching::start(pods(), script);
    watching.expect(&["applied Pod web@5"]).await;
    let Observation::Log(line) = watching.next().await else {
        panic!("no line")
    };
    assert_eq!(line.time.to_string(), "2026-11-20T10:00:01.7Z");
    assert_eq!(
        (line.pod_uid.as_str(), line.line.as_str()),
        ("u1", "starting")
    );
    watching.expect(&["web/app ready"]).await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_run_that_ended_before_it_could_be_followed_is_fetched_and_the_new_one_followed() {
    let script = Script::default()
        .on(LIST, listed(&running_after("r1", "r2")))
        .on(WATCH, open())
        .on(PREVIOUS, Answer::stream([at(1, "panic: no room")]))
        .on(
            FOLLOW,
            Answer::stream([seconds(1), at(9, "starting"), Part::Open]),
        );
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&[
            "applied Pod web@5",
            "web/app panic: no room",
            "web/app starting",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_line_that_arrives_with_the_run_and_again_as_the_previous_one_is_witnessed_once() {
    let restarted = event("MODIFIED", &pod(11, &running_after("r1", "r2")));
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, Answer::stream([seconds(5), restarted, Part::Open]))
        .on(FOLLOW, Answer::stream([at(1, "starting"), seconds(5)]))
        .on(
            PREVIOUS,
            Answer::stream([at(1, "starting"), at(2, "panic")]),
        )
        .on(
            FOLLOW,
            Answer::stream([seconds(1), at(9, "starting"), Part::Open]),
        );
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&[
            "applied Pod web@5",
            "web/app starting",
            "applied Pod web@11",
            "web/app panic",
            "web/app starting",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_log_cut_in_the_middle_is_a_gap_and_resumes_at_the_second_of_the_last_line() {
    let resumed = "GET /api/v1/namespaces/default/pods/web/log?\
        container=app&follow=true&sinceTime=2026-11-20T10%3A00%3A02Z";
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, open())
        .on(
            FOLLOW,
            Answer::stream([at(1, "one"), at(2, "two"), Part::Cut]),
        )
        .on(
            resumed,
            Answer::failure(500, "InternalError", "dial tcp: connection refused"),
        )
        .on(
            resumed,
            Answer::stream([at(2, "two"), at(3, "three"), Part::Open]),
        );
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&[
            "applied Pod web@5",
            "web/app one",
            "web/app two",
            "gap in log of default/web/app: connection reset by peer",
            "resumed log of default/web/app: resumed at the last line",
            "web/app three",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_container_that_has_not_started_is_no_gap_and_is_asked_again() {
    let waiting = "container \"app\" in pod \"web\" is waiting to start: ContainerCreating";
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, open())
        .on(FOLLOW, Answer::failure(400, "BadRequest", waiting))
        .on(FOLLOW, Answer::stream([at(1, "starting"), Part::Open]));
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&["applied Pod web@5", "web/app starting"])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_pod_that_is_gone_is_no_gap() {
    let script = Script::default()
        .on(LIST, listed(&ended("r1")))
        .on(WATCH, open())
        .on(
            FOLLOW,
            Answer::failure(404, "NotFound", "pods \"web\" not found"),
        );
    let mut watching = Watching::start(pods(), script);
    watching.expect(&["applied Pod web@5"]).await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_log_that_ends_with_its_run_is_not_asked_for_again() {
    let has_ended = event("MODIFIED", &pod(11, &ended("r1")));
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, Answer::stream([seconds(3), has_ended, Part::Open]))
        .on(
            FOLLOW,
            Answer::stream([at(1, "bye"), Part::Wait(Duration::from_millis(2_500))]),
        );
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&["applied Pod web@5", "web/app bye", "applied Pod web@11"])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_log_that_ends_while_its_run_goes_on_is_asked_for_again() {
    let resumed = "GET /api/v1/namespaces/default/pods/web/log?\
        container=app&sinceTime=2026-11-20T10%3A00%3A01Z";
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, open())
        .on(FOLLOW, Answer::stream([at(1, "one")]))
        .on(
            resumed,
            Answer::stream([at(1, "one"), at(2, "two"), Part::Open]),
        );
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&["applied Pod web@5", "web/app one", "web/app two"])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_kubelet_inside_the_log_is_a_gap_and_no_line() {
    let complaint = "failed to create fsnotify watcher: too many open files";
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, open())
        .on(FOLLOW, Answer::text(200, complaint))
        .on(FOLLOW, Answer::text(200, complaint))
        .on(FOLLOW, Answer::stream([at(1, "starting"), Part::Open]));
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&[
            "applied Pod web@5",
            &format!("gap in log of default/web/app: {complaint}"),
            "resumed log of default/web/app: resumed at the last line",
            "web/app starting",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn a_gap_ends_when_the_pod_is_gone() {
    let gone = event("DELETED", &pod(12, &running("r1")));
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, Answer::stream([seconds(2), gone, Part::Open]))
        .on_each(
            FOLLOW,
            Answer::failure(500, "InternalError", "connection refused"),
        );
    let mut watching = Watching::start(pods(), script);
    watching
        .expect(&[
            "applied Pod web@5",
            "gap in log of default/web/app: 500 connection refused",
            "deleted Pod web@12",
            "resumed log of default/web/app: the run has ended; lines of it may be lost",
        ])
        .await;
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn of_a_flood_the_beginning_is_kept_and_what_is_awaited_and_the_end_of_its_run() {
    let line = |n: u64| {
        let time = format!("2026-11-20T10:00:{:02}.{:03}Z", n / 1_000, n % 1_000);
        let text = if n == 5_000 { "panic" } else { "line" };
        Part::Line(format!("{time} {text} {n}"))
    };
    let has_ended = event("MODIFIED", &pod(11, &ended("r1")));
    let script = Script::default()
        .on(LIST, listed(&running("r1")))
        .on(WATCH, Answer::stream([seconds(5), has_ended, Part::Open]))
        .on(
            FOLLOW,
            Answer::stream((0..9_000).map(line).chain([seconds(6)])),
        );
    let mut watching = Watching::start(pods(), script);
    watching.expect(&["applied Pod web@5"]).await;
    for n in 0..2_000 {
        watching.expect(&[&format!("web/app line {n}")]).await;
    }
    watching
        .expect(&[
            "web/app [relapse: of what follows only awaited lines and the end of the run are kept]",
            "web/app panic 5000",
            "applied Pod web@11",
        ])
        .await;
    for n in 7_000..9_000 {
        watching.expect(&[&format!("web/app line {n}")]).await;
    }
    watching.expect_no_more().await;
}

#[tokio::test(start_paused = true)]
async fn the_pods_of_kind_itself_are_watched_but_not_followed() {
    let mut pod = pod(5, &running("r1"));
    pod["metadata"]["namespace"] = json!("kube-system");
    let script = Script::default()
        .on(LIST, Answer::json(&list(10, &[pod])))
        .on(WATCH, open());
    let mut watching = Watching::start(pods(), script);
    watching.expect(&["applied Pod web@5"]).await;
    watching.expect_no_more().await;
}
