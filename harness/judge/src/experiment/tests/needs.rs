//! What a claim needs its cluster to be able to do.

use super::*;

fn of_a_policy() -> LoadedScenario {
    claim_with(&[("steady_state:", "needs: [network-policy]\nsteady_state:")])
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_can_do_it_is_judged_as_any() {
    let mut story = Story::new();
    story.is_probed(Capability::NetworkPolicy, true);
    story.is_healthy().breaks().stands().is_cured().is_served();
    let outcome = outcome_of(&of_a_policy(), &story).await;
    assert_eq!(outcome.verdict, Verdict::Proved);
}

#[tokio::test(start_paused = true)]
async fn a_cluster_that_cannot_skips_the_claim_before_any_phase() {
    let mut story = Story::new();
    story.is_probed(Capability::NetworkPolicy, false).ends();
    let outcome = outcome_of(&of_a_policy(), &story).await;
    assert_eq!(outcome.verdict.word(), "skipped");
    assert_eq!(outcome.verdict.reason().as_deref(), Some("network-policy"));
    assert_eq!(outcome.phase, None);
}

#[tokio::test(start_paused = true)]
async fn a_need_that_was_not_tried_proves_nothing() {
    let mut story = Story::new();
    story.is_healthy().breaks().stands().is_cured().is_served();
    let outcome = outcome_of(&of_a_policy(), &story).await;
    assert_eq!(outcome.verdict.word(), "inconclusive");
}
