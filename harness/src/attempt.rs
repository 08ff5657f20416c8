//! One scenario's way to its verdict: preflight, cluster, experiment, evidence, clean-up.

mod on_lent;
mod preflight;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use tokio::time::Instant;

use crate::cluster::{self, Cluster, registry_host};
use crate::event::{Event, Events, Stage};
use crate::evidence::{self, Evidence};
use crate::experiment::{Extent, Outcome, conduct};
use crate::host::{Footprint, HostError, Leak, Snapshot};
use crate::live::{Hands, Live};
use crate::redact::Redactor;
use crate::scenario::LoadedScenario;
use crate::session::{Judged, Keep, Place, Session};
use crate::thorough;
use crate::tries::Nth;
use crate::verdict::{Because, Course, Finished, Obstacle, Verdict, statements, together};
use crate::watch::ClientError;
use crate::witness::Witness;
use crate::world::Lost;

/// One scenario on its way to a verdict, or one of the things that are tried beside its claim.
pub(crate) struct Attempt {
    name: String,
    label: String,
    folder: PathBuf,
    /// When its cluster's making began; the wait for it does not count.
    began: OnceLock<Instant>,
    scenario: Arc<LoadedScenario>,
    /// What is conducted: the scenario, or the scenario without a part of its remedy.
    conducted: Arc<LoadedScenario>,
    extent: Extent,
    events: Events,
    session: Arc<Session>,
}

impl Attempt {
    pub(crate) fn at(scenario: &LoadedScenario, nth: Nth, session: Arc<Session>) -> Self {
        let scenario = Arc::new(scenario.on(&session.options.kubernetes));
        Self {
            name: session.lease.next_name(),
            label: nth.label(&scenario.id),
            folder: session.options.output.join(nth.folder(&scenario.id)),
            began: OnceLock::new(),
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

    /// The scenario whose claim it is.
    pub(crate) const fn scenario(&self) -> &Arc<LoadedScenario> {
        &self.scenario
    }

    /// Goes all the way; a proved claim is tried harder where that was asked for, before others begin:
    /// who interrupts a long run has as many whole verdicts as there can be.
    pub(crate) async fn into_verdict(self) -> Judged {
        let run = Arc::new(self);
        run.tell(Stage::Queued);
        let _claim = if run.session.options.thorough {
            Some(run.session.claims.acquire().await)
        } else {
            None
        };
        let mut finished = Arc::clone(&run).finish().await;
        if run.session.options.thorough && finished.verdict == Verdict::Proved {
            finished = run.tried_harder(finished).await;
        }
        let evidence = run.folder.exists().then(|| run.folder.clone());
        (finished, evidence)
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
                self.finished(Outcome::of(verdict))
            }
        }
    }

    async fn tried_harder(&self, claim: Finished) -> Finished {
        let tell = |judged: usize, of: usize, last: &str| {
            self.events.tell(Event::Waiting {
                label: self.label.clone(),
                awaited: format!("what is tried beside the claim: {judged} of {of} judged"),
                seen: last.to_owned(),
            });
        };
        let tried = thorough::try_all(self, tell).await;
        let all = together(claim.clone(), tried);
        let finished = Finished {
            claims: statements(&self.scenario, &claim, &all),
            duration: self.duration(),
            ..all
        };
        if let Err(error) = evidence::write_verdict(&self.folder, &finished) {
            self.note(error.to_string());
        }
        finished
    }

