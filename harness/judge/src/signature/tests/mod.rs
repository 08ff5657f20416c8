mod answered;
mod awaited;
mod disturbed;
mod left;
mod met;
mod order;
mod refusals;
mod stands;
mod together;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::phase::Phase;
use crate::testing::{
    Story, applied, crashed, deployment, event, object, pod, refused, replica_set, restarted,
    rolling, stuck, unavailable, unready, with, yaml,
};
use crate::witness::StepOutcome;

const CRASHED: &str = "
- state:
    of: {kind: Pod, labels: {app: web}}
    fields: [{path: '.status.containerStatuses[0].restartCount', at_least: 1}]";

const LOCKED: &str = "
- log: {of: {kind: Pod, labels: {app: web}}, container: app, contains: [cannot lock, busy]}";

const UNBOUND: &str = "
- event:
    of: {kind: PersistentVolumeClaim, name: data}
    type: Normal
    reason: FailedBinding
    message: no storage class is set";

const REFUSED: &str = "
- refusal: {of: {kind: Service, name: web}, message: not in the valid range}";

fn asked(story: &Story, clauses: &str, mark: PhaseMark) -> Match {
    let clauses: Vec<Clause> = yaml(clauses);
    matches(&story.witness(), &clauses, mark)
}

#[track_caller]
fn assert_holds(story: &Story, clauses: &str, mark: PhaseMark, evidence: &str) {
    let found = Match::Holds(vec![evidence.to_owned()]);
    assert_eq!(asked(story, clauses, mark), found);
}

/// The clause does not hold; what is seen instead.
#[track_caller]
fn assert_instead(story: &Story, clauses: &str, mark: PhaseMark, seen: &str) {
    let answer = asked(story, clauses, mark);
    let [missing] = answer.missing() else {
        panic!("not one clause is missing: {answer:?}");
    };
    assert_eq!(missing.seen, seen);
}

/// A claim that waits.
fn claim() -> Value {
    with(
        &object("PersistentVolumeClaim", "data"),
        &json!({"status": {"phase": "Pending"}}),
    )
}

fn unbound(claim: &Value) -> Value {
    event(claim, "Normal", "FailedBinding", "no storage class is set")
}

/// A Deployment with a healthy pod, and then a phase.
fn healthy(phase: Phase) -> (Story, PhaseMark) {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1), claim()]);
    let mark = story.after(2_500).begins(phase);
    (story, mark)
}

#[test]
fn a_state_holds_when_one_object_fits_in_every_field() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows(&crashed(&pod(1), 2, 1));
    assert_holds(
        &story,
        CRASHED,
        mark,
        "Pod web-1-a: .status.containerStatuses[0].restartCount is 2",
    );
}

#[test]
fn a_state_that_does_not_hold_yet_tells_what_is_seen_instead() {
    let (story, mark) = healthy(Phase::Fault);
    let answer = asked(&story, CRASHED, mark);
    assert_eq!(
        answer.missing(),
        [Missing {
            awaited: "Pod app=web with .status.containerStatuses[0].restartCount is at least 1"
                .to_owned(),
            seen: "Pod app=web: .status.containerStatuses[0].restartCount is 0".to_owned(),
        }]
    );
    assert!(!answer.holds());
}

#[test]
fn a_state_tells_only_the_fields_that_do_not_fit() {
    let (mut story, mark) = healthy(Phase::Fault);
    story.shows(&stuck(&pod(1), "ErrImagePull", "not found"));
    let clause = "
- state:
    of: {kind: Pod, labels: {app: web}}
    fields:
      - {path: .status.phase, is: Pending}
      - {path: '.status.containerStatuses[0].state.waiting.reason', in: [CrashLoopBackOff]}
      - {path: .spec.nodeName, exists: true}";
    assert_instead(
        &story,
        clause,
        mark,
        "Pod app=web: .status.containerStatuses[0].state.waiting.reason is \"ErrImagePull\"; \
         .spec.nodeName is absent",
    );
}

#[test]
fn no_clause_holds_while_its_object_is_absent() {
    let mut story = Story::new();
    let mark = story.begins(Phase::Fault);
    story.logs(&pod(1), "cannot lock: busy");
    story.shows(&unbound(&claim()));
    assert_instead(&story, CRASHED, mark, "no Pod app=web is there");
    assert_instead(&story, LOCKED, mark, "no Pod app=web is there");
    assert_instead(
        &story,
        UNBOUND,
        mark,
        "no PersistentVolumeClaim data is there",
    );
    assert_instead(&story, REFUSED, mark, "the API server refused nothing");
}

