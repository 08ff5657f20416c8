//! The log lines that a claim waits for, among all that its containers write.

use crate::scenario::{Check, Clause, Scenario};
use crate::witness::Observation;

/// What a line must contain that can decide something: all texts of one of the claim's clauses. From
/// which container it comes does not matter here, since a failure may go on under another name.
#[derive(Debug, Clone, Default)]
pub struct AwaitedLines {
    /// None where any line may decide.
    texts: Option<Vec<Vec<String>>>,
}

impl AwaitedLines {
    /// Those that contain all texts of one of these lists.
    #[must_use]
    pub fn with(texts: impl IntoIterator<Item = Vec<String>>) -> Self {
        Self {
            texts: Some(texts.into_iter().collect()),
        }
    }

    /// Whether a line is one of them.
    #[must_use]
    pub fn has(&self, line: &str) -> bool {
        let all = |texts: &Vec<String>| texts.iter().all(|text| line.contains(text));
        self.texts.as_ref().is_none_or(|any| any.iter().any(all))
    }

    /// Whether an observation can decide something: anything but a line that nobody waits for.
    #[must_use]
    pub fn can_decide(&self, observation: &Observation) -> bool {
        match observation {
            Observation::Log(line) => self.has(&line.line),
            _ => true,
        }
    }
}

impl Scenario {
    /// The log lines that any clause of it waits for, on every course.
    #[must_use]
    pub fn awaited_lines(&self) -> AwaitedLines {
        let chain = self.chain().flat_map(|failure| failure.signature);
        let wrong = self.wrong_remedies.iter();
        let wrong = wrong.flat_map(|wrong| wrong.signature.iter().flatten());
        let texts = chain.chain(wrong).filter_map(|clause| match clause {
            Clause::Log(log) | Clause::NoLog(log) => Some(log.contains.clone()),
            _ => None,
        });
        let checks = self.all_checks().filter_map(|check| match check {
            Check::Log(log) => Some(log.contains.clone()),
            _ => None,
        });
        AwaitedLines::with(texts.chain(checks))
    }

    /// Every check, whenever it is asked.
    fn all_checks(&self) -> impl Iterator<Item = &Check> {
        let start = self.steady_state.iter().map(|start| &start.checks);
        let alternatives = self.alternatives.iter();
        let harmless = self.harmless.iter();
        let of_others = alternatives
            .filter_map(|one| one.checks.as_ref())
            .chain(harmless.filter_map(|one| one.checks.as_ref()));
        let lists = start.chain([&self.checks]).chain(&self.stress.checks);
        lists.chain(of_others).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::AwaitedLines;

    #[test]
    fn a_line_is_awaited_that_contains_all_texts_of_one_list() {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let lines = AwaitedLines::with([texts(&["panic", "no room"]), texts(&["out of memory"])]);
        for (line, is_awaited) in [
            ("panic: no room", true),
            ("no room for panic", true),
            ("killed: out of memory", true),
            ("panic: nil", false),
            ("", false),
        ] {
            assert_eq!(lines.has(line), is_awaited, "{line}");
        }
    }

    #[test]
    fn any_line_may_decide_where_nobody_says_which() {
        assert!(AwaitedLines::default().has("anything"));
        assert!(!AwaitedLines::with([]).has("anything"));
    }
}
