//! Which watches are broken: what they do not show may have happened all the same.

use std::collections::BTreeMap;

use super::{Gap, Witness};
use crate::time::Millis;

/// How the name of the stream of a watch begins; the stream of a log is called otherwise.
pub const WATCH: &str = "watch of ";

/// The gaps of watches so far. A log that breaks off is asked for again, and whole in the end.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    open: BTreeMap<String, Millis>,
    last_end: Option<Millis>,
}

impl Gaps {
    pub(super) fn broke(&mut self, gap: &Gap, at: Millis) {
        if gap.stream.starts_with(WATCH) {
            self.open.entry(gap.stream.clone()).or_insert(at);
        }
    }

    pub(super) fn resumed(&mut self, gap: &Gap, at: Millis) {
        if self.open.remove(&gap.stream).is_some() {
            self.last_end = Some(at);
        }
    }
}

impl Witness {
    /// The watches that are broken now, by the names of their streams, each with the moment at
    /// which it broke.
    pub fn open_gaps(&self) -> impl Iterator<Item = (&str, Millis)> {
        let open = self.gaps.open.iter();
        open.map(|(stream, &since)| (stream.as_str(), since))
    }

    /// Since when not every watch is whole.
    #[must_use]
    pub fn blind_since(&self) -> Option<Millis> {
        self.open_gaps().map(|(_, since)| since).min()
    }

    /// When a broken watch was whole again for the last time.
    #[must_use]
    pub const fn last_gap_end(&self) -> Option<Millis> {
        self.gaps.last_end
    }
}
