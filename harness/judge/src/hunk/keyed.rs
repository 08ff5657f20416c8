//! Lists whose elements Kubernetes tells apart by keys.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::path::Path;

/// Fields that are such lists, each with the keys of its elements, as in the API's
/// `x-kubernetes-patch-merge-key` and `x-kubernetes-list-map-keys`. The first whose keys every
/// element has is used.
const KEYS: &[(&str, &[&str])] = &[
    ("containers", &["name"]),
    ("env", &["name"]),
    ("ephemeralContainers", &["name"]),
    ("hostAliases", &["ip"]),
    ("imagePullSecrets", &["name"]),
    ("initContainers", &["name"]),
    ("ports", &["containerPort", "protocol"]),
    ("ports", &["port", "protocol"]),
    ("resizePolicy", &["resourceName"]),
    ("resourceClaims", &["name"]),
    ("schedulingGates", &["name"]),
    ("secrets", &["name"]),
    ("topologySpreadConstraints", &["topologyKey"]),
    ("volumeClaimTemplates", &["metadata.name"]),
    ("volumeDevices", &["devicePath"]),
    ("volumeMounts", &["mountPath"]),
    ("volumes", &["name"]),
    ("webhooks", &["name"]),
];

/// What the API server puts where a port has no protocol.
const DEFAULT_PROTOCOL: &str = "TCP";

/// An element of either list, or of both.
pub(super) struct Pair<'a> {
    pub(super) path: Path,
    pub(super) old: Option<&'a Value>,
    pub(super) new: Option<&'a Value>,
}

type Key = Vec<Value>;

/// Whether the elements of this list have keys, and there are any.
pub(super) fn is_keyed(path: &Path, list: &[Value]) -> bool {
    !list.is_empty() && pairs(path, list, &[]).is_some()
}

/// The elements of two lists by their keys, in an order in which each list has its own; none where
/// there is no such order, or where keys are absent or given twice.
pub(super) fn pairs<'a>(path: &Path, old: &'a [Value], new: &'a [Value]) -> Option<Vec<Pair<'a>>> {
    let field = path.field()?;
    let mut known = KEYS.iter().filter(|(name, _)| *name == field);
    let (fields, old, new) =
        known.find_map(|(_, fields)| Some((fields, keyed(old, fields)?, keyed(new, fields)?)))?;
    let places: HashMap<&Key, usize> = new.iter().map(|(key, _)| key).zip(0..).collect();
    let pair = |key: &Key, old: Option<&'a Value>, new: Option<&'a Value>| {
        let written = fields.iter().copied().zip(key);
        let written = written.filter(|(_, value)| **value != DEFAULT_PROTOCOL);
        Pair {
            path: path.element(&written.collect::<Vec<_>>()),
            old,
            new,
        }
    };
    let mut pairs = Vec::new();
    let mut next = 0;
    for (key, element) in &old {
        let Some(&place) = places.get(key) else {
            pairs.push(pair(key, Some(element), None));
            continue;
        };
        // One that lies behind has changed its place among those that both lists have.
        let added = new.get(next..place)?;
        pairs.extend(
            added
                .iter()
                .map(|(key, element)| pair(key, None, Some(element))),
        );
        pairs.push(pair(
            key,
            Some(element),
            new.get(place).map(|(_, element)| *element),
        ));
        next = place + 1;
    }
    let last = new.iter().skip(next);
    pairs.extend(last.map(|(key, element)| pair(key, None, Some(element))));
    Some(pairs)
}

/// Each element with its key; none where a key is absent or given twice.
fn keyed<'a>(list: &'a [Value], fields: &[&str]) -> Option<Vec<(Key, &'a Value)>> {
    let mut seen = HashSet::new();
    list.iter()
        .map(|element| {
            let key = key(element, fields)?;
            seen.insert(key.clone()).then_some((key, element))
        })
        .collect()
}

fn key(element: &Value, fields: &[&str]) -> Option<Key> {
    fields
        .iter()
        .map(|field| match at(element, field) {
            None if *field == "protocol" => Some(DEFAULT_PROTOCOL.into()),
            value => value
                .filter(|value| value.is_string() || value.is_number())
                .cloned(),
        })
        .collect()
}

fn at<'a>(element: &'a Value, field: &str) -> Option<&'a Value> {
    let mut keys = field.split('.');
    keys.try_fold(element, |value, key| value.get(key))
}
