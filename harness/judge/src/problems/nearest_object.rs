//! What is there that comes nearest to what a clause names and nothing is.

use serde_json::Value;
use strsim::jaro_winkler;

use crate::kubernetes::{SYSTEM_NAMESPACES, text_at};
use crate::scenario::{Clause, Selector};
use crate::witness::Witness;
use crate::workload::select_all;

/// So many objects are told for each clause.
const FEW: usize = 3;

/// For each object that the clauses name and that is not there, those of its kind that come nearest.
#[must_use]
pub fn nearest(witness: &Witness, clauses: &[Clause]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for of in clauses.iter().filter_map(Clause::selector) {
        if select_all(witness, of).next().is_none() {
            let words = there(witness, of);
            if !told.contains(&words) {
                told.push(words);
            }
        }
    }
    told
}

fn there(witness: &Witness, of: &Selector) -> String {
    let kind = &of.kind.value;
    if !witness.watches(of.group(), kind) {
        return format!("objects of kind {kind} are not watched");
    }
    let is_system = |namespace: &str| SYSTEM_NAMESPACES.contains(&namespace);
    let mut near: Vec<(f64, String)> = witness
        .live_in(of.group(), kind)
        .filter(|object| {
            let namespace = text_at(object, "/metadata/namespace").unwrap_or_default();
            !is_system(namespace) || namespace == of.namespace
        })
        .map(|object| (likeness(object, of), told(object)))
        .collect();
    near.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let near: Vec<String> = near.into_iter().take(FEW).map(|(_, words)| words).collect();
    match near.as_slice() {
        [] => format!("no {kind} of any name is there"),
        some => format!("nearest to {of}: {}", some.join(", ")),
    }
}

fn likeness(object: &Value, of: &Selector) -> f64 {
    let name = of.name.as_ref().map_or(0.0, |name| {
        jaro_winkler(
            &name.value,
            text_at(object, "/metadata/name").unwrap_or_default(),
        )
    });
    let labels = of.labels.iter().map(|(key, value)| {
        let wanted = format!("{key}={}", value.value);
        let alike = labels(object).map(|label| jaro_winkler(&wanted, &label));
        alike.fold(0.0, f64::max)
    });
    let is_here = text_at(object, "/metadata/namespace") == Some(&of.namespace);
    name + labels.sum::<f64>() + if is_here { 0.5 } else { 0.0 }
}

fn told(object: &Value) -> String {
    let text = |pointer| text_at(object, pointer).unwrap_or_default();
    let place = match text("/metadata/namespace") {
        "" => String::new(),
        namespace => format!(" in {namespace}"),
    };
    let labels: Vec<String> = labels(object).collect();
    let labels = match labels.as_slice() {
        [] => "no labels".to_owned(),
        some => some.join(", "),
    };
    format!("{}{place} ({labels})", text("/metadata/name"))
}

fn labels(object: &Value) -> impl Iterator<Item = String> {
    let labels = object["metadata"]["labels"].as_object();
    let labels = labels.into_iter().flatten();
    labels.filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
}
