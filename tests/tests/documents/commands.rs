//! Every command of the documents is executed here, or named as not executed.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use relapse_tests::project;

use crate::book::{Block, TUTORIAL, blocks, documents, write_files_of_the_tutorial};

/// What `relapse` does without a cluster, and without a change outside of the tutorial's own folder.
const EXECUTED: [&str; 5] = ["--help", "list", "show", "check", "replay"];

/// It writes pages, so it is executed only where the tutorial is followed, in a folder of its own.
const EXECUTED_IN_THE_TUTORIAL: &str = "catalogue";

/// Commands that no test executes, with the reason.
const NOT_EXECUTED: &[(&str, &[&str])] = &[
    (
        "it sets up this machine; CI runs it",
        &["make run", "make test"],
    ),
    (
        "it installs or sets up something on this machine",
        &[
            "cargo install --path harness",
            "ci/setup image:prom/prometheus:v2.55.1",
        ],
    ),
    (
        "it needs a cluster",
        &[
            "relapse run configmap-missing --keep on-failure",
            "relapse run configmap-missing --thorough",
            "relapse run configmap-missing --kubernetes 1.36 --output runs/1.36",
            "relapse run rwo-tsdb-lock-on-rollout",
            "relapse run 'image-*' --tag core",
            "relapse run --all",
            "relapse run --tag storage --junit junit.xml",
            "relapse run image-tag-never-published --repeat 3",
            "relapse run no-default-storageclass --thorough",
            "relapse run rwo-tsdb-lock-on-rollout --context lab",
            "relapse run rwo-tsdb-lock-on-rollout --context lab --confirm lab",
            "cargo test --test scenarios -- image-tag-never-published",
            "RELAPSE_SABOTAGE=clusters cargo test --test sabotage -- <id>",
        ],
    ),
    (
        "it is a test run itself",
        &[
            "cargo test --test scenarios -- --list",
            "RELAPSE_CLUSTER=skip cargo test",
        ],
    ),
    (
        "it changes the recordings of the repository",
        &[
            "UPDATE_RECORDINGS=runs/1.36 cargo test -p relapse-tests --test lifecycle anew",
            "UPDATE_RECORDINGS=runs/sabotage cargo test --test sabotage -- <id>",
            "UPDATE_VERDICTS=1 cargo test -p relapse-tests --test lifecycle refreshed",
            "UPDATE_VERDICTS=1 cargo test -p relapse-tests --test sabotage",
            "for version in 1.34 1.35 1.36; do",
            "rm -rf runs/$version",
            "relapse run <id> --kubernetes $version --output runs/$version",
            "UPDATE_RECORDINGS=runs/$version cargo test -p relapse-tests --test lifecycle anew",
            "done",
        ],
    ),
    (
        "it needs helm and a chart from the internet",
        &[
            "helm template monitoring prometheus-community/prometheus --version \"$NEW\" \
             -f values.yaml --no-hooks > manifests/volume-not-writable-by-nonroot/remedied.yaml",
        ],
    ),
];

/// The commands of a block, one a line, without remarks.
fn commands(block: &Block) -> Vec<String> {
    let text = block.text.replace("\\\n", " ");
    let lines = text.lines().map(|line| {
        let command = line.split(" #").next().unwrap_or_default();
        command.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    lines
        .filter(|command| !command.is_empty() && !command.starts_with('#'))
        .collect()
}

fn is_executed(document: &str, command: &str) -> bool {
    let mut words = command.split(' ');
    words.next() == Some("relapse")
        && words.next().is_some_and(|word| {
            EXECUTED.contains(&word) || document == TUTORIAL && word == EXECUTED_IN_THE_TUTORIAL
        })
}

/// What a command prints on standard output; it must succeed.
fn executed(command: &str, folder: &Path, programs: &Path) -> String {
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// The lines that a document shows come in this order; `…` stands for others.
fn is_shown(shown: &str, printed: &str) -> bool {
    let mut printed = printed.lines();
    let mut lines = shown.lines().filter(|line| *line != "…");
    lines.all(|line| printed.any(|other| other.trim_end() == line.trim_end()))
}

#[test]
fn every_command_without_a_cluster_works_and_prints_what_is_shown() {
    let programs = tempfile::tempdir().unwrap();
    let program = fs::canonicalize(env!("CARGO_BIN_EXE_relapse-under-test")).unwrap();
    symlink(program, programs.path().join("relapse")).unwrap();
    let tutorial = tempfile::tempdir().unwrap();
    write_files_of_the_tutorial(tutorial.path());
    for document in documents() {
        let folder = if document == TUTORIAL {
            tutorial.path().to_owned()
        } else {
            project()
        };
        let mut printed = None;
        for block in blocks(&document) {
            match (block.info.as_str(), printed.take()) {
                ("sh", _) => {
                    let commands = commands(&block).into_iter();
                    let commands = commands.filter(|command| is_executed(&document, command));
                    let outputs = commands
                        .map(|command| executed(&command, &folder, programs.path()))
                        .collect::<String>();
                    printed = Some(outputs).filter(|outputs| !outputs.is_empty());
                }
                ("", Some(printed)) => assert!(
                    is_shown(&block.text, &printed),
                    "{document}:{}: the command prints otherwise:\n{printed}",
                    block.line
                ),
                _ => {}
            }
        }
    }
}

#[test]
fn every_other_command_is_named_as_not_executed_and_nothing_else_is() {
    let mut others = BTreeSet::new();
    for document in documents() {
        let blocks = blocks(&document).into_iter();
        let blocks = blocks.filter(|block| block.info == "sh");
        let commands = blocks.flat_map(|block| commands(&block));
        others.extend(commands.filter(|command| !is_executed(&document, command)));
    }
    let named = NOT_EXECUTED.iter().flat_map(|(_, commands)| *commands);
    let named: BTreeSet<String> = named.map(|command| (*command).to_owned()).collect();
    assert_eq!(others, named);
}
