//! What an experiment acts on and looks at: a live cluster, or a recording of one.

use crate::perturbation::Target;
use crate::phase::Phase;
use crate::scenario::{Capability, Check, Duration, LoadedScenario, Perturbation, Step};
use crate::signature::AwaitedLines;
use crate::time::Millis;
use crate::verdict::{Because, Obstacle};
use crate::witness::{CheckOutcome, PerturbationOutcome, PhaseMark, Probed, StepOutcome, Witness};

/// The cluster or its recording was lost; the reason ends the experiment as inconclusive.
pub type Lost = Because<Obstacle>;

/// A cluster, live or recorded. Everything it shows is in its witness.
#[expect(
    async_fn_in_trait,
    reason = "the trait is implemented in this crate only, and its futures stay in one task"
)]
pub trait World {
    /// Tries whether the cluster can do what the claim needs.
    ///
    /// # Errors
    /// The cluster is lost, or it could not be tried.
    async fn probe(&mut self, need: Capability) -> Result<Probed, Lost>;

    /// Begins a phase: evidence from here on belongs to it.
    ///
    /// # Errors
    /// The cluster is lost.
    async fn begin(&mut self, phase: Phase) -> Result<PhaseMark, Lost>;

    /// Carries out a step other than `await`.
    ///
    /// # Errors
    /// The cluster is lost. A refusal by the API server is an outcome, not an error.
    async fn act(&mut self, scenario: &LoadedScenario, step: &Step) -> Result<StepOutcome, Lost>;

    /// Perturbs pods or nodes.
    ///
    /// # Errors
    /// The cluster is lost. A perturbation without effect is an outcome, not an error.
    async fn perturb(
        &mut self,
        perturbation: Perturbation,
        targets: &[Target],
    ) -> Result<PerturbationOutcome, Lost>;

    /// Asks what a user would see.
    ///
    /// # Errors
    /// The cluster is lost. An answer that does not fit is an outcome, not an error.
    async fn check(&mut self, check: &Check) -> Result<CheckOutcome, Lost>;

    /// Waits for the next observation that can decide something, or until `wake`.
    ///
    /// # Errors
    /// The cluster is lost.
    async fn next(&mut self, wake: Millis) -> Result<(), Lost>;

    /// Whether a cure can be held for longer than the claim says: a recording shows no more than its run
    /// saw.
    fn holds_longer(&self) -> bool {
        true
    }

    /// Tells what is awaited and what was seen last.
    fn waiting(&mut self, awaited: &str, seen: &str);

    /// Tells which log lines can decide something: any other is taken in without a look at it.
    fn look_for(&mut self, lines: AwaitedLines);

    /// What was seen so far.
    fn witness(&self) -> &Witness;

    /// What was seen so far, to be taken back and seen again one by one.
    fn witness_mut(&mut self) -> &mut Witness;

    /// Milliseconds since the witness began.
    fn now(&self) -> Millis;
}

/// What a look at the witness decides.
#[derive(Debug)]
pub enum Decision<T> {
    /// It is decided.
    Done(T),
    /// Look again at the next observation, or at `wake`.
    Wait {
        /// A moment at which time alone may decide.
        wake: Option<Millis>,
        /// What is awaited.
        awaited: String,
        /// What is seen instead.
        seen: String,
    },
    /// The goal is met and must stay so until then, also beyond the deadline.
    Hold {
        /// When it will have held long enough.
        until: Millis,
        /// What is awaited.
        awaited: String,
    },
}

/// A deadline that passed: what was awaited, for how long, and what was seen last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadlinePassed {
    /// What was awaited.
    pub awaited: String,
    /// What was seen last.
    pub seen: String,
    /// How long it was awaited.
    pub within: Duration,
}

impl DeadlinePassed {
    /// It in words, with the key of the scenario that says how long is waited.
    #[must_use]
    pub fn by(&self, key: &str) -> String {
        let Self {
            awaited,
            seen,
            within,
        } = self;
        format!("awaited for {within} (`{key}`): {awaited}; seen last: {seen}")
    }
}

impl std::fmt::Display for DeadlinePassed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            awaited,
            seen,
            within,
        } = self;
        write!(f, "awaited for {within}: {awaited}; seen last: {seen}")
    }
}

/// Looks at the witness at every observation until it is decided or the deadline, counted from
/// `since`, passes.
///
/// # Errors
/// The cluster is lost.
pub async fn decide<W: World, T>(
    world: &mut W,
    since: Millis,
    within: Duration,
    mut look: impl FnMut(&Witness, Millis) -> Decision<T>,
) -> Result<Result<T, DeadlinePassed>, Lost> {
    let deadline = since.saturating_add(within.as_millis());
    loop {
        match look(world.witness(), world.now()) {
            Decision::Done(decided) => return Ok(Ok(decided)),
            Decision::Wait { awaited, seen, .. } if world.now() >= deadline => {
                return Ok(Err(DeadlinePassed {
                    awaited,
                    seen,
                    within,
                }));
            }
            Decision::Hold { until, awaited } => {
                world.waiting(&awaited, "Ready");
                world.next(until).await?;
            }
            Decision::Wait {
                wake,
                awaited,
                seen,
            } => {
                world.waiting(&awaited, &seen);
                world.next(wake.unwrap_or(deadline).min(deadline)).await?;
            }
        }
    }
}
