//! Whether the files of a recording fit each other: what `verdict.json` says of the run is held against
//! the scenario and the witness.

use std::collections::BTreeSet;

use super::Recorded;
use relapse_judge::kubernetes::text_at;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::Course;
use relapse_judge::witness::{Observation, Record};

/// The version must be a minor of Kubernetes for which the claim is made.
pub(super) fn version(version: &str, scenario: &LoadedScenario) -> Result<(), String> {
    let minor = version.strip_prefix("1.").unwrap_or_default();
    if minor
        .parse::<u32>()
        .ok()
        .map(|minor| minor.to_string())
        .as_deref()
        != Some(minor)
    {
        return Err(format!(
            "`kubernetes` is {version:?}; expected a minor such as \"1.36\""
        ));
    }
    if !scenario.runs_on(version) {
        return Err(format!(
            "`kubernetes` is {version:?}, and scenario.yaml makes no claim for it"
        ));
    }
    Ok(())
}

/// Where a course is among those that the scenario has.
pub(super) fn course(
    course: Course,
    mut courses: impl ExactSizeIterator<Item = Course>,
) -> Result<usize, String> {
    let count = courses.len();
    courses.position(|known| known == course).ok_or_else(|| {
        format!(
            "`course` is {course}; expected `claim`, or one of the {count} that scenario.yaml has"
        )
    })
}

/// What was tried beside a claim is of the same scenario and version, and took the course of its folder;
/// else the file that says otherwise.
pub(super) fn beside(
    course: Course,
    claim: &Recorded,
    beside: &Recorded,
) -> Result<(), (&'static str, String)> {
    if beside.verdict.course != course {
        let words = format!("`course` is {}; expected {course}", beside.verdict.course);
        return Err(("verdict.json", words));
    }
    if beside.verdict.kubernetes != claim.verdict.kubernetes {
        let (theirs, ours) = (&beside.verdict.kubernetes, &claim.verdict.kubernetes);
        let words = format!("`kubernetes` is {theirs:?}; expected {ours:?}, as of the claim");
        return Err(("verdict.json", words));
    }
    if beside.scenario.text != claim.scenario.text {
        let words = "it is not the scenario of the claim".to_owned();
        return Err(("scenario.yaml", words));
    }
    let texts = |recorded: &Recorded| -> Vec<(String, String)> {
        let files = recorded.scenario.manifests.iter();
        files
            .map(|(name, file)| (name.clone(), file.text.clone()))
            .collect()
    };
    if texts(beside) != texts(claim) {
        return Err(("manifests", "they are not those of the claim".to_owned()));
    }
    Ok(())
}

/// What is looked for among the records of a witness while they are read.
#[derive(Default)]
pub(super) struct Seen {
    records: usize,
    /// The first record that ends the experiment, counted from 1.
    end: Option<usize>,
    /// The versions of its nodes.
    nodes: BTreeSet<String>,
}

impl Seen {
    pub(super) fn take(&mut self, record: &Record) {
        self.records += 1;
        match &record.observation {
            Observation::Ended => {
                self.end.get_or_insert(self.records);
            }
            Observation::Object(shown) if text_at(&shown.object, "/kind") == Some("Node") => {
                let version = text_at(&shown.object, "/status/nodeInfo/kubeletVersion");
                self.nodes.extend(version.map(ToOwned::to_owned));
            }
            _ => {}
        }
    }

    /// A witness ends with the end of its experiment, and a node of it is of the version.
    pub(super) fn fits(&self, kubernetes: &str) -> Result<(), String> {
        match self.end {
            None => return Err("it has no end; the run or the file was cut off".to_owned()),
            Some(end) if end < self.records => {
                return Err(format!("line {}: the experiment ended before", end + 1));
            }
            Some(_) => {}
        }
        // The kubelets of a lent cluster may be of older versions than its API server.
        let minor = format!("v{kubernetes}.");
        match self.nodes.first() {
            Some(other) if !self.nodes.iter().any(|version| version.starts_with(&minor)) => Err(
                format!("its nodes have version {other}, and verdict.json says {kubernetes:?}"),
            ),
            _ => Ok(()),
        }
    }
}
