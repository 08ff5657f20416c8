//! The rules for each part of a claim, from its first step to its last finding.

use super::diagnosis::Mistakes;
use super::field::FieldTest;
use super::made::{Made, Thing};
use super::nearest::nearest;
use super::positions::{Node, Position};
use super::{
    Await, Check, Clause, Duration, EventClause, ExecCheck, HttpCheck, LogClause, ObjectName,
    Scenario, Selector, StateClause, Step, references,
};

/// One event reason per line, sorted; `#` begins a comment.
const EVENT_REASONS: &str = include_str!("event_reasons.txt");

/// Finds the mistakes of a scenario's parts; objects are looked up where `made` is known.
pub(super) fn walk(
    scenario: &Scenario,
    root: &Node,
    made: Option<&Made>,
    mistakes: &mut Mistakes<'_>,
) {
    Claim { made, mistakes }.scenario(scenario, root);
}

struct Claim<'a, 'b, 'c> {
    made: Option<&'a Made>,
    mistakes: &'b mut Mistakes<'c>,
}

impl<'a> Claim<'a, '_, '_> {
    fn scenario(&mut self, scenario: &'a Scenario, root: &Node) {
        if let Some(steady_state) = &scenario.steady_state {
            let at = root.key("steady_state");
            self.steps(&steady_state.steps, at, "steps");
            self.time(steady_state.within, at, "within");
            self.time(steady_state.hold, at, "hold");
            self.checks(&steady_state.checks, at.key("checks"));
        }
        self.steps(&scenario.fault.steps, root.key("fault"), "steps");
        self.time(scenario.fault.within, root.key("fault"), "within");
        self.signature(&scenario.signature, root);
        self.time(scenario.control.hold, root.key("control"), "hold");
        let remedy = root.key("remedy");
        self.steps(&scenario.remedy.steps, remedy, "steps");
        self.time(scenario.remedy.within, remedy, "within");
        self.time(scenario.remedy.hold, remedy, "hold");
        self.checks(&scenario.checks, root.key("checks"));
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
            }
        }
    }

    fn steps(&mut self, steps: &'a [Step], phase: &Node, key: &str) {
        if steps.is_empty() {
            self.empty(phase, key, "write for example `- apply: broken.yaml`");
        }
        for (index, step) in steps.iter().enumerate() {
            let at = phase.key(key).index(index);
            match step {
                Step::Apply(_) => {}
                Step::Delete(object) => {
                    self.object(object, at.key("delete"));
                }
                Step::Restart(object) => {
                    let kinds = &["Deployment", "StatefulSet", "DaemonSet"];
                    self.object_of(kinds, "restarted", object, at.key("restart"));
                }
                Step::Scale(scale) => {
                    let kinds = &["Deployment", "StatefulSet", "ReplicaSet"];
                    let at = at.key("scale").key("object");
                    self.object_of(kinds, "scaled", &scale.object, at);
                }
                Step::Await(wait) => self.wait(wait, at),
            }
        }
    }

    fn wait(&mut self, wait: &'a Await, step: &Node) {
        let at = step.key("await");
        self.time(wait.within, at, "within");
        if wait.state.is_some() == wait.gone.is_some() {
            let message = "an `await` waits for one thing";
            let help = "give exactly one of `state` and `gone`";
            self.wrong(step.key_position("await"), message, help);
        }
        if let Some(state) = &wait.state {
            self.state(state, at.key("state"));
        }
        if let Some(gone) = &wait.gone {
            self.selector(gone, at.key("gone"));
        }
    }

    fn signature(&mut self, signature: &'a [Clause], root: &Node) {
        if signature.is_empty() {
            self.empty(
                root,
                "signature",
                "write what the cluster shows of this failure",
            );
        }
        for (index, clause) in signature.iter().enumerate() {
            let at = root.key("signature").index(index);
            match clause {
                Clause::State(state) => self.state(state, at.key("state")),
                Clause::Event(event) => self.event(event, at.key("event")),
                Clause::Log(log) => self.log(log, at.key("log")),
                Clause::Refusal(refusal) => {
                    self.object(&refusal.of, at.key("refusal").key("of"));
                }
            }
        }
    }

    fn state(&mut self, state: &'a StateClause, at: &Node) {
        self.selector(&state.of, at.key("of"));
        if state.fields.is_empty() {
            self.empty(at, "fields", "write what its fields are, at least one");
        }
        self.fields(&state.fields, at.key("fields"));
    }

    fn event(&mut self, event: &'a EventClause, at: &Node) {
        let about = self.selector(&event.of, at.key("of"));
        // The controllers of other projects have reasons of their own.
        if about.iter().any(|thing| thing.foreign) {
            return;
        }
        let reason = event.reason.value.as_str();
        let known = || EVENT_REASONS.lines().filter(|line| !line.starts_with('#'));
        if !known().any(|line| line == reason) {
            let help = match nearest(reason, known()) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`kubectl get events` shows it in the column REASON".to_owned(),
            };
            let message = format!("Kubernetes has no events with the reason `{reason}`");
            self.wrong(at.key("reason").position(), &message, &help);
        }
    }

    fn log(&mut self, log: &'a LogClause, at: &Node) {
        let pods = self.selector(&log.of, at.key("of"));
        let position = at.key("container").position();
        if log.of.kind.value == "Pod" {
            references::container(&pods, &log.container.value, position, self.mistakes);
        } else {
            let message = format!("a {} has no log", log.of.kind.value);
            let position = at.key("of").key("kind").position();
            self.wrong(position, &message, "select the pods, with `kind: Pod`");
        }
        if log.contains.iter().all(String::is_empty) {
            self.empty(at, "contains", "write a part of the line");
        }
    }

    fn fields(&mut self, fields: &[FieldTest], at: &Node) {
        for (index, field) in fields.iter().enumerate() {
            let at = at.index(index);
            let path = &field.path;
            if field.tests_given() != 1 {
                let message = match field.tests_given() {
                    0 => format!("`{path}` has no test"),
                    given => format!("`{path}` has {given} tests"),
                };
                let help = "give exactly one of `is`, `in`, `contains`, `at_least`, `exists`";
                self.wrong(at.position(), &message, help);
            }
            if field.one_of.as_ref().is_some_and(Vec::is_empty) {
                self.empty(at, "in", "write the values, one of which must be there");
            }
        }
    }

    fn checks(&mut self, checks: &'a [Check], at: &Node) {
        for (index, check) in checks.iter().enumerate() {
            let at = at.index(index);
            match check {
                Check::Http(http) => self.http(http, at.key("http")),
                Check::Exec(exec) => self.exec(exec, at.key("exec")),
            }
        }
    }

    fn http(&mut self, http: &'a HttpCheck, at: &Node) {
        self.time(http.within, at, "within");
        if let Some(made) = self.made {
            references::service(made, http, at, self.mistakes);
        }
        if !http.path.starts_with('/') {
            let message = format!("the path `{}` does not begin with `/`", http.path);
            let help = "write for example `/-/ready`";
            self.wrong(at.key("path").position(), &message, help);
        }
        self.fields(&http.fields, at.key("fields"));
    }

    fn exec(&mut self, exec: &'a ExecCheck, at: &Node) {
        self.time(exec.within, at, "within");
        let target = self.object(&exec.target, at.key("in"));
        let kind = exec.target.kind.value.as_str();
        if let Some(thing) = target {
            if !matches!(
                kind,
                "Pod" | "Deployment" | "StatefulSet" | "DaemonSet" | "ReplicaSet"
            ) {
                let message = format!("a {kind} has no containers in which a command could run");
                let help = "name a pod, or a workload that keeps pods";
                self.wrong(at.key("in").key("kind").position(), &message, help);
            } else if let Some(container) = &exec.container {
                let position = at.key("container").position();
                references::container(&[thing], container, position, self.mistakes);
            }
        }
        if exec.command.is_empty() {
            self.empty(at, "command", "write the program and its arguments");
        }
    }

    fn selector(&mut self, selector: &'a Selector, at: &Node) -> Vec<&'a Thing> {
        match self.made {
            Some(made) => references::selector(made, selector, at, self.mistakes),
            None => Vec::new(),
        }
    }

    fn object(&mut self, object: &'a ObjectName, at: &Node) -> Option<&'a Thing> {
        references::object(self.made?, object, at, self.mistakes)
    }

    fn object_of(&mut self, kinds: &[&str], done: &str, object: &'a ObjectName, at: &Node) {
        let kind = object.kind.value.as_str();
        let found = self.object(object, at);
        if found.is_some() && !kinds.contains(&kind) {
            let message = format!("a {kind} cannot be {done}");
            let help = format!("these can: {}", kinds.join(", "));
            self.wrong(at.key("kind").position(), &message, &help);
        }
    }

    fn time(&mut self, time: Duration, at: &Node, key: &str) {
        if time.as_millis() == 0 {
            let message = format!("`{key}` is 0");
            self.wrong(at.key(key).position(), &message, "write for example `30s`");
        }
    }

    fn empty(&mut self, at: &Node, key: &str, help: &str) {
        self.wrong(at.key_position(key), &format!("`{key}` is empty"), help);
    }

    fn wrong(&mut self, position: Position, message: &str, help: &str) {
        self.mistakes.add(position, message, help.to_owned());
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_reasons_are_sorted_and_each_is_there_once() {
        let reasons: Vec<&str> = super::EVENT_REASONS
            .lines()
            .filter(|line| !line.starts_with('#'))
            .collect();
        assert!(reasons.is_sorted_by(|a, b| a < b));
        assert!(reasons.contains(&"FailedBinding"));
    }
}
