//! What a claim needs its cluster to be able to do.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Something that not every cluster can do, and that no object of it tells.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Capability {
    /// The pod network enforces `NetworkPolicy`.
    NetworkPolicy,
}

impl Capability {
    /// The image by which it is tried.
    #[must_use]
    pub const fn image(self) -> &'static str {
        match self {
            Self::NetworkPolicy => "busybox:1.37.0",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NetworkPolicy => "network-policy",
        })
    }
}
