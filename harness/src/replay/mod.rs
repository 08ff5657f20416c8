//! Recorded evidence judged again, with everything that was tried beside the claim.

mod fit;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::evidence::{EvidenceError, read_records, read_verdict, stamp_of, verified};
use crate::run::variations::beside;
use relapse_judge::experiment::{Extent, conduct};
use relapse_judge::library::{LoadError, load_scenario};
use relapse_judge::recording::Recording;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::{Beside, Course, Finished, Verdict, statements, together};

/// Why evidence cannot be judged again.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// A file of it cannot be read, or is not as it was recorded.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Its scenario is not valid, or not any more.
    #[error(transparent)]
    Scenario(#[from] LoadError),
    /// Its files do not fit each other.
    #[error("{}: {words}; next: {next}", path.display())]
    Unfit {
        /// The file that says otherwise than the rest.
        path: PathBuf,
        /// What it says, and what was expected.
        words: String,
        /// What to do.
        next: &'static str,
    },
}

/// Evidence that is as it was recorded, and whose files fit each other.
pub struct Recorded {
    folder: PathBuf,
    /// The scenario as it is on the version of the run.
    pub scenario: Arc<LoadedScenario>,
    /// What the run found.
    pub verdict: Finished,
    held_longer: bool,
}

impl Recorded {
    /// Reads a folder of evidence.
    ///
    /// # Errors
    /// A file cannot be read, is not as it was recorded, or does not fit the others.
    pub fn read(folder: &Path) -> Result<Self, ReplayError> {
        verified(folder)?;
        Self::unverified(folder)
    }

    /// Reads a folder of evidence whose stamp is to be made anew.
    ///
    /// # Errors
    /// A file cannot be read, or does not fit the others.
    pub fn unverified(folder: &Path) -> Result<Self, ReplayError> {
        let verdict = read_verdict(folder)?;
        let scenario = load_scenario(&folder.join("scenario.yaml"), &folder.join("manifests"))?;
        fit::version(&verdict.kubernetes, &scenario)
            .map_err(|words| misfit(folder, "verdict.json", words))?;
        let scenario = Arc::new(scenario.on(&verdict.kubernetes));
        Ok(Self {
            folder: folder.to_owned(),
            scenario,
            verdict,
            held_longer: stamp_of(folder)?.holds_as_long_as_it_took(),
        })
    }

    /// What it comes to by the present rules.
    ///
    /// # Errors
    /// A file cannot be read, or does not fit the others.
    pub async fn judge(&self) -> Result<Finished, ReplayError> {
        if let Course::Placebo(_) = self.verdict.course {
            return self.conduct(&self.scenario).await;
        }
        let all = beside(&self.scenario, &self.verdict);
        if self.verdict.course != Course::Claim {
            let courses = all.iter().map(|(course, ..)| *course);
            let course = fit::course(self.verdict.course, courses);
            let place = course.map_err(|words| misfit(&self.folder, "verdict.json", words))?;
            return self.conduct(&all[place].2).await;
        }
        let claim = self.conduct(&self.scenario).await?;
        let mut again = claim.clone();
        if self.verdict.thorough && claim.verdict == Verdict::Proved {
            again = together(again, self.tried_beside(all).await?);
        }
        again.claims = statements(&self.scenario, &claim, &again);
        Ok(again)
    }

    /// What was tried beside the claim, each in a folder of its own.
    async fn tried_beside(
        &self,
        all: Vec<(Course, Beside, Arc<LoadedScenario>)>,
    ) -> Result<Vec<(Beside, Finished)>, ReplayError> {
        let mut tried = Vec::new();
        for (course, what, conducted) in all {
            let folder = self.folder.join(course.to_string());
            // Older runs tried no placebo.
            if matches!(course, Course::Placebo(_)) && !folder.exists() {
                continue;
            }
            let beside = Self::read(&folder)?;
            fit::beside(course, self, &beside)
                .map_err(|(file, words)| misfit(&beside.folder, file, words))?;
            tried.push((what, beside.conduct(&conducted).await?));
        }
        Ok(tried)
    }

    /// One experiment by its records. What they do not show in full proves nothing.
    async fn conduct(&self, conducted: &LoadedScenario) -> Result<Finished, ReplayError> {
        let of_witness = |words| misfit(&self.folder, "witness.jsonl", words);
        let (mut seen, mut unread) = (fit::Seen::default(), None);
        let records = read_records(&self.folder)?.map_while(|record| {
            let record = record.map_err(|error| unread = Some(error)).ok()?;
            seen.take(&record);
            Some(record)
        });
        let mut recording = Recording::of(records).held_longer(self.held_longer);
        let outcome = conduct(conducted, &mut recording, Extent::of(&self.verdict)).await;
        let played = recording.end();
        if let Some(error) = unread {
            return Err(error.into());
        }
        seen.fits(&self.verdict.kubernetes).map_err(of_witness)?;
        let lack = played.lack.filter(|_| outcome.verdict == Verdict::Proved);
        if let Some(words) = played.misfit.or(lack) {
            return Err(of_witness(words));
        }
        let mut again = Finished {
            id: self.verdict.id.clone(),
            title: self.scenario.scenario.title.clone(),
            kubernetes: self.verdict.kubernetes.clone(),
            verdict: outcome.verdict,
            phase: outcome.phase,
            time_to_signature: outcome.time_to_signature,
            time_to_ready: outcome.time_to_ready,
            duration: self.verdict.duration,
            rates: outcome.rates,
            stress: outcome.stress,
            wrong_remedies: Vec::new(),
            alternatives: Vec::new(),
            harmless: Vec::new(),
            placebo: None,
            parts: Vec::new(),
            claims: Vec::new(),
            stood: outcome.stood,
            unnamed: outcome.unnamed,
            course: self.verdict.course,
            thorough: self.verdict.thorough,
            trials: self.verdict.trials,
            unverified: self.verdict.unverified.clone(),
            strict: self.verdict.strict,
            attempts: Vec::new(),
        };
        again.hold_strictly();
        Ok(again)
    }
}

/// What the evidence comes to by the present rules, and what it came to in its run.
///
/// # Errors
/// A file cannot be read, is not as it was recorded, or does not fit the others.
pub async fn replay(folder: &Path) -> Result<(Finished, Finished), ReplayError> {
    let recorded = Recorded::read(folder)?;
    let again = recorded.judge().await?;
    Ok((again, recorded.verdict))
}

fn misfit(folder: &Path, file: &str, words: String) -> ReplayError {
    ReplayError::Unfit {
        path: folder.join(file),
        words,
        next: "replay the evidence as its run wrote it, or record the scenario again",
    }
}
