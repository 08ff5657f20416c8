//! What kubectl tells of the objects that it was to act on: which were accepted, and which were
//! refused with which words.
//!
//! kubectl goes on after an object that is refused, and prints the accepted ones as `-o name` does, in
//! their order. Errors come on standard error in the same order, one object each; but those of objects
//! whose kind is unknown come first, since kubectl looks up every kind before it sends anything
//! (`ApplyOptions.Run` in kubectl's `pkg/cmd/apply/apply.go`).

use serde_json::Value;

use crate::process::Output;
use relapse_judge::kubernetes::text_at;
use relapse_judge::manifest::ManifestObject;
use relapse_judge::witness::{ObjectKey, Refusal};

/// An object that a command is to act on.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Which object; its name is the prefix where the server makes the name.
    pub(super) key: ObjectKey,
    /// `kind.group/name` in lower case, as `-o name` prints it.
    printed: String,
    is_prefix: bool,
}

impl Wanted {
    /// An object of a file.
    pub(super) fn of_manifest(object: &ManifestObject) -> Self {
        Self {
            is_prefix: object.has_generated_name(),
            ..Self::of(&object.value, &object.name)
        }
    }

    /// An object of the cluster.
    pub(super) fn of_object(object: &Value) -> Self {
        let name = text_at(object, "/metadata/name").unwrap_or_default();
        Self::of(object, name)
    }

    fn of(object: &Value, name: &str) -> Self {
        let key = ObjectKey {
            name: name.to_owned(),
            ..ObjectKey::of(object)
        };
        let kind = key.kind.to_lowercase();
        let printed = match key.group.as_deref() {
            None | Some("") => format!("{kind}/{name}"),
            Some(group) => format!("{kind}.{group}/{name}"),
        };
        Self {
            key,
            printed,
            is_prefix: false,
        }
    }

    /// As `-o name` prints it.
    pub(super) fn line(self) -> String {
        self.printed
    }

    fn is_printed_as(&self, line: &str) -> bool {
        if self.is_prefix {
            line.starts_with(&self.printed)
        } else {
            line == self.printed
        }
    }

    /// Whether a text speaks of it, by kind and name.
    fn is_named_in(&self, message: &str) -> bool {
        let kind = self.key.kind.to_lowercase();
        let name = &self.key.name;
        let quoted = message.contains(&format!("\"{name}\""));
        // `from web-: cannot use generate name with apply`
        let prefixed = self.is_prefix && message.contains(&format!("from {name}:"));
        prefixed || (quoted && message.to_lowercase().contains(&kind))
    }
}

/// Which of the wanted objects are printed, by their places. Namespaces are not printed: of two
/// objects with one name, the one whose namespace the errors speak of is not the accepted one.
pub(super) fn accepted(printed: &Output, wanted: &[Wanted]) -> Vec<usize> {
    let lines: Vec<&str> = printed.stdout.lines().map(str::trim).collect();
    let is_refused = |one: &Wanted| {
        let alike = wanted.iter().filter(|other| other.printed == one.printed);
        let told = lines.iter().filter(|line| one.is_printed_as(line));
        let namespace = format!("\"{}\"", one.key.namespace);
        alike.count() > told.count() && printed.stderr.contains(&namespace)
    };
    let mut rest = wanted
        .iter()
        .enumerate()
        .filter(|(_, one)| !is_refused(one));
    let mut found = Vec::new();
    for line in &lines {
        let before = rest.clone();
        match rest.find(|(_, wanted)| wanted.is_printed_as(line)) {
            Some((place, _)) => found.push(place),
            None => rest = before,
        }
    }
    found
}

