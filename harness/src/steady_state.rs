//! What remedied means: every object of the goal is Ready by its own rules, with pods of the newest
//! template, and stays so without a restart.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::condition::{Answer, ready};
use crate::witness::{
    AppliedObject, Millis, ObjectKey, StepOutcome, Witness, resource_version, text_at, uid,
};
use crate::workload::{newest_pods, statuses};

/// The objects that must be Ready, as the API server stored them last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Goal {
    objects: BTreeMap<ObjectKey, AppliedObject>,
    refused: BTreeMap<ObjectKey, String>,
}

impl Goal {
    /// Takes in what a step applied and deleted, and what was refused: the goal is not met before
    /// that is accepted.
    pub fn after(&mut self, outcome: &StepOutcome) {
        for applied in &outcome.applied {
            self.refused.retain(|key, _| !is_same(key, &applied.key));
            self.objects.insert(applied.key.clone(), applied.clone());
        }
        for gone in &outcome.deleted {
            self.refused.retain(|key, _| !is_same(key, gone));
            self.objects.retain(|key, _| !is_same(key, gone));
        }
        for refusal in &outcome.refusals {
            if let Some(key) = &refusal.key {
                self.refused.insert(key.clone(), refusal.message.clone());
            }
        }
    }

    /// The objects of the goal.
    pub fn keys(&self) -> impl Iterator<Item = &ObjectKey> {
        self.objects.keys()
    }

    /// What this goal lacks of an earlier one: an object that is gone, or replicas that are fewer.
    #[must_use]
    pub fn taken_away_from(&self, earlier: &Self) -> Option<String> {
        earlier.objects.values().find_map(|before| {
            let Some(now) = self.objects.get(&before.key) else {
                return Some(format!("{} was deleted", before.key));
            };
            let (before_replicas, replicas) = (before.replicas?, now.replicas?);
            (replicas < before_replicas).then(|| {
                format!(
                    "{} was scaled from {before_replicas} to {replicas}",
                    before.key
                )
            })
        })
    }
}

/// A namespace may be left out: in a manifest that is refused, and for kinds that have none.
fn is_same(a: &ObjectKey, b: &ObjectKey) -> bool {
    let same_place = a.namespace == b.namespace || a.namespace.is_empty() || b.namespace.is_empty();
    a.kind == b.kind && a.name == b.name && same_place
}

/// Whether a goal is met at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assessment {
    /// Everything is Ready; restarts of each container of its pods.
    Met(Restarts),
    /// Something is not; the object and why.
    NotYet(String),
    /// Something cannot become Ready any more; the object and why.
    Never(String),
}

/// Restart counts by pod uid and container.
pub type Restarts = BTreeMap<(String, String), u64>;

/// Judges every object of the goal as it stands.
#[must_use]
pub fn assess(witness: &Witness, goal: &Goal) -> Assessment {
    let mut restarts = Restarts::new();
    let mut refused = goal.refused.iter();
    let mut not_yet = refused
        .next()
        .map(|(key, message)| format!("{key}: was refused: {message}"));
    if goal.objects.is_empty() && not_yet.is_none() {
        return Assessment::NotYet("nothing was applied".to_owned());
    }
    for applied in goal.objects.values() {
        match assess_object(witness, applied, &mut restarts) {
            Answer::Holds => {}
            Answer::NotYet(why) => {
                not_yet.get_or_insert(format!("{}: {why}", applied.key));
            }
            Answer::Never(why) => return Assessment::Never(format!("{}: {why}", applied.key)),
        }
    }
    not_yet.map_or(Assessment::Met(restarts), Assessment::NotYet)
}

