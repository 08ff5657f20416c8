//! What a run writes beside the evidence of its scenarios, opened before anything is run: what cannot
//! be written is wrong usage, and known at once.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use super::Failure;
use crate::evidence::{self, RunFolder};
use relapse_judge::exit_code::{ExitCode, Standard};
use relapse_judge::report;
use relapse_judge::verdict::Finished;

/// The outputs of one run.
pub(super) struct Outputs {
    folder: RunFolder,
    junit: Option<Junit>,
    /// What a report calls the run.
    name: String,
}

impl Outputs {
    /// Makes the folder of a run that begins now: `output`, or else a new one in `runs` of the project.
    /// Opens the file for JUnit XML where one is wanted.
    pub(super) fn open(
        root: &Path,
        output: Option<&Path>,
        junit: Option<PathBuf>,
    ) -> Result<Self, Failure> {
        let usage = |error: &dyn std::fmt::Display| Failure::new(ExitCode::Usage, error);
        let name = jiff::Zoned::now().strftime("%Y-%m-%dT%H-%M-%S").to_string();
        let folder = match output {
            // docker and kind take paths from their own folders.
            Some(output) => std::path::absolute(output)
                .map_err(|error| usage(&format!("--output: {error}; next: name a folder")))
                .map(|output| RunFolder::at(&output))?,
            None => std::path::absolute(root.join("runs"))
                .map_err(|error| usage(&error))
                .map(|runs| RunFolder::beside_others(&runs, &name))?,
        };
        let folder = folder.map_err(|error| usage(&error))?;
        match junit.map(Junit::open).transpose() {
            Ok(junit) => Ok(Self {
                folder,
                junit,
                name,
            }),
            Err(error) => {
                folder.discard();
                Err(usage(&error))
            }
        }
    }

    /// The folder of the run's evidence.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Takes away what was made, where nothing was judged.
    pub(super) fn discard(self) {
        if let Some(junit) = self.junit {
            junit.discard();
        }
        self.folder.discard();
    }

    /// Writes what the run came to; tells what could not be written.
    pub(super) fn write(self, finished: &[Finished], standard: &Standard) -> Vec<String> {
        let verdicts = self.folder.write_verdicts(finished);
        let junit = self.junit.map_or(Ok(()), |junit| {
            let xml = report::junit(&self.name, finished, standard);
            let path = junit.path.clone();
            xml.map_err(io::Error::other)
                .and_then(|xml| junit.write(&xml))
                .map_err(|error| format!("cannot write {}: {error}", path.display()))
        });
        verdicts
            .err()
            .map(|error| error.to_string())
            .into_iter()
            .chain(junit.err())
            .collect()
    }
}

/// The file for JUnit XML.
struct Junit {
    path: PathBuf,
    file: File,
    is_new: bool,
}

impl Junit {
    fn open(path: PathBuf) -> Result<Self, String> {
        let is_new = !path.exists();
        let opened = match fs::metadata(&path).map(|found| found.file_type()) {
            // A pipe that nobody reads would wait for its reader.
            Ok(found) if !found.is_file() && !found.is_char_device() => {
                Err(io::Error::other("it is not a file"))
            }
            _ => File::options()
                .write(true)
                .create(true)
                .truncate(false)
                .open(&path),
        };
        match opened {
            Ok(file) => Ok(Self {
                path: fs::canonicalize(&path).unwrap_or(path),
                file,
                is_new,
            }),
            Err(error) => Err(format!(
                "cannot write {}: {error}; next: name a file in a folder that exists with --junit",
                path.display()
            )),
        }
    }

    fn write(mut self, xml: &str) -> io::Result<()> {
        let is_regular = self.file.metadata()?.is_file();
        if is_regular {
            self.file.set_len(0)?;
        }
        self.file.write_all(xml.as_bytes())?;
        if is_regular {
            evidence::is_kept(&self.path, &self.file)?;
        }
        Ok(())
    }

    fn discard(self) {
        if self.is_new {
            // An empty file is no report; where it cannot be removed it says nothing either.
            let _ = fs::remove_file(&self.path);
        }
    }
}
