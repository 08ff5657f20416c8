//! `relapse catalogue`: the pages of the catalogue, written to where they belong.

use std::fmt::Write;
use std::io;
use std::path::Path;

use super::{Failure, proofs};
use crate::catalogue::{Page, pages};
use crate::exit_code::ExitCode;
use crate::scenario::Library;

/// Writes the pages that are not as they must be, and tells of each what was done.
pub(super) fn catalogue(library: &Library) -> Result<String, Failure> {
    let proofs = proofs(library)?;
    let mut told = String::new();
    for page in pages(library, &proofs) {
        let path = library.root.join(page.file);
        let done = write(&page, &path).map_err(|error| {
            let words = format!("cannot write {}: {error}", path.display());
            Failure::new(ExitCode::Usage, words)
        })?;
        // Writing to a String cannot fail.
        let _ = writeln!(told, "{}: {done}", path.display());
    }
    Ok(told)
}

fn write(page: &Page, path: &Path) -> io::Result<&'static str> {
    if std::fs::read_to_string(path).is_ok_and(|text| text == page.text) {
        return Ok("fresh");
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, &page.text)?;
    Ok("written")
}
