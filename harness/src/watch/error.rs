//! What goes wrong between relapse and an API server, in words.

use std::error::Error;

use kube::core::Status;

/// A stream that cannot come back on its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WatchError {
    /// The API server refuses, and waiting does not help.
    #[error(
        "the API server refuses to {verb} {resource} in all namespaces: {message}; {next_step}"
    )]
    Refused {
        /// The resource, for example `deployments.apps`.
        resource: String,
        /// `list` or `watch`.
        verb: &'static str,
        /// The server's text.
        message: String,
        /// What to do.
        next_step: String,
    },
    /// The receiver of the observations is gone, so nothing is watched any more.
    #[error("nothing is watched any more, because nobody receives the observations; start again")]
    Unheard,
}

/// An error of the client in one line: the server's text, or the causes from the outside in.
pub(crate) fn in_words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status_in_words(status),
        other => causes_in_words(other),
    }
}

/// A status in one line: its code and the server's text.
pub(super) fn status_in_words(status: &Status) -> String {
    let text = if status.message.is_empty() {
        &status.reason
    } else {
        &status.message
    };
    format!("{} {}", status.code, text.trim()).trim().to_owned()
}

/// An error and its causes in one line, without those that repeat what was said.
fn causes_in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let text = inner.to_string();
        if !words.contains(&text) {
            words.push_str(": ");
            words.push_str(&text);
        }
        cause = inner.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_in_the_servers_words() {
        let status = Status::failure("pods is forbidden", "Forbidden").with_code(403);
        let error = kube::Error::Api(Box::new(status));
        assert_eq!(in_words(&error), "403 pods is forbidden");
    }

    #[test]
    fn a_broken_connection_is_told_with_its_causes_once() {
        let error = kube::Error::ReadEvents(std::io::Error::other("connection reset"));
        assert_eq!(
            in_words(&error),
            "Error reading events stream: connection reset"
        );
    }
}
