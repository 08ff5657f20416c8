//! Times as people read them.

use crate::time::Millis;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;

/// A duration: `4.2 s` below a minute, then `1 min 12 s`, then `2 h 5 min`.
#[must_use]
pub fn shown(millis: Millis) -> String {
    // What rounds up to a minute must not show as `60.0 s`.
    if millis < MINUTE - 50 {
        return seconds(millis);
    }
    let whole = millis.saturating_add(SECOND / 2) / SECOND * SECOND;
    if whole < HOUR {
        return format!("{} min {} s", whole / MINUTE, whole % MINUTE / SECOND);
    }
    let whole = millis.saturating_add(MINUTE / 2) / MINUTE * MINUTE;
    format!("{} h {} min", whole / HOUR, whole % HOUR / MINUTE)
}

/// A moment on a timeline, in seconds however large: `192.4 s`. Moments in one unit align and compare.
#[must_use]
pub fn seconds(millis: Millis) -> String {
    let tenths = millis.saturating_add(50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}

/// A moment of the evidence, to the millisecond: races between controllers are decided in a few.
#[must_use]
pub fn exact_seconds(millis: Millis) -> String {
    format!("{}.{:03}", millis / SECOND, millis % SECOND)
}

#[cfg(test)]
mod tests {
    use super::{exact_seconds, seconds, shown};

    #[test]
    fn durations_have_the_unit_that_fits() {
        for (millis, text) in [
            (0, "0.0 s"),
            (49, "0.0 s"),
            (50, "0.1 s"),
            (4_210, "4.2 s"),
            (59_949, "59.9 s"),
            (59_950, "1 min 0 s"),
            (60_000, "1 min 0 s"),
            (72_400, "1 min 12 s"),
            (119_600, "2 min 0 s"),
            (3_599_499, "59 min 59 s"),
            (3_599_500, "1 h 0 min"),
            (7_500_000, "2 h 5 min"),
        ] {
            assert_eq!(shown(millis), text, "{millis} ms");
        }
    }

    #[test]
    fn moments_stay_in_seconds() {
        assert_eq!(seconds(192_449), "192.4 s");
        assert_eq!(exact_seconds(192_049), "192.049");
    }
}
