//! What is left of a failure when everything is Ready.

use super::*;
use crate::kubernetes::uid;
use crate::scenario::{Control, Fault};
use crate::testing::owned;

/// What is left after a remedy, whose pod is Ready from the first second on.
struct Cure {
    clauses: Vec<Clause>,
    traces: Traces,
    story: Story,
    mark: PhaseMark,
    met: MetAt,
}

fn with_failure<T>(clauses: &[Clause], ask: impl FnOnce(&Failure<'_>) -> T) -> T {
    let fault: Fault = yaml("{steps: [], within: 1s}");
    let control: Control = yaml("{hold: 1s}");
    ask(&Failure {
        place: 0,
        title: None,
        fault: &fault,
        signature: clauses,
        control: &control,
    })
}

use crate::scenario::Failure;

impl Cure {
    /// The failure is seen of the pod of the first template; the remedy makes that of the second.
    fn of(clauses: &str, remedied: &Value) -> Self {
        let clauses: Vec<Clause> = yaml(clauses);
        let (mut story, fault) = healthy(Phase::Fault);
        story.shows(&crashed(&pod(1), 2, 1));
        story.logs(&pod(1), "cannot lock: busy");
        story.shows(&unbound(&claim()));
        let mut traces = Traces::default();
        with_failure(&clauses, |failure| {
            traces.stands(&story.witness(), failure, fault);
        });
        let mark = story.after(5_000).begins(Phase::Remedy);
        story.loses(&pod(1));
        story.shows_all(&[deployment(2), replica_set(2), remedied.clone()]);
        let met = MetAt {
            at: story.now(),
            revision: story.revision(),
        };
        story.after(3_000);
        Self {
            clauses,
            traces,
            story,
            mark,
            met,
        }
    }

    fn left(&self) -> Option<String> {
        with_failure(&self.clauses, |failure| {
            let witness = self.story.witness();
            self.traces.left(&witness, failure, self.mark, self.met)
        })
    }
}

/// The pod of the second template without the label by which it was selected.
fn relabelled() -> Value {
    with(&pod(2), &json!({"metadata": {"labels": {"app": null}}}))
}

#[test]
fn a_line_that_goes_on_is_left_whatever_the_pod_is_called_and_labelled() {
    for remedied in [pod(2), relabelled()] {
        let mut cure = Cure::of(&format!("{CRASHED}{LOCKED}"), &remedied);
        assert_eq!(cure.left(), None);
        cure.story.logs(&remedied, "cannot lock: busy");
        let left = cure.left().unwrap();
        assert!(
            left.starts_with("clause 2 of the signature (log of"),
            "{left}"
        );
        assert!(left.contains("web-2-a/app: cannot lock: busy"), "{left}");
    }
}

#[test]
fn a_line_of_another_workload_is_not_left() {
    let mut cure = Cure::of(LOCKED, &relabelled());
    let other = object("Pod", "other");
    cure.story.shows(&other).logs(&other, "cannot lock: busy");
    let foreign = owned(&object("Pod", "foreign"), &object("StatefulSet", "web"));
    cure.story
        .shows(&foreign)
        .logs(&foreign, "cannot lock: busy");
    assert_eq!(cure.left(), None);
}

#[test]
fn a_line_that_was_written_before_everything_was_ready_is_not_left() {
    let mut cure = Cure::of(LOCKED, &pod(2));
    let written = cure.met.at - 1_500;
    cure.story.logs_late(&pod(2), "cannot lock: busy", written);
    assert_eq!(cure.left(), None);
}

#[test]
fn an_event_that_comes_again_is_left() {
    let mut cure = Cure::of(UNBOUND, &pod(2));
    assert_eq!(cure.left(), None);
    let again = with(&unbound(&claim()), &json!({"count": 2}));
    cure.story.shows(&again);
    assert!(cure.left().is_some());
}

#[test]
fn a_state_that_stays_is_left_and_what_a_pod_has_behind_it_is_not() {
    let waits = "
- state:
    of: {kind: PersistentVolumeClaim, name: data}
    fields: [{path: .status.phase, is: Pending}]";
    let mut cure = Cure::of(waits, &pod(2));
    assert!(cure.left().is_some());
    cure.story
        .shows(&with(&claim(), &json!({"status": {"phase": "Bound"}})));
    assert_eq!(cure.left(), None);
    // The pod that failed is cured in place, and keeps its restarts.
    let cure = Cure::of(CRASHED, &restarted(&pod(2), 3));
    assert_eq!(cure.left(), None);
}

#[test]
fn an_answer_that_stays_is_left() {
    let answers = "- http: {name: No data, service: web, port: 80, path: /}";
    let mut cure = Cure::of(answers, &pod(2));
    cure.story.replies("No data", true);
    assert_eq!(
        cure.left().unwrap().split("; ").next().unwrap(),
        "clause 1 of the signature (No data) holds all the same: No data: as said"
    );
    cure.story.replies("No data", false);
    assert_eq!(cure.left(), None);
}

#[test]
fn what_the_healthy_start_showed_too_and_what_has_a_reason_is_not_left() {
    let waits = "
- state:
    of: {kind: PersistentVolumeClaim, name: data}
    fields: [{path: .status.phase, is: Pending}]";
    let mut cure = Cure::of(waits, &pod(2));
    let (start, mark) = healthy(Phase::SteadyState);
    let Cure {
        clauses, traces, ..
    } = &mut cure;
    with_failure(clauses, |failure| {
        traces.start(&start.witness(), failure, mark.into());
    });
    assert_eq!(cure.left(), None);
    let reason = format!("{waits}\n    outlives_remedy: Nobody needs it.");
    assert_eq!(Cure::of(&reason, &pod(2)).left(), None);
}

#[test]
fn a_pod_on_its_way_out_has_its_say_behind_it() {
    let mut cure = Cure::of(LOCKED, &pod(2));
    let old = crate::testing::deleting(&pod(1));
    cure.story.shows(&old).logs(&old, "cannot lock: busy");
    assert_eq!(cure.left(), None, "{}", uid(&old));
}
