//! What a cluster has at one moment, and what is different later.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{Hash, Hasher};

use kube::api::DynamicObject;
use serde_json::Value;

use relapse_judge::kubernetes::text_at;

/// What is shown of the value of a label or annotation.
const SHOWN_CHARACTERS: usize = 60;

/// Where an object is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ObjectPlace {
    /// Kubernetes kind.
    pub kind: String,
    /// API group; empty for the core group.
    pub group: String,
    /// Namespace; empty for cluster-scoped kinds.
    pub namespace: String,
    /// Name.
    pub name: String,
}

impl fmt::Display for ObjectPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            kind,
            namespace,
            name,
            ..
        } = self;
        if namespace.is_empty() {
            write!(f, "{kind} {name}")
        } else {
            write!(f, "{kind} {namespace}/{name}")
        }
    }
}

/// What is compared of an object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Item {
    /// Its uid.
    pub uid: String,
    /// Uids of its owners.
    pub owners: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Annotations.
    pub annotations: BTreeMap<String, String>,
    /// `status.phase`, where its kind has it.
    pub phase: Option<String>,
    /// Whether it is being deleted.
    pub deleting: bool,
    /// A digest of all the rest but its status.
    pub content: u64,
}

impl Item {
    /// What is compared of this object.
    #[must_use]
    pub fn of(object: &DynamicObject) -> Self {
        let metadata = &object.metadata;
        let mut content = object.data.clone();
        if let Some(fields) = content.as_object_mut() {
            fields.remove("status");
        }
        Self {
            uid: metadata.uid.clone().unwrap_or_default(),
            owners: metadata
                .owner_references
                .iter()
                .flatten()
                .map(|owner| owner.uid.clone())
                .collect(),
            labels: metadata.labels.clone().unwrap_or_default(),
            annotations: metadata.annotations.clone().unwrap_or_default(),
            phase: text_at(&object.data, "/status/phase").map(ToOwned::to_owned),
            deleting: metadata.deletion_timestamp.is_some(),
            content: digest(&content),
        }
    }
}

fn digest(value: &Value) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.to_string().hash(&mut hasher);
    hasher.finish()
}

/// The namespace for which a cluster-scoped object is there: that of a volume's claim, or of the
/// Service that has an address.
#[must_use]
pub fn served_namespace(object: &DynamicObject) -> Option<&str> {
    ["/spec/claimRef/namespace", "/spec/parentRef/namespace"]
        .into_iter()
        .find_map(|pointer| text_at(&object.data, pointer))
}

/// What a cluster has at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<ObjectPlace, Item>);

impl FromIterator<(ObjectPlace, Item)> for Inventory {
    fn from_iter<I: IntoIterator<Item = (ObjectPlace, Item)>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

impl Inventory {
    /// The object in this place.
    #[must_use]
    pub fn get(&self, place: &ObjectPlace) -> Option<&Item> {
        self.0.get(place)
    }

    /// Every object with its place, sorted.
    pub fn iter(&self) -> impl Iterator<Item = (&ObjectPlace, &Item)> {
        self.0.iter()
    }

    fn uids(&self) -> BTreeSet<&str> {
        self.0.values().map(|item| item.uid.as_str()).collect()
    }
}

/// What is there and was not, what is different, and what is gone; in words, one entry each. What
/// has an owner comes and goes with it, so only the owner is told.
#[must_use]
pub fn left_behind(before: &Inventory, after: &Inventory) -> Vec<String> {
    let owners = after.uids();
    let is_owned = |item: &Item| item.owners.iter().any(|uid| owners.contains(uid.as_str()));
    let mut left = Vec::new();
    for (place, item) in after.iter() {
        match before.get(place) {
            _ if is_owned(item) => {}
            None => left.push(standing(place, item)),
            Some(old) if old.uid != item.uid => {
                left.push(format!("{} in place of another", standing(place, item)));
            }
            Some(old) => left.extend(differences(place, old, item)),
        }
    }
    let gone = before
        .iter()
        .filter(|(place, item)| item.owners.is_empty() && after.get(place).is_none())
        .map(|(place, _)| format!("{place} is gone"));
    left.extend(gone);
    left
}

fn standing(place: &ObjectPlace, item: &Item) -> String {
    match &item.phase {
        Some(phase) => format!("{place} ({phase})"),
        None => place.to_string(),
    }
}

fn differences(place: &ObjectPlace, old: &Item, new: &Item) -> Vec<String> {
    let mut told = differing("label", place, &old.labels, &new.labels);
    told.extend(differing(
        "annotation",
        place,
        &old.annotations,
        &new.annotations,
    ));
    if old.content != new.content {
        told.push(format!("{} was changed", standing(place, new)));
    }
    told
}

fn differing(
    what: &str,
    place: &ObjectPlace,
    old: &BTreeMap<String, String>,
    new: &BTreeMap<String, String>,
) -> Vec<String> {
    let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    keys.into_iter()
        .filter_map(|key| match (old.get(key), new.get(key)) {
            (was, is) if was == is => None,
            (None, Some(is)) => Some(format!("{what} {key}={} on {place}", shown(is))),
            (Some(was), Some(is)) => Some(format!(
                "{what} {key}={} on {place}, which was {}",
                shown(is),
                shown(was)
            )),
            (_, None) => Some(format!("{what} {key} is gone from {place}")),
        })
        .collect()
}

fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{}…", &value[..end]),
        None => value.to_owned(),
    }
}

#[cfg(test)]
mod tests;
