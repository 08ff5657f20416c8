//! From the healthy start until the failure stands.

use std::collections::BTreeSet;
use std::time::Duration;

use relapse_judge::kubernetes::text_at;
use relapse_judge::phase::Phase;
use relapse_judge::scenario::{Clause, Step};
use relapse_judge::witness::{ObjectKey, Observation, Record};
use relapse_tests::tape::{Tape, is_event, is_log, is_streamed, moved, step, unready};
use serde_json::{Value, json};

use super::{End, any, expect, expect_end};

/// Where the first failure appears that has such a clause.
fn first(clause: fn(&Clause) -> bool) -> impl Fn(&Tape) -> Option<Phase> {
    move |tape| {
        let mut chain = tape.scenario.scenario.chain();
        let failure = chain.find(|failure| failure.signature.iter().any(clause))?;
        Some(failure.fault_phase())
    }
}

/// A workload that is not Ready fails, and otherwise than documented. Where none is, or only an event
/// said why, what is not seen may have left nothing that ails.
fn unseen(clause: fn(&Clause) -> bool) -> impl Fn(&Tape) -> Option<Vec<End>> {
    move |tape| {
        let phase = first(clause)(tape)?;
        let mut reasons = vec!["other-failure"];
        if !tape.fails_by_readiness() || tape.fails_while_its_pods_are_made() {
            reasons.push("not-reproduced");
        }
        Some(reasons.into_iter().map(|reason| (reason, phase)).collect())
    }
}

const fn is_of_a_log(clause: &Clause) -> bool {
    matches!(clause, Clause::Log(_))
}

const fn is_of_an_event(clause: &Clause) -> bool {
    matches!(clause, Clause::Event(_))
}

