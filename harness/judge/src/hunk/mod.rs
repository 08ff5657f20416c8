//! The changes from one value to another as hunks by field path, and any set of them put together.
//!
//! One walk does both: it asks for every hunk, in an order that depends on the two values alone,
//! whether the hunk is taken. All of them make the new value exactly, none the old one.

mod keyed;
mod path;

use std::collections::BTreeSet;
use std::fmt;
use std::hash::Hash;

use serde_json::{Map, Value};
use similar::{Algorithm, DiffTag, capture_diff_slices};

use crate::manifest::yaml;
use path::Path;

/// One change, to be taken as a whole or not at all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hunk {
    /// The field as a JSONPath from the object on, for example `.spec.strategy.type`; empty for the
    /// object itself.
    pub path: String,
    /// Where in the field, if it can have several hunks.
    pub place: Option<HunkStart>,
    /// The lines that go.
    pub old: Vec<String>,
    /// The lines that come.
    pub new: Vec<String>,
}

/// Where in the old field a hunk begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HunkStart {
    /// At this line of a text, from 1.
    Line(usize),
    /// At this entry of a list, from 1.
    Entry(usize),
}

impl fmt::Display for HunkStart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(number) => write!(f, "line {number}"),
            Self::Entry(number) => write!(f, "entry {number}"),
        }
    }
}

impl Hunk {
    /// The field, and where in it: `.data['config.yaml'] line 12`.
    #[must_use]
    pub fn field(&self) -> String {
        match self.place {
            Some(place) => format!("{} {place}", self.path),
            None => self.path.clone(),
        }
    }

    /// The lines, each after its `-` or `+`.
    #[must_use]
    pub fn diff(&self) -> String {
        let marked = |mark: &str, lines: &[String]| -> String {
            let lines = lines.iter().map(|line| match line.as_str() {
                "" => format!("{mark}\n"),
                line => format!("{mark} {line}\n"),
            });
            lines.collect()
        };
        marked("-", &self.old) + &marked("+", &self.new)
    }

    /// Whether a line of it contains this text.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        let mut lines = self.old.iter().chain(&self.new);
        lines.any(|line| line.contains(text))
    }
}

/// The hunks from one value to another; a value that is not there is none.
#[must_use]
pub fn hunks(old: Option<&Value>, new: Option<&Value>) -> Vec<Hunk> {
    let mut hunks = Vec::new();
    merge(old, new, &mut |hunk| {
        hunks.push(hunk.clone());
        true
    });
    hunks
}

/// The old value with those hunks to the new one that are taken. A value that comes or goes as a
/// whole is one hunk.
pub fn merge(
    old: Option<&Value>,
    new: Option<&Value>,
    take: &mut dyn FnMut(&Hunk) -> bool,
) -> Option<Value> {
    let mut walk = HunkWalk { take };
    match (old, new) {
        (Some(_), Some(_)) => walk.value(&Path::root(), old, new),
        _ => walk.whole(&Path::root(), old, new),
    }
}

struct HunkWalk<'a> {
    take: &'a mut dyn FnMut(&Hunk) -> bool,
}

