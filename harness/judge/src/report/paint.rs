//! Colours, or none.

use owo_colors::{OwoColorize, Style};

use crate::verdict::Verdict;

/// Paints text where colours are wanted, and leaves it as it is where they are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint {
    colour: bool,
}

impl Paint {
    /// With colours or without.
    #[must_use]
    pub const fn new(colour: bool) -> Self {
        Self { colour }
    }

    fn styled(self, text: &str, style: Style) -> String {
        if self.colour && !text.is_empty() {
            text.style(style).to_string()
        } else {
            text.to_owned()
        }
    }

    /// Text in the colour of a verdict.
    #[must_use]
    pub fn verdict(self, verdict: &Verdict, text: &str) -> String {
        let style = match verdict {
            Verdict::Proved => Style::new().green(),
            Verdict::Refuted(_) => Style::new().red().bold(),
            Verdict::Flaky(_) => Style::new().magenta(),
            Verdict::Inconclusive(_) => Style::new().yellow(),
            Verdict::Skipped(_) => Style::new().blue(),
        };
        self.styled(text, style)
    }

    /// The mark of a verdict, one column wide, in its colour. The marks differ without colours too.
    #[must_use]
    pub fn mark(self, verdict: &Verdict) -> String {
        let mark = match verdict {
            Verdict::Proved => "✔",
            Verdict::Refuted(_) => "✘",
            Verdict::Flaky(_) => "~",
            Verdict::Inconclusive(_) => "?",
            Verdict::Skipped(_) => "-",
        };
        self.verdict(verdict, mark)
    }

    /// Text that moves: what is going on.
    #[must_use]
    pub fn active(self, text: &str) -> String {
        self.styled(text, Style::new().cyan())
    }

    /// Text that stands out.
    #[must_use]
    pub fn strong(self, text: &str) -> String {
        self.styled(text, Style::new().bold())
    }

    /// Text that stays behind.
    #[must_use]
    pub fn faint(self, text: &str) -> String {
        self.styled(text, Style::new().dimmed())
    }
}
