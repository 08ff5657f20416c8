use std::collections::BTreeSet;

use serde_json::json;

use super::Trait::{KeepsPods, RollsOut, Scales, Subject, TellsGeneration};
use super::table::POD_TEMPLATE;
use super::*;

#[test]
fn every_kind_is_there_once_in_order_with_a_name_of_its_own() {
    assert!(KINDS.is_sorted_by(|a, b| (a.group, a.name) < (b.group, b.name)));
    let names: BTreeSet<&str> = KINDS.iter().map(|kind| kind.name).collect();
    assert_eq!(names.len(), KINDS.len());
}

/// What the modules ask of the table, in one place: a kind that one of them knows all of them know.
#[test]
fn what_is_so_of_a_kind_goes_together() {
    for kind in KINDS {
        let name = kind.name;
        if kind.is(KeepsPods) {
            assert!(kind.is(Subject), "{name} keeps pods and can be taken away");
            assert!(
                kind.is(TellsGeneration),
                "{name}'s controller tells what it saw"
            );
            assert_eq!(kind.template(), POD_TEMPLATE, "{name}");
        }
        if kind.is(Scales) || kind.is(RollsOut) {
            assert!(
                kind.is(KeepsPods),
                "{name} has pods to scale or to make anew"
            );
        }
        if kind.template().is_some() && name != "PodTemplate" {
            assert!(kind.is(Subject), "{name} runs something that may fail");
        }
    }
}

#[test]
fn the_workloads_are_those_of_kubernetes() {
    let names = |what| Kind::all(what).map(|kind| kind.name).collect::<Vec<_>>();
    assert_eq!(
        names(KeepsPods),
        [
            "ReplicationController",
            "DaemonSet",
            "Deployment",
            "ReplicaSet",
            "StatefulSet"
        ]
    );
    assert_eq!(names(RollsOut), ["DaemonSet", "Deployment", "StatefulSet"]);
    assert_eq!(
        names(Scales),
        [
            "ReplicationController",
            "Deployment",
            "ReplicaSet",
            "StatefulSet"
        ]
    );
}

#[test]
fn a_kind_of_another_group_is_another_kind() {
    assert!(Kind::named(Some("batch"), "Job").is_some());
    assert!(Kind::named(None, "Job").is_some());
    assert!(Kind::named(Some("batch.example.com"), "Job").is_none());
    let of = |version: &str| Kind::of(&json!({"apiVersion": version, "kind": "Service"}));
    assert!(of("v1").is_some());
    assert!(of("serving.knative.dev/v1").is_none());
}

#[test]
fn an_api_version_names_a_group_and_a_version() {
    for (written, group, version) in [
        ("v1", "", Some("v1")),
        ("apps/v1", "apps", Some("v1")),
        ("apps", "apps", None),
        (
            "batch.example.com/v1beta1",
            "batch.example.com",
            Some("v1beta1"),
        ),
        ("velero.io", "velero.io", None),
    ] {
        assert_eq!(
            (group_of(written), version_of(written)),
            (group, version),
            "{written}"
        );
    }
}

#[test]
fn only_a_kind_of_another_group_is_told_with_it() {
    let told = |group, kind| Told { group, kind }.to_string();
    assert_eq!(told(Some("apps"), "Deployment"), "Deployment");
    assert_eq!(told(None, "Widget"), "Widget");
    assert_eq!(
        told(Some("batch.example.com"), "Job"),
        "Job.batch.example.com"
    );
}
