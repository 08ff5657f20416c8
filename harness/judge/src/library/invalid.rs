//! What a library has that is not valid: it stops what asks for it, and nothing else.

use serde_json::Value;

use crate::input::{Diagnostic, yaml_options};

/// A scenario or a record that is not valid, with what can be told of it all the same.
#[derive(Debug, Clone)]
pub struct Flawed {
    /// The file's name without `.yaml`.
    pub id: String,
    /// Whether it is a record of a failure without an experiment.
    pub is_record: bool,
    /// Its keys, where it is a mapping: tags and failure are known although a clause is wrong.
    keys: Option<Value>,
    /// What is wrong.
    pub mistakes: Vec<Diagnostic>,
}

impl Flawed {
    pub(crate) fn new(id: String, is_record: bool, text: &str, mistakes: Vec<Diagnostic>) -> Self {
        let keys = serde_saphyr::from_str_with_options::<Value>(text, yaml_options());
        Self {
            id,
            is_record,
            keys: keys.ok().filter(Value::is_object),
            mistakes,
        }
    }

    /// Whether it has this tag, as far as that can be told.
    #[must_use]
    pub fn may_have_tag(&self, tag: &str) -> bool {
        self.keys.as_ref().is_none_or(|keys| {
            let tags = keys["tags"].as_array();
            tags.into_iter().flatten().any(|own| own == tag)
        })
    }

    /// Whether its keys can be told, so that it has no others.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        self.keys.is_some()
    }

    /// The failure that it names.
    #[must_use]
    pub fn failure(&self) -> Option<&str> {
        self.keys.as_ref()?["failure"].as_str()
    }
}
