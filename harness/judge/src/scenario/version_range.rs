//! Ranges of Kubernetes versions.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use semver::{Op, Version, VersionReq};
use serde::{Deserialize, Deserializer, de};

/// The minors on which scenarios are tried.
pub const MINORS: [&str; 3] = ["1.34", "1.35", "1.36"];

/// Kubernetes minors: `>=1.34`, `>=1.34, <1.36`, or `1.35` for that minor alone.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema)]
#[schemars(with = "String")]
pub struct KubernetesRange {
    text: String,
    requirement: VersionReq,
}

impl KubernetesRange {
    /// Whether a version is in the range; its patch level does not matter (`1.36`, `v1.36.3`).
    #[must_use]
    pub fn contains(&self, version: &str) -> bool {
        let mut numbers = version
            .trim_start_matches('v')
            .splitn(3, '.')
            .map(|number| number.parse().ok());
        match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(major), Some(minor)) => self.requirement.matches(&Version::new(major, minor, 0)),
            _ => false,
        }
    }
}

impl FromStr for KubernetesRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut requirement = VersionReq::parse(text).map_err(|error| {
            format!("`{text}` is not a range of Kubernetes versions ({error}); write for example `>=1.34`")
        })?;
        for comparator in &mut requirement.comparators {
            if comparator.minor.is_none() || comparator.patch.is_some() {
                return Err(format!(
                    "`{text}` does not name Kubernetes minors; write for example `>=1.34`"
                ));
            }
            // In semver a bare `1.34` means every later 1.x too; its writer means that minor.
            if comparator.op == Op::Caret {
                comparator.op = Op::Exact;
            }
        }
        Ok(Self {
            text: text.to_owned(),
            requirement,
        })
    }
}

impl fmt::Display for KubernetesRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for KubernetesRange {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::KubernetesRange;

    #[test]
    fn a_range_holds_minors_whatever_their_patch_level() {
        for (range, inside, outside) in [
            (
                ">=1.34",
                &["1.34", "v1.34.0", "1.36.3"][..],
                &["1.33", "v1.33.9"][..],
            ),
            (">=1.34, <1.36", &["1.34.4", "1.35"], &["1.36", "1.33"]),
            ("<=1.35", &["1.35.9", "1.30"], &["1.36.0"]),
            ("1.35", &["1.35", "v1.35.4"], &["1.34", "1.36"]),
            (">1.34", &["1.35"], &["1.34.4"]),
        ] {
            let parsed: KubernetesRange = range.parse().unwrap();
            for version in inside {
                assert!(parsed.contains(version), "{range} holds {version}");
            }
            for version in outside {
                assert!(!parsed.contains(version), "{range} does not hold {version}");
            }
        }
    }

    #[test]
    fn what_is_no_version_is_in_no_range() {
        let range: KubernetesRange = ">=1.34".parse().unwrap();
        for version in ["", "1", "latest", "v1.x"] {
            assert!(!range.contains(version), "{version}");
        }
    }

    #[test]
    fn a_range_names_minors() {
        for text in ["", "new", "1", ">=1.34.2", ">= one"] {
            let error = text.parse::<KubernetesRange>().unwrap_err();
            assert!(error.contains("for example `>=1.34`"), "{error}");
        }
    }
}
