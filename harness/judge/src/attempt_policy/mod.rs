//! How often a claim is tried, and what several attempts come to. More attempts never make a claim
//! better: what one of them did not prove is not proved.

mod spread;

use std::fmt::{self, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

pub use spread::Spread;

use crate::verdict::{
    Attempted, Because, Finished, Flakiness, Obstacle, Shown, StatementJudged, Verdict,
};

/// How often a claim is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tries {
    /// Until it is proved, so often at most, one attempt after the other.
    UntilProved(NonZeroUsize),
    /// So often, whatever comes of it, side by side.
    Always(NonZeroUsize),
}

impl Default for Tries {
    fn default() -> Self {
        Self::UntilProved(NonZeroUsize::MIN)
    }
}

impl Tries {
    /// One of the attempts, counted from 1.
    #[must_use]
    pub const fn nth(self, number: usize) -> Nth {
        Nth {
            number,
            tries: self,
        }
    }

    /// The last attempt that may be made.
    #[must_use]
    pub const fn last(self) -> Nth {
        match self {
            Self::UntilProved(all) | Self::Always(all) => self.nth(all.get()),
        }
    }

    /// The attempts that are sure to be made.
    pub fn sure(self) -> impl Iterator<Item = Nth> {
        let sure = match self {
            Self::UntilProved(_) => 1,
            Self::Always(times) => times.get(),
        };
        (1..=sure).map(move |number| self.nth(number))
    }
}

/// Which of several attempts at a claim; shown as `attempt 2 of 3` or `repetition 2 of 20`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nth {
    number: usize,
    tries: Tries,
}

impl Nth {
    /// The attempt to follow one that ended like this, if there is one: what is proved, was
    /// interrupted, or lacks something is not tried again.
    #[must_use]
    pub fn after(self, ended: &Verdict) -> Option<Self> {
        let Tries::UntilProved(most) = self.tries else {
            return None;
        };
        let unproved = matches!(ended, Verdict::Refuted(_) | Verdict::Inconclusive(_));
        let again = unproved && !was_interrupted(ended) && self.number < most.get();
        again.then(|| self.tries.nth(self.number + 1))
    }

    /// Name of the folder of the attempt's evidence: the scenario's id for the first.
    #[must_use]
    pub fn folder(self, id: &str) -> String {
        match self.tries {
            _ if self.number == 1 => id.to_owned(),
            Tries::UntilProved(_) => format!("{id}.attempt-{}", self.number),
            Tries::Always(_) => format!("{id}.repetition-{:02}", self.number),
        }
    }

    /// What the attempt is called while it runs: `<id> 2/3`; the id alone where nothing was
    /// repeated yet.
    #[must_use]
    pub fn label(self, id: &str) -> String {
        match self.tries {
            Tries::UntilProved(_) if self.number == 1 => id.to_owned(),
            Tries::Always(NonZeroUsize::MIN) => id.to_owned(),
            Tries::UntilProved(all) | Tries::Always(all) => format!("{id} {}/{all}", self.number),
        }
    }
}

impl fmt::Display for Nth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.tries {
            Tries::UntilProved(all) => write!(f, "attempt {} of {all}", self.number),
            Tries::Always(all) => write!(f, "repetition {} of {all}", self.number),
        }
    }
}

/// An attempt's result and the folder of its evidence, if something was touched.
type Ended = (Finished, Option<PathBuf>);

/// What the attempts at one claim come to, with the evidence that shows it best: a single one is
/// itself; all alike are like each of them; else the claim is flaky. An attempt that was interrupted
/// says nothing, but leaves nothing proved either. Times to signature and Ready are medians.
#[must_use]
pub fn of_attempts(tries: Tries, first: Ended, later: &[Ended]) -> Ended {
    if later.is_empty() {
        return first;
    }
    let all: Vec<&Ended> = std::iter::once(&first).chain(later).collect();
    let attempts: Vec<Attempted> = all.iter().map(|ended| attempted(ended)).collect();
    let telling = later.iter().fold(&first, |telling, other| {
        if weight(&other.0) > weight(&telling.0) {
            other
        } else {
            telling
        }
    });
    let counted = || all.iter().filter(|(one, _)| !was_interrupted(&one.verdict));
    let alike = counted().all(|(one, _)| kind(&one.verdict) == kind(&telling.0.verdict));
    let median = |time: fn(&Finished) -> Option<u64>| {
        Spread::of(all.iter().filter_map(|(one, _)| time(one))).map(|spread| spread.median)
    };
    let durations = all.iter().map(|(one, _)| one.duration);
    let duration = match tries {
        Tries::UntilProved(_) => durations.sum(),
        Tries::Always(_) => durations.max().unwrap_or_default(),
    };
    let mut verdict = telling.0.verdict.clone();
    let mut phase = telling.0.phase;
    if alike || was_interrupted(&verdict) {
        verdict.add_detail(&format!("{} attempts: {}", all.len(), tally(&attempts)));
    } else {
        phase = None;
        verdict = Verdict::Flaky(Because {
            reason: Flakiness::AttemptsDiffer,
            detail: listed(&attempts),
        });
    }
    let finished = Finished {
        verdict,
        phase,
        time_to_signature: median(|one| one.time_to_signature),
        time_to_ready: median(|one| one.time_to_ready),
        duration,
        claims: answered_each_time(&telling.0.claims, &all),
        attempts,
        ..telling.0.clone()
    };
    (finished, telling.1.clone())
}