#[tokio::test(start_paused = true)]
async fn without_its_log_it_is_not_the_documented_failure() {
    expect_end(unseen(is_of_a_log), |tape| {
        tape.records.retain(|record| !is_log(record));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_a_log_of_another_container_it_is_not_the_documented_failure() {
    expect_end(unseen(is_of_a_log), |tape| {
        for record in &mut tape.records {
            if let Observation::Log(line) = &mut record.observation {
                line.container.push_str("-other");
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_a_log_of_another_pod_it_is_not_the_documented_failure() {
    expect_end(unseen(is_of_a_log), |tape| {
        for record in &mut tape.records {
            if let Observation::Log(line) = &mut record.observation {
                line.pod_uid.push_str("-other");
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_a_log_from_before_the_fault_it_is_not_the_documented_failure() {
    expect_end(unseen(is_of_a_log), |tape| {
        let before =
            tape.mark(first(is_of_a_log)(tape).unwrap()).server_time - Duration::from_secs(2);
        for record in &mut tape.records {
            if let Observation::Log(line) = &mut record.observation {
                line.time = before;
            }
        }
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn without_its_events_it_is_not_the_documented_failure() {
    expect_end(unseen(is_of_an_event), |tape| {
        tape.records.retain(|record| !is_event(record));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_events_about_an_object_of_the_same_name_it_is_not_the_documented_failure() {
    expect_end(unseen(is_of_an_event), |tape| {
        tape.rewrite(0..tape.records.len(), |object| {
            if let Some(uid) = object.pointer_mut("/involvedObject/uid") {
                *uid = "another".into();
            }
        });
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn with_events_from_before_the_fault_it_is_not_the_documented_failure() {
    expect_end(unseen(is_of_an_event), |tape| {
        let fault = first(is_of_an_event)(tape).unwrap();
        let before = tape.mark(fault).resource_version - 1;
        tape.rewrite(tape.phase(fault), |object| {
            if object["kind"] == "Event" {
                object["metadata"]["resourceVersion"] = before.to_string().into();
            }
        });
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn without_anything_after_the_fault_it_is_not_reproduced_or_spoke_of_nothing() {
    // A fault that awaits something awaits it in vain.
    let reasons = &["not-reproduced", "vacuous", "other-failure"];
    expect(reasons, Phase::Fault, any, |tape| {
        let fault = tape.phase(Phase::Fault);
        let mut place = 0..;
        tape.records.retain(|record| {
            let place = place.next().unwrap();
            !(fault.contains(&place) && is_streamed(record))
        });
    })
    .await;
}

/// What is asked for, or awaited, would come too late to be seen in an earlier phase.
fn cured_by_conditions(tape: &Tape) -> bool {
    let claim = &tape.scenario.scenario;
    let mut steps = claim.fault.steps.iter().chain(&claim.remedy.steps);
    let awaits = steps.any(|step| matches!(step, Step::Await(_)));
    tape.mends_a_workload() && tape.fails_by_readiness() && claim.ready.is_empty() && !awaits
}

#[tokio::test(start_paused = true)]
async fn cured_in_the_fault_it_is_not_reproduced_or_heals_itself() {
    // What a pod shows while it ends may be the failure's last sign.
    let ends = vec![
        ("not-reproduced", Phase::Fault),
        ("self-healed", Phase::Control),
    ];
    expect_end(
        |tape| cured_by_conditions(tape).then(|| ends.clone()),
        |tape| cure_in(tape, Phase::Fault),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn cured_while_nothing_is_touched_it_has_healed_itself() {
    expect(
        &["self-healed"],
        Phase::Control,
        cured_by_conditions,
        |tape| {
            cure_in(tape, Phase::Control);
        },
    )
    .await;
}

/// What the remedy led to is shown in an earlier phase, instead of what was seen there of the same
/// objects.
fn cure_in(tape: &mut Tape, phase: Phase) {
    let remedy = tape.phase(Phase::Remedy);
    let begun = tape.records[remedy.start - 1].at;
    let mut cure = tape.records[remedy].to_vec();
    cure.retain(is_streamed);
    let cured: BTreeSet<_> = cure.iter().filter_map(object_key).collect();
    let range = tape.phase(phase);
    let mut instead = tape.records[range.clone()].to_vec();
    let is_cured = |key: &ObjectKey| cured.iter().any(|cured: &ObjectKey| cured.may_be(key));
    let others = |key: ObjectKey| key.kind != "Event" && !is_cured(&key);
    instead.retain(|record| step(record).is_some() || object_key(record).is_some_and(others));
    let steps = instead.iter().filter(|record| step(record).is_some());
    let since = steps
        .map(|record| record.at)
        .next_back()
        .unwrap_or(tape.records[range.start - 1].at);
    let earlier = |record: &Record| moved(record, since + (record.at - begun));
    instead.extend(cure.iter().map(earlier));
    instead.sort_by_key(|record| record.at);
    tape.records.splice(range, instead);
}

fn object_key(record: &Record) -> Option<ObjectKey> {
    match &record.observation {
        Observation::Object(shown) => Some(ObjectKey::of(&shown.object)),
        _ => None,
    }
}

#[tokio::test(start_paused = true)]
async fn with_a_start_that_never_becomes_ready_the_baseline_is_broken() {
    expect(
        &["baseline-broken", "cluster-failed"],
        Phase::SteadyState,
        Tape::starts_with_workload,
        |tape| {
            tape.rewrite(0..tape.place(Phase::Fault), |object| {
                if object["kind"] == "Pod" {
                    unready(object);
                }
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn broken_before_the_fault_it_is_already_present() {
    let fails = |tape: &Tape| tape.starts_with_workload() && tape.fails_by_readiness();
    expect(
        &["already-present", "baseline-broken"],
        Phase::SteadyState,
        fails,
        |tape| {
            let mut broken = tape.records[tape.phase(Phase::Fault)].to_vec();
            broken.retain(is_streamed);
            let start = tape.phase(Phase::SteadyState);
            let applied = tape.records[start.clone()]
                .iter()
                .rposition(|record| step(record).is_some())
                .unwrap();
            tape.records
                .splice(start.start + applied + 1..start.end, broken);
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn without_a_registry_nothing_is_said_about_a_missing_tag() {
    let pulls = |record: &Record| match &record.observation {
        Observation::Object(shown) => text_at(&shown.object, "/message")
            .is_some_and(|message| message.starts_with("Failed to pull image")),
        _ => false,
    };
    let fits = move |tape: &Tape| tape.records[tape.phase(Phase::Fault)].iter().any(pulls);
    expect(&["registry-unreachable"], Phase::Fault, fits, |tape| {
        tape.rewrite(0..tape.records.len(), |object| {
            reword(object, &|text| {
                text.replace(
                    ": not found",
                    ": failed to do request: connect: connection refused",
                )
            });
        });
    })
    .await;
}

/// Changes every text of an object.
fn reword(value: &mut Value, change: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => *value = json!(change(text)),
        Value::Array(items) => items.iter_mut().for_each(|item| reword(item, change)),
        Value::Object(fields) => fields.values_mut().for_each(|field| reword(field, change)),
        _ => {}
    }
}
