//! Runs scenarios side by side, each on a cluster of its own.
//!
//! Clusters are made ahead while other scenarios have their turn: making one is work for the
//! processor, an experiment is mostly waiting.

use std::sync::Arc;

use futures::future::join_all;
use sysinfo::System;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use crate::attempt::Attempt;
use crate::cluster;
use crate::event::{Event, Events};
use crate::lease::Lease;
use crate::process::ProcessError;
use crate::provision::{SetUp, SetUpError};
use crate::scenario::LoadedScenario;
use crate::session::{Judged, Options, Session};

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
                id: String::new(),
                line,
            });
        };
        let tools = set_up.tools(&options.kubernetes, tell).await?;
        for name in cluster::sweep_dead().await? {
            tell(format!("deleted cluster {name}, which a killed run left"));
        }
        Ok(Self(Arc::new(Session {
            set_up,
            tools,
            lease: Lease::of_this_process(),
            set_ups: Semaphore::new(2),
            clusters: Semaphore::new(clusters_at_once(options.jobs)),
            makings: Semaphore::new(options.jobs),
            turns: Semaphore::new(options.jobs),
            events,
            interrupt,
            options,
        })))
    }

    /// Takes one scenario to its verdict. After an interrupt it is inconclusive, and its cluster is
    /// deleted before this returns.
    pub async fn judge(&self, scenario: Arc<LoadedScenario>) -> Judged {
        Attempt::at(scenario, Arc::clone(&self.0))
            .into_verdict()
            .await
    }

    /// Takes scenarios to their verdicts, side by side; the results are in the order asked for.
    pub async fn judge_all(&self, scenarios: Vec<Arc<LoadedScenario>>) -> Vec<Judged> {
        self.0.events.tell(Event::Started {
            ids: scenarios.iter().map(|one| one.id.clone()).collect(),
            kubernetes: self.0.options.kubernetes.clone(),
            output: self.0.options.output.clone(),
        });
        join_all(scenarios.into_iter().map(|one| self.judge(one))).await
    }
}

/// Memory that a cluster of one node and its workload take, in bytes: 493 MiB were measured for an
/// idle one.
const MEMORY_OF_A_CLUSTER: u64 = 1 << 30;

/// One cluster for each experiment and one ahead, as far as memory allows.
fn clusters_at_once(jobs: usize) -> usize {
    let Ok(mut system) = System::new() else {
        return jobs;
    };
    system.refresh_memory();
    let room = system.available_memory() / MEMORY_OF_A_CLUSTER;
    (jobs * 2)
        .min(usize::try_from(room).unwrap_or(usize::MAX))
        .max(1)
}