    async fn remove_by_name(&self) -> String {
        match cluster::remove_containers(&self.name).await {
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
        let tools = match &self.session.place {
            Place::Made(tools) => tools,
            Place::Lent(lent) => return self.on_lent(lent, making).await,
        };
        let evidence = match self.begin_evidence() {
            Ok(evidence) => evidence,
            Err(verdict) => return self.finished(Outcome::of(verdict)),
        };
        self.tell(Stage::Cluster);
        let before = match Snapshot::now().await {
            Ok(before) => before,
            Err(error) => {
                return self.finished(Outcome::of(Verdict::inconclusive(
                    Obstacle::ClusterFailed,
                    format!("{error}; next: `make setup`, then try again"),
                )));
            }
        };
        let hosts = self.hosts();
        let created = tokio::select! {
            biased;
            () = self.session.interrupt.cancelled() => None,
            created = Cluster::create(
                tools,
                self.name.clone(),
                self.scenario.scenario.nodes,
                &self.folder,
                &hosts,
            ) => Some(created),
        };
        let lost = match created {
            Some(Ok(cluster)) => {
                return self.on_cluster(cluster, &before, evidence, making).await;
            }
            Some(Err(error)) => Verdict::inconclusive(
                Obstacle::ClusterFailed,
                format!("{error}; next: `make clean`, then try again"),
            ),
            None => Verdict::from(Lost::interrupted()),
        };
        let mut outcome = Outcome::of(lost);
        self.remove(&before, &mut outcome).await;
        self.finished(outcome)
    }

    async fn on_cluster<P>(
        &self,
        cluster: Cluster,
        before: &Snapshot,
        evidence: Evidence,
        making: P,
    ) -> Finished {
        let hands = Hands::on(&cluster, &self.scenario).await;
        let (outcome, record) = self.experiment(hands, evidence, making).await;
        self.clean_up(cluster, before, outcome, record).await
    }

    fn begin_evidence(&self) -> Result<Evidence, Verdict> {
        Evidence::begin(&self.folder, &self.scenario)
            .map_err(|error| Verdict::inconclusive(Obstacle::Internal, error.to_string()))
    }

    /// Watches a cluster and conducts the experiment on it, from `making` to its turn to its outcome.
    async fn experiment<P>(
        &self,
        hands: Result<Hands, ClientError>,
        evidence: Evidence,
        making: P,
    ) -> (Outcome, (Witness, Evidence)) {
        let watched = match hands {
            Ok(hands) => {
                Live::watch(
                    hands,
                    &self.label,
                    self.scenario.questions(),
                    evidence,
                    self.events.clone(),
                    self.session.interrupt.clone(),
                )
                .await
            }
            Err(error) => {
                let lost = Because {
                    reason: Obstacle::ApiLost,
                    detail: error.to_string(),
                };
                Err((lost, (Witness::default(), evidence)))
            }
        };
        drop(making);
        let (outcome, record) = match watched {
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
        };
        self.tell(Stage::CleanUp);
        (outcome, record)
    }

    /// Writes the evidence, then deletes the cluster, unless it is to be kept.
    async fn clean_up(
        &self,
        mut cluster: Cluster,
        before: &Snapshot,
        mut outcome: Outcome,
        (witness, mut evidence): (Witness, Evidence),
    ) -> Finished {
        let journal = match outcome.verdict {
            Verdict::Inconclusive(_) => Some(cluster.journal().await),
            _ => None,
        };
        if self.keeps(&outcome.verdict) {
            self.keep(&mut cluster).await;
        } else {
            self.remove(before, &mut outcome).await;
        }
        let finished = self.finished(outcome);
        let written = journal
            .map_or(Ok(()), |journal| evidence.journal(&journal))
            .and_then(|()| evidence.end(&witness, &finished));
        if let Err(error) = written {
            self.note(error.to_string());
        }
        finished
    }

    /// Removes what there is of the cluster; what is left of it on this machine becomes the verdict.
    async fn remove(&self, before: &Snapshot, outcome: &mut Outcome) {
        let removed = async {
            let footprint = Footprint::of(&self.name).await?;
            cluster::remove_containers(&self.name)
                .await
                .map_err(HostError::from)?;
            before.compare(&footprint, &self.name).await
        };
        let removed: Result<(), Leak> = removed.await;
        if let Err(leak) = removed {
            outcome.verdict = leaked(&leak, &outcome.verdict);
        }
    }

    fn keeps(&self, verdict: &Verdict) -> bool {
        match self.session.options.keep {
            Keep::Never => false,
            Keep::Always => true,
            Keep::OnFailure => !matches!(verdict, Verdict::Proved | Verdict::Skipped(_)),
        }
    }

    async fn keep(&self, cluster: &mut Cluster) {
        let text = match cluster.keep().await {
            Ok(()) => format!(
                "kept: export KUBECONFIG={}; when done: relapse clean",
                cluster.kubeconfig().display()
            ),
            Err(error) => format!("kept, but the next run will delete it: {error}"),
        };
        self.note(text);
    }

    /// Upstream registries of every image in the manifests, missing ones too: the node must ask
    /// ours for them and be told that they do not exist.
    fn hosts(&self) -> BTreeSet<String> {
        self.scenario
            .images()
            .iter()
            .chain(&self.scenario.absent_images())
            .map(|reference| registry_host(reference))
            .collect()
    }

    fn finished(&self, mut outcome: Outcome) -> Finished {
        // An obstacle may tell the output of a program, which no witness has seen.
        Redactor::of(self.scenario.manifests.values()).verdict(&mut outcome.verdict);
        let mut finished = Finished {
            id: self.scenario.id.clone(),
            title: self.scenario.scenario.title.clone(),
            kubernetes: self.session.options.kubernetes.clone(),
            verdict: outcome.verdict,
            phase: outcome.phase,
            time_to_signature: outcome.time_to_signature,
            time_to_ready: outcome.time_to_ready,
            duration: self.duration(),
            rates: outcome.rates,
            stress: outcome.stress,
            wrong_remedies: Vec::new(),
            alternatives: Vec::new(),
            harmless: Vec::new(),
            claims: Vec::new(),
            parts: Vec::new(),
            stood: outcome.stood,
            course: self.extent.course,
            thorough: self.extent.thorough,
            trials: self.extent.trials,
            attempts: Vec::new(),
        };
        if finished.course.is_the_claim() {
            finished.claims = statements(&self.scenario, &finished, &finished);
        }
        finished
    }

    /// In milliseconds.
    fn duration(&self) -> u64 {
        let began = self.began.get();
        began.map_or(0, |began| {
            u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX)
        })
    }

    fn tell(&self, stage: Stage) {
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

/// What the claim came to stays known, though it is no longer the verdict.
fn leaked(leak: &dyn std::error::Error, judged: &Verdict) -> Verdict {
    let claim = match judged {
        Verdict::Proved => "proved".to_owned(),
        _ => format!(
            "{}, {}: {}",
            judged.word(),
            judged.reason().unwrap_or_default(),
            judged.detail().unwrap_or_default()
        ),
    };
    Verdict::inconclusive(
        Obstacle::Leaked,
        format!("{leak}; before the clean-up it was {claim}"),
    )
}
