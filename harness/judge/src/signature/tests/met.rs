//! Evidence once everything is Ready: that the failure stands all the same.

use super::*;
use crate::kubernetes::uid;
use crate::testing::rerun;
use crate::time::Millis;

/// A remedy whose pod crashed once and runs again since the 20th second; the goal is met.
fn crashed_once() -> (Story, Since) {
    let mut story = Story::new();
    story.shows_all(&[unavailable(1), replica_set(1), claim()]);
    let phase = story.begins(Phase::Remedy);
    story.after(10_000).logs(&pod(1), "cannot lock: busy");
    story.shows_all(&[crashed(&pod(1), 1, 1), unbound(&claim())]);
    story.after(10_000).shows(&rerun(&pod(1), 20_000, 10_000));
    let revision = story.shows(&deployment(1)).revision();
    let met = Some(MetAt {
        at: 20_000,
        revision,
    });
    (
        story,
        Since {
            phase,
            met,
            asked: 0,
        },
    )
}

fn stands(story: &Story, clauses: &str, since: Since) -> bool {
    let clauses: Vec<Clause> = yaml(clauses);
    matches(&story.witness(), &clauses, since).holds()
}

#[test]
fn a_failure_on_the_way_to_ready_is_evidence_of_the_phase_and_not_that_it_stands() {
    let (story, since) = crashed_once();
    for clauses in [LOCKED, UNBOUND] {
        assert!(asked(&story, clauses, since.phase).holds());
        assert!(!stands(&story, clauses, since));
    }
}

#[test]
fn an_event_counts_when_it_arose_after_everything_was_ready() {
    let (mut story, since) = crashed_once();
    let met = since.met.unwrap().revision;
    let mut late = story.clone();
    late.shows_late(&with(&unbound(&claim()), &json!({"count": 2})), met);
    assert!(!stands(&late, UNBOUND, since));
    // An event whose count rises is new.
    story.shows(&with(&unbound(&claim()), &json!({"count": 2})));
    assert!(stands(&story, UNBOUND, since));
}

#[test]
fn an_event_from_before_the_phase_does_not_count_whenever_the_goal_was_met() {
    let mut story = Story::new();
    story.shows_all(&[claim(), unbound(&claim())]);
    let phase = story.begins(Phase::Remedy);
    let met = Some(MetAt {
        at: 0,
        revision: phase.resource_version - 5,
    });
    assert!(!stands(
        &story,
        UNBOUND,
        Since {
            phase,
            met,
            asked: 0
        }
    ));
}

/// Whether a line counts that the pod wrote at that moment.
fn counts(story: &Story, since: Since, written: Millis) -> bool {
    let mut story = story.clone();
    story.logs_late(&pod(1), "cannot lock: busy", written);
    stands(&story, LOCKED, since)
}

#[test]
fn a_line_counts_when_it_is_of_the_present_run() {
    let (story, since) = crashed_once();
    for (written, expected) in [
        (10_000, false),
        (19_999, false),
        (20_000, true),
        (25_300, true),
    ] {
        assert_eq!(counts(&story, since, written), expected, "{written}");
    }
}

#[test]
fn a_line_from_the_second_in_which_the_run_before_ended_may_be_of_either_and_does_not_count() {
    let (mut story, since) = crashed_once();
    story.shows(&rerun(&pod(1), 20_000, 20_000));
    assert!(!counts(&story, since, 20_999));
    assert!(counts(&story, since, 21_000));
}

#[test]
fn a_line_of_a_run_that_has_ended_well_counts_as_its_last() {
    let (mut story, since) = crashed_once();
    let ended = json!({"exitCode": 0, "startedAt": "2026-01-01T00:00:30Z"});
    let container = json!({"name": "app", "state": {"terminated": ended}});
    story.shows(&with(
        &pod(1),
        &json!({"status": {"containerStatuses": [container]}}),
    ));
    assert!(!counts(&story, since, 29_999));
    assert!(counts(&story, since, 30_000));
}

#[test]
fn a_line_of_a_container_that_waits_or_is_unknown_is_of_no_present_run() {
    let (story, since) = crashed_once();
    for container in [
        json!({"name": "app", "state": {"waiting": {"reason": "CrashLoopBackOff"}}}),
        json!({"name": "side", "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}),
    ] {
        let mut story = story.clone();
        story.shows(&with(
            &pod(1),
            &json!({"status": {"containerStatuses": [container]}}),
        ));
        assert!(!counts(&story, since, 25_000), "{container}");
        assert!(asked(&story, LOCKED, since.phase).holds());
    }
}

#[test]
fn a_line_of_another_pod_is_not_of_the_present_run_of_this_one() {
    let (mut story, since) = crashed_once();
    let other = json!({"metadata": {"name": "web-1-b", "uid": "another"}});
    let other = with(&rerun(&pod(1), 40_000, 10_000), &other);
    assert_ne!(uid(&other), uid(&pod(1)));
    story
        .shows(&other)
        .logs_late(&other, "cannot lock: busy", 25_000);
    assert!(!stands(&story, LOCKED, since));
    story.logs_late(&other, "cannot lock: busy", 40_000);
    assert!(stands(&story, LOCKED, since));
}

#[test]
fn states_count_as_they_stand_and_are_new_since_the_phase() {
    let (story, since) = crashed_once();
    assert!(stands(&story, CRASHED, since));
    let phase = story.clone().begins(Phase::Control);
    assert!(!stands(&story, CRASHED, Since { phase, ..since }));
}

#[test]
fn a_refusal_counts_since_the_phase() {
    let (mut story, since) = crashed_once();
    story.does(StepOutcome {
        refusals: vec![refused(&object("Service", "web"), "not in the valid range")],
        ..StepOutcome::default()
    });
    assert!(stands(&story, REFUSED, since));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_stands_though_everything_is_ready_is_seen_in_the_phase_too(
        written in 0..60_000_u64,
        began in 0..60_000_u64,
        ended in 0..60_000_u64,
        met in 0..120_u64,
    ) {
        let (mut story, since) = crashed_once();
        story.shows(&rerun(&pod(1), began, ended));
        story.logs_late(&pod(1), "cannot lock: busy", written);
        let met = Some(MetAt { at: 20_000, revision: met });
        let since = Since { met, ..since };
        for clauses in [LOCKED, UNBOUND, CRASHED] {
            prop_assert!(!stands(&story, clauses, since) || asked(&story, clauses, since.phase).holds());
        }
        let to_the_second = |at: Millis| at / 1_000;
        let of_this_run = to_the_second(written) >= to_the_second(began)
            && to_the_second(written) > to_the_second(ended);
        let first_line = 10_000;
        let of_the_first = 10 >= to_the_second(began) && first_line / 1_000 > to_the_second(ended);
        prop_assert_eq!(stands(&story, LOCKED, since), of_this_run || of_the_first);
    }
}
