//! Verdicts to draw, for tests.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use crate::attempt_policy::{Tries, of_attempts};
use crate::phase::Phase;
use crate::scenario::{Answer, Perturbation};
use crate::verdict::{
    Course, Finished, Lack, Necessity, Obstacle, PartJudged, Perturbed, Rate, Refutation, Shown,
    StatementJudged, Survival, Tried, Verdict,
};
use crate::witness::Witness;

/// A proved scenario.
pub fn proved() -> Finished {
    Finished {
        id: "image-tag-never-published".to_owned(),
        title: "The Deployment names an image tag that was never published".to_owned(),
        kubernetes: "1.36".to_owned(),
        verdict: Verdict::Proved,
        phase: Some(Phase::Checks),
        time_to_signature: Some(1_940),
        time_to_ready: Some(3_100),
        duration: 38_240,
        rates: Vec::new(),
        stress: Vec::new(),
        wrong_remedies: Vec::new(),
        alternatives: Vec::new(),
        harmless: Vec::new(),
        placebo: None,
        claims: Vec::new(),
        parts: Vec::new(),
        stood: None,
        unnamed: Vec::new(),
        course: Course::Claim,
        thorough: false,
        trials: false,
        unverified: Vec::new(),
        strict: false,
        attempts: Vec::new(),
    }
}

/// A refuted one.
pub fn refuted() -> Finished {
    let detail = "awaited: Deployment prometheus Ready and so for 15 s\n\
        last seen: Pod prometheus-7d9c4b6f5-x2x9k: container prometheus waiting CrashLoopBackOff, \
        restarts 4, log: opening storage failed: lock DB directory: resource temporarily unavailable\n\
        next step: read timeline.txt from the phase REMEDY on";
    Finished {
        id: "rwo-tsdb-lock-on-rollout".to_owned(),
        title: "A rolling update of Prometheus on a ReadWriteOnce claim waits for its own lock"
            .to_owned(),
        verdict: Verdict::refuted(Refutation::NotRemedied, detail),
        phase: Some(Phase::Remedy),
        time_to_signature: Some(2_100),
        time_to_ready: None,
        duration: 132_000,
        ..proved()
    }
}

/// One for which the environment failed.
pub fn inconclusive() -> Finished {
    Finished {
        id: "loki3-removed-field".to_owned(),
        title: "Loki 3 refuses a configuration of Loki 2".to_owned(),
        verdict: Verdict::inconclusive(
            Obstacle::ClusterFailed,
            "kind create cluster ended with code 1: no space left on device",
        ),
        phase: None,
        time_to_signature: None,
        time_to_ready: None,
        duration: 9_100,
        ..proved()
    }
}

/// One that cannot run here.
pub fn skipped() -> Finished {
    Finished {
        id: "old".to_owned(),
        title: "Something of the past".to_owned(),
        verdict: Verdict::skipped(
            Lack::KubernetesVersion,
            "the claim is made for Kubernetes <1.34",
        ),
        duration: 3,
        ..inconclusive()
    }
}

/// A proved one with the rate of a trial.
pub fn with_rates() -> Finished {
    Finished {
        id: "no-default-storageclass".to_owned(),
        rates: vec![Rate {
            finding: "A default class alone is a gamble for pods that already wait".to_owned(),
            times: vec![Some(4_900), None, Some(17_200), None, Some(5_100)],
        }],
        ..proved()
    }
}

/// A proved one that was stressed and tried thoroughly.
pub fn thorough() -> Finished {
    let perturbed = |perturbation, outcome| Perturbed {
        perturbation,
        outcome,
    };
    let recovered = |effect: &str, millis| Survival::Recovered {
        effect: effect.to_owned(),
        millis,
    };
    let part = |part: &str, necessity| PartJudged {
        part: part.to_owned(),
        diff: "-    type: RollingUpdate\n+    type: Recreate\n".to_owned(),
        necessity,
    };
    let tried = |title: &str, stood: &str| Tried {
        title: title.to_owned(),
        stood: stood.to_owned(),
    };
    let crash = "Pod prometheus: container prometheus waiting CrashLoopBackOff";
    let claim = |id: &str, answer, on: Option<&str>, shown| StatementJudged {
        id: id.to_owned(),
        says: "fsGroup alone cures".to_owned(),
        answer,
        on: on.map(ToOwned::to_owned),
        shown_by: "remedy".to_owned(),
        shown,
    };
    Finished {
        id: "volume-not-writable-by-nonroot".to_owned(),
        stress: vec![
            perturbed(
                Perturbation::DeletePods,
                recovered("Pod prometheus-1 was deleted", 4_100),
            ),
            perturbed(
                Perturbation::KillContainer,
                recovered("container prometheus restarted", 2_000),
            ),
            perturbed(
                Perturbation::PauseNode,
                Survival::Skipped {
                    reason: "the engine has no freezer".to_owned(),
                },
            ),
            perturbed(
                Perturbation::RestartNode,
                Survival::NotApplicable {
                    reason: "the volume is local to the node".to_owned(),
                },
            ),
        ],
        wrong_remedies: vec![
            tried("Give it more memory", crash),
            tried("Delete the pod", crash),
        ],
        alternatives: vec![tried(
            "An init container changes the owner",
            "everything was Ready after 2.5 s",
        )],
        harmless: vec![tried(
            "A wrong setting in a running pod's ConfigMap",
            "everything stayed Ready for 30s",
        )],
        claims: vec![
            claim("C1", Answer::Confirmed, None, Shown::Here),
            claim("C2", Answer::Refuted, None, Shown::Here),
            claim("C3", Answer::Confirmed, None, Shown::Here),
            claim(
                "C4",
                Answer::Depends,
                Some("the type of the volume"),
                Shown::Here,
            ),
            claim("C5", Answer::Confirmed, None, Shown::OnlyThoroughly),
            claim("C6", Answer::Refuted, None, Shown::Not),
        ],
        parts: vec![
            part(
                "Deployment prometheus .spec.strategy.type",
                Necessity::Needed {
                    stood: "the signature".to_owned(),
                },
            ),
            part(
                "Deployment prometheus .spec.template.spec.securityContext.fsGroup",
                Necessity::Precaution {
                    reason: "other provisioners need it".to_owned(),
                    stood: None,
                },
            ),
        ],
        ..proved()
    }
}

