//! What must be missing for a claim to mean anything: images that nobody ever published.

use serde_json::Value;

use crate::kubernetes::text_at;
use crate::witness::{ObjectKey, Witness, objects_in};

/// The registry of an image reference and the path there, as containerd resolves it.
#[must_use]
pub fn registry_and_path(reference: &str) -> (&str, &str) {
    match reference.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("docker.io", reference),
    }
}

/// A node that has had one of these images, which must not exist, or a pod that was given one; in
/// words. A registry may say that an image is missing while the node has it all the same, and a node
/// tells of its images only every few minutes.
#[must_use]
pub fn premise_gone(witness: &Witness, absent_images: &[String]) -> Option<String> {
    absent_images.iter().find_map(|reference| {
        let name = whole_name(reference);
        let place = objects_in(witness.records()).find_map(|object| match &object["kind"] {
            kind if kind == "Node" => names_of_images(object)
                .any(|known| known == name)
                .then(|| format!("{} has it", ObjectKey::of(object))),
            kind if kind == "Event" => given(object, reference),
            _ => None,
        });
        place.map(|place| format!("{reference} must not exist, and {place}"))
    })
}

/// The kubelet's words for an image that a container was given.
fn given(event: &Value, reference: &str) -> Option<String> {
    let message = text_at(event, "/message").unwrap_or_default();
    let is_it = message.contains(&format!("image \"{reference}\""));
    let is_there = message.contains("already present on machine")
        || message.starts_with("Successfully pulled");
    (is_it && is_there).then(|| format!("a node says: {message}"))
}

/// The reference as a node tells it: with its registry, and a tag or a digest.
fn whole_name(reference: &str) -> String {
    let (host, path) = registry_and_path(reference);
    let library = if host == "docker.io" && !path.contains('/') {
        "library/"
    } else {
        ""
    };
    // With a digest the tag says nothing, and the runtime leaves it out:
    // https://github.com/distribution/reference/blob/v0.6.0/normalize.go (ParseDockerRef).
    match path.split_once('@') {
        Some((named, digest)) => {
            let name = named.split_once(':').map_or(named, |(name, _)| name);
            format!("{host}/{library}{name}@{digest}")
        }
        None if path.contains(':') => format!("{host}/{library}{path}"),
        None => format!("{host}/{library}{path}:latest"),
    }
}

fn names_of_images(node: &Value) -> impl Iterator<Item = &str> {
    let images = node["status"]["images"].as_array();
    images
        .into_iter()
        .flatten()
        .filter_map(|image| image["names"].as_array())
        .flatten()
        .filter_map(Value::as_str)
}

#[cfg(test)]
mod tests;
