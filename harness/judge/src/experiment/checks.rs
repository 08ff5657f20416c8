//! What a user sees: asked of the cluster, or read from what is witnessed.

use super::Experiment;
use crate::kubernetes::text_at;
use crate::scenario::{Check, Clause};
use crate::signature;
use crate::verdict::{Refutation, Verdict};
use crate::witness::CheckOutcome;
use crate::workload::stranger_behind;
use crate::world::{Decision, Lost, World, decide};

impl<W: World> Experiment<'_, W> {
    pub(super) async fn checks(&mut self, checks: &[Check]) -> Result<(), Verdict> {
        for check in checks {
            self.world.waiting(check.name(), "asking");
            let outcome = match check.witnessed() {
                Some(clause) => self.check_what_is_witnessed(check, &clause).await?,
                None => self.world.check(check).await?,
            };
            if let Some(stranger) = self.stranger(check) {
                return Err(Verdict::refuted(Refutation::CheckFailed, stranger));
            }
            if !outcome.passed {
                return Err(Verdict::refuted(
                    Refutation::CheckFailed,
                    format!(
                        "awaited for {} (`within` of the check): {}; seen last: {}",
                        check.within(),
                        outcome.name,
                        outcome.seen
                    ),
                ));
            }
        }
        Ok(())
    }

    /// A pod that may have answered in place of the workload, in words.
    fn stranger(&self, check: &Check) -> Option<String> {
        let Check::Http(http) = check else {
            return None;
        };
        let (namespace, service) = (&http.namespace, &http.service.value);
        let pod = stranger_behind(self.world.witness(), namespace, service)?;
        Some(format!(
            "{}: Service {service} in {namespace} sends to Pod {} too, which no workload controls, so it may \
             have answered in place of the workload; next: give the pod other labels",
            check.name(),
            text_at(pod, "/metadata/name").unwrap_or_default()
        ))
    }

    /// Events count from the last phase on in which the cluster was changed.
    async fn check_what_is_witnessed(
        &mut self,
        check: &Check,
        clause: &Clause,
    ) -> Result<CheckOutcome, Lost> {
        let began = self.world.now();
        let Some(since) = self.world.witness().last_change() else {
            return Ok(CheckOutcome {
                name: check.name().to_owned(),
                passed: false,
                seen: "no phase has begun".to_owned(),
            });
        };
        let decided = decide(
            self.world,
            began,
            check.within(),
            |witness, _| match signature::shown(witness, clause, since) {
                Ok(seen) => Decision::Done(seen),
                Err(seen) => Decision::Wait {
                    wake: None,
                    awaited: check.name().to_owned(),
                    seen,
                },
            },
        )
        .await?;
        let passed = decided.is_ok();
        Ok(CheckOutcome {
            name: check.name().to_owned(),
            passed,
            seen: decided.unwrap_or_else(|passed| passed.seen),
        })
    }
}
