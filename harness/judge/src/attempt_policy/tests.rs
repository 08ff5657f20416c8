//! What several attempts come to, whatever they were.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use proptest::prelude::*;

use super::{Ended, Tries, attempted, of_attempts, stability, tally};
use crate::exit_code::{ExitCode, Standard};
use crate::testing::sample;
use crate::verdict::{Because, Finished, Refutation, Shown, Verdict};

fn times(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("at least one")
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    prop::sample::select(vec![
        Verdict::Proved,
        Verdict::Proved,
        sample::refuted().verdict,
        Verdict::refuted(Refutation::Unstable, "Ready, and then restarted once"),
        sample::inconclusive().verdict,
        Verdict::Inconclusive(Because::interrupted()),
        sample::skipped().verdict,
    ])
}

fn ended(verdict: Verdict) -> Ended {
    let finished = Finished {
        verdict,
        ..sample::proved()
    };
    (finished, Some(PathBuf::from("/runs/now/one")))
}

fn come_to(verdicts: &[Verdict]) -> Finished {
    let mut all = verdicts.iter().cloned().map(ended);
    let first = all.next().expect("an attempt");
    let later: Vec<Ended> = all.collect();
    of_attempts(Tries::Always(times(verdicts.len())), first, &later).0
}

fn kind(finished: &Finished) -> (&str, Option<String>) {
    super::kind(&finished.verdict)
}

fn code(finished: Finished) -> ExitCode {
    ExitCode::of_run(&[finished], &Standard::default())
}

