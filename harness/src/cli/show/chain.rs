//! The failures of a claim in words: its links, and its own.

use super::Page;
use relapse_judge::scenario::{Failure, LoadedScenario};

impl Page {
    pub(super) fn chain(&mut self, loaded: &LoadedScenario) {
        for failure in loaded.scenario.chain() {
            match failure.title {
                Some(title) => self.link(title, &failure, loaded),
                None => self.own_failure(&failure, loaded),
            }
        }
    }

    fn link(&mut self, title: &str, link: &Failure<'_>, loaded: &LoadedScenario) {
        self.section(&format!("Link {}: {title}", link.place + 1));
        self.steps(&link.fault.steps, loaded);
        let what_goes = if link.place == 0 {
            ""
        } else {
            ", and the link before is gone"
        };
        let (within, hold) = (link.fault.within, link.control.hold);
        self.prose(&format!(
            "Within {within} all of this is seen{what_goes}; it stands for {hold} while nothing is touched:"
        ));
        self.signature(link);
    }

    fn own_failure(&mut self, failure: &Failure<'_>, loaded: &LoadedScenario) {
        match failure.place {
            0 => self.section("Fault: what breaks"),
            links => self.section(&format!("Fault: what mends link {links}, and breaks")),
        }
        self.steps(&failure.fault.steps, loaded);
        let within = failure.fault.within;
        self.section(&format!("Signature: within {within} all of this is seen"));
        self.signature(failure);
        self.section("Control");
        let hold = failure.control.hold;
        self.prose(&format!(
            "Nothing is touched for {hold}, and the failure stands."
        ));
    }

    fn signature(&mut self, failure: &Failure<'_>) {
        for clause in failure.signature {
            self.clause("  - ", clause);
        }
    }
}
