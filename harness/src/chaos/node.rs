//! One node, in a container of this host's, perturbed with the proof.

use std::time::Duration;

use http::Request;
use kube::Client;
use kube::client::Body;
use tokio::process::Command;
use tokio::time::{Instant, sleep_until, timeout};

use crate::process::{ProcessError, brief_command, last_lines, must_succeed, output};
use crate::watch::in_words;
use relapse_judge::perturbation::Target;
use relapse_judge::scenario::Perturbation;
use relapse_judge::witness::Effect;

/// How long a node stands still, or has no network.
const STANDSTILL: Duration = Duration::from_secs(10);

/// Time for an API server, or a kubelet behind it, on the same machine to answer.
const ANSWER: Duration = Duration::from_secs(2);

/// Time in which a stopped API server is seen to refuse a connection.
const REFUSAL: Duration = Duration::from_secs(5);

/// Both directions, and what the node forwards for its pods; the loopback stays.
const CUTS: [[&str; 3]; 4] = [
    ["INPUT", "-i", "eth0"],
    ["OUTPUT", "-o", "eth0"],
    ["FORWARD", "-i", "eth0"],
    ["FORWARD", "-o", "eth0"],
];

/// A node in a container of this host's.
pub(super) struct Node<'a> {
    pub(super) client: &'a Client,
    /// That of the node and of its container.
    pub(super) name: &'a str,
}

