//! A record as a line of text, and read from it.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::{Change, LogLine, ObjectChange, Observation, Record};
use crate::time::{Millis, millis};

/// What nearly every line is: an object or a line of a log. Read as a record it would be taken apart
/// three times, since what it is stands in it.
#[derive(Deserialize)]
struct Frequent<'a> {
    #[serde(deserialize_with = "millis")]
    at: Millis,
    #[serde(rename = "type", borrow)]
    what: Cow<'a, str>,
    change: Option<Change>,
    object: Option<Value>,
    namespace: Option<String>,
    pod: Option<String>,
    pod_uid: Option<String>,
    container: Option<String>,
    time: Option<Timestamp>,
    line: Option<String>,
}

impl Frequent<'_> {
    fn record(self) -> Option<Record> {
        let observation = match &*self.what {
            "object" => Observation::Object(ObjectChange {
                change: self.change?,
                object: self.object?,
            }),
            "log" => Observation::Log(LogLine {
                namespace: self.namespace?,
                pod: self.pod?,
                pod_uid: self.pod_uid?,
                container: self.container?,
                time: self.time?,
                line: self.line?,
            }),
            _ => return None,
        };
        Some(Record {
            at: self.at,
            observation,
        })
    }
}

impl Record {
    /// Reads a line of a witness.
    ///
    /// # Errors
    /// It is no record.
    pub fn of_line(line: &[u8]) -> serde_json::Result<Self> {
        let frequent = serde_json::from_slice::<Frequent<'_>>(line);
        match frequent.ok().and_then(Frequent::record) {
            Some(record) => Ok(record),
            None => serde_json::from_slice(line),
        }
    }
}
