//! How verdicts and times are spread over the attempts at each claim.

use std::fmt::Write;

use super::Paint;
use crate::attempt_policy::{Spread, stability, tally};
use crate::text::prose::widths;
use crate::text::seconds;
use crate::verdict::{Attempted, Finished};

/// For each scenario that was tried several times how often each verdict fell, and below it how its
/// times are spread. Nothing where there is none.
pub(super) fn repetitions<'a>(run: impl Iterator<Item = &'a Finished>, paint: Paint) -> String {
    let several = run.filter(|finished| !finished.attempts.is_empty());
    let sections: Vec<(&Finished, Vec<[String; 7]>)> =
        several.map(|finished| (finished, rows(finished))).collect();
    let header = ["", "seen", "min", "10 %", "median", "90 %", "max"].map(str::to_owned);
    let rows = sections.iter().flat_map(|(_, rows)| rows);
    let widths = widths(std::iter::once(&header).chain(rows));
    let mut text = String::new();
    if sections.iter().any(|(_, rows)| !rows.is_empty()) {
        let _ = writeln!(text, "{}", paint.faint(&aligned(&header, widths)));
    }
    for (finished, rows) in &sections {
        let tally = tally(&finished.attempts);
        let stability =
            stability(&finished.attempts).map_or_else(String::new, |words| format!("; {words}"));
        let _ = writeln!(text, "{}: {tally}{stability}", paint.strong(&finished.id));
        for row in rows {
            let _ = writeln!(text, "{}", aligned(row, widths));
        }
    }
    text
}

/// A row for each time that some attempt took.
fn rows(finished: &Finished) -> Vec<[String; 7]> {
    let row = |name: &str, time: fn(&Attempted) -> Option<u64>| {
        let spread = Spread::of(finished.attempts.iter().filter_map(time))?;
        let [min, tenth, median, ninetieth, max] = [
            spread.min,
            spread.tenth,
            spread.median,
            spread.ninetieth,
            spread.max,
        ]
        .map(seconds);
        let seen = spread.count.to_string();
        Some([name.to_owned(), seen, min, tenth, median, ninetieth, max])
    };
    let times = [
        row("signature", |attempt| attempt.time_to_signature),
        row("Ready", |attempt| attempt.time_to_ready),
    ];
    times.into_iter().flatten().collect()
}

fn aligned([name, values @ ..]: &[String; 7], [name_width, widths @ ..]: [usize; 7]) -> String {
    let mut line = format!("  {name:name_width$}");
    for (value, width) in values.iter().zip(widths) {
        let _ = write!(line, "  {value:>width$}");
    }
    line
}
