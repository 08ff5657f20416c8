//! A live cluster as a world.

use std::future::Future;

use kube::Client;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use crate::capability_probe::{self, CanaryError};
use crate::chaos::Chaos;
use crate::cluster::access::{Access, Usable};
use crate::event::{Event, Events, Stage};
use crate::evidence::{Evidence, EvidenceError};
use crate::kubectl::Kubectl;
use crate::probe::Prober;
use crate::process::ProcessError;
use crate::watch::{self, MarkError, Observer, WatchError};
use relapse_judge::perturbation::Target;
use relapse_judge::phase::Phase;
use relapse_judge::scenario::{Capability, Check, Duration, LoadedScenario, Perturbation, Step};
use relapse_judge::signature::AwaitedLines;
use relapse_judge::time::Millis;
use relapse_judge::verdict::{Because, Obstacle};
use relapse_judge::witness::{
    CheckOutcome, Observation, PerturbationOutcome, PhaseMark, Probed, Record, StepOutcome, Witness,
};
use relapse_judge::world::{Decision, Lost, World, decide};

/// How long a cluster may take from its creation until it can take a workload.
const USABLE_WITHIN: Duration = Duration::from_millis(180_000);

/// A cluster that is watched and written down.
pub struct Live {
    label: String,
    client: Client,
    kubectl: Kubectl,
    chaos: Chaos,
    prober: Prober,
    observer: Observer,
    /// They ask for answers until the cluster is not watched any more.
    questions: JoinSet<()>,
    arriving: mpsc::UnboundedReceiver<Record>,
    witness: Witness,
    evidence: Evidence,
    events: Events,
    interrupt: CancellationToken,
    began: Instant,
    now: Millis,
    lines: AwaitedLines,
}

impl Live {
    /// Watches a cluster from now on, asks these questions again and again, and waits until it can
    /// take a workload. Events bear the label of the attempt.
    ///
    /// # Errors
    /// The cluster did not become usable, or the run was interrupted.
    pub async fn watch(
        access: Access,
        label: &str,
        asked: Vec<Check>,
        evidence: Evidence,
        events: Events,
        interrupt: CancellationToken,
    ) -> Result<Self, (Lost, (Witness, Evidence))> {
        let began = Instant::now();
        let (sink, observations) = mpsc::unbounded_channel();
        let (kinds, awaited) = access.scope.told();
        let watching = Observation::Watching { kinds, awaited };
        let prober = Prober::by(access.client.clone());
        let mut questions = JoinSet::new();
        for question in asked {
            let following = prober.clone().follow(question, began, sink.clone());
            questions.spawn(following);
        }
        let observer = watch::start(access.client.clone(), access.scope, sink);
        let mut live = Self {
            label: label.to_owned(),
            chaos: Chaos::on(access.client.clone(), access.nodes),
            client: access.client,
            kubectl: access.kubectl,
            prober,
            observer,
            questions,
            arriving: stamp(observations, began),
            witness: Witness::default(),
            evidence,
            events,
            interrupt,
            began,
            now: 0,
            lines: AwaitedLines::default(),
        };
        match live
            .until_usable(watching, &access.usable, access.next)
            .await
        {
            Ok(()) => Ok(live),
            Err(lost) => {
                live.lost(&lost);
                Err((lost, live.end()))
            }
        }
    }

    async fn until_usable(
        &mut self,
        watching: Observation,
        usable: &Usable,
        next: &str,
    ) -> Result<(), Lost> {
        self.record(watching)?;
        decide(self, 0, USABLE_WITHIN, |witness, _| match usable(witness) {
            Ok(()) => Decision::Done(()),
            Err(seen) => Decision::Wait {
                wake: None,
                awaited: "the cluster can take a workload".to_owned(),
                seen,
            },
        })
        .await?
        .map_err(|passed| Because {
            reason: Obstacle::ClusterFailed,
            detail: format!("{passed}; next: {next}"),
        })?;
        self.until_all_is_seen().await
    }

    /// What is not seen is known not to be there only when every kind was listed once.
    async fn until_all_is_seen(&mut self) -> Result<(), Lost> {
        let deadline = self.began + std::time::Duration::from_millis(USABLE_WITHIN.as_millis());
        let listed = self.unless_interrupted(self.observer.synced());
        match timeout_at(deadline, listed).await {
            Ok(listed) => listed,
            Err(_) => Err(Because {
                reason: Obstacle::ApiLost,
                detail: format!(
                    "awaited for {USABLE_WITHIN}: every kind is listed; missing: {}",
                    self.observer.unsynced().join(", ")
                ),
            }),
        }
    }

