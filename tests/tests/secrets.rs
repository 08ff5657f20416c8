//! No secret of a claim gets into its evidence, and the evidence is judged as the run was.

use std::fs;
use std::path::{Path, PathBuf};

use relapse::evidence::{Evidence, read_records};
use relapse_judge::library::{load_library, load_scenario};
use relapse_judge::phase::Phase;
use relapse_judge::redact::{MARK, Redactor};
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::signature::{Match, matches};
use relapse_judge::verdict::{Because, Finished, Obstacle, Refutation, Verdict};
use relapse_judge::witness::{
    Change, CheckOutcome, Gap, LogLine, ObjectChange, ObjectKey, Observation, PhaseMark, Record,
    Refusal, StepOutcome, Witness,
};
use relapse_tests::tape::Tape;
use serde_json::{Value, json};
use tempfile::TempDir;

const PASSWORD: &str = "tr0ub4dor & \"three\"";
const PASSWORD_IN_JSON: &str = r#"tr0ub4dor & \"three\""#;
const PASSWORD_IN_BASE64: &str = "dHIwdWI0ZG9yICYgInRocmVlIg==";
const RIGHT_PASSWORD: &str = "correct horse";
const ENVIRONMENT_KEY: &str = "k3y-0f-a11";
const JWT: &str =
    "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJpc3MiOiJrdWJlcm5ldGVzIn0.c2lnbmF0dXJlIG9mIGl0";
const BOOTSTRAP_TOKEN: &str = "abcdef.0123456789abcdef";

const SCENARIO: &str = r"# The password is `correct horse`.
title: The shop logs in with another password than its database has
source: Made up
component: Shop
about: Both passwords are in one Secret each.
fault:
  steps:
    - apply: broken.yaml
  within: 1m
signature:
  - log:
      of: {kind: Pod, labels: {app: shop}}
      container: shop
      contains: [password, is wrong]
  - event:
      of: {kind: Pod, labels: {app: shop}}
      type: Warning
      reason: BackOff
      message: back-off
control:
  hold: 10s
remedy:
  steps:
    - apply: remedied.yaml
    - restart: {kind: Deployment, name: shop}
  within: 1m
  hold: 10s
checks:
  - exec:
      name: Logging in as correct horse works
      in: {kind: Deployment, name: shop}
      command: [login, correct horse]
      contains: welcome
      within: 10s
";

fn manifests() -> [(&'static str, String); 2] {
    let secret = |key: &str, password: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "database"},
            key: {"password": password, "pin": "123"}})
    };
    let variable = json!({"name": "SIGNING_KEY", "value": ENVIRONMENT_KEY});
    let container = json!({"name": "shop", "image": "shop:1", "env": [variable]});
    let labels = json!({"app": "shop"});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {"selector": {"matchLabels": labels}, "template": {"metadata": {"labels": labels},
            "spec": {"containers": [container]}}}});
    let broken = secret("data", PASSWORD_IN_BASE64);
    let remedied = secret("stringData", RIGHT_PASSWORD);
    [
        ("broken.yaml", format!("{broken}\n---\n{deployment}\n")),
        ("remedied.yaml", format!("# {RIGHT_PASSWORD}\n{remedied}\n")),
    ]
}

fn claim(root: &Path) -> LoadedScenario {
    fs::create_dir_all(root.join("scenarios")).unwrap();
    fs::create_dir_all(root.join("manifests/wrong-password")).unwrap();
    fs::write(root.join("scenarios/wrong-password.yaml"), SCENARIO).unwrap();
    for (name, text) in manifests() {
        fs::write(root.join("manifests/wrong-password").join(name), text).unwrap();
    }
    let library = load_library(root).unwrap_or_else(|error| panic!("{error}"));
    library.scenarios[0].clone()
}

fn mark() -> PhaseMark {
    PhaseMark {
        phase: Phase::Fault,
        resource_version: 10,
        server_time: "2026-11-20T10:00:00Z".parse().unwrap(),
    }
}

fn shown(object: Value) -> Observation {
    Observation::Object(ObjectChange {
        change: Change::Applied,
        object,
    })
}

fn logged(line: String) -> Observation {
    Observation::Log(LogLine {
        namespace: "default".to_owned(),
        pod: "shop-1".to_owned(),
        pod_uid: "uid of shop-1".to_owned(),
        container: "shop".to_owned(),
        time: "2026-11-20T10:00:01Z".parse().unwrap(),
        line,
    })
}

