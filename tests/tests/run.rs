//! The real program runs scenarios on a machine that is scripted: what it writes, and how it ends,
//! where something cannot be written, made or waited for.

use std::fs::{self, File, Permissions};
use std::io::{BufRead, BufReader};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use relapse_tests::project;
use serde_json::Value;
use tempfile::TempDir;

const ID: &str = "image-tag-never-published";

/// Answers what `ci/setup` is asked. An image is upstream as the file `upstream` says, once.
const SET_UP: &str = r#"
touch "$machine/asked"
for need; do
  case $need in
    kind) echo "kind=$machine/kind" ;;
    registry) echo "registry=registry:5000" ;;
    engine) echo "cgroup=2"; echo "mode=build" ;;
    absent:*)
      if test -e "$machine/present"; then echo "$need=present"; else echo "$need=absent"; fi
      test ! -e "$machine/once" || rm -f "$machine/present" ;;
    *) echo "$need=ready" ;;
  esac
done
"#;

/// Makes the node and the client's key, and then fails, or never answers.
const KIND: &str = r#"
touch "$machine/node"
while test "$1" != --kubeconfig; do shift; done
echo "client-key-data: c2VjcmV0" > "$2"
echo made >&2
if test -e "$machine/hangs"; then echo > "$machine/ready"; exec sleep 300; fi
echo "the node failed" >&2
exit 1
"#;

/// Knows one node at most. What the evidence holds when that is removed is written down.
const DOCKER: &str = r#"
case "$*" in
  *--quiet*label=io.x-k8s.kind.cluster=*) test ! -e "$machine/node" || echo node ;;
  inspect*) echo '[{"Id": "node", "Mounts": [], "NetworkSettings": {"Networks": {}}}]' ;;
  exec*journalctl*) seq "$(cat "$machine/lines" 2>/dev/null || echo 3)" | sed 's/^/kubelet: /' ;;
  rm*) find "$machine" -name verdict.json > "$machine/at-removal"; rm "$machine/node" ;;
esac
"#;

/// A project, and programs in place of the machine's.
struct Machine(TempDir);

impl Machine {
    fn new() -> Self {
        let machine = Self(TempDir::new().unwrap());
        for folder in ["scenarios", "ci", "bin", &format!("manifests/{ID}")] {
            fs::create_dir_all(machine.path(folder)).unwrap();
        }
        let file = format!("scenarios/{ID}.yaml");
        // The records of other scenarios are not here.
        let text = fs::read_to_string(project().join(&file)).unwrap();
        let text = text.split("\nclaims:").next().unwrap();
        fs::write(machine.path(&file), text).unwrap();
        let manifests = format!("manifests/{ID}");
        for entry in fs::read_dir(project().join(&manifests)).unwrap() {
            let entry = entry.unwrap();
            let copy = machine.path(&manifests).join(entry.file_name());
            fs::copy(entry.path(), copy).unwrap();
        }
        for (name, script) in [("ci/setup", SET_UP), ("kind", KIND), ("bin/docker", DOCKER)] {
            let folder = machine.0.path().display();
            fs::write(
                machine.path(name),
                format!("#!/bin/sh\nmachine={folder}\n{script}"),
            )
            .unwrap();
            fs::set_permissions(machine.path(name), Permissions::from_mode(0o755)).unwrap();
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// From now on something is so.
    fn has(&self, name: &str) -> &Self {
        fs::write(self.path(name), "").unwrap();
        self
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let path = std::env::var("PATH").unwrap();
        // Who runs the tests may ignore signals, as nohup does, and relapse leaves those ignored.
        let mut command = Command::new("env");
        command
            .arg("--default-signal=HUP,INT,TERM")
            .arg(env!("CARGO_BIN_EXE_relapse-under-test"))
            .args(arguments)
            .current_dir(self.0.path())
            .env("PATH", format!("{}:{path}", self.path("bin").display()))
            .env("TMPDIR", self.path("bin"))
            .env("HOME", self.0.path())
            .env_remove("XDG_RUNTIME_DIR")
            .env_remove("KUBECONFIG")
            .env("NO_COLOR", "1");
        command
    }

    fn run(&self, options: &[&str]) -> Output {
        self.command(&[&["run", ID][..], options].concat())
            .output()
            .unwrap()
    }

    /// Begins a run in a process group of its own, and waits until its cluster is being made.
    fn begun(&self) -> Child {
        assert!(
            Command::new("mkfifo")
                .arg(self.path("ready"))
                .status()
                .unwrap()
                .success()
        );
        self.has("hangs");
        let mut command = self.command(&["run", ID, "--output", "out"]);
        let run = command
            .process_group(0)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        BufReader::new(File::open(self.path("ready")).unwrap())
            .lines()
            .next();
        run
    }

    /// A file of the scenario's evidence.
    fn evidence(&self, name: &str) -> PathBuf {
        self.path("out").join(ID).join(name)
    }
}

fn json(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap()
}

fn words(output: &Output) -> String {
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    format!(
        "{:?}\n{}{}",
        output.status,
        text(&output.stdout),
        text(&output.stderr)
    )
}

fn signal(name: &str, process: &str) {
    let killed = Command::new("kill").args([name, "--", process]).status();
    assert!(killed.unwrap().success());
}

/// The key opens a cluster, and whoever gets the evidence would have it.
fn assert_no_key(folder: &Path) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            assert_no_key(&path);
        } else {
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains("client-key-data"), "{}", path.display());
        }
    }
}

