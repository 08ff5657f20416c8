//! What a credential looks like, whosever it is.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// What stands in the place of a secret.
pub const MARK: &str = "<redacted>";

/// The secret is what the groups hold. Each shape says enough by itself: a pattern for "a word
/// after `password:`" would take words out of sentences that signatures quote. The bounds of words
/// are those of ASCII, without which the expression is slow on any other text.
const CREDENTIAL: &str = r#"(?x)
    # a JSON Web Token, of a ServiceAccount for example, its signature perhaps cut off
    (?-u:\b)(eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?)
    # a private key, to its end or that of the text
  | (-----BEGIN\ [A-Z\ ]*PRIVATE\ KEY-----(?s:.*?)(?:-----END\ [A-Z\ ]*PRIVATE\ KEY-----|\z))
  | (?-u:\b)((?:AKIA|ASIA)[A-Z0-9]{16})(?-u:\b)
    # headers, as HTTP, JSON and Go write them
  | (?i:authorization)["']?[\ \t]*[:=][\ \t]*\[?["']?(?i:basic|bearer|token)\ +([^\s"',\]]+)
  | (?-u:\b)(?i:bearer)\ +([A-Za-z0-9._~+/-]{16,}=*)
    # a kubeconfig's, and the configuration of an object store
  | client-key-data["']?[\ \t]*:[\ \t]*["']?([A-Za-z0-9+/=]+)
  | (?i:secret_?access_?key)["']?[\ \t]*:[\ \t]*["']?([A-Za-z0-9+/=]{16,})
    # https://user:password@host
  | ://[^\s/:@"']*:([^\s/?\#"']+)@
    # a token with which a node joins, not a part of a longer name
  | (?:^|[^A-Za-z0-9_.-])([a-z0-9]{6}\.[a-z0-9]{16})(?:$|[^A-Za-z0-9_.-]|\.(?:\s|$))
    # --admin-password=x, aws_secret_access_key = x, ?access_token=x
  | (?i:password|passwd|passphrase|token|[a-z0-9][_-]secret|(?:api|access|private)[_-]?key)["']?
    [\ \t]*=[\ \t]*(?:\\*["']([^"'\\]+)|([^\s"'\\&;,)\]}=][^\s"'\\&;,)\]}]*))
"#;

static CREDENTIALS: LazyLock<Regex> = LazyLock::new(|| compiled(CREDENTIAL));

/// How the name of a variable ends whose value is a secret; `_FILE`, `_NAME` and `_TTL` of one are
/// none.
const SECRET_NAME: &str = "(?:password|passwd|passphrase|secret|token|credentials?|\
                           (?:api|access|secret|private|signing|encryption)[_.-]?key)";

static SECRET_NAMES: LazyLock<Regex> = LazyLock::new(|| compiled(&format!("(?i){SECRET_NAME}$")));

static ASSIGNMENTS: LazyLock<Regex> = LazyLock::new(|| {
    compiled(&format!(
        r#"(?i){SECRET_NAME}["']?[ \t]*[:=][ \t]*["']?([^\s"',}}]+)"#
    ))
});

#[expect(
    clippy::expect_used,
    reason = "the expressions are constants, and every test of this module compiles them"
)]
pub(super) fn compiled(expression: &str) -> Regex {
    Regex::new(expression).expect("a regular expression")
}

/// Where a text holds credentials.
pub(super) fn find(text: &str) -> impl Iterator<Item = Range<usize>> {
    CREDENTIALS
        .captures_iter(text)
        .flat_map(|found| groups(&found))
}

/// The values that a file of settings, whatever its language, gives to names of secrets.
pub(super) fn assigned(text: &str) -> impl Iterator<Item = &str> {
    ASSIGNMENTS
        .captures_iter(text)
        .flat_map(|found| groups(&found))
        .map(|value| &text[value])
}

/// Whether a variable of this name holds a secret.
pub(super) fn is_name_of_a_secret(name: &str) -> bool {
    SECRET_NAMES.is_match(name)
}

fn groups(found: &Captures<'_>) -> Vec<Range<usize>> {
    found
        .iter()
        .skip(1)
        .flatten()
        .map(|group| group.range())
        .collect()
}