impl Node<'_> {
    pub(super) async fn stop(&self) -> Result<(), ProcessError> {
        must_succeed(docker(&["kill", self.name])).await.map(|_| ())
    }

    pub(super) async fn start(&self) -> Result<(), ProcessError> {
        must_succeed(docker(&["start", self.name]))
            .await
            .map(|_| ())
    }

    pub(super) async fn perturb(
        &self,
        perturbation: Perturbation,
        targets: &[Target],
    ) -> Result<Effect, ProcessError> {
        match perturbation {
            Perturbation::DeletePods | Perturbation::RestartRollout => Ok(Effect::Awaited),
            Perturbation::KillContainer => self.kill(targets).await,
            Perturbation::RestartKubelet => self.restart_kubelet().await,
            Perturbation::RestartNode => self.restart_node().await,
            Perturbation::PauseNode => self.pause().await,
            Perturbation::CutNetwork => self.cut().await,
            Perturbation::RestartControlPlane => self.restart_control_plane(targets).await,
        }
    }

    async fn kill(&self, targets: &[Target]) -> Result<Effect, ProcessError> {
        for container in targets.iter().flat_map(|target| &target.containers) {
            let kill = ["ctr", "--namespace", "k8s.io", "tasks", "kill"];
            let mut kill = self.on_node(&kill);
            kill.args(["--signal", "SIGKILL", &container.id]);
            let done = output(kill, None).await?;
            if done.stderr.contains("not found") {
                let why = format!("container {} ended before it was killed", container.name);
                return Ok(Effect::Missing { why });
            }
            if !done.success {
                return Ok(impossible(&done.stderr));
            }
        }
        Ok(Effect::Awaited)
    }

    async fn restart_kubelet(&self) -> Result<Effect, ProcessError> {
        let before = self.kubelet().await?;
        let done = output(self.on_node(&["systemctl", "restart", "kubelet"]), None).await?;
        if !done.success {
            return Ok(impossible(&done.stderr));
        }
        let after = self.kubelet().await?;
        Ok(self.changed("the kubelet's process", &before, &after))
    }

    async fn kubelet(&self) -> Result<String, ProcessError> {
        let show = ["systemctl", "show", "--property=MainPID", "--value"];
        let mut show = self.on_node(&show);
        show.arg("kubelet");
        Ok(must_succeed(show).await?.trim().to_owned())
    }

    async fn restart_node(&self) -> Result<Effect, ProcessError> {
        let before = self.started().await?;
        let done = output(docker(&["restart", self.name]), None).await?;
        if !done.success {
            return Ok(impossible(&done.stderr));
        }
        let after = self.started().await?;
        Ok(self.changed("the start", &before, &after))
    }

    async fn started(&self) -> Result<String, ProcessError> {
        let started = ["inspect", "--format", "{{.State.StartedAt}}", self.name];
        Ok(must_succeed(docker(&started)).await?.trim().to_owned())
    }

    async fn pause(&self) -> Result<Effect, ProcessError> {
        let until = Instant::now() + STANDSTILL;
        let done = output(docker(&["pause", self.name]), None).await?;
        if !done.success {
            return Ok(impossible(&done.stderr));
        }
        let seen = self.unanswered().await;
        sleep_until(until).await;
        must_succeed(docker(&["unpause", self.name])).await?;
        Ok(seen)
    }

    async fn cut(&self) -> Result<Effect, ProcessError> {
        let until = Instant::now() + STANDSTILL;
        let mut seen = None;
        for rule in CUTS {
            let done = output(self.rule("--insert", rule), None).await?;
            if !done.success {
                seen = Some(impossible(&done.stderr));
                break;
            }
        }
        if seen.is_none() {
            seen = Some(self.unanswered().await);
            sleep_until(until).await;
        }
        for rule in CUTS {
            // What was not inserted cannot be deleted, and need not be.
            output(self.rule("--delete", rule), None).await?;
        }
        Ok(seen.unwrap_or(Effect::Awaited))
    }

    fn rule(&self, change: &str, [chain, side, interface]: [&str; 3]) -> Command {
        let mut iptables = self.on_node(&["iptables", "--wait", change, chain]);
        iptables.args([side, interface, "-j", "DROP"]);
        iptables
    }

    async fn restart_control_plane(&self, targets: &[Target]) -> Result<Effect, ProcessError> {
        let killed = self.kill(targets).await?;
        if killed != Effect::Awaited {
            return Ok(killed);
        }
        let until = Instant::now() + REFUSAL;
        loop {
            match self.answer("/readyz").await {
                Err(words) => {
                    let proof = format!("the API server did not answer: {words}");
                    return Ok(Effect::Seen { proof });
                }
                Ok(()) if Instant::now() >= until => {
                    let why = "the API server answered all the time".to_owned();
                    return Ok(Effect::Missing { why });
                }
                Ok(()) => {}
            }
        }
    }

    /// Asks the kubelet through the API server, which stands still itself where this is its node.
    async fn unanswered(&self) -> Effect {
        let kubelet = format!("/api/v1/nodes/{}/proxy/healthz", self.name);
        match self.answer(&kubelet).await {
            Err(words) => Effect::Seen {
                proof: format!("node {} did not answer: {words}", self.name),
            },
            Ok(()) => Effect::Missing {
                why: format!("node {} answered", self.name),
            },
        }
    }

    async fn answer(&self, path: &str) -> Result<(), String> {
        let request = Request::get(path)
            .body(Body::empty())
            .map_err(|error| error.to_string())?;
        match timeout(ANSWER, self.client.send(request)).await {
            Ok(Ok(answer)) if answer.status().is_server_error() => Err(answer.status().to_string()),
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(in_words(&error)),
            Err(_) => Err(format!("nothing within {} s", ANSWER.as_secs())),
        }
    }

    fn changed(&self, what: &str, before: &str, after: &str) -> Effect {
        let what = format!("{what} of node {}", self.name);
        if before == after {
            Effect::Missing {
                why: format!("{what} is still {after}"),
            }
        } else {
            Effect::Seen {
                proof: format!("{what} was {before} and is {after}"),
            }
        }
    }

    fn on_node(&self, words: &[&str]) -> Command {
        let mut docker = docker(&["exec", self.name]);
        docker.args(words);
        docker
    }
}

fn docker(words: &[&str]) -> Command {
    let mut docker = brief_command("docker");
    docker.args(words);
    docker
}

pub(super) fn impossible(stderr: &str) -> Effect {
    Effect::Impossible {
        why: last_lines(stderr, 2),
    }
}
