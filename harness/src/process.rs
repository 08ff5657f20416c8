//! Runs the programs that relapse drives: docker, kind, the set-up.

use std::ffi::OsStr;
use std::process::Stdio;

use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// A program that could not be run or did not end well.
#[derive(Debug, Error)]
pub enum ProcessError {
    /// It could not be started.
    #[error("cannot run `{command}`: {source}")]
    Start {
        /// The command line.
        command: String,
        /// Why.
        source: std::io::Error,
    },
    /// It ended with another code than 0.
    #[error("`{command}` ended with {status}: {words}")]
    Failed {
        /// The command line.
        command: String,
        /// Its exit status.
        status: std::process::ExitStatus,
        /// The end of what it printed.
        words: String,
    },
}

/// What a program printed, whatever its exit code.
#[derive(Debug)]
pub struct Output {
    /// Whether it ended with code 0.
    pub success: bool,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// A command whose process ends when its future is dropped.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.kill_on_drop(true).stdin(Stdio::null());
    command
}

/// The environment of a program in Go that lives for a moment: collecting garbage would be a third of
/// its work, and threads to share what remains cost more than they bring.
pub const BRIEF: [(&str, &str); 2] = [("GOGC", "off"), ("GOMAXPROCS", "1")];

/// As `command`, for such a program.
pub fn brief_command(program: impl AsRef<OsStr>) -> Command {
    let mut command = command(program);
    command.envs(BRIEF);
    command
}

/// Runs a command to its end, with `input` on standard input.
///
/// # Errors
/// It could not be started or fed.
pub async fn output(mut command: Command, input: Option<&str>) -> Result<Output, ProcessError> {
    let line = describe(&command);
    let started = |source| ProcessError::Start {
        command: line.clone(),
        source,
    };
    if input.is_some() {
        command.stdin(Stdio::piped());
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(started)?;
    let stdin = child.stdin.take();
    // Both at once: a program may print more than a pipe holds before it has read everything.
    let feed = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A program that ends without reading its input says why on standard error.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let ((), output) = tokio::join!(feed, child.wait_with_output());
    let output = output.map_err(started)?;
    Ok(Output {
        success: output.status.success(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs a command that must end with code 0, and returns what it printed.
///
/// # Errors
/// It could not be started, or it failed.
pub async fn must_succeed(mut command: Command) -> Result<String, ProcessError> {
    let line = describe(&command);
    let output = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .await
        .map_err(|source| ProcessError::Start {
            command: line.clone(),
            source,
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(ProcessError::Failed {
        command: line,
        status: output.status,
        words: last_lines(&String::from_utf8_lossy(&output.stderr), 12),
    })
}

/// The last lines of a text, for messages.
#[must_use]
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

fn describe(command: &Command) -> String {
    let command = command.as_std();
    let words: Vec<_> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect();
    words.join(" ")
}
