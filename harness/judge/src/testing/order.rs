//! Orders between watches of different kinds and log streams, which a cluster does not promise.

use crate::witness::{Observation, Record};

/// The records in another order that keeps that of each stream; `turns` say whose record comes
/// next. Moments stay where they are.
pub fn interleaved(records: &[Record], turns: &[usize]) -> Vec<Record> {
    let mut streams: Vec<(String, Vec<Record>)> = Vec::new();
    for record in records.iter().rev() {
        let name = stream(record);
        match streams.iter_mut().find(|(known, _)| *known == name) {
            Some((_, queue)) => queue.push(record.clone()),
            None => streams.push((name, vec![record.clone()])),
        }
    }
    let mut turns = turns.iter().cycle();
    records
        .iter()
        .map(|place| {
            streams.retain(|(_, queue)| !queue.is_empty());
            let next = turns.next().unwrap() % streams.len();
            Record {
                at: place.at,
                ..streams[next].1.pop().unwrap()
            }
        })
        .collect()
}

/// The stream of a watch or a log in which a record came.
fn stream(record: &Record) -> String {
    match &record.observation {
        Observation::Object(change) => change.object["kind"].to_string(),
        Observation::Log(line) => line.pod_uid.clone(),
        other => panic!("not from a stream: {other:?}"),
    }
}

/// Whether a record came in a stream, and was not made by relapse itself.
pub fn is_streamed(record: &Record) -> bool {
    matches!(
        record.observation,
        Observation::Object(_) | Observation::Log(_)
    )
}
