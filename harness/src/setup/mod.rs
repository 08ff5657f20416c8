//! Asks the set-up (`ci/setup`) for what a run needs, and reads its answers.

mod availability;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use thiserror::Error;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Child;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::process::{command, last_lines, output};

pub use availability::Outlook;

/// How long an interrupted set-up may take to end what it had begun.
const CLEAN_UP: Duration = Duration::from_secs(20);

/// The set-up failed; its own words say what failed and what to do.
#[derive(Debug, Error)]
pub enum SetUpError {
    /// The project has no set-up program.
    #[error("{0} is missing; next: run relapse inside its project folder")]
    Missing(PathBuf),
    /// It could not be run.
    #[error("cannot run the set-up: {0}")]
    Start(#[from] std::io::Error),
    /// It ended with an error.
    #[error("the set-up failed: {0}")]
    Failed(String),
    /// A signal ended the run while the set-up worked; it was ended too.
    #[error("interrupted")]
    Interrupted,
    /// It did not answer what was asked.
    #[error("the set-up did not say what `{0}` is; next: `make setup`")]
    NoAnswer(String),
}

/// The set-up of one project.
#[derive(Debug, Clone)]
pub struct SetUp {
    program: PathBuf,
    interrupt: CancellationToken,
}

/// Where the tools of a run are.
#[derive(Debug, Clone)]
pub struct Tools {
    /// The `kind` program.
    pub kind: PathBuf,
    /// The node image for the run's Kubernetes.
    pub node_image: String,
    /// The registry as nodes reach it, `name:port`.
    pub registry: String,
    /// The host's cgroup version.
    pub cgroup: String,
    /// How images come here, `pull` or `build`.
    pub mode: String,
}

/// Whether an image can be had here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Image {
    /// The registry has it.
    Ready,
    /// It can be neither pulled nor built; why.
    Lacking(String),
}

/// Whether an image exists upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upstream {
    /// It does not.
    Absent,
    /// It does.
    Present,
    /// It is absent here, and nobody was asked about upstream; why.
    Unverified(String),
    /// That could not be found out; why.
    Unknown(String),
}

impl SetUp {
    /// The set-up of the project in this folder. An interrupt ends what it is doing.
    #[must_use]
    pub fn of(root: &Path, interrupt: CancellationToken) -> Self {
        Self {
            program: root.join("ci/setup"),
            interrupt,
        }
    }

    /// Makes sure of engine, kind, node image and registry.
    ///
    /// # Errors
    /// The set-up failed.
    pub async fn tools(
        &self,
        kubernetes: &str,
        progress: impl FnMut(String),
    ) -> Result<Tools, SetUpError> {
        let node = format!("node:{kubernetes}");
        let facts = self
            .ask(&["engine", "kind", &node, "registry"], progress)
            .await?;
        let fact = |key: &str| {
            facts
                .get(key)
                .cloned()
                .ok_or_else(|| SetUpError::NoAnswer(key.to_owned()))
        };
        Ok(Tools {
            kind: fact("kind")?.into(),
            node_image: fact(&node)?,
            registry: fact("registry")?,
            cgroup: fact("cgroup")?,
            mode: fact("mode")?,
        })
    }

    /// Makes sure of images; those that cannot be had are an answer, not an error.
    ///
    /// # Errors
    /// The set-up failed.
    pub async fn images(
        &self,
        references: &[String],
        progress: impl FnMut(String),
    ) -> Result<Vec<(String, Image)>, SetUpError> {
        let answers = self.ask_each("image", references, progress).await?;
        Ok(answers
            .into_iter()
            .map(|(reference, answer)| match answer.as_str() {
                "ready" => (reference, Image::Ready),
                why => (reference, Image::Lacking(rest(why))),
            })
            .collect())
    }

    /// Asks whether images exist upstream.
    ///
    /// # Errors
    /// The set-up failed.
    pub async fn upstream(
        &self,
        references: &[String],
        progress: impl FnMut(String),
    ) -> Result<Vec<(String, Upstream)>, SetUpError> {
        let answers = self.ask_each("absent", references, progress).await?;
        Ok(answers
            .into_iter()
            .map(|(reference, answer)| match answer.as_str() {
                "absent" => (reference, Upstream::Absent),
                "present" => (reference, Upstream::Present),
                why if why.starts_with("unverified ") => {
                    (reference, Upstream::Unverified(rest(why)))
                }
                why => (reference, Upstream::Unknown(rest(why))),
            })
            .collect())
    }

    async fn ask_each(
        &self,
        need: &str,
        references: &[String],
        progress: impl FnMut(String),
    ) -> Result<Vec<(String, String)>, SetUpError> {
        if references.is_empty() {
            return Ok(Vec::new());
        }
        let needs: Vec<String> = references
            .iter()
            .map(|reference| format!("{need}:{reference}"))
            .collect();
        let words: Vec<&str> = needs.iter().map(String::as_str).collect();
        let mut facts = self.ask(&words, progress).await?;
        references
            .iter()
            .zip(needs)
            .map(|(reference, need)| match facts.remove(&need) {
                Some(answer) => Ok((reference.clone(), answer)),
                None => Err(SetUpError::NoAnswer(need)),
            })
            .collect()
    }

    async fn ask(
        &self,
        needs: &[&str],
        mut progress: impl FnMut(String),
    ) -> Result<BTreeMap<String, String>, SetUpError> {
        if !self.program.exists() {
            return Err(SetUpError::Missing(self.program.clone()));
        }
        let mut child = command(&self.program)
            .args(needs)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut words = String::new();
        let mut answers = String::new();
        let (stderr, stdout) = (child.stderr.take(), child.stdout.take());
        let listened = async {
            if let (Some(stderr), Some(mut stdout)) = (stderr, stdout) {
                let told = async {
                    let mut lines = BufReader::new(stderr).lines();
                    while let Some(line) = lines.next_line().await? {
                        words.push_str(&line);
                        words.push('\n');
                        progress(line);
                    }
                    Ok::<(), std::io::Error>(())
                };
                tokio::try_join!(told, stdout.read_to_string(&mut answers))?;
            }
            child.wait().await
        };
        let ended = tokio::select! {
            biased;
            () = self.interrupt.cancelled() => None,
            status = listened => Some(status?),
        };
        match ended {
            None => {
                end(&mut child).await;
                return Err(SetUpError::Interrupted);
            }
            Some(status) if !status.success() => {
                return Err(SetUpError::Failed(last_lines(&words, 12)));
            }
            Some(_) => {}
        }
        // A reference holds `:` and may hold `=` in no place, so the first `=` ends the key.
        Ok(answers
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect())
    }
}

/// The set-up's own clean-up wants a signal that it can catch, and a moment.
async fn end(child: &mut Child) {
    if let Some(pid) = child.id() {
        let mut kill = command("kill");
        kill.args(["-TERM", &pid.to_string()]);
        // Where it cannot be asked to end, dropping it kills it.
        let _ = output(kill, None).await;
        let _ = timeout(CLEAN_UP, child.wait()).await;
    }
}

fn rest(answer: &str) -> String {
    answer
        .split_once(' ')
        .map_or(answer, |(_, why)| why)
        .to_owned()
}
