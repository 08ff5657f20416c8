//! `relapse catalogue`: the pages of the catalogue, written to where they belong.

use std::fmt::Write;
use std::io;
use std::path::Path;

use super::Failure;
use crate::evidence::read_proofs;
use relapse_judge::exit_code::ExitCode;
use relapse_judge::failure_docs::{MARK, Page, pages};
use relapse_judge::input::{self, LARGEST_RESULT};
use relapse_judge::library::Library;

/// Writes the pages that are not as they must be, and tells of each what was done. Nothing is written where
/// another's file is in the way of one.
pub(super) fn catalogue(library: &Library) -> Result<String, Failure> {
    let (proofs, unread) = read_proofs(&library.root);
    if let Some(error) = unread.into_iter().next() {
        return Err(Failure::new(ExitCode::Invalid, error));
    }
    let pages = pages(library, &proofs);
    let mut present = Vec::new();
    for page in &pages {
        present.push(present_text(&library.root, page.file)?);
    }
    let mut told = String::new();
    for (page, present) in pages.iter().zip(present) {
        let path = library.root.join(page.file);
        let done = if present.as_ref() == Some(&page.text) {
            "fresh"
        } else {
            write(page, &path).map_err(|error| {
                let words = format!("cannot write {}: {error}", path.display());
                Failure::new(ExitCode::Usage, words)
            })?;
            "written"
        };
        // Writing to a String cannot fail.
        let _ = writeln!(told, "{}: {done}", path.display());
    }
    Ok(told)
}

/// What the catalogue wrote to this place before; none where there is nothing.
fn present_text(root: &Path, file: &str) -> Result<Option<String>, Failure> {
    let path = root.join(file);
    let in_the_way = |why: String| {
        let words = format!(
            "{}: {why}; next: move it, and write the catalogue again",
            path.display()
        );
        Failure::new(ExitCode::Usage, words)
    };
    // A link may lead nowhere yet, and is not written through.
    let is_link = |path: &Path| {
        path.symlink_metadata()
            .is_ok_and(|found| found.is_symlink())
    };
    if is_link(&path) || path.parent().is_some_and(is_link) {
        return Err(in_the_way("this is a link".to_owned()));
    }
    if !path.exists() {
        return Ok(None);
    }
    let text =
        input::read(root, &path, LARGEST_RESULT).map_err(|error| in_the_way(error.to_string()))?;
    if text.lines().take(5).any(|line| line.starts_with(MARK)) {
        Ok(Some(text))
    } else {
        Err(in_the_way(
            "`relapse catalogue` did not write this file".to_owned(),
        ))
    }
}

fn write(page: &Page, path: &Path) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, &page.text)
}
