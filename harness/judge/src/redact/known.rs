//! What the manifests of a scenario say is secret, in the forms in which it may turn up.

use std::collections::BTreeSet;
use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use serde_json::{Map, Value};

use super::shapes::{self, MARK};
use crate::kubernetes::text_at;
use crate::manifest::{ManifestFile, ManifestObject, containers, images, pod_template};

/// A shorter one is found everywhere by chance, and guessed by anyone.
const SHORTEST: usize = 4;

/// Ports, years and counts: shorter numbers are in every object.
const SHORTEST_NUMBER: usize = 8;

/// A line of a file in a Secret that is one word of this length is a key or a token. Most other
/// lines are settings, with words that logs say anyway.
const LONG_WORD: usize = 16;

/// Of a secret inside a longer text in Base64 only so many characters are sure to be its own.
const SHORTEST_FRAGMENT: usize = 8;

/// How often texts of JSON are put into texts of JSON: an annotation of an object in a log line.
const ESCAPED: usize = 3;

/// Words of every cluster.
const PLAIN_WORDS: [&str; 6] = ["true", "false", "null", "none", "default", "kubernetes"];

/// What a cut text ends with.
const CUT: char = '…';

/// A secret as it may be written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SecretForm {
    text: String,
    is_encoded: bool,
}

impl SecretForm {
    /// Where a text holds this form.
    pub(super) fn find(&self, text: &str) -> Vec<Range<usize>> {
        let whole = text.match_indices(&self.text);
        let mut found: Vec<_> = whole
            .map(|(start, _)| start..start + self.text.len())
            .collect();
        if self.is_encoded {
            for range in &mut found {
                *range = with_neighbours(text, range);
            }
        } else {
            found.extend(self.cut_in(text));
        }
        found
    }

    /// The beginning of the secret where a text was cut inside it.
    fn cut_in(&self, text: &str) -> Option<Range<usize>> {
        let kept = text.strip_suffix(CUT)?;
        self.text
            .char_indices()
            .skip(SHORTEST)
            .map(|(length, _)| length)
            .filter(|&length| kept.ends_with(&self.text[..length]))
            .last()
            .map(|length| kept.len() - length..kept.len())
    }
}

/// A character of Base64 at each end may hold some bits of the secret too.
fn with_neighbours(text: &str, range: &Range<usize>) -> Range<usize> {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| {
        let byte = bytes.get(at).copied().unwrap_or_default();
        byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte)
    };
    let start = range.start - usize::from(range.start > 0 && is_digit(range.start - 1));
    let mut end = range.end + usize::from(is_digit(range.end));
    while bytes.get(end) == Some(&b'=') {
        end += 1;
    }
    start..end
}

/// The forms of all secrets of manifests.
pub(super) fn forms(files: &[&ManifestFile]) -> Vec<SecretForm> {
    let mut secrets = BTreeSet::new();
    for object in files.iter().flat_map(|file| &file.objects) {
        if object.kind == "Secret" {
            for value in values(object) {
                match String::from_utf8(value) {
                    Ok(text) => secrets.extend(parts(&text).map(|part| part.as_bytes().to_vec())),
                    Err(binary) => {
                        secrets.insert(binary.into_bytes());
                    }
                }
            }
        }
        variables(&object.value, &mut |value| {
            secrets.insert(value.as_bytes().to_vec());
        });
    }
    let public = public_names(files);
    let mut forms = BTreeSet::new();
    for secret in secrets {
        match std::str::from_utf8(&secret) {
            Ok(text) if is_trivial(text, &public) => continue,
            Ok(text) => forms.extend(escaped(text).map(|text| SecretForm {
                text,
                is_encoded: false,
            })),
            Err(_) if secret.len() < SHORTEST => continue,
            Err(_) => {}
        }
        forms.extend(encoded(&secret).into_iter().map(|text| SecretForm {
            text,
            is_encoded: true,
        }));
    }
    forms.into_iter().collect()
}

