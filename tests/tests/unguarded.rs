//! The judge without each of its guards: at least one sabotage must then get another verdict, else
//! nothing shows that the guard is there.
//!
//! `tests/sabotage/unguarded.yaml` says what the code is without a guard. Each is compiled from a
//! copy of the sources, so this runs only where it is asked for: `make guards`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Output};
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use relapse_tests::project;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

/// A place in the code of `harness/judge/src`, and what it becomes.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Removal {
    #[serde(rename = "in")]
    file: PathBuf,
    replace: String,
    by: String,
}

/// As much of a sabotage as matters here.
#[derive(Debug, Deserialize)]
struct Sabotage {
    guards: Vec<String>,
}

const WHERE: &str = "compiles the judge anew for each: make guards";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let asked = std::env::var_os("RELAPSE_GUARDS").is_some();
    let sources = Arc::new(Sources::copy());
    let removals: BTreeMap<String, Vec<Removal>> = read(&sabotages().join("unguarded.yaml"));
    let trials = removals.into_iter().map(|(guard, removals)| {
        let sources = Arc::clone(&sources);
        let name = guard.clone();
        let trial = Trial::test(name, move || is_missed(&sources, &guard, &removals));
        if asked {
            trial
        } else {
            trial.with_kind(WHERE).with_ignored_flag(true)
        }
    });
    // They share one folder of sources and of what is compiled.
    arguments.test_threads = Some(1);
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn sabotages() -> PathBuf {
    project().join("tests/sabotage")
}

fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = fs::read_to_string(path).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Ids of the sabotages that say that they try to get past a guard.
fn naming(guard: &str) -> BTreeSet<String> {
    let files = fs::read_dir(sabotages().join("sabotages")).unwrap();
    files
        .map(|entry| entry.unwrap().path())
        .filter(|path| read::<Sabotage>(path).guards.iter().any(|one| one == guard))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect()
}

fn is_missed(sources: &Sources, guard: &str, removals: &[Removal]) -> Result<(), Failed> {
    let kept: Vec<(PathBuf, String)> = removals
        .iter()
        .map(|removal| (removal.file.clone(), sources.text(&removal.file)))
        .collect();
    for removal in removals {
        let text = sources.text(&removal.file);
        if text.matches(&removal.replace).count() != 1 {
            let file = removal.file.display();
            return Err(format!("{file} has not one {:?}", removal.replace).into());
        }
        sources.write(&removal.file, &text.replace(&removal.replace, &removal.by));
    }
    let built = sources.cargo(&["--no-run"]);
    let tested = built.status.success().then(|| sources.cargo(&[]));
    for (file, text) in kept.iter().rev() {
        sources.write(file, text);
    }
    let Some(tested) = tested else {
        let words = String::from_utf8_lossy(&built.stderr);
        return Err(format!("without it nothing can be compiled:\n{words}").into());
    };
    let told = String::from_utf8_lossy(&tested.stdout);
    if !told.contains("test result: ") {
        let words = String::from_utf8_lossy(&tested.stderr);
        return Err(format!("without it nothing is judged:\n{words}").into());
    }
    let wrong = failed(&told);
    let missing: Vec<String> = naming(guard).intersection(&wrong).cloned().collect();
    if missing.is_empty() {
        let words = format!("nobody misses it; other verdicts without it: {wrong:?}");
        return Err(words.into());
    }
    eprintln!("{guard} is missed by {}", missing.join(", "));
    Ok(())
}

/// Names of the tests that failed.
fn failed(output: &str) -> BTreeSet<String> {
    output
        .lines()
        .filter(|line| line.starts_with("test ") && line.ends_with("FAILED"))
        .filter_map(|line| line.split_whitespace().nth(1))
        .map(ToOwned::to_owned)
        .collect()
}

/// Replays wait for nothing, and what is compiled once for each guard is compiled twice as fast.
const NOT_OPTIMIZED: [&str; 2] = [
    "profile.dev.package.relapse.opt-level=0",
    "profile.dev.package.relapse-judge.opt-level=0",
];

/// A copy of what the project compiles.
struct Sources(TempDir);

impl Sources {
    fn copy() -> Self {
        let folder = TempDir::new().unwrap();
        for name in ["Cargo.toml", "Cargo.lock", "README.md", "harness", "tests"] {
            let copied = Command::new("cp")
                .arg("--recursive")
                .arg(project().join(name))
                .arg(folder.path())
                .status()
                .unwrap();
            assert!(copied.success(), "{name}");
        }
        Self(folder)
    }

    fn path(&self, file: &Path) -> PathBuf {
        self.0.path().join("harness/judge/src").join(file)
    }

    fn text(&self, file: &Path) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    fn write(&self, file: &Path, text: &str) {
        fs::write(self.path(file), text).unwrap();
    }

    fn cargo(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO"))
            .args(NOT_OPTIMIZED.into_iter().flat_map(|one| ["--config", one]))
            .args(["test", "--package", "relapse-tests", "--test", "sabotage"])
            .args(arguments)
            .current_dir(self.0.path())
            .env("CARGO_TARGET_DIR", project().join("target/unguarded"))
            .env_remove("RELAPSE_SABOTAGE")
            .output()
            .unwrap()
    }
}
