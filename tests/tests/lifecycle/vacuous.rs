//! Whether every part of a claim spoke of something, in what real runs witnessed.

use relapse_judge::library::load_library;
use relapse_judge::phase::Phase;
use relapse_judge::scenario::{Clause, FieldTest, Selector};
use relapse_judge::vacuous_parts::vacuities;
use relapse_judge::verdict::Course;
use relapse_tests::project;

use relapse_tests::tape::Tape;

fn told(tape: &Tape, until: usize) -> Vec<String> {
    let witness = tape.witness_before(until);
    vacuities(&witness, &tape.scenario.scenario, Course::Claim)
}

fn selector(clause: &mut Clause) -> Option<&mut Selector> {
    match clause {
        Clause::State(state) => Some(&mut state.of),
        Clause::Event(event) | Clause::NoEvent(event) => Some(&mut event.of),
        Clause::Log(log) | Clause::NoLog(log) => Some(&mut log.of),
        Clause::Refusal(_) | Clause::Http(_) | Clause::Exec(_) => None,
    }
}

fn absences(clause: &mut Clause) -> impl Iterator<Item = &mut FieldTest> {
    let fields = match clause {
        Clause::State(state) => Some(&mut state.fields),
        _ => None,
    };
    let fields = fields.into_iter().flatten();
    fields.filter(|field| field.exists == Some(false))
}

#[test]
fn no_part_of_a_claim_that_was_proved_spoke_of_nothing() {
    let library = load_library(&project()).unwrap_or_else(|error| panic!("{error}"));
    for mut tape in Tape::all() {
        assert_eq!(told(&tape, tape.records.len()), [""; 0], "{}", tape.name);
        tape.scenario = library.scenario(&tape.verdict.id).unwrap().clone();
        assert_eq!(told(&tape, tape.records.len()), [""; 0], "{}", tape.name);
    }
}

#[test]
fn nor_is_that_said_when_its_failure_has_just_appeared() {
    for tape in Tape::all() {
        assert_eq!(
            told(&tape, tape.place(Phase::Control)),
            [""; 0],
            "{}",
            tape.name
        );
    }
}

#[test]
fn a_clause_about_what_was_never_there_is_told() {
    for tape in Tape::all() {
        for index in 0..tape.scenario.scenario.signature.len() {
            let mut tape = tape.clone();
            let clause = &mut tape.scenario.scenario.signature[index];
            let Some(selector) = selector(clause) else {
                continue;
            };
            let name = selector.name.iter_mut();
            for text in selector.labels.values_mut().chain(name) {
                text.value.push('x');
            }
            let place = format!("signature clause {}: no {selector} was there", index + 1);
            let told = told(&tape, tape.records.len());
            assert_eq!(told.len(), 1, "{}: {told:?}", tape.name);
            assert!(told[0].starts_with(&place), "{}: {told:?}", tape.name);
        }
    }
}

#[test]
fn a_field_misspelt_where_it_must_be_absent_is_told() {
    let mut misspelt = 0;
    for mut tape in Tape::all() {
        let signature = &mut tape.scenario.scenario.signature;
        let mut paths = Vec::new();
        for field in signature.iter_mut().flat_map(absences) {
            let path = format!("{}s", field.path);
            field.path = path.parse().unwrap();
            paths.push(path);
        }
        let told = told(&tape, tape.records.len());
        assert_eq!(told.len(), paths.len(), "{}: {told:?}", tape.name);
        for (told, path) in told.iter().zip(&paths) {
            assert!(told.contains(path), "{told}");
        }
        misspelt += paths.len();
    }
    assert!(misspelt > 0, "no recording awaits that a field is absent");
}
