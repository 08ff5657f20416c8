//! `relapse run`.

use std::io::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use clap::{Args, value_parser};
use tokio_util::sync::CancellationToken;

use super::lend::Lending;
use super::outputs::Outputs;
use super::{Failure, after_output, check, of_selection, print_painted, report};
use crate::cluster::external::KubeContext;
use crate::console::{self, Terminal};
use crate::event::Events;
use crate::run::interrupt;
use crate::run::runner::{RunError, Runner, default_jobs};
use crate::run::session::{Judged, Keep, Options};
use crate::setup::SetUpError;
use relapse_judge::attempt_policy::Tries;
use relapse_judge::exit_code::{ExitCode, Standard};
use relapse_judge::library::Library;
use relapse_judge::library::selection::Selection;
use relapse_judge::report as reports;
use relapse_judge::report::Layout;
use relapse_judge::scenario::{LoadedScenario, MINORS};
use relapse_judge::verdict::Finished;

/// What a number on the command line may be at most: far more than a machine has room or time for.
const MOST: i64 = 1_000;

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

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
#[derive(Debug, Args)]
pub(super) struct RunArguments {
    #[command(flatten)]
    selected: Selected,
    /// Experiments at once, 1000 at most; a cluster for each core is made ahead [default: three for each
    /// core]
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=MOST))]
    jobs: Option<u16>,
    /// When a cluster outlives its scenario
    #[arg(long, value_enum, default_value = "never")]
    keep: Keep,
    /// Version of Kubernetes
    #[arg(long, value_name = "V", default_value = "1.36", value_parser = MINORS)]
    kubernetes: String,
    /// Folder of the run's evidence, new or empty [default: runs/<time>]
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
    /// Refuse a proof where the failing workloads showed a sign that no clause of the signature names
    #[arg(long)]
    strict: bool,
    /// Try again what was not proved, up to N times, 1000 at most; proved then is still flaky
    #[arg(long, value_name = "N", default_value_t = 0, conflicts_with = "repeat")]
    #[arg(value_parser = value_parser!(u16).range(0..=MOST))]
    retries: u16,
    /// Let a flaky claim count as success if one attempt was proved
    #[arg(long)]
    allow_flaky: bool,
    /// Try each scenario N times, 1000 at most, and report how verdicts and times are spread
    #[arg(long, value_name = "N", value_parser = value_parser!(u16).range(1..=MOST))]
    repeat: Option<u16>,
    /// Fail where fewer scenarios than N are judged, 1000 at most: skipped ones do not count
    #[arg(long, value_name = "N", default_value = "1", value_parser = value_parser!(u16).range(1..=MOST))]
    at_least: u16,
    #[command(flatten)]
    lending: Lending,
}

impl Selected {
    /// The scenarios that are meant: at least one, and all only where that is said.
    fn of(&self, library: Library) -> Result<Vec<Arc<LoadedScenario>>, Failure> {
        let nothing = |words: String| Err(Failure::new(ExitCode::TooFew, words));
        if self.ids.is_empty() && self.tag.is_empty() && !self.all {
            return nothing(format!(
                "nothing is selected; next: `relapse run --tag core` for the quick set, `relapse run --all` \
                 for all {} scenarios, or some of the ids that `relapse list` shows",
                library.scenarios.len()
            ));
        }
        let selection = Selection {
            words: &self.ids,
            tags: &self.tag,
            variants: self.variants,
        };
        let scenarios = of_selection(selection, library)?;
        if scenarios.is_empty() {
            return nothing(if self.all {
                "there is no scenario in scenarios/; next: README.md, A new failure in five steps"
                    .into()
            } else {
                "no scenario has both such an id and such a tag; next: `relapse list`".into()
            });
        }
        Ok(scenarios)
    }
}

impl RunArguments {
    fn tries(&self) -> Tries {
        match self.repeat {
            Some(times) => Tries::Always(at_least_one(times)),
            None => Tries::UntilProved(at_least_one(self.retries + 1)),
        }
    }

    fn standard(&self) -> Standard {
        Standard {
            at_least: at_least_one(self.at_least),
            allow_flaky: self.allow_flaky,
        }
    }
}