#[test]
fn proved_only_when_tried_again_is_flaky_and_tells_each_attempt() {
    insta::assert_snapshot!(sample::flaky().verdict.detail().expect("a detail"), @"
    2 attempts ended differently: 1 refuted (not-remedied), 1 proved
    attempt 1 (rwo-tsdb-lock-on-rollout): refuted, not-remedied (phase: remedy): awaited: Deployment prometheus Ready and so for 15 s
    attempt 2 (rwo-tsdb-lock-on-rollout.attempt-2): proved
    ");
}

#[test]
fn attempts_that_were_proved_are_told_in_one_line() {
    insta::assert_snapshot!(sample::repeated().verdict.detail().expect("a detail"), @"
    6 attempts ended differently: 4 proved, 1 refuted (unstable), 1 inconclusive (cluster-failed)
    attempt 3 (image-tag-never-published.repetition-03): refuted, unstable (phase: checks): Ready, and then restarted once
    attempt 6 (no evidence): inconclusive, cluster-failed: kind create cluster ended with code 1: no space left on device
    attempts 1, 2, 4, 5: proved
    ");
}

#[test]
fn refuted_alike_is_refuted_and_says_how_often() {
    let refuted = sample::refuted().verdict;
    let finished = come_to(&[refuted.clone(), refuted.clone()]);
    let told = refuted
        .detail()
        .map(|detail| format!("{detail}\n2 attempts: 2 refuted (not-remedied)"));
    assert_eq!(finished.verdict.detail(), told.as_deref());
    assert_eq!(finished.verdict.word(), "refuted");
}

#[test]
fn an_interrupt_hides_no_refutation() {
    let interrupted = Verdict::Inconclusive(Because::interrupted());
    let finished = come_to(&[interrupted, sample::refuted().verdict]);
    assert_eq!(kind(&finished), kind(&sample::refuted()));
}

#[test]
fn evidence_is_that_of_the_first_attempt_that_was_not_proved() {
    let at = |folder: &str, finished| (finished, Some(PathBuf::from(folder)));
    let later = [at("two", sample::refuted()), at("three", sample::refuted())];
    let (_, evidence) = of_attempts(Tries::Always(times(3)), at("one", sample::proved()), &later);
    assert_eq!(evidence, Some(PathBuf::from("two")));
}

#[test]
fn attempts_after_each_other_take_the_time_of_all() {
    let both = |tries| of_attempts(tries, ended(Verdict::Proved), &[ended(Verdict::Proved)]).0;
    let one = sample::proved().duration;
    assert_eq!(both(Tries::UntilProved(times(2))).duration, 2 * one);
    assert_eq!(both(Tries::Always(times(2))).duration, one);
}

#[test]
fn what_is_proved_interrupted_or_skipped_is_not_tried_again() {
    let first = Tries::UntilProved(times(3)).nth(1);
    let is_followed = |verdict| first.after(&verdict).is_some();
    assert!(is_followed(sample::refuted().verdict));
    assert!(is_followed(sample::inconclusive().verdict));
    assert!(!is_followed(Verdict::Proved));
    assert!(!is_followed(sample::skipped().verdict));
    assert!(!is_followed(Verdict::Inconclusive(Because::interrupted())));
}

#[test]
fn what_is_not_proved_is_tried_again_until_the_last_attempt() {
    let tries = Tries::UntilProved(times(3));
    let after = |number: usize| tries.nth(number).after(&sample::refuted().verdict);
    assert_eq!(after(1), Some(tries.nth(2)));
    assert_eq!(after(2), Some(tries.last()));
    assert_eq!(after(3), None);
}

#[test]
fn only_repetitions_are_sure_to_be_made() {
    let sure = |tries: Tries| tries.sure().collect::<Vec<_>>();
    let retried = Tries::UntilProved(times(3));
    assert_eq!(sure(retried), [retried.nth(1)]);
    let repeated = Tries::Always(times(2));
    assert_eq!(sure(repeated), [repeated.nth(1), repeated.nth(2)]);
}

#[test]
fn times_are_medians_and_a_flaky_claim_fell_in_no_phase() {
    let timed = |verdict: &Finished, signature, ready| Finished {
        time_to_signature: Some(signature),
        time_to_ready: Some(ready),
        ..verdict.clone()
    };
    let (proved, refuted) = (sample::proved(), sample::refuted());
    assert!(refuted.phase.is_some());
    let later = [timed(&proved, 2, 30), timed(&proved, 1, 20)].map(|one| (one, None));
    let first = (timed(&refuted, 3, 10), None);
    let (together, _) = of_attempts(Tries::Always(times(3)), first, &later);
    assert_eq!(together.time_to_signature, Some(2));
    assert_eq!(together.time_to_ready, Some(20));
    assert_eq!(together.phase, None);
}

#[test]
fn a_repetition_is_followed_by_none_whatever_its_verdict() {
    let first = Tries::Always(times(3)).nth(1);
    assert_eq!(first.after(&sample::refuted().verdict), None);
}

#[test]
fn attempts_are_told_apart_by_folder_label_and_words() {
    let told = |tries: Tries, number| {
        let nth = tries.nth(number);
        [nth.folder("one"), nth.label("one"), nth.to_string()]
    };
    let retried = Tries::UntilProved(times(3));
    let repeated = Tries::Always(times(20));
    assert_eq!(told(retried, 1), ["one", "one", "attempt 1 of 3"]);
    assert_eq!(
        told(retried, 2),
        ["one.attempt-2", "one 2/3", "attempt 2 of 3"]
    );
    assert_eq!(told(repeated, 1), ["one", "one 1/20", "repetition 1 of 20"]);
    assert_eq!(
        told(repeated, 2),
        ["one.repetition-02", "one 2/20", "repetition 2 of 20"]
    );
}

proptest! {
    #[test]
    fn a_single_attempt_is_itself(verdict in any_verdict()) {
        prop_assert_eq!(come_to(std::slice::from_ref(&verdict)), ended(verdict).0);
    }

    #[test]
    fn proved_is_what_every_attempt_proved(
        verdicts in prop::collection::vec(any_verdict(), 1..6)
    ) {
        let all = verdicts.iter().all(|verdict| *verdict == Verdict::Proved);
        prop_assert_eq!(come_to(&verdicts).verdict == Verdict::Proved, all);
    }

    #[test]
    fn another_attempt_never_makes_a_red_claim_green(
        verdicts in prop::collection::vec(any_verdict(), 1..6), another in any_verdict()
    ) {
        let before = code(come_to(&verdicts));
        let after = code(come_to(&[verdicts, vec![another]].concat()));
        prop_assert!(before == ExitCode::Proved || after != ExitCode::Proved);
    }

    #[test]
    fn attempts_that_end_alike_end_so_together(
        verdict in any_verdict(), number in 1usize..5
    ) {
        let together = come_to(&vec![verdict.clone(); number]);
        prop_assert_eq!(kind(&together), super::kind(&verdict));
    }

    #[test]
    fn attempts_that_end_differently_are_flaky(
        verdicts in prop::collection::vec(any_verdict(), 2..6)
    ) {
        let mut kinds: Vec<_> = verdicts
            .iter()
            .filter(|verdict| !super::was_interrupted(verdict))
            .map(super::kind)
            .collect();
        kinds.sort();
        kinds.dedup();
        prop_assert_eq!(come_to(&verdicts).verdict.word() == "flaky", kinds.len() > 1);
    }

    #[test]
    fn the_order_of_attempts_changes_no_verdict(
        verdicts in prop::collection::vec(any_verdict(), 1..6)
    ) {
        let reversed: Vec<Verdict> = verdicts.iter().rev().cloned().collect();
        let (forward, backward) = (come_to(&verdicts), come_to(&reversed));
        prop_assert_eq!(kind(&forward), kind(&backward));
    }

    #[test]
    fn no_attempt_is_left_out(verdicts in prop::collection::vec(any_verdict(), 2..6)) {
        let attempts = come_to(&verdicts).attempts;
        let told: Vec<&Verdict> = attempts.iter().map(|attempt| &attempt.verdict).collect();
        prop_assert_eq!(told, verdicts.iter().collect::<Vec<_>>());
        let counted: usize = tally(&attempts)
            .split(", ")
            .map(|count| count.split(' ').next().expect("a number").parse::<usize>().expect("a number"))
            .sum();
        prop_assert_eq!(counted, verdicts.len());
    }
}

#[test]
fn a_statement_is_answered_where_every_attempt_answered_it() {
    let tries = Tries::Always(times(2));
    let thorough = || (sample::thorough(), None);
    let shown = |all: &Finished| -> Vec<Shown> { all.claims.iter().map(|one| one.shown).collect() };
    let (both, _) = of_attempts(tries, thorough(), &[thorough()]);
    assert_eq!(shown(&both), shown(&sample::thorough()));
    let mut worse = thorough();
    worse.0.claims[1].shown = Shown::Not;
    for (first, later) in [(thorough(), worse.clone()), (worse, thorough())] {
        let (all, _) = of_attempts(tries, first, &[later]);
        assert_eq!(shown(&all)[..3], [Shown::Here, Shown::Not, Shown::Here]);
    }
}

#[test]
fn a_scenario_is_called_stable_after_several_proofs_and_nothing_else() {
    let attempts = |verdict: Verdict, count: usize| {
        let finished = Finished {
            verdict,
            ..crate::testing::sample::proved()
        };
        vec![attempted(&(finished, None)); count]
    };
    let words = |proved: usize| stability(&attempts(Verdict::Proved, proved));
    assert_eq!(words(1), None);
    assert_eq!(
        words(4).as_deref(),
        Some("not yet called stable: that takes 5 proofs, and these are 4")
    );
    assert_eq!(words(5).as_deref(), Some("stable: proved 5 times of 5"));
    let refuted = crate::testing::sample::refuted().verdict;
    let mixed = [attempts(Verdict::Proved, 9), attempts(refuted, 1)].concat();
    assert_eq!(stability(&mixed), None);
}
