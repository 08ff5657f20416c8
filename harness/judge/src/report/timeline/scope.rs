//! What belongs to the story, and what to the cluster's own business.

use std::collections::HashSet;

use serde_json::Value;

use crate::kubernetes::{SYSTEM_NAMESPACES, text_at};
use crate::witness::{ObjectKey, Observation, Witness};

/// Normal events about what a change of an object tells already.
const TOLD_BY_OBJECTS: [&str; 7] = [
    "Scheduled",
    "Created",
    "Started",
    "SuccessfulCreate",
    "SuccessfulDelete",
    "ScalingReplicaSet",
    "Completed",
];

/// Tells what belongs to the story.
pub(super) struct Within {
    /// Namespaces of the cluster in which nothing was applied.
    foreign: HashSet<&'static str>,
}

impl Within {
    /// The scope of a witness: a namespace of the cluster belongs to it where a step applied something
    /// there.
    pub(super) fn of(witness: &Witness) -> Self {
        let mut foreign = HashSet::from(SYSTEM_NAMESPACES);
        for record in witness.records() {
            if let Observation::Step(outcome) = &record.observation {
                for applied in &outcome.applied {
                    foreign.remove(applied.key.namespace.as_str());
                }
            }
        }
        Self { foreign }
    }

    /// Whether the object belongs to the story.
    pub(super) fn has(&self, key: &ObjectKey) -> bool {
        !self.foreign.contains(key.namespace.as_str())
    }

    /// Whether the event belongs to the story. Warnings do everywhere.
    pub(super) fn has_event(&self, event: &Value) -> bool {
        let text = |pointer| text_at(event, pointer).unwrap_or_default();
        if text("/type") == "Warning" {
            return true;
        }
        !self.foreign.contains(text("/metadata/namespace"))
            && !TOLD_BY_OBJECTS.contains(&text("/reason"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Within;
    use crate::testing::{Story, event, object, pod, with};

    fn of_system(object: &Value) -> Value {
        with(object, &json!({"metadata": {"namespace": "kube-system"}}))
    }

    #[test]
    fn an_event_belongs_to_the_story_where_the_claim_acts_or_warns_anywhere() {
        let mut story = Story::new();
        let foreign = Within::of(&story.witness());
        let killing = event(&pod(1), "Normal", "Killing", "Stopping container app");
        let scheduled = event(&pod(1), "Normal", "Scheduled", "assigned to a node");
        let warning = event(&pod(1), "Warning", "BackOff", "restarting");
        assert!(foreign.has_event(&killing));
        assert!(!foreign.has_event(&scheduled));
        assert!(!foreign.has_event(&of_system(&killing)));
        assert!(foreign.has_event(&of_system(&warning)));
        story.applies("apply", &[of_system(&object("ConfigMap", "coredns"))]);
        assert!(Within::of(&story.witness()).has_event(&of_system(&killing)));
    }
}
