//! The real program: what it prints, how it ends, and what it leaves alone.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use relapse_tests::project;
use tempfile::TempDir;

fn relapse(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relapse-under-test"))
        .args(arguments)
        .current_dir(folder)
        .env("NO_COLOR", "1")
        .output()
        .unwrap()
}

fn words(output: &Output) -> String {
    format!(
        "code: {}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().unwrap_or(-1),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn help_names_every_command_and_option() {
    let mut text = String::new();
    for arguments in [
        &["--help"][..],
        &["run", "--help"],
        &["list", "--help"],
        &["show", "--help"],
        &["check", "--help"],
        &["catalogue", "--help"],
        &["replay", "--help"],
        &["clean", "--help"],
    ] {
        text.push_str(&words(&relapse(&project(), arguments)));
        text.push('\n');
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_word_that_selects_nothing_names_the_nearest_scenario() {
    let output = relapse(&project(), &["show", "image-tag-never-publishd"]);
    insta::assert_snapshot!(words(&output));
}

#[test]
fn a_tag_that_nobody_has_selects_nothing() {
    let output = relapse(&project(), &["run", "--tag", "corre"]);
    insta::assert_snapshot!(words(&output));
}

#[test]
fn a_run_of_nothing_in_particular_says_how_to_run_everything() {
    let output = relapse(&project(), &["run"]);
    assert_eq!(output.status.code(), Some(4), "{}", words(&output));
    let error = String::from_utf8_lossy(&output.stderr);
    for next in ["--all", "--tag core", "relapse list"] {
        assert!(error.contains(next), "{error}");
    }
}

#[test]
fn where_no_scenario_is_selected_the_code_is_4() {
    let empty = TempDir::new().unwrap();
    std::fs::create_dir(empty.path().join("scenarios")).unwrap();
    let output = relapse(empty.path(), &["run", "--all"]);
    assert_eq!(output.status.code(), Some(4), "{}", words(&output));
    for arguments in [
        &["run", "no-such-scenario"][..],
        &["run", "no-such-*"],
        &["run", "--tag", "no-such-tag"],
        &["run", "rwo-tsdb-lock-on-rollout", "--tag", "image"],
        &["run", "wrong-platform-install-guide"],
        &["show", "no-such-scenario"],
        &["check", "no-such-scenario"],
    ] {
        let output = relapse(&project(), arguments);
        assert_eq!(output.status.code(), Some(4), "{}", words(&output));
    }
    let output = relapse(&project(), &["run", "[z-a]"]);
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
}

#[test]
fn all_and_a_selection_are_wrong_usage() {
    for other in [&["rwo-tsdb-lock-on-rollout"][..], &["--tag", "core"]] {
        let output = relapse(&project(), &[&["run", "--all"][..], other].concat());
        assert_eq!(output.status.code(), Some(2), "{}", words(&output));
    }
}

#[test]
fn what_has_no_experiment_is_shown_and_not_run() {
    let id = "wrong-platform-install-guide";
    insta::assert_snapshot!(words(&relapse(&project(), &["show", id])));
    let output = relapse(&project(), &["run", id]);
    insta::assert_snapshot!(words(&output));
}

#[test]
fn an_unknown_version_of_kubernetes_is_wrong_usage() {
    let output = relapse(&project(), &["run", "--all", "--kubernetes", "1.12"]);
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
}

#[test]
fn a_number_that_is_too_small_or_too_large_is_wrong_usage() {
    for option in ["--jobs", "--retries", "--repeat", "--at-least"] {
        let least = if option == "--retries" { "-1" } else { "0" };
        for number in [
            least,
            "1001",
            "18446744073709551615",
            "18446744073709551616",
        ] {
            let output = relapse(&project(), &["run", "--all", option, number]);
            assert_eq!(output.status.code(), Some(2), "{}", words(&output));
        }
    }
}

/// The program with its standard output where nothing can be written.
fn printing(arguments: &[&str], stdout: Stdio) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relapse-under-test"))
        .args(arguments)
        .current_dir(project())
        .env("NO_COLOR", "1")
        .stdout(stdout)
        .output()
        .unwrap()
}

#[test]
fn a_full_standard_output_is_no_success_and_a_reader_that_left_is() {
    let id = "image-tag-never-published";
    for arguments in [
        &["list"][..],
        &["list", "--json"],
        &["show", id],
        &["check", id],
        &["--help"],
        &["--version"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let output = printing(arguments, full.unwrap().into());
        assert_eq!(output.status.code(), Some(74), "{}", words(&output));
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = printing(arguments, writer.into());
        assert_eq!(output.status.code(), Some(0), "{}", words(&output));
        assert!(output.stderr.is_empty(), "{}", words(&output));
    }
}

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: lab
contexts:
- {name: lab, context: {cluster: lab, user: me}}
clusters:
- {name: lab, cluster: {server: 'https://192.0.2.1:6443'}}
users:
- {name: me, user: {}}
";

#[test]
fn a_cluster_is_not_lent_without_its_contexts_name() {
    let kubeconfig = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(kubeconfig.path(), KUBECONFIG).unwrap();
    let mut text = String::new();
    for lending in [
        &["--context", "lab"][..],
        &["--context", "lab", "--confirm", "prod"],
        &["--context", "prod", "--confirm", "prod"],
        &["--confirm", "lab"],
        &["--context", "lab", "--confirm", "lab", "--keep", "always"],
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_relapse-under-test"))
            .args(["run", "rwo-tsdb-lock-on-rollout"])
            .args(lending)
            .current_dir(project())
            .env("NO_COLOR", "1")
            .env("KUBECONFIG", kubeconfig.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        text.extend([
            lending.join(" "),
            "\n".to_owned(),
            words(&output),
            "\n".to_owned(),
        ]);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_floor_above_the_selection_ends_with_code_4_before_any_cluster() {
    let arguments = ["run", "rwo-*", "--at-least", "2"];
    let output = relapse(&project(), &arguments);
    assert_eq!(output.status.code(), Some(4), "{}", words(&output));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("the selection has only 1"), "{error}");
}

#[test]
fn a_repetition_is_not_retried() {
    let output = relapse(
        &project(),
        &["run", "--all", "--repeat", "2", "--retries", "1"],
    );
    assert_eq!(output.status.code(), Some(2), "{}", words(&output));
}

#[test]
fn outside_a_project_it_says_where_to_go() {
    let elsewhere = TempDir::new().unwrap();
    let output = relapse(elsewhere.path(), &["list"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("no folder scenarios/"), "{error}");
    assert!(error.contains("--root"), "{error}");
}

#[test]
fn an_invalid_scenario_ends_with_code_3_before_any_cluster() {
    let copy = TempDir::new().unwrap();
    std::fs::create_dir_all(copy.path().join("scenarios")).unwrap();
    std::fs::create_dir_all(copy.path().join("manifests/x")).unwrap();
    std::fs::write(copy.path().join("scenarios/x.yaml"), "titel: a\n").unwrap();
    let output = relapse(copy.path(), &["run", "x"]);
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("scenarios/x.yaml:1:1"), "{error}");
    assert!(error.contains("`title`"), "{error}");
}

#[test]
fn every_scenario_passes_the_check() {
    let output = relapse(&project(), &["check"]);
    assert_eq!(output.status.code(), Some(0), "{}", words(&output));
}

#[test]
fn the_list_is_json_for_programs() {
    let output = relapse(&project(), &["list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let listed = listed.as_array().unwrap();
    let of = |id: &str| listed.iter().find(|entry| entry["id"] == id).unwrap();
    let proved = of("rwo-tsdb-lock-on-rollout");
    assert_eq!(proved["recorded"][0]["kubernetes"], "1.34");
    assert_eq!(proved["recorded"][0]["verdict"], "proved");
    assert!(proved["recorded"][0]["time_to_ready"].is_number());
    assert!(proved["without_experiment"].is_null());
    assert!(of("wrong-platform-install-guide")["without_experiment"].is_string());
    let failures = listed
        .iter()
        .map(|entry| entry["failure"].as_str().unwrap());
    assert!(failures.is_sorted());
}

#[test]
fn the_list_tells_what_is_skipped_for_lack_of_an_image() {
    let copy = TempDir::new().unwrap();
    let inputs = project().join("tests/inputs/base");
    for file in [
        "scenarios/claim.yaml",
        "manifests/claim/broken.yaml",
        "manifests/claim/remedied.yaml",
    ] {
        let target = copy.path().join(file);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::copy(inputs.join(file), target).unwrap();
    }
    std::fs::create_dir_all(copy.path().join("ci")).unwrap();
    std::fs::write(copy.path().join("ci/images.tsv"), "image\tbase\n").unwrap();
    let mut text = String::new();
    for mode in ["build", "pull"] {
        let output = Command::new(env!("CARGO_BIN_EXE_relapse-under-test"))
            .arg("list")
            .current_dir(copy.path())
            .env("NO_COLOR", "1")
            .env("RELAPSE_IMAGES", mode)
            .output()
            .unwrap();
        text.extend([mode, "\n", &words(&output), "\n"]);
    }
    insta::assert_snapshot!(text);
}

#[test]
fn a_claim_is_shown_in_words_with_its_remedy_as_a_diff() {
    let output = relapse(&project(), &["show", "rwo-tsdb-lock-on-rollout"]);
    insta::assert_snapshot!(words(&output));
}

#[test]
fn a_goal_and_stress_that_a_claim_declares_are_shown() {
    let declared = project().join("tests/inputs/valid/stress-wrong-remedies-and-goal");
    for (root, id, lines) in [
        (
            project(),
            "metrics-api-namespace-stuck",
            &["Goal: Deployment metrics-server is gone."][..],
        ),
        (
            declared,
            "queue-without-memory",
            &[
                "Not applicable, ",
                "Stress: what the remedied workload survives",
            ],
        ),
    ] {
        let page = words(&relapse(&root, &["show", id]));
        for line in lines {
            assert!(page.contains(line), "{line} in {page}");
        }
    }
}

#[test]
fn replay_of_a_folder_without_evidence_says_which_folder_to_name() {
    let empty = TempDir::new().unwrap();
    let output = relapse(&project(), &["replay", empty.path().to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(3), "{}", words(&output));
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(error.contains("the folder of a whole run"), "{error}");
}
