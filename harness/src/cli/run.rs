//! `relapse run`.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use clap::Args;

use super::lend::Lending;
use super::{Failure, of_selection, print_painted};
use crate::console::{self, Terminal};
use crate::event::Events;
use crate::exit_code::{ExitCode, Standard};
use crate::interrupt;
use crate::provision::SetUpError;
use crate::report::{self, Layout};
use crate::runner::{RunError, Runner, default_jobs};
use crate::scenario::{Library, LoadedScenario, MINORS};
use crate::selection::Selection;
use crate::session::{Keep, Options};
use crate::tries::Tries;
use crate::verdict::Finished;

#[derive(Debug, Args)]
struct Selected {
    /// Scenarios by id or glob
    ids: Vec<String>,
    /// Every scenario
    #[arg(long, conflicts_with_all = ["ids", "tag"])]
    all: bool,
    /// Only scenarios with this tag; may be given several times
    #[arg(long, value_name = "T")]
    tag: Vec<String>,
    /// Also the variants of the failures named
    #[arg(long, requires = "ids")]
    variants: bool,
}

#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    selected: Selected,
    /// Experiments at once; a cluster for each core is made ahead [default: three for each core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// When a cluster outlives its scenario
    #[arg(long, value_enum, default_value = "never")]
    keep: Keep,
    /// Version of Kubernetes
    #[arg(long, value_name = "V", default_value = "1.36", value_parser = MINORS)]
    kubernetes: String,
    /// Folder of the run's evidence [default: runs/<time>]
    #[arg(long, value_name = "DIR")]
    output: Option<PathBuf>,
    /// Write the verdicts as JUnit XML
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Repeat the trials of findings too, and report their rates
    #[arg(long)]
    trials: bool,
    /// Also try wrong remedies, alternatives and harmless changes, and leave out each part of the remedy alone
    #[arg(long)]
    thorough: bool,
    /// Try again what was not proved, up to N times; proved then is still flaky
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "repeat")]
    retries: usize,
    /// Let a flaky claim count as success if one attempt was proved
    #[arg(long)]
    allow_flaky: bool,
    /// Try each scenario N times, and report how verdicts and times are spread
    #[arg(long, value_name = "N")]
    repeat: Option<NonZeroUsize>,
    /// Fail where fewer scenarios than N are judged: skipped ones do not count
    #[arg(long, value_name = "N", default_value = "1")]
    at_least: NonZeroUsize,
    #[command(flatten)]
    lending: Lending,
}

impl Selected {
    /// The scenarios that are meant: at least one, and all only where that is said.
    fn of(&self, library: Library) -> Result<Vec<Arc<LoadedScenario>>, Failure> {
        if self.ids.is_empty() && self.tag.is_empty() && !self.all {
            let words = format!(
                "nothing is selected; next: `relapse run --tag core` for the quick set, `relapse run --all` \
                 for all {} scenarios, or some of the ids that `relapse list` shows",
                library.scenarios.len()
            );
            return Err(Failure::new(ExitCode::Usage, words));
        }
        let selection = Selection {
            words: &self.ids,
            tags: &self.tag,
            variants: self.variants,
        };
        let scenarios = of_selection(selection, library)?;
        if scenarios.is_empty() {
            return Err(Failure::new(
                ExitCode::TooFew,
                "no scenario has both such an id and such a tag; next: `relapse list`",
            ));
        }
        Ok(scenarios)
    }
}

impl Arguments {
    fn tries(&self) -> Tries {
        self.repeat.map_or_else(
            || Tries::UntilProved(NonZeroUsize::MIN.saturating_add(self.retries)),
            Tries::Always,
        )
    }

    fn standard(&self) -> Standard {
        Standard {
            at_least: self.at_least,
            allow_flaky: self.allow_flaky,
        }
    }
}

pub(super) async fn run(library: Library, arguments: Arguments) -> Result<ExitCode, Failure> {
    let root = library.root.clone();
    let scenarios = arguments.selected.of(library)?;
    let (tries, standard) = (arguments.tries(), arguments.standard());
    if scenarios.len() < standard.at_least.get() {
        let words = format!(
            "at least {} scenarios must be judged, and the selection has only {}; next: select \
             more, or lower --at-least",
            standard.at_least,
            scenarios.len()
        );
        return Err(Failure::new(ExitCode::TooFew, words));
    }
    let name = jiff::Zoned::now().strftime("%Y-%m-%dT%H-%M-%S").to_string();
    let output = arguments
        .output
        .unwrap_or_else(|| root.join("runs").join(&name));
    // docker and kind take paths from their own folders.
    let output =
        std::path::absolute(&output).map_err(|error| Failure::new(ExitCode::Usage, error))?;
    let lent = arguments.lending.take(&scenarios).await?;
    let (kubernetes, jobs) = match &lent {
        Some(lent) => (lent.kubernetes().to_owned(), 1),
        None => (
            arguments.kubernetes,
            arguments.jobs.map_or_else(default_jobs, NonZeroUsize::get),
        ),
    };
    let options = Options {
        root,
        kubernetes,
        jobs,
        keep: arguments.keep,
        output,
        trials: arguments.trials,
        thorough: arguments.thorough,
        tries,
    };
    let interrupt = interrupt::token().map_err(|error| Failure::new(ExitCode::Internal, error))?;
    let terminal = Terminal::of_stderr();
    let (events, receiver) = Events::channel();
    let began = Instant::now();
    let drawn = console::draw(receiver, terminal);
    let runner = match lent {
        Some(lent) => Ok(Runner::on_lent(lent, options, events, interrupt.clone())),
        None => Runner::start(options, events, interrupt.clone()).await,
    };
    let ran = match runner {
        Ok(runner) => Ok(runner.judge_all(scenarios).await),
        Err(RunError::SetUp(SetUpError::Interrupted)) => Err(Failure::new(
            ExitCode::Interrupted,
            "interrupted while it was set up; next: the same command goes on from what is complete",
        )),
        Err(error) => Err(Failure::new(ExitCode::Inconclusive, error)),
    };
    // A screen that failed takes nothing from the verdicts.
    let _ = drawn.await;
    let judged = ran?;
    let folder = std::env::current_dir().unwrap_or_default();
    let layout = Layout {
        colour: console::colour_of(&std::io::stdout()),
        folder: &folder,
        elapsed: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        thorough: arguments.thorough,
        repeated: arguments.repeat.is_some(),
    };
    print_painted(&report::table(&judged, &layout));
    let finished: Vec<Finished> = judged.into_iter().map(|(finished, _)| finished).collect();
    if let Some(path) = arguments.junit {
        write_junit(&name, &finished, &standard, &path)?;
    }
    if interrupt.is_cancelled() {
        return Ok(ExitCode::Interrupted);
    }
    let code = ExitCode::of_run(&finished, &standard);
    match standard.shortfall(&finished) {
        Some(words) if code == ExitCode::TooFew => Err(Failure::new(code, words)),
        _ => Ok(code),
    }
}

fn write_junit(
    name: &str,
    finished: &[Finished],
    standard: &Standard,
    path: &Path,
) -> Result<(), Failure> {
    let xml = report::junit(name, finished, standard)
        .map_err(|error| Failure::new(ExitCode::Internal, error))?;
    std::fs::write(path, xml).map_err(|error| {
        let words = format!(
            "cannot write {}: {error}; next: name a file in a folder that exists with --junit",
            path.display()
        );
        Failure::new(ExitCode::Usage, words)
    })
}
