//! From the remedy on.

use relapse_judge::phase::Phase;
use relapse_judge::witness::{ObjectKey, Observation, Refusal};
use relapse_tests::tape::{Tape, is_one_of, restarted, unready};

use super::expect;

#[tokio::test(start_paused = true)]
async fn with_pods_that_never_become_ready_it_is_not_remedied() {
    expect(
        &["not-remedied"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            let pods = tape.cured_pods();
            let start = tape.place(Phase::Remedy) + 1;
            let before = tape.witness_before(start);
            tape.rewrite(start..tape.records.len(), |object| {
                if is_one_of(object, &pods) {
                    unready(object);
                }
            });
            for pod in pods {
                if let Some(known) = before.get(&ObjectKey::of(&pod)) {
                    let mut known = known.clone();
                    unready(&mut known);
                    tape.show(start, tape.records[start - 1].at, known);
                }
            }
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_the_counts_of_an_older_spec_it_is_not_remedied() {
    expect(
        &["not-remedied"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            let workload = tape.workload();
            tape.rewrite(tape.place(Phase::Remedy)..tape.records.len(), |object| {
                if ObjectKey::of(object).may_be(&workload) {
                    let generation = object["metadata"]["generation"].as_u64().unwrap();
                    object["status"]["observedGeneration"] = (generation - 1).into();
                }
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_a_workload_that_is_not_seen_as_applied_it_is_not_remedied() {
    expect(
        &["not-remedied"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            let workload = tape.workload();
            tape.restep(Phase::Remedy, |outcome| {
                for applied in &mut outcome.applied {
                    if applied.key == workload {
                        applied.resource_version += 1_000_000;
                    }
                }
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_another_workload_under_its_name_it_is_not_remedied() {
    expect(
        &["not-remedied"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            let workload = tape.workload();
            tape.restep(Phase::Remedy, |outcome| {
                for applied in &mut outcome.applied {
                    if applied.key == workload {
                        applied.uid = "another".to_owned();
                    }
                }
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn suspended_the_workload_is_removed() {
    expect(
        &["workload-removed"],
        Phase::Remedy,
        Tape::mends_a_workload,
        |tape| {
            let workload = tape.workload();
            tape.restep(Phase::Remedy, |outcome| {
                for applied in &mut outcome.applied {
                    if applied.key == workload {
                        applied.suspended = Some(true);
                    }
                }
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn refused_by_the_api_server_it_is_not_remedied() {
    expect(
        &["not-remedied"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            tape.restep(Phase::Remedy, |outcome| {
                for applied in outcome.applied.drain(..) {
                    outcome.refusals.push(Refusal {
                        key: Some(applied.key),
                        message: "spec: Forbidden".to_owned(),
                    });
                }
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_a_restart_within_the_hold_it_is_unstable() {
    expect(
        &["unstable"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            for mut pod in tape.cured_pods() {
                restarted(&mut pod);
                tape.show_in_hold(pod);
            }
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn ready_and_then_not_it_is_unstable() {
    expect(
        &["unstable"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            for mut pod in tape.cured_pods() {
                unready(&mut pod);
                tape.show_in_hold(pod);
            }
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_another_pod_within_the_hold_it_is_unstable() {
    expect(
        &["unstable"],
        Phase::Remedy,
        Tape::cures_a_workload,
        |tape| {
            for mut pod in tape.cured_pods() {
                pod["metadata"]["uid"] = "another".into();
                tape.show_in_hold(pod);
            }
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_a_restart_during_the_checks_it_is_unstable() {
    let checked =
        |tape: &Tape| tape.cures_a_workload() && !tape.scenario.scenario.checks.is_empty();
    expect(&["unstable"], Phase::Checks, checked, |tape| {
        for mut pod in tape.cured_pods() {
            restarted(&mut pod);
            let place = tape.place(Phase::Checks) + 1;
            tape.show(place, tape.records[place].at, pod);
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn scaled_to_nothing_the_workload_is_removed() {
    let scaled = |tape: &Tape| tape.mends_a_workload() && tape.workload().kind != "DaemonSet";
    expect(&["workload-removed"], Phase::Remedy, scaled, |tape| {
        let workload = tape.workload();
        tape.restep(Phase::Remedy, |outcome| {
            for applied in &mut outcome.applied {
                if applied.key == workload {
                    applied.replicas = Some(0);
                }
            }
        });
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn deleted_the_workload_is_removed() {
    expect(
        &["workload-removed"],
        Phase::Remedy,
        Tape::mends_a_workload,
        |tape| {
            let workload = tape.workload();
            tape.restep(Phase::Remedy, |outcome| {
                outcome.applied.retain(|applied| applied.key != workload);
                outcome.deleted.push(workload.clone());
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn unseen_by_the_user_its_check_failed() {
    let checked = |tape: &Tape| !tape.scenario.scenario.checks.is_empty();
    expect(&["check-failed"], Phase::Checks, checked, |tape| {
        let range = tape.phase(Phase::Checks);
        for record in &mut tape.records[range] {
            if let Observation::Check(outcome) = &mut record.observation {
                outcome.passed = false;
            }
        }
    })
    .await;
}
