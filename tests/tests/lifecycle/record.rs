//! `UPDATE_RECORDINGS=runs/<run> cargo test -p relapse-tests --test lifecycle anew`.

use std::fs;

use relapse_tests::anew::{Form, source, take};
use relapse_tests::tape::folder;

#[tokio::test(start_paused = true)]
async fn recordings_are_taken_anew_where_asked_for() {
    let Some(run) = source() else {
        return;
    };
    for entry in fs::read_dir(run).unwrap() {
        let entry = entry.unwrap();
        let target = folder().join(entry.file_name());
        take(&entry.path(), &target, Form::Plain).await;
    }
}
