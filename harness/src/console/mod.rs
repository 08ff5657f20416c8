//! Draws a run while it goes on: a live screen on a terminal, else a log of plain lines.

mod live;
mod log;
mod words;

use std::io::{IsTerminal, Write, stderr};
use std::time::Duration;

use anstream::stream::RawStream;
use anstream::{AutoStream, ColorChoice};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::event::Event;
use live::Screen;
use log::Log;
use relapse_judge::report::Paint;
use relapse_judge::text::painted;
use words::millis;

/// Time between two frames of the live screen.
const FRAME: Duration = Duration::from_millis(100);

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

#[cfg(test)]
mod tests;
