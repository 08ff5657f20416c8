//! Watches of different kinds and log streams have no order among each other.

use super::*;
use crate::testing::order::interleaved;
use crate::witness::{Observation, Record};

/// A rollout that breaks: what was shown before and after the phase began.
fn rollout() -> (PhaseMark, Vec<Record>, Vec<Record>) {
    let mut story = Story::new();
    let start = story.records().len();
    story.shows_all(&[deployment(1), replica_set(1), unready(&pod(1), &json!({}))]);
    story.logs(&pod(1), "cannot lock: busy");
    story.shows_all(&[pod(1), claim(), unbound(&claim())]);
    let before = story.records()[start..].to_vec();
    let mark = story.after(2_000).begins(Phase::Fault);
    let start = story.records().len();
    story.shows_all(&[rolling(2), replica_set(2), unready(&pod(2), &json!({}))]);
    story
        .logs(&pod(2), "cannot lock: busy")
        .logs(&pod(2), "bye");
    story.shows_all(&[
        crashed(&pod(2), 1, 1),
        with(&unbound(&claim()), &json!({"count": 2})),
        event(&pod(2), "Warning", "BackOff", "restarting"),
        crashed(&pod(2), 2, 1),
    ]);
    story.logs(&pod(2), "cannot lock: busy");
    (mark, before, story.records()[start..].to_vec())
}

proptest! {
    #[test]
    fn the_answer_in_the_end_does_not_depend_on_the_order_between_watches(
        early in prop::collection::vec(0..9_usize, 1..20),
        late in prop::collection::vec(0..9_usize, 1..20),
        straggling in 0..7_usize,
    ) {
        let (mark, before, after) = rollout();
        let clauses: Vec<Clause> = yaml(&format!("{CRASHED}{LOCKED}{UNBOUND}"));
        let answer = |before: &[Record], after: &[Record]| {
            let began = Record { at: 0, observation: Observation::Phase(mark) };
            let mut witness = Witness::default();
            for record in before.iter().chain([&began]).chain(after) {
                witness.push(record.clone());
            }
            matches(&witness, &clauses, mark)
        };
        let plain = answer(&before, &after);
        prop_assert!(plain.holds());
        // Some of what arose before the phase arrives only in it.
        let before = interleaved(&before, &early);
        let (before, stragglers) = before.split_at(before.len() - straggling);
        let after = interleaved(&[stragglers, &after].concat(), &late);
        prop_assert_eq!(answer(before, &after), plain);
    }
}
