//! Drawings of a run whose events are scripted.

use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use indicatif::{ProgressDrawTarget, TermLike};
use tokio::time::advance;

use super::live::Screen;
use super::log::Log;
use super::write_log;
use crate::event::{Event, Events, Stage};
use relapse_judge::attempt_policy::Tries;
use relapse_judge::phase::Phase;
use relapse_judge::report::Paint;
use relapse_judge::testing::sample;
use relapse_judge::time::Millis;
use relapse_judge::verdict::Finished;

const ID: &str = "rwo-tsdb-lock-on-rollout";

fn started() -> Event {
    tried(Tries::default())
}

fn tried(tries: Tries) -> Event {
    Event::Started {
        ids: vec![ID.to_owned(), sample::proved().id],
        tries,
        kubernetes: "1.36".to_owned(),
        output: "runs/20261120-164012".into(),
    }
}

fn stage(stage: Stage) -> Event {
    let label = ID.to_owned();
    Event::Stage { label, stage }
}

fn waiting(awaited: &str, seen: &str) -> Event {
    Event::Waiting {
        label: ID.to_owned(),
        awaited: awaited.to_owned(),
        seen: seen.to_owned(),
    }
}

fn set_up(line: &str) -> Event {
    Event::SetUp {
        label: ID.to_owned(),
        line: line.to_owned(),
    }
}

fn tools(line: &str) -> Event {
    Event::SetUp {
        label: String::new(),
        line: line.to_owned(),
    }
}

fn finished(finished: Finished) -> Event {
    finished_as(&finished.id.clone(), finished)
}

fn logged(events: &[(Millis, Event)]) -> String {
    let mut log = Log::new(Paint::new(false));
    let lines = events.iter().flat_map(|(at, event)| log.lines(*at, event));
    lines.map(|line| line + "\n").collect()
}

#[test]
fn log_tells_a_run_in_order() {
    let note = Event::Note {
        label: ID.to_owned(),
        text: "its cluster is kept\nexport KUBECONFIG=runs/kubeconfig".to_owned(),
    };
    insta::assert_snapshot!(logged(&[
        (0, tools("kind: taken from PATH")),
        (0, started()),
        (10, stage(Stage::Queued)),
        (20, stage(Stage::Preflight)),
        (900, set_up("\u{1b}[1mregistry\u{1b}[0m: started\r")),
        (1_000, stage(Stage::Cluster)),
        (21_000, stage(Stage::Ready)),
        (21_050, stage(Stage::Phase(Phase::Fault))),
        (21_100, waiting("the signature", "nothing yet")),
        (160_000, note),
        (161_000, finished(sample::refuted())),
        (162_000, finished(sample::proved())),
    ]));
}

#[test]
fn log_does_not_repeat_itself() {
    let text = logged(&[
        (0, set_up("building")),
        (10, set_up("building")),
        (20, stage(Stage::Cluster)),
        (30, stage(Stage::Cluster)),
        (40, waiting("Ready", "1 of 2")),
        (6_000, waiting("Ready", "1 of 2")),
    ]);
    assert_eq!(text.lines().count(), 3, "{text}");
}

#[test]
fn log_tells_another_wait_at_once_but_another_sight_only_after_a_while() {
    let text = logged(&[
        (0, waiting("Ready", "0 of 2")),
        (100, waiting("Ready", "1 of 2")),
        (200, waiting("a hold of 15 s", "2 of 2")),
        (300, waiting("a hold of 15 s", "1 of 2")),
        (5_200, waiting("a hold of 15 s", "0 of 2")),
    ]);
    insta::assert_snapshot!(text);
}

fn times(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).expect("at least one")
}

fn tried_again() -> Event {
    let tries = Tries::UntilProved(times(3));
    Event::TriedAgain {
        label: ID.to_owned(),
        nth: tries.nth(1),
        next: tries.nth(2).label(ID),
        finished: Box::new(sample::refuted()),
    }
}

fn finished_as(label: &str, finished: Finished) -> Event {
    Event::Finished {
        label: label.to_owned(),
        finished: Box::new(finished),
        evidence: None,
    }
}

#[test]
fn log_tells_attempts_apart() {
    let second = format!("{ID} 2/3");
    let cluster = |label: &str| Event::Stage {
        label: label.to_owned(),
        stage: Stage::Cluster,
    };
    insta::assert_snapshot!(logged(&[
        (0, tried(Tries::UntilProved(times(3)))),
        (1_000, cluster(ID)),
        (161_000, tried_again()),
        (161_100, cluster(&second)),
        (300_000, finished_as(&second, sample::flaky())),
    ]));
}

