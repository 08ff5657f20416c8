//! The nodes of a scenario's cluster, by the names that manifests and steps know.

use serde::{Deserialize, Deserializer, de};

/// The label of a node by which manifests and selectors find it; its value is what steps call it. The
/// node's name itself begins with that of its cluster, which no manifest can know. It is not
/// `kubernetes.io/hostname`, since provisioners take the value of that for the node's name.
pub const NODE_LABEL: &str = "relapse.local/node";

/// The node that keeps the cluster's state.
pub const CONTROL_PLANE: &str = "control-plane";

/// More do not fit on a machine.
pub(crate) const MOST_NODES: u32 = 9;

/// A number of nodes as a scenario file says it. Nothing is made for any of them before it is known that
/// a cluster can have them.
pub(super) fn count<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let written = u64::deserialize(deserializer)?;
    let count = u32::try_from(written).ok();
    let count = count.filter(|count| (1..=MOST_NODES).contains(count));
    count.ok_or_else(|| {
        de::Error::custom(format!(
            "a cluster cannot have {written} nodes here; write 2 to {MOST_NODES}, the control plane among \
             them, or leave it out"
        ))
    })
}

/// So many nodes by their names, as kind numbers them: `control-plane`, `worker`, `worker2`, and on. A
/// cluster has at most nine, whatever a file says.
pub fn node_names(count: u32) -> impl Iterator<Item = String> {
    (0..count.min(MOST_NODES)).map(|place| match place {
        0 => CONTROL_PLANE.to_owned(),
        1 => "worker".to_owned(),
        _ => format!("worker{place}"),
    })
}

#[cfg(test)]
mod tests {
    use super::node_names;

    #[test]
    fn the_first_node_is_the_control_plane_and_workers_are_numbered_from_the_second_on() {
        let names: Vec<String> = node_names(4).collect();
        assert_eq!(names, ["control-plane", "worker", "worker2", "worker3"]);
    }

    #[test]
    fn a_number_that_no_machine_has_names_no_more_than_fit() {
        assert_eq!(node_names(u32::MAX).count(), 9);
    }
}