#[test]
fn a_pod_of_the_old_template_shows_nothing() {
    let (mut story, mark) = healthy(Phase::Remedy);
    story.shows(&crashed(&pod(1), 5, 1));
    story.logs(&pod(1), "cannot lock: busy");
    story.shows_all(&[rolling(2), replica_set(2), pod(2)]);
    let seen = "Pod app=web: .status.containerStatuses[0].restartCount is 0";
    assert_instead(&story, CRASHED, mark, seen);
    let seen = "no log line of Pod app=web container app";
    assert_instead(&story, LOCKED, mark, seen);
}

#[test]
fn a_state_that_stood_before_the_phase_is_not_enough_alone() {
    let mut story = Story::new();
    story.shows_all(&[unavailable(1), replica_set(1), crashed(&pod(1), 1, 1)]);
    let mark = story.begins(Phase::Remedy);
    // Other fields change, and the state goes on.
    story.shows(&restarted(&pod(1), 2));
    let answer = asked(&story, CRASHED, mark);
    assert_eq!(
        answer.missing(),
        [Missing {
            awaited: "something new since the remedy began".to_owned(),
            seen: "only states that stood before".to_owned(),
        }]
    );
}

#[test]
fn a_state_is_new_from_the_first_revision_after_the_phase_began() {
    let (story, mark) = healthy(Phase::Fault);
    let late = |revision| {
        let mut story = story.clone();
        asked(
            story.shows_late(&crashed(&pod(1), 1, 1), revision),
            CRASHED,
            mark,
        )
        .holds()
    };
    assert!(!late(mark.resource_version));
    assert!(late(mark.resource_version + 1));
}

#[test]
fn a_state_that_went_away_and_came_back_is_new() {
    let ready = "- state: {of: {kind: Pod, labels: {app: web}}, fields: [{path: .status.phase, is: Running}]}";
    let (mut story, mark) = healthy(Phase::Fault);
    assert!(!asked(&story, ready, mark).holds());
    let pending = with(&pod(1), &json!({"status": {"phase": "Pending"}}));
    story.shows_all(&[pending, pod(1)]);
    assert!(asked(&story, ready, mark).holds());
}

#[test]
fn a_state_that_stood_before_counts_together_with_something_new() {
    let mut story = Story::new();
    story.shows_all(&[unavailable(1), replica_set(1), crashed(&pod(1), 1, 1)]);
    let mark = story.after(2_000).begins(Phase::Remedy);
    let both = format!("{CRASHED}{LOCKED}");
    assert!(!asked(&story, &both, mark).holds());
    story.logs(&pod(1), "cannot lock: busy");
    assert!(asked(&story, &both, mark).holds());
}

#[test]
fn a_signature_without_clauses_never_holds() {
    let (story, mark) = healthy(Phase::Fault);
    assert!(!asked(&story, "[]", mark).holds());
}

#[test]
fn an_event_counts_though_it_is_a_normal_one() {
    let (mut story, mark) = healthy(Phase::Fault);
    assert_instead(
        &story,
        UNBOUND,
        mark,
        "no event about PersistentVolumeClaim data",
    );
    story.shows(&unbound(&claim()));
    assert_holds(
        &story,
        UNBOUND,
        mark,
        "Normal FailedBinding on PersistentVolumeClaim data: no storage class is set",
    );
}

#[test]
fn an_event_of_another_type_reason_or_message_is_what_is_seen_instead() {
    for (severity, reason, message) in [
        ("Warning", "FailedBinding", "no storage class is set"),
        ("Normal", "WaitForFirstConsumer", "no storage class is set"),
        ("Normal", "FailedBinding", "the class is missing"),
    ] {
        let (mut story, mark) = healthy(Phase::Fault);
        story.shows(&event(&claim(), severity, reason, message));
        let seen =
            format!("last event: {severity} {reason} on PersistentVolumeClaim data: {message}");
        assert_instead(&story, UNBOUND, mark, &seen);
    }
}

#[test]
fn an_event_from_before_the_phase_does_not_count_though_its_watch_shows_it_later() {
    let (mut story, _) = healthy(Phase::Fault);
    story.shows(&unbound(&claim()));
    let before = story.revision();
    let mark = story.begins(Phase::Remedy);
    let seen = "no event about PersistentVolumeClaim data";
    assert_instead(&story, UNBOUND, mark, seen);
    story.shows_late(&unbound(&claim()), before);
    assert_instead(&story, UNBOUND, mark, seen);
}

#[test]
fn an_event_whose_count_rises_counts_again() {
    let (mut story, _) = healthy(Phase::Fault);
    story.shows(&unbound(&claim()));
    let mark = story.begins(Phase::Remedy);
    story.shows(&with(&unbound(&claim()), &json!({"count": 2})));
    assert!(asked(&story, UNBOUND, mark).holds());
}

