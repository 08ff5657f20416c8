//! How much a file of YAML may ask for before it is refused.

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::{Error, Options};

/// Documents of one file.
pub const MOST_DOCUMENTS: usize = 16_384;

/// Mappings, lists and values of one file, those of aliases counted wherever they are used. A bundle of
/// definitions of 5 MB has some 400,000.
pub const MOST_NODES: usize = 2_000_000;

/// Mappings and lists within each other. What is recorded of an object is JSON again, and its parser ends
/// at 128 (<https://docs.rs/serde_json/latest/serde_json/struct.Deserializer.html#method.disable_recursion_limit>).
pub const MOST_DEEP: usize = 100;

/// How every file of YAML is parsed.
#[must_use]
pub fn yaml_options() -> Options {
    serde_saphyr::options! {
        with_snippet: false,
        budget: serde_saphyr::budget! {
            max_documents: MOST_DOCUMENTS,
            max_nodes: MOST_NODES,
            max_events: 3 * MOST_NODES,
            max_depth: MOST_DEEP,
            // The scanner looks 1,024 letters ahead of what is counted as deep; its own limit has no words.
            flow_nesting_limit: 2_048,
        },
    }
}

/// The limit that a file exceeds, and what to do; none where it is wrong in another way.
#[must_use]
pub fn breach(error: &Error) -> Option<(String, &'static str)> {
    let breach = match error {
        Error::Budget { breach, .. } => breach,
        Error::AliasError { error, .. } | Error::WithSnippet { error, .. } => {
            return self::breach(error);
        }
        _ => return None,
    };
    let split = "split it into several files";
    Some(match breach {
        BudgetBreach::Documents { .. } => {
            let message = format!("the file has more than {MOST_DOCUMENTS} documents");
            (message, split)
        }
        BudgetBreach::Nodes { .. } | BudgetBreach::Events { .. } => {
            let message = format!("the file has more than {MOST_NODES} mappings, lists and values");
            (message, split)
        }
        BudgetBreach::Depth { .. } => {
            let message = format!(
                "mappings and lists stand more than {MOST_DEEP} deep within each other here"
            );
            (message, "write it flatter")
        }
        BudgetBreach::SequenceUnbalanced => return None,
        _ => {
            let message = "the anchors and aliases of the file ask for too much";
            (message.to_owned(), "write out what the aliases stand for")
        }
    })
}
