//! The folder of one scenario's run, written while it runs and before any clean-up.
//!
//! ```text
//! scenario.yaml  manifests/        what was claimed and applied
//! witness.jsonl                    every observation
//! objects-<phase>.json             the objects as they stood when a phase began
//! timeline.txt  verdict.json       what was seen and proved, for people and programs
//! node-journal.txt                 where the environment failed
//! kind.yaml  certs.d/              the cluster's own files
//! kubeconfig                       while the cluster is there
//! ```
//!
//! No secret is written: what comes in is redacted here, and the witness takes what was written.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::redact::Redactor;
use crate::report::{plain, timeline};
use crate::scenario::LoadedScenario;
use crate::verdict::{Finished, Proofs};
use crate::witness::{PhaseMark, Record, Witness};

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

/// Writes a verdict, in place of one that was there.
///
/// # Errors
/// The file cannot be written.
pub fn write_verdict(folder: &Path, finished: &Finished) -> Result<(), EvidenceError> {
    let verdict = serde_json::to_string_pretty(finished).unwrap_or_default();
    write(&folder.join("verdict.json"), &(verdict + "\n"))
}

/// Reads a recorded witness; a last line that was cut off is left out.
///
/// # Errors
/// The file cannot be read, or a line of it is not a record.
pub fn read_records(folder: &Path) -> Result<Vec<Record>, EvidenceError> {
    let path = folder.join("witness.jsonl");
    let file = File::open(&path).map_err(|source| unreadable(&path, source))?;
    let mut records = Vec::new();
    for (index, line) in BufReader::new(file).lines().enumerate() {
        let line = line.map_err(|source| unreadable(&path, source))?;
        match serde_json::from_str::<Record>(&line) {
            Ok(record) => records.push(record),
            Err(error) if error.is_eof() => break,
            Err(error) => {
                let words = format!("line {}: {error}", index + 1);
                return Err(unreadable(&path, io::Error::other(words)));
            }
        }
    }
    Ok(records)
}

/// Reads a recorded verdict.
///
/// # Errors
/// The file cannot be read or is not a verdict.
pub fn read_verdict(folder: &Path) -> Result<Finished, EvidenceError> {
    let path = folder.join("verdict.json");
    let text = fs::read_to_string(&path).map_err(|source| unreadable(&path, source))?;
    serde_json::from_str(&text).map_err(|error| unreadable(&path, error.into()))
}

/// Reads the verdicts that a project keeps of its scenarios, `tests/recordings/<version>/<id>/verdict.json`;
/// none where it keeps none. What cannot be read comes with them: it says nothing of the others.
#[must_use]
pub fn read_proofs(root: &Path) -> (Proofs, Vec<EvidenceError>) {
    let recordings = root.join("tests/recordings");
    let (mut verdicts, mut unread) = (Vec::new(), Vec::new());
    let mut in_each = |parents: Vec<PathBuf>| {
        let mut found = Vec::new();
        for parent in parents {
            match folders(&parent) {
                Ok(folders) => found.extend(folders),
                Err(error) => unread.push(error),
            }
        }
        found
    };
    let versions = in_each(
        Some(recordings)
            .filter(|path| path.is_dir())
            .into_iter()
            .collect(),
    );
    let recorded = in_each(versions);
    for folder in recorded {
        match read_verdict(&folder) {
            Ok(verdict) => verdicts.push(verdict),
            Err(error) => unread.push(error),
        }
    }
    (verdicts.into_iter().collect(), unread)
}

fn folders(parent: &Path) -> Result<Vec<PathBuf>, EvidenceError> {
    let entries = fs::read_dir(parent).and_then(|entries| {
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths.collect::<io::Result<Vec<_>>>()
    });
    let mut folders = entries.map_err(|source| unreadable(parent, source))?;
    folders.retain(|path| path.is_dir());
    Ok(folders)
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

fn unreadable(path: &Path, source: io::Error) -> EvidenceError {
    EvidenceError {
        path: path.to_owned(),
        source,
        next: "name the evidence folder of one scenario, runs/<run>/<scenario>",
    }
}
