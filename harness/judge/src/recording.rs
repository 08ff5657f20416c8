//! A recorded witness as a world: the same rules judge it, without a cluster.

use std::iter::Peekable;

use crate::perturbation::Target;
use crate::phase::Phase;
use crate::scenario::{Capability, Check, LoadedScenario, Perturbation, Step};
use crate::signature::AwaitedLines;
use crate::time::Millis;
use crate::verdict::{Because, Obstacle};
use crate::witness::{
    CheckOutcome, Observation, PerturbationOutcome, PhaseMark, Probed, Record, StepOutcome, Witness,
};
use crate::world::{Lost, World};

/// Records as they are read, one after the other.
type Records<'a> = Box<dyn Iterator<Item = Record> + Send + 'a>;

/// A recording that is played back.
pub struct Recording<'a> {
    rest: Peekable<Records<'a>>,
    witness: Witness,
    now: Millis,
    lines: AwaitedLines,
    misfit: Option<String>,
    waited_beyond: Option<String>,
    /// How much later everything is played that is left. Where rules hold something for longer than the
    /// run did, what followed follows later too.
    later: Millis,
    holds_longer: bool,
}

/// What a recording came to when it was played to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Played {
    /// Why it is not of the experiment that was conducted on it: what it went on with instead; none
    /// where it fits.
    pub misfit: Option<String>,
    /// Why nothing is proved by it, whatever it showed: the run went on before the experiment was
    /// content, or went on after its end.
    pub lack: Option<String>,
}

impl<'a> Recording<'a> {
    /// Plays back these records; they are taken one by one.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = Record, IntoIter: Send + 'a>) -> Self {
        let records: Records<'a> = Box::new(records.into_iter());
        Self {
            rest: records.peekable(),
            witness: Witness::default(),
            now: 0,
            lines: AwaitedLines::default(),
            misfit: None,
            waited_beyond: None,
            later: 0,
            holds_longer: true,
        }
    }

    /// Whether its run held a cure for as long as the failure took to appear, where that is longer than the
    /// scenario says; older runs did not.
    #[must_use]
    pub const fn held_longer(mut self, held_longer: bool) -> Self {
        self.holds_longer = held_longer;
        self
    }

    /// Plays on to the end: only there it is known what is left.
    #[must_use]
    pub fn end(self) -> Played {
        let needed = self.rest.map(|record| needed_in(&record.observation));
        let left = needed.fold(None, Option::or);
        let left =
            left.map(|left| format!("the run went on after the claim was proved, with {left}"));
        Played {
            misfit: self.misfit,
            lack: self.waited_beyond.or(left),
        }
    }

    fn take(&mut self) -> Result<&Observation, Lost> {
        let Some(mut record) = self.rest.next() else {
            return Err(self.unfit("the recording ends here".to_owned()));
        };
        record.at = record.at.saturating_add(self.later);
        if let Observation::Answer(answer) = &mut record.observation {
            answer.asked = answer.asked.saturating_add(self.later);
        }
        self.now = self.now.max(record.at);
        if let Observation::Lost(lost) = &record.observation {
            return Err(lost.clone());
        }
        self.witness.push(record);
        Ok(self.last())
    }

    fn last(&self) -> &Observation {
        // `take` has just pushed it.
        &self.witness.records()[self.witness.records().len() - 1].observation
    }

    fn unfit(&mut self, words: String) -> Lost {
        self.misfit.get_or_insert_with(|| words.clone());
        Because {
            reason: Obstacle::ApiLost,
            detail: words,
        }
    }

    /// Plays on until `wanted` finds what it looks for. What the run did next is that, or it was another
    /// experiment.
    fn play_to<T>(
        &mut self,
        what: &str,
        wanted: impl Fn(&Observation) -> Option<T>,
    ) -> Result<T, Lost> {
        loop {
            let seen = self.take()?;
            if let Some(found) = wanted(seen) {
                return Ok(found);
            }
            if let Some(done) = needed_in(seen) {
                let words = format!("the claim goes on with {what}, and the run did with {done}");
                return Err(self.unfit(words));
            }
        }
    }
}

/// As `done_in`, without a check that passed: that takes nothing from a claim that does not ask it any
/// more.
fn needed_in(observation: &Observation) -> Option<String> {
    match observation {
        Observation::Check(outcome) if outcome.passed => None,
        done => done_in(done),
    }
}

