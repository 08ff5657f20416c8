//! A file's text to its types; what the parser refuses is said in words for its writer.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde_saphyr::{Error, MessageFormatter, UserMessageFormatter};

use super::diagnostic::Diagnostic;
use super::suggest::did_you_mean;
use super::{Position, YamlNode, breach, yaml_options};

/// What a file says, and where its parts are written; `keys` tells where its writer finds the keys.
pub fn parse<T: DeserializeOwned>(
    file: &Path,
    text: &str,
    keys: &str,
) -> Result<(T, YamlNode), Diagnostic> {
    match serde_saphyr::from_str_with_options(text, yaml_options()) {
        Ok(said) => Ok((said, YamlNode::of(text))),
        Err(error) => Err(diagnosis(file, text, &error, keys)),
    }
}

fn diagnosis(file: &Path, text: &str, error: &Error, keys: &str) -> Diagnostic {
    let position = error
        .location()
        .map_or((1, 1), |location| (location.line(), location.column()));
    let at = |message: String| Diagnostic::new(file, text, position, message);
    if let Some((message, next)) = breach(error) {
        return at(message).with_help(next);
    }
    match error {
        Error::SerdeUnknownField {
            field, expected, ..
        } => at(format!("unknown key `{field}`")).with_help(did_you_mean(
            field,
            expected,
            "keys here",
        )),
        Error::SerdeUnknownVariant { variant, .. } if variant == "~" => {
            at("an entry is missing".to_owned())
                .with_help("write it after the `-`, or leave it out")
        }
        Error::SerdeUnknownVariant {
            variant, expected, ..
        } => {
            if is_key(text, position, variant) {
                at(format!("unknown key `{variant}`")).with_help(did_you_mean(
                    variant,
                    expected,
                    "keys here",
                ))
            } else {
                at(format!("unknown value `{variant}`")).with_help(did_you_mean(
                    variant,
                    expected,
                    "values here",
                ))
            }
        }
        Error::SerdeMissingField { field, .. } => missing(file, text, position, field),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or_default();
            at(format!("key `{key}` is given twice")).with_help("keep one of them")
        }
        Error::ExpectedMappingEndAfterEnumVariantValue { .. } => {
            at("a second key in one entry of a list".to_owned())
                .with_help("begin each entry with `- `")
        }
        Error::InvalidScalar { ty, .. } => at(format!("the value is not {}", named(ty))),
        Error::Unexpected { expected, .. } => at(format!("the value is not {}", named(expected))),
        Error::Eof { .. } => at("the file ends here and says nothing".to_owned())
            .with_help(format!("the keys are in {keys}")),
        Error::Message { msg, .. } => match msg.split_once("; ") {
            Some((message, help)) => at(message.to_owned()).with_help(help),
            None => at(msg.clone()),
        },
        other => at(UserMessageFormatter.format_message(other).into_owned()),
    }
}

/// The parser stands at the last key of the mapping in which one is missing.
fn missing(file: &Path, text: &str, last_key: Position, field: &str) -> Diagnostic {
    match YamlNode::of(text).mapping_of(last_key) {
        Some(mapping) => {
            let place = mapping.name.map_or_else(
                || "at the outermost level".to_owned(),
                |name| format!("under `{name}`"),
            );
            Diagnostic::new(
                file,
                text,
                mapping.position,
                format!("missing key `{field}`"),
            )
            .with_help(format!("add `{field}: …` {place}"))
        }
        None => Diagnostic::new(file, text, last_key, format!("missing key `{field}`"))
            .with_help(format!("add `{field}: …`")),
    }
}

fn is_key(text: &str, (line, column): Position, word: &str) -> bool {
    let index = |number: u64| {
        usize::try_from(number)
            .unwrap_or(usize::MAX)
            .saturating_sub(1)
    };
    let rest: String = text
        .lines()
        .nth(index(line))
        .unwrap_or_default()
        .chars()
        .skip(index(column))
        .collect();
    let quotes = ['"', '\''];
    rest.trim_start_matches(quotes)
        .strip_prefix(word)
        .is_some_and(|after| after.trim_start_matches(quotes).starts_with(':'))
}

fn named(expected: &str) -> &str {
    match expected {
        "sequence start" => "a list",
        "mapping start" => "a mapping of keys to values",
        "string scalar" => "a text",
        "bool" => "`true` or `false`",
        "f32" | "f64" => "a number",
        number if number.starts_with(['u', 'i']) => "a whole number in its range",
        other => other,
    }
}
