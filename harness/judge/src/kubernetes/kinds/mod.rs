//! The kinds of Kubernetes' own, and what each of them can do: the one table for all rules.
//!
//! A kind is told by its group and its name: a `Job` of `batch.example.com` is not the `Job` of
//! `batch`.

mod kind;
mod table;

use std::fmt;

use serde_json::Value;

pub use kind::{Kind, Trait};
use table::KINDS;

impl Kind {
    /// The kind of this name, if it is of Kubernetes' own; of any group where none is known.
    #[must_use]
    pub fn named(group: Option<&str>, name: &str) -> Option<&'static Self> {
        KINDS
            .iter()
            .find(|kind| kind.name == name && group.is_none_or(|group| group == kind.group))
    }

    /// The kind of an object, if it is of Kubernetes' own.
    #[must_use]
    pub fn of(object: &Value) -> Option<&'static Self> {
        Self::named(group_of_object(object), object.get("kind")?.as_str()?)
    }

    /// The names of the kinds of which this is so.
    pub fn all(what: Trait) -> impl Iterator<Item = &'static Self> {
        KINDS.iter().filter(move |kind| kind.is(what))
    }
}

/// Whether this is so of a kind of this name; of any group where none is known.
#[must_use]
pub fn is(group: Option<&str>, name: &str, what: Trait) -> bool {
    Kind::named(group, name).is_some_and(|kind| kind.is(what))
}

/// Whether objects of this kind are in namespaces. A kind that is not known is taken to be.
#[must_use]
pub fn has_namespaces(group: Option<&str>, name: &str) -> bool {
    Kind::named(group, name).is_none_or(Kind::has_namespaces)
}

/// The API group that an `apiVersion` names; a group by itself is one too.
#[must_use]
pub fn group_of(api_version: &str) -> &str {
    match api_version.split_once('/') {
        Some((group, _)) => group,
        None if is_version(api_version) => "",
        None => api_version,
    }
}

/// The version that an `apiVersion` names, unless it is a group by itself.
#[must_use]
pub fn version_of(api_version: &str) -> Option<&str> {
    match api_version.split_once('/') {
        Some((_, version)) => Some(version),
        None => Some(api_version).filter(|version| is_version(version)),
    }
}

/// `v1`, `v2beta1` and the like.
fn is_version(word: &str) -> bool {
    let mut letters = word.chars();
    letters.next() == Some('v') && letters.next().is_some_and(|digit| digit.is_ascii_digit())
}

/// The API group of an object, where it says so.
#[must_use]
pub fn group_of_object(object: &Value) -> Option<&str> {
    object.get("apiVersion")?.as_str().map(group_of)
}

/// A kind in words: with its group, unless it is of Kubernetes' own. So it is called in a witness
/// and in messages, and so kubectl takes it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The group, where it is known.
    pub group: Option<&'a str>,
    /// The kind's name.
    pub kind: &'a str,
}

impl fmt::Display for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)?;
        match self.group {
            Some(group) if !group.is_empty() && Kind::named(self.group, self.kind).is_none() => {
                write!(f, ".{group}")
            }
            _ => Ok(()),
        }
    }
}

/// Whether two groups may be the same: one that is not known may be any.
#[must_use]
pub fn may_be(one: Option<&str>, other: Option<&str>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one == other,
        _ => true,
    }
}

#[cfg(test)]
mod tests;
