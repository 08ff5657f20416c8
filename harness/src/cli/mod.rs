//! The command line: arguments to options, results to exit codes.

mod catalogue;
pub mod check;
mod clean;
mod lend;
pub mod list;
mod outputs;
mod replay;
mod run;
pub mod show;

use std::io::{self, Write};
use std::panic::{self, UnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Parser, Subcommand};

use crate::evidence::read_proofs;
use crate::setup::Outlook;
use relapse_judge::exit_code::ExitCode;
use relapse_judge::input::InvalidFiles;
use relapse_judge::library::selection::{Selection, SelectionError};
use relapse_judge::library::{Library, LoadError, read_library};
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::text::{one_line, painted, plain};

/// Turns Kubernetes post-mortems into claims, and witnesses them on real kind clusters.
#[derive(Debug, Parser)]
#[command(name = "relapse", version, max_term_width = 100)]
struct Arguments {
    /// Folder with scenarios/ and manifests/; else the nearest one above the current folder
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run scenarios to their verdicts, each on a cluster of its own
    Run(run::RunArguments),
    /// List every failure: where it was proved, and what is lacking here
    List {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a claim in words, and its remedy as a diff
    Show {
        /// The scenario, or a failure without an experiment
        id: String,
    },
    /// Check scenarios and manifests without a cluster
    Check {
        /// Scenarios by id or glob; all if none is given
        ids: Vec<String>,
        /// Refuse what is only warned of
        #[arg(long)]
        strict: bool,
    },
    /// Write what is known of every failure to docs/
    Catalogue,
    /// Judge recorded evidence again, without a cluster
    Replay {
        /// Evidence of one scenario: runs/<run>/<scenario>
        folder: PathBuf,
    },
    /// Delete the clusters that ended runs left or kept; says why it deletes or leaves each
    Clean,
}

/// Why a command ended without a verdict.
#[derive(Debug)]
struct Failure {
    code: ExitCode,
    words: String,
}

impl Failure {
    fn new(code: ExitCode, error: impl std::fmt::Display) -> Self {
        Self {
            code,
            words: error.to_string(),
        }
    }
}

/// Runs the command line to its exit code.
#[must_use]
pub fn main() -> ExitCode {
    guarded(command_line)
}

/// The exit code of this work; where it panics, that is told with what to do, and is a fault of relapse.
fn guarded(work: impl FnOnce() -> ExitCode + UnwindSafe) -> ExitCode {
    panic::set_hook(Box::new(|panic| {
        let (version, words) = (env!("CARGO_PKG_VERSION"), one_line(&panic.to_string()));
        let told = format!(
            "a fault of relapse {version} itself: {words}; next: report this line, the command, and the \
             folder of the evidence if there is one"
        );
        tell("error", &told);
    }));
    panic::catch_unwind(work).unwrap_or(ExitCode::Internal)
}

fn command_line() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        // Help and version end here too, on standard output, with code 0.
        Err(error) if error.use_stderr() => {
            // Where standard error is gone there is nobody to tell.
            let _ = error.print();
            return ExitCode::Usage;
        }
        Err(error) => {
            let printed = written(error.print().and_then(|()| io::stdout().flush()));
            return printed.map_or_else(|failure| report(&failure), |()| ExitCode::Proved);
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return report(&Failure::new(ExitCode::Internal, error)),
    };
    let ended = runtime.block_on(dispatch(arguments));
    runtime.shutdown_background();
    match ended {
        Ok(code) => code,
        Err(failure) => report(&failure),
    }
}

async fn dispatch(arguments: Arguments) -> Result<ExitCode, Failure> {
    let root = arguments.root;
    match arguments.command {
        Command::Run(run) => run::run(library(root)?, run).await,
        Command::List { json } => {
            let library = library(root)?;
            let (proofs, unread) = read_proofs(&library.root);
            let unread = unread.iter().map(ToString::to_string);
            for words in library.warning().into_iter().chain(unread) {
                warn(&words);
            }
            let outlook = Outlook::of(&library.root);
            let known = list::Known {
                proofs: &proofs,
                outlook: &outlook,
            };
            let listed = if json { list::json } else { list::list };
            print(&listed(&library, known))?;
            Ok(ExitCode::Proved)
        }
        Command::Show { id } => {
            let library = library(root)?;
            let untried = library.untried(&id).map(show::untried);
            let scenarios = match selected(library, &[id]) {
                Err(_) if untried.is_some() => Vec::new(),
                selected => selected?,
            };
            let scenarios = scenarios.iter().map(|scenario| show::show(scenario));
            for page in untried.into_iter().chain(scenarios) {
                print(&page)?;
            }
            Ok(ExitCode::Proved)
        }
        Command::Check { ids, strict } => {
            let mut library = library(root)?;
            if ids.is_empty() {
                library = library.whole().map_err(invalid)?;
            }
            let scenarios = selected(library, &ids)?;
            let scenarios = || scenarios.iter().map(AsRef::as_ref);
            print(&check::check(scenarios()))?;
            if strict && !check::warnings(scenarios()).is_empty() {
                return Ok(ExitCode::Invalid);
            }
            Ok(ExitCode::Proved)
        }
        Command::Catalogue => {
            let library = library(root)?.whole().map_err(invalid)?;
            print(&catalogue::catalogue(&library)?)?;
            Ok(ExitCode::Proved)
        }
        Command::Replay { folder } => replay::replay(&folder).await,
        Command::Clean => clean::clean().await,
    }
}

