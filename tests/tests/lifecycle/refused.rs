//! Recordings of which a file was changed: none of them is judged as if it were the run's.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use flate2::read::GzDecoder;
use relapse::evidence::stamp;
use relapse::replay::replay;
use relapse_judge::verdict::Verdict;
use relapse_tests::tape::folder;
use serde_json::{Value, json};
use tempfile::TempDir;

const ID: &str = "image-tag-never-published";

/// A recording of a proved claim, with a witness that is not packed.
fn recording() -> TempDir {
    let copy = TempDir::new().unwrap();
    let recorded = folder("1.36").join(ID);
    fs::create_dir(copy.path().join("manifests")).unwrap();
    let manifests = fs::read_dir(recorded.join("manifests")).unwrap();
    let manifests = manifests.map(|entry| Path::new("manifests").join(entry.unwrap().file_name()));
    let files = ["scenario.yaml", "verdict.json", "recording.json"].map(PathBuf::from);
    for file in files.into_iter().chain(manifests) {
        fs::copy(recorded.join(&file), copy.path().join(&file)).unwrap();
    }
    let packed = fs::File::open(recorded.join("witness.jsonl.gz")).unwrap();
    let mut witness = String::new();
    GzDecoder::new(packed).read_to_string(&mut witness).unwrap();
    fs::write(copy.path().join("witness.jsonl"), witness).unwrap();
    copy
}

fn edit(folder: &Path, file: &str, change: impl FnOnce(String) -> String) {
    let path = folder.join(file);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(path, change(text)).unwrap();
}

fn edit_json(folder: &Path, file: &str, change: impl FnOnce(&mut Value)) {
    edit(folder, file, |text| {
        let mut value: Value = serde_json::from_str(&text).unwrap();
        change(&mut value);
        value.to_string()
    });
}

async fn refusal(folder: &Path) -> String {
    match replay(folder).await {
        Err(error) => error.to_string(),
        Ok((again, _)) => panic!("not refused: {:?}", again.verdict),
    }
}

async fn expect(said: &str, change: impl FnOnce(&Path)) {
    let copy = recording();
    change(copy.path());
    let refusal = refusal(copy.path()).await;
    assert!(refusal.contains(said), "expected {said:?}: {refusal}");
    assert!(refusal.contains("; next: "), "{refusal}");
}

