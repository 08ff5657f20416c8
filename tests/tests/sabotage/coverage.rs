//! What the sabotages must cover.

use std::collections::BTreeSet;
use std::fs;
use std::sync::Arc;

use libtest_mimic::Trial;
use relapse_tests::project;

use crate::suite::{Sabotage, Suite};

/// Fewer would leave tricks untried.
const AT_LEAST: usize = 30;

/// Lines that one thing may take, in the claim and in its copy together.
const LINES_OF_ONE_THING: usize = 40;

/// A test of the data, and its name.
type Test = (&'static str, fn(&Suite));

/// The tests of the data.
pub fn trials(suite: &Arc<Suite>) -> Vec<Trial> {
    let tests: [Test; 7] = [
        ("every_claim_can_be_loaded", every_claim_can_be_loaded),
        ("there_are_at_least_thirty", there_are_at_least_thirty),
        ("every_honest_claim_is_proved", every_honest_claim_is_proved),
        ("a_sabotage_is_one_thing", a_sabotage_is_one_thing),
        ("every_reason_is_provoked", every_reason_is_provoked),
        ("every_guard_is_tried", every_guard_is_tried),
        ("every_guard_is_taken_out", every_guard_is_taken_out),
    ];
    tests
        .into_iter()
        .map(|(name, test)| {
            let suite = Arc::clone(suite);
            Trial::test(name, move || {
                test(&suite);
                Ok(())
            })
        })
        .collect()
}

fn every_claim_can_be_loaded(suite: &Suite) {
    for sabotage in &suite.sabotages {
        suite.load_claim(sabotage);
    }
}

fn there_are_at_least_thirty(suite: &Suite) {
    let dishonest = suite.sabotages.iter().filter(|one| !one.is_honest());
    assert!(dishonest.count() >= AT_LEAST);
}

fn every_honest_claim_is_proved(suite: &Suite) {
    let proved: BTreeSet<&str> = suite
        .sabotages
        .iter()
        .filter(|one| one.is_honest() && one.expectation().verdict.word() == "proved")
        .map(|one| one.file.of.as_str())
        .collect();
    let claims: BTreeSet<&str> = suite
        .honest
        .scenarios
        .iter()
        .map(|claim| claim.id.as_str())
        .collect();
    assert_eq!(proved, claims);
}

fn a_sabotage_is_one_thing(suite: &Suite) {
    for Sabotage { id, file } in &suite.sabotages {
        let lines = file.edits.iter().map(|edit| {
            let replaced = edit.replace.as_deref().unwrap_or_default();
            replaced.lines().count() + edit.by.lines().count()
        });
        assert!(lines.sum::<usize>() <= LINES_OF_ONE_THING, "{id}");
    }
}

fn every_reason_is_provoked(suite: &Suite) {
    let unprovoked = suite.words("unprovoked.yaml");
    let mut reasons: Vec<String> = suite
        .sabotages
        .iter()
        .filter_map(|one| one.expectation().verdict.reason())
        .chain(unprovoked)
        .collect();
    reasons.sort();
    reasons.dedup();
    assert_eq!(reasons, documented());
}

/// The reasons in the tables of docs/VERDICTS.md.
fn documented() -> Vec<String> {
    let text = fs::read_to_string(project().join("docs/VERDICTS.md")).unwrap();
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut reasons: Vec<String> = rows
        .filter_map(|row| row.split('`').next())
        .map(ToOwned::to_owned)
        .collect();
    reasons.sort();
    reasons
}

fn every_guard_is_tried(suite: &Suite) {
    let tried = guards_of(suite, |one| !one.is_honest());
    assert_eq!(tried, suite.words("guards.yaml"));
}

/// By `make guards`, which replays recordings: what falls outside of an experiment has none.
fn every_guard_is_taken_out(suite: &Suite) {
    let replayed = guards_of(suite, Sabotage::falls_in_an_experiment);
    assert_eq!(replayed, suite.words("unguarded.yaml"));
}

fn guards_of(suite: &Suite, are_meant: impl Fn(&Sabotage) -> bool) -> BTreeSet<String> {
    let sabotages = suite.sabotages.iter().filter(|one| are_meant(one));
    let guards = sabotages.flat_map(|one| one.file.guards.iter().cloned());
    guards.collect()
}
