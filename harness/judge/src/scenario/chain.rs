//! A chain: failures that hide each other, so that mending one reveals the next.

use std::iter::once;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{Clause, Control, Fault, Scenario, Step};
use crate::phase::{LinkPhase, Phase};

/// A failure that hides the next one. The fault of the next link, or the claim's own after the last,
/// is what mends it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Link {
    /// The failure in one line.
    #[schemars(with = "String")]
    pub title: Spanned<String>,
    /// What breaks, or mends the link before and so shows this one.
    pub fault: Fault,
    /// The documented failure: it holds where every clause holds.
    pub signature: Vec<Clause>,
    /// How long the failure must stand while nothing is touched; 15 s if absent.
    #[serde(default)]
    pub control: Control,
}

/// One failure of a claim: a link, or the claim's own, which the remedy cures.
#[derive(Debug, Clone, Copy)]
pub struct Failure<'a> {
    /// Its place in the chain, from 0; the claim's own comes after all links.
    pub place: usize,
    /// The title of a link; none of the claim's own.
    pub title: Option<&'a str>,
    /// What breaks.
    pub fault: &'a Fault,
    /// The documented failure.
    pub signature: &'a [Clause],
    /// How long it must stand.
    pub control: &'a Control,
}

impl Failure<'_> {
    /// The phase in which it appears.
    #[must_use]
    pub const fn fault_phase(&self) -> Phase {
        match self.title {
            Some(_) => Phase::Link(self.place, LinkPhase::Fault),
            None => Phase::Fault,
        }
    }

    /// The phase in which it stands.
    #[must_use]
    pub const fn control_phase(&self) -> Phase {
        match self.title {
            Some(_) => Phase::Link(self.place, LinkPhase::Control),
            None => Phase::Control,
        }
    }

    /// The link in words, for example `link 2 "The claim has no class"`; none of the claim's own.
    #[must_use]
    pub fn link(&self) -> Option<String> {
        let title = self.title?;
        Some(format!("link {} {title:?}", self.place + 1))
    }

    /// Words of this failure, after its name if it is a link.
    #[must_use]
    pub fn tell(&self, words: &str) -> String {
        match self.link() {
            Some(link) => format!("{link}: {words}"),
            None => words.to_owned(),
        }
    }
}

impl Scenario {
    /// The failures in the order in which they appear: the links, then the claim's own.
    pub fn chain(&self) -> impl Iterator<Item = Failure<'_>> + Clone {
        let links = self.links.iter().enumerate();
        let links = links.map(|(place, link)| Failure {
            place,
            title: Some(&link.title.value),
            fault: &link.fault,
            signature: &link.signature,
            control: &link.control,
        });
        links.chain(once(self.own_failure()))
    }

    /// The failure that the remedy cures: the last of the chain.
    #[must_use]
    pub fn own_failure(&self) -> Failure<'_> {
        Failure {
            place: self.links.len(),
            title: None,
            fault: &self.fault,
            signature: &self.signature,
            control: &self.control,
        }
    }

    /// The steps that break, from the first link to the claim's own fault.
    pub fn breaking_steps(&self) -> impl Iterator<Item = &Step> {
        self.chain().flat_map(|failure| &failure.fault.steps)
    }
}
