//! Recorded evidence judged again, with everything that was tried beside the claim.

use std::path::Path;

use crate::evidence::{EvidenceError, read_records, read_verdict};
use crate::experiment::{Extent, conduct};
use crate::recording::Recording;
use crate::scenario::{LoadError, LoadedScenario, load_scenario};
use crate::thorough::beside;
use crate::verdict::{Course, Finished, Verdict, statements, together};

/// Why evidence cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file of it cannot be read.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Its scenario is not valid, or not any more.
    #[error(transparent)]
    Scenario(#[from] LoadError),
}

/// What the evidence comes to by the present rules, and what it came to in its run.
///
/// # Errors
/// A file cannot be read, or its scenario is not valid.
pub async fn replay(folder: &Path) -> Result<(Finished, Finished), ReplayError> {
    let recorded = read_verdict(folder)?;
    let scenario = load_scenario(&folder.join("scenario.yaml"), &folder.join("manifests"))?;
    let scenario = std::sync::Arc::new(scenario.on(&recorded.kubernetes));
    let all = beside(&scenario);
    if let Some((_, _, conducted)) = all.iter().find(|(course, ..)| *course == recorded.course) {
        let again = judge(folder, conducted, &recorded).await?;
        return Ok((again, recorded));
    }
    let claim = judge(folder, &scenario, &recorded).await?;
    let was_tried_harder = recorded.course == Course::Claim && recorded.thorough;
    let mut again = claim.clone();
    if was_tried_harder && claim.verdict == Verdict::Proved {
        let mut tried = Vec::new();
        for (course, what, conducted) in all {
            let folder = folder.join(course.to_string());
            let recorded = read_verdict(&folder)?;
            tried.push((what, judge(&folder, &conducted, &recorded).await?));
        }
        again = together(again, tried);
    }
    again.claims = statements(&scenario, &claim, &again);
    Ok((again, recorded))
}

async fn judge(
    folder: &Path,
    conducted: &LoadedScenario,
    recorded: &Finished,
) -> Result<Finished, EvidenceError> {
    let mut recording = Recording::of(read_records(folder)?);
    let outcome = conduct(conducted, &mut recording, Extent::of(recorded)).await;
    Ok(Finished {
        verdict: outcome.verdict,
        phase: outcome.phase,
        time_to_signature: outcome.time_to_signature,
        time_to_ready: outcome.time_to_ready,
        rates: outcome.rates,
        stress: outcome.stress,
        stood: outcome.stood,
        wrong_remedies: Vec::new(),
        alternatives: Vec::new(),
        harmless: Vec::new(),
        claims: Vec::new(),
        parts: Vec::new(),
        ..recorded.clone()
    })
}
