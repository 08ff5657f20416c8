use super::*;
use crate::testing::sample;
use crate::verdict::Obstacle;

fn proved(stood: &str) -> Finished {
    Finished {
        stood: Some(stood.to_owned()),
        ..sample::proved()
    }
}

fn ended(verdict: Verdict) -> Finished {
    Finished {
        verdict,
        phase: Some(Phase::WrongRemedy),
        ..sample::proved()
    }
}

fn unnecessary() -> Finished {
    ended(Verdict::refuted(
        Refutation::HunkUnnecessary,
        "everything became Ready",
    ))
}

fn restart() -> Beside {
    Beside::Aside {
        kind: AsideKind::WrongRemedy,
        title: "Restart the pod".to_owned(),
    }
}

fn without(precaution: Option<&str>) -> Beside {
    Beside::Without {
        part: "Deployment web .spec.strategy.type".to_owned(),
        diff: "+ Recreate".to_owned(),
        precaution: precaution.map(ToOwned::to_owned),
    }
}

#[test]
fn what_stood_each_time_is_told_and_the_claim_is_proved() {
    let beside = vec![
        (restart(), proved("it crashes")),
        (without(None), proved("it hangs")),
    ];
    let all = together(sample::proved(), beside);
    assert_eq!(all.verdict, Verdict::Proved);
    assert_eq!(all.wrong_remedies[0].title, "Restart the pod");
    assert_eq!(all.wrong_remedies[0].stood, "it crashes");
    assert_eq!(all.parts[0].part, "Deployment web .spec.strategy.type");
    assert_eq!(all.parts[0].diff, "+ Recreate");
    let stood = "it hangs".to_owned();
    assert_eq!(all.parts[0].necessity, Necessity::Needed { stood });
}

#[test]
fn a_wrong_remedy_that_works_refutes() {
    let works = ended(Verdict::refuted(
        Refutation::WrongRemedyWorks,
        "Ready after it",
    ));
    let all = together(sample::proved(), vec![(restart(), works)]);
    let told = "wrong remedy \"Restart the pod\": Ready after it";
    assert_eq!(
        all.verdict,
        Verdict::refuted(Refutation::WrongRemedyWorks, told)
    );
    assert!(all.wrong_remedies.is_empty());
    assert_eq!(all.phase, Some(Phase::WrongRemedy));
}

#[test]
fn a_part_that_is_not_needed_refutes_unless_it_is_a_precaution() {
    let all = together(sample::proved(), vec![(without(None), unnecessary())]);
    assert_eq!(all.verdict.reason().as_deref(), Some("hunk-unnecessary"));
    assert!(all.parts.is_empty());
    let kept = together(
        sample::proved(),
        vec![
            (without(Some("slow disks")), unnecessary()),
            (without(None), proved("it hangs")),
        ],
    );
    assert_eq!(kept.verdict, Verdict::Proved);
    let reason = "slow disks".to_owned();
    let necessity = Necessity::Precaution {
        reason,
        stood: None,
    };
    assert_eq!(kept.parts[0].necessity, necessity);
}

#[test]
fn a_remedy_of_precautions_alone_cures_by_nothing() {
    let all = together(
        sample::proved(),
        vec![(without(Some("slow disks")), unnecessary())],
    );
    assert_eq!(all.verdict.reason().as_deref(), Some("hunk-unnecessary"));
    assert_eq!(all.phase, Some(Phase::Necessity));
}

#[test]
fn a_placebo_after_which_nothing_failed_is_told_and_another_refutes() {
    let stood = "nothing failed for 20 s";
    let all = together(sample::proved(), vec![(Beside::Placebo, proved(stood))]);
    assert_eq!(all.placebo.as_deref(), Some(stood));
    assert_eq!(all.verdict, Verdict::Proved);
    let seen = ended(Verdict::refuted(Refutation::AlreadyPresent, "it crashes"));
    let all = together(sample::proved(), vec![(Beside::Placebo, seen)]);
    assert_eq!(all.verdict.detail(), Some("placebo: it crashes"));
}

#[test]
fn a_precaution_may_turn_out_to_be_needed() {
    let all = together(
        sample::proved(),
        vec![(without(Some("slow disks")), proved("it hangs"))],
    );
    let reason = "slow disks".to_owned();
    let necessity = Necessity::Precaution {
        reason,
        stood: Some("it hangs".to_owned()),
    };
    assert_eq!(all.parts[0].necessity, necessity);
    assert_eq!(all.verdict, Verdict::Proved);
}

#[test]
fn a_precaution_excuses_nothing_else() {
    let lost = ended(Verdict::inconclusive(Obstacle::ApiLost, "gone"));
    let all = together(sample::proved(), vec![(without(Some("slow disks")), lost)]);
    assert_eq!(all.verdict.reason().as_deref(), Some("api-lost"));
    let healed = ended(Verdict::refuted(Refutation::NotReproduced, "nothing broke"));
    let all = together(
        sample::proved(),
        vec![(without(Some("slow disks")), healed)],
    );
    assert_eq!(all.verdict.reason().as_deref(), Some("not-reproduced"));
}

#[test]
fn a_refutation_outranks_an_obstacle_and_all_refutations_are_told() {
    let lost = ended(Verdict::inconclusive(Obstacle::ApiLost, "gone"));
    let beside = vec![
        (restart(), lost),
        (without(None), unnecessary()),
        (without(None), unnecessary()),
    ];
    let all = together(sample::proved(), beside);
    assert_eq!(all.verdict.reason().as_deref(), Some("hunk-unnecessary"));
    let detail = all.verdict.detail().unwrap();
    assert_eq!(detail.matches("without Deployment web").count(), 2);
    assert!(!detail.contains("gone"));
}

#[test]
fn what_is_not_proved_stays_so() {
    let all = together(sample::refuted(), vec![(restart(), proved("it crashes"))]);
    assert_eq!(all.verdict, sample::refuted().verdict);
}
