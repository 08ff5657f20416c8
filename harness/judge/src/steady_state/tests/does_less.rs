//! What an object of a goal does less than before.

use super::taken_away::declaring;
use super::*;
use crate::phase::Phase;

/// Two goals of one object, as it was stored before and as it stands now.
fn changed(was: &Value, is: &Value) -> (Story, Goal, Goal) {
    let mut story = Story::new();
    story.shows(was);
    let before = goal(&[(was, story.revision())]);
    story.begins(Phase::Remedy);
    story.shows(is);
    let after = goal(&[(is, story.revision())]);
    (story, before, after)
}

#[track_caller]
fn assert_less(was: &Value, is: &Value, how: &str) {
    let (story, before, after) = changed(was, is);
    assert_eq!(
        after.less_than(&before, &story.witness()).as_deref(),
        Some(how)
    );
    let of = ObjectKey::of(is);
    let declared = format!(
        "[{{of: {{kind: {}, name: {}}}, less: It is meant.}}]",
        of.kind, of.name
    );
    let meant = declaring(&after, &declared);
    assert_eq!(meant.less_than(&before, &story.witness()), None);
}

#[track_caller]
fn assert_no_less(was: &Value, is: &Value) {
    let (story, before, after) = changed(was, is);
    assert_eq!(after.less_than(&before, &story.witness()), None);
}

fn spec(kind: &str, spec: &Value) -> Value {
    with(&object(kind, "x"), &json!({"spec": spec}))
}

#[test]
fn a_job_that_needs_fewer_completions_does_less() {
    let job = |completions: u64| spec("Job", &json!({"completions": completions}));
    let none = "Job x was given 0 completions: no pod of it need run";
    assert_less(&job(1), &job(0), none);
    assert_less(&spec("Job", &json!({"parallelism": 2})), &job(0), none);
    assert_less(
        &job(3),
        &job(2),
        "Job x needs 2 completions, and needed 3 before",
    );
    assert_no_less(&job(1), &job(3));
    assert_no_less(&spec("Job", &json!({})), &job(1));
    let of_a_cron_job = |completions: u64| {
        let template = json!({"spec": {"completions": completions}});
        spec("CronJob", &json!({"jobTemplate": template}))
    };
    assert_less(
        &of_a_cron_job(1),
        &of_a_cron_job(0),
        "CronJob x was given 0 completions: no pod of it need run",
    );
}

fn template(kind: &str, containers: &Value) -> Value {
    let pod = json!({"spec": {"containers": containers}});
    spec(kind, &json!({"template": pod}))
}

#[test]
fn a_container_that_is_gone_by_name_and_by_image_is_missed() {
    let two = json!([{"name": "web", "image": "web:1"}, {"name": "side", "image": "side:1"}]);
    let side = json!([{"name": "side", "image": "side:1"}]);
    assert_less(
        &template("Deployment", &two),
        &template("Deployment", &side),
        "Deployment x has no container web any more",
    );
    let renamed = json!([{"name": "shop", "image": "web:1"}, {"name": "side", "image": "side:2"}]);
    assert_no_less(
        &template("Deployment", &two),
        &template("Deployment", &renamed),
    );
    // One container stands for one only: the other's image in its place is none of it.
    let twice = json!([{"name": "side", "image": "web:1"}]);
    assert_less(
        &template("Deployment", &two),
        &template("Deployment", &twice),
        "Deployment x has no container web any more",
    );
    let inits = json!([{"name": "init", "image": "init:1"}]);
    let with_init = with(
        &template("Deployment", &side),
        &json!({"spec": {"template": {"spec": {"initContainers": inits}}}}),
    );
    assert_less(
        &with_init,
        &template("Deployment", &side),
        "Deployment x has no container init any more",
    );
}

#[test]
fn a_rollout_that_is_held_back_keeps_what_was_there() {
    let paused = spec("Deployment", &json!({"paused": true}));
    assert_less(
        &spec("Deployment", &json!({})),
        &paused,
        "Deployment x was paused, so that its template is not rolled out",
    );
    assert_no_less(&paused, &with(&paused, &json!({"spec": {"replicas": 2}})));
    let set = |partition: u64, update: &str| {
        let strategy = json!({"rollingUpdate": {"partition": partition}});
        with(
            &spec("StatefulSet", &json!({"updateStrategy": strategy})),
            &json!({"status": {"currentRevision": "a", "updateRevision": update}}),
        )
    };
    assert_less(
        &set(0, "a"),
        &set(2, "b"),
        "StatefulSet x keeps pods of an older template, by a partition of 2; it was 0 before",
    );
    assert_no_less(&set(0, "a"), &set(2, "a"));
    assert_no_less(&set(2, "a"), &set(1, "b"));
}

