//! What goes wrong between relapse and an API server, in words.

use std::error::Error;
use std::io;
use std::time::Duration;

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

/// A break of a watch.
pub(super) struct Break {
    pub(super) verb: &'static str,
    pub(super) message: String,
    /// The status code, where the server answered.
    pub(super) code: u16,
}

impl Break {
    pub(super) fn of(verb: &'static str, error: &kube::Error) -> Self {
        let code = match error {
            kube::Error::Api(status) => status.code,
            _ => 0,
        };
        Self {
            verb,
            message: in_words(error),
            code,
        }
    }

    pub(super) fn told(status: &Status) -> Self {
        Self {
            verb: "watch",
            message: status_in_words(status),
            code: status.code,
        }
    }

    pub(super) fn silent(verb: &'static str, time: Duration) -> Self {
        Self {
            verb,
            message: format!("nothing came for {} s", time.as_secs()),
            code: 0,
        }
    }

    /// The position of the watch is too old for the server: only a list helps.
    pub(super) const fn is_gone(&self) -> bool {
        self.code == 410
    }

    /// How long the server may refuse until it means it; nothing if it does not refuse. One that has
    /// just started refuses for want of roles until it has read them, and a slow machine takes its
    /// time for that.
    pub(super) fn patience(&self) -> Option<Duration> {
        match self.code {
            403 if self.message.contains("RBAC: ") && self.message.contains("not found") => {
                Some(Duration::from_mins(1))
            }
            401 | 403 | 404 | 405 => Some(Duration::from_secs(5)),
            _ => None,
        }
    }
}

/// An error of the client in one line: the server's text, or the causes from the outside in.
pub(crate) fn in_words(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) => status_in_words(status),
        kube::Error::Service(cause) => causes_in_words(cause.as_ref()),
        kube::Error::HyperError(cause) => causes_in_words(cause),
        kube::Error::ReadEvents(cause) => broken_body_in_words(cause),
        other => causes_in_words(other),
    }
}

/// Why the body of an answer broke off, in one line.
pub(super) fn broken_body_in_words(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    inner.map_or_else(|| causes_in_words(error), in_words)
}

/// A status in one line: its code and the server's text.
fn status_in_words(status: &Status) -> String {
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
        let reset = kube::Error::Service(io::Error::other("connection reset").into());
        assert_eq!(in_words(&reset), "connection reset");
        let in_a_watch = kube::Error::ReadEvents(io::Error::other(reset));
        assert_eq!(in_words(&in_a_watch), "connection reset");
    }
}
