//! The nearest right word.

/// The known word that is most like `word`, if any is like it at all.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .filter_map(|candidate| {
            let other = candidate.to_lowercase();
            let distance = strsim::damerau_levenshtein(&lower, &other);
            let contained = lower.len() > 2 && (other.contains(&lower) || lower.contains(&other));
            let length = lower.chars().count().max(other.chars().count());
            (contained || distance * 3 <= length.max(3)).then_some((distance, candidate))
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// "did you mean …?" where a known word is near, and what is known.
#[must_use]
pub fn did_you_mean(word: &str, known: &[&str], what: &str) -> String {
    let listed = format!("{what}: {}", quoted(known));
    match nearest(word, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`? {listed}"),
        None => listed,
    }
}

/// Words in backticks, as many as help.
#[must_use]
pub fn quoted(words: &[&str]) -> String {
    const SHOWN: usize = 20;
    let mut list = words
        .iter()
        .take(SHOWN)
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ");
    if words.len() > SHOWN {
        list.push_str(", …");
    }
    list
}

#[cfg(test)]
mod tests {
    use super::{did_you_mean, nearest, quoted};

    #[test]
    fn a_word_is_near_if_few_letters_differ_or_one_holds_the_other() {
        let known = ["signature", "steady_state", "prometheus-server"];
        assert_eq!(nearest("singature", known), Some("signature"));
        assert_eq!(nearest("Steady_State", known), Some("steady_state"));
        assert_eq!(nearest("prometheus", known), Some("prometheus-server"));
        assert_eq!(nearest("remedy", known), None);
        assert_eq!(nearest("", known), None);
    }

    #[test]
    fn what_is_known_is_told_with_what_is_near() {
        let known = ["fault", "remedy"];
        let listed = "keys here: `fault`, `remedy`";
        assert_eq!(did_you_mean("title", &known, "keys here"), listed);
        assert_eq!(
            did_you_mean("falt", &known, "keys here"),
            format!("did you mean `fault`? {listed}")
        );
    }

    #[test]
    fn of_many_words_twenty_are_told() {
        assert!(quoted(&["x"; 20]).ends_with("`x`"));
        assert_eq!(quoted(&["x"; 21]), quoted(&["x"; 20]) + ", …");
    }
}
