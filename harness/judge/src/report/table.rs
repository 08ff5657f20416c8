//! The table at the end of a run, with the evidence in words for what was not proved.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::Paint;
use super::facts::{claims, facts, is_unstressed, not_done, rated, unstressed, unverified};
use super::remedy_parts::parts;
use super::repetitions::repetitions;
use crate::text::prose::{LINE, widths, wrapped};
use crate::text::shown;
use crate::time::Millis;
use crate::verdict::{Finished, Verdict};

/// How a table is laid out.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// Whether to use colours.
    pub colour: bool,
    /// Paths below this folder are shown relative to it.
    pub folder: &'a Path,
    /// Milliseconds that the run took on the wall.
    pub elapsed: Millis,
    /// Whether everything is told that was seen beside the verdicts.
    pub thorough: bool,
    /// Whether each scenario was repeated, so that times are spread.
    pub repeated: bool,
}

/// The verdicts as a table, then the evidence in words for each that is not proved, what else was
/// seen, and a summary in one line. Each row has the folder of its evidence, if something was touched.
#[must_use]
pub fn table(rows: &[(Finished, Option<PathBuf>)], layout: &Layout) -> String {
    let paint = Paint::new(layout.colour);
    let mut text = columns(rows, paint);
    for (finished, evidence) in rows {
        if finished.verdict != Verdict::Proved {
            text.push('\n');
            text.push_str(&explained(finished, evidence.as_deref(), layout));
        }
    }
    for (finished, _) in rows {
        let lines = if layout.thorough {
            facts(finished)
        } else {
            finished.rates.iter().map(rated).collect()
        };
        if !lines.is_empty() {
            let _ = writeln!(text, "\n{}", paint.strong(&finished.id));
            text.push_str(&wrapped(&lines.join("\n"), "  ", LINE));
        }
        if layout.thorough {
            text.push_str(&parts(&finished.parts, paint));
        }
    }
    let finished = || rows.iter().map(|(finished, _)| finished);
    let spread = if layout.repeated {
        repetitions(finished(), paint)
    } else {
        String::new()
    };
    let undone = if layout.thorough {
        String::new()
    } else {
        let premises = finished()
            .flat_map(|one| unverified(one).map(|premise| format!("{}: {premise}", one.id)));
        let told = [
            premises.collect(),
            unstressed(finished()),
            not_done(finished()),
        ]
        .concat();
        wrapped(&told.join("\n"), "", LINE)
    };
    let answered = if layout.thorough {
        String::new()
    } else {
        answered(finished())
    };
    for section in [answered, spread, undone] {
        if !section.is_empty() {
            text.push('\n');
            text.push_str(&section);
        }
    }
    text.push('\n');
    text.push_str(&summary(rows, layout));
    text
}

/// The measures of one scenario in words: `signature 1.9 s, Ready 3.1 s, total 38.2 s`.
#[must_use]
pub fn measures(finished: &Finished) -> String {
    let mut words = Vec::new();
    if let Some(millis) = finished.time_to_signature {
        words.push(format!("signature {}", shown(millis)));
    }
    if let Some(millis) = finished.time_to_ready {
        words.push(format!("Ready {}", shown(millis)));
    }
    words.push(format!("total {}", shown(finished.duration)));
    if is_unstressed(finished) {
        words.push("all stress declared not applicable".to_owned());
    }
    words.join(", ")
}

