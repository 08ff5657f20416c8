//! The kinds of Kubernetes' own, and what each of them can do: the one table for all rules.
//!
//! A kind is told by its group and its name: a `Job` of `batch.example.com` is not the `Job` of
//! `batch`.

pub mod table;

use std::fmt;

use serde_json::Value;

use table::KINDS;

/// A kind of Kubernetes' own.
#[derive(Debug)]
pub struct Kind {
    /// API group, empty for the core group.
    pub group: &'static str,
    /// The version in which it is watched.
    pub version: &'static str,
    /// The kind, for example `Deployment`.
    pub name: &'static str,
    /// Its name in paths of the API, for example `deployments`.
    pub plural: &'static str,
    place: Place,
    template: Option<&'static str>,
    traits: &'static [Trait],
}

/// Where the objects of a kind are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Namespace,
    Cluster,
}

/// What is so of some kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trait {
    /// Every scenario watches it.
    Standard,
    /// Its controller keeps so many pods of its template running.
    KeepsPods,
    /// Its number of replicas can be set.
    Scales,
    /// `kubectl rollout restart` makes its pods anew.
    RollsOut,
    /// `kubectl rollout pause` keeps its changes back.
    Pauses,
    /// A failure ends with it, so that taking it away is no cure.
    Subject,
    /// Its controller writes into its status which generation it has seen.
    TellsGeneration,
}

impl Kind {
    const fn with(self, traits: &'static [Trait]) -> Self {
        Self { traits, ..self }
    }

    const fn of_template(self, template: Option<&'static str>) -> Self {
        Self { template, ..self }
    }

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

    /// Whether this is so of the kind.
    #[must_use]
    pub fn is(&self, what: Trait) -> bool {
        self.traits.contains(&what)
    }

    /// Whether its objects are in namespaces.
    #[must_use]
    pub fn has_namespaces(&self) -> bool {
        self.place == Place::Namespace
    }

    /// Where its objects say what pods they are or make, as a JSON pointer.
    #[must_use]
    pub const fn template(&self) -> Option<&'static str> {
        self.template
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
