//! Parts of a scenario in words, for messages, evidence and reports.

use std::fmt;

use serde_saphyr::{Location, Spanned};

use super::{Await, ChangedField, ObjectName, Selector, StateClause, Step};

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(file) => write!(f, "apply {}", file.value),
            Self::Delete(object) => write!(f, "delete {object}"),
            Self::Restart(object) => write!(f, "restart {object}"),
            Self::Scale(scale) => write!(f, "scale {} to {}", scale.object, scale.replicas),
            Self::Cordon(node) => write!(f, "cordon {}", node.value),
            Self::Uncordon(node) => write!(f, "uncordon {}", node.value),
            Self::StopNode(node) => write!(f, "stop node {}", node.value),
            Self::StartNode(node) => write!(f, "start node {}", node.value),
            Self::Await(awaited) => write!(f, "await {awaited}"),
        }
    }
}

impl fmt::Display for Await {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.state, &self.gone) {
            (Some(state), _) => state.fmt(f),
            (None, Some(gone)) => write!(f, "no {gone} is left"),
            (None, None) => f.write_str("nothing"),
        }
    }
}

impl fmt::Display for StateClause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} with ", self.of)?;
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
            name: unwritten(name),
            namespace: namespace.to_owned(),
        }
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.value, self.name.value)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind.value)?;
        if let Some(name) = &self.name {
            write!(f, " {}", name.value)?;
        }
        for (key, value) in &self.labels {
            write!(f, " {key}={}", value.value)?;
        }
        Ok(())
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