/// What an unsuccessful command refused: each object with its words. What cannot be told of one
/// object is a refusal of the whole.
pub(super) fn refusals(stderr: &str, wanted: &[Wanted], accepted: &[usize]) -> Vec<Refusal> {
    let mut left: Vec<&Wanted> = wanted
        .iter()
        .enumerate()
        .filter(|(place, _)| !accepted.contains(place))
        .map(|(_, wanted)| wanted)
        .collect();
    let messages = messages(stderr);
    // Those of unknown kinds come before all others, and name their object.
    let named = messages.iter().map(|message| {
        let by_name = is_of_unknown_kind(message) || message.contains("generate name");
        let place = left
            .iter()
            .position(|wanted| by_name && wanted.is_named_in(message))?;
        Some(left.remove(place).key.clone())
    });
    let mut keys: Vec<Option<ObjectKey>> = named.collect();
    let open = |keys: &[Option<ObjectKey>]| -> Vec<usize> {
        let open = |place: &usize| keys[*place].is_none() && !is_of_the_file(&messages[*place]);
        (0..messages.len()).filter(open).collect()
    };
    let in_order = open(&keys);
    if in_order.len() == left.len() {
        for (place, wanted) in in_order.into_iter().zip(left.drain(..)) {
            keys[place] = Some(wanted.key.clone());
        }
    } else {
        for place in in_order {
            let of_it = |wanted: &&Wanted| wanted.is_named_in(&messages[place]);
            if let Some(found) = left.iter().position(of_it) {
                keys[place] = Some(left.remove(found).key.clone());
            }
        }
    }
    let refusal = |(key, message)| Refusal { key, message };
    keys.into_iter().zip(messages).map(refusal).collect()
}

/// The errors of standard error, each with all of its lines; warnings are none.
fn messages(stderr: &str) -> Vec<String> {
    let mut messages: Vec<String> = Vec::new();
    let mut is_warning = false;
    // Several errors of one kind come as a list in one line.
    let several = stderr.replace(
        ", resource mapping not found for name: ",
        "\nresource mapping not found for name: ",
    );
    for line in several.lines() {
        let begins = is_beginning(line.trim_start_matches('['));
        let warns = line.starts_with("Warning: ");
        if begins || warns {
            is_warning = warns;
        }
        if is_warning {
            continue;
        }
        match messages.last_mut() {
            Some(last) if !begins => {
                last.push('\n');
                last.push_str(line);
            }
            _ if line.trim().is_empty() => {}
            _ => messages.push(line.to_owned()),
        }
    }
    let trimmed = messages
        .into_iter()
        .map(|message| message.trim().to_owned());
    let mut messages: Vec<String> = trimmed.collect();
    if messages.is_empty() {
        let said = stderr.trim();
        let silent = "kubectl ended with an error and said nothing";
        messages.push(if said.is_empty() { silent } else { said }.to_owned());
    }
    messages
}

/// Whether kubectl begins an error with this line (`checkErr` and `messageForError` in its
/// `pkg/cmd/util/helpers.go`).
fn is_beginning(line: &str) -> bool {
    const BEGINNINGS: [&str; 12] = [
        "Error from server",
        "error: ",
        "error when ",
        "error parsing ",
        "error validating ",
        "resource mapping not found for name: ",
        "unable to recognize ",
        "unable to decode ",
        "Apply failed with ",
        "Server-side apply not available",
        "The connection to the server ",
        "Unable to connect to the server",
    ];
    let is_invalid = line.starts_with("The ") && line.contains("\" is invalid");
    let has_no_name = line.contains(": cannot use generate name with apply");
    is_invalid
        || has_no_name
        || BEGINNINGS
            .iter()
            .any(|beginning| line.starts_with(beginning))
}

fn is_of_unknown_kind(message: &str) -> bool {
    message.contains("resource mapping not found for name: ")
}

/// An error in reading the file: what comes after its place is not sent.
fn is_of_the_file(message: &str) -> bool {
    let message = message.trim_start_matches("error: ");
    [
        "error parsing ",
        "unable to decode ",
        "no objects passed to ",
    ]
    .iter()
    .any(|beginning| message.starts_with(beginning))
}

#[cfg(test)]
mod tests;
