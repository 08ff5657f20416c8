//! relapse reproduces documented Kubernetes failures on real kind clusters, and proves their remedies.
//!
//! The rules are in `relapse_judge`. This crate makes clusters, watches them, changes them, writes the
//! evidence, and shows a run to people.

// What touches the world.
pub mod capability_probe;
pub mod chaos;
pub mod cluster;
pub mod evidence;
pub mod kubectl;
pub mod probe;
pub mod process;
pub mod setup;
pub mod watch;

// Who does what when.
pub mod event;
pub mod live;
pub mod replay;
pub mod run;

// What people see.
pub mod cli;
pub mod console;