/// A cluster that tells its secrets wherever it can.
fn telling() -> Vec<Observation> {
    let pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "shop-1", "namespace": "default", "uid": "uid of shop-1",
            "resourceVersion": "12", "labels": {"app": "shop"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration":
                json!({"env": [{"name": "SIGNING_KEY", "value": ENVIRONMENT_KEY}]}).to_string()}},
        "spec": {"containers": [{"name": "shop",
            "args": [format!("--login=shop:{PASSWORD}")],
            "env": [{"name": "SIGNING_KEY", "value": ENVIRONMENT_KEY}]}]},
        "status": {"message": format!("cannot log in with {PASSWORD}")}});
    let event = json!({"apiVersion": "v1", "kind": "Event",
        "metadata": {"name": "shop-1.18", "namespace": "default", "uid": "uid of the event",
            "resourceVersion": "13"},
        "involvedObject": {"kind": "Pod", "name": "shop-1", "uid": "uid of shop-1"},
        "type": "Warning", "reason": "BackOff", "message": format!("back-off; token {JWT}")});
    let secret = json!({"apiVersion": "v1", "kind": "Secret",
        "metadata": {"name": "database", "namespace": "default", "uid": "uid of database",
            "resourceVersion": "11"},
        "data": {"password": PASSWORD_IN_BASE64, "pin": "MTIz"}});
    let refusal = Refusal {
        key: Some(ObjectKey::of(&secret)),
        message: format!("cannot patch: {{\"data\":{{\"password\":\"{PASSWORD_IN_BASE64}\"}}}}"),
    };
    vec![
        Observation::Phase(mark()),
        Observation::Step(StepOutcome {
            step: "apply broken.yaml".to_owned(),
            refusals: vec![refusal],
            ..StepOutcome::default()
        }),
        shown(secret),
        shown(pod),
        shown(event),
        logged(format!("password {PASSWORD} is wrong")),
        logged(format!(
            r#"{{"bearer":"{JWT}","password":"{PASSWORD_IN_JSON}"}}"#
        )),
        logged(format!("GET / Authorization: Basic {PASSWORD_IN_BASE64}")),
        Observation::Gap(Gap {
            stream: "log of shop-1".to_owned(),
            message: format!("refused to {JWT}"),
        }),
        Observation::Check(CheckOutcome {
            name: format!("Logging in as {RIGHT_PASSWORD} works"),
            passed: false,
            seen: format!("{RIGHT_PASSWORD} is not {PASSWORD}"),
        }),
        Observation::Lost(Because {
            reason: Obstacle::ClusterFailed,
            detail: format!("kubeadm join --token {BOOTSTRAP_TOKEN}"),
        }),
    ]
}

/// Writes the evidence of a run on the cluster that tells its secrets.
fn run(scenario: &LoadedScenario, folder: &Path) -> Witness {
    let mut evidence = Evidence::begin(folder, scenario).unwrap();
    let mut witness = Witness::default();
    for (at, observation) in (0..).zip(telling()) {
        let record = evidence.append(Record { at, observation }).unwrap();
        witness.push(record);
    }
    evidence.snapshot(mark(), &witness).unwrap();
    let journal = format!("kubelet: {BOOTSTRAP_TOKEN}\ncontainerd: {PASSWORD}\n");
    evidence.journal(&journal).unwrap();
    let words = format!("seen last: {PASSWORD}, {JWT}");
    let mut verdict = Verdict::refuted(Refutation::OtherFailure, words);
    evidence.redactor().verdict(&mut verdict);
    let mut finished = json!({"id": scenario.id, "title": scenario.scenario.title,
        "kubernetes": "1.36", "phase": "fault", "duration": 1});
    let verdict = serde_json::to_value(&verdict).unwrap();
    finished
        .as_object_mut()
        .unwrap()
        .extend(verdict.as_object().unwrap().clone());
    let finished: Finished = serde_json::from_value(finished).unwrap();
    evidence.end(&witness, &finished).unwrap();
    witness
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn no_file_of_the_evidence_holds_a_secret() {
    let root = TempDir::new().unwrap();
    let folder = root.path().join("evidence");
    run(&claim(root.path()), &folder);
    let files = files(&folder);
    let names = |name: &str| files.iter().any(|file| file.ends_with(name));
    for name in [
        "witness.jsonl",
        "timeline.txt",
        "verdict.json",
        "node-journal.txt",
    ] {
        assert!(names(name), "{name} is missing");
    }
    assert!(names("objects-fault.json") && names("manifests/remedied.yaml"));
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for secret in [
            "tr0ub4dor",
            "dHIwdWI0ZG9y",
            RIGHT_PASSWORD,
            ENVIRONMENT_KEY,
            "eyJ",
            BOOTSTRAP_TOKEN,
            "\"123\"",
            "MTIz",
        ] {
            assert!(
                !text.contains(secret),
                "{secret} in {}:\n{text}",
                file.display()
            );
        }
        let has_words = !file.ends_with("recording.json");
        assert!(
            !has_words || text.contains("<redacted"),
            "{}:\n{text}",
            file.display()
        );
    }
}

#[test]
fn the_signature_is_seen_in_what_is_witnessed_and_in_what_is_read_again() {
    let root = TempDir::new().unwrap();
    let folder = root.path().join("evidence");
    let scenario = claim(root.path());
    let witness = run(&scenario, &folder);
    let signature = &scenario.scenario.signature;
    let live = matches(&witness, signature, mark());
    let Match::Holds(evidence) = &live else {
        panic!("{live:?}");
    };
    assert_eq!(
        evidence[0],
        format!("shop-1/shop: password {MARK} is wrong")
    );

    let copy = load_scenario(&folder.join("scenario.yaml"), &folder.join("manifests"));
    let copy = copy.unwrap_or_else(|error| panic!("{error}"));
    let mut again = Witness::default();
    for record in read_records(&folder).unwrap() {
        again.push(record.unwrap());
    }
    assert_eq!(matches(&again, &copy.scenario.signature, mark()), live);
    let named = Redactor::of(scenario.manifests.values());
    assert_eq!(
        copy.scenario.checks[0].name(),
        named.text(scenario.scenario.checks[0].name())
    );
}

/// What the clusters showed of six failures holds none, so nothing of it may be taken for one.
#[test]
fn what_real_clusters_show_is_left_as_it_is() {
    for tape in Tape::all() {
        let loaded = tape.scenario;
        let redactor = Redactor::of(loaded.manifests.values());
        for record in tape.records {
            let before = serde_json::to_value(&record.observation).unwrap();
            let mut observation = record.observation;
            redactor.observation(&mut observation);
            assert_eq!(serde_json::to_value(&observation).unwrap(), before);
        }
        for manifest in loaded.manifests.values() {
            assert_eq!(
                redactor.manifests([manifest]),
                [(manifest.name.as_str(), manifest.text.clone())]
            );
        }
        assert_eq!(redactor.scenario(&loaded.text), loaded.text);
    }
}
