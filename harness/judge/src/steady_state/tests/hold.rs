//! Holds: so long, without a break and without a restart.

use super::*;

fn met(pods: &[(&str, u64)]) -> Assessment {
    Assessment::Met(restarts(pods))
}

/// A moment at which every watch is whole and always was.
fn at(now: Millis) -> Moment {
    Moment {
        now,
        revision: 0,
        blind_since: None,
        whole_since: 0,
    }
}

fn not_yet() -> Assessment {
    Assessment::NotYet("Deployment web: readyReplicas is 0 of 1".to_owned())
}

#[test]
fn a_goal_has_held_when_it_was_met_for_the_whole_length() {
    let mut hold = Hold::new(10_000);
    let holding = HoldState::Holding {
        since: 500,
        until: 10_500,
    };
    assert_eq!(
        hold.observe(not_yet(), at(0)),
        HoldState::NotMet("Deployment web: readyReplicas is 0 of 1".to_owned())
    );
    assert_eq!(hold.observe(met(&[("a", 0)]), at(500)), holding);
    assert_eq!(hold.observe(met(&[("a", 0)]), at(10_499)), holding);
    let long_enough = HoldState::Held { since: 500 };
    assert_eq!(hold.observe(met(&[("a", 0)]), at(10_500)), long_enough);
}

#[test]
fn a_goal_that_is_met_and_then_not_breaks_the_hold_and_begins_anew() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), at(0));
    assert_eq!(
        hold.observe(not_yet(), at(9_999)),
        HoldState::Broken(
            "was Ready, and then not: Deployment web: readyReplicas is 0 of 1".to_owned()
        )
    );
    assert_eq!(
        hold.observe(met(&[("a", 0)]), at(10_000)),
        HoldState::Holding {
            since: 10_000,
            until: 20_000
        }
    );
}

#[test]
fn what_is_met_for_a_moment_has_not_been_met() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), at(500));
    assert_eq!(
        hold.observe(not_yet(), at(1_500)),
        HoldState::NotMet("Deployment web: readyReplicas is 0 of 1".to_owned())
    );
    hold.observe(met(&[("a", 0)]), at(2_000));
    assert!(matches!(
        hold.observe(not_yet(), at(3_001)),
        HoldState::Broken(_)
    ));
}

#[test]
fn a_restart_breaks_the_hold_though_the_goal_is_met_before_and_after() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0), ("b", 0)]), at(0));
    assert_eq!(
        hold.observe(met(&[("a", 0), ("b", 1)]), at(4_000)),
        HoldState::Broken("container app restarted while everything was Ready".to_owned())
    );
}

#[test]
fn earlier_restarts_are_history() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 7)]), at(0));
    let long_enough = HoldState::Held { since: 0 };
    assert_eq!(hold.observe(met(&[("a", 7)]), at(10_000)), long_enough);
}

#[test]
fn a_pod_that_is_replaced_breaks_the_hold() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), at(0));
    let replaced = || HoldState::Broken("a pod was replaced while everything was Ready".to_owned());
    assert_eq!(hold.observe(met(&[("b", 0)]), at(4_000)), replaced());
    // Another one beside it stays as it is.
    hold.observe(met(&[("a", 2), ("b", 0)]), at(5_000));
    let state = hold.observe(met(&[("a", 2), ("c", 0)]), at(6_000));
    assert_eq!(state, replaced());
}

#[test]
fn a_goal_that_can_never_be_met_is_told_at_once_and_ends_the_hold() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[]), at(0));
    let never = Assessment::Never("Job once: gave up".to_owned());
    assert_eq!(
        hold.observe(never, at(1)),
        HoldState::Never("Job once: gave up".to_owned())
    );
    assert_eq!(
        hold.observe(met(&[]), at(10_000)),
        HoldState::Holding {
            since: 10_000,
            until: 20_000
        }
    );
}

/// A moment at which a watch is broken.
fn blind_at(now: Millis, since: Millis) -> Moment {
    Moment {
        blind_since: Some(since),
        ..at(now)
    }
}

/// A moment after a gap.
fn whole_at(now: Millis, since: Millis) -> Moment {
    Moment {
        whole_since: since,
        ..at(now)
    }
}

#[test]
fn nothing_is_held_while_a_watch_is_broken_and_then_the_hold_begins_anew() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), at(0));
    let blind = HoldState::Blind { since: 4_000 };
    let state = hold.observe(met(&[("a", 0)]), blind_at(4_000, 4_000));
    assert_eq!(state, blind);
    let state = hold.observe(met(&[("a", 0)]), blind_at(90_000, 4_000));
    assert_eq!(state, blind);
    let holding = HoldState::Holding {
        since: 95_000,
        until: 105_000,
    };
    let state = hold.observe(met(&[("a", 0)]), whole_at(95_200, 95_000));
    assert_eq!(state, holding);
    let long_enough = HoldState::Held { since: 95_000 };
    let state = hold.observe(met(&[("a", 0)]), whole_at(105_000, 95_000));
    assert_eq!(state, long_enough);
}

#[test]
fn a_gap_from_before_the_goal_was_met_does_not_count() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), whole_at(5_000, 3_000));
    let long_enough = HoldState::Held { since: 5_000 };
    let state = hold.observe(met(&[("a", 0)]), whole_at(15_000, 3_000));
    assert_eq!(state, long_enough);
}