/// A number whose range the command line has checked.
fn at_least_one(number: u16) -> NonZeroUsize {
    NonZeroUsize::new(usize::from(number)).unwrap_or(NonZeroUsize::MIN)
}

pub(super) async fn run(library: Library, arguments: RunArguments) -> Result<ExitCode, Failure> {
    let root = library.root.clone();
    let scenarios = arguments.selected.of(library)?;
    let standard = arguments.standard();
    if scenarios.len() < standard.at_least.get() {
        let words = format!(
            "at least {} scenarios must be judged, and the selection has only {}; next: select \
             more, or lower --at-least",
            standard.at_least,
            scenarios.len()
        );
        return Err(Failure::new(ExitCode::TooFew, words));
    }
    let warnings = check::warnings(scenarios.iter().map(AsRef::as_ref));
    // Where standard error is gone there is nobody to warn.
    let _ = write!(anstream::stderr(), "{}", check::told(&warnings));
    let offer = arguments.lending.offer(&scenarios)?;
    let interrupt = interrupt::token().map_err(|error| Failure::new(ExitCode::Internal, error))?;
    let outputs = Outputs::open(&root, arguments.output.as_deref(), arguments.junit.clone())?;
    let began = Instant::now();
    let options = Options {
        root,
        kubernetes: arguments.kubernetes.clone(),
        jobs: arguments.jobs.map_or_else(default_jobs, usize::from),
        keep: arguments.keep,
        output: outputs.folder().to_owned(),
        trials: arguments.trials,
        thorough: arguments.thorough,
        strict: arguments.strict,
        tries: arguments.tries(),
    };
    let judged = match judge(scenarios, offer, options, &interrupt).await {
        Ok(judged) => judged,
        Err(failure) => {
            outputs.discard();
            return Err(failure);
        }
    };
    let folder = std::env::current_dir().unwrap_or_default();
    let layout = Layout {
        colour: console::colour_of(&std::io::stdout()),
        folder: &folder,
        elapsed: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        thorough: arguments.thorough,
        repeated: arguments.repeat.is_some(),
    };
    let printed = print_painted(&reports::table(&judged, &layout));
    let finished: Vec<Finished> = judged.into_iter().map(|(finished, _)| finished).collect();
    let mut unwritten = outputs.write(&finished, &standard);
    unwritten.extend(printed.err().map(|failure| failure.words));
    let written = match unwritten.as_slice() {
        [] => Ok(()),
        some => Err(Failure::new(ExitCode::Unwritten, some.join("; "))),
    };
    if interrupt.is_cancelled() {
        return after_output(ExitCode::Interrupted, written);
    }
    let code = ExitCode::of_run(&finished, &standard);
    if let Some(words) = standard.shortfall(&finished)
        && code == ExitCode::TooFew
    {
        report(&Failure::new(code, words));
    }
    after_output(code, written)
}

/// Takes scenarios to their verdicts, on clusters that are made or on one that is lent, and draws what
/// happens meanwhile.
async fn judge(
    scenarios: Vec<Arc<LoadedScenario>>,
    offer: Option<KubeContext>,
    mut options: Options,
    interrupt: &CancellationToken,
) -> Result<Vec<Judged>, Failure> {
    let inconclusive = |error: &dyn std::fmt::Display| Failure::new(ExitCode::Inconclusive, error);
    let lent = match offer {
        Some(offer) => Some(offer.take().await.map_err(|error| inconclusive(&error))?),
        None => None,
    };
    let (events, receiver) = Events::channel();
    let drawn = console::draw(receiver, Terminal::of_stderr());
    let runner = match lent {
        Some(lent) => {
            lent.kubernetes().clone_into(&mut options.kubernetes);
            options.jobs = 1;
            Ok(Runner::on_lent(lent, options, events, interrupt.clone()))
        }
        None => Runner::start(options, events, interrupt.clone()).await,
    };
    let ran = match runner {
        Ok(runner) => Ok(runner.judge_all(scenarios).await),
        Err(RunError::SetUp(SetUpError::Interrupted)) => Err(Failure::new(
            ExitCode::Interrupted,
            "interrupted while it was set up; next: the same command goes on from what is complete",
        )),
        Err(error) => Err(inconclusive(&error)),
    };
    // A screen that failed takes nothing from the verdicts.
    let _ = drawn.await;
    ran
}
