//! Words that Kubernetes itself writes into a status, and what is meant by one that is near them.

use crate::input::suggest::nearest;
use crate::scenario::FieldTest;

/// The values of `phase`, by kind. There are no others.
const PHASES: &[(&str, &[&str])] = &[
    ("Namespace", &["Active", "Terminating"]),
    (
        "PersistentVolume",
        &["Available", "Bound", "Failed", "Pending", "Released"],
    ),
    ("PersistentVolumeClaim", &["Bound", "Lost", "Pending"]),
    (
        "Pod",
        &["Failed", "Pending", "Running", "Succeeded", "Unknown"],
    ),
];

/// The values of a condition's `status`.
const STATUSES: &[&str] = &["False", "True", "Unknown"];

/// Why a container waits or ended; runtimes and kubelets may have others.
const REASONS: &[&str] = &[
    "Completed",
    "ContainerCannotRun",
    "ContainerCreating",
    "ContainerStatusUnknown",
    "CrashLoopBackOff",
    "CreateContainerConfigError",
    "CreateContainerError",
    "DeadlineExceeded",
    "ErrImageNeverPull",
    "ErrImagePull",
    "Error",
    "ImageInspectError",
    "ImagePullBackOff",
    "InvalidImageName",
    "OOMKilled",
    "PodInitializing",
    "PostStartHookError",
    "PreCreateHookError",
    "RegistryUnavailable",
    "RunContainerError",
    "SignatureValidationFailed",
    "StartError",
];

/// The types of conditions, by kind; others may add their own.
const CONDITIONS: &[(&str, &[&str])] = &[
    ("APIService", &["Available"]),
    (
        "CustomResourceDefinition",
        &[
            "Established",
            "NamesAccepted",
            "NonStructuralSchema",
            "Terminating",
        ],
    ),
    (
        "Deployment",
        &["Available", "Progressing", "ReplicaFailure"],
    ),
    (
        "HorizontalPodAutoscaler",
        &["AbleToScale", "ScalingActive", "ScalingLimited"],
    ),
    (
        "Job",
        &[
            "Complete",
            "Failed",
            "FailureTarget",
            "SuccessCriteriaMet",
            "Suspended",
        ],
    ),
    (
        "Node",
        &[
            "DiskPressure",
            "MemoryPressure",
            "NetworkUnavailable",
            "PIDPressure",
            "Ready",
        ],
    ),
    ("PodDisruptionBudget", &["DisruptionAllowed"]),
    (
        "Pod",
        &[
            "ContainersReady",
            "DisruptionTarget",
            "Initialized",
            "PodReadyToStartContainers",
            "PodScheduled",
            "Ready",
        ],
    ),
    ("ReplicaSet", &["ReplicaFailure"]),
];

/// A word that is not one of Kubernetes' own.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misspelt {
    /// The word as it is written.
    pub(crate) word: String,
    /// What Kubernetes writes.
    pub(crate) known: &'static [&'static str],
    /// Whether there can be no others.
    pub(crate) is_certain: bool,
}

/// A word that a test compares with, where Kubernetes writes another that is near it.
pub(crate) fn value(field: &FieldTest, kind: &str) -> Option<Misspelt> {
    let path = field.path.to_string();
    let (known, is_certain) = known_at(&path, kind)?;
    let values = field.is.iter().chain(field.one_of.iter().flatten());
    let mut words = values.filter_map(|value| value.as_str());
    let word = words.find(|word| {
        !known.contains(word) && (is_certain || nearest(word, known.iter().copied()).is_some())
    })?;
    Some(Misspelt {
        word: word.to_owned(),
        known,
        is_certain,
    })
}

fn known_at(path: &str, kind: &str) -> Option<(&'static [&'static str], bool)> {
    if path == ".status.phase" {
        return Some((of_kind(PHASES, kind)?, true));
    }
    if path.starts_with(".status.conditions[") && path.ends_with("].status") {
        return Some((STATUSES, true));
    }
    let is_of_a_container = path.ends_with("waiting.reason") || path.ends_with("terminated.reason");
    (kind == "Pod" && is_of_a_container).then_some((REASONS, false))
}

fn of_kind(all: &[(&str, &'static [&'static str])], kind: &str) -> Option<&'static [&'static str]> {
    all.iter()
        .find(|(own, _)| *own == kind)
        .map(|(_, words)| *words)
}

/// The type of a condition by which a path chooses, where it is near one that the kind has.
pub(crate) fn condition(named: &[&str], kind: &str) -> Option<Misspelt> {
    let known = of_kind(CONDITIONS, kind)?;
    let is_near =
        |word: &&&str| !known.contains(*word) && nearest(word, known.iter().copied()).is_some();
    named.iter().find(is_near).map(|word| Misspelt {
        word: (*word).to_owned(),
        known,
        is_certain: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn misspelt(kind: &str, field: &str) -> Option<(String, bool)> {
        let field: FieldTest = serde_saphyr::from_str(field).unwrap();
        value(&field, kind).map(|found| (found.word, found.is_certain))
    }

    #[test]
    fn a_word_that_kubernetes_never_writes_is_found() {
        for (kind, field, expected) in [
            (
                "Pod",
                "{path: .status.phase, is: Pendign}",
                Some(("Pendign", true)),
            ),
            (
                "Pod",
                "{path: .status.phase, in: [Running, Bound]}",
                Some(("Bound", true)),
            ),
            ("Pod", "{path: .status.phase, is: Pending}", None),
            ("Backup", "{path: .status.phase, is: Anything}", None),
            (
                "Pod",
                "{path: \".status.conditions[?@.type=='Ready'].status\", is: 'false'}",
                Some(("false", true)),
            ),
            (
                "Pod",
                "{path: '.status.containerStatuses[0].state.waiting.reason', is: CrashLoopBackoff}",
                Some(("CrashLoopBackoff", false)),
            ),
            (
                "Pod",
                "{path: '.status.containerStatuses[0].state.waiting.reason', is: OfItsOwn}",
                None,
            ),
        ] {
            let expected = expected.map(|(word, certain)| (word.to_owned(), certain));
            assert_eq!(misspelt(kind, field), expected, "{field}");
        }
    }

    #[test]
    fn the_type_of_a_condition_is_found_where_it_is_near_one_of_the_kind() {
        let found = |named: &[&str], kind| condition(named, kind).map(|found| found.word);
        assert_eq!(found(&["Redy"], "Pod").as_deref(), Some("Redy"));
        assert_eq!(found(&["Ready"], "Pod"), None);
        assert_eq!(found(&["example.com/load-balancer"], "Pod"), None);
        assert_eq!(found(&["Redy"], "Backup"), None);
    }
}