#[test]
fn what_is_met_first_while_a_watch_is_broken_is_held_from_the_end_of_the_gap() {
    let mut hold = Hold::new(10_000);
    let state = hold.observe(met(&[("a", 0)]), blind_at(6_000, 4_000));
    assert_eq!(state, HoldState::Blind { since: 4_000 });
    let state = hold.observe(met(&[("a", 0)]), whole_at(16_999, 7_000));
    let holding = HoldState::Holding {
        since: 7_000,
        until: 17_000,
    };
    assert_eq!(state, holding);
}

#[test]
fn a_break_that_is_seen_in_a_gap_or_across_it_breaks_the_hold() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), at(0));
    let mut across = hold.clone();
    let state = hold.observe(not_yet(), blind_at(5_000, 4_000));
    assert!(matches!(state, HoldState::Broken(_)), "{state:?}");
    across.observe(met(&[("a", 0)]), blind_at(5_000, 4_000));
    assert_eq!(
        across.observe(met(&[("a", 1)]), whole_at(9_000, 8_000)),
        HoldState::Broken("container app restarted while everything was Ready".to_owned())
    );
}

#[test]
fn what_is_not_met_while_a_watch_is_broken_is_told_as_ever() {
    let mut hold = Hold::new(10_000);
    let state = hold.observe(not_yet(), blind_at(5_000, 4_000));
    assert!(matches!(state, HoldState::NotMet(_)), "{state:?}");
}

#[test]
fn when_the_goal_was_met_is_told_of_the_first_look_even_across_a_gap() {
    let at_revision = |moment: Moment, revision| Moment { revision, ..moment };
    let met_at = |at, revision| MetAt { at, revision };
    let mut hold = Hold::new(10_000);
    assert_eq!(hold.met(), None);
    hold.observe(not_yet(), at_revision(at(0), 100));
    assert_eq!(hold.met(), None);
    hold.observe(met(&[("a", 0)]), at_revision(at(1_000), 103));
    hold.observe(met(&[("a", 0)]), at_revision(blind_at(2_000, 2_000), 105));
    hold.observe(met(&[("a", 0)]), at_revision(whole_at(4_000, 3_000), 107));
    assert_eq!(hold.met(), Some(met_at(1_000, 103)));
    hold.observe(not_yet(), at_revision(at(5_000), 109));
    assert_eq!(hold.met(), None);
    hold.observe(met(&[("a", 0)]), at_revision(at(6_000), 111));
    assert_eq!(hold.met(), Some(met_at(6_000, 111)));
}

#[test]
fn a_moment_is_that_of_its_witness() {
    let mut story = Story::new();
    assert_eq!(Moment::of(&story.witness(), 7), Moment { now: 7, ..at(0) });
    story.after(1_000).breaks_off("watch of Pod");
    story.after(2_000).is_whole_again("watch of Pod");
    story.after(500).breaks_off("watch of Event");
    let revision = story.shows(&pod(1)).revision();
    assert_eq!(
        Moment::of(&story.witness(), 4_000),
        Moment {
            now: 4_000,
            revision,
            blind_since: Some(3_500),
            whole_since: 3_000,
        }
    );
}

/// One look: how long after the last one, the restarts of a pod or that the goal is not met, and
/// whether a watch is broken.
type Look = (Millis, Option<u64>, bool);

fn looks() -> impl Strategy<Value = Vec<Look>> {
    let seen = prop_oneof![6 => Just(Some(0)), 1 => Just(Some(1)), 1 => Just(None)];
    let look = (0..4_000_u64, seen, prop::bool::weighted(0.1));
    prop::collection::vec(look, 1..40)
}

proptest! {
    #[test]
    fn a_goal_never_held_unless_it_was_met_with_the_same_restarts_and_seen_for_the_whole_length(
        length in 1..10_000_u64,
        looks in looks(),
    ) {
        let mut hold = Hold::new(length);
        let mut moment = at(0);
        let mut seen: Vec<(Millis, Option<u64>)> = Vec::new();
        for (passed, restarts, blind) in looks {
            moment.now += passed;
            let now = moment.now;
            match (blind, moment.blind_since) {
                (true, None) => moment.blind_since = Some(now),
                (false, Some(_)) => {
                    moment.blind_since = None;
                    moment.whole_since = now;
                }
                _ => {}
            }
            seen.push((now, restarts));
            let assessment = restarts.map_or_else(not_yet, |count| met(&[("a", count)]));
            let state = hold.observe(assessment, moment);
            let unbroken = seen.iter().rev().take_while(|(_, one)| *one == restarts);
            let first = unbroken.last().map_or(now, |(at, _)| *at);
            let first = first.max(moment.whole_since);
            match state {
                HoldState::Held { since } => {
                    prop_assert!(restarts.is_some() && !blind);
                    prop_assert!(now - since >= length);
                    prop_assert!(since >= first);
                }
                HoldState::Holding { since, until } => {
                    prop_assert!(restarts.is_some() && !blind);
                    prop_assert!(until - since == length && now < until && since >= first);
                }
                HoldState::Blind { since } => {
                    prop_assert!(restarts.is_some());
                    prop_assert_eq!(Some(since), moment.blind_since);
                }
                HoldState::NotMet(_) => prop_assert!(restarts.is_none()),
                // It was met at the look before, otherwise.
                HoldState::Broken(_) => {
                    let before = seen.iter().rev().nth(1).and_then(|(_, one)| *one);
                    prop_assert!(before.is_some() && before != restarts);
                }
                HoldState::Never(_) => prop_assert!(false),
            }
        }
    }
}
