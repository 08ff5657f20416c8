//! The verdict that an honest judge gives.

use relapse_judge::phase::Phase;
use relapse_judge::verdict::Verdict;
use serde_json::json;

/// The verdict, its reason and phase, and what its detail must say.
#[derive(Debug, Clone)]
pub struct Expectation {
    /// The verdict, without a detail.
    pub verdict: Verdict,
    /// The phase in which it falls; none outside of an experiment.
    pub phase: Option<Phase>,
    /// Texts that the detail contains.
    pub detail: Vec<String>,
    /// Texts that it does not contain.
    pub unsaid: Vec<String>,
}

impl Expectation {
    /// The expectation in words; `verdict.json` has the same.
    pub fn of(
        verdict: &str,
        reason: Option<&str>,
        phase: Option<Phase>,
        detail: Vec<String>,
        unsaid: Vec<String>,
    ) -> Self {
        let words = json!({"verdict": verdict, "reason": reason, "detail": ""});
        let verdict = serde_json::from_value(words)
            .unwrap_or_else(|error| panic!("{verdict}, {reason:?}: {error}"));
        Self {
            verdict,
            phase,
            detail,
            unsaid,
        }
    }

    /// Whether a verdict is the expected one.
    ///
    /// # Errors
    /// What was expected and what is.
    pub fn compare(&self, verdict: &Verdict, phase: Option<Phase>) -> Result<(), String> {
        let detail = verdict.detail().unwrap_or_default();
        let same = verdict.word() == self.verdict.word()
            && verdict.reason() == self.verdict.reason()
            && phase == self.phase
            && self.detail.iter().all(|text| detail.contains(text))
            && !self.unsaid.iter().any(|text| detail.contains(text));
        if same {
            return Ok(());
        }
        Err(format!(
            "expected: {} with {:?} and without {:?}\n     got: {}: {detail}",
            in_words(&self.verdict, self.phase),
            self.detail,
            self.unsaid,
            in_words(verdict, phase),
        ))
    }
}

fn in_words(verdict: &Verdict, phase: Option<Phase>) -> String {
    format!(
        "{} {} ({})",
        verdict.word(),
        verdict.reason().unwrap_or_default(),
        phase.map_or_else(|| "no phase".to_owned(), |phase| phase.to_string())
    )
}
