//! The folder of one scenario's run, written while it runs and before any clean-up.
//!
//! ```text
//! scenario.yaml  manifests/        what was claimed and applied
//! witness.jsonl                    every observation
//! objects-<phase>.json             the objects as they stood when a phase began; -2 when it began again
//! timeline.txt  verdict.json       what was seen and proved, for people and programs
//! recording.json                   the format, and the digests of what the verdict comes from
//! node-journal.txt                 where the environment failed
//! kind.yaml  certs.d/              the cluster's own files
//! kubeconfig                       of a cluster that is kept
//! ```
//!
//! Every file is made anew, so that no link is followed, and is on the disk before anything is removed.
//! What cannot be written is an error that makes the verdict inconclusive.
//!
//! No secret is written: what comes in is redacted here, and the witness takes what was written.

mod files;
mod recorded;
mod run_folder;
mod stamp;

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::Serialize;
use thiserror::Error;

use relapse_judge::phase::Phase;
use relapse_judge::redact::Redactor;
use relapse_judge::report::timeline;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::text::plain;
use relapse_judge::verdict::Finished;
use relapse_judge::witness::{PhaseMark, Record, Witness};

use files::{create, create_with, replace, sync_folder};

pub use files::is_kept;
pub use recorded::{read_proofs, read_records, read_verdict};
pub use run_folder::RunFolder;
pub use stamp::{FORMAT, Stamp, stamp, stamp_again, stamp_of, verified};

/// A file of the evidence could not be read or written.
#[derive(Debug, Error)]
#[error("{path}: {source}; next: {next}")]
pub struct EvidenceError {
    path: PathBuf,
    source: io::Error,
    next: &'static str,
}

/// The evidence of one run of one scenario.
#[derive(Debug)]
pub struct Evidence {
    folder: PathBuf,
    witness: BufWriter<File>,
    /// The first line of the witness that could not be written. None follows it: a line that is missing
    /// in the middle would not be missed.
    cut_off: Option<io::ErrorKind>,
    /// What is to be on the disk in the end.
    written: Vec<(PathBuf, File)>,
    /// How often each phase began.
    begun: BTreeMap<Phase, u32>,
    redactor: Redactor,
}

impl Evidence {
    /// Begins a new folder with what is claimed.
    ///
    /// # Errors
    /// The folder is there already, or a file cannot be written.
    pub fn begin(folder: &Path, scenario: &LoadedScenario) -> Result<Self, EvidenceError> {
        if let Some(parent) = folder.parent() {
            fs::create_dir_all(parent).map_err(|source| unwritable(parent, source))?;
        }
        let manifests = folder.join("manifests");
        for new in [folder, &manifests] {
            fs::create_dir(new).map_err(|source| unwritable(new, source))?;
        }
        let path = folder.join("witness.jsonl");
        let witness = create(&path).map_err(|source| unwritable(&path, source))?;
        let mut evidence = Self {
            folder: folder.to_owned(),
            witness: BufWriter::new(witness),
            cut_off: None,
            written: Vec::new(),
            begun: BTreeMap::new(),
            redactor: Redactor::of(scenario.manifests.values()),
        };
        let claim = evidence.redactor.scenario(&scenario.text);
        evidence.write("scenario.yaml", &claim)?;
        let texts = evidence.redactor.manifests(scenario.manifests.values());
        for (name, text) in texts {
            evidence.write(&format!("manifests/{name}"), &text)?;
        }
        evidence.sync()?;
        for folder in [Some(manifests.as_path()), folder.parent()]
            .into_iter()
            .flatten()
        {
            sync_folder(folder).map_err(|source| unwritable(folder, source))?;
        }
        Ok(evidence)
    }

    fn write(&mut self, name: &str, text: &str) -> Result<(), EvidenceError> {
        let path = self.folder.join(name);
        let file = create_with(&path, text).map_err(|source| unwritable(&path, source))?;
        self.written.push((path, file));
        Ok(())
    }

