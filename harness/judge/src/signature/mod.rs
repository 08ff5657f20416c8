//! The documented failure as conditions over a witness.
//!
//! A signature holds where all its clauses hold at one moment: states as the objects stand now,
//! answers as they are given now, events, log lines and refusals as evidence that arose in the
//! present phase about objects that are still there. Clauses with the same selector hold of one object.
//! A cured pod keeps its last termination and its previous log, so a signature of states alone also
//! needs a state that began in the phase; and once everything is Ready, only what arose after that is
//! evidence that the failure stands all the same.
//!
//! Three more questions are asked of the same clauses: whether they still stand at the end of a hold
//! ([`stand`]), whether any of them is left after the cure ([`Traces`]), and whether they show more than
//! what a perturbation causes by itself ([`Disturbed`]).

mod awaited_lines;
mod disturbed;
mod find;
mod progress;
mod remains;
mod since;
mod unnamed;
mod words;

pub use awaited_lines::AwaitedLines;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::readiness::{Readiness, ready};
use crate::scenario::{Clause, Selector, StateClause};
use crate::steady_state::{Goal, MetAt};
use crate::time::Millis;
use crate::witness::{ObjectKey, PhaseMark, Witness};
use crate::workload::{fitting, selected};

pub use disturbed::{Disturbed, indistinct};
pub use remains::Traces;
pub use since::Since;
pub use unnamed::unnamed;
pub use words::describe;

use find::{Found, Held, Sight};
pub(crate) use find::{is_about, is_the_event};
use remains::root;

/// Whether a signature holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// Every clause holds; the evidence, one sentence a clause.
    Holds(Vec<String>),
    /// Some clause does not hold.
    NotYet(Vec<Missing>),
}

/// A clause that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// What the clause asks for.
    pub awaited: String,
    /// What is seen instead.
    pub seen: String,
}

impl Match {
    /// Whether every clause holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        matches!(self, Self::Holds(_))
    }

    /// The clauses that hold, of all.
    #[must_use]
    pub fn missing(&self) -> &[Missing] {
        match self {
            Self::Holds(_) => &[],
            Self::NotYet(missing) => missing,
        }
    }
}

/// Asks a witness whether the signature holds, with evidence since a moment.
#[must_use]
pub fn matches(witness: &Witness, clauses: &[Clause], since: impl Into<Since>) -> Match {
    seen_by(&Sight::of(witness, since.into()), clauses)
}

/// Asks a witness whether the signature, with evidence since a moment, still stands after a hold that
/// began at another and ends now: an event or a line must have come again since then, unless what it is about has
/// stayed as it was.
#[must_use]
pub fn stand(
    witness: &Witness,
    clauses: &[Clause],
    since: impl Into<Since>,
    (hold, now): (MetAt, Millis),
) -> Match {
    let sight = Sight {
        hold: Some(Held { since: hold, now }),
        ..Sight::of(witness, since.into())
    };
    seen_by(&sight, clauses)
}

/// Asks a witness whether the signature holds by more than what a perturbation causes by itself.
#[must_use]
pub fn comes_back(
    witness: &Witness,
    clauses: &[Clause],
    since: impl Into<Since>,
    disturbed: &Disturbed,
) -> Match {
    let sight = Sight {
        disturbed: Some(disturbed),
        ..Sight::of(witness, since.into())
    };
    seen_by(&sight, clauses)
}

/// Whether a clause that is a check holds now: with events since a phase, and lines of present runs.
///
/// # Errors
/// What is seen instead.
pub fn shown(witness: &Witness, clause: &Clause, since: PhaseMark) -> Result<String, String> {
    let sight = Sight {
        present_runs: true,
        ..Sight::of(witness, since.into())
    };
    let objects = match clause.selector() {
        Some(of) => selected(witness, of)?,
        None => Vec::new(),
    };
    sight.find(clause, &objects).map(|found| found.evidence)
}

fn seen_by(sight: &Sight<'_>, clauses: &[Clause]) -> Match {
    let mut evidence = Vec::new();
    let mut missing = Vec::new();
    let mut any_new = false;
    for (clause, found) in clauses.iter().zip(together(sight, clauses)) {
        match found {
            Ok(found) => {
                any_new |= found.is_new;
                evidence.push(found.evidence);
            }
            Err(seen) => missing.push(Missing {
                awaited: describe(clause),
                seen,
            }),
        }
    }
    if missing.is_empty() && !any_new {
        missing.push(Missing {
            awaited: format!("something new since the {} began", sight.since.phase.phase),
            seen: "only states that stood before".to_owned(),
        });
    }
    if missing.is_empty() {
        Match::Holds(evidence)
    } else {
        Match::NotYet(missing)
    }
}

