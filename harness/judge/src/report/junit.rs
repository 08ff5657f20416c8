//! A run as JUnit XML, for CI systems.

use std::time::Duration;

use quick_junit::{
    FlakyOrRerun, NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus,
    TestRerun, TestSuite,
};

use super::Paint;
use super::facts::facts;
use super::repetitions::repetitions;
use crate::attempt_policy::tally;
use crate::exit_code::Standard;
use crate::phase::Phase;
use crate::text::{plain, shown};
use crate::verdict::{Attempted, Finished, Shown, Verdict};

/// The run as JUnit XML, one test case for each scenario. A refuted claim is a failure, an
/// inconclusive one an error, a skipped one skipped; message and text are its reason and detail. A
/// flaky one is a failure unless the standard allows it; attempts that were not proved are its flaky
/// runs. What else was seen is its output.
pub fn junit(
    run: &str,
    finished: &[Finished],
    standard: &Standard,
) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new(run);
    for scenario in finished {
        suite.add_test_case(test_case(scenario, standard));
    }
    let mut report = Report::new("relapse");
    report.add_test_suite(suite);
    // XML has no place for some letters, and a viewer obeys others.
    report.to_string().map(|xml| plain(&xml))
}

fn test_case(scenario: &Finished, standard: &Standard) -> TestCase {
    let mut case = TestCase::new(scenario.id.as_str(), status(scenario, standard));
    // Viewers read a dot as the border of a package.
    let minor = scenario.kubernetes.replace('.', "-");
    case.set_classname(format!("relapse.kubernetes-{minor}"));
    case.set_time(Duration::from_millis(scenario.duration));
    case.add_property(Property::new("title", scenario.title.as_str()));
    let measures = [
        ("time-to-signature", scenario.time_to_signature),
        ("time-to-ready", scenario.time_to_ready),
    ];
    for (name, millis) in measures {
        if let Some(millis) = millis {
            case.add_property(Property::new(name, shown(millis)));
        }
    }
    for claim in scenario
        .claims
        .iter()
        .filter(|claim| claim.shown == Shown::Here)
    {
        let name = format!("claim-{}", claim.id);
        case.add_property(Property::new(name, claim.answer.to_string()));
    }
    let mut output = facts(scenario);
    if !scenario.attempts.is_empty() {
        case.add_property(Property::new("attempts", tally(&scenario.attempts)));
        output.push(repetitions(std::iter::once(scenario), Paint::new(false)));
    }
    if !output.is_empty() {
        case.set_system_out(output.join("\n"));
    }
    case
}

fn status(scenario: &Finished, standard: &Standard) -> TestCaseStatus {
    let mut status = if standard.is_met_by(scenario) {
        TestCaseStatus::success()
    } else {
        match kind(&scenario.verdict) {
            Some(kind) => TestCaseStatus::non_success(kind),
            None => TestCaseStatus::skipped(),
        }
    };
    let (reason, message, detail) = words(&scenario.verdict, scenario.phase);
    status
        .set_type(reason)
        .set_message(message)
        .set_description(detail);
    let unproved = (1..)
        .zip(&scenario.attempts)
        .filter(|(_, attempt)| attempt.verdict != Verdict::Proved);
    if matches!(scenario.verdict, Verdict::Flaky(_)) {
        status.set_rerun_kind(FlakyOrRerun::Flaky);
        status.add_reruns(unproved.map(rerun));
    } else {
        // The first of them is the failure itself.
        status.add_reruns(unproved.skip(1).map(rerun));
    }
    status
}

fn rerun((number, attempt): (usize, &Attempted)) -> TestRerun {
    let kind = kind(&attempt.verdict).unwrap_or(NonSuccessKind::Error);
    let (reason, message, detail) = words(&attempt.verdict, attempt.phase);
    let mut rerun = TestRerun::new(kind);
    rerun
        .set_time(Duration::from_millis(attempt.duration))
        .set_type(reason)
        .set_message(format!("attempt {number}: {message}"))
        .set_description(detail);
    if let Some(folder) = &attempt.evidence {
        rerun.set_system_out(format!("evidence: {folder}"));
    }
    rerun
}

/// How a verdict fails; none where it was skipped.
const fn kind(verdict: &Verdict) -> Option<NonSuccessKind> {
    match verdict {
        Verdict::Proved | Verdict::Skipped(_) => None,
        Verdict::Refuted(_) | Verdict::Flaky(_) => Some(NonSuccessKind::Failure),
        Verdict::Inconclusive(_) => Some(NonSuccessKind::Error),
    }
}

/// Reason, message in one line, and detail.
fn words(verdict: &Verdict, phase: Option<Phase>) -> (String, String, &str) {
    let reason = verdict.reason().unwrap_or_default();
    let detail = verdict.detail().unwrap_or_default();
    let first = detail.lines().next().unwrap_or_default();
    let phase = phase.map_or_else(String::new, |phase| format!(" ({phase})"));
    let message = format!("{reason}{phase}: {first}");
    (reason, message, detail)
}