fn columns(rows: &[(Finished, Option<PathBuf>)], paint: Paint) -> String {
    let mut cells = vec![
        [
            "verdict",
            "scenario",
            "reason",
            "signature",
            "Ready",
            "total",
        ]
        .map(str::to_owned),
    ];
    for (finished, _) in rows {
        let time = |millis: Option<Millis>| millis.map_or_else(|| "–".to_owned(), shown);
        cells.push([
            finished.verdict.word().to_owned(),
            finished.id.clone(),
            finished.verdict.reason().unwrap_or_default(),
            time(finished.time_to_signature),
            time(finished.time_to_ready),
            shown(finished.duration),
        ]);
    }
    let [verdict_width, id_width, reason_width, times @ ..] = widths(&cells);
    let nothing_to_explain = cells.iter().skip(1).all(|row| row[2].is_empty());
    let mut text = String::new();
    for (index, row) in cells.iter().enumerate() {
        let [verdict, id, reason, durations @ ..] = row;
        let verdict = format!("{verdict:verdict_width$}");
        let mut line = match index.checked_sub(1).and_then(|row| rows.get(row)) {
            Some((finished, _)) => format!(
                "{} {}",
                paint.mark(&finished.verdict),
                paint.verdict(&finished.verdict, &verdict)
            ),
            None => format!("  {verdict}"),
        };
        let _ = write!(line, "  {id:id_width$}");
        if !nothing_to_explain {
            let _ = write!(line, "  {reason:reason_width$}");
        }
        for (duration, width) in durations.iter().zip(times) {
            let _ = write!(line, "  {duration:>width$}");
        }
        let line = if index == 0 { paint.faint(&line) } else { line };
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// What the run says of the records' statements, each scenario on a line.
fn answered<'a>(run: impl Iterator<Item = &'a Finished>) -> String {
    let told = run.filter_map(|finished| Some(format!("{}: {}", finished.id, claims(finished)?)));
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        return String::new();
    }
    format!(
        "claims of the records\n{}",
        wrapped(&told.join("\n"), "  ", LINE)
    )
}

fn explained(finished: &Finished, evidence: Option<&Path>, layout: &Layout) -> String {
    let paint = Paint::new(layout.colour);
    let verdict = &finished.verdict;
    let heading = verdict.heading(finished.phase);
    let mut text = format!(
        "{} {}: {}\n",
        paint.mark(verdict),
        paint.strong(&finished.id),
        paint.verdict(verdict, &heading)
    );
    text.push_str(&paint_lines(paint, &wrapped(&finished.title, "  ", LINE)));
    text.push_str(&wrapped(verdict.detail().unwrap_or_default(), "  ", LINE));
    if let Some(path) = evidence {
        let _ = writeln!(text, "  evidence: {}", relative(path, layout.folder));
    }
    text
}

fn paint_lines(paint: Paint, text: &str) -> String {
    let painted = text.lines().map(|line| paint.faint(line) + "\n");
    painted.collect()
}

fn summary(rows: &[(Finished, Option<PathBuf>)], layout: &Layout) -> String {
    let count = |word: &str| {
        let alike = |(finished, _): &&(Finished, _)| finished.verdict.word() == word;
        rows.iter().filter(alike).count()
    };
    let counts: Vec<String> = ["proved", "refuted", "flaky", "inconclusive", "skipped"]
        .into_iter()
        .map(|word| (word, count(word)))
        .filter(|(word, count)| *word != "flaky" || *count > 0)
        .map(|(word, count)| format!("{count} {word}"))
        .collect();
    let counts = counts.join(", ");
    let minors: BTreeSet<&str> = rows
        .iter()
        .map(|(row, _)| row.kubernetes.as_str())
        .collect();
    let mut text = format!("{counts} in {}", shown(layout.elapsed));
    if !minors.is_empty() {
        let minors: Vec<&str> = minors.into_iter().collect();
        let _ = write!(text, " on Kubernetes {}", minors.join(", "));
    }
    let mut text = Paint::new(layout.colour).strong(&text) + "\n";
    let folders: BTreeSet<&Path> = rows
        .iter()
        .filter_map(|(_, evidence)| evidence.as_deref().and_then(Path::parent))
        .collect();
    for folder in folders {
        let _ = writeln!(
            text,
            "evidence: {}/<scenario>/",
            relative(folder, layout.folder)
        );
    }
    text
}

fn relative(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder)
        .unwrap_or(path)
        .display()
        .to_string()
}
