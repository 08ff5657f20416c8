//! Clauses with one selector speak of one object.

use super::*;

/// Another pod with the same label.
fn decoy() -> Value {
    let labels = json!({"labels": {"app": "web"}});
    let ready = json!([{"type": "Ready", "status": "True"}]);
    with(
        &object("Pod", "decoy"),
        &json!({"metadata": labels, "status": {"phase": "Running", "conditions": ready}}),
    )
}

fn both() -> String {
    format!("{CRASHED}{LOCKED}")
}

#[test]
fn clauses_with_one_selector_must_be_shown_by_one_object() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows_all(&[crashed(&pod(1), 1, 1), decoy()]);
    story.logs(&decoy(), "cannot lock: busy");
    assert!(asked(&story, CRASHED, mark).holds());
    let seen = "Deployment web is not Ready either and does not show it: \
        Pod web-1-a: .status.containerStatuses[0].restartCount is 1; decoy/app: cannot lock: busy";
    assert_instead(&story, &both(), mark, seen);
    story.logs(&pod(1), "cannot lock: busy");
    assert!(asked(&story, &both(), mark).holds());
}

#[test]
fn a_workload_that_fails_and_does_not_show_it_fails_otherwise() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows_all(&[pod(1), crashed(&decoy(), 1, 1)]);
    story.logs(&decoy(), "cannot lock: busy");
    // The pod of the Deployment is Ready, and has nothing to show.
    assert!(asked(&story, &both(), mark).holds());
    story.shows(&unready(&pod(1), &json!({})));
    let answer = asked(&story, &both(), mark);
    let seen = &answer.missing()[0].seen;
    assert!(
        seen.starts_with("Deployment web is not Ready either"),
        "{seen}"
    );
}

#[test]
fn a_clause_that_says_any_is_shown_by_another_object_too() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows_all(&[crashed(&pod(1), 1, 1), decoy()]);
    story.logs(&decoy(), "cannot lock: busy");
    let any = both().replace("container: app,", "container: app, any: true,");
    assert!(asked(&story, &any, mark).holds());
}

#[test]
fn clauses_with_different_selectors_are_independent() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows_all(&[crashed(&pod(1), 1, 1), unbound(&claim())]);
    assert!(asked(&story, &format!("{CRASHED}{UNBOUND}"), mark).holds());
}

#[test]
fn what_must_not_be_there_must_not_be_there_of_the_same_object() {
    let (mut story, mark) = healthy(Phase::Fault);
    let silent = CRASHED.to_owned() + &LOCKED.replace("- log", "- no_log");
    story.shows(&decoy()).shows(&crashed(&pod(1), 1, 1));
    assert!(asked(&story, &silent, mark).holds());
    story.logs(&pod(1), "cannot lock: busy");
    assert_instead(&story, &silent, mark, "cannot lock: busy");
}

#[test]
fn no_event_holds_until_one_arises_and_needs_the_object() {
    let quiet = CRASHED.to_owned() + &UNBOUND.replace("- event", "- no_event");
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows(&crashed(&pod(1), 1, 1));
    assert!(asked(&story, &quiet, mark).holds());
    let mut without = story.clone();
    without.loses(&claim());
    let seen = "no PersistentVolumeClaim data is there";
    assert_instead(&without, &quiet, mark, seen);
    story.shows(&unbound(&claim()));
    let seen = "Normal FailedBinding on PersistentVolumeClaim data: no storage class is set";
    assert_instead(&story, &quiet, mark, seen);
}
