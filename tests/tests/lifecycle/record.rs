//! `UPDATE_RECORDINGS=runs/<run> cargo test -p relapse-tests --test lifecycle anew`, for each
//! version of Kubernetes.

use std::fs;

use relapse::evidence::read_verdict;
use relapse_tests::anew::{source, take};
use relapse_tests::tape::folder;

#[tokio::test(start_paused = true)]
async fn recordings_are_taken_anew_where_asked_for() {
    let Some(run) = source() else {
        return;
    };
    for entry in fs::read_dir(run).unwrap() {
        let evidence = entry.unwrap().path();
        let verdict = read_verdict(&evidence).unwrap();
        take(&evidence, &folder(&verdict.kubernetes).join(&verdict.id)).await;
    }
}
