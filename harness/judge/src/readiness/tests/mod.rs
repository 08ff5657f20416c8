mod kinds;
mod stateful_set;

use serde_json::Value;

use super::*;
use crate::testing::{deleting, yaml};

#[track_caller]
fn holds(object: &str) {
    assert_eq!(ready(&yaml(object)), Readiness::Holds, "{object}");
}

#[track_caller]
fn not_yet(object: &str, why: &str) {
    assert_eq!(
        ready(&yaml(object)),
        Readiness::NotYet(why.to_owned()),
        "{object}"
    );
}

#[track_caller]
fn never(object: &str, why: &str) {
    assert_eq!(
        ready(&yaml(object)),
        Readiness::Never(why.to_owned()),
        "{object}"
    );
}

/// A Deployment of two replicas with this status.
fn deployment(status: &str) -> String {
    format!(
        "{{kind: Deployment, metadata: {{generation: 3}}, spec: {{replicas: 2}}, status: {status}}}"
    )
}

#[test]
fn a_deployment_is_ready_when_all_its_counts_agree() {
    holds(&deployment(
        "{observedGeneration: 3, updatedReplicas: 2, replicas: 2, readyReplicas: 2, availableReplicas: 2}",
    ));
}

#[test]
fn a_deployment_whose_status_is_of_an_older_spec_is_not_ready_yet() {
    not_yet(
        &deployment(
            "{observedGeneration: 2, updatedReplicas: 2, replicas: 2, readyReplicas: 2, availableReplicas: 2}",
        ),
        "its controller has seen generation 2 of 3",
    );
    not_yet(
        &deployment("{updatedReplicas: 2, replicas: 2, readyReplicas: 2, availableReplicas: 2}"),
        "its controller has seen generation 0 of 3",
    );
}

#[test]
fn a_deployment_with_pods_of_the_old_template_is_not_ready_yet() {
    not_yet(
        &deployment(
            "{observedGeneration: 3, updatedReplicas: 1, replicas: 2, readyReplicas: 2, availableReplicas: 2}",
        ),
        "updatedReplicas is 1 of 2",
    );
    not_yet(
        &deployment(
            "{observedGeneration: 3, updatedReplicas: 2, replicas: 3, readyReplicas: 2, availableReplicas: 2}",
        ),
        "replicas is 3 of 2",
    );
}

#[test]
fn a_deployment_with_pods_that_are_not_ready_or_not_available_is_not_ready_yet() {
    not_yet(
        &deployment(
            "{observedGeneration: 3, updatedReplicas: 2, replicas: 2, readyReplicas: 1, availableReplicas: 1}",
        ),
        "readyReplicas is 1 of 2",
    );
    not_yet(
        &deployment(
            "{observedGeneration: 3, updatedReplicas: 2, replicas: 2, readyReplicas: 2, availableReplicas: 1}",
        ),
        "availableReplicas is 1 of 2",
    );
    not_yet(
        &deployment("{observedGeneration: 3}"),
        "updatedReplicas is 0 of 2",
    );
}

#[test]
fn a_deployment_that_says_available_is_judged_by_its_counts_all_the_same() {
    not_yet(
        &deployment(
            "{observedGeneration: 3, updatedReplicas: 1, replicas: 3, readyReplicas: 2, \
             availableReplicas: 2, conditions: [{type: Available, status: 'True'}]}",
        ),
        "updatedReplicas is 1 of 2",
    );
}

#[test]
fn a_workload_scaled_to_zero_is_not_ready() {
    for kind in ["Deployment", "StatefulSet", "ReplicaSet"] {
        not_yet(
            &format!(
                "{{kind: {kind}, metadata: {{generation: 1}}, spec: {{replicas: 0}}, \
                 status: {{observedGeneration: 1, replicas: 0}}}}"
            ),
            "is scaled to 0",
        );
    }
}

#[test]
fn a_workload_that_says_no_number_of_replicas_has_one() {
    holds(
        "{kind: Deployment, spec: {}, status: {updatedReplicas: 1, replicas: 1, readyReplicas: 1, \
         availableReplicas: 1}}",
    );
}

#[test]
fn a_deployment_whose_replica_set_cannot_make_pods_says_why() {
    let failing = "{observedGeneration: 3, conditions: [{type: ReplicaFailure, status: 'True', \
                   reason: FailedCreate, message: 'serviceaccount \"absent\" not found'}]}";
    not_yet(&deployment(failing), "serviceaccount \"absent\" not found");
    not_yet(
        &deployment(&failing.replace("'True'", "'False'")),
        "updatedReplicas is 0 of 2",
    );
}

