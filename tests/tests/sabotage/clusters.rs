//! Each sabotage on a real cluster of its own.

use std::fs::{self, Permissions};
use std::num::NonZeroUsize;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use relapse::event::{Event, Events};
use relapse::run::interrupt;
use relapse::run::runner::Runner;
use relapse::run::session::{Judged, Keep, Options};
use relapse_judge::attempt_policy::Tries;
use relapse_tests::{kubernetes, project};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::disturbance::Disturbance;
use crate::suite::{Sabotage, Suite};

/// How many are run at once: their clusters wait most of the time.
pub const AT_ONCE: usize = 3;

/// The folder of the evidence, below the project's.
const OUTPUT: &str = "RELAPSE_SABOTAGE_OUTPUT";

/// One test for each sabotage.
pub fn trials(suite: &Arc<Suite>) -> Vec<Trial> {
    let clusters = Arc::new(Clusters::new());
    suite
        .sabotages
        .iter()
        .map(|sabotage| {
            let (clusters, suite) = (Arc::clone(&clusters), Arc::clone(suite));
            let sabotage = sabotage.clone();
            Trial::test(sabotage.id.clone(), move || {
                clusters.try_it(&suite, &sabotage)
            })
        })
        .collect()
}

struct Clusters {
    runtime: Runtime,
    interrupt: CancellationToken,
    room: Semaphore,
    output: PathBuf,
}

impl Clusters {
    fn new() -> Self {
        let output = std::env::var(OUTPUT).unwrap_or_else(|_| "runs/sabotage".to_owned());
        let runtime = Runtime::new().unwrap();
        let interrupt = {
            let _inside = runtime.enter();
            interrupt::token().unwrap()
        };
        Self {
            runtime,
            interrupt,
            room: Semaphore::new(AT_ONCE),
            output: project().canonicalize().unwrap().join(output),
        }
    }

    fn try_it(&self, suite: &Suite, sabotage: &Sabotage) -> Result<(), Failed> {
        let evidence = self.output.join(&sabotage.id);
        if evidence.exists() {
            fs::remove_dir_all(&evidence)?;
        }
        let (finished, _) = self.runtime.block_on(self.judge(suite, sabotage))?;
        let compared = sabotage
            .expectation()
            .compare(&finished.verdict, finished.phase);
        compared.map_err(|differs| {
            Failed::from(format!(
                "{}\n{differs}\nevidence: {}",
                sabotage.file.what,
                evidence.display()
            ))
        })
    }

    async fn judge(&self, suite: &Suite, sabotage: &Sabotage) -> Result<Judged, Failed> {
        let disturbance = sabotage.file.disturbance.as_ref();
        let everywhere = disturbance.is_some_and(Disturbance::is_everywhere);
        let room = if everywhere { AT_ONCE } else { 1 };
        let _room = self.room.acquire_many(u32::try_from(room)?).await?;
        let interrupt = self.interrupt.child_token();
        let (events, receiver) = Events::channel();
        let evidence = self.output.join(&sabotage.id);
        let options = &sabotage.file.options;
        let set_up = sabotage.file.set_up.as_deref().map(before_set_up);
        let options = Options {
            root: set_up
                .as_ref()
                .map_or_else(project, |root| root.path().to_owned()),
            kubernetes: kubernetes(),
            jobs: 1,
            keep: Keep::Never,
            output: self.output.clone(),
            trials: options.trials,
            thorough: options.thorough,
            strict: false,
            tries: Tries::UntilProved(NonZeroUsize::MIN.saturating_add(options.retries)),
        };
        let judged = async {
            let claim = Arc::new(suite.load_claim(sabotage));
            let runner = Runner::start(options, events, interrupt.clone()).await?;
            Ok::<_, Failed>(runner.judge(claim).await)
        };
        let followed = async {
            match disturbance {
                None => ignore(receiver).await,
                Some(disturbance) => {
                    let interrupt = || interrupt.cancel();
                    disturbance.follow(receiver, &evidence, interrupt).await
                }
            }
        };
        let (judged, came) = tokio::join!(judged, followed);
        let judged = judged?;
        if !came {
            return Err("the moment of the disturbance never came".into());
        }
        Ok(judged)
    }
}

/// A project of which the set-up begins with these shell commands.
fn before_set_up(commands: &str) -> TempDir {
    let root = TempDir::new().unwrap();
    let program = root.path().join("ci/setup");
    let own = project().canonicalize().unwrap().join("ci/setup");
    let script = format!("#!/bin/sh\n{commands}\nexec {} \"$@\"\n", own.display());
    fs::create_dir(root.path().join("ci")).unwrap();
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    root
}

async fn ignore(mut events: mpsc::UnboundedReceiver<Event>) -> bool {
    while events.recv().await.is_some() {}
    true
}
