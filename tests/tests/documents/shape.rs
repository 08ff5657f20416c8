//! The documents stay short, and their links lead somewhere.

use std::collections::BTreeSet;
use std::path::Path;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use relapse_tests::project;

use crate::book::{WRITTEN_BY_RELAPSE, documents, files_of_the_tutorial, text};

const MOST_LINES_OF_README: usize = 200;

/// A longer paragraph holds more than one thought.
const MOST_CHARACTERS: usize = 600;

fn parsed(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES)
}

#[test]
fn readme_fits_on_some_screens() {
    let lines = text("README.md").lines().count();
    assert!(lines <= MOST_LINES_OF_README, "README.md: {lines} lines");
}

/// The paragraphs, list items and table cells of a document.
fn paragraphs(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut paragraph = String::new();
    let mut in_code = false;
    for event in parsed(text) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Paragraph | Tag::Item | Tag::TableCell)
            | Event::End(TagEnd::Paragraph | TagEnd::Item | TagEnd::TableCell) => {
                found.push(std::mem::take(&mut paragraph));
            }
            Event::Text(text) | Event::Code(text) if !in_code => paragraph += &text,
            Event::SoftBreak | Event::HardBreak => paragraph.push(' '),
            _ => {}
        }
    }
    found
}

#[test]
fn no_paragraph_is_long() {
    let mut long = Vec::new();
    for document in documents() {
        for paragraph in paragraphs(&text(&document)) {
            let characters = paragraph.chars().count();
            if characters > MOST_CHARACTERS {
                let begin: String = paragraph.chars().take(60).collect();
                long.push(format!("{document}: {characters} characters: {begin}…"));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

/// The anchors that GitHub gives the headings of a document.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut heading = None;
    for event in parsed(text) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => found.extend(heading.take()),
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    for letter in text.chars() {
                        match letter {
                            ' ' => heading.push('-'),
                            '-' | '_' => heading.push(letter),
                            _ if letter.is_alphanumeric() => heading.extend(letter.to_lowercase()),
                            _ => {}
                        }
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// Why a link of a document leads nowhere.
fn broken(document: &str, target: &str) -> Option<String> {
    let (file, anchor) = match target.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    };
    let folder = Path::new(document).parent().unwrap();
    let file = if file.is_empty() {
        document.to_owned()
    } else {
        folder.join(file).display().to_string()
    };
    let path = project().join(&file);
    if !path.exists() {
        return Some(format!("{document}: {target}: there is no such file"));
    }
    let is_there = |anchor: &str| anchors(&text(&file)).contains(anchor);
    match anchor {
        Some(anchor) if !is_there(anchor) => {
            Some(format!("{document}: {target}: there is no such heading"))
        }
        _ => None,
    }
}

#[test]
fn every_link_leads_to_a_file_and_a_heading() {
    let mut found = Vec::new();
    for document in documents() {
        for event in parsed(&text(&document)) {
            if let Event::Start(Tag::Link { dest_url, .. }) = event
                && !dest_url.starts_with("https://")
            {
                found.extend(broken(&document, &dest_url));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The paths of the project that a document names, without those that stand for others.
fn paths(text: &str) -> Vec<String> {
    let folders = ["harness/", "tests/", "ci/", "docs/", "scenarios/"];
    let is_path = |code: &str| {
        folders.iter().any(|folder| code.starts_with(folder))
            && !code.contains(['<', '*', ' ', ':'])
    };
    let codes = parsed(text).filter_map(|event| match event {
        Event::Code(code) if is_path(&code) => Some(code.to_string()),
        _ => None,
    });
    codes.collect()
}

#[test]
fn every_path_that_is_named_exists() {
    let mut missing = Vec::new();
    let tutorial = files_of_the_tutorial();
    for document in documents() {
        let named = paths(&text(&document)).into_iter();
        let named = named.filter(|path| tutorial.iter().all(|(file, _)| file != path));
        let named = named.filter(|path| !project().join(path).exists());
        missing.extend(named.map(|path| format!("{document}: {path}")));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn readme_leads_to_every_document() {
    let readme = text("README.md");
    let documents = documents().into_iter();
    let documents = documents.chain(WRITTEN_BY_RELAPSE.map(ToOwned::to_owned));
    let others = documents.filter(|document| document != "README.md");
    let forgotten: Vec<String> = others
        .filter(|document| !readme.contains(&format!("]({document})")))
        .collect();
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

/// The crates that the project asks for, by `Cargo.toml`, without its own.
fn crates() -> BTreeSet<String> {
    let manifest = text("Cargo.toml");
    let section = manifest
        .split("\n[workspace.dependencies]\n")
        .nth(1)
        .unwrap();
    let section = section.split("\n[").next().unwrap();
    let names = section.lines().filter_map(|line| line.split_once(" = "));
    let names = names.filter(|(_, of)| !of.contains("path = "));
    names.map(|(name, _)| name.to_owned()).collect()
}

#[test]
fn every_dependency_has_its_reason_in_the_design() {
    let design = text("DESIGN.md");
    let section = design.split("\n## Dependencies\n").nth(1).unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| "));
    let mut told = BTreeSet::new();
    for row in rows.skip(1) {
        let cells: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
        let [names, purpose, reason] = cells[..] else {
            panic!("a row has three cells: {row}");
        };
        assert!(!purpose.is_empty() && !reason.is_empty(), "{row}");
        told.extend(names.split(", ").map(ToOwned::to_owned));
    }
    assert_eq!(told, crates());
}