#[tokio::test(start_paused = true)]
async fn packed_or_not_a_recording_is_the_same() {
    let copy = recording();
    let (again, _) = replay(copy.path()).await.unwrap();
    let (packed, _) = replay(&folder("1.36").join(ID)).await.unwrap();
    assert_eq!(again, packed);
    assert_eq!(again.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_not_as_it_was_recorded_is_refused_by_its_name() {
    for file in [
        "verdict.json",
        "scenario.yaml",
        "witness.jsonl",
        "manifests/broken.yaml",
    ] {
        let said = format!("{file}: its SHA-256 is ");
        expect(&said, |folder| edit(folder, file, |text| text + "\n")).await;
        let said = match file {
            "manifests/broken.yaml" => "broken.yaml: it is missing",
            _ => file,
        };
        expect(said, |folder| fs::remove_file(folder.join(file)).unwrap()).await;
    }
    expect("more.yaml: recording.json does not name it", |folder| {
        fs::write(folder.join("manifests/more.yaml"), "").unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_has_no_known_format_is_refused() {
    expect("recording.json: there is none", |folder| {
        fs::remove_file(folder.join("recording.json")).unwrap();
    })
    .await;
    expect(
        "recording.json: its format is 3; expected 1 or 2",
        |folder| {
            edit_json(folder, "recording.json", |stamp| {
                *stamp = json!({"format": 3, "new": true});
            });
        },
    )
    .await;
    expect("witness.jsonl.gz: witness.jsonl is there too", |folder| {
        fs::write(folder.join("witness.jsonl.gz"), "").unwrap();
    })
    .await;
}

/// Somebody who stamps what he changed is not believed either.
async fn expect_stamped(said: &str, change: impl FnOnce(&Path)) {
    expect(said, |folder| {
        change(folder);
        stamp(folder).unwrap();
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_verdict_file_that_does_not_fit_the_rest_is_refused() {
    for (key, value, said) in [
        (
            "course",
            json!({"harmless": 5}),
            "`course` is harmless-6; expected `claim`",
        ),
        (
            "course",
            json!({"harmless": u64::MAX}),
            "`course` is harmless-18446744073709551615",
        ),
        (
            "course",
            json!({"wrong-remedy": 0}),
            "the claim goes on with ",
        ),
        ("course", json!("wrong"), "unknown variant `wrong`"),
        (
            "kubernetes",
            json!("banana"),
            "`kubernetes` is \"banana\"; expected a minor",
        ),
        ("kubernetes", json!("1.36.3"), "expected a minor"),
        ("kubernetes", json!("1.35"), "its nodes have version v1.36"),
        ("kubernetes", json!("1.20"), "1.20"),
        ("thorough", json!(true), "the claim goes on with "),
        ("duration", json!(u64::MAX), "longer than a run can be"),
        ("time_to_ready", json!(u64::MAX), "longer than a run can be"),
    ] {
        expect_stamped(said, |folder| {
            edit_json(folder, "verdict.json", |verdict| verdict[key] = value);
        })
        .await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_witness_without_its_end_is_refused_wherever_it_was_cut() {
    let copy = recording();
    let witness = fs::read_to_string(copy.path().join("witness.jsonl")).unwrap();
    let count = witness.lines().count();
    for length in (0..count).step_by(count / 8).chain([count - 1]) {
        expect_stamped("witness.jsonl: it has no end", |folder| {
            edit(folder, "witness.jsonl", |text| {
                text.lines()
                    .take(length)
                    .flat_map(|line| [line, "\n"])
                    .collect()
            });
        })
        .await;
    }
    expect_stamped("the experiment ended before", |folder| {
        edit(folder, "witness.jsonl", |text| format!("{text}{text}"));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_moment_later_than_any_run_is_refused() {
    expect_stamped(
        "18446744073709551615 ms are longer than a run can be",
        |folder| {
            edit(folder, "witness.jsonl", |text| {
                text.replacen("{\"at\":", "{\"at\":18446744073709551615,\"was\":", 1)
            });
        },
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_scenario_that_was_not_the_runs_is_refused() {
    let claims =
        |change: fn(String) -> String| move |folder: &Path| edit(folder, "scenario.yaml", change);
    expect_stamped(
        "the claim waits until ",
        claims(|text| {
            let held = text.find("hold: ").unwrap();
            let end = held + text[held..].find('\n').unwrap();
            format!("{}hold: 23h{}", &text[..held], &text[end..])
        }),
    )
    .await;
    expect_stamped(
        "the claim goes on with the step `apply ",
        claims(|text| {
            let remedy = text.find("remedy:\n  steps:\n").unwrap() + "remedy:\n  steps:\n".len();
            format!(
                "{}    - apply: broken.yaml\n{}",
                &text[..remedy],
                &text[remedy..]
            )
        }),
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_perturbation_that_is_not_judged_any_more_is_no_proof() {
    expect_stamped("and the run did with the perturbation `", |folder| {
        edit(folder, "scenario.yaml", |text| {
            format!("{text}\nstress:\n  perturbations: [restart-kubelet]\n")
        });
    })
    .await;
}

/// A pipe would never end.
#[cfg(unix)]
#[tokio::test(start_paused = true)]
async fn what_is_no_regular_file_is_not_read() {
    for file in ["witness.jsonl", "verdict.json", "manifests/broken.yaml"] {
        expect("leads to /dev/zero, which is outside of ", |folder| {
            fs::remove_file(folder.join(file)).unwrap();
            std::os::unix::fs::symlink("/dev/zero", folder.join(file)).unwrap();
        })
        .await;
        expect("this is a FIFO, and not a regular file", |folder| {
            fs::remove_file(folder.join(file)).unwrap();
            let made = Command::new("mkfifo").arg(folder.join(file)).status();
            assert!(made.unwrap().success());
        })
        .await;
    }
}