#[test]
fn a_cluster_that_cannot_be_made_leaves_its_evidence_before_it_is_removed() {
    let machine = Machine::new();
    let output = machine.run(&["--output", "out"]);
    assert_eq!(output.status.code(), Some(5), "{}", words(&output));
    let verdict = json(&machine.evidence("verdict.json"));
    assert_eq!(verdict["reason"], "cluster-failed", "{verdict}");
    let journal = fs::read_to_string(machine.evidence("node-journal.txt")).unwrap();
    assert!(journal.contains("kubelet: 3"), "{journal}");
    assert!(machine.evidence("timeline.txt").is_file());
    let removed = fs::read_to_string(machine.path("at-removal")).unwrap();
    assert!(removed.contains(ID), "nothing was written yet: {removed}");
    assert_eq!(
        json(&machine.path("out/verdicts.json"))[0]["reason"],
        "cluster-failed"
    );
    assert_no_key(&machine.path("out"));
}

#[test]
fn evidence_that_cannot_be_written_makes_the_verdict_inconclusive_for_that_reason() {
    let machine = Machine::new();
    fs::write(machine.path("lines"), "100000").unwrap();
    let run = machine.command(&["run", ID, "--output", "out"]);
    // No file may grow beyond this, as on a disk that is full.
    let output = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 400; exec \"$0\" \"$@\""])
        .arg(run.get_program())
        .args(run.get_args())
        .envs(
            run.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(machine.0.path())
        .output()
        .unwrap();
    let words = words(&output);
    assert_eq!(output.status.code(), Some(5), "{words}");
    assert!(words.contains("evidence-lost"), "{words}");
    assert!(words.contains("node-journal.txt"), "{words}");
    let verdict = json(&machine.evidence("verdict.json"));
    assert_eq!(verdict["reason"], "evidence-lost", "{verdict}");
}

#[test]
fn a_closed_terminal_ends_a_run_as_ctrl_c_does() {
    for name in ["-HUP", "-TERM", "-INT"] {
        let machine = Machine::new();
        let mut run = machine.begun();
        signal(name, &run.id().to_string());
        assert_eq!(run.wait().unwrap().code(), Some(130), "{name}");
        assert!(!machine.path("node").exists(), "{name}");
        let verdict = json(&machine.evidence("verdict.json"));
        assert_eq!(verdict["reason"], "interrupted", "{verdict}");
        assert_no_key(&machine.path("out"));
    }
}

#[test]
fn a_killed_run_leaves_no_key_in_its_evidence() {
    let machine = Machine::new();
    let mut run = machine.begun();
    // The processes that it began too.
    signal("-KILL", &format!("-{}", run.id()));
    run.wait().unwrap();
    assert!(machine.evidence("scenario.yaml").is_file());
    assert_no_key(&machine.path("out"));
}

