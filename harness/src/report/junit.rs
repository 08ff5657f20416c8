//! A run as JUnit XML, for CI systems.

use std::fmt::Write;
use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Property, Report, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use super::shown;
use crate::verdict::{Finished, Verdict};

/// The run as JUnit XML, one test case for each scenario. A refuted claim is a failure, an
/// inconclusive one an error, a skipped one skipped; message and text are its reason and detail.
pub fn junit(run: &str, finished: &[Finished]) -> Result<String, SerializeError> {
    let mut suite = TestSuite::new(run);
    for scenario in finished {
        suite.add_test_case(test_case(scenario));
    }
    let mut report = Report::new("relapse");
    report.add_test_suite(suite);
    report.to_string()
}

fn test_case(scenario: &Finished) -> TestCase {
    let mut case = TestCase::new(scenario.id.as_str(), status(scenario));
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
    if !scenario.rates.is_empty() {
        case.set_system_out(rates(scenario));
    }
    case
}

fn status(scenario: &Finished) -> TestCaseStatus {
    let mut status = match &scenario.verdict {
        Verdict::Proved => return TestCaseStatus::success(),
        Verdict::Refuted(_) | Verdict::Flaky(_) => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        Verdict::Inconclusive(_) => TestCaseStatus::non_success(NonSuccessKind::Error),
        Verdict::Skipped(_) => TestCaseStatus::skipped(),
    };
    let reason = scenario.verdict.reason().unwrap_or_default();
    let detail = scenario.verdict.detail().unwrap_or_default();
    let first = detail.lines().next().unwrap_or_default();
    let phase = scenario
        .phase
        .map_or_else(String::new, |phase| format!(" ({phase})"));
    status
        .set_type(reason.as_str())
        .set_message(format!("{reason}{phase}: {first}"))
        .set_description(detail);
    status
}

fn rates(scenario: &Finished) -> String {
    let mut text = String::new();
    for rate in &scenario.rates {
        let (converged, all) = (rate.converged(), rate.times.len());
        let _ = writeln!(text, "{}: {converged} of {all} became Ready", rate.finding);
    }
    text
}
