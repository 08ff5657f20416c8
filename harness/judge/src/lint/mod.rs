//! What makes a well-formed scenario a claim that can be witnessed.
//!
//! The parser has refused unknown keys and wrong types before; here are the rules that need more
//! than one place of the file, or the manifests.

mod api_schema;
mod checks;
mod clauses;
mod field_paths;
pub mod known_objects;
mod manifest_fields;
mod optional_changes;
mod phases;
pub(crate) mod places;
mod probes;
mod references;
mod relations;
mod statements;
mod status_words;
mod steps;
mod tautology;
mod variations;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::input::YamlNode;
use crate::input::diagnostic::{Diagnostic, Mistakes};
use crate::input::suggest::did_you_mean;
use crate::kubernetes::kinds::Kind;
use crate::manifest::{ManifestFile, ManifestObject, images};
use crate::readiness::{Readiness, ready};
use crate::redact::Redactor;
use crate::remedy::applied_state::{AppliedChange, AppliedState, ObjectId};
use crate::scenario::version_filter::{self, Versioned};
use crate::scenario::{AsideKind, Scenario, Step};
use api_schema::Kinds;
use known_objects::KnownObjects;
use places::{place_of, step_lists};
use relations::{Objects, Relations};

/// A scenario as it was read.
pub(crate) struct Draft<'a> {
    pub(crate) id: &'a str,
    pub(crate) file: &'a Path,
    pub(crate) text: &'a str,
    pub(crate) scenario: &'a Scenario,
    pub(crate) root: &'a YamlNode,
    /// Names of the manifest files in the scenario's folder; that there are none has been said.
    pub(crate) available: &'a BTreeSet<String>,
    /// Those that the steps use and that are manifests.
    pub(crate) manifests: &'a BTreeMap<String, ManifestFile>,
}

/// Every mistake that can be seen without a cluster.
pub(crate) fn validate(draft: &Draft<'_>) -> Vec<Diagnostic> {
    let mut mistakes = Mistakes::of(draft.file, draft.text);
    identity(draft.id, &mut mistakes);
    let scenario = draft.scenario;
    let texts = [
        ("title", &scenario.title),
        ("source", &scenario.source),
        ("component", &scenario.component),
        ("about", &scenario.about),
    ];
    written(&texts, draft.root, &mut mistakes);
    tags(&scenario.tags, draft.root, &mut mistakes);
    let lists = step_lists(draft.scenario, draft.root);
    if !draft.available.is_empty() {
        for (steps, at) in &lists {
            files(steps, at, draft.available, &mut mistakes);
        }
    }
    let complete = lists
        .iter()
        .flat_map(|(steps, _)| steps.iter())
        .all(|step| {
            step.file()
                .is_none_or(|name| draft.manifests.contains_key(&name.value))
        });
    // Without all manifests every object named would seem to be missing.
    let made = complete.then(|| KnownObjects::of(draft.manifests.values(), draft.scenario.nodes));
    let kinds = complete.then(|| Kinds::of(draft.manifests.values()));
    let secrets = Redactor::of(draft.manifests.values());
    version_filter::walk(draft.scenario, draft.root, &mut mistakes);
    statements::walk(draft.scenario, draft.root, &mut mistakes);
    phases::walk(
        draft.scenario,
        draft.root,
        made.as_ref(),
        kinds.as_ref(),
        &secrets,
        &mut mistakes,
    );
    manifest_fields::walk(draft.scenario, draft.manifests.values(), &mut mistakes);
    if complete {
        premises(draft, &mut mistakes);
        changes(draft, &mut mistakes);
        asides(draft, &mut mistakes);
        goal(draft, &mut mistakes);
        tautology::walk(draft.scenario, draft.manifests, draft.root, &mut mistakes);
        relations::walk(draft.scenario, draft.manifests, draft.root, &mut mistakes);
        probes::walk(draft.scenario, draft.manifests, draft.root, &mut mistakes);
        optional_changes::walk(draft.scenario, draft.manifests, draft.root, &mut mistakes);
        statements::parts(draft.scenario, draft.manifests, draft.root, &mut mistakes);
    }
    mistakes.found()
}

/// An id is a plain word, or several with dashes.
pub(crate) fn identity(id: &str, mistakes: &mut Mistakes<'_>) {
    if !is_plain(id) {
        mistakes.add(
            (1, 1),
            format!("`{id}` cannot be an id"),
            "name the file with lower-case words and dashes, for example `image-tag-never-published.yaml`"
                .to_owned(),
        );
    }
}

pub(crate) fn is_plain(id: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let word = |part: &str| !part.is_empty() && part.chars().all(plain);
    id.split('-').all(word)
}

/// Texts of a part of a file, by their keys, that must not be empty.
pub(crate) fn written(texts: &[(&str, &String)], at: &YamlNode, mistakes: &mut Mistakes<'_>) {
    for (key, text) in texts {
        if text.trim().is_empty() {
            let help = "its reader needs it".to_owned();
            mistakes.add(at.key(key).position(), format!("`{key}` is empty"), help);
        }
    }
}

/// Each tag is given once.
pub(crate) fn tags(tags: &[String], root: &YamlNode, mistakes: &mut Mistakes<'_>) {
    let mut seen = BTreeSet::new();
    for (index, tag) in tags.iter().enumerate() {
        if !seen.insert(tag) {
            let position = root.key("tags").index(index).position();
            mistakes.add(
                position,
                format!("tag `{tag}` is given twice"),
                "keep one".to_owned(),
            );
        }
    }
}

