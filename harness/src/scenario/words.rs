//! Parts of a scenario in words, for messages, evidence and reports.

use std::fmt;

use serde_saphyr::{Location, Spanned};

use crate::kinds::{Told, has_namespaces};
use crate::witness::DEFAULT_NAMESPACE;

use super::{Await, ChangedField, ObjectName, Selector, StateClause, Step};

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(file) => write!(f, "apply {}", file.value),
            Self::Delete(object) => {
                f.write_str("delete ")?;
                object.fmt(f)
            }
            Self::Restart(object) => {
                f.write_str("restart ")?;
                object.fmt(f)
            }
            Self::Scale(scale) => {
                f.write_str("scale ")?;
                scale.object.fmt(f)?;
                write!(f, " to {}", scale.replicas)
            }
            Self::Cordon(node) => write!(f, "cordon {}", node.value),
            Self::Uncordon(node) => write!(f, "uncordon {}", node.value),
            Self::StopNode(node) => write!(f, "stop node {}", node.value),
            Self::StartNode(node) => write!(f, "start node {}", node.value),
            Self::Await(awaited) => {
                f.write_str("await ")?;
                awaited.fmt(f)
            }
        }
    }
}

impl Step {
    /// Whether a record tells of this step in these words.
    #[must_use]
    pub fn is_told_as(&self, words: &str) -> bool {
        words == self.to_string() || words == format!("{self:#}")
    }
}

impl fmt::Display for Await {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.state, &self.gone) {
            (Some(state), _) => state.fmt(f),
            (None, Some(gone)) => {
                f.write_str("no ")?;
                gone.fmt(f)?;
                f.write_str(" is left")
            }
            (None, None) => f.write_str("nothing"),
        }
    }
}

impl fmt::Display for StateClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.of.fmt(f)?;
        f.write_str(" with ")?;
        for (index, field) in self.fields.iter().enumerate() {
            if index > 0 {
                f.write_str(" and ")?;
            }
            field.fmt(f)?;
        }
        Ok(())
    }
}

impl fmt::Display for ChangedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.value, self.name.value)?;
        if let Some(path) = &self.path {
            write!(f, " {}", path.value)?;
        }
        match &self.line {
            Some(line) => write!(f, " {:?}", line.value),
            None => Ok(()),
        }
    }
}

impl ObjectName {
    /// An object that no file names.
    #[must_use]
    pub fn of(kind: &str, namespace: &str, name: &str) -> Self {
        let unwritten =
            |text: &str| Spanned::new(text.to_owned(), Location::UNKNOWN, Location::UNKNOWN);
        Self {
            kind: unwritten(kind),
            api_version: None,
            name: unwritten(name),
            namespace: namespace.to_owned(),
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, kind) = (self.group(), self.kind.value.as_str());
        write!(f, "{} {}", Told { group, kind }, self.name.value)?;
        namespace(f, group, kind, &self.namespace)
    }
}

/// Where it is: said unless it is the namespace of what names none. The alternate form leaves it
/// out, as the records of older runs do.
fn namespace(
    f: &mut fmt::Formatter<'_>,
    group: Option<&str>,
    kind: &str,
    namespace: &str,
) -> fmt::Result {
    if f.alternate() || namespace == DEFAULT_NAMESPACE || !has_namespaces(group, kind) {
        return Ok(());
    }
    write!(f, " in {namespace}")
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, kind) = (self.group(), self.kind.value.as_str());
        write!(f, "{}", Told { group, kind })?;
        if let Some(name) = &self.name {
            write!(f, " {}", name.value)?;
        }
        for (key, value) in &self.labels {
            write!(f, " {key}={}", value.value)?;
        }
        if self.any_template {
            f.write_str(" of any template")?;
        }
        namespace(f, group, kind, &self.namespace)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(step: &str) -> String {
        serde_saphyr::from_str::<Step>(step).unwrap().to_string()
    }

    #[test]
    fn a_step_says_what_it_does() {
        for (step, said) in [
            ("apply: a.yaml", "apply a.yaml"),
            ("delete: {kind: Service, name: web}", "delete Service web"),
            (
                "restart: {kind: Deployment, name: web}",
                "restart Deployment web",
            ),
            (
                "scale: {object: {kind: Deployment, name: web}, replicas: 2}",
                "scale Deployment web to 2",
            ),
            ("cordon: worker", "cordon worker"),
            ("uncordon: worker", "uncordon worker"),
            ("stop_node: worker", "stop node worker"),
            ("start_node: worker", "start node worker"),
        ] {
            assert_eq!(words(step), said);
        }
    }

    #[test]
    fn every_namespace_but_that_of_what_names_none_is_told() {
        let restart = "restart: {kind: Deployment, name: web, namespace: shop}";
        assert_eq!(words(restart), "restart Deployment web in shop");
        let outside = "delete: {kind: StorageClass, name: fast, namespace: shop}";
        assert_eq!(words(outside), "delete StorageClass fast");
        let gone = "await: {within: 1s, gone: {kind: Pod, labels: {app: web}, namespace: shop}}";
        assert_eq!(words(gone), "await no Pod app=web in shop is left");
        // Records of older runs name none.
        let step: Step = serde_saphyr::from_str(restart).unwrap();
        assert!(step.is_told_as("restart Deployment web"));
        assert!(step.is_told_as("restart Deployment web in shop"));
        assert!(!step.is_told_as("restart Deployment web in other"));
    }

    #[test]
    fn a_kind_of_another_group_and_pods_of_any_template_are_told() {
        let other = "delete: {apiVersion: batch.example.com/v1, kind: Job, name: train}";
        assert_eq!(words(other), "delete Job.batch.example.com train");
        let any = "await: {within: 1s, gone: {kind: Pod, labels: {app: web}, any_template: true}}";
        assert_eq!(words(any), "await no Pod app=web of any template is left");
    }

    #[test]
    fn a_wait_says_what_it_waits_for() {
        let state = "await: {within: 1s, state: {of: {kind: Service, name: web}, \
            fields: [{path: .spec.clusterIP, exists: true}, {path: .spec.type, is: NodePort}]}}";
        assert_eq!(
            words(state),
            r#"await Service web with .spec.clusterIP is there and .spec.type is "NodePort""#
        );
        let gone = "await: {within: 1s, gone: {kind: Pod, labels: {app: web}}}";
        assert_eq!(words(gone), "await no Pod app=web is left");
    }
}
