//! Fields addressed from their object on.

use std::fmt;

use serde_json::{Value, json};

/// The way to a field, as a JSONPath (RFC 9535) without its `$`.
pub(super) struct Path {
    text: String,
    last: Last,
}

enum Last {
    Root,
    Key(String),
    Element,
}

impl Path {
    pub(super) const fn root() -> Self {
        Self {
            text: String::new(),
            last: Last::Root,
        }
    }

    /// The field of a map.
    pub(super) fn key(&self, key: &str) -> Self {
        let word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
        let is_name = key.chars().all(word) && !key.starts_with(|c: char| c.is_ascii_digit());
        let text = if is_name && !key.is_empty() {
            format!("{}.{key}", self.text)
        } else {
            format!("{}[{}]", self.text, quoted(key))
        };
        Self {
            text,
            last: Last::Key(key.to_owned()),
        }
    }

    /// The element of a list for which these fields have these values.
    pub(super) fn element(&self, fields: &[(&str, &Value)]) -> Self {
        let tests: Vec<String> = fields
            .iter()
            .map(|(field, value)| match value.as_str() {
                Some(text) => format!("@.{field}=={}", quoted(text)),
                None => format!("@.{field}=={value}"),
            })
            .collect();
        Self {
            text: format!("{}[?{}]", self.text, tests.join(" && ")),
            last: Last::Element,
        }
    }

    /// The key under which it stands.
    pub(super) fn field(&self) -> Option<&str> {
        match &self.last {
            Last::Key(key) => Some(key),
            Last::Root | Last::Element => None,
        }
    }

    /// A value as it is written where this path leads.
    pub(super) fn in_its_place(&self, value: &Value) -> Value {
        match &self.last {
            Last::Root => value.clone(),
            Last::Key(key) => json!({key: value}),
            Last::Element => json!([value]),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('\'', "\\'");
    format!("'{escaped}'")
}
