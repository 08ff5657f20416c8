//! Jobs that are deleted when their time is over.

use super::*;

fn job(spec: &Value, complete: &str) -> Value {
    let status = json!({"conditions": [{"type": "Complete", "status": complete}]});
    with(
        &object("Job", "once"),
        &json!({"spec": spec, "status": status}),
    )
}

/// A story in which a Job was applied, shown so, and is gone; with the goal of it.
fn gone(job: &Value) -> (Story, Goal) {
    let mut story = Story::new();
    story.shows(job);
    let goal = goal(&[(job, story.revision())]);
    story.loses(job);
    (story, goal)
}

#[test]
fn a_job_that_was_complete_may_be_gone_when_its_time_is_over() {
    let (story, goal) = gone(&job(&json!({"ttlSecondsAfterFinished": 0}), "True"));
    assert_met(&story, &goal, &[]);
}

#[test]
fn a_job_that_was_not_complete_may_not_be_gone() {
    let (story, goal) = gone(&job(&json!({"ttlSecondsAfterFinished": 0}), "False"));
    assert_not_yet(&story, &goal, "Job once: is not there");
}

#[test]
fn a_job_whose_time_is_never_over_may_not_be_gone() {
    let (story, goal) = gone(&job(&json!({}), "True"));
    assert_not_yet(&story, &goal, "Job once: is not there");
}

#[test]
fn a_job_that_was_complete_only_while_it_was_being_deleted_may_not_be_gone() {
    let complete = job(&json!({"ttlSecondsAfterFinished": 0}), "True");
    let (story, goal) = gone(&deleting(&complete));
    assert_not_yet(&story, &goal, "Job once: is not there");
}