/// A proved one that declares all stress not applicable.
pub fn unstressed() -> Finished {
    let declared = |perturbation| Perturbed {
        perturbation,
        outcome: Survival::NotApplicable {
            reason: "nothing of it runs as a pod".to_owned(),
        },
    };
    Finished {
        stress: [Perturbation::DeletePods, Perturbation::KillContainer]
            .map(declared)
            .to_vec(),
        ..proved()
    }
}

fn at(number: usize, tries: Tries, finished: Finished) -> (Finished, Option<PathBuf>) {
    let folder = tries.nth(number).folder(&finished.id);
    let evidence = PathBuf::from("/project/runs/20261120-164012").join(folder);
    (finished, Some(evidence))
}

/// One that was refuted, and proved when it was tried again.
pub fn flaky() -> Finished {
    let tries = Tries::UntilProved(NonZeroUsize::MIN.saturating_add(2));
    let cured = Finished {
        id: refuted().id,
        title: refuted().title,
        ..proved()
    };
    of_attempts(tries, at(1, tries, refuted()), &[at(2, tries, cured)]).0
}

/// One that was tried six times, and proved four times.
pub fn repeated() -> Finished {
    let tries = Tries::Always(NonZeroUsize::MIN.saturating_add(5));
    let unstable = Finished {
        verdict: Verdict::refuted(Refutation::Unstable, "Ready, and then restarted once"),
        phase: Some(Phase::Checks),
        time_to_ready: Some(900),
        ..proved()
    };
    let lost = Finished {
        id: proved().id,
        title: proved().title,
        ..inconclusive()
    };
    let proved_in = |ready| Finished {
        time_to_ready: Some(ready),
        ..proved()
    };
    let later = [
        at(2, tries, proved_in(2_900)),
        at(3, tries, unstable),
        at(4, tries, proved_in(71_400)),
        at(5, tries, proved_in(12_000)),
        (lost, None),
    ];
    of_attempts(tries, at(1, tries, proved_in(3_100)), &later).0
}

/// One of each.
pub fn all() -> Vec<Finished> {
    vec![
        proved(),
        refuted(),
        inconclusive(),
        skipped(),
        with_rates(),
        thorough(),
        flaky(),
    ]
}

/// One of each, with the folder of its evidence below `/project`.
pub fn rows() -> Vec<(Finished, Option<PathBuf>)> {
    let row = |finished: Finished| {
        let evidence = PathBuf::from("/project/runs/20261120-164012").join(&finished.id);
        let touched = finished.time_to_signature.is_some();
        (finished, touched.then_some(evidence))
    };
    all().into_iter().map(row).collect()
}

/// Parts of a remedy: one that is needed, precautions, a step.
pub fn parts() -> Vec<PartJudged> {
    let needed = |stood: &str| Necessity::Needed {
        stood: stood.to_owned(),
    };
    let precaution = |reason: &str, stood: Option<&str>| Necessity::Precaution {
        reason: reason.to_owned(),
        stood: stood.map(ToOwned::to_owned),
    };
    let part = |part: &str, diff: &str, necessity| PartJudged {
        part: part.to_owned(),
        diff: diff.to_owned(),
        necessity,
    };
    vec![
        part(
            "Deployment prometheus .spec.strategy.type",
            "- type: RollingUpdate\n+ type: Recreate\n",
            needed(
                "prometheus-5645c7d7b5-zvgz2/prometheus: opening storage failed: lock DB \
                directory: resource temporarily unavailable",
            ),
        ),
        part(
            "ConfigMap prometheus-config .data['prometheus.yml'] line 3",
            "-   scrape_interval: 15s\n+   scrape_interval: 1s\n+   evaluation_interval: 1s\n",
            precaution("The check would wait for the next scrape", None),
        ),
        part(
            "Deployment prometheus .spec.template.spec.securityContext.runAsNonRoot",
            "+ runAsNonRoot: true\n",
            precaution(
                "The policy of the cluster asks for it",
                Some("pod prometheus-5645c7d7b5-zvgz2 is forbidden"),
            ),
        ),
        part(
            "restart Deployment prometheus",
            "",
            needed("PersistentVolumeClaim prometheus-data: .status.phase is \"Pending\""),
        ),
    ]
}

/// A witness as a run writes it, shortened: Prometheus cannot write to its volume.
pub fn witness() -> Witness {
    let mut witness = Witness::default();
    for line in include_str!("sample_witness.jsonl").lines() {
        witness.push(serde_json::from_str(line).expect("a record"));
    }
    witness
}
