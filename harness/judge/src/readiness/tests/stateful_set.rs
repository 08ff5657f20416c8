//! A StatefulSet, whose update replaces one pod after the other.

use super::*;

/// A StatefulSet of two replicas, all of them Ready, with these revisions.
fn stateful_set(revisions: &str) -> String {
    format!(
        "{{kind: StatefulSet, metadata: {{generation: 1}}, spec: {{replicas: 2}}, status: \
         {{observedGeneration: 1, replicas: 2, readyReplicas: 2, availableReplicas: 2, {revisions}}}}}"
    )
}

#[test]
fn a_stateful_set_is_ready_when_every_pod_has_the_newest_template() {
    holds(&stateful_set("currentRevision: b, updateRevision: b"));
    not_yet(
        &stateful_set("currentRevision: a, updateRevision: b"),
        "not every pod has the newest template",
    );
}

#[test]
fn a_stateful_set_that_is_updated_by_deletion_need_not_have_one_revision() {
    holds(
        &stateful_set("currentRevision: a, updateRevision: b").replace(
            "replicas: 2}, status",
            "replicas: 2, updateStrategy: {type: OnDelete}}, status",
        ),
    );
}

/// A StatefulSet of two Ready pods, of which its update leaves those below the partition.
fn partitioned(partition: u64, updated: u64) -> String {
    let status = format!("updatedReplicas: {updated}, currentRevision: a, updateRevision: b");
    let strategy = format!(
        "replicas: 2, updateStrategy: {{type: RollingUpdate, rollingUpdate: {{partition: {partition}}}}}"
    );
    stateful_set(&status).replace("replicas: 2}, status", &format!("{strategy}}}, status"))
}

#[test]
fn a_stateful_set_with_a_partition_is_ready_when_the_pods_from_there_on_are_updated() {
    holds(&partitioned(1, 1));
    holds(&partitioned(1, 2));
    not_yet(&partitioned(1, 0), "updatedReplicas is 0 of 1");
    // Nothing is to be updated.
    holds(&partitioned(2, 0));
    holds(&partitioned(7, 0));
}

#[test]
fn a_partition_of_nothing_is_none() {
    not_yet(&partitioned(0, 2), "not every pod has the newest template");
    holds(&partitioned(0, 2).replace("currentRevision: a", "currentRevision: b"));
}

#[test]
fn a_stateful_set_with_a_partition_and_too_few_pods_is_not_ready_yet() {
    not_yet(
        &partitioned(1, 1).replace("readyReplicas: 2", "readyReplicas: 1"),
        "readyReplicas is 1 of 2",
    );
}

#[test]
fn a_stateful_set_with_a_partition_that_says_no_number_of_replicas_has_one() {
    let set = partitioned(1, 0).replace("replicas: 2", "replicas: 1");
    let set = set.replace("eadyReplicas: 2", "eadyReplicas: 1");
    let set = set.replace("availableReplicas: 2", "availableReplicas: 1");
    holds(&set.replace("spec: {replicas: 1, ", "spec: {"));
}

#[test]
fn a_stateful_set_with_too_few_pods_is_not_ready_yet() {
    let set = stateful_set("currentRevision: b, updateRevision: b");
    not_yet(
        &set.replace("readyReplicas: 2", "readyReplicas: 1"),
        "readyReplicas is 1 of 2",
    );
    not_yet(
        &set.replace("availableReplicas: 2", "availableReplicas: 0"),
        "availableReplicas is 0 of 2",
    );
    not_yet(
        &set.replace("observedGeneration: 1", "observedGeneration: 0"),
        "its controller has seen generation 0 of 1",
    );
}
