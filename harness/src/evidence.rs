//! The folder of one scenario's run, written while it runs and before any clean-up.
//!
//! ```text
//! scenario.yaml  manifests/        what was claimed and applied
//! witness.jsonl                    every observation
//! objects-<phase>.json             the objects as they stood when a phase began
//! timeline.txt  verdict.json       what was seen and proved, for people and programs
//! recording.json                   the format, and the digests of what the verdict comes from
//! node-journal.txt                 where the environment failed
//! kind.yaml  certs.d/              the cluster's own files
//! kubeconfig                       while the cluster is there
//! ```
//!
//! No secret is written: what comes in is redacted here, and the witness takes what was written.

mod recorded;
mod stamp;

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::redact::Redactor;
use crate::report::{plain, timeline};
use crate::scenario::LoadedScenario;
use crate::verdict::Finished;
use crate::witness::{PhaseMark, Record, Witness};

pub use recorded::{read_proofs, read_records, read_verdict};
pub use stamp::{FORMAT, Stamp, stamp, stamp_as, stamp_of, verified};

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
    redactor: Redactor,
}

impl Evidence {
    /// Begins a folder with what is claimed.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn begin(folder: &Path, scenario: &LoadedScenario) -> Result<Self, EvidenceError> {
        let manifests = folder.join("manifests");
        fs::create_dir_all(&manifests).map_err(|source| unwritable(&manifests, source))?;
        let redactor = Redactor::of(scenario.manifests.values());
        let claim = redactor.scenario(&scenario.text);
        write(&folder.join("scenario.yaml"), &claim)?;
        for (name, text) in redactor.manifests(scenario.manifests.values()) {
            write(&manifests.join(name), &text)?;
        }
        let path = folder.join("witness.jsonl");
        let witness = File::create(&path).map_err(|source| unwritable(&path, source))?;
        Ok(Self {
            folder: folder.to_owned(),
            witness: BufWriter::new(witness),
            redactor,
        })
    }

    /// What knows the scenario's secrets.
    #[must_use]
    pub const fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// Appends an observation; returns it as it was written, without secrets.
    ///
    /// # Errors
    /// The witness cannot be written.
    pub fn append(&mut self, mut record: Record) -> Result<Record, EvidenceError> {
        self.redactor.observation(&mut record.observation);
        let path = self.folder.join("witness.jsonl");
        serde_json::to_writer(&mut self.witness, &record)
            .map_err(io::Error::from)
            .and_then(|()| self.witness.write_all(b"\n"))
            .map_err(|source| unwritable(&path, source))?;
        Ok(record)
    }

    /// Writes the objects as they stand when a phase begins.
    ///
    /// # Errors
    /// The snapshot cannot be written.
    pub fn snapshot(&mut self, mark: PhaseMark, witness: &Witness) -> Result<(), EvidenceError> {
        let objects: Vec<_> = witness.all_live().collect();
        let name = String::from(mark.phase);
        let text = serde_json::to_string_pretty(&objects).unwrap_or_default();
        write(&self.folder.join(format!("objects-{name}.json")), &text)
    }

    /// Writes the node's journal.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn journal(&self, journal: &str) -> Result<(), EvidenceError> {
        let journal = self.redactor.text(journal);
        write(&self.folder.join("node-journal.txt"), &journal)
    }

    /// Writes what was seen and proved.
    ///
    /// # Errors
    /// A file cannot be written.
    pub fn end(&mut self, witness: &Witness, finished: &Finished) -> Result<(), EvidenceError> {
        let path = self.folder.join("witness.jsonl");
        self.witness
            .flush()
            .map_err(|source| unwritable(&path, source))?;
        write(
            &self.folder.join("timeline.txt"),
            &plain(&timeline(witness)),
        )?;
        write_verdict(&self.folder, finished)
    }
}

/// Writes a verdict, in place of one that was there, and stamps the evidence.
///
/// # Errors
/// The file cannot be written.
pub fn write_verdict(folder: &Path, finished: &Finished) -> Result<(), EvidenceError> {
    let verdict = serde_json::to_string_pretty(finished).unwrap_or_default();
    write(&folder.join("verdict.json"), &(verdict + "\n"))?;
    stamp(folder)
}

fn write(path: &Path, text: &str) -> Result<(), EvidenceError> {
    fs::write(path, text).map_err(|source| unwritable(path, source))
}

fn unwritable(path: &Path, source: io::Error) -> EvidenceError {
    EvidenceError {
        path: path.to_owned(),
        source,
        next: "choose a folder that can be written with --output",
    }
}