    /// Writes to the disk what was written, which must be where it was written to.
    fn sync(&self) -> Result<(), EvidenceError> {
        for (path, file) in &self.written {
            is_kept(path, file).map_err(|source| unwritable(path, source))?;
        }
        sync_folder(&self.folder).map_err(|source| unwritable(&self.folder, source))
    }

    /// What knows the scenario's secrets.
    #[must_use]
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Appends an observation; returns it as it was written, without secrets.
    ///
    /// # Errors
    /// The witness cannot be written, or could not be written before.
    pub fn append(&mut self, mut record: Record) -> Result<Record, EvidenceError> {
        self.redactor.observation(&mut record.observation);
        let written = match self.cut_off {
            Some(kind) => Err(kind.into()),
            None => serde_json::to_vec(&record)
                .map_err(io::Error::from)
                .and_then(|line| self.witness.write_all(&[line.as_slice(), b"\n"].concat())),
        };
        written.map_err(|source| self.cut_off(source))?;
        Ok(record)
    }

    fn cut_off(&mut self, source: io::Error) -> EvidenceError {
        self.cut_off.get_or_insert(source.kind());
        unwritable(&self.folder.join("witness.jsonl"), source)
    }

    /// Writes the objects as they stand when a phase begins.
    ///
    /// # Errors
    /// The snapshot cannot be written.
    pub fn snapshot(&mut self, mark: PhaseMark, witness: &Witness) -> Result<(), EvidenceError> {
        let objects: Vec<_> = witness.all_live().collect();
        let name = self.snapshot_name(mark.phase);
        let text = json(&self.folder.join(&name), &objects)?;
        self.write(&name, &text)
    }

    /// A phase may begin again: each perturbation does so.
    fn snapshot_name(&mut self, phase: Phase) -> String {
        let began = self.begun.entry(phase).or_default();
        *began += 1;
        let phase = String::from(phase);
        match began {
            1 => format!("objects-{phase}.json"),
            again => format!("objects-{phase}-{again}.json"),
        }
    }

    /// Writes the node's journal.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn journal(&mut self, journal: &str) -> Result<(), EvidenceError> {
        let journal = self.redactor.text(journal).into_owned();
        self.write("node-journal.txt", &journal)
    }

    /// Writes what was seen and proved. All of the evidence is on the disk then.
    ///
    /// # Errors
    /// A file cannot be written, or one that was written is not there any more. What can be written is.
    pub fn end(&mut self, witness: &Witness, finished: &Finished) -> Result<(), EvidenceError> {
        let path = self.folder.join("witness.jsonl");
        let flushed = match self.cut_off {
            Some(kind) => Err(kind.into()),
            None => self.witness.flush(),
        };
        let flushed = flushed.and_then(|()| is_kept(&path, self.witness.get_ref()));
        let flushed = flushed.map_err(|source| unwritable(&path, source));
        let told = self.write("timeline.txt", &plain(&timeline(witness)));
        let judged = write_verdict(&self.folder, finished);
        flushed.and(told).and(self.sync()).and(judged)
    }
}

/// Writes a verdict, in place of one that was there, and stamps the evidence.
///
/// # Errors
/// The file cannot be written.
pub fn write_verdict(folder: &Path, finished: &Finished) -> Result<(), EvidenceError> {
    let path = folder.join("verdict.json");
    let verdict = json(&path, finished)?;
    replace(&path, &verdict).map_err(|source| unwritable(&path, source))?;
    stamp(folder)
}

/// The text of a file of JSON.
fn json(path: &Path, value: &impl Serialize) -> Result<String, EvidenceError> {
    let text = serde_json::to_string_pretty(value);
    text.map(|text| text + "\n")
        .map_err(|error| unwritable(path, error.into()))
}

fn unwritable(path: &Path, source: io::Error) -> EvidenceError {
    EvidenceError {
        path: path.to_owned(),
        source,
        next: "make room there, or name a folder that can be written with --output",
    }
}

#[cfg(test)]
mod tests;
