//! Files that are new, follow no link, and are on the disk when that is said.

use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Makes a file that was not there. A link in its place is not followed.
pub(super) fn create(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).open(path)
}

/// Makes a file with this text.
pub(super) fn create_with(path: &Path, text: &str) -> io::Result<File> {
    let mut file = create(path)?;
    file.write_all(text.as_bytes())?;
    Ok(file)
}

/// Puts a text in place of a file, or of none: whoever reads it finds the old text or the new one.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let written = create_with(&new, text)
        .and_then(|file| file.sync_all())
        .and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // Half a file is of no use; the error that is told says what to do.
        let _ = fs::remove_file(&new);
    }
    written?;
    path.parent().map_or(Ok(()), sync_folder)
}

/// Writes the entries of a folder to the disk.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some file systems keep their folders in order by themselves and refuse this.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        synced => synced,
    }
}

/// Writes a file to the disk, and makes sure that it is what its path leads to.
///
/// # Errors
/// It cannot be written, or it was removed or replaced.
pub fn is_kept(path: &Path, file: &File) -> io::Result<()> {
    file.sync_all()?;
    let (written, there) = (file.metadata()?, fs::symlink_metadata(path)?);
    if (written.dev(), written.ino()) == (there.dev(), there.ino()) {
        Ok(())
    } else {
        Err(io::Error::other("another file is in its place"))
    }
}
