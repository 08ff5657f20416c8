//! Of which object a refusal is.

use super::*;
use crate::witness::{ObjectKey, Refusal};

const TEXT: &str = "not in the valid range";

fn refusing(key: Option<ObjectKey>, message: &str) -> StepOutcome {
    let message = message.to_owned();
    StepOutcome {
        refusals: vec![Refusal { key, message }],
        ..StepOutcome::default()
    }
}

fn is_refused(outcome: StepOutcome) -> bool {
    let mut story = Story::new();
    let mark = story.begins(Phase::Fault);
    asked(story.does(outcome), REFUSED, mark).holds()
}

fn key(namespace: &str) -> ObjectKey {
    ObjectKey {
        kind: "Service".to_owned(),
        namespace: namespace.to_owned(),
        name: "web".to_owned(),
        group: None,
    }
}

#[test]
fn a_refusal_is_of_the_object_in_its_namespace() {
    assert!(is_refused(refusing(Some(key("")), TEXT)));
    assert!(is_refused(refusing(Some(key("default")), TEXT)));
    assert!(!is_refused(refusing(Some(key("shop")), TEXT)));
}

#[test]
fn a_refusal_without_an_object_counts_unless_it_names_another() {
    assert!(is_refused(refusing(None, TEXT)));
    assert!(is_refused(refusing(
        None,
        &format!("services \"web\": {TEXT}")
    )));
    assert!(!is_refused(refusing(
        None,
        &format!("services \"db\": {TEXT}")
    )));
}

#[test]
fn a_refusal_is_over_when_a_later_step_has_the_object_accepted() {
    let mut story = Story::new();
    let mark = story.begins(Phase::Fault);
    story.does(refusing(Some(key("")), TEXT));
    assert!(asked(&story, REFUSED, mark).holds());
    story.does(StepOutcome {
        applied: vec![applied(&object("Service", "web"), 1)],
        ..StepOutcome::default()
    });
    assert_instead(&story, REFUSED, mark, TEXT);
}
