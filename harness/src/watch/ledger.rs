//! What a watch knows of its objects, and whether it is complete.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use relapse_judge::kubernetes::{resource_version, uid};
use relapse_judge::witness::{Change, Gap, ObjectChange, Observation};

/// The objects of one kind as they stand, by uid: what makes a list after a gap tell only the
/// difference.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    known: HashMap<String, Value>,
}

impl Ledger {
    /// Takes a change that a watch told; `None` if it is no news, as after a resumption.
    pub(super) fn changed(&mut self, change: Change, object: Value) -> Option<ObjectChange> {
        match change {
            Change::Applied if self.knows(&object) => return None,
            Change::Applied => {
                self.known.insert(uid(&object).to_owned(), object.clone());
            }
            Change::Deleted => {
                self.known.remove(uid(&object));
            }
        }
        Some(ObjectChange { change, object })
    }

    /// Takes a complete list and tells what is new in it: first what vanished, as it was last
    /// known (so that a successor of the same name stays), then what changed, in the server's order.
    pub(super) fn listed(&mut self, mut objects: Vec<Value>) -> Vec<ObjectChange> {
        let present: HashSet<&str> = objects.iter().map(uid).collect();
        let mut vanished: Vec<Value> = self
            .known
            .extract_if(|uid, _| !present.contains(uid.as_str()))
            .map(|(_, object)| object)
            .collect();
        vanished.sort_by_key(resource_version);
        objects.sort_by_key(resource_version);
        let mut news: Vec<ObjectChange> = vanished
            .into_iter()
            .map(|object| ObjectChange {
                change: Change::Deleted,
                object,
            })
            .collect();
        news.extend(
            objects
                .into_iter()
                .filter_map(|object| self.changed(Change::Applied, object)),
        );
        news
    }

    fn knows(&self, object: &Value) -> bool {
        self.known.get(uid(object)).is_some_and(|known| {
            known == object || resource_version(object) < resource_version(known)
        })
    }
}

/// Whether a stream is complete; a break is told once, and so is its end.
#[derive(Debug)]
pub(super) struct Continuity {
    stream: String,
    broken: bool,
}

impl Continuity {
    pub(super) const fn of(stream: String) -> Self {
        Self {
            stream,
            broken: false,
        }
    }

    /// The stream broke; told once for any number of tries that fail.
    pub(super) fn broke(&mut self, message: String) -> Option<Observation> {
        if std::mem::replace(&mut self.broken, true) {
            return None;
        }
        Some(Observation::Gap(self.gap(message)))
    }

    /// Whether there is a gap that has not ended.
    pub(super) const fn is_broken(&self) -> bool {
        self.broken
    }

    /// The stream is complete again.
    pub(super) fn resumed(&mut self, message: impl Into<String>) -> Option<Observation> {
        if !std::mem::replace(&mut self.broken, false) {
            return None;
        }
        Some(Observation::Resumed(self.gap(message.into())))
    }

    fn gap(&self, message: String) -> Gap {
        Gap {
            stream: self.stream.clone(),
            message,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(uid: &str, name: &str, version: u64) -> Value {
        json!({"kind": "Pod", "metadata":
            {"uid": uid, "name": name, "resourceVersion": version.to_string()}})
    }

    fn told(news: &[ObjectChange]) -> Vec<(Change, &str, u64)> {
        news.iter()
            .map(|news| {
                (
                    news.change,
                    uid(&news.object),
                    resource_version(&news.object),
                )
            })
            .collect()
    }

    #[test]
    fn a_first_list_is_all_news_in_the_servers_order() {
        let news = Ledger::default().listed(vec![object("a", "a", 9), object("b", "b", 3)]);
        assert_eq!(
            told(&news),
            [(Change::Applied, "b", 3), (Change::Applied, "a", 9)]
        );
    }

    #[test]
    fn a_list_after_a_gap_tells_the_difference_only() {
        let mut ledger = Ledger::default();
        ledger.listed(vec![
            object("a", "a", 1),
            object("b", "b", 2),
            object("c", "c", 3),
        ]);
        let news = ledger.listed(vec![object("a", "a", 1), object("b", "b", 7)]);
        assert_eq!(
            told(&news),
            [(Change::Deleted, "c", 3), (Change::Applied, "b", 7)]
        );
    }

    #[test]
    fn an_object_made_again_in_a_gap_is_deleted_before_its_successor_is_applied() {
        let mut ledger = Ledger::default();
        ledger.listed(vec![object("old", "web-0", 1)]);
        let news = ledger.listed(vec![object("new", "web-0", 5)]);
        assert_eq!(
            told(&news),
            [(Change::Deleted, "old", 1), (Change::Applied, "new", 5)]
        );
    }

    #[test]
    fn a_version_that_is_known_or_older_is_no_news() {
        let mut ledger = Ledger::default();
        ledger.listed(vec![object("a", "a", 5)]);
        assert!(
            ledger
                .changed(Change::Applied, object("a", "a", 5))
                .is_none()
        );
        assert!(
            ledger
                .changed(Change::Applied, object("a", "a", 4))
                .is_none()
        );
        assert!(
            ledger
                .changed(Change::Applied, object("a", "a", 6))
                .is_some()
        );
    }

    #[test]
    fn what_is_deleted_is_not_deleted_again_by_the_next_list() {
        let mut ledger = Ledger::default();
        ledger.listed(vec![object("a", "a", 1)]);
        assert!(
            ledger
                .changed(Change::Deleted, object("a", "a", 2))
                .is_some()
        );
        assert!(ledger.listed(vec![]).is_empty());
    }

    #[test]
    fn a_gap_is_told_once_and_ends_once() {
        let mut continuity = Continuity::of("watch of Pod".to_owned());
        assert!(continuity.resumed("nothing broke").is_none());
        assert!(continuity.broke("reset".to_owned()).is_some());
        assert!(continuity.broke("refused".to_owned()).is_none());
        assert!(continuity.resumed("listed").is_some());
        assert!(continuity.resumed("listed").is_none());
    }
}
