//! Files that people wrote, to text: what is read is a regular file inside its root, of a bounded size,
//! in UTF-8. How much its YAML may ask for, and where its parts are written.

pub(crate) mod diagnostic;
mod limits;
pub(crate) mod parse;
pub(crate) mod source_map;
pub(crate) mod suggest;

pub use diagnostic::{Diagnostic, InvalidFiles, Severity};
pub(crate) use source_map::position;
pub use source_map::{PathStep, Position, YamlNode};

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

pub use limits::{MOST_DEEP, MOST_DOCUMENTS, MOST_NODES, breach, yaml_options};

/// Bytes of the largest scenario, record or checklist: the project's longest has 21 kB.
pub const LARGEST_CLAIM: u64 = 1 << 20;

/// Bytes of the largest file of manifests: published bundles of definitions have up to 5 MB.
pub const LARGEST_MANIFEST: u64 = 16 << 20;

/// Bytes of the largest file that programs wrote for programs, such as a verdict.
pub const LARGEST_RESULT: u64 = 64 << 20;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// The system refuses it.
    #[error("this file cannot be read: {0}")]
    Unreadable(#[from] io::Error),
    /// It is something else, which may never end.
    #[error("this is {0}, and not a regular file")]
    Special(&'static str),
    /// A link or a `..` leads away from where files may be.
    #[error("this leads to {}, which is outside of {}", .to.display(), .root.display())]
    Outside {
        /// Where it leads.
        to: PathBuf,
        /// Where it should stay.
        root: PathBuf,
    },
    /// It is longer than its kind may be.
    #[error("this file is larger than {} KiB, the most that is read of its kind", .most >> 10)]
    TooLarge {
        /// The most, in bytes.
        most: u64,
    },
    /// It is text in another encoding.
    #[error("this file is in {0}, and not in UTF-8")]
    Encoding(&'static str),
    /// It is no text, or in an encoding that does not tell itself.
    #[error("this file is not in UTF-8: line {line} has the byte {byte:#04x}")]
    NotText {
        /// Line, from 1.
        line: u64,
        /// The first byte that fits no letter.
        byte: u8,
    },
}

impl InputError {
    /// What to do next.
    #[must_use]
    pub const fn next(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "make it readable, or remove it",
            Self::Special(_) => "put a regular file in its place, or remove it",
            Self::Outside { .. } => {
                "copy what it leads to into the project: a link may lead only to files inside"
            }
            Self::TooLarge { .. } => "split it into several files",
            Self::Encoding(_) => "save it as UTF-8, for example by `iconv -f UTF-16 -t UTF-8`",
            Self::NotText { .. } => "save it as UTF-8, for example by `iconv -f LATIN1 -t UTF-8`",
        }
    }

    /// Line of the file at which it ends to be readable, from 1.
    #[must_use]
    pub const fn line(&self) -> u64 {
        match self {
            Self::NotText { line, .. } => *line,
            _ => 1,
        }
    }
}

/// The text of a file below `root`, of at most so many bytes.
///
/// # Errors
/// It is no such file, or no text in UTF-8.
pub fn read(root: &Path, path: &Path, most: u64) -> Result<String, InputError> {
    let mut bytes = Vec::new();
    open(root, path, most)?
        .take(most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    // What grows while it is read is as large as it then is.
    if u64::try_from(bytes.len()).is_ok_and(|length| length > most) {
        return Err(InputError::TooLarge { most });
    }
    text(bytes)
}

/// A regular file below `root` of at most so many bytes, opened.
///
/// # Errors
/// It is no such file.
pub fn open(root: &Path, path: &Path, most: u64) -> Result<File, InputError> {
    let place = inside(root, path)?;
    let metadata = fs::metadata(&place)?;
    let kind = metadata.file_type();
    if !kind.is_file() {
        // Opening a FIFO waits for its writer, and reading a device may never end.
        return Err(InputError::Special(match kind {
            kind if kind.is_dir() => "a folder",
            kind if kind.is_fifo() => "a FIFO",
            kind if kind.is_socket() => "a socket",
            _ => "a device",
        }));
    }
    if metadata.len() > most {
        return Err(InputError::TooLarge { most });
    }
    Ok(File::open(place)?)
}

/// Where a path leads, if that is inside of `root`.
///
/// # Errors
/// It leads elsewhere, or to nothing.
pub fn inside(root: &Path, path: &Path) -> Result<PathBuf, InputError> {
    let root = if root.as_os_str().is_empty() {
        Path::new(".")
    } else {
        root
    };
    let root = fs::canonicalize(root)?;
    let to = fs::canonicalize(path)?;
    if to.starts_with(&root) {
        Ok(to)
    } else {
        Err(InputError::Outside { to, root })
    }
}

fn text(mut bytes: Vec<u8>) -> Result<String, InputError> {
    match bytes.as_slice() {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => {
            return Err(InputError::Encoding("UTF-32"));
        }
        // Without a mark, every other byte of its ASCII letters is zero.
        [0xff, 0xfe, ..]
        | [0xfe, 0xff, ..]
        | [0, 1..=255, 0, 1..=255, ..]
        | [1..=255, 0, 1..=255, 0, ..] => {
            return Err(InputError::Encoding("UTF-16"));
        }
        [0xef, 0xbb, 0xbf, ..] => {
            bytes.drain(..3);
        }
        _ => {}
    }
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let lines = bytes[..valid].split(|byte| *byte == b'\n').count();
        InputError::NotText {
            line: u64::try_from(lines).unwrap_or(u64::MAX),
            byte: bytes.get(valid).copied().unwrap_or_default(),
        }
    })
}

#[cfg(test)]
mod tests;
