//! The recording of each sabotage, judged anew.

use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use relapse_tests::anew;
use relapse_tests::tape::Tape;
use tokio::runtime::Builder;

use crate::claim::Claim;
use crate::suite::{Sabotage, Suite};

/// Shown by the runner beside each test that it ignores.
const OUTSIDE: &str = "the verdict falls outside of an experiment: make sabotage";

/// One test for each sabotage.
pub fn trials(suite: &Arc<Suite>) -> Vec<Trial> {
    suite
        .sabotages
        .iter()
        .map(|sabotage| {
            let suite = Arc::clone(suite);
            let tried = sabotage.clone();
            let trial = Trial::test(sabotage.id.clone(), move || judge(&suite, &tried));
            if sabotage.falls_in_an_experiment() {
                trial
            } else {
                trial.with_kind(OUTSIDE).with_ignored_flag(true)
            }
        })
        .collect()
}

fn judge(suite: &Suite, sabotage: &Sabotage) -> Result<(), Failed> {
    let folder = suite.recording(sabotage);
    let runtime = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()?;
    let course = sabotage.file.course.as_deref().unwrap_or_default();
    let evidence = anew::source().map(|run| run.join(&sabotage.id).join(course));
    if let Some(evidence) = evidence.filter(|evidence| evidence.exists()) {
        runtime.block_on(anew::take(&evidence, &folder));
    }
    if !folder.exists() {
        return Err("there is no recording; next: CONTRIBUTING.md, Sabotage".into());
    }
    if anew::is_refreshed() {
        runtime.block_on(anew::refresh(&folder, &suite.load_claim(sabotage)))?;
    }
    let recorded = Claim::read(&folder.join("scenario.yaml"), &folder.join("manifests"));
    if recorded != suite.claim(sabotage) {
        return Err("the recording is of another claim; next: CONTRIBUTING.md, Sabotage".into());
    }
    let outcome = runtime.block_on(Tape::read(&folder).outcome());
    let compared = sabotage
        .expectation()
        .compare(&outcome.verdict, outcome.phase);
    compared.map_err(|differs| format!("{}\n{differs}", sabotage.file.what).into())
}
