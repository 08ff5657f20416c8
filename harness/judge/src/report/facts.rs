//! What was seen of scenarios beside their verdicts: trials, stress, what was tried beside the claim,
//! parts of the remedy.

use std::collections::{BTreeMap, BTreeSet};

use crate::attempt_policy::Spread;
use crate::scenario::Perturbation;
use crate::text::shown;
use crate::verdict::{Finished, Necessity, PartJudged, Perturbed, Rate, Shown, Survival, Tried};

/// Everything that was seen of a scenario beside its verdict, each fact on a line.
pub(super) fn facts(finished: &Finished) -> Vec<String> {
    let mut lines: Vec<String> = finished.rates.iter().map(rated).collect();
    lines.extend(survived(&finished.stress));
    lines.extend(tried("wrong remedies", "refused", &finished.wrong_remedies));
    lines.extend(tried("alternatives", "cured too", &finished.alternatives));
    lines.extend(tried("harmless", "broke nothing", &finished.harmless));
    lines.extend(
        finished
            .placebo
            .as_ref()
            .map(|stood| format!("placebo: {stood}")),
    );
    lines.extend(parted(&finished.parts));
    lines.extend(unverified(finished));
    let unnamed = finished.unnamed.iter();
    lines.extend(unnamed.map(|sign| format!("seen, and in no clause: {sign}")));
    lines.extend(claims(finished).map(|claims| format!("claims: {claims}")));
    lines
}

/// What a run says of the statements of the record, as `C1, C3 confirmed; C2 only with --thorough`.
#[must_use]
pub fn claims(finished: &Finished) -> Option<String> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    let (answered, open): (Vec<_>, Vec<_>) = finished
        .claims
        .iter()
        .partition(|claim| claim.shown == Shown::Here);
    for claim in answered.into_iter().chain(open) {
        let words = match (claim.shown, &claim.on) {
            (Shown::Here, Some(on)) => format!("depends on {on}"),
            (Shown::Here, None) => claim.answer.to_string(),
            (Shown::OnlyThoroughly, _) => "only with --thorough".to_owned(),
            (Shown::Elsewhere, _) => format!("by {}", claim.shown_by),
            (Shown::Not, _) => "not witnessed".to_owned(),
        };
        match groups.iter_mut().find(|(known, _)| *known == words) {
            Some((_, ids)) => ids.push(&claim.id),
            None => groups.push((words, vec![&claim.id])),
        }
    }
    let told = groups
        .iter()
        .map(|(words, ids)| format!("{} {words}", ids.join(", ")));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join("; "))
}

/// How often a trial converged, and how soon.
pub(super) fn rated(rate: &Rate) -> String {
    let (finding, converged, all) = (&rate.finding, rate.converged(), rate.times.len());
    let words = format!("{finding}: {converged} of {all} became Ready");
    match Spread::of(rate.times.iter().flatten().copied()) {
        None => words,
        Some(spread) => format!(
            "{words}, in {} to {} (median {})",
            shown(spread.min),
            shown(spread.max),
            shown(spread.median)
        ),
    }
}

/// Perturbations that were not done on this engine, however many scenarios they belong to: each
/// reason on a line.
pub(super) fn not_done<'a>(run: impl Iterator<Item = &'a Finished>) -> Vec<String> {
    let mut stressed = 0;
    let mut reasons: BTreeMap<&str, (BTreeSet<Perturbation>, BTreeSet<&str>)> = BTreeMap::new();
    for finished in run {
        stressed += usize::from(!finished.stress.is_empty());
        for perturbed in &finished.stress {
            if let Survival::Skipped { reason } = &perturbed.outcome {
                let (perturbations, ids) = reasons.entry(reason).or_default();
                perturbations.insert(perturbed.perturbation);
                ids.insert(&finished.id);
            }
        }
    }
    let told = reasons.into_iter().map(|(reason, (perturbations, ids))| {
        let names: Vec<String> = perturbations.iter().map(ToString::to_string).collect();
        let (names, skipped) = (names.join(", "), ids.len());
        format!("stress not done in {skipped} of {stressed} scenarios: {names} ({reason})")
    });
    told.collect()
}

/// Premises of a scenario that nobody here could verify, each on a line.
pub(super) fn unverified(finished: &Finished) -> impl Iterator<Item = String> {
    let told = finished.unverified.iter();
    told.map(|premise| format!("not verified: {premise}"))
}

/// Whether a scenario was to survive something, and declares all of it not applicable.
pub(super) fn is_unstressed(finished: &Finished) -> bool {
    let is_declared =
        |perturbed: &Perturbed| matches!(perturbed.outcome, Survival::NotApplicable { .. });
    !finished.stress.is_empty() && finished.stress.iter().all(is_declared)
}

/// Scenarios of a run that were put under no stress, since they declare all of it not applicable: each
/// on a line, with the reasons that they give.
pub(super) fn unstressed<'a>(run: impl Iterator<Item = &'a Finished>) -> Vec<String> {
    let told = run
        .filter(|finished| is_unstressed(finished))
        .map(|finished| {
            let reasons: Vec<String> = finished.stress.iter().filter_map(declared).collect();
            let (id, reasons) = (&finished.id, reasons.join(", "));
            format!("{id} was put under no stress, all of it is declared not applicable: {reasons}")
        });
    told.collect()
}

fn declared(perturbed: &Perturbed) -> Option<String> {
    match &perturbed.outcome {
        Survival::NotApplicable { reason } => {
            Some(format!("{} ({reason})", perturbed.perturbation))
        }
        _ => None,
    }
}

fn survived(stress: &[Perturbed]) -> Option<String> {
    let (mut recovered, mut skipped, mut not_applicable) = (Vec::new(), Vec::new(), Vec::new());
    for Perturbed {
        perturbation,
        outcome,
    } in stress
    {
        match outcome {
            Survival::Recovered { millis, .. } => {
                recovered.push(format!("{perturbation} ({})", shown(*millis)));
            }
            Survival::Skipped { reason } => skipped.push(format!("{perturbation} ({reason})")),
            Survival::NotApplicable { reason } => {
                not_applicable.push(format!("{perturbation} ({reason})"));
            }
        }
    }
    let sorts = [
        ("survived ", recovered),
        ("not done: ", skipped),
        ("not applicable: ", not_applicable),
    ];
    let told: Vec<String> = sorts
        .into_iter()
        .filter(|(_, some)| !some.is_empty())
        .map(|(words, some)| words.to_owned() + &some.join(", "))
        .collect();
    (!told.is_empty()).then(|| format!("stress: {}", told.join("; ")))
}

fn tried(what: &str, came_to: &str, tried: &[Tried]) -> Option<String> {
    let titles: Vec<&str> = tried.iter().map(|one| &*one.title).collect();
    (!titles.is_empty())
        .then(|| format!("{what}: {} {came_to}: {}", titles.len(), titles.join("; ")))
}

fn parted(parts: &[PartJudged]) -> Option<String> {
    let precautions = parts
        .iter()
        .filter(|part| matches!(part.necessity, Necessity::Precaution { .. }))
        .count();
    let needed = parts.len() - precautions;
    let plural = if precautions == 1 { "" } else { "s" };
    (!parts.is_empty())
        .then(|| format!("parts of the remedy: {needed} needed, {precautions} precaution{plural}"))
}