/// What would redact too much, and hides nothing. A name in the claim is public whoever else uses
/// it: without it nobody could tell what the evidence is about.
fn is_trivial(text: &str, public: &BTreeSet<String>) -> bool {
    let length = text.chars().count();
    let is_number = text.chars().all(|letter| letter.is_ascii_digit());
    length < SHORTEST
        || is_number && length < SHORTEST_NUMBER
        || PLAIN_WORDS.contains(&text.to_lowercase().as_str())
        || MARK.contains(text)
        || public.iter().any(|name| name.contains(text))
}

/// The values of a Secret, decoded.
fn values(secret: &ManifestObject) -> impl Iterator<Item = Vec<u8>> {
    let texts = |key: &str| {
        let entries = secret.value.get(key).and_then(Value::as_object);
        entries
            .into_iter()
            .flat_map(Map::values)
            .filter_map(Value::as_str)
    };
    let decoded = texts("data").map(|text| {
        let joined: String = text.split_whitespace().collect();
        STANDARD
            .decode(joined)
            .unwrap_or_else(|_| text.as_bytes().to_vec())
    });
    decoded.chain(texts("stringData").map(|text| text.as_bytes().to_vec()))
}

/// A value, and where it is a file, the secrets in it.
fn parts(value: &str) -> impl Iterator<Item = &str> {
    let is_long_word = |line: &&str| {
        line.len() >= LONG_WORD && !line.ends_with(':') && !line.contains(char::is_whitespace)
    };
    let lines = value.lines().map(str::trim).filter(is_long_word);
    let whole = std::iter::once(value.trim());
    whole.chain(lines).chain(shapes::assigned(value))
}

/// Tells the values of the variables that are named as secrets, for example in a container's `env`.
/// People write them there too, beside a Secret that nobody uses.
fn variables<'a>(value: &'a Value, tell: &mut impl FnMut(&'a str)) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| variables(item, tell)),
        Value::Object(fields) => {
            if is_secret_variable(fields)
                && let Some(value) = fields.get("value").and_then(Value::as_str)
            {
                tell(value.trim());
            }
            fields.values().for_each(|field| variables(field, tell));
        }
        _ => {}
    }
}

/// Whether these are the name and the value of a variable that holds a secret.
pub(super) fn is_secret_variable(fields: &Map<String, Value>) -> bool {
    let name = fields.get("name").and_then(Value::as_str);
    name.is_some_and(shapes::is_name_of_a_secret)
}

/// The words by which a claim speaks of its objects.
fn public_names(files: &[&ManifestFile]) -> BTreeSet<String> {
    let mut names: BTreeSet<String> = files.iter().map(|file| file.name.clone()).collect();
    for object in files.iter().flat_map(|file| &file.objects) {
        names.extend([object.kind.clone(), object.name.clone()]);
        names.extend(object.namespace.clone());
        names.extend(images(&object.value));
        let containers = containers(&object.value).filter_map(|one| text_at(one, "/name"));
        names.extend(containers.map(str::to_owned));
        for bearer in [Some(&object.value), pod_template(&object.value)] {
            let labels = bearer.and_then(|bearer| bearer.pointer("/metadata/labels"));
            let labels = labels.and_then(Value::as_object).into_iter().flatten();
            names.extend(labels.filter_map(|(_, value)| value.as_str().map(str::to_owned)));
        }
    }
    names
}

/// As it is, as a text of JSON, and as a text of JSON inside such texts, as logs and annotations
/// have it.
fn escaped(text: &str) -> impl Iterator<Item = String> {
    let escape = |text: &String| {
        let quoted = Value::from(text.as_str()).to_string();
        Some(quoted[1..quoted.len() - 1].to_owned())
    };
    std::iter::successors(Some(text.to_owned()), escape).take(ESCAPED + 1)
}

/// In Base64, alone and inside a longer text: the digits that depend on the secret alone, for each
/// place that its first byte may have among three, in both alphabets.
fn encoded(secret: &[u8]) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for place in 0..3 {
        let text = STANDARD_NO_PAD.encode([&vec![0; place], secret].concat());
        let first = (place * 8).div_ceil(6);
        let last = (place + secret.len()) * 8 / 6;
        let fragment = &text[first..last];
        if place == 0 || fragment.len() >= SHORTEST_FRAGMENT {
            found.insert(fragment.replace('+', "-").replace('/', "_"));
            found.insert(fragment.to_owned());
        }
    }
    found
}
