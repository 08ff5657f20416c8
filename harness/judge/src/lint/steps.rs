//! The rules for the steps that are more than a name.

use super::phases::Linter;
use super::references;
use crate::input::YamlNode;
use crate::scenario::{
    Await, Delete, Duration, Evict, ExecStep, ObjectName, Patch, PatchType, Selector, Step, Taint,
};

impl<'a> Linter<'a, '_, '_> {
    pub(crate) fn delete(&mut self, delete: &'a Delete, at: &YamlNode) {
        if let Some(within) = delete.within {
            self.time(within, at, "within");
            if !delete.wait {
                let position = at.key("within").position();
                let message = "nothing is awaited within this time, since `wait` is false";
                self.wrong(position, message, "leave one of them out");
            }
        }
        if delete.name.is_none() && !delete.labels.is_empty() && delete.kind.value != "Pod" {
            let message = format!("a {} is deleted by its name", delete.kind.value);
            let help = "write `name`; only pods, whose names are made up, are deleted by `labels`";
            self.wrong(at.key("labels").position(), &message, help);
            return;
        }
        self.picked(&delete.picked().of, delete.count, at);
    }

    pub(crate) fn evict(&mut self, evict: &'a Evict, at: &YamlNode) {
        if let Some(within) = evict.within {
            self.time(within, at, "within");
        }
        self.picked(&evict.picked().of, evict.count, at);
    }

    fn picked(&mut self, of: &Selector, count: Option<u32>, at: &YamlNode) {
        let Some(made) = self.made else { return };
        if of.name.is_some() && !of.labels.is_empty() {
            let message = "this has both `name` and `labels`";
            self.wrong(at.key("labels").position(), message, "keep one of them");
        }
        match (count, &of.name) {
            (Some(0), _) => {
                let position = at.key("count").position();
                self.wrong(position, "`count` is 0", "write how many pods, at least 1");
            }
            (Some(_), Some(_)) => {
                let position = at.key("count").position();
                let message = "one object has this name";
                self.wrong(position, message, "leave `count` out, or write `labels`");
            }
            _ => {}
        }
        match &of.name {
            Some(name) => {
                let object = ObjectName {
                    kind: of.kind.clone(),
                    api_version: of.api_version.clone(),
                    name: name.clone(),
                    namespace: of.namespace.clone(),
                };
                references::object(made, &object, at, self.mistakes);
            }
            None => {
                references::selector(made, of, at, self.mistakes);
            }
        }
    }

    pub(crate) fn patch(&mut self, patch: &'a Patch, at: &YamlNode) {
        self.object(&patch.object, at.key("object"));
        let fits = match patch.merged {
            PatchType::Json => patch.patch.is_array(),
            PatchType::Strategic | PatchType::Merge => patch.patch.is_object(),
        };
        if !fits {
            let message = "this is no patch of its type";
            let help = "write fields, for example `{spec: {replicas: 2}}`; with `type: json` a list \
                        of operations, for example `[{op: remove, path: /spec/paused}]`";
            self.wrong(at.key("patch").position(), message, help);
        }
    }

    pub(crate) fn settings(
        &mut self,
        object: &'a ObjectName,
        none: bool,
        at: &YamlNode,
        key: &'static str,
    ) {
        self.object(object, at.key("object"));
        if none {
            self.empty(
                at,
                key,
                "write for example `{tier: front}`; null takes one away",
            );
        }
    }

    pub(crate) fn command(&mut self, exec: &'a ExecStep, at: &YamlNode) {
        let thing = self.object(&exec.target, at.key("in"));
        if let (Some(thing), Some(container)) = (thing, &exec.container) {
            let position = at.key("container").position();
            references::container(&[thing], container, position, self.mistakes);
        }
        if exec.command.is_empty() {
            self.empty(at, "command", "write for example `[touch, /tmp/ready]`");
        }
    }

    pub(crate) fn taint(&mut self, taint: &'a Taint, at: &YamlNode) {
        self.node(&taint.node.value, at.key("node"));
        if taint.taints.is_empty() {
            self.empty(at, "taints", TAINT);
        }
        for (index, one) in taint.taints.iter().enumerate() {
            let effect = one.trim_end_matches('-').rsplit_once(':');
            let effect = effect.map(|(_, effect)| effect);
            let known = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
            let is_known = effect.is_some_and(|effect| known.contains(&effect));
            if !is_known && !one.ends_with('-') {
                let message = format!("`{one}` is no taint");
                self.wrong(at.key("taints").index(index).position(), &message, TAINT);
            }
        }
    }

    pub(crate) fn wait(&mut self, wait: &'a Await, step: &YamlNode) {
        let at = step.key("await");
        let given = [
            wait.state.is_some(),
            wait.gone.is_some(),
            wait.time.is_some(),
        ];
        if given.iter().filter(|given| **given).count() != 1 {
            let message = "an `await` waits for one thing";
            let help = "give exactly one of `state`, `gone` and `time`";
            self.wrong(step.key_position("await"), message, help);
        }
        match (wait.time, wait.within) {
            (Some(time), None) => self.time(time, at, "time"),
            (Some(_), Some(_)) => {
                let position = at.key("within").position();
                let message = "time passes by itself and needs no deadline";
                self.wrong(position, message, "leave `within` out");
            }
            (None, Some(within)) => self.time(within, at, "within"),
            (None, None) => {
                let message = "this `await` has no deadline";
                let help = "write for example `within: 60s`";
                self.wrong(step.key_position("await"), message, help);
            }
        }
        let because = wait.because.as_ref().map(|because| because.trim());
        match (wait.time, because) {
            (Some(_), None | Some("")) => {
                let message = "nothing says why time must pass";
                let help = "write `because`: what expires or comes due; what else is to be seen is \
                            better awaited by `state`";
                self.wrong(at.key("time").position(), message, help);
            }
            (None, Some(_)) => {
                let position = at.key("because").position();
                self.wrong(position, "`because` is for `time`", "leave it out");
            }
            _ => {}
        }
        if let Some(state) = &wait.state {
            if state.kubernetes.is_some() {
                let position = at.key("state").key_position("kubernetes");
                let message = "a step is carried out on every version of the claim";
                self.wrong(position, message, "leave `kubernetes` out");
            }
            self.state(state, at.key("state"));
        }
        if let Some(gone) = &wait.gone {
            self.selector(gone, at.key("gone"));
        }
    }

    /// The time that steps let pass counts for the deadline of their phase.
    pub(crate) fn patience(&mut self, steps: &'a [Step], within: Duration, at: &YamlNode) {
        let passing = steps.iter().filter_map(|step| match step {
            Step::Await(wait) => wait.time,
            _ => None,
        });
        let passing = passing.fold(0_u64, |sum, time| sum.saturating_add(time.as_millis()));
        if passing >= within.as_millis() && passing > 0 {
            let passing = Duration::from_millis(passing);
            let message = format!(
                "the deadline is over before its steps are: they let {passing} pass, and `within` is \
                 {within}"
            );
            let help = "`within` counts from the first step; make it longer than what passes";
            self.wrong(at.key("within").position(), &message, help);
        }
    }
}

const TAINT: &str = "write for example `dedicated=gpu:NoSchedule`, or `dedicated-` to take it away; the \
                     effects are NoSchedule, PreferNoSchedule and NoExecute";