/// What shows each clause. Clauses with the same selector are shown by one object, unless they say that
/// any will do.
fn together(sight: &Sight<'_>, clauses: &[Clause]) -> Vec<Result<Found, String>> {
    let mut found: Vec<Result<Found, String>> =
        clauses.iter().map(|clause| alone(sight, clause)).collect();
    for group in groups(clauses) {
        if group.iter().any(|&index| found[index].is_err()) {
            continue;
        }
        let evidence = group.iter().filter_map(|&index| found[index].as_ref().ok());
        let evidence: Vec<&str> = evidence.map(|found| found.evidence.as_str()).collect();
        let evidence = evidence.join("; ");
        let members: Vec<&Clause> = group.iter().map(|&index| &clauses[index]).collect();
        match by_one_object(sight, &members) {
            Ok(shown) => {
                for (&index, shown) in group.iter().zip(shown) {
                    found[index] = Ok(shown);
                }
            }
            Err(why) => {
                if let Some(&last) = group.last() {
                    found[last] = Err(format!("{why}: {evidence}"));
                }
            }
        }
    }
    found
}

/// The places of the clauses that speak of one object, by their selector.
fn groups(clauses: &[Clause]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(&Selector, Vec<usize>)> = Vec::new();
    for (place, clause) in clauses.iter().enumerate() {
        let Some(of) = clause.selector().filter(|_| !clause.any()) else {
            continue;
        };
        match groups.iter_mut().find(|(known, _)| known.is_same_as(of)) {
            Some((_, places)) => places.push(place),
            None => groups.push((of, vec![place])),
        }
    }
    groups.into_iter().map(|(_, places)| places).collect()
}

/// What shows clauses with one selector, of one object. Where it selects pods of several workloads, each
/// workload with a pod that is not Ready must show them: one that does not fails otherwise.
fn by_one_object(sight: &Sight<'_>, clauses: &[&Clause]) -> Result<Vec<Found>, String> {
    let Some(of) = clauses.first().and_then(|clause| clause.selector()) else {
        return Ok(Vec::new());
    };
    let shows_all = |object: &Value| -> Option<Vec<Found>> {
        let one = [object];
        let shown = clauses.iter().map(|clause| sight.find(clause, &one).ok());
        shown.collect()
    };
    let mut workloads: BTreeMap<ObjectKey, Vec<&Value>> = BTreeMap::new();
    for object in selected(sight.witness, of)? {
        let key = root(sight.witness, object);
        workloads.entry(key).or_default().push(object);
    }
    let fails = |objects: &[&Value]| {
        let mut objects = objects.iter();
        of.kind.value == "Pod" && objects.any(|object| ready(object) != Readiness::Holds)
    };
    let mut shown = None;
    for (workload, objects) in &workloads {
        match objects.iter().find_map(|object| shows_all(object)) {
            Some(found) => {
                shown.get_or_insert(found);
            }
            None if workloads.len() > 1 && fails(objects) => {
                return Err(format!(
                    "{workload} is not Ready either and does not show it"
                ));
            }
            None => {}
        }
    }
    shown.ok_or_else(|| format!("no one {of} shows all of it"))
}

fn alone(sight: &Sight<'_>, clause: &Clause) -> Result<Found, String> {
    match clause.selector() {
        Some(of) => sight.find(clause, &selected(sight.witness, of)?),
        None => sight.find(clause, &[]),
    }
}

/// Whether a state holds now, of objects that are seen as the goal's steps stored them.
///
/// # Errors
/// What is seen instead.
pub fn state_holds(witness: &Witness, clause: &StateClause, goal: &Goal) -> Result<(), String> {
    let mut objects = selected(witness, &clause.of)?;
    objects.retain(|object| goal.is_seen_as_applied(witness, object));
    if objects.is_empty() {
        return Err(format!("{} is not yet seen as applied", clause.of));
    }
    fitting(&objects, clause).map(|_| ())
}

#[cfg(test)]
mod tests;