#[test]
fn events_and_lines_of_an_object_that_is_gone_do_not_count() {
    let (mut story, mark) = healthy(Phase::Fault);
    let about = "- event: {of: {kind: Pod, labels: {app: web}}, type: Warning, reason: BackOff, message: ''}";
    story.shows(&event(&pod(1), "Warning", "BackOff", "restarting"));
    story.logs(&pod(1), "cannot lock: busy");
    assert!(asked(&story, about, mark).holds());
    assert!(asked(&story, LOCKED, mark).holds());
    story.loses(&pod(1));
    assert_instead(&story, about, mark, "no Pod app=web is there");
    // A pod of a StatefulSet comes back under the same name.
    let again = with(&pod(1), &json!({"metadata": {"uid": "another"}}));
    story.shows(&again);
    assert_instead(&story, about, mark, "no event about Pod app=web");
    let seen = "no log line of Pod app=web container app";
    assert_instead(&story, LOCKED, mark, seen);
}

#[test]
fn an_event_about_an_object_of_another_kind_or_uid_with_the_same_name_does_not_count() {
    for other in [
        object("PersistentVolume", "data"),
        with(&claim(), &json!({"metadata": {"uid": "another"}})),
        with(&claim(), &json!({"metadata": {"name": "other"}})),
    ] {
        let (mut story, mark) = healthy(Phase::Fault);
        story.shows(&unbound(&other));
        assert!(!asked(&story, UNBOUND, mark).holds(), "{other}");
    }
}

#[test]
fn the_kubelets_event_about_its_node_counts_though_it_has_no_uid_of_it() {
    let node = with(
        &object("Node", "n"),
        &json!({"metadata": {"namespace": null}}),
    );
    let told = event(&node, "Warning", "EvictionThresholdMet", "disk");
    let told = with(&told, &json!({"involvedObject": {"uid": "n"}}));
    let clause = "- event: {of: {kind: Node, name: n}, type: Warning, reason: EvictionThresholdMet, message: disk}";
    let mut story = Story::new();
    story.shows(&node);
    let mark = story.begins(Phase::Fault);
    assert!(asked(story.shows(&told), clause, mark).holds());
}

#[test]
fn a_line_holds_when_it_contains_every_text() {
    let (mut story, mark) = healthy(Phase::Fault);
    let seen = "no log line of Pod app=web container app";
    assert_instead(&story, LOCKED, mark, seen);
    story.logs(&pod(1), "busy").logs(&pod(1), "cannot lock");
    assert_instead(&story, LOCKED, mark, "last line: cannot lock");
    story.logs(&pod(1), "cannot lock: busy");
    story.logs(&pod(1), "bye");
    assert_holds(&story, LOCKED, mark, "web-1-a/app: cannot lock: busy");
    let other = LOCKED.replace("container: app", "container: side");
    let seen = "no log line of Pod app=web container side";
    assert_instead(&story, &other, mark, seen);
}

#[test]
fn a_line_written_before_the_phase_does_not_count_though_it_arrives_later() {
    let (mut story, _) = healthy(Phase::Fault);
    let written = story.now();
    let mark = story.after(2_000).begins(Phase::Remedy);
    story.logs_late(&pod(1), "cannot lock: busy", written);
    assert!(!asked(&story, LOCKED, mark).holds());
    story.logs(&pod(1), "cannot lock: busy");
    assert!(asked(&story, LOCKED, mark).holds());
}

#[test]
fn a_line_of_the_same_second_as_the_phases_beginning_does_not_count_if_it_arrived_before() {
    let mut story = Story::new();
    story.shows_all(&[deployment(1), replica_set(1), pod(1)]);
    story.after(3_100).logs(&pod(1), "cannot lock: busy");
    let mark = story.after(800).begins(Phase::Remedy);
    assert!(!asked(&story, LOCKED, mark).holds());
    story.logs(&pod(1), "cannot lock: busy");
    assert!(asked(&story, LOCKED, mark).holds());
}

#[test]
fn a_refusal_holds_when_the_object_was_refused_with_the_text_since_the_phase() {
    let service = object("Service", "web");
    let refusing = |object: &Value, message: &str| StepOutcome {
        refusals: vec![refused(object, message)],
        ..StepOutcome::default()
    };
    let text = "spec.ports[0].nodePort: provided port is not in the valid range";
    let mut story = Story::new();
    let mark = story.begins(Phase::Fault);
    story.does(refusing(&object("Service", "other"), text));
    assert_instead(&story, REFUSED, mark, text);
    story.does(refusing(&object("Pod", "web"), text));
    assert_instead(&story, REFUSED, mark, text);
    story.does(refusing(&service, "Forbidden"));
    assert_instead(&story, REFUSED, mark, text);
    story.does(refusing(&service, text));
    assert_holds(&story, REFUSED, mark, text);
    // It stands while nothing is touched, and is not evidence of the next change.
    story.begins(Phase::Control);
    assert_holds(&story, REFUSED, mark, text);
    let mark = story.begins(Phase::Remedy);
    assert_instead(&story, REFUSED, mark, "the API server refused nothing");
}
