//! The rules for each part of a claim, from its first step to its last finding.

use std::collections::BTreeSet;

use super::api_schema::Kinds;
use super::known_objects::{KnownObject, KnownObjects};
use super::places::place_of;
use super::references;
use crate::input::diagnostic::Mistakes;
use crate::input::suggest::did_you_mean;
use crate::input::{Position, YamlNode};
use crate::kubernetes::kinds::{self, Kind, Trait};
use crate::redact::Redactor;
use crate::scenario::node_names::{CONTROL_PLANE, MOST_NODES, node_names};
use crate::scenario::{Duration, Link, ObjectName, Scenario, Selector, Step};

/// The shortest time for which a failure or a cure must last, and why.
pub(crate) const SHORTEST: (Duration, &str) = (
    Duration::from_millis(3_000),
    "the kubelet probes once a second at most, and believes the third failure",
);

/// The same for what is Ready before the fault, and is to break.
const SHORTEST_START: (Duration, &str) = (
    Duration::from_millis(1_000),
    "the kubelet probes once a second at most",
);

/// A rate is no more exact with more.
const MOST_REPETITIONS: u32 = 1_000;

/// Finds the mistakes of a scenario's parts; objects are looked up where `made` is known.
pub(crate) fn walk<'a>(
    scenario: &'a Scenario,
    root: &YamlNode,
    made: Option<&'a KnownObjects>,
    kinds: Option<&'a Kinds<'a>>,
    secrets: &'a Redactor,
    mistakes: &mut Mistakes<'_>,
) {
    let mut claim = Linter {
        made,
        kinds,
        nodes: scenario.nodes,
        secrets,
        questions: BTreeSet::new(),
        mistakes,
    };
    claim.scenario(scenario, root);
}

pub(crate) struct Linter<'a, 'b, 'c> {
    pub(crate) made: Option<&'a KnownObjects>,
    pub(crate) kinds: Option<&'a Kinds<'a>>,
    /// How many nodes the cluster has.
    nodes: u32,
    pub(crate) secrets: &'a Redactor,
    /// Names of what clauses ask.
    pub(crate) questions: BTreeSet<String>,
    pub(crate) mistakes: &'b mut Mistakes<'c>,
}

impl<'a> Linter<'a, '_, '_> {
    fn scenario(&mut self, scenario: &'a Scenario, root: &YamlNode) {
        if let Some(steady_state) = &scenario.steady_state {
            let at = root.key("steady_state");
            self.steps(&steady_state.steps, at, "steps");
            self.time(steady_state.within, at, "within");
            self.patience(&steady_state.steps, steady_state.within, at);
            self.hold(steady_state.hold, at, SHORTEST_START);
            self.goal(&steady_state.goal, at.key("goal"));
            self.checks(&steady_state.checks, at.key("checks"));
        }
        self.titles(&scenario.links, root.key("links"));
        for failure in scenario.chain() {
            let at = place_of(&failure, root);
            self.steps(&failure.fault.steps, at.key("fault"), "steps");
            self.time(failure.fault.within, at.key("fault"), "within");
            self.patience(&failure.fault.steps, failure.fault.within, at.key("fault"));
            self.signature(failure.signature, at);
            self.goal(&failure.fault.goal, at.key("fault").key("goal"));
            self.hold(failure.control.hold, at.key("control"), SHORTEST);
            if let Some(healed) = failure.control.healed_after {
                self.time(healed, at.key("control"), "healed_after");
            }
        }
        self.ready(&scenario.ready, root.key("ready"));
        let remedy = root.key("remedy");
        self.steps(&scenario.remedy.steps, remedy, "steps");
        self.time(scenario.remedy.within, remedy, "within");
        self.patience(&scenario.remedy.steps, scenario.remedy.within, remedy);
        self.hold(scenario.remedy.hold, remedy, SHORTEST);
        self.goal(&scenario.remedy.goal, remedy.key("goal"));
        self.checks(&scenario.checks, root.key("checks"));
        self.stress(&scenario.stress, root.key("stress"));
        self.asides(scenario, root);
        self.time(scenario.longest_gap, root, "longest_gap");
        for (index, finding) in scenario.findings.iter().enumerate() {
            if let Some(trial) = &finding.trial {
                let at = root.key("findings").index(index).key("trial");
                self.steps(&trial.reset, at, "reset");
                self.steps(&trial.steps, at, "steps");
                self.time(trial.within, at, "within");
                if trial.repeat == 0 {
                    let position = at.key("repeat").position();
                    self.wrong(
                        position,
                        "`repeat` is 0",
                        "a rate needs at least one repetition",
                    );
                }
                if trial.repeat > MOST_REPETITIONS {
                    let position = at.key("repeat").position();
                    let message = format!("`repeat` is {}", trial.repeat);
                    let help = format!("a trial has at most {MOST_REPETITIONS} repetitions");
                    self.wrong(position, &message, &help);
                }
            }
        }
    }

    /// Statements and verdicts name a link by its title.
    fn titles(&mut self, links: &'a [Link], at: &YamlNode) {
        let mut titles = BTreeSet::new();
        for (index, link) in links.iter().enumerate() {
            let title = link.title.value.trim();
            let at = at.index(index);
            if title.is_empty() {
                self.empty(at, "title", "write what fails, in one line");
            } else if !titles.insert(title) {
                let message = format!("the link `{title}` is given twice");
                self.wrong(at.key("title").position(), &message, "keep one");
            }
        }
    }

