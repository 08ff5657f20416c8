//! What happens to the world while a claim is tried.

use std::path::Path;
use std::process::Stdio;

use relapse::event::Event;
use serde::Deserialize;
use tokio::process::Command;
use tokio::sync::mpsc;

/// Finds the node of a cluster by the folder that it mounts, waiting until it is there: no event
/// tells its name.
const FIND_NODE: &str = r#"
node() {
  timeout 120 sh -c 'until docker ps --all --filter "volume=$EVIDENCE/certs.d" --format "{{.Names}}" | grep .; do sleep 0.1; done'
}
"#;

/// Something that happens at one moment of a run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Disturbance {
    /// The stage at which it happens, as relapse tells it: `preflight`, `cluster`, `fault`.
    pub at: String,
    /// A part of what is awaited then, where it does not happen at the stage's beginning.
    #[serde(default)]
    pub awaiting: Option<String>,
    /// Shell commands. `$(node)` is the name of the cluster's node; none for an interrupt.
    #[serde(default)]
    pub run: Option<String>,
    /// Shell commands that put right what others need too; without it nothing is.
    #[serde(default)]
    pub undo: Option<String>,
}

impl Disturbance {
    fn is_due(&self, stage: &str, event: &Event) -> bool {
        stage == self.at
            && match (event, &self.awaiting) {
                (Event::Stage { .. }, None) => true,
                (Event::Waiting { awaited, .. }, Some(part)) => awaited.contains(part),
                _ => false,
            }
    }

    /// Whether what happens concerns all runs on this machine, so that it must be the only one.
    pub fn is_everywhere(&self) -> bool {
        self.undo.is_some()
    }

    /// Lets it happen once, at its moment; an interrupt is told by `interrupt`. Returns whether the
    /// moment came.
    pub async fn follow(
        &self,
        mut events: mpsc::UnboundedReceiver<Event>,
        evidence: &Path,
        interrupt: impl Fn(),
    ) -> bool {
        let mut stage = String::new();
        let mut done = false;
        while let Some(event) = events.recv().await {
            if let Event::Stage { stage: now, .. } = &event {
                stage = now.to_string();
            }
            if !done && self.is_due(&stage, &event) {
                done = true;
                match &self.run {
                    Some(commands) => shell(commands, evidence).await,
                    None => interrupt(),
                }
            }
        }
        if let Some(commands) = &self.undo {
            shell(commands, evidence).await;
        }
        done
    }
}

async fn shell(commands: &str, evidence: &Path) {
    let status = Command::new("sh")
        .args(["-ec", &format!("{FIND_NODE}{commands}")])
        .env("EVIDENCE", evidence)
        .stdout(Stdio::null())
        .status()
        .await;
    assert!(status.is_ok_and(|status| status.success()), "{commands}");
}