#[test]
fn a_schedule_that_comes_never_or_more_seldom_is_no_cure() {
    let cron = |schedule: &str| {
        let made = json!({"metadata": {"creationTimestamp": "2026-01-01T00:00:00Z"}});
        with(&spec("CronJob", &json!({"schedule": schedule})), &made)
    };
    for (never, told) in [
        ("0 0 30 2 *", "0 0 30 2 *"),
        ("0 0 31 4,6,9,11 *", "0 0 31 4,6,9,11 *"),
        ("0 0 29 2 *", "0 0 29 2 *"),
    ] {
        let how = format!("CronJob x runs at {told:?}, which does not come within a year");
        assert_less(&cron("*/1 * * * *"), &cron(never), &how);
    }
    assert_less(
        &cron("* * * * *"),
        &cron("@yearly"),
        "CronJob x runs at \"@yearly\", 1 times a year; it ran at \"* * * * *\" before",
    );
    assert_no_less(&cron("@daily"), &cron("*/5 * * * *"));
    assert_no_less(&cron("* * * * *"), &cron("*/2 * * * *"));
    assert_no_less(&cron("* * * * *"), &cron("whenever"));
}

#[test]
fn a_pod_that_was_to_run_for_good_and_ended_well_is_no_cure() {
    let pod = |policy: &str, phase: &str| {
        with(
            &spec("Pod", &json!({"restartPolicy": policy})),
            &json!({"status": {"phase": phase}}),
        )
    };
    let how = "Pod x has ended, and was to run for good";
    assert_less(&pod("Always", "Running"), &pod("Never", "Succeeded"), how);
    assert_no_less(&pod("Never", "Failed"), &pod("Never", "Succeeded"));
    assert_no_less(&pod("Always", "Running"), &pod("Never", "Running"));
    let probed = json!({"spec": {"containers": [{"name": "a", "readinessProbe": {}}]}});
    let probed = with(&pod("Never", "Running"), &probed);
    assert_less(&probed, &pod("Never", "Succeeded"), how);
    // No step changed it: a command in it ended it.
    let mut story = Story::new();
    story.shows(&probed);
    let stored = goal(&[(&probed, story.revision())]);
    story.begins(Phase::Remedy);
    story.shows(&with(&probed, &json!({"status": {"phase": "Succeeded"}})));
    assert_eq!(
        stored.less_than(&stored, &story.witness()).as_deref(),
        Some(how)
    );
}

#[test]
fn a_workload_that_an_autoscaler_made_smaller_does_less() {
    let set = |replicas: u64| spec("Deployment", &json!({"replicas": replicas}));
    let mut story = Story::new();
    story.shows(&set(3));
    let stored = goal(&[(&set(3), story.revision())]);
    // What it did before the remedy is no part of that.
    story.shows(&set(2));
    story.begins(Phase::Remedy);
    story.shows(&set(2));
    assert_eq!(stored.less_than(&stored, &story.witness()), None);
    story.shows(&set(1));
    assert_eq!(
        stored.less_than(&stored, &story.witness()).as_deref(),
        Some("Deployment x was scaled from 2 to 1")
    );
    let meant = "[{of: {kind: Deployment, name: x}, replicas: 1}]";
    let meant = declaring(&stored, meant);
    assert_eq!(meant.less_than(&stored, &story.witness()), None);
}

#[test]
fn a_daemon_set_that_leaves_a_node_does_less() {
    let set = |nodes: u64, label: &str| {
        with(
            &spec("DaemonSet", &json!({"template": label})),
            &json!({"status": {"desiredNumberScheduled": nodes}}),
        )
    };
    let on = |name: &str, node: &str| {
        let pod = with(&object("Pod", name), &json!({"spec": {"nodeName": node}}));
        owned(&pod, &set(2, "a"))
    };
    let mut story = Story::new();
    story.shows(&set(2, "a"));
    let before = goal(&[(&set(2, "a"), story.revision())]);
    story.shows_all(&[on("x-1", "worker"), on("x-2", "worker2")]);
    story.begins(Phase::Remedy);
    assert_eq!(before.less_than(&before, &story.witness()), None);
    let mut driven_away = story.clone();
    driven_away.loses(&on("x-2", "worker2"));
    assert_eq!(
        before.less_than(&before, &driven_away.witness()).as_deref(),
        Some("DaemonSet x does not run on node worker2 any more")
    );
    story.shows(&set(2, "b"));
    let after = goal(&[(&set(2, "b"), story.revision())]);
    assert_eq!(after.less_than(&before, &story.witness()), None);
    story
        .loses(&on("x-2", "worker2"))
        .shows(&on("x-3", "worker2"));
    assert_eq!(after.less_than(&before, &story.witness()), None);
    story.loses(&on("x-3", "worker2"));
    assert_eq!(
        after.less_than(&before, &story.witness()).as_deref(),
        Some("DaemonSet x does not run on node worker2 any more")
    );
    // Where its pods were refused only the number was seen.
    assert_less(
        &set(2, "a"),
        &set(1, "b"),
        "DaemonSet x runs on 1 nodes, and was to run on 2 before",
    );
}