#[test]
fn a_workload_is_at_rest_when_its_controller_has_seen_that_it_has_no_replicas() {
    let resting = "{kind: Deployment, metadata: {generation: 2}, spec: {replicas: 0}, \
                   status: {observedGeneration: 2}}";
    let rests = |object: &str| is_at_rest(&yaml(object));
    let why = |text: &str| Readiness::NotYet(text.to_owned());
    assert_eq!(rests(resting), Readiness::Holds);
    assert_eq!(
        rests(&resting.replace("observedGeneration: 2", "observedGeneration: 1")),
        why("its controller has seen generation 1 of 2")
    );
    assert_eq!(
        rests(&resting.replace(
            "observedGeneration: 2",
            "observedGeneration: 2, replicas: 1"
        )),
        why("replicas is 1 of 0")
    );
    let resting: Value = yaml(resting);
    assert_eq!(is_at_rest(&deleting(&resting)), why("is being deleted"));
}

/// A DaemonSet with these counts.
fn daemon_set(counts: &str) -> String {
    format!(
        "{{kind: DaemonSet, metadata: {{generation: 1}}, status: {{observedGeneration: 1, {counts}}}}}"
    )
}

#[test]
fn a_daemon_set_is_ready_when_every_chosen_node_has_an_available_pod_of_the_newest_template() {
    let all = "desiredNumberScheduled: 2, updatedNumberScheduled: 2, currentNumberScheduled: 2, \
               numberReady: 2, numberAvailable: 2";
    holds(&daemon_set(all));
    for field in [
        "updatedNumberScheduled",
        "currentNumberScheduled",
        "numberReady",
        "numberAvailable",
    ] {
        let fewer = all.replace(&format!("{field}: 2"), &format!("{field}: 1"));
        not_yet(&daemon_set(&fewer), &format!("{field} is 1 of 2"));
    }
}

#[test]
fn a_daemon_set_for_which_no_node_is_chosen_is_not_ready() {
    let none = daemon_set("desiredNumberScheduled: 0, numberReady: 0");
    not_yet(&none, "no node is chosen for it");
}

#[test]
fn a_daemon_set_whose_controller_has_not_seen_it_is_not_ready_yet() {
    not_yet(
        "{kind: DaemonSet, metadata: {generation: 2}, status: {observedGeneration: 1, \
         desiredNumberScheduled: 1, updatedNumberScheduled: 1, currentNumberScheduled: 1, \
         numberReady: 1, numberAvailable: 1}}",
        "its controller has seen generation 1 of 2",
    );
}

#[test]
fn a_replica_set_is_ready_when_its_pods_are_there_ready_and_available() {
    let set = "{kind: ReplicaSet, metadata: {generation: 1}, spec: {replicas: 2}, status: \
               {observedGeneration: 1, replicas: 2, readyReplicas: 2, availableReplicas: 2}}";
    holds(set);
    not_yet(
        &set.replace("readyReplicas: 2", "readyReplicas: 1"),
        "readyReplicas is 1 of 2",
    );
    not_yet(
        &set.replace("availableReplicas: 2", "availableReplicas: 1"),
        "availableReplicas is 1 of 2",
    );
    not_yet(
        &set.replace("Generation: 1, replicas: 2", "Generation: 1, replicas: 4"),
        "replicas is 4 of 2",
    );
}

#[test]
fn a_pod_is_ready_when_its_condition_says_so() {
    let pod = "{kind: Pod, status: {phase: Running, conditions: [{type: Initialized, status: 'True'}, \
               {type: Ready, status: 'True'}]}}";
    holds(pod);
    not_yet(
        &pod.replace(
            "Ready, status: 'True'",
            "Ready, status: 'False', reason: ContainersNotReady, message: 'unready: [app]'",
        ),
        "Ready is False: unready: [app]",
    );
    not_yet(
        &pod.replace(
            "Ready, status: 'True'",
            "Ready, status: Unknown, reason: NodeStatusUnknown",
        ),
        "Ready is Unknown: NodeStatusUnknown",
    );
}

#[test]
fn a_pod_without_a_ready_condition_is_not_ready_yet() {
    not_yet(
        "{kind: Pod, status: {phase: Pending}}",
        "has no condition Ready yet",
    );
    not_yet("{kind: Pod}", "has no condition Ready yet");
}

#[test]
fn a_pod_that_failed_never_becomes_ready() {
    never(
        "{kind: Pod, status: {phase: Failed, reason: Evicted, message: The node was low on memory}}",
        "failed: The node was low on memory",
    );
    never(
        "{kind: Pod, status: {phase: Failed, message: '', reason: Evicted}}",
        "failed: Evicted",
    );
    never("{kind: Pod, status: {phase: Failed}}", "failed: no message");
}

