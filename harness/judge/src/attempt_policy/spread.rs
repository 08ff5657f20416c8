//! How values are spread.

/// Values of a sample, each of which some attempt really took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spread {
    /// How many values there are.
    pub count: usize,
    /// The smallest.
    pub min: u64,
    /// At least a tenth of all are not larger.
    pub tenth: u64,
    /// At least a half of all are not larger.
    pub median: u64,
    /// At least nine tenths of all are not larger.
    pub ninetieth: u64,
    /// The largest.
    pub max: u64,
}

impl Spread {
    /// The spread of these values, in any order; none of no values.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = u64>) -> Option<Self> {
        let mut values: Vec<u64> = values.into_iter().collect();
        values.sort_unstable();
        let count = values.len();
        let percentile = |percent: usize| {
            let rank = (count * percent).div_ceil(100);
            values.get(rank.saturating_sub(1)).copied()
        };
        Some(Self {
            count,
            min: percentile(0)?,
            tenth: percentile(10)?,
            median: percentile(50)?,
            ninetieth: percentile(90)?,
            max: percentile(100)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Spread;

    #[test]
    fn no_values_have_no_spread() {
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn twenty_values_are_spread_as_one_would_count_them() {
        let spread = Spread {
            count: 20,
            min: 1,
            tenth: 2,
            median: 10,
            ninetieth: 18,
            max: 20,
        };
        assert_eq!(Spread::of((1..=20).rev()), Some(spread));
    }

    proptest! {
        #[test]
        fn each_part_is_a_value_with_so_many_below(
            values in prop::collection::vec(0u64..100, 1..50)
        ) {
            let spread = Spread::of(values.iter().copied()).expect("values");
            let parts = [
                (spread.min, 0),
                (spread.tenth, 10),
                (spread.median, 50),
                (spread.ninetieth, 90),
                (spread.max, 100),
            ];
            for (part, percent) in parts {
                let not_larger = values.iter().filter(|&&value| value <= part).count();
                let smaller = values.iter().filter(|&&value| value < part).count();
                prop_assert!(values.contains(&part));
                prop_assert!(not_larger * 100 >= values.len() * percent);
                prop_assert!(smaller * 100 <= values.len() * percent);
            }
        }
    }
}
