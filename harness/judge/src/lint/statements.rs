//! The rules for statements of the record: each names the part of the scenario that shows it.

use std::collections::{BTreeMap, BTreeSet};

use serde_saphyr::Spanned;

use super::optional_changes;
use crate::input::YamlNode;
use crate::input::diagnostic::Mistakes;
use crate::input::suggest::did_you_mean;
use crate::manifest::ManifestFile;
use crate::remedy::pieces::pieces;
use crate::scenario::version_filter::Versioned;
use crate::scenario::{
    Answer, AsideKind, Check, Clause, Scenario, ShownBy, Statement, WouldDiffer,
};

/// Finds statements that say nothing, that contradict each other, or that nothing here shows.
pub(crate) fn walk(scenario: &Scenario, root: &YamlNode, mistakes: &mut Mistakes<'_>) {
    let mut known: BTreeSet<(&str, &str)> = BTreeSet::new();
    let minors = scenario.minors();
    for (index, statement) in scenario.claims.iter().enumerate() {
        let at = root.key("claims").index(index);
        said(statement, at, mistakes);
        let id = statement.id.value.as_str();
        let on = minors
            .iter()
            .copied()
            .filter(|minor| statement.is_on(minor));
        let mut twice = None;
        for minor in on {
            if !known.insert((id, minor)) {
                twice.get_or_insert(minor);
            }
        }
        if let Some(minor) = twice {
            mistakes.add(
                at.key("id").position(),
                format!("claim `{id}` is answered twice for Kubernetes {minor}"),
                "keep one, or let their `kubernetes` differ".to_owned(),
            );
        }
        shown(scenario, statement, at.key("shown_by"), mistakes);
        touched(scenario, statement, at, mistakes);
    }
}

/// A statement says what would have gone otherwise if the answer were another: that a scenario is proved
/// says nothing of a statement that its experiment does not touch.
fn touched(scenario: &Scenario, statement: &Statement, at: &YamlNode, mistakes: &mut Mistakes<'_>) {
    let shown_by = &statement.shown_by;
    let Some(differs) = &statement.would_differ else {
        if shown_by.is_whole() {
            mistakes.warn(
                at.key("shown_by").position(),
                format!("nothing says what of `{shown_by}` would have gone otherwise if the answer were another"),
                format!(
                    "add `would_differ`, for example {}; without it this is told as not witnessed",
                    example(shown_by)
                ),
            );
        }
        return;
    };
    if !shown_by.is_whole() {
        mistakes.add(
            at.key_position("would_differ"),
            format!("{shown_by} is one thing, and is what would have gone otherwise"),
            "leave `would_differ` out".to_owned(),
        );
        return;
    }
    let (name, key) = match differs {
        WouldDiffer::Clause(text) => (text, "clause"),
        WouldDiffer::Check(name) => (name, "check"),
        WouldDiffer::WrongRemedy(title) => (title, "wrong_remedy"),
        WouldDiffer::Alternative(title) => (title, "alternative"),
        WouldDiffer::Harmless(title) => (title, "harmless"),
    };
    let is_of_the_failure = matches!(shown_by, ShownBy::Signature | ShownBy::Control);
    let is_alike = match differs {
        WouldDiffer::Clause(_) | WouldDiffer::Check(_) => false,
        WouldDiffer::WrongRemedy(_) => is_of_the_failure,
        WouldDiffer::Alternative(_) | WouldDiffer::Harmless(_) => !is_of_the_failure,
    };
    let position = at.key("would_differ").key(key).position();
    if is_alike {
        let what = key.replace('_', " ");
        mistakes.add(
            position,
            format!("a {what} ends as `{shown_by}` does, not otherwise"),
            format!("name for example {}", example(shown_by)),
        );
        return;
    }
    let known = |scenario: &Scenario| -> Vec<String> {
        let titles = |kind| scenario.asides().filter(move |aside| aside.kind == kind);
        let titles = |kind| titles(kind).map(|aside| aside.title.to_owned()).collect();
        match differs {
            WouldDiffer::Clause(_) => scenario
                .chain()
                .flat_map(|failure| failure.signature)
                .map(Clause::words)
                .collect(),
            WouldDiffer::Check(_) => checks(scenario)
                .map(|check| check.name().to_owned())
                .collect(),
            WouldDiffer::WrongRemedy(_) => titles(AsideKind::WrongRemedy),
            WouldDiffer::Alternative(_) => titles(AsideKind::Alternative),
            WouldDiffer::Harmless(_) => titles(AsideKind::Harmless),
        }
    };
    let text = name.value.as_str();
    let is_clause = matches!(differs, WouldDiffer::Clause(_));
    let is_it = |known: &String| {
        if is_clause {
            !text.trim().is_empty() && known.contains(text)
        } else {
            known == text
        }
    };
    let mut minors = scenario.minors().into_iter();
    let lacking = minors
        .find(|minor| statement.is_on(minor) && !known(&scenario.on(minor)).iter().any(is_it));
    if let Some(minor) = lacking {
        let all = known(scenario);
        let (message, what) = if is_clause {
            (format!("no clause contains `{text}`"), "clauses")
        } else {
            let what = key.replace('_', " ");
            (format!("this claim has no {what} `{text}`"), "it has")
        };
        let message = if all.iter().any(is_it) {
            format!("{message} on Kubernetes {minor}")
        } else {
            message
        };
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        mistakes.add(position, message, did_you_mean(text, &all, what));
    }
}