#[test]
fn a_pod_that_succeeded_is_ready() {
    holds(
        "{kind: Pod, status: {phase: Succeeded, conditions: [{type: Ready, status: 'False', reason: PodCompleted}]}}",
    );
}

#[test]
fn what_is_being_deleted_is_not_ready() {
    for object in [
        "{kind: Pod, metadata: {}, status: {phase: Running, conditions: [{type: Ready, status: 'True'}]}}",
        "{kind: Pod, metadata: {}, status: {phase: Failed}}",
        "{kind: PersistentVolumeClaim, metadata: {}, status: {phase: Bound}}",
        "{kind: ConfigMap, metadata: {}}",
    ] {
        let object: Value = yaml(object);
        assert_eq!(
            ready(&deleting(&object)),
            Readiness::NotYet("is being deleted".to_owned()),
            "{object}"
        );
    }
}

#[test]
fn a_claim_is_ready_when_it_is_bound() {
    holds("{kind: PersistentVolumeClaim, status: {phase: Bound}}");
    let pending = "{kind: PersistentVolumeClaim, status: {phase: Pending}}";
    not_yet(pending, "is Pending");
    not_yet("{kind: PersistentVolumeClaim}", "is without a phase");
    never(
        "{kind: PersistentVolumeClaim, status: {phase: Lost}}",
        "its volume is lost",
    );
}

#[test]
fn a_volume_is_ready_when_it_is_bound_or_can_be() {
    holds("{kind: PersistentVolume, status: {phase: Available}}");
    holds("{kind: PersistentVolume, status: {phase: Bound}}");
    not_yet("{kind: PersistentVolume}", "is without a phase");
    never(
        "{kind: PersistentVolume, status: {phase: Failed, message: error deleting volume}}",
        "error deleting volume",
    );
}

#[test]
fn a_job_is_ready_when_it_is_complete() {
    holds("{kind: Job, status: {conditions: [{type: Complete, status: 'True'}]}}");
    not_yet(
        "{kind: Job, metadata: {generation: 1}, status: {active: 1}}",
        "has no condition Complete yet",
    );
    not_yet(
        "{kind: Job, status: {conditions: [{type: Suspended, status: 'True'}]}}",
        "has no condition Complete yet",
    );
}

#[test]
fn a_job_that_failed_never_becomes_complete() {
    let failed = "{kind: Job, status: {conditions: [{type: Failed, status: 'True', \
                  reason: BackoffLimitExceeded, message: Job has reached the specified backoff limit}]}}";
    never(failed, "Job has reached the specified backoff limit");
    not_yet(
        &failed.replace("'True'", "'False'"),
        "has no condition Complete yet",
    );
}

#[test]
fn an_api_service_is_ready_when_it_is_available() {
    holds("{kind: APIService, status: {conditions: [{type: Available, status: 'True'}]}}");
    not_yet(
        "{kind: APIService, status: {conditions: [{type: Available, status: 'False', reason: MissingEndpoints}]}}",
        "Available is False: MissingEndpoints",
    );
    not_yet("{kind: APIService}", "has no condition Available yet");
}

#[test]
fn a_custom_resource_definition_is_ready_when_it_is_established() {
    let of = |status: &str| {
        format!(
            "{{kind: CustomResourceDefinition, status: {{conditions: \
             [{{type: NamesAccepted, status: 'True'}}, {{type: Established, status: '{status}'}}]}}}}"
        )
    };
    holds(&of("True"));
    not_yet(&of("False"), "Established is False: no message");
    not_yet(
        "{kind: CustomResourceDefinition}",
        "has no condition Established yet",
    );
}

#[test]
fn an_object_of_another_kind_is_ready_unless_its_ready_condition_says_otherwise() {
    holds("{kind: ConfigMap, data: {a: b}}");
    holds("{kind: Certificate, status: {conditions: [{type: Issuing, status: 'False'}]}}");
    holds("{kind: Certificate, status: {conditions: [{type: Ready, status: 'True'}]}}");
    not_yet(
        "{kind: Certificate, status: {conditions: [{type: Ready, status: 'False', reason: DoesNotExist}]}}",
        "Ready is False: DoesNotExist",
    );
}

#[test]
fn an_object_of_another_kind_counts_generations_only_if_its_controller_does() {
    holds("{kind: NetworkPolicy, metadata: {generation: 4}}");
    holds("{kind: NetworkPolicy, metadata: {generation: 4}, status: {observedGeneration: 4}}");
    not_yet(
        "{kind: NetworkPolicy, metadata: {generation: 4}, status: {observedGeneration: 3}}",
        "its controller has seen generation 3 of 4",
    );
}
