use proptest::prelude::*;
use proptest::sample::select;

use super::*;

const CLUSTER: &str = "relapse-ab12-34-5f-1";

/// Names that are not the cluster's, as near to it as names come.
const OTHERS: [&str; 6] = [
    "relapse-ab12-34-5f-10",
    "relapse-ab12-34-5f-10-control-plane",
    "relapse-ab12-34-5f-2",
    "xrelapse-ab12-34-5f-1",
    "kind-control-plane",
    "",
];

const OWN: [&str; 4] = [
    CLUSTER,
    "relapse-ab12-34-5f-1-control-plane",
    "kind-relapse-ab12-34-5f-1",
    "x.relapse-ab12-34-5f-1.y",
];

fn thing(kind: ThingKind, id: &str, name: &str, label: &str) -> Thing {
    Thing {
        kind,
        id: id.to_owned(),
        name: name.to_owned(),
        labels: format!("a=b,io.x-k8s.kind.cluster={label}"),
    }
}

fn any_kind() -> impl Strategy<Value = ThingKind> {
    select(vec![
        ThingKind::Container,
        ThingKind::Network,
        ThingKind::Volume,
        ThingKind::TemporaryFile,
        ThingKind::KubeconfigEntry,
    ])
}

/// Few ids, so that things are met again.
fn any_thing(names: &'static [&str]) -> impl Strategy<Value = Thing> {
    (any_kind(), "[a-f]", select(names), select(names))
        .prop_map(|(kind, id, name, label)| thing(kind, &id, name, label))
}

fn any_snapshot(names: &'static [&str]) -> impl Strategy<Value = Snapshot> {
    prop::collection::vec(any_thing(names), 0..12).prop_map(Snapshot::from_iter)
}

fn any_footprint() -> impl Strategy<Value = Footprint> {
    prop::collection::vec((any_kind(), "[a-f]"), 0..6).prop_map(Footprint::from_iter)
}

fn has(snapshot: &Snapshot, thing: &Thing) -> bool {
    snapshot
        .0
        .iter()
        .any(|other| other.identity() == thing.identity())
}

proptest! {
    #[test]
    fn what_was_there_before_is_never_blamed(
        before in any_snapshot(&OWN), footprint in any_footprint()
    ) {
        prop_assert_eq!(left_behind(&before, &footprint, &before, CLUSTER), []);
    }

    #[test]
    fn what_others_make_and_remove_meanwhile_is_never_blamed(
        before in any_snapshot(&OTHERS), after in any_snapshot(&OTHERS)
    ) {
        prop_assert_eq!(left_behind(&before, &Footprint::default(), &after, CLUSTER), []);
    }

    #[test]
    fn what_is_new_and_bears_the_name_is_left(
        before in any_snapshot(&OTHERS), after in any_snapshot(&OWN)
    ) {
        let left = left_behind(&before, &Footprint::default(), &after, CLUSTER);
        for thing in &after.0 {
            prop_assert_eq!(left.contains(thing), !has(&before, thing), "{:?}", thing);
        }
    }

    #[test]
    fn of_what_bears_another_name_only_what_is_new_and_was_seen_in_the_cluster_is_left(
        before in any_snapshot(&OTHERS), after in any_snapshot(&OTHERS), footprint in any_footprint()
    ) {
        let left = left_behind(&before, &footprint, &after, CLUSTER);
        for thing in &after.0 {
            let own = footprint.0.contains(&thing.identity());
            prop_assert_eq!(left.contains(thing), own && !has(&before, thing), "{:?}", thing);
        }
    }

    #[test]
    fn nothing_is_left_that_is_not_there(
        before in any_snapshot(&OWN), footprint in any_footprint(), after in any_snapshot(&OWN)
    ) {
        let left = left_behind(&before, &footprint, &after, CLUSTER);
        prop_assert!(left.iter().all(|thing| after.0.contains(thing)));
    }
}

