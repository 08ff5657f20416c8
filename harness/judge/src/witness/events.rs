//! Events by the object that they are about and their reason, in the server's order.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::Witness;
use crate::kubernetes::{resource_version, text_at};

/// Revisions and places in the records.
type EventPlaces = BTreeSet<(u64, usize)>;

/// The events that are there, by the name of the object and the reason.
#[derive(Debug, Default)]
pub(super) struct Events(HashMap<String, BTreeMap<String, EventPlaces>>);

impl Events {
    pub(super) fn insert(&mut self, event: &Value, place: usize) {
        let reasons = self.0.entry(subject(event).to_owned()).or_default();
        let places = reasons.entry(reason(event).to_owned()).or_default();
        places.insert((resource_version(event), place));
    }

    pub(super) fn remove(&mut self, event: &Value, place: usize) {
        let reasons = self.0.get_mut(subject(event));
        if let Some(places) = reasons.and_then(|reasons| reasons.get_mut(reason(event))) {
            places.remove(&(resource_version(event), place));
        }
    }
}

fn subject(event: &Value) -> &str {
    text_at(event, "/involvedObject/name").unwrap_or_default()
}

fn reason(event: &Value) -> &str {
    text_at(event, "/reason").unwrap_or_default()
}

impl Witness {
    /// The events that are there about objects of this name, of whatever kind, with this reason and a
    /// later revision: in the server's order.
    pub fn events_about<'a>(
        &'a self,
        name: &str,
        reason: &str,
        revision: u64,
    ) -> impl DoubleEndedIterator<Item = &'a Value> {
        let reasons = self.events.0.get(name);
        let places = reasons.and_then(|reasons| reasons.get(reason));
        self.later_than(places, revision)
    }

    /// The latest event that is there about an object of this name, and is one that `counts`.
    pub fn latest_event_about<'a>(
        &'a self,
        name: &str,
        revision: u64,
        counts: impl Fn(&Value) -> bool,
    ) -> Option<&'a Value> {
        let reasons = self.events.0.get(name).into_iter();
        let each = reasons.flat_map(|reasons| reasons.values());
        let latest = each.filter_map(|places| {
            let mut events = self.later_than(Some(places), revision).rev();
            events.find(|event| counts(event))
        });
        latest.max_by_key(|event| resource_version(event))
    }

    fn later_than<'a>(
        &'a self,
        places: Option<&'a EventPlaces>,
        revision: u64,
    ) -> impl DoubleEndedIterator<Item = &'a Value> {
        let first = (revision.saturating_add(1), 0);
        let later = places
            .into_iter()
            .flat_map(move |places| places.range(first..));
        later.filter_map(|&(_, place)| self.object_at(place))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::witness::{Change, ObjectChange, Observation, Record};

    fn event(name: &str, reason: &str, revision: u64) -> Value {
        json!({"apiVersion": "v1", "kind": "Event", "reason": reason, "involvedObject": {"name": "web"},
            "metadata": {"namespace": "default", "name": name, "resourceVersion": revision.to_string()}})
    }

    fn push(witness: &mut Witness, change: Change, object: Value) {
        let observation = Observation::Object(ObjectChange { change, object });
        witness.push(Record { at: 0, observation });
    }

    fn revisions(witness: &Witness, reason: &str, revision: u64) -> Vec<u64> {
        let events = witness.events_about("web", reason, revision);
        events.map(resource_version).collect()
    }

    #[test]
    fn events_are_known_by_subject_and_reason_as_they_stand_in_the_servers_order() {
        let mut witness = Witness::default();
        push(&mut witness, Change::Applied, event("b", "BackOff", 7));
        push(&mut witness, Change::Applied, event("a", "BackOff", 5));
        push(&mut witness, Change::Applied, event("c", "Pulled", 6));
        assert_eq!(revisions(&witness, "BackOff", 0), [5, 7]);
        assert_eq!(revisions(&witness, "BackOff", 5), [7]);
        assert_eq!(witness.events_about("other", "BackOff", 0).count(), 0);
        push(&mut witness, Change::Applied, event("a", "BackOff", 9));
        assert_eq!(revisions(&witness, "BackOff", 0), [7, 9]);
        push(&mut witness, Change::Deleted, event("b", "BackOff", 10));
        assert_eq!(revisions(&witness, "BackOff", 0), [9]);
        let latest = |revision| witness.latest_event_about("web", revision, |_| true);
        assert_eq!(latest(0).map(resource_version), Some(9));
        assert_eq!(latest(9), None);
    }
}
