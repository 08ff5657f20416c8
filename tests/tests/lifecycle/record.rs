//! Recordings from the evidence of a run, for each version of Kubernetes:
//! `UPDATE_RECORDINGS=runs/<run> cargo test -p relapse-tests --test lifecycle anew`; and with the words
//! of today's scenarios: `UPDATE_VERDICTS=1 cargo test -p relapse-tests --test lifecycle refreshed`.

use std::fs;

use relapse::evidence::read_verdict;
use relapse_judge::library::load_library;
use relapse_tests::anew::{is_refreshed, refresh, source, take};
use relapse_tests::project;
use relapse_tests::tape::{folder, folders};

#[tokio::test(start_paused = true)]
async fn recordings_are_taken_anew_where_asked_for() {
    let Some(run) = source() else {
        return;
    };
    // Beside the folders of the scenarios are the verdicts of the run.
    let entries = fs::read_dir(run)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for evidence in entries.filter(|path| path.is_dir()) {
        let verdict = read_verdict(&evidence).unwrap();
        take(&evidence, &folder(&verdict.kubernetes).join(&verdict.id)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn recordings_are_refreshed_where_asked_for() {
    if !is_refreshed() {
        return;
    }
    let library = load_library(&project()).unwrap_or_else(|error| panic!("{error}"));
    let mut refused = Vec::new();
    for folder in folders() {
        let verdict = read_verdict(&folder).unwrap_or_else(|error| panic!("{error}"));
        let today = library.scenario(&verdict.id).unwrap();
        refused.extend(refresh(&folder, today).await.err());
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}
