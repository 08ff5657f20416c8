//! A run as lines of plain text, for CI systems and pipes.

use std::collections::HashMap;

use super::{SET_UP, indented, outcome, typed};
use crate::event::{Event, Stage};
use crate::report::{Paint, one_line, seconds};
use crate::verdict::Finished;
use crate::witness::Millis;

/// Least time between two lines of one scenario that differ only in what was seen.
const QUIET: Millis = 5_000;

/// Turns events into lines, and says nothing twice.
pub(super) struct Log {
    paint: Paint,
    told: HashMap<String, Told>,
    /// Columns of the longest id.
    width: usize,
    judged: usize,
    all: usize,
}

/// What was told of a scenario last.
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
                kubernetes,
                output,
            } => {
                self.all = ids.len();
                self.width = ids.iter().map(String::len).max().unwrap_or_default();
                let text = format!(
                    "{} on Kubernetes {kubernetes}, evidence in {}",
                    scenarios(self.all),
                    typed(output)
                );
                vec![self.line(at, "relapse", &text)]
            }
            Event::Stage { id, stage } => self.stage(at, id, *stage),
            Event::Waiting { id, awaited, seen } => {
                self.waiting(at, id, &one_line(awaited), &one_line(seen))
            }
            Event::SetUp { id, line } if id.is_empty() => self.set_up(at, SET_UP, line),
            Event::SetUp { id, line } => self.set_up(at, id, line),
            Event::Note { id, text } => text
                .lines()
                .map(|text| self.line(at, id, text.trim_end()))
                .collect(),
            Event::Finished { finished, .. } => self.finished(at, finished),
        }
    }

    fn finished(&mut self, at: Millis, finished: &Finished) -> Vec<String> {
        self.judged += 1;
        let progress = format!("({} of {})", self.judged, self.all);
        let text = format!(
            "{}  {}",
            outcome(finished, self.paint),
            self.paint.faint(&progress)
        );
        let detail = finished
            .verdict
            .detail()
            .and_then(|detail| detail.lines().next());
        let detail = detail.map(|line| format!("  {}", one_line(line)));
        [text]
            .into_iter()
            .chain(detail)
            .map(|text| self.line(at, &finished.id, &text))
            .collect()
    }

    fn stage(&mut self, at: Millis, id: &str, stage: Stage) -> Vec<String> {
        let told = self.told.entry(id.to_owned()).or_default();
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
        vec![self.line(at, id, &self.paint.active(&words))]
    }

    fn waiting(&mut self, at: Millis, id: &str, awaited: &str, seen: &str) -> Vec<String> {
        let told = self.told.entry(id.to_owned()).or_default();
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
        vec![self.line(at, id, &text)]
    }

    fn set_up(&mut self, at: Millis, id: &str, line: &str) -> Vec<String> {
        let line = &indented(line);
        let told = self.told.entry(id.to_owned()).or_default();
        if line.is_empty() || told.set_up == *line {
            return Vec::new();
        }
        line.clone_into(&mut told.set_up);
        vec![self.line(at, id, &format!("  {line}"))]
    }

    fn line(&self, at: Millis, id: &str, text: &str) -> String {
        let (width, at) = (self.width, format!("{:>9}", seconds(at)));
        format!("{}  {id:width$}  {text}", self.paint.faint(&at))
    }
}

/// A number of scenarios in words.
pub(super) fn scenarios(number: usize) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} scenario{plural}")
}
