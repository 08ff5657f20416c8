//! Draws a run while it goes on: a live screen on a terminal, else a log of plain lines.

mod live;
mod log;

use std::io::{IsTerminal, Write, stderr};
use std::path::Path;
use std::time::Duration;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::run::event::Event;
use live::Screen;
use log::Log;
use relapse_judge::attempt_policy::Tries;
use relapse_judge::report::{Paint, measures};
use relapse_judge::text::{one_line, painted};
use relapse_judge::time::Millis;
use relapse_judge::verdict::Finished;

/// Time between two frames of the live screen.
const FRAME: Duration = Duration::from_millis(100);

/// What stands in place of an id while the tools of every scenario are set up.
const SET_UP: &str = "set-up";

/// What the place can do to which a run is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Lines can be drawn anew.
    pub live: bool,
    /// Colours are wanted.
    pub colour: bool,
}

impl Terminal {
    /// Standard error: live where it is a terminal that can move its cursor and no CI system
    /// records it.
    #[must_use]
    pub fn of_stderr() -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_none_or(|term| term == "dumb");
        Self {
            live: stderr().is_terminal() && !dumb && !is_set("CI"),
            colour: colour_of(&stderr()),
        }
    }
}

/// Whether colours are wanted on this stream: it is a terminal and `NO_COLOR` is not set, or
/// `CLICOLOR_FORCE` is.
#[must_use]
pub fn colour_of(stream: &impl RawStream) -> bool {
    AutoStream::choice(stream) != ColorChoice::Never
}

/// Draws events on standard error until the channel closes.
#[must_use]
pub fn draw(receiver: UnboundedReceiver<Event>, terminal: Terminal) -> JoinHandle<()> {
    let paint = Paint::new(terminal.colour);
    if terminal.live {
        tokio::spawn(draw_live(receiver, paint))
    } else {
        tokio::spawn(write_log(receiver, paint, stderr()))
    }
}

async fn draw_live(mut receiver: UnboundedReceiver<Event>, paint: Paint) {
    let mut screen = Screen::new(paint);
    let mut frames = interval(FRAME);
    frames.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            event = receiver.recv() => match event {
                Some(event) => screen.show(&event),
                None => break,
            },
            _ = frames.tick() => screen.tick(),
        }
    }
    screen.clear();
}

async fn write_log(mut receiver: UnboundedReceiver<Event>, paint: Paint, mut writer: impl Write) {
    let start = Instant::now();
    let mut log = Log::new(paint);
    while let Some(event) = receiver.recv().await {
        for line in log.lines(millis(start.elapsed()), &event) {
            // A reader that is gone must not end the run.
            let _ = writeln!(writer, "{}", painted(&line));
        }
    }
    let _ = writer.flush();
}

fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

/// Labels of what is judged one by one: scenarios, or each repetition of them.
fn labels(ids: &[String], tries: Tries) -> Vec<String> {
    let labels = ids
        .iter()
        .flat_map(|id| tries.sure().map(|nth| nth.label(id)));
    labels.collect()
}

/// Columns of the longest label that an attempt may have.
fn columns(ids: &[String], tries: Tries) -> usize {
    let longest = ids.iter().map(|id| tries.last().label(id).len()).max();
    longest.unwrap_or_default()
}

/// A number of scenarios in words, and how often each is tried.
fn scenarios(number: usize, tries: Tries) -> String {
    let plural = if number == 1 { "" } else { "s" };
    match tries {
        Tries::Always(times) => format!("{number} scenario{plural}, {times} times each,"),
        Tries::UntilProved(_) => format!("{number} scenario{plural}"),
    }
}

/// What a verdict is about: an attempt by its label, several by the scenario's id.
fn claim<'a>(label: &'a str, finished: &'a Finished) -> &'a str {
    if finished.attempts.is_empty() {
        label
    } else {
        &finished.id
    }
}

/// A path as one would type it here.
fn typed(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    path.strip_prefix(here)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// The text on one line, as far to the right as it was.
fn indented(line: &str) -> String {
    let columns = line.len() - line.trim_start_matches(' ').len();
    " ".repeat(columns) + &one_line(line)
}

/// A verdict, its reason and its measures on one line, for both kinds of drawing.
fn outcome(finished: &Finished, paint: Paint) -> String {
    let verdict = &finished.verdict;
    let reason = verdict
        .reason()
        .map_or_else(String::new, |reason| reason + ", ");
    let phase = match finished.phase {
        Some(phase) if !reason.is_empty() => format!("phase {phase}, "),
        _ => String::new(),
    };
    format!(
        "{}  {reason}{phase}{}",
        paint.verdict(verdict, verdict.word()),
        measures(finished)
    )
}

#[cfg(test)]
mod tests;
