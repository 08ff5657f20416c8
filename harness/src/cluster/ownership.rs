//! Who owns a cluster.
//!
//! kind labels each node container with its cluster's name (`io.x-k8s.kind.cluster`) and allows no
//! label of ours, so the name carries the lease:
//! `relapse-<boot>-<pid namespace>-<pid>-<start>-<number>`. A process id means something only on the
//! same host, since the same boot, and in the same PID namespace. Of an owner elsewhere (another
//! container on one Docker socket, another host on one `DOCKER_HOST`) nothing is known from here;
//! its sign of life in the node tells ([`super::leftover`]).

use std::fmt;
use std::os::unix::fs::MetadataExt;
use std::sync::atomic::{AtomicUsize, Ordering};

use sysinfo::{Pid, ProcessStatus, ProcessesToUpdate, System};

/// The start of every name that relapse gives to a cluster.
pub const PREFIX: &str = "relapse-";

/// A process, so that it cannot be taken for another one with the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ownership {
    boot: String,
    namespace: u64,
    pid: u32,
    start: u64,
}

/// What is known here of the process that owns a cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// It runs.
    Runs,
    /// It has ended.
    Ended,
    /// It belongs to another boot, host or PID namespace: nothing can be known from here.
    Elsewhere,
}

impl Ownership {
    /// The lease of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let pid = std::process::id();
        Self {
            boot: boot(),
            namespace: namespace(),
            pid,
            start: start_of(pid).unwrap_or_default(),
        }
    }

    /// The lease in a cluster's name, if relapse gave it.
    #[must_use]
    pub fn in_name(name: &str) -> Option<Self> {
        let parts: Vec<&str> = name.strip_prefix(PREFIX)?.split('-').collect();
        let [boot, namespace, pid, start, _] = parts[..] else {
            return None;
        };
        Some(Self {
            boot: boot.to_owned(),
            namespace: u64::from_str_radix(namespace, 16).ok()?,
            pid: pid.parse().ok()?,
            start: u64::from_str_radix(start, 16).ok()?,
        })
    }

    /// The name of another cluster under this lease.
    #[must_use]
    pub fn next_name(&self) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        format!("{self}-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
    }

    /// What is known here of the owner.
    #[must_use]
    pub fn owner(&self) -> Owner {
        if self.boot != boot() || self.namespace != namespace() {
            Owner::Elsewhere
        } else if start_of(self.pid) == Some(self.start) {
            Owner::Runs
        } else {
            Owner::Ended
        }
    }
}

impl fmt::Display for Ownership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            boot,
            namespace,
            pid,
            start,
        } = self;
        write!(f, "{PREFIX}{boot}-{namespace:x}-{pid}-{start:x}")
    }
}

fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(
        |_| format!("{:08x}", System::boot_time().unwrap_or_default()),
        |id| id.chars().take(8).collect(),
    )
}

/// The kernel's number of this process's PID namespace, unique since the boot among those that exist
/// (`namespaces(7)`); 0 where it does not tell.
fn namespace() -> u64 {
    std::fs::metadata("/proc/self/ns/pid").map_or(0, |namespace| namespace.ino())
}

fn start_of(pid: u32) -> Option<u64> {
    let pid = Pid::from_u32(pid);
    let mut system = System::new().ok()?;
    system.refresh_processes(ProcessesToUpdate::Some(&[pid]), true);
    system
        .process(pid)
        // Where nobody asks for a dead process's exit code it stays listed for ever.
        .filter(|process| {
            !matches!(
                process.status(),
                ProcessStatus::Zombie | ProcessStatus::Dead
            )
        })
        .map(sysinfo::Process::start_time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_tells_its_lease() {
        let lease = Ownership::of_this_process();
        assert_eq!(Ownership::in_name(&lease.next_name()), Some(lease.clone()));
        assert_eq!(lease.owner(), Owner::Runs);
    }

    #[test]
    fn the_longest_name_of_a_node_is_a_host_name() {
        let lease = Ownership {
            boot: "12345678".to_owned(),
            namespace: u64::from(u32::MAX),
            pid: 4_194_304,
            start: u64::from(u32::MAX),
        };
        let longest = format!("{lease}-9999-control-plane");
        assert!(longest.len() <= 63, "{longest}");
    }

    #[test]
    fn an_owner_that_ended_is_known_to_have_ended() {
        let lease = Ownership::of_this_process();
        let later = Ownership {
            start: lease.start + 1,
            ..lease
        };
        assert_eq!(later.owner(), Owner::Ended);
    }

    #[test]
    fn nothing_is_known_of_an_owner_in_another_boot_or_namespace() {
        let lease = Ownership::of_this_process();
        let another_boot = Ownership {
            boot: "00000000".to_owned(),
            ..lease.clone()
        };
        let another_namespace = Ownership {
            namespace: lease.namespace + 1,
            ..lease
        };
        assert_eq!(another_boot.owner(), Owner::Elsewhere);
        assert_eq!(another_namespace.owner(), Owner::Elsewhere);
    }

    #[test]
    fn an_owner_that_died_without_being_asked_for_has_ended() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let lease = Ownership {
            pid: child.id(),
            start: start_of(child.id()).unwrap_or_default(),
            ..Ownership::of_this_process()
        };
        while start_of(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert_eq!(lease.owner(), Owner::Ended);
        child.wait().unwrap();
    }

    #[test]
    fn names_that_others_gave_are_no_leases() {
        for name in [
            "kind",
            "relapse",
            "relapse-",
            "relapse-dev",
            "relapse-a-b-c-d-e",
            "relapse-a-1-2-3",
            "relapse-a-1-2-3-4-5",
        ] {
            assert_eq!(Ownership::in_name(name), None, "{name}");
        }
    }
}