fn selected(library: Library, words: &[String]) -> Result<Vec<Arc<LoadedScenario>>, Failure> {
    let selection = Selection {
        words,
        ..Selection::default()
    };
    of_selection(selection, library)
}

/// What is selected must be valid; that something else is not is a warning.
fn of_selection(
    selection: Selection<'_>,
    library: Library,
) -> Result<Vec<Arc<LoadedScenario>>, Failure> {
    let warning = library.warning();
    let selected = selection.of(library).map_err(|error| match error {
        SelectionError::Invalid(error) => invalid(error),
        error @ SelectionError::Glob { .. } => Failure::new(ExitCode::Usage, error),
        error => Failure::new(ExitCode::TooFew, error),
    });
    let is_told = matches!(&selected, Err(failure) if failure.code == ExitCode::Invalid);
    if let (Some(words), false) = (warning, is_told) {
        warn(&words);
    }
    selected
}

/// The folder's scenarios, with what is wrong among them.
fn library(root: Option<PathBuf>) -> Result<Library, Failure> {
    let root = match root {
        Some(root) => root,
        None => project_folder()?,
    };
    read_library(&root).map_err(|error| match error {
        LoadError::Invalid(error) => invalid(error),
        error @ LoadError::NothingFound { .. } => Failure::new(ExitCode::TooFew, error),
        error => Failure::new(ExitCode::Usage, error),
    })
}

fn invalid(mistakes: InvalidFiles) -> Failure {
    Failure::new(ExitCode::Invalid, mistakes)
}

fn project_folder() -> Result<PathBuf, Failure> {
    let current = std::env::current_dir().map_err(|error| {
        let words =
            format!("there is no current folder: {error}; next: name the project with --root");
        Failure::new(ExitCode::Usage, words)
    })?;
    current
        .ancestors()
        .find(|folder| folder.join("scenarios").is_dir())
        .map(Path::to_owned)
        .ok_or_else(|| {
            Failure::new(
                ExitCode::Usage,
                format!(
                    "no folder scenarios/ in {} nor above it; next: change into the project, or \
                     name it with --root",
                    current.display()
                ),
            )
        })
}

fn report(failure: &Failure) -> ExitCode {
    tell("error", &failure.words);
    failure.code
}

fn warn(words: &str) {
    tell("warning", words);
}

/// Words on standard error; where that is gone there is nobody to tell.
fn tell(what: &str, words: &str) {
    let _ = writeln!(anstream::stderr(), "{what}: {}", plain(words));
}

/// Prints text that a reader asked for.
fn print(text: &str) -> Result<(), Failure> {
    print_line(&plain(text.trim_end()))
}

/// The same of a text in relapse's colours.
fn print_painted(text: &str) -> Result<(), Failure> {
    print_line(&painted(text.trim_end()))
}

fn print_line(text: &str) -> Result<(), Failure> {
    let mut stdout = anstream::stdout();
    written(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// What became of text on standard output; a reader that went away early has had enough.
fn written(printed: io::Result<()>) -> Result<(), Failure> {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(
            ExitCode::Unwritten,
            format!("cannot write to standard output: {error}"),
        )),
        _ => Ok(()),
    }
}

/// How a command ends after a verdict: what could not be written is told, and outranks nothing but
/// success.
fn after_output(code: ExitCode, written: Result<(), Failure>) -> Result<ExitCode, Failure> {
    match written {
        Err(failure) if code != ExitCode::Proved => {
            report(&failure);
            Ok(code)
        }
        written => written.map(|()| code),
    }
}

#[cfg(test)]
mod tests {
    use super::{Failure, after_output, guarded};
    use relapse_judge::exit_code::ExitCode;

    #[test]
    fn a_panic_is_a_fault_of_relapse() {
        let hook = std::panic::take_hook();
        let code = guarded(|| panic!("an index out of range"));
        std::panic::set_hook(hook);
        assert_eq!(code, ExitCode::Internal);
    }

    #[test]
    fn what_could_not_be_written_outranks_nothing_but_success() {
        let unwritten = || Err(Failure::new(ExitCode::Unwritten, "no space left"));
        let ends = |code, written| after_output(code, written).map_err(|failure| failure.code);
        assert_eq!(ends(ExitCode::Proved, Ok(())), Ok(ExitCode::Proved));
        assert_eq!(
            ends(ExitCode::Proved, unwritten()),
            Err(ExitCode::Unwritten)
        );
        for code in [ExitCode::Refuted, ExitCode::Inconclusive, ExitCode::TooFew] {
            assert_eq!(ends(code, unwritten()), Ok(code));
        }
    }
}
