//! Holds: so long, without a break and without a restart.

use super::*;

fn met(pods: &[(&str, u64)]) -> Assessment {
    Assessment::Met(restarts(pods))
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
        hold.observe(not_yet(), 0),
        HoldState::NotMet("Deployment web: readyReplicas is 0 of 1".to_owned())
    );
    assert_eq!(hold.observe(met(&[("a", 0)]), 500), holding);
    assert_eq!(hold.observe(met(&[("a", 0)]), 10_499), holding);
    let long_enough = HoldState::Held { since: 500 };
    assert_eq!(hold.observe(met(&[("a", 0)]), 10_500), long_enough);
}

#[test]
fn a_goal_that_is_met_and_then_not_breaks_the_hold_and_begins_anew() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), 0);
    assert_eq!(
        hold.observe(not_yet(), 9_999),
        HoldState::Broken(
            "was Ready, and then not: Deployment web: readyReplicas is 0 of 1".to_owned()
        )
    );
    assert_eq!(
        hold.observe(met(&[("a", 0)]), 10_000),
        HoldState::Holding {
            since: 10_000,
            until: 20_000
        }
    );
}

#[test]
fn a_restart_breaks_the_hold_though_the_goal_is_met_before_and_after() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0), ("b", 0)]), 0);
    assert_eq!(
        hold.observe(met(&[("a", 0), ("b", 1)]), 4_000),
        HoldState::Broken("container app restarted while everything was Ready".to_owned())
    );
}

#[test]
fn earlier_restarts_are_history() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 7)]), 0);
    let long_enough = HoldState::Held { since: 0 };
    assert_eq!(hold.observe(met(&[("a", 7)]), 10_000), long_enough);
}

#[test]
fn a_pod_that_is_replaced_breaks_the_hold() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[("a", 0)]), 0);
    assert_eq!(
        hold.observe(met(&[("b", 0)]), 4_000),
        HoldState::Broken("a pod was replaced while everything was Ready".to_owned())
    );
}

#[test]
fn a_goal_that_can_never_be_met_is_told_at_once_and_ends_the_hold() {
    let mut hold = Hold::new(10_000);
    hold.observe(met(&[]), 0);
    let never = Assessment::Never("Job once: gave up".to_owned());
    assert_eq!(
        hold.observe(never, 1),
        HoldState::Never("Job once: gave up".to_owned())
    );
    assert_eq!(
        hold.observe(met(&[]), 10_000),
        HoldState::Holding {
            since: 10_000,
            until: 20_000
        }
    );
}

/// What may be seen at one look: the restarts of a pod, or that the goal is not met.
fn looks() -> impl Strategy<Value = Vec<(Millis, Option<u64>)>> {
    let seen = prop_oneof![4 => Just(Some(0)), 1 => Just(Some(1)), 1 => Just(None)];
    prop::collection::vec((0..4_000_u64, seen), 1..40)
}

proptest! {
    #[test]
    fn a_goal_never_held_unless_it_was_met_with_the_same_restarts_for_the_whole_length(
        length in 1..10_000_u64,
        looks in looks(),
    ) {
        let mut hold = Hold::new(length);
        let mut now = 0;
        let mut seen: Vec<(Millis, Option<u64>)> = Vec::new();
        for (passed, restarts) in looks {
            now += passed;
            seen.push((now, restarts));
            let assessment = restarts.map_or_else(not_yet, |count| met(&[("a", count)]));
            let state = hold.observe(assessment, now);
            let unbroken = seen.iter().rev().take_while(|(_, one)| *one == restarts);
            let first = unbroken.last().map_or(now, |(at, _)| *at);
            match state {
                HoldState::Held { since } => {
                    prop_assert!(restarts.is_some());
                    prop_assert!(now - since >= length);
                    prop_assert!(since >= first);
                }
                HoldState::Holding { since, until } => {
                    prop_assert!(restarts.is_some());
                    prop_assert!(until - since == length && now < until);
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
