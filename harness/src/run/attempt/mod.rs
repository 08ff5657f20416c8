//! One scenario's way to its verdict: preflight, cluster, experiment, evidence, clean-up.

mod preflight;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use super::session::{Keep, Session, Source};
use crate::cluster::access::Access;
use crate::cluster::containers::remove_containers;
use crate::cluster::provider::{Order, Provider};
use crate::event::{Event, Events, Stage};
use crate::evidence::{self, Evidence, EvidenceError};
use crate::live::Live;
use relapse_judge::attempt_policy::Nth;
use relapse_judge::experiment::{Extent, Outcome, conduct};
use relapse_judge::redact::Redactor;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::{Because, Course, Finished, Obstacle, Verdict, statements};
use relapse_judge::witness::Witness;
use relapse_judge::world::Lost;

/// What was seen, and where it is written.
type Record = (Witness, Evidence);

/// One scenario on its way to a verdict, or one of the things that are tried beside its claim.
pub(crate) struct Attempt {
    name: String,
    pub(super) label: String,
    pub(super) folder: PathBuf,
    /// When its cluster's making began; the wait for it does not count.
    began: OnceLock<Instant>,
    /// Premises that could not be verified.
    unverified: OnceLock<Vec<String>>,
    pub(super) scenario: Arc<LoadedScenario>,
    /// What is conducted: the scenario, or the scenario without a part of its remedy.
    conducted: Arc<LoadedScenario>,
    extent: Extent,
    pub(super) events: Events,
    pub(super) session: Arc<Session>,
}

impl Attempt {
    pub(crate) fn at(scenario: &LoadedScenario, nth: Nth, session: Arc<Session>) -> Self {
        let scenario = Arc::new(scenario.on(&session.options.kubernetes));
        Self {
            name: session.lease.next_name(),
            label: nth.label(&scenario.id),
            folder: session.options.output.join(nth.folder(&scenario.id)),
            began: OnceLock::new(),
            unverified: OnceLock::new(),
            conducted: Arc::clone(&scenario),
            extent: Extent {
                course: Course::Claim,
                thorough: session.options.thorough,
                trials: session.options.trials,
            },
            events: session.events.clone(),
            scenario,
            session,
        }
    }

    /// Something that is tried beside this claim, in a folder below its own. It is told by the
    /// claim alone.
    pub(crate) fn beside(&self, course: Course, conducted: Arc<LoadedScenario>) -> Self {
        Self {
            name: self.session.lease.next_name(),
            label: format!("{} {course}", self.label),
            folder: self.folder.join(course.to_string()),
            began: OnceLock::new(),
            unverified: OnceLock::new(),
            scenario: Arc::clone(&self.scenario),
            conducted,
            extent: Extent {
                course,
                thorough: true,
                trials: false,
            },
            events: Events::silent(),
            session: Arc::clone(&self.session),
        }
    }

    /// One experiment from its cluster to its evidence, whatever happens: a panic too ends as a
    /// verdict, with the cluster deleted.
    pub(crate) async fn finish(self: Arc<Self>) -> Finished {
        let inner = Arc::clone(&self);
        match tokio::spawn(async move { inner.judge().await }).await {
            Ok(finished) => finished,
            Err(panic) => {
                let swept = self.remove_by_name().await;
                let verdict = Verdict::inconclusive(
                    Obstacle::Internal,
                    format!("relapse failed: {panic}{swept}; next: report it with this folder"),
                );
                let finished = self.finished(Outcome::of(verdict));
                if self.folder.exists()
                    && let Err(error) = evidence::write_verdict(&self.folder, &finished)
                {
                    self.note(error.to_string());
                }
                finished
            }
        }
    }

    async fn remove_by_name(&self) -> String {
        match remove_containers(&self.name).await {
            Ok(()) => String::new(),
            Err(error) => format!("; its cluster {} may be left: {error}", self.name),
        }
    }

