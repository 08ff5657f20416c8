//! Parts of a claim that spoke of nothing: no cluster could contradict them.
//!
//! A selector with a typo waits in vain for a failure, and finds at once that nothing is left; a
//! path with a typo is absent for ever.

use serde_json::Value;

use crate::kubernetes::uid;
use crate::phase::Phase;
use crate::scenario::{
    AsideKind, Clause, EventClause, Failure, LogClause, Scenario, Selector, StateClause, Step,
};
use crate::signature::{is_about, is_the_event};
use crate::verdict::Course;
use crate::witness::{ObjectKey, Observation, Record, StepOutcome, Witness, objects_in};
use crate::workload::is_selected;

/// Everything in a claim that spoke of nothing on a course, in words; the steps only as far as they
/// were carried out, and signatures only of faults that were made. That a field, an event or a line is
/// absent counts as said of nothing when the whole claim was witnessed, from the fault to the checks,
/// and no phase showed it.
#[must_use]
pub fn vacuities(witness: &Witness, claim: &Scenario, course: Course) -> Vec<String> {
    let was_made = |failure: &Failure<'_>| witness.has_begun(failure.fault_phase());
    let broken = claim.chain().filter(was_made);
    let clauses = broken.flat_map(|failure| of_signature(witness, &failure));
    let steps = lists_of_steps(claim, course)
        .into_iter()
        .flat_map(|(phase, place, steps)| of_steps(witness, phase, &place, steps));
    clauses.chain(steps).collect()
}

fn of_signature(witness: &Witness, failure: &Failure<'_>) -> Vec<String> {
    let clauses = failure.signature.iter().enumerate();
    let told = clauses.flat_map(|(index, clause)| {
        let place = failure.tell(&format!("signature clause {}", index + 1));
        said(&place, of_clause(witness, clause))
    });
    told.collect()
}

fn said(place: &str, of_nothing: Vec<String>) -> Vec<String> {
    let say = |what| format!("{place}: {what}");
    of_nothing.into_iter().map(say).collect()
}

/// Every list of steps, with the phase in which it is carried out.
fn lists_of_steps(claim: &Scenario, course: Course) -> Vec<(Phase, String, &[Step])> {
    let start = claim.steady_state.iter();
    let mut lists: Vec<(Phase, String, &[Step])> = start
        .map(|start| (Phase::SteadyState, "steady state".to_owned(), &*start.steps))
        .collect();
    lists.extend(claim.chain().map(|failure| {
        let steps = &*failure.fault.steps;
        (failure.fault_phase(), failure.tell("fault"), steps)
    }));
    lists.push((Phase::Remedy, "remedy".to_owned(), &claim.remedy.steps));
    if let Some(aside) = claim.asides().find(|aside| Course::of(aside) == course) {
        let phase = match aside.kind {
            AsideKind::WrongRemedy => Phase::WrongRemedy,
            AsideKind::Alternative => Phase::Alternative,
            AsideKind::Harmless => Phase::Harmless,
        };
        let place = format!("{} {}", aside.kind, aside.place + 1);
        lists.push((phase, place, aside.steps));
    }
    for (index, finding) in claim.findings.iter().enumerate() {
        if let Some(trial) = &finding.trial {
            let place = format!("finding {}", index + 1);
            lists.push((Phase::Trials, format!("{place} reset"), &trial.reset));
            lists.push((Phase::Trials, format!("{place} trial"), &trial.steps));
        }
    }
    lists
}

fn of_clause(witness: &Witness, clause: &Clause) -> Vec<String> {
    let selector = match clause {
        Clause::State(state) => &state.of,
        Clause::Event(event) | Clause::NoEvent(event) => &event.of,
        Clause::Log(log) | Clause::NoLog(log) => &log.of,
        Clause::Refusal(refusal) => {
            let of = &refusal.of;
            return of_untouched(witness, &ObjectKey::from(of));
        }
        Clause::Http(http) => {
            let name = http.service.value.as_str();
            return of_untouched(witness, &ObjectKey::named("Service", &http.namespace, name));
        }
        Clause::Exec(exec) => return of_untouched(witness, &ObjectKey::from(&exec.target)),
    };
    if !is_watched(witness, selector) {
        return Vec::new();
    }
    if meant(witness.records(), selector).next().is_none() {
        return vec![format!("no {selector} was there in any phase")];
    }
    match clause {
        Clause::State(state) => never_there(witness, state),
        Clause::NoEvent(event) => never_arose(witness, event).into_iter().collect(),
        Clause::NoLog(log) => never_logged(witness, log).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn of_steps(witness: &Witness, phase: Phase, place: &str, steps: &[Step]) -> Vec<String> {
    let mut of_nothing = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let Step::Await(awaited) = step else {
            continue;
        };
        let Some(before) = seen_until(witness, phase, &steps[..index]) else {
            continue;
        };
        let place = format!("{place} step {}", index + 1);
        if let Some(gone) = &awaited.gone
            && is_watched(witness, gone)
            && meant(before, gone).next().is_none()
        {
            of_nothing.push(format!("{place}: no {gone} was there before"));
        }
        if let Some(state) = &awaited.state {
            of_nothing.extend(said(&place, never_there(witness, state)));
        }
    }
    of_nothing
}

/// What was seen until a step ended, if it was carried out after these. An `await` leaves no record:
/// it ended before the next step that does, or with its phase.
fn seen_until<'a>(witness: &'a Witness, phase: Phase, earlier: &[Step]) -> Option<&'a [Record]> {
    let acted = earlier.iter().filter(|step| step.acts());
    let names: Vec<&Step> = acted.collect();
    let records = witness.records();
    let mut starts = (0..records.len()).rev().filter(|&index| {
        matches!(&records[index].observation, Observation::Phase(mark) if mark.phase == phase)
    });
    starts.find_map(|start| {
        let ends = |record: &Record| matches!(record.observation, Observation::Phase(_));
        let rest = &records[start + 1..];
        let length = rest.iter().position(ends).unwrap_or(rest.len());
        let end = start + 1 + length;
        let acted = (start..end).filter_map(|index| Some((index, step(&records[index])?)));
        let acted: Vec<(usize, &StepOutcome)> = acted.collect();
        let mut pairs = acted.iter().zip(&names);
        let carried_out = acted.len() >= names.len()
            && pairs.all(|((_, outcome), step)| step.is_told_as(&outcome.step));
        let end = acted.get(names.len()).map_or(end, |(index, _)| *index);
        carried_out.then(|| &records[..end])
    })
}

