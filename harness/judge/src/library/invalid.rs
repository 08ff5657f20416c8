//! What a library has that is not valid: it stops what asks for it, and nothing else.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::Library;
use crate::input::{Diagnosis, InvalidScenario, yaml_options};

/// Files that a warning names.
const NAMED: usize = 5;

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
    pub mistakes: Vec<Diagnosis>,
}

impl Flawed {
    pub(crate) fn new(id: String, is_record: bool, text: &str, mistakes: Vec<Diagnosis>) -> Self {
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

impl Library {
    /// The same library, if everything in it is valid.
    ///
    /// # Errors
    /// All mistakes of all files.
    pub fn whole(self) -> Result<Self, InvalidScenario> {
        let mistakes: Vec<Diagnosis> = self.all_mistakes().cloned().collect();
        if mistakes.is_empty() {
            Ok(self)
        } else {
            Err(InvalidScenario::new(mistakes))
        }
    }

    /// In words, that there are mistakes in files that nobody asked for.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let files: BTreeSet<&Path> = self.all_mistakes().map(|one| one.file.as_path()).collect();
        let named = files.iter().take(NAMED);
        let mut named: Vec<String> = named.map(|file| file.display().to_string()).collect();
        if files.len() > NAMED {
            named.push(format!("{} more", files.len() - NAMED));
        }
        let are = if files.len() == 1 { "is" } else { "are" };
        (!files.is_empty()).then(|| {
            format!(
                "{} {are} invalid and left out; next: `relapse check` tells why",
                named.join(", ")
            )
        })
    }

    fn all_mistakes(&self) -> impl Iterator<Item = &Diagnosis> {
        let of_claims = self.flawed.iter().flat_map(|flawed| &flawed.mistakes);
        of_claims.chain(&self.mistakes)
    }
}
