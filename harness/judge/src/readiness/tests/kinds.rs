//! Kinds beside the workloads, and custom resources.

use super::*;

#[test]
fn a_definition_whose_names_are_taken_is_not_ready() {
    not_yet(
        "{kind: CustomResourceDefinition, status: {conditions: [
            {type: NamesAccepted, status: 'False', message: widgets is taken},
            {type: Established, status: 'True'}]}}",
        "NamesAccepted is False: widgets is taken",
    );
}

#[test]
fn a_replication_controller_is_ready_as_a_replica_set_is() {
    let controller = |status: &str| {
        format!(
            "{{kind: ReplicationController, metadata: {{generation: 1}}, spec: {{replicas: 1}}, \
             status: {status}}}"
        )
    };
    not_yet(
        &controller("{}"),
        "its controller has seen generation 0 of 1",
    );
    not_yet(
        &controller("{observedGeneration: 1, replicas: 1}"),
        "readyReplicas is 0 of 1",
    );
    not_yet(
        &controller(
            "{observedGeneration: 1, conditions: [{type: ReplicaFailure, status: 'True', \
             message: exceeded quota}]}",
        ),
        "exceeded quota",
    );
    holds(&controller(
        "{observedGeneration: 1, replicas: 1, readyReplicas: 1, availableReplicas: 1}",
    ));
}

#[test]
fn an_autoscaler_is_ready_when_it_finds_what_it_scales() {
    let autoscaler = |conditions: &str| {
        format!("{{kind: HorizontalPodAutoscaler, status: {{conditions: [{conditions}]}}}}")
    };
    not_yet(&autoscaler(""), "has no condition AbleToScale yet");
    not_yet(
        &autoscaler("{type: AbleToScale, status: 'False', message: no such Deployment}"),
        "AbleToScale is False: no such Deployment",
    );
    holds(&autoscaler(
        "{type: AbleToScale, status: 'True'}, {type: ScalingActive, status: 'False'}",
    ));
}

#[test]
fn a_disruption_budget_is_ready_when_it_was_computed() {
    let budget = |observed: u64, reason: &str| {
        format!(
            "{{apiVersion: policy/v1, kind: PodDisruptionBudget, metadata: {{generation: 2}}, \
             status: {{observedGeneration: {observed}, conditions: [{{type: DisruptionAllowed, \
             status: 'False', reason: {reason}, message: why}}]}}}}"
        )
    };
    not_yet(
        "{kind: PodDisruptionBudget, metadata: {generation: 1}}",
        "its controller has seen generation 0 of 1",
    );
    not_yet(
        &budget(1, "InsufficientPods"),
        "its controller has seen generation 1 of 2",
    );
    not_yet(&budget(2, "SyncFailed"), "cannot be computed: why");
    holds(&budget(2, "InsufficientPods"));
}

#[test]
fn a_load_balancer_is_ready_when_it_has_its_address_in_the_cluster() {
    not_yet(
        "{kind: Service, spec: {type: LoadBalancer}}",
        "has no address in the cluster yet",
    );
    holds("{kind: Service, spec: {type: LoadBalancer, clusterIP: 10.0.0.7}}");
    holds("{kind: Service, spec: {type: ExternalName}}");
}

#[test]
fn what_has_no_status_to_wait_for_is_ready_when_it_is_there() {
    for kind in [
        "ConfigMap",
        "CronJob",
        "Ingress",
        "Namespace",
        "NetworkPolicy",
        "ResourceQuota",
        "Secret",
        "ValidatingWebhookConfiguration",
    ] {
        holds(&format!("{{kind: {kind}, metadata: {{generation: 3}}}}"));
    }
}

#[test]
fn a_custom_resource_is_ready_when_its_controller_says_so_of_its_present_spec() {
    let widget = |generation: u64, status: &str| {
        format!(
            "{{apiVersion: example.com/v1, kind: Widget, metadata: {{generation: {generation}}}, \
             status: {status}}}"
        )
    };
    holds(&widget(1, "{}"));
    holds(&widget(
        1,
        "{conditions: [{type: Ready, status: 'True', observedGeneration: 1}]}",
    ));
    for (status, why) in [
        (
            "{conditions: [{type: Ready, status: 'False', message: the issuer said no}]}",
            "Ready is False: the issuer said no",
        ),
        (
            "{conditions: [{type: Ready, status: Unknown, reason: Checking}]}",
            "Ready is Unknown: Checking",
        ),
        (
            "{conditions: [{type: Ready, status: 'True', observedGeneration: 1}]}",
            "Ready is of generation 1 of 2",
        ),
        (
            "{observedGeneration: 1, conditions: [{type: Ready, status: 'True'}]}",
            "its controller has seen generation 1 of 2",
        ),
        (
            "{conditions: [{type: Ready, status: 'True'}, \
             {type: Reconciling, status: 'True', message: pulling}]}",
            "is reconciling: pulling",
        ),
        (
            "{conditions: [{type: Stalled, status: 'True', reason: NoSuchChart}]}",
            "is stalled: NoSuchChart",
        ),
    ] {
        not_yet(&widget(2, status), why);
    }
}

#[test]
fn a_kind_of_another_group_has_no_rules_of_kubernetes_own() {
    holds("{apiVersion: batch.example.com/v1, kind: Job, metadata: {name: train}}");
    not_yet(
        "{apiVersion: batch/v1, kind: Job, metadata: {name: train}}",
        "has no condition Complete yet",
    );
}