#[test]
fn an_output_that_cannot_be_written_is_wrong_usage_before_anything_is_asked_for() {
    let machine = Machine::new();
    fs::write(machine.path("file"), "").unwrap();
    fs::create_dir(machine.path("used")).unwrap();
    fs::write(machine.path("used/verdict.json"), "{}").unwrap();
    symlink(machine.path("used"), machine.path("link")).unwrap();
    symlink(machine.path("nowhere"), machine.path("dangling")).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(machine.path("pipe"))
            .status()
            .unwrap()
            .success()
    );
    for outputs in [
        &["--output", "used"][..],
        &["--output", "link"],
        &["--output", "dangling"],
        &["--output", "file"],
        &["--output", "file/below"],
        &["--output", "/proc/none"],
        &["--junit", "no/such/folder.xml"],
        &["--junit", "used"],
        &["--junit", "pipe"],
        &["--junit", "file/below.xml"],
        &["--junit", "/proc/none.xml"],
    ] {
        let output = machine.run(outputs);
        let words = words(&output);
        assert_eq!(output.status.code(), Some(2), "{outputs:?}: {words}");
        assert!(words.contains("next: "), "{outputs:?}: {words}");
        assert!(!machine.path("asked").exists(), "{outputs:?}");
    }
    assert_eq!(fs::read_dir(machine.path("used")).unwrap().count(), 1);
    let left = fs::read_dir(machine.path("runs")).unwrap().count();
    assert_eq!(left, 0, "folders of runs that did not begin");
}

#[test]
fn a_refutation_is_not_hidden_by_what_cannot_be_written_late() {
    let machine = Machine::new();
    machine.has("present");
    let output = machine.run(&["--junit", "/dev/full"]);
    let told = words(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("premise-gone"), "{told}");
    assert!(told.contains("cannot write /dev/full"), "{told}");
    let output = machine
        .command(&["run", ID, "--junit", "junit.xml"])
        .stdout(File::options().write(true).open("/dev/full").unwrap())
        .output()
        .unwrap();
    let told = words(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("cannot write to standard output"), "{told}");
    let junit = fs::read_to_string(machine.path("junit.xml")).unwrap();
    assert!(junit.contains("premise-gone"), "{junit}");
}

#[test]
fn a_report_takes_the_place_of_a_longer_one() {
    let machine = Machine::new();
    machine.has("present");
    fs::write(machine.path("junit.xml"), "x".repeat(100_000)).unwrap();
    machine.run(&["--junit", "junit.xml"]);
    let junit = fs::read_to_string(machine.path("junit.xml")).unwrap();
    assert!(junit.ends_with("</testsuites>\n"), "{junit}");
}

#[test]
fn runs_that_begin_together_have_folders_of_their_own() {
    let machine = Machine::new();
    machine.has("present");
    let runs: Vec<Child> = (0..4)
        .map(|_| {
            let mut run = machine.command(&["run", ID]);
            run.stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap()
        })
        .collect();
    for mut run in runs {
        assert_eq!(run.wait().unwrap().code(), Some(1));
    }
    let folders: Vec<PathBuf> = fs::read_dir(machine.path("runs"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(folders.len(), 4, "{folders:?}");
    for folder in folders {
        assert_eq!(json(&folder.join("verdicts.json"))[0]["verdict"], "refuted");
    }
}

#[test]
fn a_flaky_claim_has_a_file_that_says_so() {
    let machine = Machine::new();
    machine.has("present").has("once");
    let output = machine.run(&["--retries", "1", "--output", "out"]);
    assert_eq!(output.status.code(), Some(6), "{}", words(&output));
    let verdicts = json(&machine.path("out/verdicts.json"));
    assert_eq!(verdicts[0]["verdict"], "flaky", "{verdicts}");
    assert_eq!(verdicts[0]["attempts"][0]["reason"], "premise-gone");
    assert_eq!(verdicts[0]["attempts"][1]["reason"], "cluster-failed");
}
