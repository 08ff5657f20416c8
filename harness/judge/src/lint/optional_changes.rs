//! Precautions: parts of the remedy that are kept although the claim is cured without them.

use std::collections::{BTreeMap, BTreeSet};

use crate::hunk::Hunk;
use crate::input::YamlNode;
use crate::input::diagnostic::Mistakes;
use crate::input::suggest::{did_you_mean, quoted};
use crate::manifest::ManifestFile;
use crate::remedy::pieces::{Piece, change, is_step, pieces};
use crate::scenario::{ChangedField, Scenario};

/// Finds precautions that do not name one part of the remedy, or do not say why.
pub(crate) fn walk(
    scenario: &Scenario,
    manifests: &BTreeMap<String, ManifestFile>,
    root: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    let pieces = pieces(scenario, manifests);
    let mut named: BTreeSet<&str> = BTreeSet::new();
    for (index, precaution) in scenario.remedy.precautions.iter().enumerate() {
        let at = root.key("remedy").key("precautions").index(index);
        if precaution.reason.trim().is_empty() {
            let help = "say why it is kept although the claim is cured without it".to_owned();
            mistakes.add(at.key("reason").position(), "`reason` is empty", help);
        }
        let piece = match (&precaution.change, &precaution.step) {
            (Some(change), None) => changed(change, &pieces, at.key("change"), mistakes),
            (None, Some(step)) => stepped(&step.value, &pieces, at.key("step"), mistakes),
            _ => {
                let help = "give exactly one of `change` and `step`".to_owned();
                mistakes.add(
                    at.position(),
                    "a precaution is one part of the remedy",
                    help,
                );
                None
            }
        };
        if let Some(piece) = piece
            && !named.insert(&piece.name)
        {
            let message = format!("`{}` is named by two precautions", piece.name);
            mistakes.add(at.position(), message, "keep one".to_owned());
        }
    }
    if !named.is_empty() && named.len() == pieces.len() {
        mistakes.add(
            root.key("remedy").key_position("precautions"),
            "every part of the remedy is called a precaution: nothing is left that cures",
            "leave out the one without which the failure stands".to_owned(),
        );
    }
}

pub(crate) fn stepped<'p, 'a>(
    step: &str,
    pieces: &'p [Piece<'a>],
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> Option<&'p Piece<'a>> {
    let steps = || pieces.iter().filter(|piece| is_step(piece));
    let found = steps().find(|piece| piece.name == step);
    if found.is_none() {
        let known: Vec<&str> = steps().map(|piece| piece.name.as_str()).collect();
        let help = if known.is_empty() {
            "all its steps are `apply`; name what they change with `change`".to_owned()
        } else {
            did_you_mean(step, &known, "steps other than `apply`")
        };
        mistakes.add(
            at.position(),
            format!("the remedy has no step `{step}`"),
            help,
        );
    }
    found
}

pub(crate) fn changed<'p, 'a>(
    field: &ChangedField,
    pieces: &'p [Piece<'a>],
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) -> Option<&'p Piece<'a>> {
    let object = field.object();
    let changes = || pieces.iter().filter_map(change);
    let of_object = || changes().filter(|(changed, _)| changed.may_be(&object));
    if of_object().next().is_none() {
        let known: BTreeSet<String> = changes().map(|(changed, _)| changed.to_string()).collect();
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let is_kind = changes().any(|(changed, _)| changed.kind == object.kind);
        let at = at.key(if is_kind { "name" } else { "kind" });
        let help = did_you_mean(&object.to_string(), &known, "objects that it changes");
        mistakes.add(
            at.position(),
            format!("the remedy does not change {object}"),
            help,
        );
        return None;
    }
    let at_path: Vec<&Hunk> = of_object()
        .map(|(_, hunk)| hunk)
        .filter(|hunk| hunk.path == field.path())
        .collect();
    if at_path.is_empty() {
        let paths: BTreeSet<&str> = of_object().map(|(_, hunk)| hunk.path.as_str()).collect();
        path_unknown(field, &paths, at, mistakes);
        return None;
    }
    let found: Vec<&Piece<'_>> = pieces.iter().filter(|piece| field.names(piece)).collect();
    match found.as_slice() {
        [one] => return Some(one),
        [] => {
            let lines = at_path
                .iter()
                .flat_map(|hunk| hunk.old.iter().chain(&hunk.new));
            let known: Vec<&str> = lines.map(|line| line.trim()).collect();
            let line = field.line();
            let message = format!("no line that the remedy changes here contains `{line}`");
            let help = did_you_mean(line, &known, "changed lines");
            mistakes.add(at.key("line").position(), message, help);
        }
        several => {
            let told = |piece: &&Piece<'_>| {
                let diff = change(piece).map(|(_, hunk)| hunk.diff());
                let first = diff.as_deref().and_then(|diff| diff.lines().next());
                format!("{}: {}", piece.name, first.unwrap_or_default())
            };
            let told: Vec<String> = several.iter().map(told).collect();
            let told: Vec<&str> = told.iter().map(String::as_str).collect();
            let message = format!("this names {} parts of the remedy", several.len());
            let help = format!(
                "let `line` be text that only one of these changes: {}",
                quoted(&told)
            );
            mistakes.add(at.position(), message, help);
        }
    }
    None
}

fn path_unknown(
    field: &ChangedField,
    known: &BTreeSet<&str>,
    at: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    let object = field.object();
    let known: Vec<&str> = known.iter().copied().collect();
    let (position, message) = match &field.path {
        Some(path) => (
            at.key("path").position(),
            format!("the remedy does not change {} of {object}", path.value),
        ),
        None => (
            at.position(),
            format!("the remedy changes fields of {object}, it does not add it"),
        ),
    };
    let help = match &field.path {
        Some(_) if known == [""] => "it adds the whole object; leave `path` out".to_owned(),
        Some(path) => did_you_mean(&path.value, &known, "fields that it changes"),
        None => format!("add `path`: {}", quoted(&known)),
    };
    mistakes.add(position, message, help);
}
