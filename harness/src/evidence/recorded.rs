//! Evidence read again: only regular files, and only so much of them as a run can write.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read};
use std::iter::from_fn;
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;

use super::EvidenceError;
use super::stamp::unfit;
use relapse_judge::input::{self, LARGEST_RESULT};
use relapse_judge::verdict::{Finished, RecordedVerdicts};
use relapse_judge::witness::Record;

/// The witness, one record a line.
pub(super) const WITNESS: &str = "witness.jsonl";

/// The witness as gzip packs it: most of it is said again and again.
pub(super) const PACKED: &str = "witness.jsonl.gz";

/// What the lines of a witness may have at most, in bytes.
const MOST_WITNESS: u64 = 4 << 30;

const NEXT: &str = "name the evidence folder of one scenario, runs/<run>/<scenario>";

/// Opens a file of the recording's own folder.
pub(super) fn open(path: &Path) -> Result<File, EvidenceError> {
    let folder = path.parent().unwrap_or(path);
    input::open(folder, path, MOST_WITNESS)
        .map_err(|error| unreadable(path, io::Error::other(error)))
}

/// Reads a file of text.
pub(super) fn text(path: &Path) -> Result<String, EvidenceError> {
    let folder = path.parent().unwrap_or(path);
    input::read(folder, path, LARGEST_RESULT)
        .map_err(|error| unreadable(path, io::Error::other(error)))
}

/// The lines of the witness, unpacked where they are packed.
pub(super) fn witness(folder: &Path) -> Result<Box<dyn Read + Send>, EvidenceError> {
    let (plain, packed) = (folder.join(WITNESS), folder.join(PACKED));
    match (plain.exists(), packed.exists()) {
        (true, true) => Err(unfit(
            packed,
            format!("{WITNESS} is there too; expected one of the two"),
            "remove the one that is not the recording's",
        )),
        (false, true) => {
            let unpacked = MultiGzDecoder::new(BufReader::new(open(&packed)?));
            Ok(Box::new(bounded(unpacked, MOST_WITNESS)))
        }
        _ => Ok(Box::new(open(&plain)?)),
    }
}

/// Reads at most so many bytes; more are an error.
fn bounded(inner: impl Read, most: u64) -> impl Read {
    Bounded {
        inner,
        left: most,
        most,
    }
}

struct Bounded<R> {
    inner: R,
    left: u64,
    most: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let left = self.left.checked_sub(read as u64);
        self.left = left.ok_or_else(|| {
            let words = format!(
                "it has more than {} MiB, which no run writes",
                self.most >> 20
            );
            io::Error::other(words)
        })?;
        Ok(read)
    }
}

/// Reads a recorded witness, packed or not, record by record: it may be larger than what is needed of it.
/// A last line that was cut off is left out.
///
/// # Errors
/// The file cannot be read; as a record, that it cannot be read on, or that a line is no record.
pub fn read_records(
    folder: &Path,
) -> Result<impl Iterator<Item = Result<Record, EvidenceError>> + use<>, EvidenceError> {
    let path = folder.join(WITNESS);
    let mut lines = BufReader::new(witness(folder)?);
    let mut line = Vec::new();
    let mut number = 0;
    Ok(from_fn(move || {
        line.clear();
        number += 1;
        match lines.read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) => return Some(Err(unreadable(&path, error))),
        }
        match Record::of_line(&line) {
            Ok(record) => Some(Ok(record)),
            Err(error) if error.is_eof() => None,
            Err(error) => {
                let words = format!("line {number}: {error}");
                Some(Err(unreadable(&path, io::Error::other(words))))
            }
        }
    })
    .fuse())
}

/// Reads a recorded verdict.
///
/// # Errors
/// The file cannot be read or is not a verdict.
pub fn read_verdict(folder: &Path) -> Result<Finished, EvidenceError> {
    let path = folder.join("verdict.json");
    serde_json::from_str(&text(&path)?).map_err(|error| unreadable(&path, error.into()))
}

/// Reads the verdicts that a project keeps of its scenarios, `tests/recordings/<version>/<id>/verdict.json`;
/// none where it keeps none. What cannot be read comes with them: it says nothing of the others.
#[must_use]
pub fn read_proofs(root: &Path) -> (RecordedVerdicts, Vec<EvidenceError>) {
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

/// What is in a folder, by name.
pub(super) fn entries(parent: &Path) -> Result<Vec<PathBuf>, EvidenceError> {
    let entries = fs::read_dir(parent).and_then(|entries| {
        let paths = entries.map(|entry| entry.map(|entry| entry.path()));
        paths.collect::<io::Result<Vec<_>>>()
    });
    let mut entries = entries.map_err(|error| unreadable(parent, error))?;
    entries.sort();
    Ok(entries)
}

pub(super) fn folders(parent: &Path) -> Result<Vec<PathBuf>, EvidenceError> {
    let mut folders = entries(parent)?;
    folders.retain(|path| path.is_dir());
    Ok(folders)
}

pub(super) fn unreadable(path: &Path, source: io::Error) -> EvidenceError {
    EvidenceError {
        path: path.to_owned(),
        source,
        next: NEXT,
    }
}
