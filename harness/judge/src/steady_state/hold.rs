//! Whether a goal stays met: so long, without a break, and never unseen.

use super::{Assessment, Restarts};
use crate::text::shown;
use crate::time::Millis;
use crate::witness::Witness;

/// A moment of a witness: by relapse's clock for lengths, in the server's order for evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// When.
    pub now: Millis,
    /// The latest revision seen.
    pub revision: u64,
    /// Since when a watch is broken, if one is.
    pub blind_since: Option<Millis>,
    /// When a watch was whole again for the last time; 0 if none ever broke.
    pub whole_since: Millis,
}

impl Moment {
    /// It as the moment at which something was met.
    #[must_use]
    pub const fn as_met(&self) -> MetAt {
        MetAt {
            at: self.now,
            revision: self.revision,
        }
    }

    /// The moment at which a witness is looked at.
    #[must_use]
    pub fn of(witness: &Witness, now: Millis) -> Self {
        Self {
            now,
            revision: witness.revision(),
            blind_since: witness.blind_since(),
            whole_since: witness.last_gap_end().unwrap_or_default(),
        }
    }
}

/// When a goal was met, or a failure appeared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetAt {
    /// By relapse's clock.
    pub at: Millis,
    /// The latest revision that was seen then.
    pub revision: u64,
}

/// Of the probe that succeeds right after one that failed, a kubelet may write the results in the wrong
/// order: Ready, then not Ready, then Ready again within a second. Known upstream as a race in its
/// prober manager (kubernetes/kubernetes issue 103717).
const SETTLES_WITHIN: Millis = 1_000;

/// Follows a goal over time until it has held long enough.
#[derive(Debug, Clone)]
pub struct Hold {
    length: Millis,
    met: Option<Met>,
    /// The longest time for which it was met so far, of those that are over.
    longest: Millis,
    /// How often it was met, and then not.
    breaks: u32,
}

/// How it was when the goal was met.
#[derive(Debug, Clone)]
struct Met {
    since: Millis,
    revision: u64,
    restarts: Restarts,
}

/// Where a hold is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldState {
    /// The goal is not met; why.
    NotMet(String),
    /// The goal cannot be met any more; why.
    Never(String),
    /// Met as far as is seen, and a watch is broken: nothing is held. Where no break shows, the
    /// hold begins anew when every watch is whole again.
    Blind {
        /// When the watch broke.
        since: Millis,
    },
    /// Met since this moment, not yet long enough.
    Holding {
        /// When it was met.
        since: Millis,
        /// When it will have held long enough.
        until: Millis,
    },
    /// Met long enough, since this moment.
    Held {
        /// When it was met.
        since: Millis,
    },
    /// Met for more than a moment, and then not, or a container restarted; why.
    Broken(String),
}

impl Hold {
    /// A goal must hold for so many milliseconds.
    #[must_use]
    pub const fn new(length: Millis) -> Self {
        Self {
            length,
            met: None,
            longest: 0,
            breaks: 0,
        }
    }

    /// A goal that was met with these restarts must go on being met for so many milliseconds from
    /// this moment.
    #[must_use]
    pub const fn since(length: Millis, restarts: Restarts, moment: Moment) -> Self {
        Self {
            length,
            met: Some(Met {
                since: moment.now,
                revision: moment.revision,
                restarts,
            }),
            longest: 0,
            breaks: 0,
        }
    }

    /// When the goal was met, while it is: what shows a failure later arose in spite of it.
    #[must_use]
    pub fn met(&self) -> Option<MetAt> {
        let met = self.met.as_ref()?;
        Some(MetAt {
            at: met.since,
            revision: met.revision,
        })
    }

    /// Takes in what the goal is at this moment. After `Broken` the hold begins anew.
    pub fn observe(&mut self, assessment: Assessment, moment: Moment) -> HoldState {
        match (assessment, self.met.take()) {
            (Assessment::Met(restarts), Some(met)) if met.restarts != restarts => {
                self.breaks(met.since, moment.now);
                HoldState::Broken(changed_pods(&met.restarts, &restarts))
            }
            (Assessment::Met(restarts), met) => {
                let met = met.unwrap_or(Met {
                    since: moment.now,
                    revision: moment.revision,
                    restarts,
                });
                let since = met.since.max(moment.whole_since);
                self.met = Some(met);
                self.state(since, moment)
            }
            (Assessment::NotYet(why), Some(met)) => {
                self.breaks(met.since, moment.now);
                if moment.now - met.since <= SETTLES_WITHIN {
                    HoldState::NotMet(why)
                } else {
                    HoldState::Broken(format!("was Ready, and then not: {why}"))
                }
            }
            (Assessment::NotYet(why), None) => HoldState::NotMet(why),
            (Assessment::Never(why), _) => HoldState::Never(why),
        }
    }

    fn breaks(&mut self, since: Millis, now: Millis) {
        self.breaks += 1;
        self.longest = self.longest.max(now - since);
    }

    /// How long the goal was met at most before it broke, and how often it broke, in words.
    #[must_use]
    pub fn record(&self) -> String {
        let times = match self.breaks {
            1 => "once".to_owned(),
            breaks => format!("{breaks} times"),
        };
        format!(
            "Ready for {} at most, of {}; Ready, and then not: {times}",
            shown(self.longest),
            shown(self.length),
        )
    }

    fn state(&self, since: Millis, moment: Moment) -> HoldState {
        if let Some(since) = moment.blind_since {
            return HoldState::Blind { since };
        }
        let until = since + self.length;
        if moment.now >= until {
            HoldState::Held { since }
        } else {
            HoldState::Holding { since, until }
        }
    }
}

fn changed_pods(before: &Restarts, now: &Restarts) -> String {
    for (key @ (_, container), count) in now {
        if let Some(earlier) = before.get(key)
            && count > earlier
        {
            return format!("container {container} restarted while everything was Ready");
        }
    }
    "a pod was replaced while everything was Ready".to_owned()
}
