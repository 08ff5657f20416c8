//! Text that fits its place.

/// The text on one line: no escape sequences, control characters or repeated blanks. What comes from
/// a cluster goes through here before it reaches a terminal.
#[must_use]
pub fn one_line(text: &str) -> String {
    let plain = anstream::adapter::strip_str(text).to_string();
    let words: Vec<&str> = plain
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// The text cut to `most` characters, with an ellipsis where something is missing.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

/// The text in lines of at most `width` columns, each after `indent`. Line breaks of the text stay,
/// and a word that is longer than a line is not broken: it may be a path to be copied.
#[must_use]
pub fn wrapped(text: &str, indent: &str, width: usize) -> String {
    let mut wrapped = String::new();
    for line in text.lines() {
        let mut column = 0;
        for word in one_line(line).split(' ') {
            let length = word.chars().count();
            if column > 0 && indent.len() + column + 1 + length > width {
                wrapped.push('\n');
                column = 0;
            }
            wrapped.push_str(if column == 0 { indent } else { " " });
            wrapped.push_str(word);
            column += length + usize::from(column > 0);
        }
        wrapped.push('\n');
    }
    wrapped
}

/// Characters of the longest cell of each column.
pub(super) fn widths<'a, const COLUMNS: usize>(
    rows: impl IntoIterator<Item = &'a [String; COLUMNS]>,
) -> [usize; COLUMNS] {
    let mut widths = [0; COLUMNS];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    widths
}

#[cfg(test)]
mod tests {
    use super::{cut, one_line, wrapped};

    #[test]
    fn one_line_has_no_escapes_controls_or_breaks() {
        assert_eq!(
            one_line("\u{1b}[31mpanic:\u{1b}[0m no\tspace\r\n  left\u{7}"),
            "panic: no space left"
        );
    }

    #[test]
    fn cut_text_ends_in_an_ellipsis_only_where_it_was_cut() {
        assert_eq!(cut("twelve chars", 12), "twelve chars");
        assert_eq!(cut("twelve chars", 8), "twelve…");
    }

    #[test]
    fn wrapped_text_keeps_its_lines_and_its_long_words() {
        let text = "awaited the one thing\nevidence-path-that-is-long";
        assert_eq!(
            wrapped(text, "  ", 14),
            "  awaited the\n  one thing\n  evidence-path-that-is-long\n"
        );
    }

    #[test]
    fn wrapped_text_fills_its_lines_and_goes_no_further() {
        assert_eq!(wrapped("one two", " ", 8), " one two\n");
        assert_eq!(wrapped("one two", " ", 7), " one\n two\n");
    }
}
