//! The files that a cluster is made of: kind's configuration and containerd's registry hosts.
//!
//! All of them come from a serializer, so no path or name can add a key or break a line.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};

use crate::setup::Tools;
use relapse_judge::scenario::{CONTROL_PLANE, NODE_LABEL, node_names};

use super::ClusterError;

/// Where containerd looks for the hosts of an upstream registry.
const CERTS: &str = "/etc/containerd/certs.d";

/// `hosts.toml` of containerd.
#[derive(Serialize)]
struct Hosts<'a> {
    /// containerd asks it after the hosts have failed. Without it, it would ask the real host, and a tag
    /// that is missing here would end as "no such host" in place of "not found".
    server: &'a str,
    host: BTreeMap<&'a str, Host>,
}

#[derive(Serialize)]
struct Host {
    capabilities: [&'static str; 2],
    override_path: bool,
}

/// The `hosts.toml` that leads from an upstream registry to its place in the local one.
pub(crate) fn mirror(registry: &str, host: &str) -> Result<String, ClusterError> {
    let place = format!("http://{registry}/v2/{host}");
    let here = Host {
        capabilities: ["pull", "resolve"],
        override_path: true,
    };
    Ok(toml::to_string(&Hosts {
        server: &place,
        host: BTreeMap::from([(&*place, here)]),
    })?)
}

/// Whether a text can be the host of a registry, with or without a port. A manifest may name an image
/// that cannot exist, since that is a failure too.
pub(crate) fn is_host(text: &str) -> bool {
    let (name, port) = text.split_once(':').unwrap_or((text, "0"));
    let label = |label: &str| {
        !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    name.split('.').all(label) && port.parse::<u16>().is_ok()
}

/// A control plane for minutes, of which several share a few cores: keys that cost nothing to make,
/// fewer collections of garbage, one thread of Go at a time, no election among one, an etcd that does
/// not wait for the disk, and watches that are served from it, since the cache between wakes up for
/// each of a hundred resources every second.
/// kind writes such a configuration from 1.36 on; older versions have another, and go without.
pub(crate) fn lean_control_plane() -> Value {
    let env = json!([{"name": "GOGC", "value": "400"}, {"name": "GOMAXPROCS", "value": "1"}]);
    let no_election = json!([{"name": "leader-elect", "value": "false"}]);
    json!({
        "apiVersion": "kubeadm.k8s.io/v1beta4",
        "kind": "ClusterConfiguration",
        "encryptionAlgorithm": "ECDSA-P256",
        "apiServer": {
            "extraEnvs": env,
            "extraArgs": [{"name": "watch-cache", "value": "false"}],
        },
        "controllerManager": {"extraEnvs": env, "extraArgs": no_election},
        "scheduler": {"extraEnvs": env, "extraArgs": no_election},
        "etcd": {"local": {
            "extraEnvs": env,
            "extraArgs": [{"name": "unsafe-no-fsync", "value": "true"}],
        }},
    })
}

/// From 1.35 on the kubelet refuses a host on cgroup v1 unless told otherwise; older ones know the
/// field too (KEP-4569).
fn on_cgroup_v1() -> Value {
    json!({"kind": "KubeletConfiguration", "failCgroupV1": false})
}

/// kind's configuration of a cluster with this number of nodes, which find `hosts.toml` files below
/// `mirrors`.
pub(crate) fn kind(tools: &Tools, nodes: u32, mirrors: &Path) -> Result<String, ClusterError> {
    let mut patches = vec![serde_saphyr::to_string(&lean_control_plane())?];
    if tools.cgroup == "1" {
        patches.push(serde_saphyr::to_string(&on_cgroup_v1())?);
    }
    let node = |name: String| {
        let role = if name == CONTROL_PLANE {
            CONTROL_PLANE
        } else {
            "worker"
        };
        json!({
            "role": role,
            "labels": {NODE_LABEL: name},
            "extraMounts": [
                {"hostPath": mirrors.to_string_lossy(), "containerPath": CERTS, "readOnly": true},
            ],
        })
    };
    Ok(serde_saphyr::to_string(&json!({
        "kind": "Cluster",
        "apiVersion": "kind.x-k8s.io/v1alpha4",
        "kubeadmConfigPatches": patches,
        "nodes": node_names(nodes).map(node).collect::<Vec<_>>(),
    }))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tools(cgroup: &str) -> Tools {
        Tools {
            kind: "kind".into(),
            node_image: "node".to_owned(),
            registry: "registry:5000".to_owned(),
            cgroup: cgroup.to_owned(),
            mode: "build".to_owned(),
        }
    }

    #[test]
    fn each_node_bears_its_name_as_a_label_and_has_the_mirrors() {
        let text = kind(&tools("2"), 2, Path::new("/run/certs.d")).unwrap();
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        let node = |role: &str| {
            json!({"role": role, "labels": {"relapse.local/node": role}, "extraMounts": [
                {"hostPath": "/run/certs.d", "containerPath": CERTS, "readOnly": true},
            ]})
        };
        assert_eq!(
            read["nodes"],
            json!([node("control-plane"), node("worker")])
        );
        let patches = read["kubeadmConfigPatches"].as_array().unwrap();
        let patch: Value = serde_saphyr::from_str(patches[0].as_str().unwrap()).unwrap();
        assert_eq!((patches.len(), patch), (1, lean_control_plane()));
    }

    #[test]
    fn a_host_on_cgroup_v1_has_its_kubelet_take_it() {
        let text = kind(&tools("1"), 1, Path::new("/run")).unwrap();
        let read: Value = serde_saphyr::from_str(&text).unwrap();
        let patch = read["kubeadmConfigPatches"][1].as_str().unwrap();
        let patch: Value = serde_saphyr::from_str(patch).unwrap();
        assert_eq!(patch, on_cgroup_v1());
    }

    #[test]
    fn whatever_a_path_holds_it_is_read_back_as_it_is() {
        for path in [
            "/build #12/certs.d",
            "/a: b/[c]/{d}",
            "/a\nnodes: []\n/b",
            "/\"quoted\"/'twice'/ends:",
            "/ begins and ends /",
            "/- dash",
            "/tab\there/\u{85}/\u{2028}",
        ] {
            let text = kind(&tools("2"), 1, Path::new(path)).unwrap();
            let read: Value = serde_saphyr::from_str(&text).unwrap();
            assert_eq!(read["nodes"][0]["extraMounts"][0]["hostPath"], path);
            assert_eq!(read["nodes"].as_array().unwrap().len(), 1);
        }
    }

    #[test]
    fn a_mirror_leads_to_the_place_in_the_local_registry() {
        insta::assert_snapshot!(mirror("registry:5000", "ghcr.io").unwrap(), @r#"
        server = "http://registry:5000/v2/ghcr.io"

        [host."http://registry:5000/v2/ghcr.io"]
        capabilities = ["pull", "resolve"]
        override_path = true
        "#);
    }

    #[test]
    fn a_host_is_what_a_folder_and_an_address_can_be_named_after() {
        for host in ["docker.io", "localhost", "registry-1:5000", "127.0.0.1:80"] {
            assert!(is_host(host), "{host}");
        }
        for text in [
            "", ".", "..", "a..b", "a\".b", "a.b\n", "a.b:", "a.b:port", "a/b",
        ] {
            assert!(!is_host(text), "{text:?}");
        }
    }
}