    /// Ends the watch; what was witnessed and where it is written.
    #[must_use]
    pub fn end(mut self) -> (Witness, Evidence) {
        self.questions.abort_all();
        // Evidence that can no longer be written is missed at `Evidence::end`.
        let _ = self.record(Observation::Ended);
        (self.witness, self.evidence)
    }

    /// Writes down how the cluster was lost.
    pub fn lost(&mut self, lost: &Lost) {
        // The loss itself is what is reported.
        let _ = self.record(Observation::Lost(lost.clone()));
    }

    fn elapsed(&self) -> Millis {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(Millis::MAX)
    }

    fn record(&mut self, observation: Observation) -> Result<(), Lost> {
        let record = Record {
            at: self.elapsed(),
            observation,
        };
        self.append(record)
    }

    fn append(&mut self, record: Record) -> Result<(), Lost> {
        let record = self.evidence.append(record).map_err(unwritten)?;
        self.now = self.now.max(record.at);
        self.witness.push(record);
        Ok(())
    }

    /// What has arrived belongs before what relapse does next.
    fn catch_up(&mut self) -> Result<(), Lost> {
        while let Ok(record) = self.arriving.try_recv() {
            self.append(record)?;
        }
        Ok(())
    }

    async fn unless_interrupted<T, E: Into<Broken>>(
        &self,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Lost> {
        tokio::select! {
            biased;
            () = self.interrupt.cancelled() => Err(Lost::interrupted()),
            done = work => done.map_err(|error| error.into().0),
        }
    }
}

impl World for Live {
    async fn probe(&mut self, need: Capability) -> Result<Probed, Lost> {
        let tried = capability_probe::try_out(need, &self.kubectl, &self.prober);
        let probed = self.unless_interrupted(tried).await?;
        self.catch_up()?;
        self.record(Observation::Probed(probed.clone()))?;
        Ok(probed)
    }

    async fn begin(&mut self, phase: Phase) -> Result<PhaseMark, Lost> {
        self.events.tell(Event::Stage {
            label: self.label.clone(),
            stage: Stage::Phase(phase),
        });
        let mark = self
            .unless_interrupted(watch::mark(&self.client, phase))
            .await?;
        self.catch_up()?;
        self.record(Observation::Phase(mark))?;
        self.evidence
            .snapshot(mark, &self.witness)
            .map_err(unwritten)?;
        Ok(mark)
    }

    async fn act(&mut self, scenario: &LoadedScenario, step: &Step) -> Result<StepOutcome, Lost> {
        let done = async {
            // Loading a scenario makes sure of its files.
            let file = |name: &str| scenario.manifest(name).ok_or_else(|| no_file(name));
            let kubectl = &self.kubectl;
            let acted = match step {
                Step::Apply(name) => kubectl.apply(file(&name.value)?).await,
                Step::ServerSideApply(apply) => {
                    let file = file(&apply.file.value)?;
                    kubectl.server_side_apply(file, apply.force_conflicts).await
                }
                Step::Create(name) => kubectl.create(file(&name.value)?).await,
                Step::Delete(delete) => kubectl.delete(delete).await,
                Step::Patch(patch) => kubectl.patch(patch).await,
                Step::Label(label) => kubectl.label(label).await,
                Step::Annotate(annotate) => kubectl.annotate(annotate).await,
                Step::Restart(object) => kubectl.restart(object).await,
                Step::Undo(object) => kubectl.undo(object).await,
                Step::Pause(object) => kubectl.pause(object).await,
                Step::Resume(object) => kubectl.resume(object).await,
                Step::Scale(scale) => kubectl.scale(scale).await,
                Step::Exec(exec) => kubectl.exec(exec).await,
                Step::Evict(evict) => kubectl.evict(evict).await,
                Step::Cordon(node) => kubectl.cordon(&node.value).await,
                Step::Uncordon(node) => kubectl.uncordon(&node.value).await,
                Step::Drain(drain) => kubectl.drain(drain).await,
                Step::Taint(taint) => kubectl.taint(taint).await,
                Step::StopNode(node) => self
                    .chaos
                    .stop(&node.value)
                    .await
                    .map(|()| StepOutcome::default()),
                Step::StartNode(node) => self
                    .chaos
                    .start(&node.value)
                    .await
                    .map(|()| StepOutcome::default()),
                // Waiting is the experiment's own affair.
                Step::Await(_) => Ok(StepOutcome::default()),
            };
            acted.map_err(Broken::from)
        };
        let mut outcome = self.unless_interrupted(done).await?;
        outcome.step = step.to_string();
        self.evidence.redactor().step(&mut outcome);
        self.catch_up()?;
        self.record(Observation::Step(outcome.clone()))?;
        Ok(outcome)
    }

