//! Text that fits its place, and says what it says: nothing in it moves a cursor, hides a neighbour or
//! turns the direction of reading.

use std::fmt::Write;

use serde_json::Value;

/// Letters of a line of prose.
pub const LINE: usize = 96;

/// The text as a terminal or a file may have it: line breaks and tabs stay, and each letter that would
/// act on what stands around it is written out, as in `\u{1b}`. Whatever relapse shows goes through here.
#[must_use]
pub fn plain(text: &str) -> String {
    escaped(text, |_| None)
}

/// The same of a text that [`Paint`](crate::report::Paint) has coloured: its own marks of colour stay.
#[must_use]
pub fn painted(text: &str) -> String {
    escaped(text, own_colour)
}

/// A value as JSON for programs, which a terminal may have too.
#[must_use]
pub fn json(value: &Value) -> String {
    let mut json = String::new();
    // Outside of texts JSON has no such letters.
    for letter in format!("{value:#}").chars() {
        if acts(letter) && letter != '\n' {
            let mut units = [0; 2];
            for unit in letter.encode_utf16(&mut units) {
                // Writing to a String cannot fail.
                let _ = write!(json, "\\u{unit:04x}");
            }
        } else {
            json.push(letter);
        }
    }
    json
}

/// The text on one line: no escape sequences, control characters or repeated blanks. What comes from
/// a cluster goes through here before it reaches a terminal.
#[must_use]
pub fn one_line(text: &str) -> String {
    let stripped = anstream::adapter::strip_str(text).to_string();
    let words: Vec<&str> = stripped
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect();
    plain(&words.join(" "))
}

fn escaped(text: &str, kept: fn(&str) -> Option<usize>) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(letter) = rest.chars().next() {
        let mut length = letter.len_utf8();
        if let Some(sequence) = kept(rest) {
            length = sequence;
            plain.push_str(&rest[..length]);
        } else if acts(letter) && !matches!(letter, '\n' | '\t') {
            plain.extend(letter.escape_default());
        } else {
            plain.push(letter);
        }
        rest = &rest[length..];
    }
    plain
}

/// Whether a letter acts instead of being seen: controls (C0, DEL, C1), line and paragraph separators,
/// what sets the direction of writing, invisible marks, tags, and what is no letter in any text.
fn acts(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}'
                | '\u{180e}'
                | '\u{200b}'
                | '\u{200e}'
                | '\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
        || (letter as u32) & 0xfffe == 0xfffe
}

/// The length of a mark of colour with which a text begins, if it is one that relapse makes: the colours
/// of verdicts, bold and faint. None of them hides anything.
fn own_colour(text: &str) -> Option<usize> {
    let codes = text.strip_prefix("\u{1b}[")?;
    let (codes, _) = codes.split_once('m')?;
    let own = |code: &str| {
        matches!(
            code,
            "0" | "1" | "2" | "31" | "32" | "33" | "34" | "35" | "36"
        )
    };
    codes
        .split(';')
        .all(own)
        .then_some("\u{1b}[m".len() + codes.len())
}

/// The text cut to `most` characters, with an ellipsis where something is missing.
#[must_use]
pub fn cut(text: &str, most: usize) -> String {
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
pub fn widths<'a, const COLUMNS: usize>(
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
    use proptest::prelude::*;
    use serde_json::json;

    use super::{acts, cut, json, one_line, painted, plain, wrapped};
    use crate::report::Paint;
    use crate::verdict::Verdict;

    #[test]
    fn letters_that_act_are_written_out_and_others_stay() {
        for (written, shown) in [
            ("Grüße, 日本\n\tend", "Grüße, 日本\n\tend"),
            ("a\u{1b}[31mb", "a\\u{1b}[31mb"),
            ("a\rb\0", "a\\rb\\u{0}"),
            ("\u{9b}2J\u{7f}", "\\u{9b}2J\\u{7f}"),
            ("a\u{202e}b\u{2066}", "a\\u{202e}b\\u{2066}"),
            ("a\u{200b}\u{feff}\u{2028}", "a\\u{200b}\\u{feff}\\u{2028}"),
            (
                "\u{fffe}\u{1ffff}\u{e0041}",
                "\\u{fffe}\\u{1ffff}\\u{e0041}",
            ),
        ] {
            assert_eq!(plain(written), shown);
            assert_eq!(painted(written).replace('\u{1b}', "\\u{1b}"), shown);
        }
        assert_eq!(one_line("one\u{202e} two"), "one\\u{202e} two");
    }

    #[test]
    fn only_the_colours_of_relapse_stay_in_a_text_that_it_has_painted() {
        let paint = Paint::new(true);
        let own = [paint.strong("a"), paint.faint("b"), paint.active("c")].concat()
            + &paint.mark(&Verdict::Proved);
        assert_eq!(painted(&own), own);
        assert_eq!(plain(&own).matches("\\u{1b}").count(), 8);
        for hidden in [
            "\u{1b}[8m",
            "\u{1b}[1;8m",
            "\u{1b}[2J",
            "\u{1b}[mm",
            "\u{1b}]0;a\u{7}",
        ] {
            assert!(!painted(hidden).contains('\u{1b}'), "{hidden:?}");
        }
    }

    #[test]
    fn json_says_the_same_without_letters_that_act() {
        let value = json!({"a\u{9b}": "\u{202e}\u{1b}\u{e0041}\n", "b": [1]});
        let text = json(&value);
        assert!(
            text.chars().all(|letter| letter == '\n' || !acts(letter)),
            "{text}"
        );
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            value
        );
    }

    proptest! {
        #[test]
        fn no_letter_that_acts_is_left(text in any::<String>()) {
            let left = plain(&text).chars().any(|c| acts(c) && !matches!(c, '\n' | '\t'));
            prop_assert!(!left);
        }
    }

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
