//! What is kept of a run's log, however much it writes: the first lines, every line that the claim waits
//! for, and the last lines, where failures tell why.

use std::collections::VecDeque;
use std::mem::take;

use super::log_line::TimedLine;
use relapse_judge::signature::AwaitedLines;

/// Lines that are kept from the beginning, and again from the end.
pub(super) const MOST_LINES: usize = 2_000;

/// Bytes that are kept from the beginning, and again from the end.
const MOST_BYTES: usize = 4 * 1024 * 1024;

/// Lines that the claim waits for: one decides, and so many more show that it went on.
const MOST_AWAITED: usize = 1_000;

/// What stands where lines are left out.
pub(super) const NOTE: &str =
    "[relapse: of what follows only awaited lines and the end of the run are kept]";

/// Takes the lines of a run, and tells which are kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    lines: usize,
    bytes: usize,
    awaited: usize,
    last: VecDeque<TimedLine>,
    last_bytes: usize,
}

impl Kept {
    /// Whether so much came that not everything is kept any more.
    pub(super) fn is_full(&self) -> bool {
        self.lines >= MOST_LINES || self.bytes >= MOST_BYTES
    }

    /// Takes a line; what is to be told now.
    pub(super) fn take(&mut self, line: TimedLine, awaited: &AwaitedLines) -> Vec<TimedLine> {
        if !self.is_full() {
            self.lines += 1;
            self.bytes += line.line.len();
            if !self.is_full() {
                return vec![line];
            }
            let (time, note) = (line.time, NOTE.to_owned());
            return vec![line, TimedLine { time, line: note }];
        }
        if self.awaited < MOST_AWAITED && awaited.has(&line.line) {
            self.awaited += 1;
            return vec![line];
        }
        self.last_bytes += line.line.len();
        self.last.push_back(line);
        while self.last.len() > MOST_LINES || self.last_bytes > MOST_BYTES {
            let dropped = self.last.pop_front();
            self.last_bytes -= dropped.map_or(0, |line| line.line.len());
        }
        Vec::new()
    }

    /// The last lines, when there will be no more.
    pub(super) fn end(&mut self) -> VecDeque<TimedLine> {
        self.last_bytes = 0;
        take(&mut self.last)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn line(number: i64, text: &str) -> TimedLine {
        TimedLine {
            time: Timestamp::from_second(number).unwrap(),
            line: text.to_owned(),
        }
    }

    fn awaited() -> AwaitedLines {
        AwaitedLines::with([vec!["panic".to_owned()]])
    }

    fn told(kept: &mut Kept, from: i64, to: i64, text: &str) -> usize {
        let told = (from..to).map(|number| kept.take(line(number, text), &awaited()).len());
        told.sum()
    }

    #[test]
    fn of_a_short_log_every_line_is_told_at_once() {
        let mut kept = Kept::default();
        assert_eq!(told(&mut kept, 0, 1_999, "tick"), 1_999);
        assert!(kept.end().is_empty());
    }

    #[test]
    fn of_a_flood_the_first_lines_are_told_and_those_that_are_awaited_and_the_last_ones_in_the_end()
    {
        let mut kept = Kept::default();
        assert_eq!(told(&mut kept, 0, 2_000, "tick"), 2_001);
        assert_eq!(told(&mut kept, 2_000, 50_000, "tick"), 0);
        assert_eq!(told(&mut kept, 50_000, 50_001, "panic: no room"), 1);
        assert_eq!(told(&mut kept, 50_001, 60_000, "tick"), 0);
        let last = kept.end();
        assert_eq!(last.len(), MOST_LINES);
        assert_eq!(last[0], line(58_000, "tick"));
        assert_eq!(last[1_999], line(59_999, "tick"));
    }

    #[test]
    fn a_flood_of_awaited_lines_is_bounded_too() {
        let mut kept = Kept::default();
        assert_eq!(told(&mut kept, 0, 60_000, "panic: no room"), 3_001);
        assert_eq!(kept.end().len(), MOST_LINES);
    }

    #[test]
    fn long_lines_are_bounded_by_their_bytes() {
        let mut kept = Kept::default();
        let long = "x".repeat(1024 * 1024);
        assert_eq!(told(&mut kept, 0, 20, &long), 5);
        assert_eq!(kept.end().len(), 4);
    }
}
