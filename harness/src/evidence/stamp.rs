//! What makes evidence a recording: `recording.json`, with the digests of the files that its verdict
//! comes from.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::files::replace;
use super::recorded::{self, folders, open, unreadable};
use super::{EvidenceError, json, unwritable};

/// The file's name.
pub(super) const NAME: &str = "recording.json";

/// The format that this relapse writes.
pub const FORMAT: u32 = 2;

/// The oldest format that it reads. Its runs held a cure for no longer than the scenario says, so such a
/// recording cannot show more.
const OLDEST: u32 = 1;

/// Who recorded evidence, when, and what it was then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stamp {
    /// The format of the recording.
    pub format: u32,
    /// The version of relapse that recorded it.
    pub relapse: String,
    /// When it was recorded.
    pub date: Timestamp,
    /// The SHA-256 of each file, by its path in the folder. That of the witness is of its lines: a
    /// packed witness has the same one.
    pub files: BTreeMap<String, String>,
}

impl Stamp {
    /// The stamp of what this relapse records now, still without files.
    fn now() -> Self {
        Self {
            format: FORMAT,
            relapse: env!("CARGO_PKG_VERSION").to_owned(),
            date: Timestamp::now(),
            files: BTreeMap::new(),
        }
    }

    /// Whether a cure was held for at least as long as the failure had taken to appear.
    #[must_use]
    pub const fn holds_as_long_as_it_took(&self) -> bool {
        self.format > OLDEST
    }
}

/// The format alone, which tells whether the rest can be read.
#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// Stamps evidence as recorded by this relapse, now.
///
/// # Errors
/// A file cannot be read, or the stamp cannot be written.
pub fn stamp(folder: &Path) -> Result<(), EvidenceError> {
    stamp_again(folder, Stamp::now())
}

/// Stamps evidence with its present files as what was recorded before.
///
/// # Errors
/// A file cannot be read, or the stamp cannot be written.
pub fn stamp_again(folder: &Path, recorded: Stamp) -> Result<(), EvidenceError> {
    let stamp = Stamp {
        files: digests(folder)?,
        ..recorded
    };
    let path = folder.join(NAME);
    let text = json(&path, &stamp)?;
    replace(&path, &text).map_err(|source| unwritable(&path, source))
}

/// Reads a stamp.
///
/// # Errors
/// There is no stamp, or its format is another one.
pub fn stamp_of(folder: &Path) -> Result<Stamp, EvidenceError> {
    let path = folder.join(NAME);
    if !path.exists() {
        return Err(unfit(
            path,
            format!(
                "there is none, so the evidence is of no known format; expected format {OLDEST} or {FORMAT}"
            ),
            "replay the folder of a whole run of one scenario, or run the scenario again",
        ));
    }
    let text = recorded::text(&path)?;
    let invalid = |error: serde_json::Error| unreadable(&path, error.into());
    let Format { format } = serde_json::from_str(&text).map_err(invalid)?;
    if !(OLDEST..=FORMAT).contains(&format) {
        return Err(unfit(
            path,
            format!("its format is {format}; expected {OLDEST} or {FORMAT}"),
            "replay it with the version of relapse that the file names",
        ));
    }
    serde_json::from_str(&text).map_err(invalid)
}

/// Reads a stamp, whose files must be those of the folder as they were.
///
/// # Errors
/// There is no stamp, its format is another one, or a file is not as it was recorded.
pub fn verified(folder: &Path) -> Result<Stamp, EvidenceError> {
    let stamp = stamp_of(folder)?;
    let found = digests(folder)?;
    let mut names = stamp.files.keys().chain(found.keys());
    if let Some(name) = names.find(|name| stamp.files.get(*name) != found.get(*name)) {
        let words = match (stamp.files.get(name), found.get(name)) {
            (Some(recorded), Some(digest)) => {
                format!("its SHA-256 is {digest}; expected {recorded}, by {NAME}")
            }
            (None, _) => format!("{NAME} does not name it"),
            (_, None) => format!("it is missing, and {NAME} names it"),
        };
        return Err(unfit(
            folder.join(name),
            words,
            "restore the files of the recording, or record the scenario again",
        ));
    }
    Ok(stamp)
}

/// The digest of each file that a verdict comes from. What was tried beside a claim has a stamp of its
/// own, which is one of these files.
fn digests(folder: &Path) -> Result<BTreeMap<String, String>, EvidenceError> {
    let mut digests = BTreeMap::new();
    for name in ["scenario.yaml", "verdict.json"] {
        digests.insert(
            name.to_owned(),
            digest(open(&folder.join(name))?, folder, name)?,
        );
    }
    let witness = recorded::witness(folder)?;
    digests.insert(
        recorded::WITNESS.to_owned(),
        digest(witness, folder, recorded::WITNESS)?,
    );
    for path in recorded::entries(&folder.join("manifests"))? {
        let name = format!("manifests/{}", name_of(&path));
        digests.insert(name.clone(), digest(open(&path)?, folder, &name)?);
    }
    for beside in folders(folder)? {
        if beside.join(NAME).exists() {
            let name = format!("{}/{NAME}", name_of(&beside));
            digests.insert(
                name.clone(),
                digest(open(&folder.join(&name))?, folder, &name)?,
            );
        }
    }
    Ok(digests)
}

fn name_of(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

fn digest(mut file: impl Read, folder: &Path, name: &str) -> Result<String, EvidenceError> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(length) => hash.update(&chunk[..length]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(&folder.join(name), error)),
        }
    }
    let mut text = String::new();
    for byte in hash.finalize() {
        // Writing to a text does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    Ok(text)
}

/// A file of a recording that does not fit.
pub(super) fn unfit(path: PathBuf, words: String, next: &'static str) -> EvidenceError {
    EvidenceError {
        path,
        source: io::Error::other(words),
        next,
    }
}
