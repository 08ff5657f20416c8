//! The rules for what a user sees.

use super::super::positions::Node;
use super::super::{Check, ExecCheck, HttpCheck, references};
use super::Claim;

impl<'a> Claim<'a, '_, '_> {
    pub(super) fn checks(&mut self, checks: &'a [Check], at: &Node) {
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
}
