//! The rules for what a user sees.

use super::phases::Linter;
use super::references;
use crate::input::YamlNode;
use crate::kubernetes::kinds::{self, Trait};
use crate::scenario::{Check, Duration, ExecCheck, HttpCheck};

impl<'a> Linter<'a, '_, '_> {
    pub(crate) fn checks(&mut self, checks: &'a [Check], at: &YamlNode) {
        for (index, check) in checks.iter().enumerate() {
            let at = at.index(index);
            let at = at.key(check.key());
            if let Some(within) = check.given_deadline() {
                self.time(within, at, "within");
            }
            match check {
                Check::Http(http) => {
                    self.is_no_clause(http.outlives_remedy.as_ref(), at);
                    self.http(http, at);
                }
                Check::Exec(exec) => {
                    self.is_no_clause(exec.outlives_remedy.as_ref(), at);
                    self.exec(exec, at);
                }
                Check::State(state) => self.object_state(&state.of, &state.fields, at),
                Check::Log(log) => self.line(&log.of, &log.container, &log.contains, at),
                Check::Event(event) => {
                    let reason = (event.reason.value.as_str(), event.free_text);
                    self.occurrence(&event.of, reason, &event.message, at);
                }
            }
        }
    }

    /// Only a clause of a signature can outlive the remedy.
    pub(crate) fn is_no_clause(&mut self, outlives_remedy: Option<&String>, at: &YamlNode) {
        if outlives_remedy.is_some() {
            let message = "`outlives_remedy` is for the clauses of a signature";
            let position = at.key_position("outlives_remedy");
            self.wrong(position, message, "leave it out here");
        }
    }

    pub(crate) fn http_clause(&mut self, http: &'a HttpCheck, at: &YamlNode) {
        self.asked_again(&http.name, http.within, at);
        self.http(http, at);
    }

    pub(crate) fn exec_clause(&mut self, exec: &'a ExecCheck, at: &YamlNode) {
        self.asked_again(&exec.name, exec.within, at);
        self.telling(&exec.contains, at.key("contains"));
        self.exec(exec, at);
    }

    /// What a clause asks is found by its name in what is witnessed.
    fn asked_again(&mut self, name: &str, within: Option<Duration>, at: &YamlNode) {
        if within.is_some() {
            let message = "a clause has no deadline of its own";
            self.wrong(
                at.key_position("within"),
                message,
                "leave it out: the phase has one",
            );
        }
        if !self.questions.insert(name.to_owned()) {
            let message = format!("`{name}` is asked twice");
            let help = "give what is asked otherwise another name";
            self.wrong(at.key("name").position(), &message, help);
        }
    }

    fn http(&mut self, http: &'a HttpCheck, at: &YamlNode) {
        if let Some(made) = self.made {
            references::service(made, http, at, self.mistakes);
        }
        if !http.path.starts_with('/') {
            let message = format!("the path `{}` does not begin with `/`", http.path);
            let help = "write for example `/-/ready`";
            self.wrong(at.key("path").position(), &message, help);
        }
        if let Some(text) = &http.contains {
            self.telling(text, at.key("contains"));
        }
        self.fields(&http.fields, at.key("fields"));
    }

    fn exec(&mut self, exec: &'a ExecCheck, at: &YamlNode) {
        let target = self.object(&exec.target, at.key("in"));
        let kind = exec.target.kind.value.as_str();
        if let Some(thing) = target {
            let group = thing.group.as_deref();
            let is_pod = kind == "Pod" && kinds::may_be(group, Some(""));
            if !is_pod && !kinds::is(group, kind, Trait::KeepsPods) {
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
}
