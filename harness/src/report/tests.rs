//! What people and CI systems read of a run.

use std::path::Path;

use super::{Layout, junit, sample, table, timeline};

fn plain() -> Layout<'static> {
    Layout {
        colour: false,
        folder: Path::new("/project"),
        elapsed: 192_300,
    }
}

#[test]
fn table_explains_what_is_not_proved() {
    insta::assert_snapshot!(table(&sample::rows(), &plain()));
}

#[test]
fn table_of_proved_claims_has_no_reasons() {
    insta::assert_snapshot!(table(&[(sample::proved(), None)], &plain()));
}

#[test]
fn table_of_nothing_says_so() {
    insta::assert_snapshot!(table(&[], &plain()));
}

#[test]
fn colour_changes_no_letter_and_no_column() {
    let coloured = table(
        &sample::rows(),
        &Layout {
            colour: true,
            ..plain()
        },
    );
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, table(&sample::rows(), &plain()));
}

#[test]
fn junit_has_a_place_for_each_verdict() {
    insta::assert_snapshot!(junit("nightly", &sample::all()).expect("valid XML"));
}

#[test]
fn timeline_tells_what_matters_in_order() {
    insta::assert_snapshot!(timeline(&sample::witness()));
}
