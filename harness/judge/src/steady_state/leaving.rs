//! Objects whose end was asked for.

use serde_json::Value;

use crate::kubernetes::{text_at, uid};
use crate::witness::{Leaving, Witness};

/// Why an object is still there, if it is; of a kind that is not watched nothing is known.
#[must_use]
pub fn stays(witness: &Witness, leaving: &Leaving) -> Option<String> {
    let key = &leaving.key;
    if !witness.watches(key.group.as_deref(), &key.kind) {
        return None;
    }
    let there = witness
        .get(&leaving.key)
        .filter(|object| uid(object) == leaving.uid);
    let Some(object) = there else {
        let was_seen = witness.versions(&leaving.uid).next().is_some();
        return (!was_seen).then(|| "it was not seen yet".to_owned());
    };
    if text_at(object, "/metadata/deletionTimestamp").is_none() {
        return Some("it is there".to_owned());
    }
    let list = |pointer: &str| object.pointer(pointer).and_then(Value::as_array);
    let finalizers = list("/metadata/finalizers").into_iter().flatten();
    let finalizers: Vec<&str> = finalizers.filter_map(Value::as_str).collect();
    let conditions = list("/status/conditions").into_iter().flatten();
    // A namespace says by its conditions what is left in it.
    let says = conditions
        .filter(|_| leaving.key.kind == "Namespace")
        .filter(|condition| text_at(condition, "/status") == Some("True"))
        .filter_map(|condition| text_at(condition, "/message"));
    let mut seen = vec!["it is being deleted".to_owned()];
    if !finalizers.is_empty() {
        seen.push(format!("finalizers: {}", finalizers.join(", ")));
    }
    seen.extend(says.map(ToOwned::to_owned));
    Some(seen.join("; "))
}
