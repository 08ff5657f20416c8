//! What is tried beside a proved claim, each on a cluster of its own: wrong remedies, other remedies,
//! what is harmless, the healthy start without the fault, and the remedy without each of its parts.
//!
//! A fresh cluster is the only reset that forgets nothing: owners of folders on the node, back-offs,
//! and what controllers remember.

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;

use super::attempt::Attempt;
use super::session::Judged;
use crate::event::{Event, Stage};
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::verdict::{Beside, Course, Finished, Verdict, statements, together};

/// One attempt with its verdict. Where it was asked for, the variations of a proved scenario follow before
/// other scenarios begin: an interrupted long run then has whole verdicts.
pub(super) async fn judged(attempt: Attempt) -> Judged {
    let attempt = Arc::new(attempt);
    attempt.tell(Stage::Queued);
    let thorough = attempt.session.options.thorough;
    let _scenario = if thorough {
        Some(attempt.session.claims.acquire().await)
    } else {
        None
    };
    let mut finished = Arc::clone(&attempt).finish().await;
    if thorough && finished.verdict == Verdict::Proved {
        finished = with_variations(&attempt, finished).await;
    }
    let evidence = attempt.folder.exists().then(|| attempt.folder.clone());
    (finished, evidence)
}

async fn with_variations(attempt: &Attempt, proved: Finished) -> Finished {
    let tell = |judged: usize, of: usize, last: &str| {
        attempt.events.tell(Event::Waiting {
            label: attempt.label.clone(),
            awaited: format!("variations: {judged} of {of} judged"),
            seen: last.to_owned(),
        });
    };
    let tried = try_all(attempt, &proved, tell).await;
    let all = together(proved.clone(), tried);
    attempt.rewritten(Finished {
        claims: statements(&attempt.scenario, &proved, &all),
        ..all
    })
}

/// Everything that is to be tried beside a claim that came to this, with the scenario that is
/// conducted.
pub(crate) fn beside(
    scenario: &Arc<LoadedScenario>,
    claim: &Finished,
) -> Vec<(Course, Beside, Arc<LoadedScenario>)> {
    let asides = scenario.scenario.asides().map(|aside| {
        let what = Beside::Aside {
            kind: aside.kind,
            title: aside.title.to_owned(),
        };
        (Course::of(&aside), what, Arc::clone(scenario))
    });
    let parts = scenario.parts().into_iter().enumerate();
    let parts = parts.map(|(place, part)| {
        let what = Beside::Without {
            part: part.name,
            diff: part.diff,
            precaution: part.precaution,
        };
        let lacking = Arc::new(scenario.without(place));
        (Course::Without(place), what, lacking)
    });
    let placebo = placebo(scenario, claim).into_iter();
    let placebo = placebo.map(|course| (course, Beside::Placebo, Arc::clone(scenario)));
    asides.chain(placebo).chain(parts).collect()
}

/// The healthy start without the fault, for as long as the failures took to appear and stood; none
/// where there is no such start.
fn placebo(scenario: &LoadedScenario, claim: &Finished) -> Option<Course> {
    scenario.scenario.steady_state.as_ref()?;
    let stood = scenario
        .scenario
        .chain()
        .map(|one| one.control.hold.as_millis());
    let appeared = claim.time_to_signature?;
    Some(Course::Placebo(stood.fold(appeared, u64::saturating_add)))
}

/// Tries everything beside a claim; `tell` hears how many are judged, of how many, and what came
/// of the last.
async fn try_all(
    claim: &Attempt,
    proved: &Finished,
    mut tell: impl FnMut(usize, usize, &str),
) -> Vec<(Beside, Finished)> {
    let all = beside(&claim.scenario, proved);
    let count = all.len();
    tell(0, count, "");
    let mut running: FuturesUnordered<_> = all
        .into_iter()
        .enumerate()
        .map(|(place, (course, what, conducted))| async move {
            (
                place,
                what,
                Arc::new(claim.beside(course, conducted)).finish().await,
            )
        })
        .collect();
    let mut judged = Vec::new();
    while let Some((place, what, finished)) = running.next().await {
        judged.push((place, what, finished));
        let (_, what, finished) = &judged[judged.len() - 1];
        let words = finished
            .stood
            .as_deref()
            .or_else(|| finished.verdict.detail());
        tell(
            judged.len(),
            count,
            &format!("{what}: {}", words.unwrap_or_default()),
        );
    }
    judged.sort_by_key(|(place, ..)| *place);
    judged
        .into_iter()
        .map(|(_, what, finished)| (what, finished))
        .collect()
}
