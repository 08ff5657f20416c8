//! The remedy in parts: each change that it makes to what stands, and each other step.

use super::applied_state::{Applied, AppliedChange, AppliedState, ObjectId};
use super::pieces::{Piece, What, is_step, pieces, reason};
use crate::hunk::{Hunk, merge};
use crate::manifest::{ManifestFile, ManifestObject};
use crate::scenario::{LoadedScenario, ShownBy};

/// A part of a remedy, which can be left out alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// The part in words: `Deployment prometheus .spec.strategy.type`, or those of the step. No two
    /// parts of a remedy have the same.
    pub name: String,
    /// The change as lines that begin with `-` and `+`; empty for a step.
    pub diff: String,
    /// Why it is kept although the claim is cured without it, if the claim says so.
    pub precaution: Option<String>,
}

impl LoadedScenario {
    /// The parts of the remedy, in the order of its steps.
    #[must_use]
    pub fn parts(&self) -> Vec<Part> {
        let precautions = &self.scenario.remedy.precautions;
        pieces(&self.scenario, &self.manifests)
            .into_iter()
            .map(|piece| Part {
                precaution: reason(precautions, &piece).map(str::to_owned),
                diff: match &piece.what {
                    What::Change(_, hunk) => hunk.diff(),
                    What::Step(_) => String::new(),
                },
                name: piece.name,
            })
            .collect()
    }

    /// The scenario whose remedy lacks one of its [`parts`](Self::parts), from 0. Files that differ
    /// without it have names of their own, since other phases may apply them as they are; what would
    /// have been added by nothing but this part is not applied.
    #[must_use]
    pub fn without(&self, part: usize) -> Self {
        let mut pieces = pieces(&self.scenario, &self.manifests).into_iter();
        let left_out = pieces.nth(part).map(|piece| piece.what);
        let before = AppliedState::before_remedy(&self.scenario, &self.manifests);
        let mut lacking = self.clone();
        lacking.scenario.remedy.steps.clear();
        for (index, step) in self.scenario.remedy.steps.iter().enumerate() {
            let altered = match (&left_out, step) {
                (Some(What::Step(left_out)), _) if *left_out == index => continue,
                (Some(What::Change(object, hunk)), _) => {
                    let changes = before.compared(step, &self.manifests);
                    let objects = objects_without(&changes, *object, hunk);
                    step.file().zip(objects)
                }
                _ => None,
            };
            let step = match altered {
                None => step.clone(),
                Some((_, objects)) if objects.is_empty() => continue,
                Some((file, objects)) => {
                    let name = format!("{} without part {}", file.value, part + 1);
                    let altered = ManifestFile::write(&self.folder.join(&name), objects);
                    lacking.manifests.insert(name.clone(), altered);
                    step.with_file(name)
                }
            };
            lacking.scenario.remedy.steps.push(step);
        }
        lacking
    }

    /// The name of the part of the remedy that shows a statement by being left out.
    #[must_use]
    pub fn part_left_out(&self, shown_by: &ShownBy) -> Option<String> {
        let is_it = |piece: &Piece<'_>| match shown_by {
            ShownBy::Change(change) => change.names(piece),
            ShownBy::Step(step) => is_step(piece) && piece.name == step.value,
            _ => false,
        };
        let mut pieces = pieces(&self.scenario, &self.manifests).into_iter();
        pieces.find(is_it).map(|piece| piece.name)
    }
}

/// The objects of a step without one change; none where the step does not make it.
fn objects_without(
    changes: &[AppliedChange<'_>],
    object: ObjectId<'_>,
    left_out: &Hunk,
) -> Option<Vec<ManifestObject>> {
    let mut objects = Vec::new();
    let mut makes_it = false;
    for change in changes {
        let applied = change.after.object;
        if ObjectId::of(applied) != object {
            objects.push(applied.clone());
            continue;
        }
        let before = change.before.as_ref().map(Applied::value);
        let value = merge(before, Some(&applied.value), &mut |hunk| {
            makes_it |= hunk == left_out;
            hunk != left_out
        });
        objects.extend(value.map(|value| applied.with_value(value)));
    }
    makes_it.then_some(objects)
}

#[cfg(test)]
mod tests;