impl HunkWalk<'_> {
    /// A value below the root. A map that comes or goes does so leaf by leaf, a list with keys
    /// element by element.
    fn value(&mut self, path: &Path, old: Option<&Value>, new: Option<&Value>) -> Option<Value> {
        let nothing = Map::new();
        match (old, new) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => {
                Some(Value::Object(self.map(path, old, new)))
            }
            (None, Some(Value::Object(new))) if !new.is_empty() => {
                let map = self.map(path, &nothing, new);
                (!map.is_empty()).then_some(Value::Object(map))
            }
            (Some(Value::Object(old)), None) if !old.is_empty() => {
                let map = self.map(path, old, &nothing);
                (!map.is_empty()).then_some(Value::Object(map))
            }
            (Some(Value::Array(old)), Some(Value::Array(new))) => {
                let keyed = self.keyed_list(path, old, new);
                Some(Value::Array(
                    keyed.unwrap_or_else(|| self.list(path, old, new)),
                ))
            }
            (None, Some(Value::Array(list))) | (Some(Value::Array(list)), None)
                if keyed::is_keyed(path, list) =>
            {
                let empty = Vec::new();
                let (old, new) = match old {
                    None => (&empty, list),
                    Some(_) => (list, &empty),
                };
                let list = self.keyed_list(path, old, new).unwrap_or_default();
                (!list.is_empty()).then_some(Value::Array(list))
            }
            (Some(Value::String(old)), Some(Value::String(new)))
                if old.contains('\n') || new.contains('\n') =>
            {
                Some(Value::String(self.text(path, old, new)))
            }
            _ => self.whole(path, old, new),
        }
    }

    fn map(
        &mut self,
        path: &Path,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Map<String, Value> {
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        keys.into_iter()
            .filter_map(|key| {
                let value = self.value(&path.key(key), old.get(key), new.get(key))?;
                Some((key.clone(), value))
            })
            .collect()
    }

    /// None where its elements cannot be told apart by keys.
    fn keyed_list(&mut self, path: &Path, old: &[Value], new: &[Value]) -> Option<Vec<Value>> {
        let pairs = keyed::pairs(path, old, new)?;
        Some(
            pairs
                .into_iter()
                .filter_map(|pair| match (pair.old, pair.new) {
                    (Some(_), Some(_)) => self.value(&pair.path, pair.old, pair.new),
                    _ => self.whole(&pair.path, pair.old, pair.new),
                })
                .collect(),
        )
    }

    fn list(&mut self, path: &Path, old: &[Value], new: &[Value]) -> Vec<Value> {
        let entries = |entries: &[Value]| match entries {
            [] => Vec::new(),
            _ => lines(&Value::from(entries.to_vec())),
        };
        sequence(old, new, |start, old, new| {
            (self.take)(&Hunk {
                path: path.to_string(),
                place: Some(HunkStart::Entry(start + 1)),
                old: entries(old),
                new: entries(new),
            })
        })
    }

    fn text(&mut self, path: &Path, old: &str, new: &str) -> String {
        let old: Vec<&str> = old.split_inclusive('\n').collect();
        let new: Vec<&str> = new.split_inclusive('\n').collect();
        let lines = |lines: &[&str]| lines.iter().map(|line| shown(line)).collect();
        sequence(&old, &new, |start, old, new| {
            (self.take)(&Hunk {
                path: path.to_string(),
                place: Some(HunkStart::Line(start + 1)),
                old: lines(old),
                new: lines(new),
            })
        })
        .concat()
    }

    fn whole(&mut self, path: &Path, old: Option<&Value>, new: Option<&Value>) -> Option<Value> {
        if old == new {
            return new.cloned();
        }
        let shown = |value: Option<&Value>| {
            value.map_or_else(Vec::new, |value| lines(&path.in_its_place(value)))
        };
        let hunk = Hunk {
            path: path.to_string(),
            place: None,
            old: shown(old),
            new: shown(new),
        };
        if (self.take)(&hunk) { new } else { old }.cloned()
    }
}

/// The old sequence with those contiguous changes that are taken; each is told by where it begins
/// in the old one, from 0, what goes and what comes.
fn sequence<T: Clone + Eq + Hash>(
    old: &[T],
    new: &[T],
    mut take: impl FnMut(usize, &[T], &[T]) -> bool,
) -> Vec<T> {
    let operations = capture_diff_slices(Algorithm::Myers, old, new);
    let mut merged = Vec::new();
    let (mut old_start, mut new_start) = (0, 0);
    for run in
        operations.chunk_by(|a, b| (a.tag() == DiffTag::Equal) == (b.tag() == DiffTag::Equal))
    {
        let old_end = old_start + run.iter().map(|one| one.old_range().len()).sum::<usize>();
        let new_end = new_start + run.iter().map(|one| one.new_range().len()).sum::<usize>();
        let (goes, comes) = (&old[old_start..old_end], &new[new_start..new_end]);
        let changes = run.iter().any(|one| one.tag() != DiffTag::Equal);
        let taken = changes && take(old_start, goes, comes);
        merged.extend_from_slice(if taken { comes } else { goes });
        (old_start, new_start) = (old_end, new_end);
    }
    merged
}

fn lines(value: &Value) -> Vec<String> {
    yaml(value).lines().map(str::to_owned).collect()
}

/// A line of a text, with what a terminal would not show.
fn shown(line: &str) -> String {
    let Some(line) = line.strip_suffix('\n') else {
        return shown_letters(line) + " (no line break)";
    };
    shown_letters(line)
}

fn shown_letters(line: &str) -> String {
    line.chars()
        .map(|letter| match letter {
            '\t' => letter.to_string(),
            _ if letter.is_control() => letter.escape_default().to_string(),
            _ => letter.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests;