    async fn perturb(
        &mut self,
        perturbation: Perturbation,
        targets: &[Target],
    ) -> Result<PerturbationOutcome, Lost> {
        let done = self.chaos.perturb(perturbation, targets);
        let mut effect = self.unless_interrupted(done).await?;
        self.evidence.redactor().effect(&mut effect);
        let outcome = PerturbationOutcome {
            perturbation,
            effect,
        };
        self.catch_up()?;
        self.record(Observation::Perturbation(outcome.clone()))?;
        Ok(outcome)
    }

    async fn check(&mut self, check: &Check) -> Result<CheckOutcome, Lost> {
        let asked = async { Ok::<_, ProcessError>(self.prober.check(check).await) };
        let mut outcome = self.unless_interrupted(asked).await?;
        self.evidence.redactor().check(&mut outcome);
        self.catch_up()?;
        self.record(Observation::Check(outcome.clone()))?;
        Ok(outcome)
    }

    async fn next(&mut self, wake: Millis) -> Result<(), Lost> {
        let deadline = self.began + std::time::Duration::from_millis(wake);
        loop {
            let arrived = tokio::select! {
                biased;
                () = self.interrupt.cancelled() => return Err(Lost::interrupted()),
                error = self.observer.failed() => return Err(api_lost(&error)),
                arrived = timeout_at(deadline, self.arriving.recv()) => arrived,
            };
            match arrived {
                Ok(Some(record)) => {
                    let decides = self.lines.can_decide(&record.observation);
                    self.append(record)?;
                    if decides || self.now >= wake {
                        return Ok(());
                    }
                }
                Ok(None) => {
                    return Err(Because {
                        reason: Obstacle::Internal,
                        detail: "the watches ended without a word".to_owned(),
                    });
                }
                Err(_) => {
                    self.now = self.now.max(wake);
                    return Ok(());
                }
            }
        }
    }

    fn look_for(&mut self, lines: AwaitedLines) {
        self.lines = lines;
    }

    fn waiting(&mut self, awaited: &str, seen: &str) {
        self.events.tell(Event::Waiting {
            label: self.label.clone(),
            awaited: awaited.to_owned(),
            seen: seen.to_owned(),
        });
    }

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

/// Gives observations their moment when they arrive, however busy the experiment is just then.
fn stamp(
    mut observations: mpsc::UnboundedReceiver<Observation>,
    began: Instant,
) -> mpsc::UnboundedReceiver<Record> {
    let (sender, records) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Some(observation) = observations.recv().await {
            let at = u64::try_from(began.elapsed().as_millis()).unwrap_or(Millis::MAX);
            if sender.send(Record { at, observation }).is_err() {
                break;
            }
        }
    });
    records
}

/// An error of whatever touches the cluster, as the loss that ends an experiment.
struct Broken(Lost);

impl From<WatchError> for Broken {
    fn from(error: WatchError) -> Self {
        Self(api_lost(&error))
    }
}

impl From<MarkError> for Broken {
    fn from(error: MarkError) -> Self {
        Self(api_lost(&error))
    }
}

impl From<ProcessError> for Broken {
    fn from(error: ProcessError) -> Self {
        Self(cluster_failed(&error))
    }
}

impl From<CanaryError> for Broken {
    fn from(error: CanaryError) -> Self {
        Self(cluster_failed(&error))
    }
}

fn no_file(name: &str) -> Broken {
    Broken(Because {
        reason: Obstacle::Internal,
        detail: format!("{name} is not among the files of the scenario"),
    })
}

fn cluster_failed(error: &dyn std::error::Error) -> Lost {
    Because {
        reason: Obstacle::ClusterFailed,
        detail: error.to_string(),
    }
}

fn api_lost(error: &dyn std::error::Error) -> Lost {
    Because {
        reason: Obstacle::ApiLost,
        detail: error.to_string(),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function of `map_err`"
)]
fn unwritten(error: EvidenceError) -> Lost {
    Because {
        reason: Obstacle::EvidenceLost,
        detail: error.to_string(),
    }
}
