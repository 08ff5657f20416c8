//! Claims that are wrong on purpose, and the verdict that an honest judge gives.
//!
//! `tests/sabotage` holds them as data: honest claims (`scenarios/`, `manifests/`), and what is
//! wrong with a copy of one (`sabotages/`). With `RELAPSE_SABOTAGE=clusters` each is run on a
//! cluster of its own (`make sabotage`); otherwise its recording is judged anew.

mod claim;
mod clusters;
mod coverage;
mod disturbance;
mod expectation;
mod recordings;
mod suite;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::Arguments;
use relapse_tests::run_on_clusters;

use suite::Suite;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let suite = Arc::new(Suite::load());
    let mut trials = coverage::trials(&suite);
    if std::env::var("RELAPSE_SABOTAGE").is_ok_and(|value| value == "clusters") {
        arguments.test_threads.get_or_insert(clusters::AT_ONCE);
        trials.extend(clusters::trials(&suite));
        return run_on_clusters(&arguments, trials);
    }
    trials.extend(recordings::trials(&suite));
    libtest_mimic::run(&arguments, trials).exit_code()
}
