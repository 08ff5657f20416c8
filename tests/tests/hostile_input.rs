//! The real program on files that are no files, too large, half written or hostile: it ends soon, within a
//! gibibyte of memory, shows nothing from elsewhere, and sends nothing to a terminal that would act there.

use std::fs;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::process::{Command, Output};

use relapse_tests::project;
use tempfile::TempDir;

/// A project with the scenario `claim` of the inputs, which is valid.
fn with_a_claim() -> TempDir {
    let folder = TempDir::new().unwrap();
    let base = project().join("tests/inputs/base");
    for file in [
        "scenarios/claim.yaml",
        "manifests/claim/broken.yaml",
        "manifests/claim/remedied.yaml",
    ] {
        let target = folder.path().join(file);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(base.join(file), target).unwrap();
    }
    fs::create_dir(folder.path().join("docs")).unwrap();
    folder
}

/// Adds a copy of the claim under another id.
fn copy_of_the_claim(folder: &Path, id: &str) {
    let manifests = folder.join("manifests").join(id);
    fs::create_dir_all(&manifests).unwrap();
    for file in ["broken.yaml", "remedied.yaml"] {
        fs::copy(
            folder.join("manifests/claim").join(file),
            manifests.join(file),
        )
        .unwrap();
    }
    let scenario = folder.join("scenarios").join(id).with_extension("yaml");
    fs::copy(folder.join("scenarios/claim.yaml"), scenario).unwrap();
}

fn relapse(folder: &Path, arguments: &[&str]) -> Output {
    let limited = format!(
        "ulimit -v 1048576; exec timeout 60 {} \"$@\"",
        env!("CARGO_BIN_EXE_relapse-under-test")
    );
    Command::new("sh")
        .args(["-c", &limited, "sh"])
        .args(arguments)
        .current_dir(folder)
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap()
}

/// The exit code, and everything that was printed.
fn ended(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let output = relapse(folder, arguments);
    let printed = [output.stdout, output.stderr].concat();
    let code = output.status.code().unwrap_or(-1);
    (code, String::from_utf8(printed).unwrap())
}

fn fifo(path: &Path) {
    let made = Command::new("mkfifo").arg(path).status().unwrap();
    assert!(made.success());
}

