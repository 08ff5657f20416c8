//! The whole lifecycle on recorded witnesses of real runs: replayed they give the verdict of the
//! run, and falsified another one.

mod corpus;
mod falsified;
mod record;
mod vacuous;

use relapse::witness::{Observation, Record};
use relapse_tests::tape::{Tape, is_streamed, moved};

#[tokio::test(start_paused = true)]
async fn a_replay_gives_the_verdict_of_the_run() {
    for tape in Tape::all() {
        let outcome = tape.outcome().await;
        let run = &tape.verdict;
        assert_eq!(outcome.verdict, run.verdict, "{}", tape.name);
        assert_eq!(outcome.phase, run.phase, "{}", tape.name);
        let times = (outcome.time_to_signature, outcome.time_to_ready);
        let of_the_run = (run.time_to_signature, run.time_to_ready);
        assert_eq!(times, of_the_run, "{}", tape.name);
        assert_eq!(outcome.rates, run.rates, "{}", tape.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_watch_that_lags_behind_all_others_changes_no_verdict() {
    for kind in ["Deployment", "ReplicaSet", "Pod", "Event", "log"] {
        for mut tape in Tape::all() {
            tape.records = lagging(&tape.records, kind);
            let outcome = tape.outcome().await;
            assert_eq!(
                outcome.verdict, tape.verdict.verdict,
                "{}: {kind}",
                tape.name
            );
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
            part.iter()
                .zip(order)
                .map(|(place, record)| moved(record, place.at))
        })
        .collect()
}
