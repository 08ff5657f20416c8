//! The whole lifecycle on recorded witnesses of real runs: replayed they give the verdict of the
//! run, and falsified another one.

mod corpus;
mod falsified;
mod record;
mod refused;
mod vacuous;

use relapse::replay::replay;
use relapse_judge::witness::{Observation, Record};
use relapse_tests::tape::{Tape, folders, is_streamed, moved};

#[tokio::test(start_paused = true)]
async fn a_replay_gives_the_verdict_of_the_run() {
    for folder in folders() {
        let name = folder.display();
        let (again, run) = replay(&folder)
            .await
            .unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(again.verdict, run.verdict, "{name}");
        assert_eq!(again.phase, run.phase, "{name}");
        let times = (again.time_to_signature, again.time_to_ready);
        assert_eq!(times, (run.time_to_signature, run.time_to_ready), "{name}");
        assert_eq!(again.rates, run.rates, "{name}");
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
            let end = part.last().map_or(0, |last| last.at);
            let late = late
                .into_iter()
                .map(|record| moved(record, end))
                .collect::<Vec<_>>();
            early.into_iter().cloned().chain(late).collect::<Vec<_>>()
        })
        .collect()
}
