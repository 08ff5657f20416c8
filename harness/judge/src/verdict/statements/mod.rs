//! Statements of the record, as far as a run has answered them.

use super::{Finished, Refutation, Shown, StatementJudged, Survival, Tried, Verdict};
use crate::phase::Phase;
use crate::scenario::{Check, LoadedScenario, ShownBy, Statement, WouldDiffer};

/// What a run says of each statement of its scenario, which is that of the run's version of
/// Kubernetes: `claim` is what the claim itself came to, `all` with what was tried beside it. A
/// statement is answered as far as what shows it was witnessed, though something else may have
/// refuted the claim later.
#[must_use]
pub fn statements(
    scenario: &LoadedScenario,
    claim: &Finished,
    all: &Finished,
) -> Vec<StatementJudged> {
    let run = Run {
        scenario,
        claim,
        all,
    };
    let statements = scenario.scenario.claims.iter();
    statements.map(|statement| run.judged(statement)).collect()
}

struct Run<'a> {
    scenario: &'a LoadedScenario,
    claim: &'a Finished,
    all: &'a Finished,
}

impl Run<'_> {
    fn judged(&self, statement: &Statement) -> StatementJudged {
        StatementJudged {
            id: statement.id.value.clone(),
            says: statement.says.clone(),
            answer: statement.answer,
            on: statement.on.clone(),
            shown_by: statement.shown_by.to_string(),
            shown: self.shown(statement),
        }
    }

    fn shown(&self, statement: &Statement) -> Shown {
        let shown_by = &statement.shown_by;
        match shown_by {
            ShownBy::Scenario(_) => Shown::Elsewhere,
            _ if !self.witnessed(shown_by) => self.beside_only(shown_by.is_beside()),
            _ if shown_by.is_whole() => self.told_apart(statement.would_differ.as_ref()),
            _ => Shown::Here,
        }
    }

    fn beside_only(&self, is_beside: bool) -> Shown {
        if is_beside && !self.all.thorough {
            Shown::OnlyThoroughly
        } else {
            Shown::Not
        }
    }

    /// A whole part of the claim witnesses a statement only by what would have gone otherwise.
    fn told_apart(&self, would_differ: Option<&WouldDiffer>) -> Shown {
        let (tried, title) = match would_differ {
            None => return Shown::Not,
            // It was matched wherever its phase has passed.
            Some(WouldDiffer::Clause(_)) => return Shown::Here,
            Some(WouldDiffer::Check(name)) => {
                return if self.witnessed(&ShownBy::Check(name.clone())) {
                    Shown::Here
                } else {
                    Shown::Not
                };
            }
            Some(WouldDiffer::WrongRemedy(title)) => (&self.all.wrong_remedies, title),
            Some(WouldDiffer::Alternative(title)) => (&self.all.alternatives, title),
            Some(WouldDiffer::Harmless(title)) => (&self.all.harmless, title),
        };
        if tried.iter().any(|one| one.title == title.value) {
            Shown::Here
        } else {
            self.beside_only(true)
        }
    }

    fn witnessed(&self, shown_by: &ShownBy) -> bool {
        let claim = &self.scenario.scenario;
        let has = |checks: &[Check], name: &str| checks.iter().any(|check| check.name() == name);
        let tried = |all: &[Tried], title: &str| all.iter().any(|one| one.title == title);
        match shown_by {
            ShownBy::Signature => self.is_past(Phase::Fault),
            ShownBy::Control => self.is_past(Phase::Control),
            ShownBy::Link(title) => {
                let mut links = claim.chain();
                let link = links.find(|link| link.title == Some(title.value.as_str()));
                link.is_some_and(|link| self.is_past(link.control_phase()))
            }
            ShownBy::Remedy => self.is_past(Phase::Remedy),
            ShownBy::Stress => self.is_past(Phase::Stress) && self.recovered(),
            ShownBy::Check(name) => {
                let name = &name.value;
                let at_the_start = claim.steady_state.as_ref().map(|start| &*start.checks);
                let after_stress = claim.stress.checks.as_deref().unwrap_or_default();
                has(&claim.checks, name) && self.is_past(Phase::Checks)
                    || has(at_the_start.unwrap_or_default(), name)
                        && self.is_past(Phase::SteadyState)
                    || has(after_stress, name) && self.is_past(Phase::Stress) && self.recovered()
            }
            ShownBy::WrongRemedy(title) => tried(&self.all.wrong_remedies, &title.value),
            ShownBy::Alternative(title) => tried(&self.all.alternatives, &title.value),
            ShownBy::Harmless(title) => tried(&self.all.harmless, &title.value),
            ShownBy::Change(_) | ShownBy::Step(_) => {
                let name = self.scenario.part_left_out(shown_by);
                let mut parts = self.all.parts.iter();
                name.is_some_and(|name| parts.any(|part| part.part == name))
            }
            ShownBy::Scenario(_) => false,
        }
    }

    /// Whether a phase of the claim ended as it should. What spoke of nothing showed nothing.
    fn is_past(&self, phase: Phase) -> bool {
        match &self.claim.verdict {
            Verdict::Proved => true,
            Verdict::Refuted(because)
                if matches!(
                    because.reason,
                    Refutation::Vacuous | Refutation::PremiseGone
                ) =>
            {
                false
            }
            _ => self.claim.phase.is_some_and(|fell_in| fell_in > phase),
        }
    }

    fn recovered(&self) -> bool {
        let mut stress = self.claim.stress.iter();
        stress.any(|one| matches!(one.outcome, Survival::Recovered { .. }))
    }
}

#[cfg(test)]
mod tests;
