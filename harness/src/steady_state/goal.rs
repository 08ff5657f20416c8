//! What must be Ready: what the steps stored last, and the numbers that the claim declares.

use std::collections::BTreeMap;
use std::iter::successors;

use serde_json::Value;

use crate::kinds::{Trait, may_be};
use crate::scenario::{DeclaredGoal, ReadyClause};
use crate::witness::{AppliedObject, ObjectKey, StepOutcome, Witness, resource_version};
use crate::workload::owner_of;

/// The objects that must be Ready, as the API server stored them last, and what is declared of
/// them.
#[derive(Debug, Clone, Default)]
pub struct Goal {
    pub(super) objects: BTreeMap<ObjectKey, AppliedObject>,
    pub(super) refused: BTreeMap<ObjectKey, String>,
    pub(super) declared: BTreeMap<ObjectKey, Declared>,
    ready: Vec<Expected>,
}

/// What Ready means beside.
#[derive(Debug, Clone)]
struct Expected {
    clause: ReadyClause,
    /// Whether it counts by now.
    counts: bool,
}

/// What is meant of one object, where the cure takes a workload away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declared {
    /// So many replicas, no more and no fewer.
    Replicas(u64),
    /// It is not there.
    Absent,
}

impl Goal {
    /// A goal that is met where these clauses hold too: each from when a step applies the object that
    /// it speaks of, all of them from the fault on.
    #[must_use]
    pub fn expecting(clauses: &[ReadyClause]) -> Self {
        let expected = |clause: &ReadyClause| Expected {
            clause: clause.clone(),
            counts: false,
        };
        Self {
            ready: clauses.iter().map(expected).collect(),
            ..Self::default()
        }
    }

    /// Takes all clauses as counting from here on.
    pub fn expect_all(&mut self) {
        for expected in &mut self.ready {
            expected.counts = true;
        }
    }

    pub(super) fn ready_clauses(&self) -> impl Iterator<Item = &ReadyClause> {
        let counting = self.ready.iter().filter(|expected| expected.counts);
        counting.map(|expected| &expected.clause)
    }

    /// Takes in what a step applied and deleted, and what was refused: the goal is not met before
    /// that is accepted.
    pub fn after(&mut self, outcome: &StepOutcome) {
        for applied in &outcome.applied {
            self.refused.retain(|key, _| !is_same(key, &applied.key));
            self.objects.insert(applied.key.clone(), applied.clone());
            for expected in &mut self.ready {
                let subject = expected.clause.subject();
                expected.counts |= subject.is_some_and(|subject| is_same(&subject, &applied.key));
            }
        }
        for gone in &outcome.deleted {
            self.refused.retain(|key, _| !is_same(key, gone));
            self.objects.retain(|key, _| !is_same(key, gone));
        }
        let refused = outcome.refusals.iter();
        for refusal in refused.filter(|_| !outcome.of_what_stands) {
            if let Some(key) = &refusal.key {
                self.refused.insert(key.clone(), refusal.message.clone());
            }
        }
    }

    /// Takes these numbers as what is meant, in place of those declared before. From here on the
    /// goal is met when exactly they are seen.
    pub fn declare(&mut self, goals: &[DeclaredGoal]) {
        let declared = goals.iter().filter_map(|goal| {
            let key = ObjectKey::from(&goal.of);
            let absent = (goal.absent == Some(true)).then_some(Declared::Absent);
            Some((key, absent.or(goal.replicas.map(Declared::Replicas))?))
        });
        self.declared = declared.collect();
    }

    /// What is to be assessed: what was applied, and what was not but is declared.
    pub fn keys(&self) -> impl Iterator<Item = &ObjectKey> {
        let declared = self.declared.keys();
        let others = declared.filter(|key| !self.objects.keys().any(|known| is_same(known, key)));
        self.objects.keys().chain(others)
    }

