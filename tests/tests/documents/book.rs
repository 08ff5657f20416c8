//! The documents, and the fenced blocks in them.

use std::fs;
use std::path::Path;

use relapse_tests::project;

/// Pages that `relapse catalogue` writes; the tests of the catalogue read them.
pub const WRITTEN_BY_RELAPSE: [&str; 2] = ["docs/FAILURES.md", "docs/CHECKLISTS.md"];

/// The document that has the scenario which the examples of the others change.
pub const TUTORIAL: &str = "docs/TUTORIAL.md";

/// The documents that people write, by their paths in the project.
pub fn documents() -> Vec<String> {
    let mut names = Vec::new();
    for folder in ["", "docs"] {
        for entry in fs::read_dir(project().join(folder)).unwrap() {
            let path = Path::new(folder).join(entry.unwrap().file_name());
            if path.extension().is_some_and(|extension| extension == "md") {
                names.push(path.display().to_string());
            }
        }
    }
    names.retain(|name| !WRITTEN_BY_RELAPSE.contains(&name.as_str()));
    names.sort();
    names
}

/// The text of a document.
pub fn text(document: &str) -> String {
    fs::read_to_string(project().join(document))
        .unwrap_or_else(|error| panic!("{document}: {error}"))
}

/// A fenced block.
pub struct Block {
    /// What follows the opening fence: a language, and the path of a file if the block is one.
    pub info: String,
    /// The line of its first line, from 1.
    pub line: usize,
    /// What it holds, without its indentation.
    pub text: String,
}

/// The fenced blocks of a document, in order.
pub fn blocks(document: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut indent = None;
    for (line, text) in (1..).zip(text(document).lines()) {
        let fence = text.trim_start().strip_prefix("```");
        match (indent, fence) {
            (None, Some(info)) => {
                indent = Some(text.len() - text.trim_start().len());
                found.push(Block {
                    info: info.to_owned(),
                    line: line + 1,
                    text: String::new(),
                });
            }
            (Some(_), Some("")) => indent = None,
            (Some(indent), _) => {
                let block = found.last_mut().unwrap();
                block.text += text.get(indent..).unwrap_or_default();
                block.text.push('\n');
            }
            (None, None) => {}
        }
    }
    assert!(indent.is_none(), "{document}: a fence is not closed");
    found
}

/// The files that the tutorial shows, by their paths.
pub fn files_of_the_tutorial() -> Vec<(String, String)> {
    let blocks = blocks(TUTORIAL).into_iter();
    let files = blocks.filter_map(|block| {
        let (_, path) = block.info.split_once(' ')?;
        Some((path.to_owned(), block.text))
    });
    files.collect()
}

/// Writes the files that the tutorial shows.
pub fn write_files_of_the_tutorial(folder: &Path) {
    for (path, text) in files_of_the_tutorial() {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}
