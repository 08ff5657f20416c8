//! Rules that follow from the failures, each tied to what justifies it.

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::files::read;
use crate::input::diagnostic::{Diagnostic, InvalidFiles, Mistakes};
use crate::input::parse::parse;
use crate::input::suggest::did_you_mean;
use crate::input::{YamlNode, position};
use crate::lint::{is_plain, written};

/// The checklists of a project: `docs/checklists.yaml`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Checklists {
    /// The topics, in the order in which they are read.
    pub topics: Vec<Topic>,
}

/// Rules about one thing.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// What they are about.
    #[schemars(with = "String")]
    pub topic: Spanned<String>,
    /// The rules.
    pub rules: Vec<Rule>,
}

/// One rule. Exactly one of `scenarios` and `unjustified` is given.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Its name, for example `image-exists`.
    #[schemars(with = "String")]
    pub id: Spanned<String>,
    /// How it is kept.
    #[schemars(with = "Vec<RuleKind>")]
    pub kinds: Vec<Spanned<RuleKind>>,
    /// The rule in one or two sentences.
    pub says: String,
    /// Where it was documented.
    pub source: String,
    /// What justifies it: scenarios, failures, or records without an experiment, by their ids.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    pub scenarios: Vec<Spanned<String>>,
    /// Why none of them justifies it.
    #[serde(default)]
    pub unjustified: Option<String>,
}

/// How a rule is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RuleKind {
    /// By reading the manifests.
    Lint,
    /// By asking a cluster or a registry before anything is applied.
    Preflight,
    /// By a check before a version changes.
    Upgrade,
    /// By an order in which to look when something fails.
    Diagnosis,
    /// By people: a rule of thumb.
    Rule,
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Lint => "lint",
            Self::Preflight => "preflight",
            Self::Upgrade => "upgrade",
            Self::Diagnosis => "diagnosis",
            Self::Rule => "rule",
        })
    }
}

/// Reads the checklists of a project, whose failures and scenarios are `known`; none where it has no
/// such file.
///
/// # Errors
/// All of its mistakes at once.
pub(crate) fn load_checklists(
    root: &Path,
    path: &Path,
    known: &BTreeSet<&str>,
) -> Result<Vec<Topic>, InvalidFiles> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = read(root, path)?;
    let keys = "harness/checklists.schema.json";
    let (checklists, parts) = parse::<Checklists>(path, &text, keys)
        .map_err(|mistake| InvalidFiles::new(vec![mistake]))?;
    let found = validate(&checklists, &parts, known, Mistakes::of(path, &text));
    if found.is_empty() {
        Ok(checklists.topics)
    } else {
        Err(InvalidFiles::new(found))
    }
}

fn validate(
    checklists: &Checklists,
    root: &YamlNode,
    known: &BTreeSet<&str>,
    mut mistakes: Mistakes<'_>,
) -> Vec<Diagnostic> {
    let (mut topics, mut ids) = (BTreeSet::new(), BTreeSet::new());
    for (index, topic) in checklists.topics.iter().enumerate() {
        let at = root.key("topics").index(index);
        written(&[("topic", &topic.topic.value)], at, &mut mistakes);
        once(&topic.topic, "topic", &mut topics, &mut mistakes);
        if topic.rules.is_empty() {
            let help = "write a rule, or leave the topic out".to_owned();
            mistakes.add(at.key_position("rules"), "`rules` is empty", help);
        }
        for (index, rule) in topic.rules.iter().enumerate() {
            let at = at.key("rules").index(index);
            if !is_plain(&rule.id.value) {
                mistakes.add(
                    position(rule.id.referenced),
                    format!("`{}` cannot be an id", rule.id.value),
                    "write lower-case words and dashes, for example `image-exists`".to_owned(),
                );
            }
            once(&rule.id, "rule", &mut ids, &mut mistakes);
            single(rule, at, known, &mut mistakes);
        }
    }
    mistakes.found()
}

fn single(rule: &Rule, at: &YamlNode, known: &BTreeSet<&str>, mistakes: &mut Mistakes<'_>) {
    let mut texts = vec![("says", &rule.says), ("source", &rule.source)];
    texts.extend(rule.unjustified.iter().map(|why| ("unjustified", why)));
    written(&texts, at, mistakes);
    if rule.kinds.is_empty() {
        let help = "kinds: `lint`, `preflight`, `upgrade`, `diagnosis`, `rule`".to_owned();
        mistakes.add(at.key_position("kinds"), "`kinds` is empty", help);
    }
    let mut kinds = BTreeSet::new();
    for kind in &rule.kinds {
        if !kinds.insert(kind.value) {
            let message = format!("kind `{}` is given twice", kind.value);
            mistakes.add(position(kind.referenced), message, "keep one".to_owned());
        }
    }
    if rule.scenarios.is_empty() == rule.unjustified.is_none() {
        mistakes.add(
            position(rule.id.referenced),
            "a rule is justified by scenarios, or says why none justifies it",
            "give exactly one of `scenarios` and `unjustified`".to_owned(),
        );
    }
    let mut seen = BTreeSet::new();
    for id in &rule.scenarios {
        once(id, "scenario", &mut seen, mistakes);
        if !known.contains(id.value.as_str()) {
            let known: Vec<&str> = known.iter().copied().collect();
            mistakes.add(
                position(id.referenced),
                format!("there is no scenario or failure `{}`", id.value),
                did_you_mean(&id.value, &known, "there are"),
            );
        }
    }
}

fn once<'a>(
    word: &'a Spanned<String>,
    what: &str,
    seen: &mut BTreeSet<&'a str>,
    mistakes: &mut Mistakes<'_>,
) {
    if !seen.insert(&word.value) {
        let message = format!("{what} `{}` is given twice", word.value);
        mistakes.add(position(word.referenced), message, "keep one".to_owned());
    }
}