    async fn judge(&self) -> Finished {
        self.tell(Stage::Queued);
        if self.extent.course.is_the_claim()
            && let Err(verdict) = self.preflight().await
        {
            return self.finished(Outcome::of(verdict));
        }
        self.tell(Stage::Queued);
        let _room = self.session.room_for(&self.scenario).await;
        let making = self.session.makings.acquire().await;
        if self.session.interrupt.is_cancelled() {
            return self.finished(Outcome::of(Verdict::from(Lost::interrupted())));
        }
        self.began.get_or_init(Instant::now);
        match &self.session.place {
            Source::Kind(kind) => self.on(kind, making).await,
            Source::External(lent) => self.on(lent, making).await,
        }
    }

    /// Creates a cluster, conducts the experiment, writes the evidence, and deletes the cluster unless it
    /// is to be kept; in this order, whatever happens.
    async fn on<P: Provider>(&self, provider: &P, making: impl Send) -> Finished {
        let order = Order {
            name: &self.name,
            scenario: &self.scenario,
            folder: &self.folder,
            interrupt: &self.session.interrupt,
        };
        self.tell(Stage::Cluster);
        let admitted = provider.admit(&order).await;
        let begun = admitted.and_then(|cluster| Ok((cluster, self.begin_evidence()?)));
        let (mut cluster, evidence) = match begun {
            Ok(begun) => begun,
            Err(verdict) => return self.finished(Outcome::of(verdict)),
        };
        let access = match provider.create(&mut cluster, &order).await {
            Ok(()) => provider.access(&cluster, &order).await,
            Err(verdict) => Err(verdict),
        };
        let (outcome, record) = self.experiment(access, evidence, making).await;
        self.tell(Stage::CleanUp);
        let logs = match outcome.verdict {
            Verdict::Inconclusive(_) => provider.export_logs(&cluster, &order).await,
            _ => None,
        };
        let mut finished = self.written(outcome, record, logs.as_deref());
        if self.keeps(&finished.verdict)
            && let Some(kept) = provider.keep(&mut cluster, &order).await
        {
            self.note(kept);
        }
        let waiting = |seen: &str| {
            self.events.tell(Event::Waiting {
                label: self.label.clone(),
                awaited: "nothing is left of the scenario".to_owned(),
                seen: seen.to_owned(),
            });
        };
        if let Err(leak) = provider.delete(cluster, &order, waiting).await {
            self.amend(&mut finished, Obstacle::Leaked, &*leak);
        }
        self.rewritten(finished)
    }

    fn keeps(&self, verdict: &Verdict) -> bool {
        match self.session.options.keep {
            Keep::Never => false,
            Keep::Always => true,
            Keep::OnFailure => !matches!(verdict, Verdict::Proved | Verdict::Skipped(_)),
        }
    }

    fn begin_evidence(&self) -> Result<Evidence, Verdict> {
        Evidence::begin(&self.folder, &self.scenario)
            .map_err(|error| Verdict::inconclusive(Obstacle::EvidenceLost, error.to_string()))
    }

    /// Watches a cluster and conducts the experiment on it, from `making` to its turn to its outcome.
    async fn experiment<P>(
        &self,
        access: Result<Access, Verdict>,
        evidence: Evidence,
        making: P,
    ) -> (Outcome, Record) {
        let access = match access {
            Ok(access) => access,
            Err(verdict) => return (Outcome::of(verdict), (Witness::default(), evidence)),
        };
        let watched = Live::watch(
            access,
            &self.label,
            self.scenario.questions(),
            evidence,
            self.events.clone(),
            self.session.interrupt.clone(),
        )
        .await;
        drop(making);
        match watched {
            Ok(mut live) => {
                self.tell(Stage::Ready);
                let outcome = {
                    let _turn = self.session.turns.acquire().await;
                    conduct(&self.conducted, &mut live, self.extent).await
                };
                if let Verdict::Inconclusive(lost) = &outcome.verdict {
                    live.lost(lost);
                }
                (outcome, live.end())
            }
            Err((lost, record)) => (Outcome::of(Verdict::from(lost)), record),
        }
    }

