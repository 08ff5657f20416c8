//! The verdict of a claim together with what was tried beside it.

use super::{Because, Finished, Necessity, PartJudged, Refutation, Verdict, WrongRemedyTried};

/// Something that was tried beside the claim, on a cluster of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    /// What people try first.
    WrongRemedy {
        /// Its title.
        title: String,
    },
    /// The remedy without one of its parts.
    Without {
        /// The part in words.
        part: String,
        /// The part as lines that begin with `-` and `+`; empty for a step.
        diff: String,
        /// Why the claim keeps it although it is not needed.
        precaution: Option<String>,
    },
}

impl std::fmt::Display for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::WrongRemedy { title } => write!(f, "wrong remedy {title:?}"),
            Self::Without { part, .. } => write!(f, "without {part}"),
        }
    }
}

/// The claim's verdict with everything that was tried beside it: proved only if the failure stood
/// each time, but for parts that are kept as precautions. A refutation outranks an obstacle.
#[must_use]
pub fn together(claim: Finished, beside: Vec<(Beside, Finished)>) -> Finished {
    let mut all = claim;
    let mut against: Vec<(String, Verdict)> = Vec::new();
    for (what, tried) in beside {
        let name = what.to_string();
        let stood = tried.stood.unwrap_or_default();
        match (what, tried.verdict) {
            (Beside::WrongRemedy { title }, Verdict::Proved) => {
                all.wrong_remedies.push(WrongRemedyTried { title, stood });
            }
            (
                Beside::Without {
                    part,
                    diff,
                    precaution,
                },
                verdict,
            ) if verdict == Verdict::Proved || is_precaution(&verdict, precaution.as_ref()) => {
                let needed = verdict == Verdict::Proved;
                let necessity = match precaution {
                    Some(reason) => Necessity::Precaution { reason, needed },
                    None => Necessity::Needed { stood },
                };
                all.parts.push(PartJudged {
                    part,
                    diff,
                    necessity,
                });
            }
            (_, verdict) => against.push((name, verdict)),
        }
    }
    if all.verdict == Verdict::Proved {
        all.verdict = strongest(&against);
    }
    all
}

fn is_precaution(verdict: &Verdict, reason: Option<&String>) -> bool {
    reason.is_some()
        && matches!(
            verdict,
            Verdict::Refuted(Because {
                reason: Refutation::HunkUnnecessary,
                ..
            })
        )
}

fn strongest(against: &[(String, Verdict)]) -> Verdict {
    let refuted = |(_, verdict): &(String, Verdict)| matches!(verdict, Verdict::Refuted(_));
    let detail = |kept: &[&(String, Verdict)]| {
        let words = kept
            .iter()
            .map(|(what, verdict)| format!("{what}: {}", verdict.detail().unwrap_or_default()));
        words.collect::<Vec<_>>().join("; ")
    };
    let refutations: Vec<_> = against.iter().filter(|one| refuted(one)).collect();
    let decisive = if refutations.is_empty() {
        against.iter().collect()
    } else {
        refutations
    };
    match decisive.first().map(|(_, verdict)| verdict) {
        None => Verdict::Proved,
        Some(first) => first.with_detail(detail(&decisive)),
    }
}

#[cfg(test)]
mod tests;
