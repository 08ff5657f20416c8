//! DESIGN.md against the code: every module has its line, and none imports upward.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use relapse_tests::project;

/// Modules by name, each with its layer: 0 for the rules, more further out.
fn designed() -> BTreeMap<String, usize> {
    let text = fs::read_to_string(project().join("DESIGN.md")).unwrap();
    let section = text.split("## Layers and modules").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut layer = None;
    let mut modules = BTreeMap::new();
    for line in section.lines() {
        if line.starts_with("**") {
            layer = Some(layer.map_or(0, |layer| layer + 1));
        }
        if let (Some(rest), Some(layer)) = (line.strip_prefix("- `"), layer) {
            modules.insert(rest.split('`').next().unwrap().to_owned(), layer);
        }
    }
    modules
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The module of a file: the first part of its path below `src`.
fn module(source: &Path, root: &Path) -> String {
    let inside = source.strip_prefix(root).unwrap();
    let first = inside.components().next().unwrap().as_os_str();
    first.to_string_lossy().trim_end_matches(".rs").to_owned()
}

fn imports(text: &str) -> impl Iterator<Item = &str> {
    text.split("crate::").skip(1).map(|rest| {
        rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .next()
            .unwrap_or_default()
    })
}

#[test]
fn every_module_has_a_line_in_the_design() {
    let root = project().join("harness/src");
    let designed = designed();
    let mut there: Vec<String> = sources(&root)
        .iter()
        .map(|source| module(source, &root))
        .filter(|name| !["lib", "main", "testing"].contains(&name.as_str()))
        .collect();
    there.sort();
    there.dedup();
    let lines: Vec<&String> = designed.keys().collect();
    assert_eq!(there.iter().collect::<Vec<_>>(), lines);
}

#[test]
fn no_module_imports_upward() {
    let root = project().join("harness/src");
    let designed = designed();
    let mut upward = Vec::new();
    for source in sources(&root) {
        if source.ends_with("tests.rs") || source.ends_with("testing.rs") {
            continue;
        }
        let Some(layer) = designed.get(&module(&source, &root)) else {
            continue;
        };
        let text = fs::read_to_string(&source).unwrap();
        for import in imports(&text) {
            if designed.get(import).is_some_and(|other| other > layer) {
                upward.push(format!("{} imports {import}", source.display()));
            }
        }
    }
    assert_eq!(upward, Vec::<String>::new());
}

#[test]
fn no_file_is_longer_than_400_lines_by_much() {
    for folder in ["harness/src", "tests/tests", "tests/src"] {
        for source in sources(&project().join(folder)) {
            let lines = fs::read_to_string(&source).unwrap().lines().count();
            assert!(lines <= 450, "{}: {lines} lines", source.display());
        }
    }
}
