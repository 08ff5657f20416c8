//! What a run on a lent cluster must leave as it was.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitCode, Output, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use libtest_mimic::Arguments;
use relapse::cluster::containers::remove_containers;
use relapse::cluster::kind::Cluster;
use relapse::cluster::ownership::Ownership;
use relapse::setup::{Image, SetUp};
use relapse_tests::{guard, kubernetes, project, run_on_clusters, sorted_output};
use serde_json::Value;
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let trials = vec![
        guard(
            "a_claim_is_proved_on_a_lent_cluster_and_nothing_is_left",
            a_claim_is_proved_on_a_lent_cluster_and_nothing_is_left,
        ),
        guard(
            "what_is_left_or_different_on_a_lent_cluster_is_named",
            what_is_left_or_different_on_a_lent_cluster_is_named,
        ),
        guard(
            "what_a_lent_cluster_has_already_is_not_touched",
            what_a_lent_cluster_has_already_is_not_touched,
        ),
        guard(
            "an_interrupted_run_takes_back_what_it_applied",
            an_interrupted_run_takes_back_what_it_applied,
        ),
    ];
    let mut arguments = Arguments::from_args();
    // They share the cluster.
    arguments.test_threads = Some(1);
    let code = run_on_clusters(&arguments, trials);
    drop(cluster().take());
    code
}

/// Made by the first test that needs it.
static CLUSTER: Mutex<Option<Lender>> = Mutex::new(None);
static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// Somebody with a cluster, a kubectl, and a kubeconfig that names more than this cluster.
struct Lender {
    name: String,
    folder: TempDir,
}

impl Lender {
    fn new() -> Self {
        let lender = Self {
            name: Ownership::of_this_process().next_name(),
            folder: TempDir::new().unwrap(),
        };
        RUNTIME.block_on(async {
            let set_up = SetUp::of(&project(), CancellationToken::new());
            let tools = set_up.tools(&kubernetes(), |_| {}).await.unwrap();
            let images = ["busybox:1.37.0", "prom/prometheus:v2.55.1"].map(ToOwned::to_owned);
            for (reference, image) in set_up.images(&images, |_| {}).await.unwrap() {
                assert_eq!(image, Image::Ready, "{reference}");
            }
            let hosts = BTreeSet::from(["docker.io".to_owned()]);
            let created =
                Cluster::create(&tools, lender.name.clone(), 1, lender.folder.path(), &hosts).await;
            // A cluster that is kept has a file for its kubeconfig.
            created.unwrap().keep(lender.folder.path()).await.unwrap();
        });
        let node = format!("{}-control-plane", lender.name);
        let copied = Command::new("docker")
            .args([
                "cp",
                &format!("{node}:/usr/bin/kubectl"),
                &lender.path("kubectl"),
            ])
            .status();
        assert!(copied.unwrap().success());
        let context = lender.context();
        let access = [format!("--cluster={context}"), format!("--user={context}")];
        lender.kubectl(&["config", "set-context", "by-hand", &access[0], &access[1]]);
        lender.kubectl(&["config", "set-context", &context, "--namespace=elsewhere"]);
        lender.kubectl(&[
            "config",
            "set-cluster",
            "p",
            "--server=https://192.0.2.1:6443",
        ]);
        lender.kubectl(&[
            "config",
            "set-context",
            "precious",
            "--cluster=p",
            "--user=p",
        ]);
        lender.kubectl(&["config", "use-context", "precious"]);
        let available = ["wait", "--for=condition=Available", "deployment", "--all"];
        lender.kubectl(&[&available[..], &["--all-namespaces", "--timeout=180s"]].concat());
        lender
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn context(&self) -> String {
        format!("kind-{}", self.name)
    }

    /// By hand.
    fn kubectl(&self, arguments: &[&str]) -> String {
        let mut kubectl = Command::new(self.path("kubectl"));
        kubectl.arg(format!("--kubeconfig={}", self.path("kubeconfig")));
        if arguments[0] != "config" {
            kubectl.arg("--context=by-hand");
        }
        sorted_output(kubectl.args(arguments))
    }

    /// Whatever a scenario could leave.
    fn objects(&self) -> String {
        let kinds = "all,configmaps,secrets,serviceaccounts,persistentvolumeclaims,\
                     persistentvolumes,storageclasses,namespaces";
        self.kubectl(&["get", kinds, "--all-namespaces", "--output=name"])
    }

    fn relapse(&self, root: &Path, id: &str, output: &Path) -> Command {
        let path = std::env::var("PATH").unwrap();
        let mut relapse = Command::new(env!("CARGO_BIN_EXE_relapse-under-test"));
        relapse
            .args(["run", id, "--root"])
            .arg(root)
            .args(["--context", &self.context(), "--confirm", &self.context()])
            .arg("--output")
            .arg(output)
            .env("KUBECONFIG", self.path("kubeconfig"))
            .env("PATH", format!("{}:{path}", self.folder.path().display()))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        relapse
    }
}

impl Drop for Lender {
    fn drop(&mut self) {
        RUNTIME.block_on(remove_containers(&self.name)).unwrap();
    }
}

/// A test that failed says nothing about the next one.
fn cluster() -> MutexGuard<'static, Option<Lender>> {
    CLUSTER.lock().unwrap_or_else(PoisonError::into_inner)
}

