//! What the tests on real clusters, and on recordings of them, share.

pub mod anew;
pub mod tape;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use libtest_mimic::{Arguments, Trial};

/// Shown by the runner beside each test that it ignores.
const WITHOUT_CLUSTER: &str = "ignored since RELAPSE_CLUSTER=skip";

/// The project's folder.
#[must_use]
pub fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The version of Kubernetes that the tests run on.
#[must_use]
pub fn kubernetes() -> String {
    std::env::var("RELAPSE_KUBERNETES").unwrap_or_else(|_| "1.36".to_owned())
}

/// A test that holds unless it panics.
#[must_use]
pub fn guard(name: &str, holds: fn()) -> Trial {
    Trial::test(name, move || {
        holds();
        Ok(())
    })
}

/// What a program prints, its lines sorted; it must succeed.
#[must_use]
pub fn sorted_output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {words}");
    let mut lines: Vec<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .map(ToOwned::to_owned)
        .collect();
    lines.sort();
    lines.join("\n")
}

/// Runs tests that need a cluster. Without an engine that fails at once; with
/// `RELAPSE_CLUSTER=skip` each is listed as ignored, and says so.
#[must_use]
pub fn run_on_clusters(arguments: &Arguments, trials: Vec<Trial>) -> ExitCode {
    let skipped = std::env::var("RELAPSE_CLUSTER").is_ok_and(|value| value == "skip");
    let runs_some = !skipped || arguments.ignored || arguments.include_ignored;
    if runs_some && !arguments.list && !engine_answers() {
        eprintln!("error: no Docker Engine answers; next: `make test`, which sets one up");
        return ExitCode::FAILURE;
    }
    let trials = trials
        .into_iter()
        .map(|trial| {
            if skipped {
                trial.with_kind(WITHOUT_CLUSTER).with_ignored_flag(true)
            } else {
                trial
            }
        })
        .collect();
    libtest_mimic::run(arguments, trials).exit_code()
}

fn engine_answers() -> bool {
    Command::new("docker")
        .args(["version", "--format", "{{.Server.Version}}"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
