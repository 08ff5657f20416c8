//! Text as GitHub-flavoured Markdown: prose that means what it says, code, tables.

/// Prose as it is written, with its code, its emphasis and its lists; what its writer did not mean as a
/// mark is none: `<id>` is not taken for HTML, nor `[1h](x)` for a link.
#[must_use]
pub fn prose(text: &str) -> String {
    let mut escaped = String::new();
    let mut in_code = false;
    for letter in text.trim().chars() {
        in_code ^= letter == '`';
        match letter {
            '<' if !in_code => escaped.push_str("&lt;"),
            '[' | ']' | '~' | '\\' if !in_code => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Prose on one line, as a heading, an entry of a list or a cell needs it.
#[must_use]
pub fn line(text: &str) -> String {
    prose(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text to the letter, within a line.
#[must_use]
pub fn code(text: &str) -> String {
    let fence = "`".repeat(longest_run(text) + 1);
    // A backtick at an end would be of the fence, and a blank at both would be left out.
    let ends = ['`', ' '];
    let needs_room = text.starts_with(ends) || text.ends_with(ends);
    let room = if needs_room { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

/// Lines to the letter, in a language or none.
#[must_use]
pub fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", text.trim_end())
}

/// A table with a head; each row has as many cells as the head.
#[must_use]
pub fn table<const COLUMNS: usize>(head: [&str; COLUMNS], rows: &[[String; COLUMNS]]) -> String {
    let mut text = row(head.map(str::to_owned));
    text.push_str(&row([const { "---" }; COLUMNS].map(str::to_owned)));
    for cells in rows {
        text.push_str(&row(cells.clone()));
    }
    text
}

/// A link within the page to the heading of an id; an id is its own anchor.
#[must_use]
pub fn link(id: &str) -> String {
    format!("[{id}](#{id})")
}

fn row<const COLUMNS: usize>(cells: [String; COLUMNS]) -> String {
    // A bar ends a cell even in code.
    let cells = cells.map(|cell| cell.replace('|', "\\|").replace('\n', " "));
    format!("| {} |\n", cells.join(" | "))
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|letter| letter != '`');
    runs.map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{block, code, line, prose, table};

    #[test]
    fn prose_means_what_it_says_and_its_code_stays_code() {
        for (written, read) in [
            ("plain", "plain"),
            ("see <id>, 2 < 3", "see &lt;id>, 2 &lt; 3"),
            ("`a < b[0]`, and *c*", "`a < b[0]`, and *c*"),
            ("samples[1h](x)", "samples\\[1h\\](x)"),
            ("one\n\ntwo\n", "one\n\ntwo"),
        ] {
            assert_eq!(prose(written), read);
        }
        assert_eq!(line(" one\n  two "), "one two");
    }

    #[test]
    fn code_has_a_longer_fence_than_its_text() {
        assert_eq!(code("exit 1"), "`exit 1`");
        assert_eq!(code("the `tsdb` index"), "``the `tsdb` index``");
        assert_eq!(code("`tsdb`"), "`` `tsdb` ``");
        assert_eq!(block("diff", "-a\n+b\n"), "```diff\n-a\n+b\n```\n");
        assert_eq!(block("", "```\n"), "````\n```\n````\n");
    }

    #[test]
    fn a_bar_in_a_cell_ends_no_cell() {
        let rows = [["`a | b`".to_owned(), "c\nd".to_owned()]];
        let text = "| x | y |\n| --- | --- |\n| `a \\| b` | c d |\n";
        assert_eq!(table(["x", "y"], &rows), text);
    }

    proptest! {
        #[test]
        fn no_run_of_backticks_within_code_is_as_long_as_its_fence(text in "[a`| ]{1,12}") {
            let written = code(&text);
            let fence = written.chars().take_while(|letter| *letter == '`').count();
            let inner = &written[fence..written.len() - fence];
            prop_assert!(inner.split(|letter| letter != '`').all(|run| run.len() < fence));
        }
    }
}
