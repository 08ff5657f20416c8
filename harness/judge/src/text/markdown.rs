//! Text as GitHub-flavoured Markdown: prose that means what it says, code, tables. Nothing that an author
//! writes opens HTML, or ends the cell, the list or the block in which it stands.

use super::plain;

/// Prose as it is written, with its code, its emphasis, its lists and tables; what its writer did not mean as a
/// mark is none: `<id>` is not taken for HTML, nor `[1h](x)` for a link. A backtick without its pair is a
/// letter, and so is a fence.
#[must_use]
pub fn prose(text: &str) -> String {
    let text = plain(&text.replace("\r\n", "\n"));
    let lines: Vec<&str> = text.trim().lines().collect();
    // A blank line ends whatever was begun before it.
    let paragraphs = lines.split(|line| line.trim().is_empty());
    let paragraphs = paragraphs.filter(|lines| !lines.is_empty());
    let paragraphs: Vec<String> = paragraphs
        .map(|lines| paragraph(&lines.join("\n")))
        .collect();
    paragraphs.join("\n\n")
}

/// Prose on one line, as a heading, an entry of a list or a cell needs it.
#[must_use]
pub fn line(text: &str) -> String {
    prose(&text.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// A text to the letter, within a line; its line breaks are blanks.
#[must_use]
pub fn code(text: &str) -> String {
    let breaks = ['\n', '\r', '\t'];
    let text = plain(&text.trim_matches(breaks).replace(breaks, " "));
    let fence = "`".repeat(longest_run(&text) + 1);
    // A backtick at an end would be of the fence, and a blank at both would be left out.
    let ends = ['`', ' '];
    let needs_room = text.is_empty() || text.starts_with(ends) || text.ends_with(ends);
    let room = if needs_room { " " } else { "" };
    format!("{fence}{room}{text}{room}{fence}")
}

/// Lines to the letter, in a language or none.
#[must_use]
pub fn block(language: &str, text: &str) -> String {
    let fence = "`".repeat(longest_run(text).max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}\n", plain(text.trim_end()))
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

/// A link within the page to the heading of this text; an id is its own anchor.
#[must_use]
pub fn link(heading: &str) -> String {
    let letters = heading.chars().flat_map(char::to_lowercase);
    let kept = letters.filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
    let anchor: String = kept.map(|c| if c == ' ' { '-' } else { c }).collect();
    format!("[{}](#{anchor})", line(heading))
}

/// Lines without a blank one between.
fn paragraph(text: &str) -> String {
    let rules =
        |line: &str| line.contains('-') && line.trim().chars().all(|c| "|:- \t".contains(c));
    let is_table = text.lines().any(rules);
    let mut escaped = String::new();
    let mut rest = text;
    while let Some(place) = rest.find('`') {
        escaped.push_str(&letters(&rest[..place]));
        let inside = rest[place..].trim_start_matches('`');
        let fence = &rest[place..rest.len() - inside.len()];
        if let Some(end) = closing(inside, fence.len()) {
            let code = on_one_line(&inside[..end]);
            let code = if is_table { cell(&code) } else { code };
            escaped.extend([fence, &code, fence]);
            rest = &inside[end + fence.len()..];
        } else {
            escaped.push_str(&"\\`".repeat(fence.len()));
            rest = inside;
        }
    }
    escaped.push_str(&letters(rest));
    let lines: Vec<String> = escaped.lines().map(no_heading).collect();
    lines.join("\n")
}

/// Code on one line, so that no entry of a list ends it. The blanks at its ends stay: they keep a
/// backtick of the code from its fence.
fn on_one_line(code: &str) -> String {
    let mut lines = code.lines();
    let mut line = lines.next().unwrap_or_default().to_owned();
    for next in lines {
        line.truncate(line.trim_end().len());
        line.push(' ');
        line.push_str(next.trim_start());
    }
    line
}

/// Where the code ends that a run of so many backticks begins: at the next one of the same length.
fn closing(inside: &str, length: usize) -> Option<usize> {
    let mut from = 0;
    while let Some(place) = inside[from..].find('`') {
        let start = from + place;
        let after = inside[start..].trim_start_matches('`');
        let run = inside.len() - start - after.len();
        if run == length {
            // A bare fence holds no code.
            return (!inside[..start].trim().is_empty()).then_some(start);
        }
        from = start + run;
    }
    None
}

/// Letters outside of code.
fn letters(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '<' => escaped.push_str("&lt;"),
            '[' | ']' | '~' | '\\' => escaped.extend(['\\', letter]),
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// A line that is no heading, nor makes one of the line above, in quotes and lists too.
fn no_heading(line: &str) -> String {
    let marks = within_containers(line);
    let underline = marks.trim_end();
    let underlines = |mark| !underline.is_empty() && underline.chars().all(|letter| letter == mark);
    if marks.starts_with('#') || underlines('=') || underlines('-') {
        let before = &line[..line.len() - marks.len()];
        format!("{before}\\{marks}")
    } else {
        line.to_owned()
    }
}

/// What is left of a line behind the marks of quotes and of entries of lists.
fn within_containers(line: &str) -> &str {
    let line = line.trim_start();
    let entry = line
        .trim_start_matches(|letter: char| letter.is_ascii_digit())
        .strip_prefix(['-', '*', '+', '.', ')'])
        .filter(|rest| rest.starts_with([' ', '\t']) && !rest.trim().is_empty());
    match line.strip_prefix('>').or(entry) {
        Some(rest) => within_containers(rest),
        None => line,
    }
}

fn row<const COLUMNS: usize>(cells: [String; COLUMNS]) -> String {
    format!("| {} |\n", cells.map(|text| cell(&text)).join(" | "))
}

/// A bar ends a cell even in code; what is before it may take its backslash away.
fn cell(text: &str) -> String {
    let mut cell = String::new();
    for letter in text.chars() {
        let escapes = cell.len() - cell.trim_end_matches('\\').len();
        match letter {
            '|' if escapes % 2 == 1 => cell.push_str("&#124;"),
            '|' => cell.push_str("\\|"),
            '\n' => cell.push(' '),
            _ => cell.push(letter),
        }
    }
    cell
}

fn longest_run(text: &str) -> usize {
    let runs = text.split(|letter| letter != '`');
    runs.map(str::len).max().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::{block, code, line, link, prose, table};

    #[test]
    fn prose_means_what_it_says_and_its_code_stays_code() {
        for (written, read) in [
            ("plain", "plain"),
            ("see <id>, 2 < 3", "see &lt;id>, 2 &lt; 3"),
            ("`a < b[0]`, and *c*", "`a < b[0]`, and *c*"),
            ("``a ` <b>``", "``a ` <b>``"),
            ("`a <b>\n  c`", "`a <b> c`"),
            ("samples[1h](x)", "samples\\[1h\\](x)"),
            ("one\n \ntwo\n", "one\n\ntwo"),
            ("- one\n- two", "- one\n- two"),
            ("a | `b | c`", "a | `b | c`"),
            (
                "a | b\n--|--\n`c | <d>` | e",
                "a | b\n--|--\n`c \\| <d>` | e",
            ),
        ] {
            assert_eq!(prose(written), read);
        }
        assert_eq!(line(" one\n  two "), "one two");
    }

    #[test]
    fn what_is_begun_and_not_ended_begins_nothing() {
        for (written, read) in [
            ("a `b <c>", "a \\`b &lt;c>"),
            ("a `b\n\n<c>`", "a \\`b\n\n&lt;c>\\`"),
            ("``a` <b>", "\\`\\`a\\` &lt;b>"),
            ("```\n<b>", "\\`\\`\\`\n&lt;b>"),
            ("~~~\n<b>", "\\~\\~\\~\n&lt;b>"),
            ("# a\nb\n---\nc\n===", "\\# a\nb\n\\---\nc\n\\==="),
            ("># a\n- ## b\n> c\n> ---", ">\\# a\n- \\## b\n> c\n> \\---"),
            ("1. # a", "1. \\# a"),
            ("a\r\n\u{85}\u{202e}", "a\n\\\\u{85}\\\\u{202e}"),
        ] {
            assert_eq!(prose(written), read);
        }
    }

    #[test]
    fn code_has_a_longer_fence_than_its_text() {
        assert_eq!(code("exit 1"), "`exit 1`");
        assert_eq!(code("the `tsdb` index"), "``the `tsdb` index``");
        assert_eq!(code("`tsdb`"), "`` `tsdb` ``");
        assert_eq!(code("a\n\nb\0"), "`a  b\\u{0}`");
        assert_eq!(block("diff", "-a\n+b\n"), "```diff\n-a\n+b\n```\n");
        assert_eq!(block("", "```\n"), "````\n```\n````\n");
    }

    #[test]
    fn a_bar_in_a_cell_ends_no_cell() {
        let rows = [["`a | b\\|`".to_owned(), "c\nd".to_owned()]];
        let text = "| x | y |\n| --- | --- |\n| `a \\| b\\&#124;` | c d |\n";
        assert_eq!(table(["x", "y"], &rows), text);
    }

    #[test]
    fn a_link_leads_to_the_anchor_of_its_heading() {
        assert_eq!(link("image-tag"), "[image-tag](#image-tag)");
        assert_eq!(link("Two [words]!"), "[Two \\[words\\]!](#two-words)");
    }

    /// What a reader of Markdown makes of a page.
    fn events(page: &str) -> Vec<Event<'_>> {
        Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).collect()
    }

    fn opens_html(page: &str) -> bool {
        let html = |event: &Event<'_>| matches!(event, Event::Html(_) | Event::InlineHtml(_));
        events(page).iter().any(html)
    }

    /// Words, and everything that means something in Markdown.
    fn written() -> impl Strategy<Value = String> {
        let marks = r"a|b| |  |    |`|``|```|~~~|<b>|</b>|<!--|<script>|-->|\||\\|\n|\n\n|\r|-|- |1\. |---|:-:|=|#|\[|\]|\(|\)|!|\*|_|>|&|&lt;|\t|\x00|\u{2028}";
        prop::collection::vec(marks, 0..14).prop_map(|parts| parts.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1_000))]

        #[test]
        fn no_run_of_backticks_within_code_is_as_long_as_its_fence(text in "[a`| ]{1,12}") {
            let written = code(&text);
            let fence = written.chars().take_while(|letter| *letter == '`').count();
            let inner = &written[fence..written.len() - fence];
            prop_assert!(inner.split(|letter| letter != '`').all(|run| run.len() < fence));
        }

        #[test]
        fn prose_opens_no_html_and_no_block_that_stays_open(text in written()) {
            let page = format!("{}\n\n## after\n\n- {}\n- last\n", prose(&text), line(&text));
            prop_assert!(!opens_html(&page), "{page}");
            let headings = events(&page).iter().filter(|event| matches!(event, Event::Start(Tag::Heading { .. }))).count();
            prop_assert_eq!(headings, 1, "{}", page);
        }

        #[test]
        fn a_table_has_its_cells_whatever_is_in_them(cells in prop::array::uniform4(written())) {
            let [first, second, third, fourth] = &cells;
            let rows = [[line(first), code(second)], [code(third), line(fourth)]];
            let page = table(["x", "y"], &rows) + "\nafter\n";
            prop_assert!(!opens_html(&page), "{page}");
            let (mut in_cells, mut texts) = (0, Vec::new());
            for event in events(&page) {
                match event {
                    Event::Start(Tag::TableCell) => in_cells += 1,
                    Event::Code(code) => texts.push(code.to_string()),
                    _ => {}
                }
            }
            prop_assert_eq!(in_cells, 6, "{}", page);
            for text in [second, third] {
                if !text.contains('|') && !text.trim().is_empty() {
                    let breaks = ['\n', '\r', '\t'];
                    let shown = crate::text::plain(&text.trim_matches(breaks).replace(breaks, " "));
                    prop_assert!(texts.iter().any(|one| one.trim() == shown.trim()), "{page} {texts:?}");
                }
            }
        }

        #[test]
        fn lines_to_the_letter_stay_in_their_block(text in written()) {
            let page = block("", &text) + "\n<after>\n";
            let blocks = events(&page);
            let ended = blocks.iter().position(|event| matches!(event, Event::End(pulldown_cmark::TagEnd::CodeBlock)));
            let html = blocks.iter().position(|event| matches!(event, Event::Html(_) | Event::InlineHtml(_)));
            prop_assert!(ended.is_some() && ended < html, "{page}");
        }
    }
}
