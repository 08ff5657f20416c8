//! From when on evidence counts.

use crate::steady_state::{MetAt, Moment};
use crate::time::Millis;
use crate::witness::{PhaseMark, Witness};

/// From when on evidence counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Since {
    /// The phase in which it arose.
    pub phase: PhaseMark,
    /// Where everything is Ready, or the next failure of a chain stands: when it became so. Of a failure on the way there, events up to then
    /// and lines of earlier runs are what is left.
    pub met: Option<MetAt>,
    /// An answer must have been asked for after this moment: before everything is Ready it says nothing
    /// of a start.
    pub asked: Millis,
}

impl From<PhaseMark> for Since {
    fn from(phase: PhaseMark) -> Self {
        Self {
            phase,
            met: None,
            asked: 0,
        }
    }
}

impl Since {
    /// From when everything is Ready, or another failure stands, in a phase.
    #[must_use]
    pub const fn met(phase: PhaseMark, moment: Moment) -> Self {
        Self {
            phase,
            met: Some(moment.as_met()),
            asked: 0,
        }
    }

    /// From the beginning of a phase, and answers from when everything was Ready; none where it is not.
    #[must_use]
    pub fn starting(phase: PhaseMark, ready: Option<MetAt>) -> Self {
        Self {
            phase,
            met: None,
            asked: ready.map_or(Millis::MAX, |met| met.at),
        }
    }

    /// The revision after which an event counts.
    pub(super) fn revision(self) -> u64 {
        let met = self.met.map_or(0, |met| met.revision);
        self.phase.resource_version.max(met)
    }

    /// The moment after which an answer must have been asked for.
    pub(super) fn moment(self, witness: &Witness) -> Millis {
        let met = self.met.map_or(0, |met| met.at);
        witness.began(self.phase).max(met).max(self.asked)
    }
}
