use proptest::prelude::*;

use super::*;
use crate::recording::Recording;
use crate::testing::order::{interleaved, is_streamed};
use crate::witness::Record;

/// The records with another order between streams, wherever relapse itself does nothing.
fn reordered(records: &[Record], turns: &[usize]) -> Vec<Record> {
    records
        .chunk_by(|a, b| is_streamed(a) && is_streamed(b))
        .flat_map(|part| match part {
            [one] => vec![one.clone()],
            several => interleaved(several, turns),
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_verdict_does_not_depend_on_the_order_between_watches(
        turns in prop::collection::vec(0..9_usize, 1..40),
    ) {
        let claim = load(CLAIM);
        let mut story = Story::new();
        story.is_healthy().breaks().stands().is_cured().is_served();
        let mut recording = Recording::of(reordered(story.records(), &turns));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let outcome = runtime.block_on(conduct(&claim, &mut recording, Extent::default()));
        prop_assert_eq!(outcome.verdict, Verdict::Proved);
    }
}
