//! Runs scenarios side by side, each on a cluster of its own; or one after the other on a lent one.
//!
//! Making a cluster is work for the processor, an experiment is mostly waiting: so many clusters are
//! made at once as there are cores, ahead of their turn, and more experiments than that run.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use futures::future::{join, join_all};
use sysinfo::System;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::attempt::Attempt;
use super::session::{Judged, NodeRoom, Options, Session, Source};
use super::variations::judged;
use crate::cluster::external::ExternalCluster;
use crate::cluster::kind::KindProvider;
use crate::cluster::leftover::{self, Leftover};
use crate::cluster::ownership::Ownership;
use crate::event::{Event, Events};
use crate::process::ProcessError;
use crate::setup::{SetUp, SetUpError};
use relapse_judge::attempt_policy::{Nth, Tries, of_attempts};
use relapse_judge::scenario::LoadedScenario;

/// Why nothing was run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Engine, kind, node image or registry are not to be had.
    #[error(transparent)]
    SetUp(#[from] SetUpError),
    /// What a killed run left could not be deleted.
    #[error("cannot delete what a killed run left: {0}; next: `make clean`")]
    Sweep(#[from] ProcessError),
}

/// Takes scenarios to their verdicts, so many at once as its options say.
#[derive(Clone)]
pub struct Runner(Arc<Session>);

impl Runner {
    /// Makes sure of the tools and deletes what killed runs left.
    ///
    /// # Errors
    /// The tools could not be set up, or what a killed run left could not be deleted.
    pub async fn start(
        options: Options,
        events: Events,
        interrupt: CancellationToken,
    ) -> Result<Self, RunError> {
        let set_up = SetUp::of(&options.root, interrupt.clone());
        let tell = |line| {
            events.tell(Event::SetUp {
                label: String::new(),
                line,
            });
        };
        let tools = set_up.tools(&options.kubernetes, tell).await?;
        for Leftover { name, state } in leftover::sweep().await? {
            tell(format!("deleted cluster {name}: {state}"));
        }
        // One for each experiment and those in the making.
        let clusters = options.jobs + cores();
        let place = Source::Kind(KindProvider(tools));
        Ok(Self::at(
            place, set_up, clusters, options, events, interrupt,
        ))
    }

    /// Runs on a lent cluster, one scenario after the other; nothing is set up.
    #[must_use]
    pub fn on_lent(
        lent: ExternalCluster,
        options: Options,
        events: Events,
        interrupt: CancellationToken,
    ) -> Self {
        let set_up = SetUp::of(&options.root, interrupt.clone());
        Self::at(
            Source::External(lent),
            set_up,
            1,
            options,
            events,
            interrupt,
        )
    }

    fn at(
        place: Source,
        set_up: SetUp,
        clusters: usize,
        options: Options,
        events: Events,
        interrupt: CancellationToken,
    ) -> Self {
        Self(Arc::new(Session {
            set_up,
            place,
            lease: Ownership::of_this_process(),
            set_ups: Semaphore::new(2),
            claims: Semaphore::new(options.jobs),
            clusters: Semaphore::new(clusters),
            nodes: NodeRoom::at_most(nodes_at_once()),
            makings: Semaphore::new(cores()),
            turns: Semaphore::new(options.jobs),
            events,
            interrupt,
            options,
        }))
    }

    /// Takes one scenario to its verdict, in as many attempts as the options say, each on a cluster
    /// of its own. After an interrupt none follows, and clusters are deleted before this returns.
    pub async fn judge(&self, scenario: Arc<LoadedScenario>) -> Judged {
        let tries = self.0.options.tries;
        match tries {
            Tries::UntilProved(_) => {
                let mut nth = tries.nth(1);
                let first = self.attempt(&scenario, nth).await;
                let mut later = Vec::new();
                while let Some(next) = self.after(nth, later.last().unwrap_or(&first)) {
                    nth = next;
                    later.push(self.attempt(&scenario, nth).await);
                }
                let judged = of_attempts(tries, first, &later);
                self.tell_finished(nth, &judged);
                judged
            }
            Tries::Always(times) => {
                let each = |number| self.repetition(&scenario, tries.nth(number));
                let others = join_all((2..=times.get()).map(each));
                let (first, later) = join(each(1), others).await;
                of_attempts(tries, first, &later)
            }
        }
    }

    async fn attempt(&self, scenario: &Arc<LoadedScenario>, nth: Nth) -> Judged {
        judged(Attempt::at(scenario, nth, Arc::clone(&self.0))).await
    }

    async fn repetition(&self, scenario: &Arc<LoadedScenario>, nth: Nth) -> Judged {
        let judged = self.attempt(scenario, nth).await;
        self.tell_finished(nth, &judged);
        judged
    }

    fn after(&self, nth: Nth, (finished, _): &Judged) -> Option<Nth> {
        let next = nth.after(&finished.verdict)?;
        if self.0.interrupt.is_cancelled() {
            return None;
        }
        self.0.events.tell(Event::TriedAgain {
            label: nth.label(&finished.id),
            nth,
            next: next.label(&finished.id),
            finished: Box::new(finished.clone()),
        });
        Some(next)
    }

    fn tell_finished(&self, nth: Nth, (finished, evidence): &Judged) {
        self.0.events.tell(Event::Finished {
            label: nth.label(&finished.id),
            finished: Box::new(finished.clone()),
            evidence: evidence.clone(),
        });
    }

    /// Takes scenarios to their verdicts, side by side; the results are in the order asked for.
    pub async fn judge_all(&self, scenarios: Vec<Arc<LoadedScenario>>) -> Vec<Judged> {
        self.0.events.tell(Event::Started {
            ids: scenarios.iter().map(|one| one.id.clone()).collect(),
            tries: self.0.options.tries,
            kubernetes: self.0.options.kubernetes.clone(),
            output: self.0.options.output.clone(),
        });
        join_all(scenarios.into_iter().map(|one| self.judge(one))).await
    }
}

/// Memory that a node and its workload take, in bytes: 660 to 830 MiB were measured of clusters of one.
const MEMORY_OF_A_NODE: u64 = 1 << 30;

/// Instances of inotify that the programs of a node take; Linux gives each user 128, and the sixth
/// node does not start (kind's known issue "too many open files").
const INOTIFY_OF_A_NODE: u64 = 24;

/// Where nothing bounds them.
const MANY: u32 = 1_000;

/// Experiments for each core, as many as keep it busy.
const EXPERIMENTS_PER_CORE: usize = 3;

/// How many experiments to run at once where nobody says.
#[must_use]
pub fn default_jobs() -> usize {
    cores() * EXPERIMENTS_PER_CORE
}

fn cores() -> usize {
    available_parallelism().map_or(1, NonZeroUsize::get)
}

/// Nodes for which memory and inotify suffice.
fn nodes_at_once() -> u32 {
    let memory = System::new().map_or(u64::MAX, |mut system| {
        system.refresh_memory();
        system.available_memory() / MEMORY_OF_A_NODE
    });
    let inotify = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_instances")
        .ok()
        .and_then(|instances| instances.trim().parse::<u64>().ok())
        .map_or(u64::MAX, |instances| instances / INOTIFY_OF_A_NODE);
    u32::try_from(memory.min(inotify)).unwrap_or(MANY)
}
