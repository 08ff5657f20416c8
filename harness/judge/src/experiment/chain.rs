//! The chain: one failure after the other, each as strictly as alone.

use super::Experiment;
use crate::scenario::Failure;
use crate::signature::{self, Match, Since, unnamed};
use crate::verdict::Verdict;
use crate::witness::Witness;
use crate::world::World;

impl<W: World> Experiment<'_, W> {
    /// Makes every fault in turn, and watches each failure while nothing is touched.
    pub(super) async fn controlled(&mut self) -> Result<(), Verdict> {
        for failure in self.scenario.scenario.chain() {
            let appeared = self.appearance(&failure).await?;
            let stood = self.control(&failure, appeared).await;
            stood.map_err(|verdict| named(&failure, verdict))?;
            let unnamed = unnamed(self.world.witness(), &failure, appeared.phase);
            let told = unnamed.iter().map(|sign| failure.tell(sign));
            self.outcome.unnamed.extend(told);
            self.traces
                .stands(self.world.witness(), &failure, appeared.phase);
        }
        Ok(())
    }

    /// Makes every fault as soon as the failure before is seen.
    pub(super) async fn broken(&mut self) -> Result<(), Verdict> {
        for failure in self.scenario.scenario.chain() {
            let appeared = self.appearance(&failure).await?;
            self.traces
                .stands(self.world.witness(), &failure, appeared.phase);
        }
        Ok(())
    }

    /// Makes a fault; a signature that speaks of nothing is told before its absence is.
    async fn appearance(&mut self, failure: &Failure<'_>) -> Result<Since, Verdict> {
        let appeared = self.fault(failure).await;
        appeared.map_err(|verdict| named(failure, self.vacuous_or(verdict)))
    }
}

/// The first of these failures whose signature holds, in words.
pub(super) fn standing<'a>(
    witness: &Witness,
    mut failures: impl Iterator<Item = Failure<'a>>,
    since: impl Into<Since>,
) -> Option<String> {
    let since = since.into();
    failures.find_map(
        |failure| match signature::matches(witness, failure.signature, since) {
            Match::Holds(evidence) => Some(failure.tell(&evidence.join("; "))),
            Match::NotYet(_) => None,
        },
    )
}

/// Words of an earlier failure that is not mended.
pub(super) fn not_mended(seen: &str) -> String {
    format!("not mended: {seen}")
}

/// A refutation with the name of the link at which it fell.
fn named(failure: &Failure<'_>, verdict: Verdict) -> Verdict {
    match (&verdict, failure.link()) {
        (Verdict::Refuted(because), Some(link)) => {
            verdict.with_detail(format!("at {link}: {}", because.detail))
        }
        _ => verdict,
    }
}
