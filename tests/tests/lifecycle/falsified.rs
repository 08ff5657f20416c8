//! Recordings in which one thing is otherwise: an honest judge gives another verdict, for the
//! right reason. Each falsification is made of every recording to which it can be applied.

mod cure;
mod failure;

use relapse_judge::phase::Phase;
use relapse_judge::verdict::{Because, Obstacle};
use relapse_judge::witness::{Observation, Record};
use relapse_tests::tape::Tape;

/// How a falsified recording may end: the reason, and the phase in which it is given.
type End = (&'static str, Phase);

/// Plays every recording that fits, falsified; each ends for one of these reasons in this phase.
async fn expect(
    reasons: &[&'static str],
    phase: Phase,
    fits: impl Fn(&Tape) -> bool,
    falsify: impl Fn(&mut Tape),
) {
    expect_in(reasons, |tape| fits(tape).then_some(phase), falsify).await;
}

/// Plays every recording in which this finds a phase, falsified; each ends for one of these reasons
/// there.
async fn expect_in(
    reasons: &[&'static str],
    phase: impl Fn(&Tape) -> Option<Phase>,
    falsify: impl Fn(&mut Tape),
) {
    let ends = |tape: &Tape| {
        let phase = phase(tape)?;
        Some(reasons.iter().map(|reason| (*reason, phase)).collect())
    };
    expect_end(ends, falsify).await;
}

/// Plays every recording for which this knows ends, falsified; each comes to one of them.
async fn expect_end(ends: impl Fn(&Tape) -> Option<Vec<End>>, falsify: impl Fn(&mut Tape)) {
    let mut played = 0;
    let mut wrong = Vec::new();
    for mut tape in Tape::all() {
        let Some(ends) = ends(&tape) else {
            continue;
        };
        falsify(&mut tape);
        let outcome = tape.outcome().await;
        let reason = outcome.verdict.reason().unwrap_or_default();
        let is_meant = |end: &End| end.0 == reason && Some(end.1) == outcome.phase;
        if !ends.iter().any(is_meant) {
            let detail = outcome.verdict.detail().unwrap_or_default();
            let phase = outcome.phase;
            wrong.push(format!("{}: {reason} in {phase:?}: {detail}", tape.name));
        }
        played += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(played > 0, "no recording fits");
}

fn any(_: &Tape) -> bool {
    true
}

#[tokio::test(start_paused = true)]
async fn lost_in_the_middle_of_a_phase_it_is_inconclusive() {
    for phase in [
        Phase::SteadyState,
        Phase::Fault,
        Phase::Control,
        Phase::Remedy,
    ] {
        let has = |tape: &Tape| tape.has(phase);
        expect(&["api-lost"], phase, has, |tape| {
            let lost = Because {
                reason: Obstacle::ApiLost,
                detail: "the API server does not answer".to_owned(),
            };
            let place = tape.phase(phase).start;
            tape.records.insert(
                place,
                Record {
                    at: tape.records[place - 1].at,
                    observation: Observation::Lost(lost),
                },
            );
        })
        .await;
    }
}

/// So many times each recording is cut, at even distances.
const CUTS: usize = 12;

#[tokio::test(start_paused = true)]
async fn cut_off_anywhere_it_is_inconclusive() {
    for tape in Tape::all() {
        let asks = |record: &Record| {
            matches!(
                record.observation,
                Observation::Check(_) | Observation::Phase(_)
            )
        };
        let last = tape.records.iter().rposition(asks).unwrap();
        for length in (0..=last).step_by(last / CUTS + 1).chain([last]) {
            let mut cut = tape.clone();
            cut.records.truncate(length);
            let reason = cut.outcome().await.verdict.reason();
            assert_eq!(
                reason.as_deref(),
                Some("api-lost"),
                "{} at {length}",
                tape.name
            );
        }
    }
}