    pub(crate) fn steps(&mut self, steps: &'a [Step], phase: &YamlNode, key: &str) {
        if steps.is_empty() {
            self.empty(phase, key, "write for example `- apply: broken.yaml`");
        }
        for (index, step) in steps.iter().enumerate() {
            let at = phase.key(key).index(index);
            match step {
                Step::Apply(_) | Step::ServerSideApply(_) | Step::Create(_) => {}
                Step::Delete(delete) => self.delete(delete, at.key("delete")),
                Step::Patch(patch) => self.patch(patch, at.key("patch")),
                Step::Label(label) => {
                    let none = label.labels.is_empty();
                    self.settings(&label.object, none, at.key("label"), "labels");
                }
                Step::Annotate(annotate) => {
                    let none = annotate.annotations.is_empty();
                    self.settings(&annotate.object, none, at.key("annotate"), "annotations");
                }
                Step::Restart(object) => {
                    self.object_of(Trait::RollsOut, "restarted", object, at.key("restart"));
                }
                Step::Undo(object) => {
                    self.object_of(Trait::RollsOut, "undone", object, at.key("undo"));
                }
                Step::Pause(object) => {
                    self.object_of(Trait::Pauses, "paused", object, at.key("pause"));
                }
                Step::Resume(object) => {
                    self.object_of(Trait::Pauses, "resumed", object, at.key("resume"));
                }
                Step::Scale(scale) => {
                    let at = at.key("scale").key("object");
                    self.object_of(Trait::Scales, "scaled", &scale.object, at);
                }
                Step::Exec(exec) => self.command(exec, at.key("exec")),
                Step::Evict(evict) => self.evict(evict, at.key("evict")),
                Step::Cordon(node) => self.node(&node.value, at.key("cordon")),
                Step::Uncordon(node) => self.node(&node.value, at.key("uncordon")),
                Step::Drain(drain) => {
                    let at = at.key("drain");
                    self.node(&drain.node.value, at.key("node"));
                    self.time(drain.within, at, "within");
                }
                Step::Taint(taint) => self.taint(taint, at.key("taint")),
                Step::StopNode(node) => self.stopped(&node.value, at.key("stop_node")),
                Step::StartNode(node) => self.node(&node.value, at.key("start_node")),
                Step::Await(wait) => self.wait(wait, at),
            }
        }
    }

    pub(crate) fn node(&mut self, name: &str, at: &YamlNode) {
        let names: Vec<String> = node_names(self.nodes).collect();
        if names.iter().any(|known| known == name) {
            return;
        }
        let known: Vec<&str> = names.iter().map(String::as_str).collect();
        let help = if node_names(MOST_NODES).any(|other| other == name) {
            "say how many there are, for example `nodes: 2`".to_owned()
        } else {
            did_you_mean(name, &known, "its nodes")
        };
        let message = format!("the cluster has no node `{name}`");
        self.wrong(at.position(), &message, &help);
    }

    fn stopped(&mut self, name: &str, at: &YamlNode) {
        if name == CONTROL_PLANE {
            let message = "without its control plane a cluster shows nothing";
            let help = "stop a worker; `stress` restarts the control plane";
            self.wrong(at.position(), message, help);
        } else {
            self.node(name, at);
        }
    }

    pub(crate) fn selector(
        &mut self,
        selector: &'a Selector,
        at: &YamlNode,
    ) -> Vec<&'a KnownObject> {
        match self.made {
            Some(made) => references::selector(made, selector, at, self.mistakes),
            None => Vec::new(),
        }
    }

    pub(crate) fn object(
        &mut self,
        object: &'a ObjectName,
        at: &YamlNode,
    ) -> Option<&'a KnownObject> {
        references::object(self.made?, object, at, self.mistakes)
    }

    pub(crate) fn object_of(
        &mut self,
        what: Trait,
        done: &str,
        object: &'a ObjectName,
        at: &YamlNode,
    ) {
        let kind = object.kind.value.as_str();
        let found = self.object(object, at);
        if found.is_some_and(|thing| !kinds::is(thing.group.as_deref(), kind, what)) {
            let message = format!("a {kind} cannot be {done}");
            let able: BTreeSet<&str> = Kind::all(what).map(|kind| kind.name).collect();
            let able: Vec<&str> = able.into_iter().collect();
            let help = format!("these can: {}", able.join(", "));
            self.wrong(at.key("kind").position(), &message, &help);
        }
    }

    pub(crate) fn time(&mut self, time: Duration, at: &YamlNode, key: &str) {
        if time.as_millis() == 0 {
            let message = format!("`{key}` is 0");
            self.wrong(at.key(key).position(), &message, "write for example `30s`");
        }
    }

    /// How long something lasts must be long enough to tell it from what is so for a moment.
    pub(crate) fn hold(
        &mut self,
        hold: Duration,
        at: &YamlNode,
        (shortest, why): (Duration, &str),
    ) {
        self.time(hold, at, "hold");
        if hold < shortest && hold.as_millis() > 0 {
            let message =
                format!("`hold` is {hold}, and less than {shortest} shows nothing: {why}");
            let help = format!("write at least `{shortest}`");
            self.wrong(at.key("hold").position(), &message, &help);
        }
    }

    pub(crate) fn empty(&mut self, at: &YamlNode, key: &str, help: &str) {
        self.wrong(at.key_position(key), &format!("`{key}` is empty"), help);
    }

    pub(crate) fn wrong(&mut self, position: Position, message: &str, help: &str) {
        self.mistakes.add(position, message, help.to_owned());
    }
}
