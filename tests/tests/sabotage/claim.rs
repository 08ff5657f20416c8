//! A claim as text: read, changed in one place, written.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use relapse_judge::library::load_scenario;
use relapse_judge::scenario::LoadedScenario;
use serde::Deserialize;
use tempfile::TempDir;

/// The name of the scenario's file among the manifests of an edit, as in a folder of evidence.
const SCENARIO: &str = "scenario.yaml";

/// A scenario file and its manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Texts by file name.
    files: BTreeMap<String, String>,
}

/// A change of one place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// `scenario.yaml` or a manifest.
    #[serde(rename = "in")]
    pub file: String,
    /// Lines that are there once, without their common indentation; none to write at the end.
    #[serde(default)]
    pub replace: Option<String>,
    /// The lines in their place.
    pub by: String,
}

impl Claim {
    /// Reads a scenario file and the folder of its manifests.
    pub fn read(scenario: &Path, manifests: &Path) -> Self {
        let mut files = BTreeMap::from([(SCENARIO.to_owned(), text(scenario))]);
        for entry in fs::read_dir(manifests).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy();
            files.insert(name.into_owned(), text(&path));
        }
        Self { files }
    }

    /// Makes a change.
    pub fn edit(&mut self, edit: &Edit) {
        let Some(text) = self.files.get_mut(&edit.file) else {
            panic!("there is no {}", edit.file);
        };
        *text = match &edit.replace {
            None => format!("{text}{}", edit.by),
            Some(old) => replaced(text, old, &edit.by)
                .unwrap_or_else(|places| panic!("{}: {places} times:\n{old}", edit.file)),
        };
    }

    /// Leaves a manifest out.
    pub fn remove(&mut self, file: &str) {
        let removed = self.files.remove(file);
        assert!(removed.is_some(), "there is no {file}");
    }

    /// Loads it as a scenario of this id.
    pub fn load(&self, id: &str) -> LoadedScenario {
        let folder = TempDir::new().unwrap();
        let scenario = folder.path().join(id).with_extension("yaml");
        let manifests = folder.path().join("manifests");
        fs::create_dir(&manifests).unwrap();
        for (name, text) in &self.files {
            let path = if name == SCENARIO {
                scenario.clone()
            } else {
                manifests.join(name)
            };
            fs::write(path, text).unwrap();
        }
        load_scenario(&scenario, &manifests).unwrap_or_else(|error| panic!("{error}"))
    }
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text with the lines `new` in place of the lines `old`, as deep as those are.
///
/// # Errors
/// In how many places `old` is, where that is not one.
fn replaced(text: &str, old: &str, new: &str) -> Result<String, usize> {
    let lines: Vec<&str> = text.lines().collect();
    let old: Vec<&str> = old.lines().collect();
    let places: Vec<(usize, &str)> = lines
        .windows(old.len())
        .enumerate()
        .filter_map(|(place, window)| Some((place, window[0].strip_suffix(old[0])?, window)))
        .filter(|(_, indent, window)| {
            let mut pairs = window.iter().zip(&old);
            indent.trim().is_empty() && pairs.all(|(line, old)| *line == indented(indent, old))
        })
        .map(|(place, indent, _)| (place, indent))
        .collect();
    let &[(place, indent)] = places.as_slice() else {
        return Err(places.len());
    };
    let before = lines[..place].iter().map(|line| (*line).to_owned());
    let between = new.lines().map(|line| indented(indent, line));
    let after = lines[place + old.len()..].iter();
    let all = before
        .chain(between)
        .chain(after.map(|line| (*line).to_owned()));
    Ok(all.map(|line| line + "\n").collect())
}

fn indented(indent: &str, line: &str) -> String {
    if line.is_empty() {
        String::new()
    } else {
        format!("{indent}{line}")
    }
}
