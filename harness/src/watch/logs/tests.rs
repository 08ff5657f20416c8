use serde_json::json;

use super::*;

fn runs() -> Runs {
    Runs {
        newest: watch::Sender::default(),
        followed: HashSet::new(),
        fetched: HashSet::new(),
        seen: SeenLines::default(),
    }
}

fn shown(status: &Value) -> RunsShown {
    RunsShown::of(status)
}

fn running(id: &str) -> Value {
    json!({"containerID": id, "state": {"running": {}}, "lastState": {}})
}

fn back_off_after(id: &str) -> Value {
    json!({"containerID": id, "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"containerID": id, "reason": "Error"}}})
}

fn running_after(previous: &str, id: &str) -> Value {
    json!({"containerID": id, "state": {"running": {}},
        "lastState": {"terminated": {"containerID": previous, "reason": "Error"}}})
}

#[test]
fn a_container_that_waits_for_its_first_run_has_no_log() {
    let status = json!({"state": {"waiting": {"reason": "ContainerCreating"}}, "lastState": {}});
    assert_eq!(shown(&status), RunsShown::default());
}

#[test]
fn a_run_is_followed_once_however_often_its_status_comes() {
    let mut runs = runs();
    assert_eq!(
        runs.due(&shown(&running("r1"))),
        [Which::Current("r1".to_owned())]
    );
    assert_eq!(runs.due(&shown(&running("r1"))), []);
}

#[test]
fn a_run_that_ended_before_it_was_seen_running_is_read_too() {
    let status = json!({"state": {"terminated": {"containerID": "r1", "reason": "Completed"}}});
    assert_eq!(
        runs().due(&shown(&status)),
        [Which::Current("r1".to_owned())]
    );
}

#[test]
fn a_run_in_back_off_is_fetched_as_the_previous_one() {
    let mut runs = runs();
    assert_eq!(runs.due(&shown(&back_off_after("r1"))), [Which::Previous]);
    assert_eq!(runs.due(&shown(&back_off_after("r1"))), []);
    assert_eq!(
        runs.due(&shown(&running_after("r1", "r2"))),
        [Which::Current("r2".to_owned())]
    );
}

#[test]
fn a_restart_between_two_statuses_fetches_the_run_before_and_follows_the_new_one() {
    let mut runs = runs();
    runs.due(&shown(&running("r1")));
    assert_eq!(
        runs.due(&shown(&running_after("r2", "r3"))),
        [Which::Previous, Which::Current("r3".to_owned())]
    );
}

#[test]
fn the_status_tells_the_streams_whether_their_run_goes_on() {
    let mut runs = runs();
    let newest = runs.newest.subscribe();
    runs.due(&shown(&running("r1")));
    assert!(newest.borrow().is_running);
    runs.due(&shown(&back_off_after("r1")));
    assert_eq!(
        *newest.borrow(),
        NewestRun {
            id: "r1".to_owned(),
            is_running: false
        }
    );
}

#[test]
fn a_run_whose_program_never_started_has_no_log() {
    let status = json!({"state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"containerID": "r1", "reason": "StartError"}}});
    assert_eq!(shown(&status), RunsShown::default());
}

#[test]
fn init_containers_are_followed_too() {
    let pod = json!({
        "metadata": {"namespace": "default", "name": "web", "uid": "u"},
        "status": {
            "containerStatuses": [{"name": "app"}],
            "initContainerStatuses": [{"name": "chown"}],
        },
    });
    let names: Vec<String> = container_statuses(&pod)
        .into_iter()
        .map(|(container, _)| container.name)
        .collect();
    assert_eq!(names, ["chown", "app"]);
}
