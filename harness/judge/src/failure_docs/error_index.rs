//! The texts that people see, each with the failures that show it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::scenario::{Clause, FieldTest, LoadedScenario};
use crate::text::markdown::{code, link, table};

/// A text as it is seen, and where.
type Seen = (String, String);

/// A table of every exact text of the signatures, in the order of the alphabet.
pub(crate) fn index(scenarios: &[LoadedScenario]) -> String {
    let mut index: BTreeMap<(String, Seen), BTreeSet<&str>> = BTreeMap::new();
    for loaded in scenarios {
        let wrong = loaded.scenario.wrong_remedies.iter();
        let after_wrong_remedies = wrong.flat_map(|wrong| wrong.signature.iter().flatten());
        for clause in loaded.scenario.signature.iter().chain(after_wrong_remedies) {
            for seen in texts(clause) {
                let key = (seen.0.to_lowercase(), seen);
                index.entry(key).or_default().insert(&loaded.id);
            }
        }
    }
    let rows = index.into_iter().map(|((_, (text, place)), ids)| {
        let failures: Vec<String> = ids.into_iter().map(link).collect();
        [code(&text), place, failures.join(", ")]
    });
    table(["Text", "Seen in", "Failure"], &rows.collect::<Vec<_>>())
}

fn texts(clause: &Clause) -> Vec<Seen> {
    let each = |texts: Vec<String>, place: String| {
        let texts = texts.into_iter().filter(|text| !text.is_empty());
        texts.map(|text| (text, place.clone())).collect()
    };
    match clause {
        Clause::State(state) => {
            let place = format!("the state of a {}", code(&state.of.kind.value));
            each(state.fields.iter().flat_map(words).collect(), place)
        }
        Clause::Event(event) => {
            let place = format!("event {}", code(&event.reason.value));
            each(vec![event.message.clone()], place)
        }
        Clause::Log(log) => {
            let place = format!("the log of container {}", code(&log.container.value));
            each(log.contains.clone(), place)
        }
        Clause::Refusal(refusal) => {
            let place = format!("the refusal of a {}", code(&refusal.of.kind.value));
            each(vec![refusal.message.clone()], place)
        }
        Clause::Http(http) => {
            let place = format!("the answer of Service {}", code(&http.service.value));
            let body = http.contains.iter().cloned();
            let fields = http.fields.iter().flat_map(words);
            each(body.chain(fields).collect(), place)
        }
        // Nobody sees what is not there.
        Clause::NoEvent(_) | Clause::NoLog(_) => Vec::new(),
        Clause::Exec(exec) => {
            let place = format!("the output of {}", code(&exec.command.join(" ")));
            each(vec![exec.contains.clone()], place)
        }
    }
}

/// What a field says in words: a part of it, or the whole of a reason or a message. Other values,
/// numbers and names among them, are nothing that anybody looks for.
fn words(field: &FieldTest) -> Vec<String> {
    let path = field.path.to_string().to_lowercase();
    let speaks = ["reason", "message", "error"]
        .iter()
        .any(|end| path.ends_with(end));
    let whole = field.is.iter().chain(field.one_of.iter().flatten());
    let whole = whole.filter_map(Value::as_str).filter(|_| speaks);
    field
        .contains
        .iter()
        .cloned()
        .chain(whole.map(str::to_owned))
        .collect()
}