fn assess_object(witness: &Witness, applied: &AppliedObject, restarts: &mut Restarts) -> Answer {
    let Some(object) = witness.get(&applied.key) else {
        return if witness.watches(&applied.key.kind) {
            Answer::NotYet("is not there".to_owned())
        } else {
            Answer::Holds
        };
    };
    if resource_version(object) < applied.resource_version {
        return Answer::NotYet("is not yet seen as applied".to_owned());
    }
    let answer = ready(object);
    let pods = match applied.key.kind.as_str() {
        "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet" => newest_pods(witness, object),
        "Pod" => vec![object],
        _ => return answer,
    };
    if answer == Answer::Holds
        && let Some(unready) = unready_pods(&applied.key.kind, object, &pods)
    {
        return unready;
    }
    for pod in pods {
        restarts.extend(restarts_of(pod));
    }
    answer
}

/// A workload's counts may be older or newer than its pods; both must agree.
fn unready_pods(kind: &str, workload: &Value, pods: &[&Value]) -> Option<Answer> {
    for pod in pods {
        if let Answer::NotYet(why) | Answer::Never(why) = ready(pod) {
            let name = text_at(pod, "/metadata/name").unwrap_or_default();
            return Some(Answer::NotYet(format!("pod {name}: {why}")));
        }
    }
    let desired = match kind {
        "DaemonSet" => workload["status"]["desiredNumberScheduled"].as_u64(),
        "Pod" => Some(1),
        _ => workload["spec"]["replicas"].as_u64(),
    }
    .unwrap_or(1);
    let actual = pods.len() as u64;
    (actual != desired).then(|| {
        Answer::NotYet(format!(
            "{actual} of {desired} pods of the newest template are there"
        ))
    })
}

fn restarts_of(pod: &Value) -> Restarts {
    statuses(pod)
        .map(|status| {
            let container = text_at(status, "/name").unwrap_or_default();
            (
                (uid(pod).to_owned(), container.to_owned()),
                status["restartCount"].as_u64().unwrap_or_default(),
            )
        })
        .collect()
}

/// Follows a goal over time until it has held long enough.
#[derive(Debug, Clone)]
pub struct Hold {
    length: Millis,
    met: Option<(Millis, Restarts)>,
}

/// Where a hold is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldState {
    /// The goal is not met; why.
    NotMet(String),
    /// The goal cannot be met any more; why.
    Never(String),
    /// Met since this moment, not yet long enough.
    Holding {
        /// When it was met.
        since: Millis,
        /// When it will have held long enough.
        until: Millis,
    },
    /// Met long enough, since this moment.
    Held {
        /// When it was met.
        since: Millis,
    },
    /// Met, and then not, or a container restarted; why.
    Broken(String),
}

impl Hold {
    /// A goal must hold for so many milliseconds.
    #[must_use]
    pub const fn new(length: Millis) -> Self {
        Self { length, met: None }
    }

    /// Takes in what the goal is at this moment. After `Broken` the hold begins anew.
    pub fn observe(&mut self, assessment: Assessment, now: Millis) -> HoldState {
        match (assessment, self.met.take()) {
            (Assessment::Met(restarts), None) => {
                self.met = Some((now, restarts));
                self.state(now, now)
            }
            (Assessment::Met(restarts), Some((since, before))) => {
                if restarts == before {
                    self.met = Some((since, before));
                    return self.state(since, now);
                }
                HoldState::Broken(changed_pods(&before, &restarts))
            }
            (Assessment::NotYet(why), Some(_)) => {
                HoldState::Broken(format!("was Ready, and then not: {why}"))
            }
            (Assessment::NotYet(why), None) => HoldState::NotMet(why),
            (Assessment::Never(why), _) => HoldState::Never(why),
        }
    }

    fn state(&self, since: Millis, now: Millis) -> HoldState {
        let until = since + self.length;
        if now >= until {
            HoldState::Held { since }
        } else {
            HoldState::Holding { since, until }
        }
    }
}

fn changed_pods(before: &Restarts, now: &Restarts) -> String {
    for (key @ (_, container), count) in now {
        if let Some(earlier) = before.get(key)
            && count > earlier
        {
            return format!("container {container} restarted while everything was Ready");
        }
    }
    "a pod was replaced while everything was Ready".to_owned()
}

#[cfg(test)]
mod tests;