    /// Writes the evidence, before anything is removed. Without all of it no verdict can be relied on.
    fn written(
        &self,
        outcome: Outcome,
        (witness, mut evidence): Record,
        journal: Option<&str>,
    ) -> Finished {
        let mut finished = self.finished(outcome);
        let journal = journal.map_or(Ok(()), |journal| evidence.journal(journal));
        let ended = evidence.end(&witness, &finished);
        if let Err(lost) = journal.and(ended) {
            self.lose(&mut finished, &lost);
            // Where the folder cannot tell it, the exit code and all reports do.
            let _ = evidence::write_verdict(&self.folder, &finished);
        }
        finished
    }

    /// Writes the verdict once more, after the clean-up.
    pub(super) fn rewritten(&self, mut finished: Finished) -> Finished {
        finished.duration = self.duration();
        if let Err(lost) = evidence::write_verdict(&self.folder, &finished) {
            self.lose(&mut finished, &lost);
        }
        finished
    }

    fn lose(&self, finished: &mut Finished, lost: &EvidenceError) {
        let is_lost = |because: &Because<Obstacle>| because.reason == Obstacle::EvidenceLost;
        if !matches!(&finished.verdict, Verdict::Inconclusive(because) if is_lost(because)) {
            self.amend(finished, Obstacle::EvidenceLost, lost);
        }
    }

    /// The verdict is not to be relied on, for this reason. What the claim came to stays known.
    fn amend(
        &self,
        finished: &mut Finished,
        reason: Obstacle,
        because: &(dyn std::error::Error + Sync),
    ) {
        let claim = match &finished.verdict {
            Verdict::Proved => "proved".to_owned(),
            verdict => format!(
                "{}, {}: {}",
                verdict.word(),
                verdict.reason().unwrap_or_default(),
                verdict.detail().unwrap_or_default()
            ),
        };
        let words = format!("{because}; before the clean-up it was {claim}");
        self.judge_as(finished, Verdict::inconclusive(reason, words));
    }

    fn finished(&self, outcome: Outcome) -> Finished {
        let mut finished = Finished {
            id: self.scenario.id.clone(),
            title: self.scenario.scenario.title.clone(),
            kubernetes: self.session.options.kubernetes.clone(),
            verdict: Verdict::Proved,
            phase: outcome.phase,
            time_to_signature: outcome.time_to_signature,
            time_to_ready: outcome.time_to_ready,
            duration: self.duration(),
            rates: outcome.rates,
            stress: outcome.stress,
            wrong_remedies: Vec::new(),
            alternatives: Vec::new(),
            harmless: Vec::new(),
            placebo: None,
            claims: Vec::new(),
            parts: Vec::new(),
            stood: outcome.stood,
            unnamed: outcome.unnamed,
            course: self.extent.course,
            thorough: self.extent.thorough,
            trials: self.extent.trials,
            unverified: self.unverified.get().cloned().unwrap_or_default(),
            strict: self.session.options.strict,
            attempts: Vec::new(),
        };
        self.judge_as(&mut finished, outcome.verdict);
        finished
    }

    fn judge_as(&self, finished: &mut Finished, mut verdict: Verdict) {
        // An obstacle may tell the output of a program, which no witness has seen.
        Redactor::of(self.scenario.manifests.values()).verdict(&mut verdict);
        finished.verdict = verdict;
        finished.hold_strictly();
        if finished.course.is_the_claim() {
            finished.claims = statements(&self.scenario, finished, finished);
        }
    }

    /// In milliseconds.
    fn duration(&self) -> u64 {
        let began = self.began.get();
        began.map_or(0, |began| {
            u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
        })
    }

    pub(super) fn tell(&self, stage: Stage) {
        self.events.tell(Event::Stage {
            label: self.label.clone(),
            stage,
        });
    }

    fn tell_set_up(&self, line: String) {
        self.events.tell(Event::SetUp {
            label: self.label.clone(),
            line,
        });
    }

    fn note(&self, text: String) {
        self.events.tell(Event::Note {
            label: self.label.clone(),
            text,
        });
    }
}
