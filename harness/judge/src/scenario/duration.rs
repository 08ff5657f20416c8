//! Durations with a unit, as scenario files write them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A span of time, written as a whole number and a unit: `500ms`, `30s`, `2m`, `1h`; at most a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String", extend("pattern" = "^[0-9]+(ms|s|m|h)$"))]
pub struct Duration(u64);

impl Duration {
    /// The longest that may be written: a day.
    pub const LONGEST: Self = Self(24 * 3_600_000);

    /// Milliseconds.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// From milliseconds.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }
}

impl std::str::FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = &text[digits.len()..];
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "" => {
                return Err(format!(
                    "duration `{text}` has no unit; write for example `{text}s` (units: ms, s, m, h)"
                ));
            }
            other => {
                return Err(format!(
                    "duration `{text}` has the unknown unit `{other}` (units: ms, s, m, h)"
                ));
            }
        };
        if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return Err(format!(
                "duration `{text}` is not a whole number and a unit, for example `30s`"
            ));
        }
        let millis = digits.parse::<u64>().ok();
        millis
            .and_then(|number| number.checked_mul(factor))
            .map(Self)
            .filter(|duration| *duration <= Self::LONGEST)
            .ok_or_else(|| format!("duration `{text}` is longer than a day; the longest is `24h`"))
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            millis if millis % 60_000 == 0 && millis > 0 => write!(f, "{}m", millis / 60_000),
            millis if millis % 1_000 == 0 => write!(f, "{}s", millis / 1_000),
            millis => write!(f, "{millis}ms"),
        }
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(de::Error::custom)
    }
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_duration_is_a_whole_number_and_a_unit() {
        for (text, millis) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("0s", 0),
            ("24h", 86_400_000),
        ] {
            assert_eq!(text.parse(), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused_with_an_example() {
        for (text, said) in [
            ("30", "has no unit; write for example `30s`"),
            ("30 s", "is not a whole number"),
            ("1.5m", "is not a whole number"),
            ("-1s", "is not a whole number"),
            ("s", "is not a whole number"),
            ("", "has no unit"),
            ("30sec", "unknown unit `sec`"),
            ("+1s", "is not a whole number"),
            ("99999999999999999h", "the longest is `24h`"),
            ("18446744073709551615ms", "the longest is `24h`"),
            ("99999999999999999999999s", "the longest is `24h`"),
            ("86400001ms", "the longest is `24h`"),
        ] {
            let error = text.parse::<Duration>().unwrap_err();
            assert!(error.contains(said), "{text}: {error}");
        }
    }

    #[test]
    fn a_duration_is_shown_in_the_largest_unit_that_is_whole() {
        for (millis, text) in [
            (0, "0s"),
            (500, "500ms"),
            (1_500, "1500ms"),
            (90_000, "90s"),
            (120_000, "2m"),
            (3_600_000, "60m"),
        ] {
            assert_eq!(Duration::from_millis(millis).to_string(), text);
        }
    }

    proptest! {
        #[test]
        fn a_duration_reads_back_as_it_is_shown(
            number in 0..1_440_u64, unit in prop::sample::select(vec![1, 1_000, 60_000])
        ) {
            let millis = number * unit;
            let duration = Duration::from_millis(millis);
            prop_assert_eq!(duration.to_string().parse(), Ok(duration));
        }
    }
}
