//! Mistakes in scenario files and manifests, with their positions.

use std::fmt;
use std::path::{Path, PathBuf};

use super::{InputError, Position};
use crate::text::plain;

/// How much a diagnosis weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// No claim can be made of the file as it is.
    Mistake,
    /// The claim can be tried, and shows less than its author believes.
    Warning,
}

/// One mistake or warning: where it is, what was expected, and the nearest right word.
///
/// Shown as
/// ```text
/// scenarios/x.yaml:12:5: unknown key `singature`
///   12 |     singature:
///      |     ^
///   help: did you mean `signature`?
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1, in characters.
    pub column: u64,
    /// What is wrong.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Whether it is a mistake or a warning.
    pub severity: Severity,
    /// The part of the line around the position.
    excerpt: Box<str>,
    /// Letters of it before the position.
    before: usize,
}

/// Letters of a line that are shown: one of a megabyte is read, too.
const SHOWN: usize = 200;

impl Diagnostic {
    /// A mistake at a position (line and column, from 1) of a file's text.
    #[must_use]
    pub fn new(file: &Path, text: &str, position: (u64, u64), message: impl Into<String>) -> Self {
        let (line, column) = position;
        let index = usize::try_from(line)
            .unwrap_or(usize::MAX)
            .saturating_sub(1);
        let source = text.lines().nth(index).unwrap_or_default();
        let (excerpt, before) = excerpt(source, column);
        Self {
            file: file.to_owned(),
            line,
            column,
            message: plain(&clipped(&message.into(), 2 * SHOWN)),
            help: None,
            severity: Severity::Mistake,
            excerpt: excerpt.into(),
            before,
        }
    }

    /// A file that is not read, with what to do about it.
    #[must_use]
    pub fn unreadable(file: &Path, error: &InputError) -> Self {
        Self::new(file, "", (error.line(), 1), error.to_string()).with_help(error.next())
    }

    /// The same mistake with what to write instead.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(plain(&clipped(&help.into(), 4 * SHOWN)));
        self
    }

    /// The same as a warning.
    #[must_use]
    pub const fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Whether it is a mistake, and not only a warning.
    #[must_use]
    pub fn is_mistake(&self) -> bool {
        self.severity == Severity::Mistake
    }
}

/// A line, or `SHOWN` letters of it around a column that is counted from 1; and how many of them are
/// before that column.
fn excerpt(line: &str, column: u64) -> (String, usize) {
    let column = usize::try_from(column).unwrap_or(usize::MAX);
    let before: String = line.chars().take(column.saturating_sub(1)).collect();
    let after = &line[before.len()..];
    let is_long = line.chars().nth(SHOWN).is_some();
    let most = if is_long { SHOWN / 2 } else { SHOWN };
    let hidden = before.chars().count().saturating_sub(most);
    let start: String = before.chars().skip(hidden).collect();
    let end: String = after.chars().take(most).collect();
    let cut = |is_cut| if is_cut { "…" } else { "" };
    let start = format!("{}{}", cut(hidden > 0), shown(&start));
    let end = format!("{}{}", shown(&end), cut(end.len() < after.len()));
    let columns = start.chars().count();
    (start + &end, columns)
}

fn shown(part: &str) -> String {
    plain(&part.replace('\t', " "))
}

/// A message without most of what it quotes, where that is very long.
fn clipped(message: &str, most: usize) -> String {
    if message.chars().count() <= most {
        return message.to_owned();
    }
    let letters = |from: &mut dyn Iterator<Item = char>| from.take(most / 2).collect::<String>();
    let (start, end) = (
        letters(&mut message.chars()),
        letters(&mut message.chars().rev()),
    );
    format!("{start} … {}", end.chars().rev().collect::<String>())
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = (self.line, self.column);
        write!(
            f,
            "{}:{line}:{column}: {}{}",
            self.file.display(),
            if self.is_mistake() { "" } else { "warning: " },
            self.message
        )?;
        if !self.excerpt.trim().is_empty() {
            let number = line.to_string();
            let margin = " ".repeat(number.len());
            let indent = " ".repeat(self.before);
            write!(f, "\n  {number} | {}\n  {margin} | {indent}^", self.excerpt)?;
        }
        if let Some(help) = &self.help {
            write!(f, "\n  help: {help}")?;
        }
        Ok(())
    }
}

/// Files that make no valid claim: every mistake that could be found, by file and position.
#[derive(Debug, Clone)]
pub struct InvalidFiles(Vec<Diagnostic>);

impl InvalidFiles {
    /// From mistakes in any order; the warnings among them come when there are no mistakes any more.
    #[must_use]
    pub fn new(mut mistakes: Vec<Diagnostic>) -> Self {
        mistakes.retain(Diagnostic::is_mistake);
        mistakes.sort();
        mistakes.dedup();
        Self(mistakes)
    }

    /// The mistakes, by file and position.
    #[must_use]
    pub fn mistakes(&self) -> &[Diagnostic] {
        &self.0
    }
}

impl fmt::Display for InvalidFiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for mistake in self.0.iter().take(TOLD) {
            write!(f, "{mistake}\n\n")?;
        }
        if let Some(more) = self.0.len().checked_sub(TOLD + 1) {
            writeln!(f, "and {} more\n", more + 1)?;
        }
        let mut files: Vec<&Path> = self
            .0
            .iter()
            .map(|mistake| mistake.file.as_path())
            .collect();
        files.dedup();
        write!(
            f,
            "{} in {}; correct {} and run `relapse check`",
            counted(self.0.len(), "mistake"),
            counted(files.len(), "file"),
            if self.0.len() == 1 { "it" } else { "them" },
        )
    }
}

impl std::error::Error for InvalidFiles {}

/// Mistakes that are told at once.
const TOLD: usize = 100;

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Mistakes and warnings of one scenario file and its manifests.
pub(crate) struct Mistakes<'a> {
    file: &'a Path,
    text: &'a str,
    found: Vec<Diagnostic>,
}

impl<'a> Mistakes<'a> {
    pub(crate) const fn of(file: &'a Path, text: &'a str) -> Self {
        Self {
            file,
            text,
            found: Vec::new(),
        }
    }

    pub(crate) fn found(self) -> Vec<Diagnostic> {
        self.found
    }

    pub(crate) fn add(&mut self, position: Position, message: impl Into<String>, help: String) {
        let mistake = Diagnostic::new(self.file, self.text, position, message);
        self.found.push(mistake.with_help(help));
    }

    /// Something that shows less than its author believes, though it can be tried.
    pub(crate) fn warn(&mut self, position: Position, message: impl Into<String>, help: String) {
        let warning = Diagnostic::new(self.file, self.text, position, message);
        self.found.push(warning.with_help(help).as_warning());
    }

    /// A mistake or a warning in another file, that of a manifest.
    pub(crate) fn push(&mut self, diagnosis: Diagnostic) {
        self.found.push(diagnosis);
    }
}
