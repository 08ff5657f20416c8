//! The changes and steps of which a remedy consists.

use std::collections::BTreeMap;

use super::applied_state::{Applied, AppliedChange, AppliedState, ObjectId};
use crate::hunk::{Hunk, hunks};
use crate::manifest::ManifestFile;
use crate::scenario::{ChangedField, Precaution, Scenario};

/// A part with what is left out.
#[derive(Debug)]
pub(crate) struct Piece<'a> {
    pub(crate) name: String,
    pub(crate) what: What<'a>,
}

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum What<'a> {
    /// A change of an object, in every step that makes it.
    Change(ObjectId<'a>, Hunk),
    /// The step at this place in the remedy.
    Step(usize),
}

/// The parts of a scenario's remedy, in the order of its steps.
pub(crate) fn pieces<'a>(
    scenario: &'a Scenario,
    manifests: &'a BTreeMap<String, ManifestFile>,
) -> Vec<Piece<'a>> {
    let before = AppliedState::before_remedy(scenario, manifests);
    let mut found: Vec<(usize, Piece<'_>)> = Vec::new();
    for (index, step) in scenario.remedy.steps.iter().enumerate() {
        let pieces = match step.file() {
            Some(_) => before
                .compared(step, manifests)
                .iter()
                .flat_map(changes)
                .collect(),
            None => vec![Piece {
                // As scenarios have always named a step, without its namespace.
                name: format!("{step:#}"),
                what: What::Step(index),
            }],
        };
        for piece in pieces {
            if !found.iter().any(|(_, known)| known.what == piece.what) {
                found.push((index, piece));
            }
        }
    }
    let mut times = BTreeMap::new();
    for (_, piece) in &found {
        *times.entry(piece.name.clone()).or_insert(0) += 1;
    }
    for (index, piece) in &mut found {
        if times.get(&piece.name).is_some_and(|times| *times > 1) {
            piece.name = format!("{} (step {})", piece.name, *index + 1);
        }
    }
    found.into_iter().map(|(_, piece)| piece).collect()
}

fn changes<'a>(change: &AppliedChange<'a>) -> Vec<Piece<'a>> {
    let object = ObjectId::of(change.after.object);
    let before = change.before.as_ref().map(Applied::value);
    hunks(before, Some(change.after.value()))
        .into_iter()
        .map(|hunk| Piece {
            name: format!("{object} {}", hunk.field()).trim_end().to_owned(),
            what: What::Change(object, hunk),
        })
        .collect()
}

/// Why a part is kept, if a precaution names it.
pub(crate) fn reason<'a>(precautions: &'a [Precaution], piece: &Piece<'_>) -> Option<&'a str> {
    precautions
        .iter()
        .find(|precaution| match (&precaution.change, &precaution.step) {
            (Some(change), _) => change.names(piece),
            (None, Some(step)) => is_step(piece) && piece.name == step.value,
            (None, None) => false,
        })
        .map(|precaution| precaution.reason.as_str())
}

impl ChangedField {
    pub(crate) fn object(&self) -> ObjectId<'_> {
        let name = self.name.value.as_str();
        ObjectId::new(None, &self.kind.value, &self.namespace, name)
    }

    pub(crate) fn path(&self) -> &str {
        self.path.as_ref().map_or("", |path| path.value.as_str())
    }

    /// Each line contains what is absent.
    pub(crate) fn line(&self) -> &str {
        self.line.as_ref().map_or("", |line| line.value.as_str())
    }

    pub(crate) fn names(&self, piece: &Piece<'_>) -> bool {
        change(piece).is_some_and(|(object, hunk)| {
            object.may_be(&self.object()) && hunk.path == self.path() && hunk.contains(self.line())
        })
    }
}

pub(crate) fn is_step(piece: &Piece<'_>) -> bool {
    matches!(piece.what, What::Step(_))
}

pub(crate) fn change<'p, 'a>(piece: &'p Piece<'a>) -> Option<(ObjectId<'a>, &'p Hunk)> {
    match &piece.what {
        What::Change(object, hunk) => Some((*object, hunk)),
        What::Step(_) => None,
    }
}