#[test]
fn every_leftover_is_named_with_the_command_that_takes_it_away() {
    let left = vec![
        thing(ThingKind::Container, "12ab", "relapse-1-control-plane", ""),
        thing(ThingKind::Network, "34cd", "relapse-1", ""),
        thing(ThingKind::Volume, "relapse-1", "relapse-1", ""),
        thing(ThingKind::TemporaryFile, "/tmp/relapse-1", "relapse-1", ""),
        thing(
            ThingKind::KubeconfigEntry,
            "context kind-relapse-1 in /home/me/.kube/config",
            "kind-relapse-1",
            "",
        ),
    ];
    insta::assert_snapshot!(HostLeak::Left(left).to_string().replace("; ", ";\n"), @r"
    left behind: container relapse-1-control-plane, network relapse-1, volume relapse-1, /tmp/relapse-1, context kind-relapse-1 in /home/me/.kube/config;
    next: `docker rm --force --volumes relapse-1-control-plane`;
    `docker network rm relapse-1`;
    `docker volume rm relapse-1`;
    `rm -r /tmp/relapse-1`;
    delete context kind-relapse-1 in /home/me/.kube/config
    ");
}

#[test]
fn the_engines_lists_are_read_as_it_prints_them() {
    let rows = [
        r#"{"ID":"65e3","Names":"web","Labels":"a=b,c=d","Mounts":"/data","State":"running"}"#,
        r#"{"ID":"ff7c","Name":"bridge","Labels":"","Driver":"bridge"}"#,
        r#"{"Name":"data","Labels":"","Driver":"local","Mountpoint":"/var/lib/docker"}"#,
    ]
    .map(|row| serde_json::from_str::<Row>(row).unwrap());
    let read = rows.map(|row| (row.id, row.name, row.labels));
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        read,
        [
            (some("65e3"), "web".to_owned(), "a=b,c=d".to_owned()),
            (some("ff7c"), "bridge".to_owned(), String::new()),
            (None, "data".to_owned(), String::new()),
        ]
    );
}

#[test]
fn a_cluster_is_its_containers_their_volumes_and_their_networks() {
    let inspected: Inspected = serde_json::from_str(
        r#"{
            "Id": "65e3",
            "Mounts": [
                {"Type": "bind", "Source": "/lib/modules"},
                {"Type": "volume", "Name": "0f5c", "Source": "/var/lib/docker/volumes/0f5c"}
            ],
            "NetworkSettings": {"Networks": {"kind": {"NetworkID": "10de", "Aliases": null}}}
        }"#,
    )
    .unwrap();
    let parts: Footprint = inspected.parts().collect();
    let expected = [
        (ThingKind::Container, "65e3"),
        (ThingKind::Volume, "0f5c"),
        (ThingKind::Network, "10de"),
    ];
    assert_eq!(
        parts,
        expected
            .map(|(kind, id)| (kind, id.to_owned()))
            .into_iter()
            .collect()
    );
}

#[test]
fn each_entry_of_a_kubeconfig_is_a_thing_of_its_own() {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("config");
    std::fs::write(
        &path,
        "apiVersion: v1\nkind: Config\n\
         contexts: [{name: one, context: {cluster: two, user: three}}]\n\
         clusters: [{name: two, cluster: {server: 'https://192.0.2.1:6443'}}]\n\
         users: [{name: three, user: {}}]\n",
    )
    .unwrap();
    let ids: Vec<String> = entries(&path).into_iter().map(|thing| thing.id).collect();
    let file = path.display();
    assert_eq!(
        ids,
        [
            format!("context one in {file}"),
            format!("cluster two in {file}"),
            format!("user three in {file}"),
        ]
    );
    assert_eq!(entries(&folder.path().join("missing")), []);
}

#[test]
fn temporary_files_are_listed_by_their_own_names() {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
    std::fs::write(folder.path().join("c"), "").unwrap();
    let mut names: Vec<String> = temporary_files(folder.path())
        .unwrap()
        .into_iter()
        .map(|thing| thing.name)
        .collect();
    names.sort();
    assert_eq!(names, ["a", "c"]);
    assert!(temporary_files(&folder.path().join("missing")).is_err());
}
