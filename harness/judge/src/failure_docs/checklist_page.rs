//! The rules that follow from the failures, each with what justifies it.

use std::fmt::Write;

use crate::library::{Rule, Topic};
use crate::text::markdown::{code, line, table};

const HEAD: &str = "\
# Checklists

<!-- Written by `relapse catalogue` from docs/checklists.yaml. -->

What the failures teach, each rule with the failures that justify it: what they show is what happens to those who do not
keep it. How a rule is kept:

- **lint**: by reading the manifests
- **preflight**: by asking the cluster or the registry before anything is applied
- **upgrade**: by a check before a version changes
- **diagnosis**: by an order in which to look when something fails
- **rule**: by people; it is a rule of thumb
";

pub(crate) fn page(topics: &[Topic]) -> String {
    let mut text = HEAD.to_owned();
    for topic in topics {
        let rows: Vec<_> = topic.rules.iter().map(row).collect();
        let head = ["Rule", "Kept by", "It says", "Justified by", "Source"];
        let (topic, rows) = (line(&topic.topic.value), table(head, &rows));
        // Writing to a String cannot fail.
        let _ = write!(text, "\n## {topic}\n\n{rows}");
    }
    text
}

fn row(rule: &Rule) -> [String; 5] {
    let kinds = rule.kinds.iter().map(|kind| kind.value.to_string());
    let failures = rule.scenarios.iter().map(|id| {
        let id = &id.value;
        format!("[{id}](FAILURES.md#{id})")
    });
    let justified = match &rule.unjustified {
        Some(why) => format!("none: {}", line(why)),
        None => failures.collect::<Vec<_>>().join(", "),
    };
    [
        code(&rule.id.value),
        kinds.collect::<Vec<_>>().join(", "),
        line(&rule.says),
        justified,
        line(&rule.source),
    ]
}
