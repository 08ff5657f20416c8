//! Evidence that cannot be written, or is taken away.

use std::fs::{self, File};
use std::io::BufWriter;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::Evidence;
use relapse_judge::library::load_scenario;
use relapse_judge::phase::Phase;
use relapse_judge::scenario::LoadedScenario;
use relapse_judge::testing::sample;
use relapse_judge::witness::{Gap, Observation, PhaseMark, Record, Witness};

fn claim() -> LoadedScenario {
    let inputs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/inputs/base");
    let (file, manifests) = ("scenarios/claim.yaml", "manifests/claim");
    load_scenario(&inputs.join(file), &inputs.join(manifests))
        .unwrap_or_else(|error| panic!("{error}"))
}

/// A record of more than the buffer takes at once.
fn long() -> Record {
    let observation = Observation::Gap(Gap {
        stream: "watch of Pod".to_owned(),
        message: "x".repeat(20_000),
    });
    Record { at: 0, observation }
}

fn ended(evidence: &mut Evidence) -> Result<(), String> {
    let ended = evidence.end(&Witness::default(), &sample::proved());
    ended.map_err(|error| error.to_string())
}

#[test]
fn evidence_is_whole_when_it_has_ended() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("run/claim");
    let mut evidence = Evidence::begin(&folder, &claim()).unwrap();
    evidence.append(long()).unwrap();
    ended(&mut evidence).unwrap();
    let witness = fs::read_to_string(folder.join("witness.jsonl")).unwrap();
    assert_eq!(witness.lines().count(), 1);
    assert!(witness.len() > 20_000);
    for name in [
        "scenario.yaml",
        "timeline.txt",
        "verdict.json",
        "recording.json",
    ] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    assert!(!folder.join("verdict.json.new").exists());
}

#[test]
fn a_phase_that_begins_again_has_its_objects_beside_the_first() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("claim");
    let mut evidence = Evidence::begin(&folder, &claim()).unwrap();
    let mark = PhaseMark {
        phase: Phase::Stress,
        resource_version: 1,
        server_time: jiff::Timestamp::UNIX_EPOCH,
    };
    for _ in 0..3 {
        evidence.snapshot(mark, &Witness::default()).unwrap();
    }
    ended(&mut evidence).unwrap();
    for name in ["objects-stress", "objects-stress-2", "objects-stress-3"] {
        assert!(folder.join(name).with_extension("json").is_file(), "{name}");
    }
}

#[test]
fn a_folder_or_a_link_that_is_there_is_not_used() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("claim");
    Evidence::begin(&folder, &claim()).unwrap();
    Evidence::begin(&folder, &claim()).unwrap_err();
    let (elsewhere, link) = (root.path().join("elsewhere"), root.path().join("link"));
    fs::create_dir(&elsewhere).unwrap();
    symlink(&elsewhere, &link).unwrap();
    Evidence::begin(&link, &claim()).unwrap_err();
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
}

#[test]
fn a_link_in_place_of_a_file_is_not_followed() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("claim");
    let precious = root.path().join("precious");
    fs::write(&precious, "mine").unwrap();
    let mut evidence = Evidence::begin(&folder, &claim()).unwrap();
    symlink(&precious, folder.join("timeline.txt")).unwrap();
    symlink(&precious, folder.join("verdict.json")).unwrap();
    let lost = ended(&mut evidence).unwrap_err();
    assert!(lost.contains("timeline.txt"), "{lost}");
    assert_eq!(fs::read_to_string(&precious).unwrap(), "mine");
    assert!(!folder.join("verdict.json").is_symlink());
}

#[test]
fn a_line_that_cannot_be_written_is_told_then_and_in_the_end() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("claim");
    let mut evidence = Evidence::begin(&folder, &claim()).unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    evidence.witness = BufWriter::new(full);
    let lost = evidence.append(long()).unwrap_err().to_string();
    assert!(lost.contains("witness.jsonl"), "{lost}");
    assert!(lost.to_lowercase().contains("no space"), "{lost}");
    // There is room again, and still a line is missing.
    let file = File::create(root.path().join("room")).unwrap();
    evidence.witness = BufWriter::new(file);
    evidence.append(long()).unwrap_err();
    ended(&mut evidence).unwrap_err();
    assert!(folder.join("timeline.txt").is_file());
    assert!(folder.join("verdict.json").is_file());
}

#[test]
fn a_last_line_that_stays_in_the_buffer_is_missed_in_the_end() {
    let root = tempfile::tempdir().unwrap();
    let mut evidence = Evidence::begin(&root.path().join("claim"), &claim()).unwrap();
    let full = File::options().write(true).open("/dev/full").unwrap();
    evidence.witness = BufWriter::new(full);
    let record = Record {
        at: 0,
        observation: Observation::Ended,
    };
    evidence.append(record).unwrap();
    let lost = ended(&mut evidence).unwrap_err();
    assert!(lost.contains("witness.jsonl"), "{lost}");
}

#[test]
fn what_is_taken_away_or_replaced_is_missed_in_the_end() {
    let remove = |path: &Path| fs::remove_file(path).unwrap();
    let replace = |path: &Path| {
        let text = fs::read(path).unwrap();
        fs::write(path.with_extension("copy"), text).unwrap();
        fs::rename(path.with_extension("copy"), path).unwrap();
    };
    for name in ["witness.jsonl", "scenario.yaml", "manifests/broken.yaml"] {
        for take_away in [remove, replace] as [fn(&Path); 2] {
            let root = tempfile::tempdir().unwrap();
            let folder = root.path().join("claim");
            let mut evidence = Evidence::begin(&folder, &claim()).unwrap();
            take_away(&folder.join(name));
            let lost = ended(&mut evidence).unwrap_err();
            assert!(lost.contains(name), "{lost}");
        }
    }
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("claim");
    let mut evidence = Evidence::begin(&folder, &claim()).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    ended(&mut evidence).unwrap_err();
}
