//! Every scenario as one test, on a real cluster of its own.
//!
//! `cargo test --test scenarios -- image-tag-never-published`, `--list`, `--ignored`. Without an
//! engine this fails at once; with `RELAPSE_CLUSTER=skip` every scenario is listed as ignored. So is,
//! with its reason, one that cannot be judged here, as far as that is known beforehand.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use relapse::event::Events;
use relapse::evidence::RunFolder;
use relapse::run::interrupt;
use relapse::run::runner::{Runner, default_jobs};
use relapse::run::session::{Keep, Options};
use relapse::setup::Outlook;
use relapse_judge::attempt_policy::Tries;
use relapse_judge::input::InvalidFiles;
use relapse_judge::library::read_library;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::text::plain;
use relapse_judge::verdict::{Finished, Verdict};
use relapse_tests::{kubernetes, project, run_on_clusters};
use tokio::runtime::{Handle, Runtime};
use tokio::sync::{Mutex, OnceCell};

fn main() -> Result<ExitCode, Box<dyn std::error::Error>> {
    let mut arguments = Arguments::from_args();
    let library = read_library(&project())?;
    if let Some(words) = library.warning() {
        eprintln!("warning: {words}");
    }
    let runtime = Runtime::new()?;
    let session = Arc::new(Session {
        run: OnceCell::new(),
        judged: Mutex::default(),
        handle: runtime.handle().clone(),
    });
    let outlook = Outlook::of(&project());
    let trials: Vec<Trial> = library
        .scenarios
        .into_iter()
        .map(|scenario| {
            let (session, lack) = (Arc::clone(&session), lack(&scenario, &outlook));
            let trial = Trial::test(scenario.id.clone(), move || {
                session.prove(Arc::new(scenario))
            });
            match lack {
                Some(why) => trial
                    .with_kind(format!("ignored since {why}"))
                    .with_ignored_flag(true),
                None => trial,
            }
        })
        .collect();
    // What is not valid fails its own test, and no other.
    let scenarios = library.flawed.into_iter().filter(|one| !one.is_record);
    let flawed = scenarios.map(|one| {
        let mistakes = InvalidFiles::new(one.mistakes);
        Trial::test(one.id, move || {
            Err(Failed::from(plain(&mistakes.to_string())))
        })
    });
    let trials: Vec<Trial> = trials.into_iter().chain(flawed).collect();
    // Every test may begin: the runner inside lets so many at once have a cluster and a turn.
    arguments.test_threads.get_or_insert(trials.len());
    Ok(run_on_clusters(&arguments, trials))
}

/// Why a scenario cannot be judged here. What turns out only when it is tried fails its test: nothing
/// that was not judged is shown as passed.
fn lack(scenario: &LoadedScenario, outlook: &Outlook) -> Option<String> {
    let version = kubernetes();
    let is_for_others = !scenario.runs_on(&version);
    let is_for_others = is_for_others.then(|| format!("it is not for Kubernetes {version}"));
    is_for_others.or_else(|| outlook.lack(scenario))
}

/// One runner for the tests of this process, made when the first of them begins.
struct Session {
    run: OnceCell<(RunFolder, Runner)>,
    judged: Mutex<Vec<Finished>>,
    handle: Handle,
}

impl Session {
    fn prove(&self, scenario: Arc<LoadedScenario>) -> Result<(), Failed> {
        self.handle.block_on(async {
            let (folder, runner) = self.run.get_or_try_init(|| self.start()).await?;
            let (finished, evidence) = runner.judge(scenario).await;
            let mut judged = self.judged.lock().await;
            judged.push(finished.clone());
            folder.write_verdicts(&judged)?;
            drop(judged);
            if finished.verdict == Verdict::Proved {
                return Ok(());
            }
            Err(Failed::from(plain(&format!(
                "{} ({}): {}\nevidence: {}",
                finished.verdict.word(),
                finished.verdict.reason().unwrap_or_default(),
                finished.verdict.detail().unwrap_or_default(),
                evidence.map_or_else(|| "none".to_owned(), |path| path.display().to_string()),
            ))))
        })
    }

    async fn start(&self) -> Result<(RunFolder, Runner), Failed> {
        let (events, mut receiver) = Events::channel();
        tokio::spawn(async move { while receiver.recv().await.is_some() {} });
        let run = format!("test-{}", std::process::id());
        let runs = std::path::absolute(project().join("runs"))?;
        let folder = RunFolder::beside_others(&runs, &run)?;
        let options = Options {
            root: project(),
            kubernetes: kubernetes(),
            jobs: default_jobs(),
            keep: Keep::Never,
            output: folder.path().to_owned(),
            trials: false,
            thorough: false,
            strict: false,
            tries: Tries::default(),
        };
        let interrupt = interrupt::token()?;
        let runner = Runner::start(options, events, interrupt).await?;
        Ok((folder, runner))
    }
}
