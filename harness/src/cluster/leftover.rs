//! Clusters that relapse made and that are still there: whose they are, and which may be deleted.
//!
//! An owner on this host and in this PID namespace either runs or has ended. Of any other owner only
//! its signs of life tell: it touches a file in the control plane's node each minute. Without one for
//! [`EXPIRY`] the owner counts as ended. Whatever cannot be found out is decided for leaving.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::interval;

use super::containers::remove_containers;
use super::ownership::{Owner, Ownership, PREFIX};
use crate::process::{ProcessError, brief_command, must_succeed, output};
use relapse_judge::scenario::CONTROL_PLANE;

/// The mark in the control plane's node of a cluster that is kept: containers take no label after
/// they are made.
const KEPT: &str = "/kind/relapse-kept";

/// The file whose time of change is the owner's last sign of life.
const SIGN: &str = "/kind/relapse-alive";

/// How often an owner gives a sign of life.
const RENEWAL: Duration = Duration::from_mins(1);

/// How long a cluster of an owner elsewhere is left alone without a sign of life. Far more than a
/// minute, so that a machine that is overloaded, or slept, has time for the next one.
const EXPIRY: SignedDuration = SignedDuration::from_mins(30);

/// A cluster that relapse made and that is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// The cluster's name.
    pub name: String,
    /// Whose it is.
    pub state: State,
}

/// Whose a cluster is that is still there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its owner runs here.
    InUse,
    /// Its owner has ended, and kept it for the user.
    Kept,
    /// Its owner has ended.
    Abandoned,
    /// Its owner is on another host or in another container, and gave no sign of life for this time.
    Expired(SignedDuration),
    /// Its owner is on another host or in another container, and gave this long ago a sign of life;
    /// `None` where that could not be found out.
    InUseElsewhere(Option<SignedDuration>),
}

impl State {
    /// Whether nobody uses the cluster any more and nobody asked to keep it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Abandoned | Self::Expired(_))
    }

    /// Whether its owner may still be at work on it.
    #[must_use]
    pub const fn is_in_use(self) -> bool {
        matches!(self, Self::InUse | Self::InUseElsewhere(_))
    }

    fn of(owner: Owner, is_kept: bool, silence: Option<SignedDuration>) -> Self {
        match (owner, silence) {
            (Owner::Runs, _) => Self::InUse,
            (Owner::Ended, _) if is_kept => Self::Kept,
            (Owner::Ended, _) => Self::Abandoned,
            (Owner::Elsewhere, Some(silence)) if silence > EXPIRY => {
                if is_kept {
                    Self::Kept
                } else {
                    Self::Expired(silence)
                }
            }
            (Owner::Elsewhere, silence) => Self::InUseElsewhere(silence),
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => write!(f, "its relapse process is running"),
            Self::Kept => write!(f, "kept by --keep"),
            Self::Abandoned => write!(f, "its relapse process has ended"),
            Self::Expired(silence) => write!(
                f,
                "made from another host or container, without a sign of life for {silence:#}"
            ),
            Self::InUseElsewhere(Some(silence)) => write!(
                f,
                "in use from another host or container; last sign of life {silence:#} ago"
            ),
            Self::InUseElsewhere(None) => write!(
                f,
                "perhaps in use from another host or container; its last sign of life cannot be read"
            ),
        }
    }
}

/// The clusters on this engine that relapse made, by name.
///
/// # Errors
/// docker failed.
pub async fn find() -> Result<Vec<Leftover>, ProcessError> {
    let mut found = Vec::new();
    for name in names().await? {
        let Some(lease) = Ownership::in_name(&name) else {
            continue;
        };
        let owner = lease.owner();
        let node = format!("{name}-{CONTROL_PLANE}");
        let is_kept = owner != Owner::Runs && is_kept(&node).await?;
        let silence = match owner {
            Owner::Elsewhere => silence_of(&node).await,
            Owner::Runs | Owner::Ended => None,
        };
        let state = State::of(owner, is_kept, silence);
        found.push(Leftover { name, state });
    }
    Ok(found)
}

/// Deletes the clusters that nobody uses and nobody asked to keep; returns them.
///
/// # Errors
/// docker failed.
pub async fn sweep() -> Result<Vec<Leftover>, ProcessError> {
    let mut over = find().await?;
    over.retain(|cluster| cluster.state.is_over());
    for cluster in &over {
        remove_containers(&cluster.name).await?;
    }
    Ok(over)
}

/// Gives signs of life in a node until it is dropped.
pub(super) async fn give_signs_of_life(node: String) {
    let mut next = interval(RENEWAL);
    loop {
        next.tick().await;
        let mut touch = brief_command("docker");
        touch.args(["exec", &node, "touch", SIGN]);
        // Until the node's container is made its creation counts, and a node that stands still is asked
        // again in a minute.
        let _ = output(touch, None).await;
    }
}

/// Marks the cluster of this control plane as kept.
pub(super) async fn mark_as_kept(node: &str) -> Result<(), ProcessError> {
    let mut touch = brief_command("docker");
    touch.args(["exec", node, "touch", KEPT]);
    must_succeed(touch).await.map(|_| ())
}

