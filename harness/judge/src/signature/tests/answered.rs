//! Answers that are asked for again and again.

use super::*;
use crate::steady_state::MetAt;

const DOWN: &str = "
- http:
    name: the target is down
    service: prometheus
    port: 9090
    path: /api/v1/targets
";

const NAME: &str = "the target is down";

fn holds(story: &Story, since: impl Into<Since>) -> bool {
    let clauses: Vec<Clause> = yaml(DOWN);
    matches(&story.witness(), &clauses, since).holds()
}

#[test]
fn an_answer_that_fits_holds_until_it_does_not() {
    let mut story = Story::new();
    let mark = story.begins(Phase::Fault);
    assert!(!holds(&story, mark));
    story.after(1_000).replies(NAME, false);
    assert!(!holds(&story, mark));
    story.after(1_000).replies(NAME, true);
    assert!(holds(&story, mark));
    story.after(1_000).replies("the target is up", false);
    assert!(holds(&story, mark));
    story.after(1_000).replies(NAME, false);
    assert!(!holds(&story, mark));
}

#[test]
fn an_answer_counts_for_the_phase_in_which_it_was_asked_for() {
    let mut story = Story::new();
    story.after(1_000).replies(NAME, true);
    let mark = story.after(1_000).begins(Phase::Fault);
    assert!(!holds(&story, mark));
    story.after(1_000).replies_late(NAME, true, 1_500);
    assert!(!holds(&story, mark));
    story.replies_late(NAME, true, 2_001);
    assert!(holds(&story, mark));
}

#[test]
fn where_everything_is_ready_an_answer_counts_that_was_asked_for_after_that() {
    let mut story = Story::new();
    let phase = story.after(1_000).begins(Phase::Remedy);
    let met = Some(MetAt {
        at: 5_000,
        revision: 0,
    });
    let since = Since {
        phase,
        met,
        asked: 0,
    };
    story.after(3_000).replies(NAME, true);
    assert!(holds(&story, phase) && !holds(&story, since));
    story.after(3_000).replies(NAME, true);
    assert!(holds(&story, since));
}

#[test]
fn what_is_seen_instead_is_the_last_answer() {
    let clauses: Vec<Clause> = yaml(DOWN);
    let mut story = Story::new();
    let mark = story.begins(Phase::Fault);
    let seen = |story: &Story| matches(&story.witness(), &clauses, mark).missing()[0].clone();
    assert_eq!(seen(&story).awaited, NAME);
    assert_eq!(seen(&story).seen, "it was not answered yet");
    story.after(1_000).replies(NAME, false);
    assert_eq!(seen(&story).seen, "otherwise");
}
