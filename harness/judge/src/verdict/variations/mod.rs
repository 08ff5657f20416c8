//! The verdict of a claim together with what was tried beside it.

use crate::phase::Phase;
use crate::scenario::AsideKind;

use super::{Because, Finished, Necessity, PartJudged, Refutation, Tried, Verdict};

/// Something that was tried beside the claim, on a cluster of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Beside {
    /// A wrong remedy, another remedy, or what is harmless.
    Aside {
        /// Which of them.
        kind: AsideKind,
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
    /// The healthy start without the fault.
    Placebo,
}

impl std::fmt::Display for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Aside { kind, title } => write!(f, "{kind} {title:?}"),
            Self::Without { part, .. } => write!(f, "without {part}"),
            Self::Placebo => f.write_str("placebo"),
        }
    }
}

/// The claim's verdict with everything that was tried beside it: proved only if each did as the claim
/// says, and no part of the remedy but a precaution could be left out. A refutation outranks an
/// obstacle.
#[must_use]
pub fn together(claim: Finished, beside: Vec<(Beside, Finished)>) -> Finished {
    let mut all = claim;
    let mut against: Vec<(String, Finished)> = Vec::new();
    for (what, tried) in beside {
        let name = what.to_string();
        let stood = tried.stood.clone().unwrap_or_default();
        match (what, &tried.verdict) {
            (Beside::Aside { kind, title }, Verdict::Proved) => {
                let did_as_said = match kind {
                    AsideKind::WrongRemedy => &mut all.wrong_remedies,
                    AsideKind::Alternative => &mut all.alternatives,
                    AsideKind::Harmless => &mut all.harmless,
                };
                did_as_said.push(Tried { title, stood });
            }
            (Beside::Placebo, Verdict::Proved) => all.placebo = Some(stood),
            (
                Beside::Without {
                    part,
                    diff,
                    precaution,
                },
                verdict,
            ) if *verdict == Verdict::Proved || is_precaution(verdict, precaution.as_ref()) => {
                let necessity = match precaution {
                    Some(reason) => Necessity::Precaution {
                        reason,
                        stood: (*verdict == Verdict::Proved).then_some(stood),
                    },
                    None => Necessity::Needed { stood },
                };
                all.parts.push(PartJudged {
                    part,
                    diff,
                    necessity,
                });
            }
            _ => against.push((name, tried)),
        }
    }
    if all.verdict == Verdict::Proved {
        if let Some((verdict, phase)) = strongest(&against) {
            (all.verdict, all.phase) = (verdict, phase);
        } else if let Some(verdict) = needs_nothing(&all.parts) {
            (all.verdict, all.phase) = (verdict, Some(Phase::Necessity));
        }
    }
    all
}

/// Where each part can be left out, the remedy may be something else altogether.
fn needs_nothing(parts: &[PartJudged]) -> Option<Verdict> {
    let is_needed = |part: &PartJudged| {
        matches!(
            part.necessity,
            Necessity::Needed { .. } | Necessity::Precaution { stood: Some(_), .. }
        )
    };
    let words = "every part of the remedy is called a precaution, and it cures without each: at least \
                 one part must be needed";
    let none = !parts.is_empty() && !parts.iter().any(is_needed);
    none.then(|| Verdict::refuted(Refutation::HunkUnnecessary, words))
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

/// The verdict that decides, with the words of all that are like it, and its phase.
fn strongest(against: &[(String, Finished)]) -> Option<(Verdict, Option<Phase>)> {
    let refuted = |(_, tried): &&(String, Finished)| matches!(tried.verdict, Verdict::Refuted(_));
    let refutations: Vec<_> = against.iter().filter(refuted).collect();
    let decisive = if refutations.is_empty() {
        against.iter().collect()
    } else {
        refutations
    };
    let words = decisive
        .iter()
        .map(|(what, tried)| format!("{what}: {}", tried.verdict.detail().unwrap_or_default()));
    let detail = words.collect::<Vec<_>>().join("; ");
    let (_, first) = decisive.first()?;
    Some((first.verdict.with_detail(detail), first.phase))
}

#[cfg(test)]
mod tests;
