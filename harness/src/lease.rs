//! Who owns a cluster.
//!
//! kind labels each node container with its cluster's name (`io.x-k8s.kind.cluster`) and allows no
//! label of ours, so the lease is in the name: `relapse-<boot>-<pid>-<start>-<number>`, with the
//! host's boot, and the owner's process id and start time. A cluster whose owner is dead can be
//! told from one in use without any file that a killed run could leave behind.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};

use sysinfo::{Pid, ProcessStatus, ProcessesToUpdate, System};

/// The start of every name that relapse gives to a cluster.
pub const PREFIX: &str = "relapse-";

/// A process on this host, so that it cannot be taken for another of the same id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    boot: String,
    pid: u32,
    start: u64,
}

impl Lease {
    /// The lease of this process.
    #[must_use]
    pub fn of_this_process() -> Self {
        let pid = std::process::id();
        Self {
            boot: boot(),
            pid,
            start: start_of(pid).unwrap_or_default(),
        }
    }

    /// The lease in a cluster's name, if relapse gave it.
    #[must_use]
    pub fn in_name(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix(PREFIX)?.split('-');
        let lease = Self {
            boot: parts.next()?.to_owned(),
            pid: parts.next()?.parse().ok()?,
            start: u64::from_str_radix(parts.next()?, 16).ok()?,
        };
        (parts.next().is_some() && parts.next().is_none()).then_some(lease)
    }

    /// The name of another cluster under this lease.
    #[must_use]
    pub fn next_name(&self) -> String {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        format!("{self}-{}", NUMBER.fetch_add(1, Ordering::Relaxed))
    }

    /// Whether the owner is still running.
    #[must_use]
    pub fn is_alive(&self) -> bool {
        self.boot == boot() && start_of(self.pid) == Some(self.start)
    }
}

impl fmt::Display for Lease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}-{}-{:x}", self.boot, self.pid, self.start)
    }
}

fn boot() -> String {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").map_or_else(
        |_| format!("{:08x}", System::boot_time().unwrap_or_default()),
        |id| id.chars().take(8).collect(),
    )
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
        let lease = Lease::of_this_process();
        assert_eq!(Lease::in_name(&lease.next_name()), Some(lease.clone()));
        assert!(lease.is_alive());
    }

    #[test]
    fn an_owner_that_ended_or_ran_before_the_last_boot_is_dead() {
        let lease = Lease::of_this_process();
        let later = Lease {
            start: lease.start + 1,
            ..lease.clone()
        };
        let earlier_boot = Lease {
            boot: "00000000".to_owned(),
            ..lease
        };
        assert!(!later.is_alive());
        assert!(!earlier_boot.is_alive());
    }

    #[test]
    fn an_owner_that_died_without_being_asked_for_is_dead() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let lease = Lease {
            pid: child.id(),
            start: start_of(child.id()).unwrap_or_default(),
            ..Lease::of_this_process()
        };
        while start_of(child.id()).is_some() {
            std::thread::yield_now();
        }
        assert!(!lease.is_alive());
        child.wait().unwrap();
    }

    #[test]
    fn names_that_others_gave_are_no_leases() {
        for name in [
            "kind",
            "relapse",
            "relapse-",
            "relapse-dev",
            "relapse-a-b-c-d",
            "relapse-a-1-2-3-4",
        ] {
            assert_eq!(Lease::in_name(name), None, "{name}");
        }
    }
}
