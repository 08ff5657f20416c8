//! Parts of a scenario in words, for messages, evidence and reports.

use std::fmt;

use serde_saphyr::{Location, Spanned};

use super::step::Picked;
use super::{
    Await, Cascade, ChangedField, Clause, ObjectName, PatchType, Selector, StateClause, Step,
};
use crate::kubernetes::DEFAULT_NAMESPACE;
use crate::kubernetes::kinds::{Told, has_namespaces};

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Apply(file) => write!(f, "apply {}", file.value),
            Self::ServerSideApply(apply) => {
                write!(f, "apply {} on the server's side", apply.file.value)?;
                said(f, apply.force_conflicts, ", by force")
            }
            Self::Create(file) => write!(f, "create {}", file.value),
            Self::Delete(delete) => {
                f.write_str("delete ")?;
                delete.picked().fmt(f)?;
                match delete.cascade {
                    Cascade::Background => {}
                    Cascade::Foreground => f.write_str(", after what it owns")?,
                    Cascade::Orphan => f.write_str(", but not what it owns")?,
                }
                said(f, !delete.wait, ", without waiting")
            }
            Self::Patch(patch) => {
                f.write_str(match patch.merged {
                    PatchType::Strategic => "patch ",
                    PatchType::Merge => "merge patch ",
                    PatchType::Json => "JSON patch ",
                })?;
                patch.object.fmt(f)?;
                write!(f, " with {}", patch.patch)
            }
            Self::Label(label) => {
                f.write_str("label ")?;
                label.object.fmt(f)?;
                write!(f, " {}", label.settings().join(" "))
            }
            Self::Annotate(annotate) => {
                f.write_str("annotate ")?;
                annotate.object.fmt(f)?;
                write!(f, " {}", annotate.settings().join(" "))
            }
            Self::Restart(object) => {
                f.write_str("restart ")?;
                object.fmt(f)
            }
            Self::Undo(object) => {
                f.write_str("undo ")?;
                object.fmt(f)
            }
            Self::Pause(object) => {
                f.write_str("pause ")?;
                object.fmt(f)
            }
            Self::Resume(object) => {
                f.write_str("resume ")?;
                object.fmt(f)
            }
            Self::Scale(scale) => {
                f.write_str("scale ")?;
                scale.object.fmt(f)?;
                write!(f, " to {}", scale.replicas)
            }
            Self::Exec(exec) => {
                f.write_str("exec in ")?;
                exec.target.fmt(f)?;
                write!(f, ": {}", exec.command.join(" "))
            }
            Self::Evict(evict) => {
                f.write_str("evict ")?;
                evict.picked().fmt(f)
            }
            Self::Cordon(node) => write!(f, "cordon {}", node.value),
            Self::Uncordon(node) => write!(f, "uncordon {}", node.value),
            Self::Drain(drain) => write!(f, "drain {}", drain.node.value),
            Self::Taint(taint) => {
                write!(f, "taint {} {}", taint.node.value, taint.taints.join(" "))
            }
            Self::StopNode(node) => write!(f, "stop node {}", node.value),
            Self::StartNode(node) => write!(f, "start node {}", node.value),
            Self::Await(awaited) => {
                f.write_str("await ")?;
                awaited.fmt(f)
            }
        }
    }
}

fn said(f: &mut fmt::Formatter<'_>, applies: bool, words: &str) -> fmt::Result {
    f.write_str(if applies { words } else { "" })
}

impl fmt::Display for Picked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(count) = self.count {
            write!(f, "{count} ")?;
        }
        self.of.fmt(f)
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
        match (&self.state, &self.gone, self.time) {
            (Some(state), _, _) => state.fmt(f),
            (None, Some(gone), _) => {
                f.write_str("no ")?;
                gone.fmt(f)?;
                f.write_str(" is left")
            }
            (None, None, Some(time)) => {
                let because = self.because.as_deref().unwrap_or_default();
                write!(f, "the end of {time}: {}", because.trim())
            }
            (None, None, None) => f.write_str("nothing"),
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

impl Clause {
    /// Every word of it, by which a statement names it.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::State(state) => state.to_string(),
            Self::Event(event) | Self::NoEvent(event) => {
                format!("{} {}: {}", event.of, event.reason.value, event.message)
            }
            Self::Log(log) | Self::NoLog(log) => {
                let lines = log.contains.join(" ");
                format!("{} {}: {lines}", log.of, log.container.value)
            }
            Self::Refusal(refusal) => format!("{}: {}", refusal.of, refusal.message),
            Self::Http(http) => {
                let fields: Vec<String> = http.fields.iter().map(ToString::to_string).collect();
                let text = http.contains.as_deref().unwrap_or_default();
                let (service, path) = (&http.service.value, &http.path);
                format!(
                    "{}: {service} {path} {text} {}",
                    http.name,
                    fields.join(" ")
                )
            }
            Self::Exec(exec) => format!(
                "{}: {} {} {}",
                exec.name,
                exec.target,
                exec.command.join(" "),
                exec.contains
            ),
        }
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
            (
                "server_side_apply: {file: a.yaml, force_conflicts: true}",
                "apply a.yaml on the server's side, by force",
            ),
            ("create: a.yaml", "create a.yaml"),
            (
                "delete: {kind: Pod, labels: {app: web}, count: 1}",
                "delete 1 Pod app=web",
            ),
            (
                "delete: {kind: StatefulSet, name: web, cascade: orphan, wait: false}",
                "delete StatefulSet web, but not what it owns, without waiting",
            ),
            (
                "patch: {object: {kind: Service, name: web}, type: merge, patch: {spec: {a: 1}}}",
                r#"merge patch Service web with {"spec":{"a":1}}"#,
            ),
            (
                "label: {object: {kind: Pod, name: web}, labels: {a: b, c: null}}",
                "label Pod web a=b c-",
            ),
            (
                "annotate: {object: {kind: Pod, name: web}, annotations: {a: b}}",
                "annotate Pod web a=b",
            ),
            ("undo: {kind: Deployment, name: web}", "undo Deployment web"),
            (
                "pause: {kind: Deployment, name: web}",
                "pause Deployment web",
            ),
            (
                "resume: {kind: Deployment, name: web}",
                "resume Deployment web",
            ),
            (
                "exec: {in: {kind: Pod, name: web}, command: [rm, /tmp/a]}",
                "exec in Pod web: rm /tmp/a",
            ),
            ("evict: {labels: {app: web}}", "evict Pod app=web"),
            ("drain: {node: worker, within: 30s}", "drain worker"),
            (
                "taint: {node: worker, taints: ['a=b:NoSchedule', 'c:NoExecute-']}",
                "taint worker a=b:NoSchedule c:NoExecute-",
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
        let time = "await: {time: 90s, because: The token lives for a minute.}";
        assert_eq!(
            words(time),
            "await the end of 90s: The token lives for a minute."
        );
        let gone = "await: {within: 1s, gone: {kind: Pod, labels: {app: web}}}";
        assert_eq!(words(gone), "await no Pod app=web is left");
    }
}
