//! `relapse clean`.

use super::{Failure, print};
use crate::cluster::containers::remove_containers;
use crate::cluster::leftover::{self, Leftover};
use crate::process::ProcessError;
use relapse_judge::exit_code::ExitCode;

/// Says what it deletes and what it leaves, and why, before it deletes anything.
pub(super) async fn clean() -> Result<ExitCode, Failure> {
    let failed = |error: ProcessError| Failure::new(ExitCode::Inconclusive, error);
    let found = leftover::find().await.map_err(failed)?;
    print(&plan(&found).join("\n"))?;
    for cluster in found.iter().filter(|one| !one.state.is_in_use()) {
        remove_containers(&cluster.name).await.map_err(failed)?;
        print(&format!("deleted cluster {}", cluster.name))?;
    }
    Ok(ExitCode::Proved)
}

fn plan(found: &[Leftover]) -> Vec<String> {
    if found.is_empty() {
        return vec!["there are no clusters of relapse".to_owned()];
    }
    let line = |cluster: &Leftover| {
        let Leftover { name, state } = cluster;
        let verb = if state.is_in_use() {
            "leaves"
        } else {
            "deletes"
        };
        format!("{verb} cluster {name}: {state}")
    };
    found.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::cluster::leftover::State;

    #[test]
    fn what_is_deleted_and_what_is_left_is_said_with_the_reason() {
        let minutes = SignedDuration::from_mins;
        let states = [
            State::InUse,
            State::Kept,
            State::Abandoned,
            State::Expired(minutes(61)),
            State::InUseElsewhere(Some(SignedDuration::from_secs(20))),
            State::InUseElsewhere(None),
        ];
        let found: Vec<Leftover> = states
            .into_iter()
            .enumerate()
            .map(|(place, state)| Leftover {
                name: format!("relapse-{place}"),
                state,
            })
            .collect();
        insta::assert_snapshot!(plan(&found).join("\n"), @r"
        leaves cluster relapse-0: its relapse process is running
        deletes cluster relapse-1: kept by --keep
        deletes cluster relapse-2: its relapse process has ended
        deletes cluster relapse-3: made from another host or container, without a sign of life for 1h 1m
        leaves cluster relapse-4: in use from another host or container; last sign of life 20s ago
        leaves cluster relapse-5: perhaps in use from another host or container; its last sign of life cannot be read
        ");
        assert_eq!(plan(&[]), ["there are no clusters of relapse"]);
    }
}
