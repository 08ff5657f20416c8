//! What must be Ready: what the steps stored last, and what the claim declares.

use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

use serde_json::Value;

use super::leaving::stays;
use crate::kubernetes::kinds::may_be;
use crate::kubernetes::resource_version;
use crate::scenario::{DeclaredGoal, ReadyClause};
use crate::witness::{AppliedObject, Leaving, ObjectKey, StepOutcome, Witness};
use crate::workload::owner_of;

/// The objects that must be Ready, as the API server stored them last, and what is declared of
/// them.
#[derive(Debug, Clone, Default)]
pub struct Goal {
    pub(super) objects: BTreeMap<ObjectKey, AppliedObject>,
    pub(super) refused: BTreeMap<ObjectKey, String>,
    /// What each step was refused, by its words.
    refused_by: BTreeMap<String, BTreeSet<ObjectKey>>,
    /// What was refused once and then accepted, though nothing is stored by its name: an eviction, a
    /// command, an object whose name the server made.
    pub(super) accepted: BTreeSet<ObjectKey>,
    pub(super) declared: BTreeMap<ObjectKey, Declared>,
    /// What must be gone, since a step deleted or evicted it.
    leaving: Vec<Leaving>,
    ready: Vec<Expected>,
}

/// What Ready means beside.
#[derive(Debug, Clone)]
struct Expected {
    clause: ReadyClause,
    /// Whether it counts by now.
    counts: bool,
}

/// What is meant of one object, where it is not to be Ready or does less than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Declared {
    /// So many replicas, no more and no fewer.
    Replicas(u64),
    /// It is not there.
    Absent,
    /// It is suspended.
    Suspended,
    /// Its pods wait behind scheduling gates.
    Gated,
    /// It does less than before, and is Ready by the rules of its kind.
    Less,
}

impl Declared {
    fn of(goal: &DeclaredGoal) -> Option<Self> {
        let said = |flag: Option<bool>, meant| (flag == Some(true)).then_some(meant);
        goal.replicas
            .map(Self::Replicas)
            .or_else(|| said(goal.absent, Self::Absent))
            .or_else(|| said(goal.suspended, Self::Suspended))
            .or_else(|| said(goal.gated, Self::Gated))
            .or_else(|| goal.less.as_ref().map(|_| Self::Less))
    }

    /// Whether a step has since stored what is meant no more.
    fn is_over(self, stored: &AppliedObject) -> bool {
        match self {
            Self::Replicas(meant) => stored.replicas.is_some_and(|now| now != meant),
            Self::Absent => true,
            Self::Suspended => stored.suspended != Some(true),
            Self::Gated | Self::Less => false,
        }
    }
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

    /// What is still there although its end was asked for, in words.
    pub(super) fn leaving(&self, witness: &Witness) -> Option<String> {
        let mut leaving = self.leaving.iter();
        leaving.find_map(|one| Some(format!("{}: {}", one.key, stays(witness, one)?)))
    }

    /// Takes in what a step applied and deleted, and what was refused: the goal is not met before
    /// that is accepted.
    pub fn after(&mut self, outcome: &StepOutcome) {
        for applied in &outcome.applied {
            self.declared
                .retain(|key, meant| !is_same(key, &applied.key) || !meant.is_over(applied));
            let refused = self.refused.keys();
            let created = refused.filter(|key| is_prefix(key, &applied.key)).cloned();
            self.accepted.extend(created);
            self.refused
                .retain(|key, _| !is_same(key, &applied.key) && !is_prefix(key, &applied.key));
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
        self.leaving.extend_from_slice(&outcome.leaving);
        // An eviction or a command stores nothing: that it was accepted shows when it is asked again.
        if outcome.refusals.is_empty() {
            let accepted = self.refused_by.remove(&outcome.step).unwrap_or_default();
            self.refused.retain(|key, _| !accepted.contains(key));
            self.accepted.extend(accepted);
        }
        for refusal in &outcome.refusals {
            if let Some(key) = &refusal.key {
                self.accepted.remove(key);
                self.refused.insert(key.clone(), refusal.message.clone());
                let by = self.refused_by.entry(outcome.step.clone()).or_default();
                by.insert(key.clone());
            }
        }
    }

    /// Takes this as what is meant, in place of everything declared before. From here on the goal is
    /// met when exactly that is seen.
    pub fn declare(&mut self, goals: &[DeclaredGoal]) {
        self.declared.clear();
        self.declare_beside(goals);
    }

    /// Takes this as meant too; of other objects what was declared before goes on being meant, until a
    /// step stores something else.
    pub fn declare_beside(&mut self, goals: &[DeclaredGoal]) {
        let declared = goals
            .iter()
            .filter_map(|goal| Some((ObjectKey::from(&goal.of), Declared::of(goal)?)));
        for (key, meant) in declared {
            self.declared.retain(|known, _| !is_same(known, &key));
            self.declared.insert(key, meant);
        }
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

/// A namespace may be left out: in a manifest, where that means `default`, and for kinds that have none.
pub(super) fn is_same(a: &ObjectKey, b: &ObjectKey) -> bool {
    let names = [a, b].map(|key| key.namespace.as_str());
    let same_place = names[0] == names[1] || matches!(names, ["", "default"] | ["default", ""]);
    let same_group = may_be(a.group.as_deref(), b.group.as_deref());
    a.kind == b.kind && a.name == b.name && same_place && same_group
}

/// Whether an object has the name that the server made of a refused prefix.
fn is_prefix(refused: &ObjectKey, made: &ObjectKey) -> bool {
    refused.kind == made.kind && refused.name.ends_with('-') && made.name.starts_with(&refused.name)
}
