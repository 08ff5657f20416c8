//! A run as a screen that is drawn anew: what is judged scrolls up and stays, below it two lines for
//! each attempt that runs, and the state of the whole.

use std::fmt::Write;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use tokio::time::Instant;

use super::words::{SET_UP, claim, columns, indented, labels, millis, outcome, scenarios, typed};
use crate::event::{Event, Stage};
use relapse_judge::report::Paint;
use relapse_judge::text::{one_line, painted, shown};
use relapse_judge::verdict::Finished;

const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const MILLIS_PER_TURN: u64 = 100;
/// Columns of the bar that shows how much is judged.
const BAR: usize = 24;
/// Columns of the longest stage, `link 2 control`.
const STAGE: usize = 14;

/// The screen.
pub(super) struct Screen {
    bars: MultiProgress,
    running: Vec<Running>,
    queued: ProgressBar,
    bottom: ProgressBar,
    paint: Paint,
    start: Instant,
    /// Columns of the longest label.
    width: usize,
    waiting: Vec<String>,
    all: usize,
    judged: Vec<(&'static str, usize)>,
}

/// An attempt that runs: a line for where it is, and one for what it saw.
struct Running {
    label: String,
    head: ProgressBar,
    sight: ProgressBar,
}

impl Screen {
    pub(super) fn new(paint: Paint) -> Self {
        Self::on(ProgressDrawTarget::stderr(), paint)
    }

    pub(super) fn on(target: ProgressDrawTarget, paint: Paint) -> Self {
        let bars = MultiProgress::with_draw_target(target);
        let queued = bars.add(ProgressBar::no_length());
        let bottom = bars.add(ProgressBar::no_length());
        queued.set_style(nothing());
        bottom.set_style(text_only());
        Self {
            bars,
            running: Vec::new(),
            queued,
            bottom,
            paint,
            start: Instant::now(),
            width: 0,
            waiting: Vec::new(),
            all: 0,
            judged: ["proved", "refuted", "flaky", "inconclusive", "skipped"]
                .map(|word| (word, 0))
                .to_vec(),
        }
    }

    /// Takes in what happened.
    pub(super) fn show(&mut self, event: &Event) {
        match event {
            Event::Started {
                ids,
                tries,
                kubernetes,
                output,
            } => {
                self.stop_running("");
                self.waiting = labels(ids, *tries);
                self.all = self.waiting.len();
                self.width = columns(ids, *tries);
                let evidence = format!("evidence in {}", typed(output));
                self.print(&format!(
                    "{} on Kubernetes {kubernetes}  {}",
                    self.paint.strong(&scenarios(ids.len(), *tries)),
                    self.paint.faint(&evidence)
                ));
                self.show_queue();
            }
            Event::Stage { label, stage } => self.show_stage(label, *stage),
            Event::Waiting {
                label,
                awaited,
                seen,
            } => {
                let running = self.running(label);
                running.head.set_message(one_line(awaited));
                self.show_sight(label, seen);
            }
            Event::SetUp { label, line } => {
                if label.is_empty() {
                    // The plan of the set-up is to be read while it is carried out.
                    self.show_set_up();
                    self.print(&indented(line));
                } else {
                    self.show_sight(label, line);
                }
            }
            Event::Note { label, text } => {
                // What follows the first line may be a command to be copied: it stays as it is.
                self.print(&format!("{} {label}: {text}", self.paint.active("•")));
            }
            Event::TriedAgain {
                label,
                nth,
                next,
                finished,
            } => {
                self.stop_running(label);
                self.show_verdict(label, finished, &format!("; {nth}, it is tried again"));
                self.join_queue(next);
            }
            Event::Finished {
                label, finished, ..
            } => {
                self.stop_running(label);
                self.leave_queue(label);
                for (word, count) in &mut self.judged {
                    *count += usize::from(*word == finished.verdict.word());
                }
                self.show_verdict(claim(label, finished), finished, "");
            }
        }
    }

    /// Draws the next frame.
    pub(super) fn tick(&mut self) {
        for running in &self.running {
            running.head.tick();
        }
        self.bottom.set_message(self.summary());
        self.bottom.tick();
    }

    /// Leaves only what is judged.
    pub(super) fn clear(&self) {
        // A terminal that is gone has nothing to clear.
        let _ = self.bars.clear();
    }

    fn print(&self, line: &str) {
        let _ = self.bars.println(painted(line));
    }

    fn show_stage(&mut self, label: &str, stage: Stage) {
        if stage == Stage::Queued {
            self.stop_running(label);
            self.join_queue(label);
            return;
        }
        let (paint, width) = (self.paint, self.width);
        let running = self.running(label);
        let name = format!("{:STAGE$}", stage.to_string());
        running
            .head
            .set_prefix(format!("{label:width$}  {}", paint.active(&name)));
        running.head.set_style(head_style(paint, Instant::now()));
        running.head.set_message(match stage {
            Stage::Ready => "its cluster is ready; waits for its turn",
            _ => "",
        });
        running.sight.set_style(nothing());
        running.sight.tick();
    }