    /// Of what is to be assessed, what is not meant to be gone.
    pub fn present(&self) -> impl Iterator<Item = &ObjectKey> {
        self.keys()
            .filter(|key| self.declared_of(key) != Some(Declared::Absent))
    }

    pub(super) fn declared_of(&self, key: &ObjectKey) -> Option<Declared> {
        let mut declared = self.declared.iter();
        declared
            .find(|(known, _)| is_same(known, key))
            .map(|(_, declared)| *declared)
    }

    /// What this goal lacks of an earlier one, other than declared: a workload or a claim that was
    /// deleted, suspended or made smaller.
    #[must_use]
    pub fn taken_away_from(&self, earlier: &Self) -> Option<String> {
        let mut before = earlier.objects.values();
        before.find_map(|before| self.taken_away(before))
    }

    fn taken_away(&self, before: &AppliedObject) -> Option<String> {
        let key = &before.key;
        let declared = self.declared_of(key);
        if !can_be_taken_away(before) || declared == Some(Declared::Absent) {
            return None;
        }
        let Some(now) = self.objects.get(key) else {
            return Some(format!("{key} was deleted"));
        };
        if now.suspended == Some(true) && before.suspended != Some(true) {
            return Some(format!("{key} was suspended"));
        }
        if now.parallelism == Some(0) && before.parallelism != Some(0) {
            return Some(format!("{key} was given a parallelism of 0"));
        }
        let replicas = now.replicas?;
        if let Some(Declared::Replicas(meant)) = declared {
            let fewer = format!("{key} was scaled to {replicas}, and {meant} is declared");
            return (replicas < meant).then_some(fewer);
        }
        let earlier = before.replicas?;
        (replicas < earlier).then(|| format!("{key} was scaled from {earlier} to {replicas}"))
    }

    /// What this goal still has of an earlier one, as that had it.
    #[must_use]
    pub fn left_of(&self, earlier: &Self) -> Self {
        let mut left = earlier.clone();
        left.objects.retain(|key, _| self.objects.contains_key(key));
        left
    }

    /// Whether an object, and the workload whose pod it is, are seen as the steps stored them, or
    /// later. What no step stored is.
    #[must_use]
    pub fn is_seen_as_applied(&self, witness: &Witness, object: &Value) -> bool {
        // At most a pod, its ReplicaSet and its Deployment.
        let mut chain = successors(Some(object), |object| owner_of(witness, object)).take(3);
        chain.all(|object| {
            let key = ObjectKey::of(object);
            let mut applied = self
                .objects
                .values()
                .filter(|applied| key.may_be(&applied.key));
            applied.all(|applied| resource_version(object) >= applied.resource_version)
        })
    }
}

impl ReadyClause {
    /// The object that it speaks of, if it names one.
    fn subject(&self) -> Option<ObjectKey> {
        match self {
            Self::State(state) => {
                let name = &state.of.name.as_ref()?.value;
                let key = ObjectKey::named(&state.of.kind.value, &state.of.namespace, name);
                let group = state.of.group().map(ToOwned::to_owned);
                Some(ObjectKey { group, ..key })
            }
            Self::Http(http) => {
                let service = http.service.value.as_str();
                Some(ObjectKey::named("Service", &http.namespace, service))
            }
            Self::Exec(exec) => Some(ObjectKey::from(&exec.target)),
        }
    }
}

/// A failure ends with its workload or its data; it does not with a policy or a webhook, whose
/// deletion may well be the cure.
fn can_be_taken_away(object: &AppliedObject) -> bool {
    object.replicas.is_some() || object.key.is(Trait::Subject)
}

/// A namespace may be left out: in a manifest that is refused, and for kinds that have none.
pub(super) fn is_same(a: &ObjectKey, b: &ObjectKey) -> bool {
    let same_place = a.namespace == b.namespace || a.namespace.is_empty() || b.namespace.is_empty();
    let same_group = may_be(a.group.as_deref(), b.group.as_deref());
    a.kind == b.kind && a.name == b.name && same_place && same_group
}