/// Puts something that is no regular file of the project in the place of a file, by what is said of it.
type Trap = (&'static str, fn(&Path));

const TRAPS: [Trap; 5] = [
    ("this is a FIFO", fifo),
    ("this is a socket", |path| {
        // A socket outlives who listened.
        drop(UnixListener::bind(path).unwrap());
    }),
    ("this is a folder", |path| fs::create_dir(path).unwrap()),
    ("outside of", |path| symlink("/dev/zero", path).unwrap()),
    ("outside of", |path| symlink("/etc/passwd", path).unwrap()),
];

#[test]
fn what_is_no_file_of_the_project_is_refused_and_stops_nothing_else() {
    for (told, set) in TRAPS {
        for place in [
            "scenarios/other.yaml",
            "scenarios/without-experiment/other.yaml",
            "manifests/other/broken.yaml",
            "docs/checklists.yaml",
        ] {
            let folder = with_a_claim();
            copy_of_the_claim(folder.path(), "other");
            let path = folder.path().join(place);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            if path.exists() {
                fs::remove_file(&path).unwrap();
            }
            set(&path);
            let (code, printed) = ended(folder.path(), &["check"]);
            assert_eq!(code, 3, "{place}, {told}: {printed}");
            assert!(printed.contains(told), "{place}, {told}: {printed}");
            assert!(!printed.contains("root:"), "{printed}");
            for fine in [&["list"][..], &["show", "claim"], &["check", "claim"]] {
                let (code, printed) = ended(folder.path(), fine);
                assert_eq!(code, 0, "{fine:?} beside {place}, {told}: {printed}");
                assert!(printed.contains("warning: "), "{printed}");
            }
        }
    }
}

#[test]
fn a_link_within_the_project_is_followed() {
    let folder = with_a_claim();
    copy_of_the_claim(folder.path(), "other");
    let manifests = folder.path().join("manifests/other");
    fs::remove_dir_all(&manifests).unwrap();
    symlink("claim", &manifests).unwrap();
    let (code, printed) = ended(folder.path(), &["check"]);
    assert_eq!(code, 0, "{printed}");
    fs::remove_file(&manifests).unwrap();
    symlink("/etc", &manifests).unwrap();
    let (code, printed) = ended(folder.path(), &["check"]);
    assert_eq!(code, 3, "{printed}");
    assert!(printed.contains("outside of"), "{printed}");
}

#[test]
fn a_recorded_verdict_that_is_none_stops_no_list() {
    let folder = with_a_claim();
    let recorded = folder.path().join("tests/recordings/1.36/claim");
    fs::create_dir_all(&recorded).unwrap();
    for (_, set) in TRAPS {
        set(&recorded.join("verdict.json"));
        let (code, printed) = ended(folder.path(), &["list"]);
        assert_eq!(code, 0, "{printed}");
        assert!(printed.contains("warning: "), "{printed}");
        fs::remove_dir_all(&recorded).unwrap();
        fs::create_dir(&recorded).unwrap();
    }
}

#[test]
fn what_asks_for_more_than_there_is_is_refused_before_it_gets_it() {
    let folder = with_a_claim();
    let scenario = folder.path().join("scenarios/claim.yaml");
    let valid = fs::read_to_string(&scenario).unwrap();
    for nodes in ["5000000", "4294967295", "18446744073709551615"] {
        fs::write(&scenario, format!("{valid}\nnodes: {nodes}\n")).unwrap();
        let (code, printed) = ended(folder.path(), &["check"]);
        assert_eq!(code, 3, "{printed}");
        assert!(printed.contains("nodes here"), "{printed}");
    }
    fs::write(&scenario, valid).unwrap();
    let manifest = folder.path().join("manifests/claim/broken.yaml");
    let valid = fs::read_to_string(&manifest).unwrap();
    // Nine levels of nine aliases each, and a long text that is meant many times.
    let mut laughs = "a0: &a0 lol\n".to_owned();
    for level in 1..=9 {
        let before = format!("*a{}, ", level - 1).repeat(9);
        laughs.extend([format!("a{level}: &a{level} [{before}]\n")]);
    }
    let anchors = (0..300).map(|number| format!("x{number}: &x{number} a\n"));
    let anchors = anchors.collect::<Vec<_>>().concat();
    let long = format!(
        "{anchors}long: &long '{}'\nmany: [{}]\n",
        "a".repeat(1 << 20),
        "*long, ".repeat(2_000)
    );
    for (bomb, told) in [
        (laughs, "ask for too much"),
        (long, "ask for too much"),
        ("a: &a [*a]\n".to_owned(), "broken.yaml"),
        ("---\n".repeat(4 << 20), "larger than 16384 KiB"),
        ("{}\n---\n".repeat(100_000), "more than 16384 documents"),
        (
            format!("a: [{}]\n", "1, ".repeat(2_500_000)),
            "more than 2000000 mappings",
        ),
        (format!("a: {}\n", "[".repeat(50_000)), "more than 100 deep"),
        (
            format!("a: {}\n", "{a: ".repeat(50_000)),
            "more than 100 deep",
        ),
    ] {
        fs::write(&manifest, format!("{valid}---\n{bomb}")).unwrap();
        let (code, printed) = ended(folder.path(), &["check"]);
        assert_eq!(code, 3, "{told}: {printed}");
        assert!(printed.contains(told), "{told}: {printed}");
        assert!(printed.len() < 4_000, "{told}: {} bytes", printed.len());
    }
}

#[test]
fn an_error_quotes_little_of_a_long_line() {
    let folder = with_a_claim();
    let scenario = folder.path().join("scenarios/claim.yaml");
    let valid = fs::read_to_string(&scenario).unwrap();
    let long = "secret ".repeat(50_000);
    for line in [
        format!("{long}: 1"),
        format!("nodes: {long}"),
        format!("tags: [{long}, {{"),
        format!("failure: '{long}'"),
    ] {
        fs::write(&scenario, format!("{valid}\n{line}\n")).unwrap();
        let (code, printed) = ended(folder.path(), &["check"]);
        assert_eq!(code, 3, "{printed}");
        assert!(printed.len() < 3_000, "{} bytes: {printed}", printed.len());
    }
}

/// Letters that a terminal or a reader obeys, instead of showing them.
fn acts(letter: char) -> bool {
    letter != '\n' && letter.is_control()
        || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

#[test]
fn nothing_that_a_terminal_obeys_comes_out_of_any_command() {
    let hostile = "\\e[31mred\\e[8m\\e]0;title\\a\\r\\u009B2J\\u202Eright\\u2066\\0\\u2028\\uFEFF";
    let folder = with_a_claim();
    let path = folder.path().join("scenarios/claim.yaml");
    let valid = fs::read_to_string(&path).unwrap();
    let hostile_claim = valid
        .replace(
            "The web server's image does not exist",
            &format!("\"{hostile}\""),
        )
        .replace("A post-mortem, 2025-12-29", &format!("\"{hostile}\""))
        .replace(
            "component: Web",
            &format!("component: \"{hostile}\"\ntags: [\"{hostile}\"]"),
        )
        .replace("The tag was never published.", &format!("\"{hostile}\""))
        .replace("message: not found", &format!("message: \"{hostile}\""));
    let raw = "\u{1b}[31m\u{9b}2J\u{202e}\u{7}\r";
    let of_path = format!("scenarios/{raw}.yaml");
    for (claim, commands) in [
        (
            hostile_claim.clone(),
            &[
                &["list"][..],
                &["list", "--json"],
                &["show", "claim"],
                &["check"],
            ][..],
        ),
        (
            format!("{hostile_claim}\"{hostile}\": 1\n"),
            &[&["check"], &["list"]],
        ),
        (format!("{valid}# {raw}\nnodes: '{raw}'\n"), &[&["check"]]),
        (format!("{valid}\"{raw}\": 1\n"), &[&["check"]]),
        (
            valid.replace("broken.yaml", &format!("\"{hostile}.yaml\"")),
            &[&["check"]],
        ),
    ] {
        fs::write(&path, claim).unwrap();
        for command in commands {
            let (_, printed) = ended(folder.path(), command);
            let found: Vec<char> = printed.chars().filter(|letter| acts(*letter)).collect();
            assert_eq!(found, Vec::<char>::new(), "{command:?}: {printed:?}");
        }
    }
    fs::write(&path, valid).unwrap();
    fs::write(folder.path().join(of_path), "title: a").unwrap();
    fs::create_dir_all(folder.path().join("manifests").join(raw)).unwrap();
    for command in [
        &["check"][..],
        &["list"],
        &["show", raw],
        &["check", "cla*"],
    ] {
        let (_, printed) = ended(folder.path(), command);
        let found: Vec<char> = printed.chars().filter(|letter| acts(*letter)).collect();
        assert_eq!(found, Vec::<char>::new(), "{command:?}: {printed:?}");
    }
}

#[test]
fn a_half_written_scenario_stops_what_asks_for_it_and_nothing_else() {
    let folder = with_a_claim();
    fs::write(folder.path().join("scenarios/half.yaml"), "title: 'half").unwrap();
    fs::create_dir(folder.path().join("manifests/nobodys")).unwrap();
    fs::write(
        folder.path().join("docs/checklists.yaml"),
        "- [ ] buy milk\n",
    )
    .unwrap();
    for (command, code) in [
        (&["list"][..], 0),
        (&["list", "--json"], 0),
        (&["show", "claim"], 0),
        (&["check", "claim"], 0),
        (&["check", "cl*"], 0),
        (&["check", "half"], 3),
        (&["check", "*"], 3),
        (&["check"], 3),
        (&["show", "half"], 3),
        (&["run", "half"], 3),
        (&["run", "--all"], 3),
        (&["run", "--tag", "core"], 3),
        (&["catalogue"], 3),
    ] {
        let (ended, printed) = ended(folder.path(), command);
        assert_eq!(ended, code, "{command:?}: {printed}");
        let warns = printed.contains("scenarios/half.yaml are invalid and left out");
        assert_eq!(warns, code == 0, "{command:?}: {printed}");
    }
}

#[test]
fn what_a_scenario_has_in_common_with_one_that_is_not_valid_is_no_mistake_of_its_own() {
    let folder = with_a_claim();
    let path = folder.path().join("scenarios/claim.yaml");
    let valid = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{valid}\nfailure: shared\n")).unwrap();
    assert_eq!(ended(folder.path(), &["check", "claim"]).0, 3);
    for half in ["failure: shared\n", "title: 'half"] {
        fs::write(folder.path().join("scenarios/half.yaml"), half).unwrap();
        let (code, printed) = ended(folder.path(), &["check", "claim"]);
        assert_eq!(code, 0, "{printed}");
    }
}

#[test]
fn the_catalogue_writes_over_nothing_that_it_did_not_write() {
    let folder = with_a_claim();
    let page = folder.path().join("docs/FAILURES.md");
    fs::write(&page, "# Mine\n").unwrap();
    let (code, printed) = ended(folder.path(), &["catalogue"]);
    assert_eq!(code, 2, "{printed}");
    assert_eq!(fs::read_to_string(&page).unwrap(), "# Mine\n");
    fs::remove_file(&page).unwrap();
    let elsewhere = TempDir::new().unwrap();
    let target = elsewhere.path().join("a");
    symlink(&target, &page).unwrap();
    assert_eq!(ended(folder.path(), &["catalogue"]).0, 2);
    assert!(!target.exists());
    fs::remove_file(&page).unwrap();
    fifo(&page);
    assert_eq!(ended(folder.path(), &["catalogue"]).0, 2);
    fs::remove_file(&page).unwrap();
    assert_eq!(ended(folder.path(), &["catalogue"]).0, 0);
    let written = fs::read_to_string(&page).unwrap();
    fs::write(&page, format!("{written}\nstale\n")).unwrap();
    assert_eq!(ended(folder.path(), &["catalogue"]).0, 0);
    assert_eq!(fs::read_to_string(&page).unwrap(), written);
}