const fn example(shown_by: &ShownBy) -> &'static str {
    match shown_by {
        ShownBy::Signature | ShownBy::Control => {
            "`{clause: a text of a clause}` or `{alternative: its title}`"
        }
        _ => "`{check: its name}` or `{wrong_remedy: its title}`",
    }
}

fn said(statement: &Statement, at: &YamlNode, mistakes: &mut Mistakes<'_>) {
    let texts = [
        ("id", Some(&statement.id.value)),
        ("says", Some(&statement.says)),
        ("on", statement.on.as_ref()),
        ("because", statement.because.as_ref()),
    ];
    for (key, text) in texts {
        if text.is_some_and(|text| text.trim().is_empty()) {
            let help = "its reader needs it".to_owned();
            mistakes.add(at.key(key).position(), format!("`{key}` is empty"), help);
        }
    }
    match (statement.answer, &statement.on) {
        (Answer::Depends, None) => mistakes.add(
            at.key("answer").position(),
            "the answer depends, and nothing says on what",
            "add for example `on: the binding mode`".to_owned(),
        ),
        (Answer::Depends, Some(_)) | (_, None) => {}
        (answer, Some(_)) => mistakes.add(
            at.key_position("on"),
            format!("the answer is `{answer}`, so it depends on nothing"),
            "leave `on` out, or answer `depends`".to_owned(),
        ),
    }
}

/// What shows it is there, on every version for which the answer is given.
fn shown(scenario: &Scenario, statement: &Statement, at: &YamlNode, mistakes: &mut Mistakes<'_>) {
    let (name, key) = match &statement.shown_by {
        ShownBy::Link(title) => (title, "link"),
        ShownBy::Check(name) => (name, "check"),
        ShownBy::WrongRemedy(title) => (title, "wrong_remedy"),
        ShownBy::Alternative(title) => (title, "alternative"),
        ShownBy::Harmless(title) => (title, "harmless"),
        // Parts of the remedy need its manifests, another scenario the whole library.
        _ => return,
    };
    let is_in = |scenario: &Scenario| {
        let names = names(scenario, &statement.shown_by);
        names.contains(&name.value.as_str())
    };
    let position = at.key(key).position();
    if !is_in(scenario) {
        let what = key.replace('_', " ");
        mistakes.add(
            position,
            format!("this claim has no {what} `{}`", name.value),
            did_you_mean(&name.value, &names(scenario, &statement.shown_by), "it has"),
        );
        return;
    }
    let mut minors = scenario.minors().into_iter();
    let lacking = minors.find(|minor| statement.is_on(minor) && !is_in(&scenario.on(minor)));
    if let Some(minor) = lacking {
        mistakes.add(
            position,
            format!(
                "`{}` is not for Kubernetes {minor}, and this answer is",
                name.value
            ),
            "let the claim's `kubernetes` be that of what shows it".to_owned(),
        );
    }
}

/// The names of everything of the same sort.
fn names<'a>(scenario: &'a Scenario, shown_by: &ShownBy) -> Vec<&'a str> {
    let kind = match shown_by {
        ShownBy::Link(_) => {
            let links = scenario.links.iter();
            return links.map(|link| link.title.value.as_str()).collect();
        }
        ShownBy::WrongRemedy(_) => AsideKind::WrongRemedy,
        ShownBy::Alternative(_) => AsideKind::Alternative,
        ShownBy::Harmless(_) => AsideKind::Harmless,
        _ => return checks(scenario).map(Check::name).collect(),
    };
    let asides = scenario.asides().filter(|aside| aside.kind == kind);
    asides.map(|aside| aside.title).collect()
}

/// What a user sees on the way of the claim itself.
fn checks(scenario: &Scenario) -> impl Iterator<Item = &Check> {
    let start = scenario.steady_state.iter().flat_map(|start| &start.checks);
    start
        .chain(&scenario.checks)
        .chain(scenario.stress.checks.iter().flatten())
}

/// Finds statements shown by a part that the remedy does not have.
pub(crate) fn parts(
    scenario: &Scenario,
    manifests: &BTreeMap<String, ManifestFile>,
    root: &YamlNode,
    mistakes: &mut Mistakes<'_>,
) {
    let pieces = pieces(scenario, manifests);
    for (index, statement) in scenario.claims.iter().enumerate() {
        let at = root.key("claims").index(index).key("shown_by");
        match &statement.shown_by {
            ShownBy::Change(change) => {
                optional_changes::changed(change, &pieces, at.key("change"), mistakes);
            }
            ShownBy::Step(Spanned { value, .. }) => {
                optional_changes::stepped(value, &pieces, at.key("step"), mistakes);
            }
            _ => {}
        }
    }
}
