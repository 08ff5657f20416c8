//! A run as lines of plain text, for CI systems and pipes.

use std::collections::HashMap;

use super::words::{SET_UP, claim, columns, indented, labels, outcome, scenarios, typed};
use crate::event::{Event, Stage};
use relapse_judge::report::Paint;
use relapse_judge::text::{one_line, seconds};
use relapse_judge::time::Millis;
use relapse_judge::verdict::Finished;

/// Least time between two lines of one attempt that differ only in what was seen.
const QUIET: Millis = 5_000;

/// Turns events into lines, and says nothing twice.
pub(super) struct Log {
    paint: Paint,
    told: HashMap<String, Told>,
    /// Columns of the longest label.
    width: usize,
    judged: usize,
    all: usize,
}

/// What was told of an attempt last.
#[derive(Default)]
struct Told {
    stage: Option<Stage>,
    awaited: String,
    seen: String,
    set_up: String,
    at: Millis,
}

impl Log {
    pub(super) fn new(paint: Paint) -> Self {
        Self {
            paint,
            told: HashMap::new(),
            width: 0,
            judged: 0,
            all: 0,
        }
    }

    /// The lines that an event is worth at this time since the start; often none.
    pub(super) fn lines(&mut self, at: Millis, event: &Event) -> Vec<String> {
        match event {
            Event::Started {
                ids,
                tries,
                kubernetes,
                output,
            } => {
                self.all = labels(ids, *tries).len();
                self.width = columns(ids, *tries);
                let text = format!(
                    "{} on Kubernetes {kubernetes}, evidence in {}",
                    scenarios(ids.len(), *tries),
                    typed(output)
                );
                vec![self.line(at, "relapse", &text)]
            }
            Event::Stage { label, stage } => self.stage(at, label, *stage),
            Event::Waiting {
                label,
                awaited,
                seen,
            } => self.waiting(at, label, &one_line(awaited), &one_line(seen)),
            Event::SetUp { label, line } if label.is_empty() => self.set_up(at, SET_UP, line),
            Event::SetUp { label, line } => self.set_up(at, label, line),
            Event::Note { label, text } => text
                .lines()
                .map(|text| self.line(at, label, text.trim_end()))
                .collect(),
            Event::TriedAgain {
                label,
                nth,
                finished,
                ..
            } => self.ended(at, label, finished, &format!("({nth}; it is tried again)")),
            Event::Finished {
                label, finished, ..
            } => {
                self.judged += 1;
                let progress = format!("({} of {})", self.judged, self.all);
                self.ended(at, claim(label, finished), finished, &progress)
            }
        }
    }

    fn ended(&self, at: Millis, label: &str, finished: &Finished, progress: &str) -> Vec<String> {
        let text = format!(
            "{}  {}",
            outcome(finished, self.paint),
            self.paint.faint(progress)
        );
        let detail = finished
            .verdict
            .detail()
            .and_then(|detail| detail.lines().next());
        let detail = detail.map(|line| format!("  {}", one_line(line)));
        [text]
            .into_iter()
            .chain(detail)
            .map(|text| self.line(at, label, &text))
            .collect()
    }

    fn stage(&mut self, at: Millis, label: &str, stage: Stage) -> Vec<String> {
        let told = self.told.entry(label.to_owned()).or_default();
        if told.stage == Some(stage) {
            return Vec::new();
        }
        *told = Told {
            stage: Some(stage),
            at,
            ..Told::default()
        };
        if stage == Stage::Queued {
            return Vec::new();
        }
        let words = match stage {
            Stage::Ready => "ready, waits for its turn".to_owned(),
            stage => stage.to_string(),
        };
        vec![self.line(at, label, &self.paint.active(&words))]
    }

    fn waiting(&mut self, at: Millis, label: &str, awaited: &str, seen: &str) -> Vec<String> {
        let told = self.told.entry(label.to_owned()).or_default();
        let other_wait = told.awaited != awaited;
        let other_sight = told.seen != seen && at.saturating_sub(told.at) >= QUIET;
        if !other_wait && !other_sight {
            return Vec::new();
        }
        awaited.clone_into(&mut told.awaited);
        seen.clone_into(&mut told.seen);
        told.at = at;
        let mut text = if other_wait {
            format!("  waits for {awaited}")
        } else {
            "  still waits".to_owned()
        };
        if !seen.is_empty() {
            text = format!("{text}; saw {seen}");
        }
        vec![self.line(at, label, &text)]
    }

    fn set_up(&mut self, at: Millis, label: &str, line: &str) -> Vec<String> {
        let line = &indented(line);
        let told = self.told.entry(label.to_owned()).or_default();
        if line.is_empty() || told.set_up == *line {
            return Vec::new();
        }
        line.clone_into(&mut told.set_up);
        vec![self.line(at, label, &format!("  {line}"))]
    }

    fn line(&self, at: Millis, label: &str, text: &str) -> String {
        let (width, at) = (self.width, format!("{:>9}", seconds(at)));
        format!("{}  {label:width$}  {text}", self.paint.faint(&at))
    }
}