#[test]
fn log_counts_repetitions_one_by_one() {
    let second = format!("{ID} 2/20");
    insta::assert_snapshot!(logged(&[
        (0, tried(Tries::Always(times(20)))),
        (161_000, finished_as(&second, sample::refuted())),
    ]));
}

#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Buffer {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("no panic").clone()).expect("UTF-8")
    }
}

impl io::Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no panic").extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn lines_bear_the_seconds_since_the_start() {
    let (events, receiver) = Events::channel();
    let buffer = Buffer::default();
    let drawing = tokio::spawn(write_log(receiver, Paint::new(false), buffer.clone()));
    events.tell(started());
    tokio::task::yield_now().await;
    advance(Duration::from_secs(72)).await;
    events.tell(finished(sample::refuted()));
    drop(events);
    drawing.await.expect("no panic");
    assert!(buffer.text().contains("   72.0 s  "));
}

/// A terminal that keeps what was written.
#[derive(Debug, Clone, Default)]
struct Glass(Arc<Mutex<String>>);

impl Glass {
    fn write(&self, text: &str) {
        self.0.lock().expect("no panic").push_str(text);
    }

    fn taken(&self) -> String {
        std::mem::take(&mut self.0.lock().expect("no panic"))
    }

    /// What was written, as the terminal breaks it: lines come filled up to the width.
    fn lines(&self) -> Vec<String> {
        let letters: Vec<char> = self
            .taken()
            .chars()
            .filter(|&letter| letter != '\n')
            .collect();
        let width = usize::from(self.width());
        letters
            .chunks(width)
            .map(|line| line.iter().collect())
            .collect()
    }
}

impl TermLike for Glass {
    fn width(&self) -> u16 {
        100
    }

    fn move_cursor_up(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_down(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_right(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn move_cursor_left(&self, _: usize) -> io::Result<()> {
        Ok(())
    }

    fn write_line(&self, text: &str) -> io::Result<()> {
        self.write(text);
        self.write("\n");
        Ok(())
    }

    fn write_str(&self, text: &str) -> io::Result<()> {
        self.write(text);
        Ok(())
    }

    fn clear_line(&self) -> io::Result<()> {
        Ok(())
    }

    fn flush(&self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn screen_keeps_verdicts_above_what_runs() {
    let glass = Glass::default();
    let target = ProgressDrawTarget::term_like(Box::new(glass.clone()));
    let mut screen = Screen::on(target, Paint::new(false));
    screen.show(&tools("building Kubernetes"));
    screen.show(&started());
    screen.show(&stage(Stage::Phase(Phase::Control)));
    let seen = "restarts 2; log: opening storage failed: ".to_owned() + &"lock ".repeat(40);
    screen.show(&waiting("the failure to stand for 30 s", &seen));
    screen.tick();
    glass.taken();
    // A line that is printed redraws the screen at once, whatever the rate of frames.
    screen.show(&finished(sample::proved()));
    let lines = glass.lines();
    let last: &[String] = &lines[lines.len() - 4..];
    assert!(
        last[0].starts_with("✔ image-tag-never-published  proved  signature 1.9 s"),
        "{last:#?}"
    );
    assert!(
        last[1].contains("rwo-tsdb-lock-on-rollout   control         the failure to stand"),
        "{last:#?}"
    );
    assert!(
        last[2].starts_with("  └ restarts 2; log: opening"),
        "{last:#?}"
    );
    assert!(last[3].contains("0 of 2"), "{last:#?}");
}

#[tokio::test(start_paused = true)]
async fn screen_queues_what_is_tried_again_or_waits_for_a_cluster() {
    let glass = Glass::default();
    let target = ProgressDrawTarget::term_like(Box::new(glass.clone()));
    let mut screen = Screen::on(target, Paint::new(false));
    screen.show(&tried(Tries::UntilProved(times(3))));
    screen.show(&stage(Stage::Phase(Phase::Remedy)));
    glass.taken();
    screen.show(&tried_again());
    screen.tick();
    let lines = glass.lines().concat();
    assert!(
        lines.contains("total 2 min 12 s; attempt 1 of 3, it is tried again"),
        "{lines}"
    );
    assert!(
        lines.contains("2 queued: image-tag-never-published, rwo-tsdb-lock-on-rollout 2/3"),
        "{lines}"
    );
    screen.show(&stage(Stage::Preflight));
    glass.taken();
    screen.show(&stage(Stage::Queued));
    screen.show(&finished(sample::proved()));
    let lines = glass.lines();
    let last: &[String] = &lines[lines.len() - 2..];
    assert!(
        last[0].starts_with("  2 queued: rwo-tsdb-lock-on-rollout 2/3, rwo-tsdb-lock-on-rollout "),
        "{last:#?}"
    );
}
