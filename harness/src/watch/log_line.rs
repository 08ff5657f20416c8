//! Lines of a container's log: reading them, telling their time, and knowing them again.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use futures::{AsyncBufRead, AsyncBufReadExt};
use jiff::Timestamp;

/// What is kept of a line.
pub(super) const LINE_BYTES: usize = 16 * 1024;

/// A line with the time at which the container runtime took it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TimedLine {
    pub(super) time: Timestamp,
    pub(super) line: String,
}

impl TimedLine {
    /// Takes apart `2026-11-20T10:00:00.123456789Z text`. What has no time comes from the kubelet,
    /// which tells its own errors inside the log; it is given back.
    pub(super) fn parse(text: String) -> Result<Self, String> {
        let (time, line) = text.split_once(' ').unwrap_or((&text, ""));
        match time.parse() {
            Ok(time) => Ok(Self {
                time,
                line: line.to_owned(),
            }),
            Err(_) => Err(text),
        }
    }
}

/// The next line without its end, cut at [`LINE_BYTES`]; `None` at the end of the stream.
pub(super) async fn next_line(
    stream: &mut (impl AsyncBufRead + Unpin),
) -> io::Result<Option<String>> {
    let mut line = Vec::new();
    let mut is_cut = false;
    loop {
        let chunk = stream.fill_buf().await?;
        if chunk.is_empty() {
            return Ok((!line.is_empty()).then(|| in_text(&line, is_cut)));
        }
        let end = chunk.iter().position(|&byte| byte == b'\n');
        let part = &chunk[..end.unwrap_or(chunk.len())];
        let kept = part.len().min(LINE_BYTES - line.len());
        line.extend_from_slice(&part[..kept]);
        is_cut |= kept < part.len();
        let taken = end.map_or(chunk.len(), |end| end + 1);
        stream.consume_unpin(taken);
        if end.is_some() {
            return Ok(Some(in_text(&line, is_cut)));
        }
    }
}

fn in_text(bytes: &[u8], is_cut: bool) -> String {
    let mut text = String::from_utf8_lossy(bytes).into_owned();
    if is_cut {
        text.push_str(" [relapse: the rest of this line is not kept]");
    }
    text
}

/// The lines of a container that were witnessed, so that one that arrives again is known.
#[derive(Debug, Default)]
pub(super) struct SeenLines(HashSet<(Timestamp, u64)>);

impl SeenLines {
    /// Whether the line is new.
    pub(super) fn is_news(&mut self, line: &TimedLine) -> bool {
        let mut hasher = DefaultHasher::new();
        line.line.hash(&mut hasher);
        self.0.insert((line.time, hasher.finish()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn lines(text: &[u8]) -> Vec<String> {
        let mut stream = futures::io::BufReader::with_capacity(7, text);
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut stream).await.unwrap() {
            lines.push(line);
        }
        lines
    }

    fn line(text: &str) -> TimedLine {
        TimedLine::parse(text.to_owned()).unwrap()
    }

    #[tokio::test]
    async fn lines_are_read_across_chunks_with_empty_ones_and_an_unended_last_one() {
        let read = lines(b"first line\n\nlast one").await;
        assert_eq!(read, ["first line", "", "last one"]);
    }

    #[tokio::test]
    async fn a_long_line_is_cut_and_says_so_and_the_next_one_is_whole() {
        let mut text = vec![b'x'; LINE_BYTES + 5];
        text.extend_from_slice(b"\nnext\n");
        let read = lines(&text).await;
        assert!(read[0].starts_with(&"x".repeat(LINE_BYTES)));
        assert!(read[0].ends_with("x [relapse: the rest of this line is not kept]"));
        assert_eq!(read[1], "next");
    }

    #[tokio::test]
    async fn a_line_that_is_no_text_is_kept_as_far_as_it_is() {
        assert_eq!(lines(b"a\xffb\n").await, ["a\u{fffd}b"]);
    }

    #[test]
    fn a_line_has_the_runtimes_time_to_the_nanosecond() {
        let parsed = line("2026-11-20T10:00:00.123456789Z panic: no  room");
        assert_eq!(parsed.line, "panic: no  room");
        assert_eq!(parsed.time.subsec_nanosecond(), 123_456_789);
        let elsewhere = line("2026-11-20T11:00:00.123456789+01:00 panic: no  room");
        assert_eq!(parsed, elsewhere);
    }

    #[test]
    fn an_empty_line_is_a_line() {
        assert_eq!(line("2026-11-20T10:00:00Z ").line, "");
        assert_eq!(line("2026-11-20T10:00:00Z").line, "");
    }

    #[test]
    fn what_the_kubelet_says_itself_is_no_line() {
        let text = "failed to create fsnotify watcher: too many open files";
        assert_eq!(TimedLine::parse(text.to_owned()), Err(text.to_owned()));
    }

    #[test]
    fn a_line_is_news_once_but_the_same_text_later_is_another_line() {
        let mut seen = SeenLines::default();
        assert!(seen.is_news(&line("2026-11-20T10:00:00Z ready")));
        assert!(!seen.is_news(&line("2026-11-20T10:00:00Z ready")));
        assert!(seen.is_news(&line("2026-11-20T10:00:01Z ready")));
        assert!(seen.is_news(&line("2026-11-20T10:00:01Z not ready")));
    }
}