    fn show_set_up(&mut self) {
        if self.running.iter().all(|running| !running.label.is_empty()) {
            let paint = self.paint;
            let head = &self.running("").head;
            head.set_prefix(paint.active(SET_UP));
            head.set_style(head_style(paint, Instant::now()));
        }
    }

    fn show_sight(&mut self, label: &str, seen: &str) {
        let paint = self.paint;
        let sight = &self.running(label).sight;
        let seen = one_line(seen);
        if seen.is_empty() {
            sight.set_style(nothing());
        } else {
            sight.set_message(paint.faint(&format!("  └ {seen}")));
            sight.set_style(text_only());
        }
        sight.tick();
    }

    fn show_verdict(&self, label: &str, finished: &Finished, addition: &str) {
        let (paint, width) = (self.paint, self.width);
        let mark = paint.mark(&finished.verdict);
        self.print(&format!(
            "{mark} {label:width$}  {}{addition}",
            outcome(finished, paint)
        ));
        if let Some(line) = finished
            .verdict
            .detail()
            .and_then(|detail| detail.lines().next())
        {
            self.print(&paint.faint(&format!("  └ {}", one_line(line))));
        }
    }

    fn running(&mut self, label: &str) -> &Running {
        let known = self
            .running
            .iter()
            .position(|running| running.label == label);
        let place = known.unwrap_or_else(|| {
            self.leave_queue(label);
            let bar = || {
                self.bars
                    .insert_before(&self.queued, ProgressBar::no_length())
            };
            let running = Running {
                label: label.to_owned(),
                head: bar(),
                sight: bar(),
            };
            self.running.push(running);
            self.running.len() - 1
        });
        &self.running[place]
    }

    fn stop_running(&mut self, label: &str) {
        let known = self
            .running
            .iter()
            .position(|running| running.label == label);
        if let Some(place) = known {
            let running = self.running.remove(place);
            self.bars.remove(&running.head);
            self.bars.remove(&running.sight);
        }
    }

    fn join_queue(&mut self, label: &str) {
        if !self.waiting.iter().any(|waiting| waiting == label) {
            self.waiting.push(label.to_owned());
        }
        self.show_queue();
    }

    fn leave_queue(&mut self, label: &str) {
        self.waiting.retain(|waiting| waiting != label);
        self.show_queue();
    }

    fn show_queue(&self) {
        if self.waiting.is_empty() {
            self.queued.set_style(nothing());
        } else {
            let text = format!(
                "  {} queued: {}",
                self.waiting.len(),
                self.waiting.join(", ")
            );
            self.queued.set_message(self.paint.faint(&text));
            self.queued.set_style(text_only());
        }
        self.queued.tick();
    }

    fn summary(&self) -> String {
        if self.all == 0 {
            return String::new();
        }
        let judged: usize = self.judged.iter().map(|(_, count)| count).sum();
        let done = (judged * BAR).checked_div(self.all).unwrap_or_default();
        let mut text = format!(
            "{}{} {}",
            self.paint.active(&"━".repeat(done)),
            self.paint.faint(&"─".repeat(BAR.saturating_sub(done))),
            self.paint.strong(&format!("{judged} of {}", self.all)),
        );
        for (word, count) in self.judged.iter().filter(|(_, count)| *count > 0) {
            let _ = write!(text, " · {count} {word}");
        }
        let elapsed = shown(millis(self.start.elapsed()));
        let _ = write!(text, " · {elapsed}");
        text
    }
}

/// The line of an attempt in a stage that began at this moment.
fn head_style(paint: Paint, begun: Instant) -> ProgressStyle {
    let spinner = move |state: &ProgressState, line: &mut dyn Write| {
        let turns = millis(state.elapsed()) / MILLIS_PER_TURN;
        let turn = usize::try_from(turns % SPINNER.len() as u64).unwrap_or_default();
        let _ = line.write_str(&paint.active(SPINNER[turn]));
    };
    let times = move |state: &ProgressState, line: &mut dyn Write| {
        let stage = format!("{:>11}", shown(millis(begun.elapsed())));
        let all = format!("{:>11}", shown(millis(state.elapsed())));
        let _ = write!(line, "{stage}{}", paint.faint(&all));
    };
    style("{turn} {prefix}  {wide_msg}{times}")
        .with_key("turn", spinner)
        .with_key("times", times)
}

/// A line of text, cut to the width.
fn text_only() -> ProgressStyle {
    style("{wide_msg}")
}

/// No line.
fn nothing() -> ProgressStyle {
    style("")
}

fn style(template: &'static str) -> ProgressStyle {
    // The templates are this file's; a broken one shows the default bar, which its tests see.
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
