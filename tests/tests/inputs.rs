//! What is said about right and wrong input, before any cluster is made.
//!
//! A case is a folder of `inputs/valid`, `inputs/warned` or `inputs/invalid` whose name says what is
//! right, weak or wrong. It holds `scenarios/` and `manifests/`, and `docs/` where it is about checklists; what it leaves
//! out is that of `inputs/base`.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where its files are not as it needs them"
)]

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use relapse::cli::check::check;
use relapse::cli::list::{Known, json, list};
use relapse::cli::show::{self, show};
use relapse::setup::Outlook;
use relapse_judge::library::{Library, LoadError, load_library, schemas};
use relapse_judge::verdict::RecordedVerdicts;

fn cases(kind: &str) -> Vec<String> {
    let folder = Path::new("inputs").join(kind);
    let mut names: Vec<String> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no case in {}", folder.display());
    names
}

/// A copy of a case, made whole.
fn assemble(kind: &str, case: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(kind).join(case);
    if root.exists() {
        fs::remove_dir_all(&root).unwrap();
    }
    for part in ["scenarios", "manifests"] {
        let own = Path::new("inputs").join(kind).join(case).join(part);
        let base = Path::new("inputs/base").join(part);
        copy(if own.is_dir() { &own } else { &base }, &root.join(part));
    }
    let docs = Path::new("inputs").join(kind).join(case).join("docs");
    if docs.is_dir() {
        copy(&docs, &root.join("docs"));
    }
    root
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn load(kind: &str, case: &str) -> Result<Library, String> {
    let root = assemble(kind, case);
    let shown = format!("{}/", root.display());
    load_library(&root).map_err(|error: LoadError| error.to_string().replace(&shown, ""))
}

#[test]
fn every_invalid_input_is_refused_with_its_exact_message() {
    for case in cases("invalid") {
        match load("invalid", &case) {
            Ok(_) => panic!("inputs/invalid/{case} was accepted"),
            Err(message) => insta::assert_snapshot!(case, message),
        }
    }
}

#[test]
fn what_shows_less_than_its_author_believes_is_told_with_its_exact_words() {
    for case in cases("warned") {
        let library = load("warned", &case)
            .unwrap_or_else(|message| panic!("inputs/warned/{case} was refused:\n{message}"));
        let root = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("warned")
            .join(&case);
        let told = check(&library.scenarios).replace(&format!("{}/", root.display()), "");
        assert!(told.contains("warning:"), "inputs/warned/{case}: {told}");
        insta::assert_snapshot!(format!("warned-{case}"), told);
    }
}

#[test]
fn every_valid_input_is_accepted_and_shown() {
    for case in cases("valid") {
        let library = load("valid", &case)
            .unwrap_or_else(|message| panic!("inputs/valid/{case} was refused:\n{message}"));
        for loaded in &library.scenarios {
            let warned: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
            assert!(
                warned.is_empty(),
                "inputs/valid/{case}: {}",
                warned.join("\n")
            );
        }
        let known = Known {
            proofs: &RecordedVerdicts::default(),
            outlook: &Outlook::default(),
        };
        let mut shown = format!(
            "$ relapse list\n{}\n$ relapse list --json\n{}\n$ relapse check\n{}",
            list(&library, known),
            json(&library, known),
            check(&library.scenarios),
        );
        for loaded in &library.scenarios {
            let page = show(loaded);
            write!(shown, "\n$ relapse show {}\n{page}", loaded.id).unwrap();
        }
        for loaded in &library.untried {
            let page = show::untried(loaded);
            write!(shown, "\n$ relapse show {}\n{page}", loaded.id).unwrap();
        }
        insta::assert_snapshot!(format!("valid-{case}"), shown);
    }
}

#[test]
fn the_base_of_the_cases_is_valid() {
    let library = load_library(Path::new("inputs/base"));
    assert!(library.is_ok(), "{}", library.unwrap_err());
}

#[test]
fn each_scenario_of_the_project_is_valid_and_nothing_is_warned_of() {
    let library = load_library(Path::new("..")).unwrap_or_else(|error| panic!("{error}"));
    let warnings = library.scenarios.iter().flat_map(|loaded| &loaded.warnings);
    let warnings: Vec<String> = warnings.map(ToString::to_string).collect();
    assert!(warnings.is_empty(), "{}", warnings.join("\n"));
}

#[test]
fn the_schemas_for_editors_are_fresh() {
    for (name, schema) in schemas() {
        let file = format!("../harness/{name}.schema.json");
        let fresh = format!("{schema:#}\n");
        if std::env::var_os("UPDATE_SCHEMA").is_some() {
            fs::write(&file, &fresh).unwrap();
        }
        let checked_in = fs::read_to_string(&file).unwrap_or_default();
        assert!(
            checked_in == fresh,
            "harness/{name}.schema.json is not the schema of harness/judge/src/scenario: \
             run `UPDATE_SCHEMA=1 cargo test -p relapse-tests --test inputs schema`"
        );
    }
}
