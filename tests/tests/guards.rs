//! What a run on a real cluster must leave as it was.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use libtest_mimic::Arguments;
use relapse::cluster::ownership::Ownership;
use relapse_tests::{guard, kubernetes, project, run_on_clusters, sorted_output};
use tempfile::TempDir;

const KUBECONFIG: &str = "\
apiVersion: v1
kind: Config
current-context: precious
contexts:
- context: {cluster: precious, user: precious}
  name: precious
clusters:
- cluster: {server: 'https://192.0.2.1:6443'}
  name: precious
users:
- name: precious
  user: {token: precious}
";

fn main() -> ExitCode {
    let full_disk = guard(
        "a_disk_that_is_full_leaves_no_verdict_to_rely_on",
        a_disk_that_is_full_leaves_no_verdict_to_rely_on,
    );
    let full_disk = if Disk::can_be_mounted() {
        full_disk
    } else {
        full_disk
            .with_kind("ignored since nobody can mount a small disk here")
            .with_ignored_flag(true)
    };
    let trials = vec![
        full_disk,
        guard(
            "a_run_leaves_the_users_kubeconfig_and_context_byte_for_byte",
            a_run_leaves_the_users_kubeconfig_and_context_byte_for_byte,
        ),
        guard(
            "an_interrupted_run_deletes_its_cluster_and_ends_with_code_130",
            an_interrupted_run_deletes_its_cluster_and_ends_with_code_130,
        ),
        guard(
            "a_cluster_of_another_pid_namespace_is_left_until_its_signs_of_life_expire",
            a_cluster_of_another_pid_namespace_is_left_until_its_signs_of_life_expire,
        ),
        guard(
            "what_a_deleted_cluster_leaves_is_named_and_nothing_of_others_is",
            what_a_deleted_cluster_leaves_is_named_and_nothing_of_others_is,
        ),
        guard(
            "a_registry_that_cannot_be_reached_is_not_a_missing_tag",
            a_registry_that_cannot_be_reached_is_not_a_missing_tag,
        ),
    ];
    let mut arguments = Arguments::from_args();
    // One of them takes the registry away from all others.
    arguments.test_threads = Some(1);
    run_on_clusters(&arguments, trials)
}

fn docker(arguments: &[&str]) -> String {
    sorted_output(Command::new("docker").args(arguments))
}

/// A run, interrupted or not, may add nothing to these; other tests' clusters come and go beside.
fn of_this_process(listing: &str, pid: u32) -> Vec<&str> {
    let owner = format!("-{pid}-");
    listing
        .lines()
        .filter(|line| line.contains(&owner))
        .collect()
}

struct Home(TempDir);

impl Home {
    fn new() -> Self {
        let home = TempDir::new().unwrap();
        std::fs::create_dir(home.path().join(".kube")).unwrap();
        std::fs::write(home.path().join(".kube/config"), KUBECONFIG).unwrap();
        Self(home)
    }

    fn relapse(&self, output: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relapse-under-test"));
        command
            .args(["run", "image-tag-never-published", "--output"])
            .arg(output)
            .args(["--kubernetes", &kubernetes()])
            .current_dir(project())
            // The set-up's cache stays where it is.
            .env("XDG_CACHE_HOME", cache())
            .env("HOME", self.0.path())
            .env("KUBECONFIG", self.0.path().join(".kube/config"));
        command
    }

