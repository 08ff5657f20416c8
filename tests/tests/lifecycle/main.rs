//! The whole lifecycle on recorded witnesses of real runs: replayed they give the verdict of the
//! run, and falsified another one.

mod falsified;
mod record;
mod vacuous;

use relapse::scenario::load_library;
use relapse::witness::{Observation, Record};
use relapse_tests::project;
use relapse_tests::tape::{Tape, is_streamed};

#[tokio::test(start_paused = true)]
async fn a_replay_gives_the_verdict_of_the_run() {
    for tape in Tape::all() {
        let outcome = tape.outcome().await;
        let run = &tape.verdict;
        assert_eq!(outcome.verdict, run.verdict, "{}", tape.id);
        assert_eq!(outcome.phase, run.phase, "{}", tape.id);
        let times = (outcome.time_to_signature, outcome.time_to_ready);
        let of_the_run = (run.time_to_signature, run.time_to_ready);
        assert_eq!(times, of_the_run, "{}", tape.id);
        assert_eq!(outcome.rates, run.rates, "{}", tape.id);
    }
}

#[test]
fn each_recording_is_of_a_scenario_of_the_project() {
    let library = load_library(&project()).unwrap_or_else(|error| panic!("{error}"));
    for tape in Tape::all() {
        assert_eq!(tape.id, tape.verdict.id);
        assert!(library.scenario(&tape.id).is_some(), "{}", tape.id);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_lags_behind_all_others_changes_no_verdict() {
    for kind in ["Deployment", "ReplicaSet", "Pod", "Event", "log"] {
        for mut tape in Tape::all() {
            tape.records = lagging(&tape.records, kind);
            let outcome = tape.outcome().await;
            assert_eq!(outcome.verdict, tape.verdict.verdict, "{}: {kind}", tape.id);
        }
    }
}

/// The records with those of one stream after all others, wherever relapse itself does nothing.
fn lagging(records: &[Record], kind: &str) -> Vec<Record> {
    let lags = |record: &&Record| match &record.observation {
        Observation::Object(shown) => shown.object["kind"] == kind,
        Observation::Log(_) => kind == "log",
        _ => false,
    };
    records
        .chunk_by(|a, b| is_streamed(a) && is_streamed(b))
        .flat_map(|part| {
            let (late, early): (Vec<&Record>, Vec<&Record>) = part.iter().partition(lags);
            let order = early.into_iter().chain(late);
            part.iter().zip(order).map(|(place, record)| Record {
                at: place.at,
                ..record.clone()
            })
        })
        .collect()
}