fn with_lender(holds: impl FnOnce(&Lender)) {
    holds(cluster().get_or_insert_with(Lender::new));
}

/// Beside the tests: a claim whose remedy leaves a volume behind.
const RETAINED: &str = "volume-retained";

fn retaining() -> std::path::PathBuf {
    project().join("tests/lent")
}

fn verdict(output: &Path, id: &str) -> Value {
    let text = fs::read_to_string(output.join(id).join("verdict.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Reads on until a line says so, and leaves the rest to be read by nobody.
fn until(run: &mut Child, words: &str) {
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    let there = lines.any(|line| line.is_ok_and(|line| line.contains(words)));
    assert!(there, "the run never said {words:?}");
    std::thread::spawn(move || lines.for_each(drop));
}

fn in_words(ended: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    text(&ended.stdout) + &text(&ended.stderr)
}

fn a_claim_is_proved_on_a_lent_cluster_and_nothing_is_left() {
    with_lender(|lender| {
        let output = TempDir::new().unwrap();
        let id = "image-tag-never-published";
        let kubeconfig = fs::read(lender.path("kubeconfig")).unwrap();
        let before = lender.objects();
        let ended = lender
            .relapse(&project(), id, output.path())
            .output()
            .unwrap();
        assert_eq!(ended.status.code(), Some(0), "{}", in_words(&ended));
        assert_eq!(lender.objects(), before);
        assert_eq!(fs::read(lender.path("kubeconfig")).unwrap(), kubeconfig);
        let witness = fs::read_to_string(output.path().join(id).join("witness.jsonl")).unwrap();
        let of_others = "\"namespace\":\"kube-system\"";
        assert!(!witness.contains(of_others), "others' objects were kept");
    });
}

fn what_is_left_or_different_on_a_lent_cluster_is_named() {
    with_lender(|lender| {
        let output = TempDir::new().unwrap();
        let node = format!("{}-control-plane", lender.name);
        let mut run = lender
            .relapse(&retaining(), RETAINED, output.path())
            .spawn()
            .unwrap();
        until(&mut run, "control");
        lender.kubectl(&["label", "node", &node, "lent=changed"]);
        let ended = run.wait_with_output().unwrap();
        let volume = lender.kubectl(&["get", "persistentvolumes", "--output=name"]);
        lender.kubectl(&["label", "node", &node, "lent-"]);
        lender.kubectl(&["delete", &volume]);
        assert_eq!(ended.status.code(), Some(5), "{}", in_words(&ended));
        let verdict = verdict(output.path(), RETAINED);
        assert_eq!(verdict["reason"], "leaked", "{verdict}");
        let volume = volume.trim_start_matches("persistentvolume/");
        let left = format!(
            "left behind: label lent=changed on Node {node}; \
             PersistentVolume {volume} (Released); next: "
        );
        let detail = verdict["detail"].as_str().unwrap();
        assert!(detail.starts_with(&left), "{detail}");
    });
}

fn what_a_lent_cluster_has_already_is_not_touched() {
    with_lender(|lender| {
        let folder = TempDir::new().unwrap();
        let output = folder.path().join("runs");
        let mine = ["deployment", "writer"];
        lender.kubectl(&[
            "create",
            mine[0],
            mine[1],
            "--image=busybox",
            "--replicas=0",
        ]);
        let ended = lender
            .relapse(&retaining(), RETAINED, &output)
            .output()
            .unwrap();
        let spec =
            "--output=jsonpath={.metadata.generation} {.spec.template.spec.containers[*].image}";
        let kept = lender.kubectl(&["get", mine[0], mine[1], spec]);
        lender.kubectl(&["delete", mine[0], mine[1]]);
        let words = in_words(&ended);
        assert_eq!(ended.status.code(), Some(5), "{words}");
        assert!(words.contains("set-up-failed"), "{words}");
        assert!(words.contains("Deployment default/writer"), "{words}");
        assert_eq!(kept, "1 busybox");
        assert!(
            !output.join(RETAINED).exists(),
            "evidence of what did not begin"
        );
    });
}

fn an_interrupted_run_takes_back_what_it_applied() {
    with_lender(|lender| {
        let output = TempDir::new().unwrap();
        let before = lender.objects();
        let mut run = lender
            .relapse(&project(), "image-tag-never-published", output.path())
            .spawn()
            .unwrap();
        until(&mut run, "stays Ready");
        assert_ne!(lender.objects(), before);
        let killed = Command::new("kill")
            .args(["-TERM", &run.id().to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        let ended = run.wait_with_output().unwrap();
        assert_eq!(ended.status.code(), Some(130), "{}", in_words(&ended));
        assert_eq!(lender.objects(), before);
    });
}