/// The statements that were answered in every attempt; those that were not, as in one that did not.
fn answered_each_time(claims: &[StatementJudged], all: &[&Ended]) -> Vec<StatementJudged> {
    let least = |claim: &StatementJudged| {
        let mut same = all
            .iter()
            .flat_map(|(attempt, _)| &attempt.claims)
            .filter(|other| other.id == claim.id);
        let open = same.find(|other| other.shown != Shown::Here);
        open.unwrap_or(claim).clone()
    };
    claims.iter().map(least).collect()
}

/// After so many proofs, and nothing else, a scenario is called stable: what fails in every second run
/// is found by then in 97 of 100 cases.
pub const STABLE_AFTER: usize = 5;

/// Whether repetitions show that a scenario is stable, in words; nothing where it was not proved each
/// time.
#[must_use]
pub fn stability(attempts: &[Attempted]) -> Option<String> {
    let proved = attempts.len();
    let always = attempts
        .iter()
        .all(|attempt| attempt.verdict == Verdict::Proved);
    (always && proved > 1).then(|| {
        if proved >= STABLE_AFTER {
            format!("stable: proved {proved} times of {proved}")
        } else {
            format!(
                "not yet called stable: that takes {STABLE_AFTER} proofs, and these are {proved}"
            )
        }
    })
}

/// How often each verdict: `18 proved, 2 refuted (not-remedied)`.
#[must_use]
pub fn tally(attempts: &[Attempted]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for attempt in attempts {
        let words = match attempt.verdict.reason() {
            Some(reason) => format!("{} ({reason})", attempt.verdict.word()),
            None => attempt.verdict.word().to_owned(),
        };
        match counts.iter_mut().find(|(known, _)| *known == words) {
            Some((_, count)) => *count += 1,
            None => counts.push((words, 1)),
        }
    }
    let words: Vec<String> = counts
        .into_iter()
        .map(|(words, count)| format!("{count} {words}"))
        .collect();
    words.join(", ")
}

fn attempted((finished, evidence): &Ended) -> Attempted {
    let name = evidence.as_deref().and_then(Path::file_name);
    Attempted {
        evidence: name.map(|name| name.to_string_lossy().into_owned()),
        verdict: finished.verdict.clone(),
        phase: finished.phase,
        time_to_signature: finished.time_to_signature,
        time_to_ready: finished.time_to_ready,
        duration: finished.duration,
    }
}

/// How much an attempt's verdict counts beside the others'.
fn weight(finished: &Finished) -> u8 {
    match &finished.verdict {
        Verdict::Proved => 0,
        verdict if was_interrupted(verdict) => 1,
        _ => 2,
    }
}

fn was_interrupted(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Inconclusive(because) if because.reason == Obstacle::Interrupted)
}

fn kind(verdict: &Verdict) -> (&str, Option<String>) {
    (verdict.word(), verdict.reason())
}

/// Each attempt on a line, those that were proved on one.
fn listed(attempts: &[Attempted]) -> String {
    let mut text = format!(
        "{} attempts ended differently: {}",
        attempts.len(),
        tally(attempts)
    );
    let mut proved = Vec::new();
    for (number, attempt) in (1..).zip(attempts) {
        let place = attempt.evidence.as_deref().unwrap_or("no evidence");
        match attempt.verdict.detail() {
            Some(detail) => {
                let heading = attempt.verdict.heading(attempt.phase);
                let first = detail.lines().next().unwrap_or_default();
                let _ = write!(text, "\nattempt {number} ({place}): {heading}: {first}");
            }
            None => proved.push((number, place)),
        }
    }
    match proved.as_slice() {
        [] => {}
        [(number, place)] => {
            let _ = write!(text, "\nattempt {number} ({place}): proved");
        }
        several => {
            let numbers: Vec<String> = several
                .iter()
                .map(|(number, _)| number.to_string())
                .collect();
            let _ = write!(text, "\nattempts {}: proved", numbers.join(", "));
        }
    }
    text
}

#[cfg(test)]
mod tests;