fn files(steps: &[Step], at: &YamlNode, available: &BTreeSet<String>, mistakes: &mut Mistakes<'_>) {
    for (index, step) in steps.iter().enumerate() {
        if let Some(name) = step.file()
            && !available.contains(&name.value)
        {
            let key = step.key_of_file();
            let known: Vec<&str> = available.iter().map(String::as_str).collect();
            mistakes.add(
                at.index(index).key(key).position(),
                format!("there is no manifest `{}`", name.value),
                did_you_mean(&name.value, &known, "manifests of this scenario"),
            );
        }
    }
}

/// The images that must be missing are those of the claim.
fn premises(draft: &Draft<'_>, mistakes: &mut Mistakes<'_>) {
    let used: BTreeSet<String> = draft
        .manifests
        .values()
        .flat_map(|file| &file.objects)
        .flat_map(|object| images(&object.value))
        .collect();
    let used: Vec<&str> = used.iter().map(String::as_str).collect();
    for (index, image) in draft.scenario.absent_images.iter().enumerate() {
        if !used.contains(&image.value.as_str()) {
            mistakes.add(
                draft.root.key("absent_images").index(index).position(),
                format!("no manifest uses the image `{}`", image.value),
                did_you_mean(&image.value, &used, "images of the manifests"),
            );
        }
    }
}

/// Every fault and the remedy change something.
fn changes(draft: &Draft<'_>, mistakes: &mut Mistakes<'_>) {
    let mut standing = AppliedState::at_the_start(draft.scenario, draft.manifests);
    for failure in draft.scenario.chain() {
        let at = place_of(&failure, draft.root).key("fault");
        changed(
            "fault",
            &failure.fault.steps,
            at,
            &mut standing,
            draft,
            mistakes,
        );
        standing.refuse(failure.signature);
    }
    let remedy = &draft.scenario.remedy.steps;
    let at = draft.root.key("remedy");
    changed("remedy", remedy, at, &mut standing, draft, mistakes);
}

fn changed<'a>(
    phase: &str,
    steps: &'a [Step],
    at: &YamlNode,
    standing: &mut AppliedState<'a>,
    draft: &Draft<'a>,
    mistakes: &mut Mistakes<'_>,
) {
    let changes = standing.perform(steps, draft.manifests);
    if !changes.is_empty() && !changes.iter().any(AppliedChange::differs) {
        mistakes.add(
            at.key("steps").position(),
            format!("the {phase} applies only what stands already"),
            "change its manifests, or leave `apply` out if its other steps suffice".to_owned(),
        );
    }
}

/// What is tried beside the claim does something to what stands there.
fn asides(draft: &Draft<'_>, mistakes: &mut Mistakes<'_>) {
    for aside in draft.scenario.asides() {
        let mut standing = match aside.kind {
            AsideKind::Harmless => AppliedState::at_the_start(draft.scenario, draft.manifests),
            AsideKind::WrongRemedy | AsideKind::Alternative => {
                AppliedState::broken(draft.scenario, draft.manifests)
            }
        };
        let changes = standing.perform(aside.steps, draft.manifests);
        let acts = |step: &Step| step.file().is_none() && step.acts();
        let is_idle = !aside.steps.iter().any(acts) && !changes.iter().any(AppliedChange::differs);
        if is_idle && !aside.steps.is_empty() {
            let at = draft.root.key(aside.kind.key()).index(aside.place);
            mistakes.add(
                at.key("steps").position(),
                format!("the {} changes nothing that stands", aside.kind),
                "change its manifests, or add the step that people try".to_owned(),
            );
        }
    }
}

/// The goal is more than that the signature is gone, on every version of the claim.
fn goal(draft: &Draft<'_>, mistakes: &mut Mistakes<'_>) {
    let (scenario, manifests) = (draft.scenario, draft.manifests);
    let relations = Relations::of(manifests);
    let about = relations.about(scenario, manifests);
    let mut standing = AppliedState::broken(scenario, manifests);
    standing.perform(&scenario.remedy.steps, manifests);
    let is_declared_gone = |object: &ManifestObject| {
        let mut goal = scenario.remedy.goal.iter();
        goal.any(|declared| declared.is_nothing() && declared.of.is_of(object))
    };
    let becomes_ready = standing.objects().any(|applied| {
        let this = Objects::These(BTreeSet::from([ObjectId::of(applied.object)]));
        can_become_ready(applied.object)
            && !is_declared_gone(applied.object)
            && relations.meet(&this, &about)
    });
    let is_asked = |minor: &&str| {
        scenario.checks.iter().any(|check| check.is_on(minor))
            || scenario.ready.iter().any(|clause| clause.is_on(minor))
    };
    let unasked = scenario.minors().into_iter().find(|minor| !is_asked(minor));
    if let Some(minor) = unasked
        && !becomes_ready
    {
        let of = if scenario.checks.is_empty() && scenario.ready.is_empty() {
            String::new()
        } else {
            format!(" on Kubernetes {minor}")
        };
        mistakes.add(
            draft.root.key_position("remedy"),
            format!(
                "nothing that the failure is about can become Ready{of}: the goal would only be that \
                 the signature is gone"
            ),
            "add `checks`: what a user sees when it is cured".to_owned(),
        );
    }
}

/// What is Ready as soon as it is there never becomes so; custom resources say themselves whether
/// they are.
fn can_become_ready(object: &ManifestObject) -> bool {
    Kind::of(&object.value).is_none() || ready(&object.value) != Readiness::Holds
}
