//! What people and CI systems read of a run.

use std::path::Path;

use super::{Layout, Paint, junit, measures, parts, table, timeline};
use crate::exit_code::Standard;
use crate::phase::Phase;
use crate::scenario::Perturbation;
use crate::testing::{Story, event, pod, sample};
use crate::text::one_line;
use crate::witness::{Effect, Refusal};

fn plain() -> Layout<'static> {
    Layout {
        colour: false,
        folder: Path::new("/project"),
        elapsed: 192_300,
        thorough: false,
        repeated: false,
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
fn table_tells_where_all_stress_is_declared_not_applicable() {
    let unstressed = sample::unstressed();
    let text = table(
        &[(unstressed.clone(), None), (sample::thorough(), None)],
        &plain(),
    );
    let line = "image-tag-never-published was put under no stress, all of it is declared not \
                applicable: delete-pods (nothing of it runs as a pod), kill-container";
    assert!(one_line(&text).contains(line), "{text}");
    assert!(measures(&unstressed).ends_with(", all stress declared not applicable"));
    assert!(!measures(&sample::thorough()).contains("not applicable"));
}

#[test]
fn a_premise_that_nobody_could_verify_is_told_of_a_proved_claim() {
    let premise = "that web:9 does not exist upstream (no container registry answers here)";
    let proved = crate::verdict::Finished {
        unverified: vec![premise.to_owned()],
        ..sample::proved()
    };
    let line = format!("{}: not verified: {premise}", proved.id);
    for thorough in [false, true] {
        let layout = Layout {
            thorough,
            ..plain()
        };
        let text = one_line(&table(&[(proved.clone(), None)], &layout));
        let words = if thorough { premise } else { line.as_str() };
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_refusal_takes_three_lines_at_most() {
    let message =
        "Deployment.apps \"web\" is invalid:\n* spec.selector: Required value ".repeat(20);
    let refusal = Refusal { key: None, message };
    let told = format!(
        "apply broken.yaml: the API server refused: {}",
        refusal.brief()
    );
    let lines = crate::text::wrapped(&told, "  ", crate::text::LINE);
    assert_eq!(lines.lines().count(), 3, "{lines}");
}

#[test]
fn table_of_nothing_says_so() {
    insta::assert_snapshot!(table(&[], &plain()));
}

#[test]
fn table_of_a_thorough_run_tells_what_was_tried() {
    let layout = Layout {
        thorough: true,
        ..plain()
    };
    insta::assert_snapshot!(table(&[(sample::thorough(), None)], &layout));
}

#[test]
fn table_of_an_ordinary_run_tells_which_claims_are_answered() {
    insta::assert_snapshot!(table(&[(sample::thorough(), None)], &plain()));
}

#[test]
fn table_of_repetitions_shows_how_they_are_spread() {
    let layout = Layout {
        repeated: true,
        ..plain()
    };
    let rows = [(sample::repeated(), None), (sample::skipped(), None)];
    insta::assert_snapshot!(table(&rows, &layout));
}

#[test]
fn no_line_of_a_table_is_wider_than_a_terminal() {
    let layout = Layout {
        thorough: true,
        repeated: true,
        ..plain()
    };
    let mut rows = sample::rows();
    rows.push((sample::repeated(), None));
    for line in table(&rows, &layout).lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[test]
fn parts_are_told_with_what_they_change_and_what_showed_that_they_are_needed() {
    insta::assert_snapshot!(parts(&sample::parts(), Paint::new(false)));
}

#[test]
fn parts_have_the_same_letters_in_colour() {
    let coloured = parts(&sample::parts(), Paint::new(true));
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, parts(&sample::parts(), Paint::new(false)));
}

#[test]
fn colour_changes_no_letter_and_no_column() {
    let everything = Layout {
        thorough: true,
        repeated: true,
        ..plain()
    };
    let coloured = table(
        &sample::rows(),
        &Layout {
            colour: true,
            ..everything
        },
    );
    let stripped = anstream::adapter::strip_str(&coloured).to_string();
    assert_ne!(coloured, stripped);
    assert_eq!(stripped, table(&sample::rows(), &everything));
}

#[test]
fn only_the_header_of_a_table_stays_behind() {
    let layout = Layout {
        colour: true,
        ..plain()
    };
    let coloured = table(&[(sample::proved(), None)], &layout);
    let faint = Paint::new(true).faint("|");
    let (begins, _) = faint.split_once('|').expect("a style");
    let is_faint: Vec<bool> = coloured
        .lines()
        .take(2)
        .map(|line| line.starts_with(begins))
        .collect();
    assert_eq!(is_faint, [true, false]);
}

#[test]
fn junit_has_a_place_for_each_verdict() {
    let xml = junit("nightly", &sample::all(), &Standard::default());
    insta::assert_snapshot!(xml.expect("valid XML"));
}

#[test]
fn junit_has_flaky_runs_of_a_success_where_they_are_allowed() {
    let standard = Standard {
        allow_flaky: true,
        ..Standard::default()
    };
    let xml = junit("nightly", &[sample::flaky(), sample::repeated()], &standard);
    insta::assert_snapshot!(xml.expect("valid XML"));
}

#[test]
fn timeline_tells_what_matters_in_order() {
    insta::assert_snapshot!(timeline(&sample::witness()));
}

#[test]
fn timeline_tells_what_perturbations_did() {
    let mut story = Story::new();
    story.begins(Phase::Stress);
    for (perturbation, effect) in [
        (
            Perturbation::DeletePods,
            Effect::Seen {
                proof: "pod web-1-a is gone".to_owned(),
            },
        ),
        (Perturbation::KillContainer, Effect::Awaited),
        (
            Perturbation::PauseNode,
            Effect::Impossible {
                why: "nodes share a kernel".to_owned(),
            },
        ),
        (
            Perturbation::CutNetwork,
            Effect::Missing {
                why: "the node answers".to_owned(),
            },
        ),
    ] {
        story.is_perturbed(perturbation, effect);
    }
    let told = timeline(&story.witness());
    let told: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("stress"))
        .collect();
    insta::assert_snapshot!(told.join("\n"), @"
        0.000  stress  delete-pods: pod web-1-a is gone
        0.000  stress  kill-container
        0.000  stress  pause-node cannot be done here: nodes share a kernel
        0.000  stress  cut-network had no effect: the node answers
    ");
}

#[test]
fn timeline_tells_an_event_when_it_arises_in_a_phase() {
    let backing_off = event(&pod(1), "Warning", "BackOff", "restarting");
    let mut story = Story::new();
    story.shows(&event(&pod(1), "Warning", "Failed", "no space"));
    story.begins(Phase::Fault);
    story.after(500).shows(&backing_off);
    story.after(500).loses(&backing_off);
    let told = timeline(&story.witness());
    let told: Vec<&str> = told.lines().filter(|line| line.contains("event")).collect();
    assert_eq!(
        told,
        ["    0.500  event   Warning BackOff about Pod web-1-a: restarting"]
    );
}

#[test]
fn junit_has_letters_that_xml_has_whatever_a_claim_is_called() {
    let mut proved = sample::proved();
    proved.title = "a\u{1b}[8mb\0\u{fffe}\u{ffff}\u{9b}\u{202e}\r<b>]]>&".to_owned();
    let xml = junit("run", &[proved], &Standard::default()).unwrap();
    let legal = |c: char| matches!(c, '\n' | '\t' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}');
    assert!(xml.chars().all(legal), "{xml:?}");
    assert!(!xml.contains(['\u{9b}', '\u{202e}']), "{xml:?}");
    assert!(
        xml.contains("\\u{fffe}") && xml.contains("&lt;b&gt;"),
        "{xml}"
    );
}
