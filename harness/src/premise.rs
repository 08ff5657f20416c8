//! What must be missing for a claim to mean anything: images that nobody ever published.

use serde_json::Value;

use crate::witness::{ObjectKey, Witness, objects_in};

/// The registry of an image reference and the path there, as containerd resolves it.
#[must_use]
pub fn registry_and_path(reference: &str) -> (&str, &str) {
    match reference.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("docker.io", reference),
    }
}

/// A node that has had one of these images, which must not exist; in words. A registry may say that
/// an image is missing while the node has it all the same.
#[must_use]
pub fn premise_gone(witness: &Witness, absent_images: &[String]) -> Option<String> {
    absent_images.iter().find_map(|reference| {
        let name = whole_name(reference);
        objects_in(witness.records())
            .filter(|object| object["kind"] == "Node")
            .find(|node| names_of_images(node).any(|known| known == name))
            .map(|node| {
                format!(
                    "{reference} must not exist, and {} has it",
                    ObjectKey::of(node)
                )
            })
    })
}

/// The reference as a node tells it: with its registry, and a tag or a digest.
fn whole_name(reference: &str) -> String {
    let (host, path) = registry_and_path(reference);
    let library = if host == "docker.io" && !path.contains('/') {
        "library/"
    } else {
        ""
    };
    let tag = if path.contains([':', '@']) {
        ""
    } else {
        ":latest"
    };
    format!("{host}/{library}{path}{tag}")
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
