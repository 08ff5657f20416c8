//! The pages of the catalogue: those in the repository are fresh, and lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use pulldown_cmark::{Event, Options, Parser};
use relapse::evidence::read_proofs;
use relapse_judge::failure_docs::{MARK, Page, pages};
use relapse_judge::library::load_library;
use relapse_judge::verdict::RecordedVerdicts;
use relapse_tests::project;

/// The pages of the project as they must be.
fn fresh() -> Vec<Page> {
    let library = load_library(&project()).unwrap_or_else(|error| panic!("{error}"));
    let (proofs, unread) = read_proofs(&project());
    assert!(unread.is_empty(), "{unread:?}");
    pages(&library, &proofs)
}

#[test]
fn the_pages_in_the_repository_are_fresh() {
    for Page { file, text } in fresh() {
        let checked_in = fs::read_to_string(project().join(file)).unwrap_or_default();
        assert!(
            checked_in == text,
            "{file} is not that of the scenarios and recordings: \
             run `cargo run -p relapse -- catalogue` and commit it"
        );
    }
}

#[test]
fn every_link_leads_to_a_heading_or_a_file() {
    let pages = fresh();
    let anchors: BTreeSet<String> = pages
        .iter()
        .flat_map(|page| headings(&page.text).map(move |id| format!("{}#{id}", page.file)))
        .collect();
    for page in &pages {
        for target in targets(&page.text) {
            let whole = match target.split_once('#') {
                Some(("", id)) => format!("{}#{id}", page.file),
                Some((file, id)) => format!("docs/{file}#{id}"),
                None => {
                    let path = project().join("docs").join(target);
                    assert!(path.exists(), "{}: {target}", page.file);
                    continue;
                }
            };
            assert!(anchors.contains(&whole), "{}: {target}", page.file);
        }
    }
}

#[test]
fn everything_that_a_claim_may_have_is_on_its_page() {
    for case in [
        "every-step-clause-and-check",
        "everything-beside-the-claim",
        "failures-without-experiment",
        "variants-of-failures",
        "letters-that-act",
    ] {
        let library = load_library(&Path::new("inputs/valid").join(case));
        let library = library.unwrap_or_else(|error| panic!("{error}"));
        let pages = pages(&library, &RecordedVerdicts::default());
        let text: String = pages.into_iter().map(|page| page.text).collect();
        insta::assert_snapshot!(case, text);
    }
}

#[test]
fn no_page_has_html_beside_its_mark() {
    let hostile = load_library(Path::new("inputs/valid/letters-that-act")).unwrap();
    let pages = fresh()
        .into_iter()
        .chain(pages(&hostile, &RecordedVerdicts::default()));
    for page in pages {
        let events = Parser::new_ext(&page.text, Options::ENABLE_TABLES);
        let html: Vec<String> = events
            .filter_map(|event| match event {
                Event::Html(html) | Event::InlineHtml(html) => Some(html.to_string()),
                _ => None,
            })
            .collect();
        assert_eq!(html.len(), 1, "{}: {html:?}", page.file);
        assert!(html[0].starts_with(MARK), "{html:?}");
    }
}

/// The anchors that headings of one word make.
fn headings(text: &str) -> impl Iterator<Item = &str> {
    let headings = text.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim())
}

/// Where the links of a page lead; what is escaped is none.
fn targets(text: &str) -> impl Iterator<Item = &str> {
    let links = text.match_indices("](");
    let links = links.filter(|(place, _)| !text[..*place].ends_with('\\'));
    links.filter_map(|(place, mark)| Some(text[place + mark.len()..].split_once(')')?.0))
}
