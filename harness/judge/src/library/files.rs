//! Files of a library by their names.

use std::path::{Path, PathBuf};

use crate::input::{self, Diagnostic, InputError, InvalidFiles, LARGEST_CLAIM};

/// The text of a scenario, a record or a checklist.
pub(crate) fn read(root: &Path, path: &Path) -> Result<String, InvalidFiles> {
    input::read(root, path, LARGEST_CLAIM)
        .map_err(|error| InvalidFiles::new(vec![Diagnostic::unreadable(path, &error)]))
}

/// The entries of a folder, sorted; none where there is no such folder.
pub(crate) fn entries(root: &Path, folder: &Path) -> Result<Vec<PathBuf>, InputError> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    input::inside(root, folder)?;
    let entries = std::fs::read_dir(folder)?.map(|entry| Ok(entry?.path()));
    let mut entries: Vec<PathBuf> = entries.collect::<Result<_, InputError>>()?;
    entries.sort();
    Ok(entries)
}

/// The id of the file's failure.
pub(crate) fn id(path: &Path) -> String {
    path.file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default()
}

pub(crate) fn name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}
