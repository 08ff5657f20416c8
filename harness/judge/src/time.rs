//! Milliseconds, bounded where they are read: what is computed with them never overflows.

use serde::{Deserialize, Deserializer, de};

/// Milliseconds on a monotonic clock since the witness began.
pub type Millis = u64;

/// No run is longer: thirty days.
pub const LONGEST_RUN: Millis = 30 * 24 * 3_600_000;

/// Reads milliseconds of a run.
///
/// # Errors
/// There are more than [`LONGEST_RUN`].
pub(crate) fn millis<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Millis, D::Error> {
    let millis = Millis::deserialize(deserializer)?;
    if millis > LONGEST_RUN {
        return Err(de::Error::custom(format!(
            "{millis} ms are longer than a run can be; expected at most {LONGEST_RUN} (30 days)"
        )));
    }
    Ok(millis)
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Bounded(#[serde(deserialize_with = "millis")] Millis);

/// Reads milliseconds of a run that may be absent.
///
/// # Errors
/// There are more than [`LONGEST_RUN`].
pub(crate) fn millis_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Millis>, D::Error> {
    let millis = Option::<Bounded>::deserialize(deserializer)?;
    Ok(millis.map(|Bounded(millis)| millis))
}

/// Reads milliseconds of several runs, each of which may be absent.
///
/// # Errors
/// There are more than [`LONGEST_RUN`].
pub(crate) fn each_millis_if_any<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Option<Millis>>, D::Error> {
    let all = Vec::<Option<Bounded>>::deserialize(deserializer)?;
    let millis = all.into_iter();
    Ok(millis
        .map(|one| one.map(|Bounded(millis)| millis))
        .collect())
}