/// What relapse did, in words, where the observation is of that; the end of the run is none of it.
fn done_in(observation: &Observation) -> Option<String> {
    match observation {
        Observation::Phase(mark) => Some(of_phase(mark.phase)),
        Observation::Step(outcome) => Some(of_step(&outcome.step)),
        Observation::Check(outcome) => Some(of_check(&outcome.name)),
        Observation::Perturbation(outcome) => Some(of_perturbation(outcome.perturbation)),
        Observation::Probed(probed) => Some(of_probe(probed.need)),
        _ => None,
    }
}

fn of_phase(phase: Phase) -> String {
    format!("the phase `{phase}`")
}

fn of_step(step: &str) -> String {
    format!("the step `{step}`")
}

fn of_check(name: &str) -> String {
    format!("the check `{name}`")
}

fn of_perturbation(perturbation: Perturbation) -> String {
    format!("the perturbation `{perturbation}`")
}

fn of_probe(need: Capability) -> String {
    format!("a try of {need}")
}

impl World for Recording<'_> {
    async fn begin(&mut self, phase: Phase) -> Result<PhaseMark, Lost> {
        self.play_to(&of_phase(phase), |observation| match observation {
            Observation::Phase(mark) if mark.phase == phase => Some(*mark),
            _ => None,
        })
    }

    async fn probe(&mut self, need: Capability) -> Result<Probed, Lost> {
        self.play_to(&of_probe(need), |observation| match observation {
            Observation::Probed(probed) if probed.need == need => Some(probed.clone()),
            _ => None,
        })
    }

    async fn act(&mut self, _: &LoadedScenario, step: &Step) -> Result<StepOutcome, Lost> {
        self.play_to(
            &of_step(&step.to_string()),
            |observation| match observation {
                Observation::Step(outcome) if step.is_told_as(&outcome.step) => {
                    Some(outcome.clone())
                }
                _ => None,
            },
        )
    }

    async fn perturb(
        &mut self,
        perturbation: Perturbation,
        _: &[Target],
    ) -> Result<PerturbationOutcome, Lost> {
        let what = of_perturbation(perturbation);
        self.play_to(&what, |observation| match observation {
            Observation::Perturbation(outcome) if outcome.perturbation == perturbation => {
                Some(outcome.clone())
            }
            _ => None,
        })
    }

    async fn check(&mut self, check: &Check) -> Result<CheckOutcome, Lost> {
        let what = of_check(check.name());
        self.play_to(&what, |observation| match observation {
            Observation::Check(outcome) if outcome.name == check.name() => Some(outcome.clone()),
            _ => None,
        })
    }

    /// Where the run went on, nothing more was seen: what is awaited until later is not seen. That
    /// may refute a claim, and cannot prove one.
    async fn next(&mut self, wake: Millis) -> Result<(), Lost> {
        loop {
            let now = self.now;
            match self.rest.peek() {
                Some(record) if is_conducted(&record.observation) => {
                    let at = record.at.saturating_add(self.later).max(now);
                    if at < wake {
                        self.waited_beyond.get_or_insert_with(|| {
                            format!(
                                "the claim waits until {wake} ms, and the run went on at {at} ms"
                            )
                        });
                        self.later = self.later.saturating_add(wake - at);
                    }
                    self.now = wake;
                    return Ok(());
                }
                Some(record) if record.at.saturating_add(self.later) > wake => {
                    self.now = wake;
                    return Ok(());
                }
                _ => {
                    self.take()?;
                    if self.lines.can_decide(self.last()) {
                        return Ok(());
                    }
                }
            }
        }
    }

    fn look_for(&mut self, lines: AwaitedLines) {
        self.lines = lines;
    }

    fn holds_longer(&self) -> bool {
        self.holds_longer
    }

    fn waiting(&mut self, _: &str, _: &str) {}

    fn witness(&self) -> &Witness {
        &self.witness
    }

    fn witness_mut(&mut self) -> &mut Witness {
        &mut self.witness
    }

    fn now(&self) -> Millis {
        self.now
    }
}

/// Whether an observation is of what relapse did itself, or of the end.
fn is_conducted(observation: &Observation) -> bool {
    matches!(observation, Observation::Ended) || done_in(observation).is_some()
}