async fn names() -> Result<BTreeSet<String>, ProcessError> {
    let mut list = brief_command("docker");
    list.args(["ps", "--all", "--filter", "label=io.x-k8s.kind.cluster"])
        .args(["--format", "{{.Label \"io.x-k8s.kind.cluster\"}}"]);
    Ok(must_succeed(list)
        .await?
        .lines()
        .filter(|name| name.starts_with(PREFIX))
        .map(ToOwned::to_owned)
        .collect())
}

/// A stopped container can be asked too, by copying.
async fn is_kept(node: &str) -> Result<bool, ProcessError> {
    let mut copy = brief_command("docker");
    copy.args(["cp", &format!("{node}:{KEPT}"), "-"]);
    Ok(output(copy, None).await?.success)
}

/// How long ago a node's owner gave a sign of life; `None` where nobody can tell.
async fn silence_of(node: &str) -> Option<SignedDuration> {
    // Both times are the engine's: this host's clock may differ.
    let now = answer(["info", "--format", "{{.SystemTime}}"])
        .await?
        .parse()
        .ok()?;
    let state = "{{.State.Running}} {{.Created}} {{.State.FinishedAt}}";
    let state = answer(["inspect", "--format", state, node]).await?;
    let touched = if state.starts_with("true ") {
        let asked = format!("stat -c %Y {SIGN} || echo none");
        Some(answer(["exec", node, "sh", "-c", &asked]).await?)
    } else {
        None
    };
    Some(silence(now, last_sign(&state, touched.as_deref())?))
}

/// The last sign of life: the touched file's, else that the node was made or, where it stands
/// still now, ran until then.
fn last_sign(state: &str, touched: Option<&str>) -> Option<Timestamp> {
    let [_, created, finished] = state.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    let created: Timestamp = created.parse().ok()?;
    match touched {
        Some("none") => Some(created),
        Some(seconds) => Timestamp::from_second(seconds.parse().ok()?).ok(),
        None => Some(created.max(finished.parse().ok()?)),
    }
}

/// To the second, as it is shown.
fn silence(now: Timestamp, last: Timestamp) -> SignedDuration {
    SignedDuration::from_secs(now.duration_since(last).as_secs().max(0))
}

async fn answer<const N: usize>(arguments: [&str; N]) -> Option<String> {
    let mut docker = brief_command("docker");
    docker.args(arguments);
    let answer = must_succeed(docker).await.ok()?;
    Some(answer.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MADE: &str = "2026-11-30T10:00:00.123456789Z";
    const NEVER: &str = "0001-01-01T00:00:00Z";

    fn at(time: &str) -> Timestamp {
        time.parse().unwrap()
    }

    #[test]
    fn an_owner_here_is_known_to_run_or_to_have_ended_whatever_its_signs() {
        let long = Some(EXPIRY * 100);
        assert_eq!(State::of(Owner::Runs, false, long), State::InUse);
        assert_eq!(State::of(Owner::Ended, false, None), State::Abandoned);
        assert_eq!(State::of(Owner::Ended, true, None), State::Kept);
    }

    #[test]
    fn an_owner_elsewhere_is_left_alone_until_its_signs_of_life_expire() {
        let of = |silence| State::of(Owner::Elsewhere, false, silence);
        let minute = SignedDuration::from_mins(1);
        for silence in [None, Some(SignedDuration::ZERO), Some(minute), Some(EXPIRY)] {
            assert_eq!(of(silence), State::InUseElsewhere(silence));
            assert!(!of(silence).is_over() && of(silence).is_in_use());
        }
        let over = EXPIRY + minute;
        assert_eq!(of(Some(over)), State::Expired(over));
        assert_eq!(State::of(Owner::Elsewhere, true, Some(over)), State::Kept);
        let kept_and_in_use = State::of(Owner::Elsewhere, true, Some(minute));
        assert!(!kept_and_in_use.is_over());
    }

    #[test]
    fn the_last_sign_of_a_node_that_runs_is_the_touched_file_or_its_creation() {
        let state = format!("true {MADE} {NEVER}");
        let touched = at("2026-11-30T10:05:00Z").as_second().to_string();
        let sign = last_sign(&state, Some(&touched)).unwrap();
        assert_eq!(sign, at("2026-11-30T10:05:00Z"));
        assert_eq!(last_sign(&state, Some("none")), Some(at(MADE)));
    }

    #[test]
    fn the_last_sign_of_a_node_that_stands_still_is_when_it_stopped_or_was_made() {
        let stopped = format!("false {MADE} 2026-11-30T11:00:00Z");
        assert_eq!(last_sign(&stopped, None), Some(at("2026-11-30T11:00:00Z")));
        let never_ran = format!("false {MADE} {NEVER}");
        assert_eq!(last_sign(&never_ran, None), Some(at(MADE)));
    }

    #[test]
    fn what_cannot_be_read_is_no_sign_and_no_expiry() {
        for (state, touched) in [
            ("", None),
            ("true", Some("none")),
            ("true yesterday never", Some("none")),
            ("false 2026-11-30T10:00:00Z soon", None),
        ] {
            assert_eq!(last_sign(state, touched), None, "{state:?}");
        }
    }

    #[test]
    fn a_clock_that_went_back_makes_no_negative_silence() {
        let earlier = at("2026-11-30T09:59:00Z");
        assert_eq!(silence(earlier, at(MADE)), SignedDuration::ZERO);
    }
}
