//! Where the parts of a YAML file are written.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{Location, Spanned};

use super::yaml_options;

/// Line and column, from 1.
pub type Position = (u64, u64);

/// A part of a file, addressed as the file nests. A part that is not there answers with the
/// nearest part around it, so that every mistake has a position.
#[derive(Debug, Clone)]
pub struct YamlNode {
    position: Position,
    parts: YamlParts,
}

#[derive(Debug, Clone)]
enum YamlParts {
    Map(Vec<(Spanned<String>, YamlNode)>),
    List(Vec<YamlNode>),
    None,
}

/// The mapping in which a key is written.
pub struct Surrounding {
    /// The key under which the mapping stands; none for the file's own.
    pub name: Option<String>,
    /// Where that key is written.
    pub position: Position,
}

/// A step from a part into one of its own.
#[derive(Debug, Clone, Copy)]
pub enum PathStep<'a> {
    /// The value under a key.
    Key(&'a str),
    /// An entry of a list, from 0.
    Index(usize),
}

impl YamlNode {
    /// The parts of a file; a file that is no YAML is one part.
    pub(crate) fn of(text: &str) -> Self {
        let options = yaml_options();
        serde_saphyr::from_str_with_options(text, options).unwrap_or(Self {
            position: (1, 1),
            parts: YamlParts::None,
        })
    }

    /// The parts of each document of a file, empty ones left out.
    pub(crate) fn of_documents(text: &str) -> Vec<Self> {
        serde_saphyr::from_multiple_with_options(text, yaml_options()).unwrap_or_default()
    }

    /// The outermost part that begins at a position, in any of these; the first of them where none does.
    pub(crate) fn beginning_at(parts: &[Self], position: Position) -> &Self {
        static NOTHING: YamlNode = YamlNode {
            position: (1, 1),
            parts: YamlParts::None,
        };
        let found = parts.iter().find_map(|part| part.find(position));
        found.or(parts.first()).unwrap_or(&NOTHING)
    }

    fn find(&self, position: Position) -> Option<&Self> {
        if self.position == position {
            return Some(self);
        }
        match &self.parts {
            YamlParts::Map(entries) => entries.iter().find_map(|(_, part)| part.find(position)),
            YamlParts::List(entries) => entries.iter().find_map(|part| part.find(position)),
            YamlParts::None => None,
        }
    }

    /// The part at the end of a path.
    pub(crate) fn at(&self, path: &[PathStep<'_>]) -> &Self {
        path.iter().fold(self, |part, place| match place {
            PathStep::Key(name) => part.key(name),
            PathStep::Index(index) => part.index(*index),
        })
    }

    /// Where the key at the end of a path is written.
    pub(crate) fn key_at(&self, path: &[PathStep<'_>]) -> Position {
        match path.split_last() {
            Some((PathStep::Key(name), outer)) => self.at(outer).key_position(name),
            _ => self.at(path).position(),
        }
    }

    /// Where this part begins.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// The value under a key.
    pub(crate) fn key(&self, name: &str) -> &Self {
        self.entry(name).map_or(self, |(_, value)| value)
    }

    /// Where a key is written.
    pub(crate) fn key_position(&self, name: &str) -> Position {
        self.entry(name)
            .map_or(self.position, |(key, _)| position(key.referenced))
    }

    /// An entry of a list, from 0.
    pub(crate) fn index(&self, index: usize) -> &Self {
        match &self.parts {
            YamlParts::List(entries) => entries.get(index).unwrap_or(self),
            _ => self,
        }
    }

    fn entry(&self, name: &str) -> Option<&(Spanned<String>, Self)> {
        match &self.parts {
            YamlParts::Map(entries) => entries.iter().find(|(key, _)| key.value == name),
            _ => None,
        }
    }

    /// The mapping with a key at this position.
    pub(crate) fn mapping_of(&self, key: Position) -> Option<Surrounding> {
        self.search(key, None, self.position)
    }

    fn search(&self, wanted: Position, name: Option<&str>, at: Position) -> Option<Surrounding> {
        match &self.parts {
            YamlParts::Map(entries) => {
                let here = entries
                    .iter()
                    .any(|(key, _)| position(key.referenced) == wanted);
                if here {
                    return Some(Surrounding {
                        name: name.map(str::to_owned),
                        position: at,
                    });
                }
                entries.iter().find_map(|(key, value)| {
                    value.search(wanted, Some(&key.value), position(key.referenced))
                })
            }
            YamlParts::List(entries) => entries
                .iter()
                .find_map(|entry| entry.search(wanted, name, entry.position)),
            YamlParts::None => None,
        }
    }
}

pub(crate) fn position(location: Location) -> Position {
    (location.line(), location.column())
}

impl<'de> Deserialize<'de> for YamlNode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = Spanned::<YamlParts>::deserialize(deserializer)?;
        Ok(Self {
            position: position(parts.referenced),
            parts: parts.value,
        })
    }
}

impl<'de> Deserialize<'de> for YamlParts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PartsVisitor)
    }
}

struct PartsVisitor;

impl<'de> Visitor<'de> for PartsVisitor {
    type Value = YamlParts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<YamlParts, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(YamlParts::Map(entries))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<YamlParts, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = list.next_element()? {
            entries.push(entry);
        }
        Ok(YamlParts::List(entries))
    }

    fn visit_bool<E>(self, _: bool) -> Result<YamlParts, E> {
        Ok(YamlParts::None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<YamlParts, E> {
        Ok(YamlParts::None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<YamlParts, E> {
        Ok(YamlParts::None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<YamlParts, E> {
        Ok(YamlParts::None)
    }

    fn visit_str<E>(self, _: &str) -> Result<YamlParts, E> {
        Ok(YamlParts::None)
    }

    fn visit_unit<E>(self) -> Result<YamlParts, E> {
        Ok(YamlParts::None)
    }
}
