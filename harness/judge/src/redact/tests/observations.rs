//! Everything that is kept of a run and speaks in somebody else's words.

use super::*;
use crate::scenario::Perturbation;
use crate::testing::{event, refused};
use crate::verdict::{Because, Flakiness, Lack, Obstacle, Refutation};
use crate::witness::{Change, Gap, LogLine, ObjectChange, PerturbationOutcome};

const WORDS: &str = "login as shop: hunter2";
const REDACTED: &str = "login as shop: <redacted>";

fn redactor() -> Redactor {
    knowing(&json!({"password": "hunter2"}))
}

fn gap() -> Gap {
    Gap {
        stream: "watch of Pod".to_owned(),
        message: WORDS.to_owned(),
    }
}

fn perturbed(effect: Effect) -> Observation {
    Observation::Perturbation(PerturbationOutcome {
        perturbation: Perturbation::PauseNode,
        effect,
    })
}

#[test]
fn no_observation_keeps_a_secret() {
    let words = WORDS.to_owned();
    let observations = [
        Observation::Object(ObjectChange {
            change: Change::Applied,
            object: event(&pod(1), "Warning", "Failed", WORDS),
        }),
        Observation::Log(LogLine {
            namespace: "default".to_owned(),
            pod: "web-1-a".to_owned(),
            pod_uid: "uid of web-1-a".to_owned(),
            container: "app".to_owned(),
            time: Timestamp::UNIX_EPOCH,
            line: words.clone(),
        }),
        Observation::Gap(gap()),
        Observation::Resumed(gap()),
        Observation::Step(StepOutcome {
            refusals: vec![refused(&pod(1), WORDS)],
            ..StepOutcome::default()
        }),
        Observation::Check(CheckOutcome {
            name: words.clone(),
            passed: false,
            seen: words.clone(),
        }),
        perturbed(Effect::Seen {
            proof: words.clone(),
        }),
        perturbed(Effect::Impossible { why: words.clone() }),
        perturbed(Effect::Missing { why: words.clone() }),
        Observation::Lost(Because {
            reason: Obstacle::ApiLost,
            detail: words,
        }),
    ];
    for mut observation in observations {
        let before = serde_json::to_string(&observation).unwrap();
        redactor().observation(&mut observation);
        let after = serde_json::to_string(&observation).unwrap();
        assert_eq!(after, before.replace(WORDS, REDACTED));
        assert_ne!(after, before);
    }
}

#[test]
fn no_verdict_keeps_a_secret() {
    let verdicts = |detail: &str| {
        [
            Verdict::Proved,
            Verdict::refuted(Refutation::CheckFailed, detail),
            Verdict::Flaky(Because {
                reason: Flakiness::AttemptsDiffer,
                detail: detail.to_owned(),
            }),
            Verdict::inconclusive(Obstacle::ClusterFailed, detail),
            Verdict::skipped(Lack::Image, detail),
        ]
    };
    let mut told = verdicts(WORDS);
    for verdict in &mut told {
        redactor().verdict(verdict);
    }
    assert_eq!(told, verdicts(REDACTED));
}
