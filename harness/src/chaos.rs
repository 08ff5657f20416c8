//! What is done to pods and nodes under stress, and what shows at once that it was done.

use std::time::Duration;

use http::Request;
use k8s_openapi::api::core::v1::Pod;
use kube::api::{DeleteParams, Preconditions};
use kube::client::Body;
use kube::{Api, Client};
use tokio::process::Command;
use tokio::time::{Instant, sleep_until, timeout};

use crate::perturbation::Target;
use crate::process::{ProcessError, command, last_lines, must_succeed, output};
use crate::scenario::Perturbation;
use crate::watch::in_words;
use crate::witness::Effect;

/// How long a node stands still, or has no network.
const STANDSTILL: Duration = Duration::from_secs(10);

/// Time for an API server on the same machine to answer.
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

/// A cluster, and the container of its node where that is relapse's to perturb.
#[derive(Debug, Clone)]
pub struct Chaos {
    client: KubeClient,
    node: Option<String>,
}

/// kube's client says nothing of itself.
#[derive(Clone)]
struct KubeClient(Client);

impl std::fmt::Debug for KubeClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Client")
    }
}

impl Chaos {
    /// Perturbs this cluster.
    #[must_use]
    pub fn on(client: Client, node: Option<&str>) -> Self {
        Self {
            client: KubeClient(client),
            node: node.map(ToOwned::to_owned),
        }
    }

    /// Does it. A perturbation that the engine refuses is told as impossible.
    ///
    /// # Errors
    /// docker could not be run.
    pub async fn perturb(
        &self,
        perturbation: Perturbation,
        targets: &[Target],
    ) -> Result<Effect, ProcessError> {
        match (perturbation, &self.node) {
            (Perturbation::DeletePods, _) => Ok(self.delete(targets).await),
            // A step of kubectl's; its effect is that of deleted pods.
            (Perturbation::RestartRollout, _) => Ok(Effect::Awaited),
            (_, None) => Ok(impossible("the nodes of a lent cluster are not touched")),
            (_, Some(name)) => {
                let node = Node {
                    client: &self.client.0,
                    name,
                };
                node.perturb(perturbation, targets).await
            }
        }
    }

    async fn delete(&self, targets: &[Target]) -> Effect {
        for target in targets {
            let pods: Api<Pod> = Api::namespaced(self.client.0.clone(), &target.namespace);
            let this_pod = DeleteParams {
                preconditions: Some(Preconditions {
                    uid: Some(target.uid.clone()),
                    ..Preconditions::default()
                }),
                ..DeleteParams::default()
            };
            if let Err(error) = pods.delete(&target.name, &this_pod).await {
                let why = format!("pod {} was not deleted: {}", target.name, in_words(&error));
                return Effect::Missing { why };
            }
        }
        Effect::Awaited
    }
}

/// A node in a container of this host's.
struct Node<'a> {
    client: &'a Client,
    name: &'a str,
}

impl Node<'_> {
    async fn perturb(
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
        Ok(changed("the kubelet's process", &before, &after))
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
        Ok(changed("the start of the node", &before, &after))
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
            match self.answer().await {
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

    async fn unanswered(&self) -> Effect {
        match self.answer().await {
            Err(words) => Effect::Seen {
                proof: format!("the API server did not answer: {words}"),
            },
            Ok(()) => Effect::Missing {
                why: "the API server answered".to_owned(),
            },
        }
    }

    async fn answer(&self) -> Result<(), String> {
        let request = Request::get("/readyz")
            .body(Body::empty())
            .map_err(|error| error.to_string())?;
        match timeout(ANSWER, self.client.send(request)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(in_words(&error)),
            Err(_) => Err(format!("nothing within {} s", ANSWER.as_secs())),
        }
    }

    fn on_node(&self, words: &[&str]) -> Command {
        let mut docker = docker(&["exec", self.name]);
        docker.args(words);
        docker
    }
}

fn docker(words: &[&str]) -> Command {
    let mut docker = command("docker");
    docker.args(words);
    docker
}

fn impossible(stderr: &str) -> Effect {
    Effect::Impossible {
        why: last_lines(stderr, 2),
    }
}

fn changed(what: &str, before: &str, after: &str) -> Effect {
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
