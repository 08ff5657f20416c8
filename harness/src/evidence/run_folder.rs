//! The folder of a run: that of one run alone, from its beginning.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::files::{create_with, is_kept, replace, sync_folder};
use super::{EvidenceError, json, unwritable};
use relapse_judge::verdict::Finished;

/// The verdicts of a run, as its table shows them. That a run made this file makes the folder its own.
const VERDICTS: &str = "verdicts.json";

/// The folder of a run's evidence.
#[derive(Debug)]
pub struct RunFolder {
    path: PathBuf,
    /// Whether the run made the folder itself.
    is_new: bool,
}

impl RunFolder {
    /// Takes this folder, which must be new or empty. Folders above it are made where they are missing.
    ///
    /// # Errors
    /// It holds something, or it cannot be written.
    pub fn at(path: &Path) -> Result<Self, EvidenceError> {
        let failed = |source| refused(path, source);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let is_new = match fs::create_dir(path) {
            Ok(()) => true,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
            Err(error) => return Err(failed(error)),
        };
        if !is_new && fs::read_dir(path).map_err(failed)?.next().is_some() {
            return Err(failed(io::ErrorKind::DirectoryNotEmpty.into()));
        }
        Self::taken(path.to_owned(), is_new)
    }

    /// Makes a folder of this name in `parent`; with `-2`, `-3` and so on where another run has it.
    ///
    /// # Errors
    /// It cannot be made or written.
    pub fn beside_others(parent: &Path, name: &str) -> Result<Self, EvidenceError> {
        fs::create_dir_all(parent).map_err(|source| refused(parent, source))?;
        let mut path = parent.join(name);
        let mut number = 2_u32;
        loop {
            match fs::create_dir(&path) {
                Ok(()) => return Self::taken(path, true),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    path = parent.join(format!("{name}-{number}"));
                    number += 1;
                }
                Err(error) => return Err(refused(&path, error)),
            }
        }
    }

    fn taken(path: PathBuf, is_new: bool) -> Result<Self, EvidenceError> {
        let folder = Self { path, is_new };
        let verdicts = folder.path.join(VERDICTS);
        let made = create_with(&verdicts, "[]\n")
            .and_then(|file| is_kept(&verdicts, &file))
            .and_then(|()| sync_folder(&folder.path));
        match made {
            Ok(()) => Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Err(refused(
                &folder.path,
                io::ErrorKind::DirectoryNotEmpty.into(),
            )),
            Err(error) => {
                folder.discard();
                Err(refused(&verdicts, error))
            }
        }
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes what each scenario of the run came to: of several attempts what they are together.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write_verdicts(&self, finished: &[Finished]) -> Result<(), EvidenceError> {
        let path = self.path.join(VERDICTS);
        let text = json(&path, &finished)?;
        replace(&path, &text).map_err(|source| unwritable(&path, source))
    }

    /// Takes away what was made, where nothing was judged.
    pub fn discard(self) {
        // What stays, because something else is in it by now, is nobody's loss.
        let _ = fs::remove_file(self.path.join(VERDICTS));
        if self.is_new {
            let _ = fs::remove_dir(&self.path);
        }
    }
}

fn refused(path: &Path, source: io::Error) -> EvidenceError {
    EvidenceError {
        path: path.to_owned(),
        source,
        next: "name a folder with --output that is new or empty, and can be written",
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{RunFolder, VERDICTS};
    use relapse_judge::testing::sample;

    #[test]
    fn two_runs_of_one_second_have_two_folders() {
        let root = tempfile::tempdir().unwrap();
        let runs = root.path().join("not/there/yet");
        let names = ["now", "now-2", "now-3"];
        let folders = names.map(|_| RunFolder::beside_others(&runs, "now").unwrap());
        for (name, folder) in names.iter().zip(folders) {
            assert_eq!(folder.path(), runs.join(name));
        }
    }

    #[test]
    fn a_folder_is_taken_once_and_only_when_it_is_empty() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("evidence");
        RunFolder::at(&path).unwrap();
        let error = RunFolder::at(&path).unwrap_err().to_string();
        assert!(error.contains("directory not empty"), "{error}");
        assert!(error.contains("--output"), "{error}");
        let empty = root.path().join("empty");
        fs::create_dir(&empty).unwrap();
        RunFolder::at(&empty).unwrap();
        fs::write(root.path().join("file"), "").unwrap();
        let error = RunFolder::at(&root.path().join("file")).unwrap_err();
        assert!(error.to_string().contains("ot a directory"), "{error}");
    }

    #[test]
    fn what_was_not_used_is_taken_away_and_an_empty_folder_stays() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("evidence");
        RunFolder::at(&path).unwrap().discard();
        assert!(!path.exists());
        fs::create_dir(&path).unwrap();
        RunFolder::at(&path).unwrap().discard();
        assert_eq!(fs::read_dir(&path).unwrap().count(), 0);
    }

    #[test]
    fn one_file_says_that_a_claim_is_flaky() {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::at(&root.path().join("evidence")).unwrap();
        folder.write_verdicts(&[sample::flaky()]).unwrap();
        let text = fs::read_to_string(folder.path().join(VERDICTS)).unwrap();
        let verdicts: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(verdicts[0]["verdict"], "flaky");
        assert_eq!(verdicts[0]["attempts"][0]["verdict"], "refuted");
        assert_eq!(verdicts[0]["attempts"][1]["verdict"], "proved");
    }
}