fn step(record: &Record) -> Option<&StepOutcome> {
    match &record.observation {
        Observation::Step(outcome) => Some(outcome),
        _ => None,
    }
}

/// What is not watched may have been there.
fn is_watched(witness: &Witness, selector: &Selector) -> bool {
    witness.watches(selector.group(), &selector.kind.value)
}

/// The versions of the objects that a selector means, pods of every template among them.
fn meant<'a>(records: &'a [Record], selector: &'a Selector) -> impl Iterator<Item = &'a Value> {
    objects_in(records).filter(|object| is_selected(object, selector))
}

/// Whether the whole claim was witnessed.
fn is_whole(witness: &Witness) -> bool {
    let is_checks = |record: &Record| matches!(&record.observation, Observation::Phase(mark) if mark.phase == Phase::Checks);
    witness.records().iter().any(is_checks)
}

/// An event whose absence is asked for and which was never sent.
fn never_arose(witness: &Witness, clause: &EventClause) -> Option<String> {
    let records = witness.records();
    let mut sent = objects_in(records).filter(|object| object["kind"] == "Event");
    let arose = sent.any(|sent| {
        is_the_event(sent, clause)
            && meant(records, &clause.of).any(|object| is_about(sent, object))
    });
    (is_whole(witness) && !arose).then(|| {
        let (of, reason, message) = (&clause.of, &clause.reason.value, &clause.message);
        format!("no event {reason} about {of} said {message:?} in any phase")
    })
}

/// A line whose absence is asked for and which was never logged.
fn never_logged(witness: &Witness, clause: &LogClause) -> Option<String> {
    let records = witness.records();
    let is_it = |record: &Record| {
        let Observation::Log(line) = &record.observation else {
            return false;
        };
        let mut texts = clause.contains.iter();
        line.container == clause.container.value
            && texts.all(|text| line.line.contains(text))
            && meant(records, &clause.of).any(|pod| uid(pod) == line.pod_uid)
    };
    (is_whole(witness) && !records.iter().any(is_it)).then(|| {
        let (of, texts) = (&clause.of, clause.contains.join(" "));
        format!("no {of} logged {texts:?} in any phase")
    })
}

/// The fields whose absence is asked for and which no object ever had.
fn never_there(witness: &Witness, state: &StateClause) -> Vec<String> {
    if !is_watched(witness, &state.of) || !is_whole(witness) {
        return Vec::new();
    }
    let absent = state
        .fields
        .iter()
        .filter(|field| field.exists == Some(false));
    absent
        .filter(|field| {
            let mut objects = meant(witness.records(), &state.of);
            objects.all(|object| field.path.values(object).is_empty())
        })
        .map(|field| format!("no {} had {} in any phase", state.of, field.path))
        .collect()
}

/// Of an object that no step applied or deleted, or tried to.
fn of_untouched(witness: &Witness, wanted: &ObjectKey) -> Vec<String> {
    // A manifest may name no namespace.
    let is_it = |key: &ObjectKey| {
        let namespace = wanted.namespace.clone();
        let key = ObjectKey {
            namespace,
            ..key.clone()
        };
        key.may_be(wanted)
    };
    let mut steps = witness.records().iter().filter_map(step);
    let touched = steps.any(|step| {
        let mut refused = step.refusals.iter();
        step.applied.iter().any(|applied| is_it(&applied.key))
            || step.deleted.iter().any(is_it)
            || refused.any(|refusal| refusal.key.as_ref().is_some_and(is_it))
    });
    if touched {
        Vec::new()
    } else {
        vec![format!("no step applied {wanted}")]
    }
}

#[cfg(test)]
mod tests;