    fn assert_untouched(&self) {
        let kept = std::fs::read_to_string(self.0.path().join(".kube/config")).unwrap();
        assert_eq!(kept, KUBECONFIG);
        let kube: Vec<_> = std::fs::read_dir(self.0.path().join(".kube"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(kube, ["config"]);
    }
}

/// The evidence is passed on, and the key with it.
fn assert_no_keys(output: &Path) {
    let evidence = output.join("image-tag-never-published");
    assert!(evidence.is_dir(), "{} is missing", evidence.display());
    assert!(!evidence.join("kubeconfig").exists());
    let mut find = Command::new("grep");
    let found = find.args(["-rl", "client-key-data"]).arg(output).output();
    assert_eq!(String::from_utf8_lossy(&found.unwrap().stdout), "");
}

fn cache() -> PathBuf {
    std::env::var_os("XDG_CACHE_HOME").map_or_else(
        || Path::new(&std::env::var_os("HOME").unwrap()).join(".cache"),
        Into::into,
    )
}

/// The name of the run's cluster.
fn wait_for_cluster(pid: u32) -> String {
    let owner = format!("-{pid}-");
    // A run that ended without a cluster starts none; the engine ends its answer then.
    let patience = SystemTime::now() + Duration::from_mins(10);
    let patience = patience.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut events = Command::new("docker")
        .args(["events", "--filter", "event=start", "--since", "1s"])
        .args(["--until", &patience.to_string()])
        .args(["--format", "{{.Actor.Attributes.name}}"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(events.stdout.take().unwrap()).lines();
    let node = lines
        .map(Result::unwrap)
        .find(|name| name.contains(&owner))
        .expect("the run started no cluster");
    events.kill().unwrap();
    events.wait().unwrap();
    node.trim_end_matches("-control-plane").to_owned()
}

fn a_run_leaves_the_users_kubeconfig_and_context_byte_for_byte() {
    let home = Home::new();
    let output = TempDir::new().unwrap();
    let ended = home.relapse(output.path()).output().unwrap();
    let words = String::from_utf8_lossy(&ended.stderr);
    assert_eq!(ended.status.code(), Some(0), "{words}");
    home.assert_untouched();
    assert_no_keys(output.path());
}

fn an_interrupted_run_deletes_its_cluster_and_ends_with_code_130() {
    let home = Home::new();
    let output = TempDir::new().unwrap();
    let mut run = home.relapse(output.path()).spawn().unwrap();
    let pid = run.id();
    wait_for_cluster(pid);
    let killed = Command::new("kill")
        .args(["-TERM", &pid.to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
    assert_eq!(run.wait().unwrap().code(), Some(130));
    let left = docker(&["ps", "--all", "--format", "{{.Names}}"]);
    assert_eq!(of_this_process(&left, pid), Vec::<&str>::new());
    home.assert_untouched();
    assert_no_keys(output.path());
}

/// A container that looks like the control plane of a cluster; removed however the test ends.
struct Node(String);

impl Node {
    /// The cluster's owner is gone from this PID namespace, or was never in it.
    fn of(cluster: &str) -> Self {
        let node = Self(format!("{cluster}-control-plane"));
        let label = format!("io.x-k8s.kind.cluster={cluster}");
        let run = ["run", "--detach", "--label", &label, "--name", &node.0];
        let sleep = ["--entrypoint", "sleep", &node_image(), "infinity"];
        docker(&[run.as_slice(), &sleep].concat());
        node
    }

    fn touch(&self, file: &str, time: &str) {
        docker(&["exec", &self.0, "touch", "--date", time, file]);
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        docker(&["rm", "--force", &self.0]);
    }
}

/// It is on every machine that runs clusters.
fn node_image() -> String {
    let setup = Command::new(project().join("ci/setup"))
        .arg(format!("node:{}", kubernetes()))
        .output()
        .unwrap();
    let answers = String::from_utf8(setup.stdout).unwrap();
    let answer = answers.lines().find(|line| line.starts_with("node:"));
    answer.unwrap().split_once('=').unwrap().1.to_owned()
}

fn clean() -> String {
    let program = env!("CARGO_BIN_EXE_relapse-under-test");
    sorted_output(Command::new(program).arg("clean"))
}

fn a_cluster_of_another_pid_namespace_is_left_until_its_signs_of_life_expire() {
    let own = Ownership::of_this_process().to_string();
    let parts: Vec<&str> = own.split('-').collect();
    let [prefix, boot, namespace, pid, start] = parts[..] else {
        panic!("{own}");
    };
    // The owner's process id and start are those of a process that has ended here.
    let ended = format!("{prefix}-{boot}-{namespace}-{pid}-1-0");
    let elsewhere = format!("{prefix}-{boot}-1-{pid}-{start}-0");
    let another_host = format!("{prefix}-00000000-{namespace}-{pid}-{start}-0");
    let nodes = [&ended, &elsewhere, &another_host].map(|cluster| Node::of(cluster));
    let said = clean();
    assert!(said.contains(&format!("deleted cluster {ended}")), "{said}");
    for alive in [&elsewhere, &another_host] {
        let left = format!("leaves cluster {alive}: in use from another host or container");
        assert!(said.contains(&left), "{said}");
    }
    let [_, quiet, noisy] = &nodes;
    quiet.touch("/kind/relapse-alive", "31 minutes ago");
    noisy.touch("/kind/relapse-alive", "29 minutes ago");
    let said = clean();
    assert!(
        said.contains(&format!("deleted cluster {elsewhere}")),
        "{said}"
    );
    assert!(
        said.contains(&format!("leaves cluster {another_host}")),
        "{said}"
    );
}

/// Is removed however the test ends.
struct Volume(String);

impl Volume {
    fn create(name: String) -> Self {
        docker(&["volume", "create", &name]);
        Self(name)
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        docker(&["volume", "rm", &self.0]);
    }
}

fn what_a_deleted_cluster_leaves_is_named_and_nothing_of_others_is() {
    let home = Home::new();
    let output = TempDir::new().unwrap();
    let run = home
        .relapse(output.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let cluster = wait_for_cluster(run.id());
    let left = Volume::create(format!("{cluster}-left"));
    // The cluster's name is the beginning of this one.
    let of_another = Volume::create(format!("{cluster}0-data"));
    let ended = run.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(5), "{words}");
    let verdict =
        std::fs::read_to_string(output.path().join("image-tag-never-published/verdict.json"))
            .unwrap();
    let verdict: serde_json::Value = serde_json::from_str(&verdict).unwrap();
    assert_eq!(verdict["reason"], "leaked", "{verdict}");
    assert_eq!(
        verdict["detail"],
        format!(
            "left behind: volume {0}; next: `docker volume rm {0}`; before the clean-up it was proved",
            left.0
        )
    );
    assert!(!words.contains(&of_another.0), "{words}");
}

/// A disk of 16 MiB. It is gone however the test ends.
struct Disk(TempDir);

impl Disk {
    fn mount() -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=16m", "tmpfs"]);
        let mounted = mount.arg(folder.path()).stderr(Stdio::null()).status();
        let is_mounted = mounted.is_ok_and(|status| status.success());
        is_mounted.then(|| Self(folder))
    }

    fn can_be_mounted() -> bool {
        Self::mount().is_some()
    }

    fn fill(&self) {
        let mut filler = File::create(self.0.path().join("filler")).unwrap();
        for size in [1 << 20, 1 << 12] {
            while filler.write_all(&vec![0; size]).is_ok() {}
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let mut unmount = Command::new("umount");
        let unmounted = unmount.arg("--lazy").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()));
    }
}

fn a_disk_that_is_full_leaves_no_verdict_to_rely_on() {
    let home = Home::new();
    let disk = Disk::mount().expect("this was possible a moment ago");
    let mut run = home
        .relapse(&disk.0.path().join("run"))
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = run.id();
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    let stands = lines.any(|line| line.is_ok_and(|line| line.contains("the failure stands")));
    assert!(stands, "the failure never stood");
    disk.fill();
    lines.for_each(drop);
    let ended = run.wait_with_output().unwrap();
    let words = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(5), "{words}");
    assert!(words.contains("evidence-lost"), "{words}");
    assert!(words.contains("0 proved"), "{words}");
    let left = docker(&["ps", "--all", "--format", "{{.Names}}"]);
    assert_eq!(of_this_process(&left, pid), Vec::<&str>::new());
}

/// Starts the registry again however the test ends.
struct RegistryStopped;

impl RegistryStopped {
    fn now() -> Self {
        docker(&["stop", "--time", "1", "relapse-registry"]);
        Self
    }
}

impl Drop for RegistryStopped {
    fn drop(&mut self) {
        docker(&["start", "relapse-registry"]);
    }
}

fn a_registry_that_cannot_be_reached_is_not_a_missing_tag() {
    let home = Home::new();
    let output = TempDir::new().unwrap();
    let mut run = home
        .relapse(output.path())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(run.stderr.take().unwrap()).lines();
    // The healthy start has its image by now; the tag of the fault is yet to be asked for.
    let healthy = lines.find(|line| line.as_ref().is_ok_and(|line| line.contains("stays Ready")));
    assert!(healthy.is_some(), "the healthy start never became Ready");
    let stopped = RegistryStopped::now();
    lines.for_each(drop);
    let ended = run.wait_with_output().unwrap();
    drop(stopped);
    let words = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(5), "{words}");
    assert!(words.contains("registry-unreachable"), "{words}");
}
