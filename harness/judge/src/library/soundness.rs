//! Whether all of a library is valid, and what is told of the rest.

use std::collections::BTreeSet;
use std::path::Path;

use super::Library;
use crate::input::{Diagnostic, InvalidFiles};

/// Files that a warning names.
const NAMED: usize = 5;

impl Library {
    /// The same library, if everything in it is valid.
    ///
    /// # Errors
    /// All mistakes of all files.
    pub fn whole(self) -> Result<Self, InvalidFiles> {
        let mistakes: Vec<Diagnostic> = self.all_mistakes().cloned().collect();
        if mistakes.is_empty() {
            Ok(self)
        } else {
            Err(InvalidFiles::new(mistakes))
        }
    }

    /// In words, that there are mistakes in files that nobody asked for.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        let files: BTreeSet<&Path> = self.all_mistakes().map(|one| one.file.as_path()).collect();
        let named = files.iter().take(NAMED);
        let mut named: Vec<String> = named.map(|file| file.display().to_string()).collect();
        if files.len() > NAMED {
            named.push(format!("{} more", files.len() - NAMED));
        }
        let are = if files.len() == 1 { "is" } else { "are" };
        (!files.is_empty()).then(|| {
            format!(
                "{} {are} invalid and left out; next: `relapse check` tells why",
                named.join(", ")
            )
        })
    }

    fn all_mistakes(&self) -> impl Iterator<Item = &Diagnostic> {
        let of_claims = self.flawed.iter().flat_map(|flawed| &flawed.mistakes);
        of_claims.chain(&self.mistakes)
    }
}
