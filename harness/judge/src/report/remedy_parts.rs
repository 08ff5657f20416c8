//! The remedy part by part, with what became of the failure without each.

use super::Paint;
use crate::text::prose::{LINE, cut, one_line, wrapped};
use crate::verdict::{Necessity, PartJudged};

/// Characters of what stood without a part: the rest is in the evidence.
const STOOD: usize = 300;

/// The diff of a remedy hunk by hunk and step by step, each headed with whether it is needed, and
/// followed by what showed it.
#[must_use]
pub fn parts(parts: &[PartJudged], paint: Paint) -> String {
    parts.iter().map(|part| told(part, paint)).collect()
}

fn told(part: &PartJudged, paint: Paint) -> String {
    let without = |stood: &str| format!("without it: {}", cut(&one_line(stood), STOOD));
    let (word, because) = match &part.necessity {
        Necessity::Needed { stood } => ("needed", without(stood)),
        Necessity::Precaution { reason, stood } => {
            let needed = stood.as_deref().map(|stood| {
                let without = without(stood);
                format!("\nneeded all the same, {without}")
            });
            let needed = needed.unwrap_or_default();
            ("precaution", format!("kept: {reason}{needed}"))
        }
    };
    let mut text = format!("  {word:10}  {}\n", paint.strong(&one_line(&part.part)));
    for line in part.diff.lines() {
        text.push_str("    ");
        text.push_str(line);
        text.push('\n');
    }
    text.push_str(&wrapped(&because, "    ", LINE));
    text
}
