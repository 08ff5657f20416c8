//! The judge of relapse: what a scenario says, what a cluster showed, and what that proves.
//!
//! Data flows one way. A [`scenario`] is loaded by the [`library`] and checked by [`lint`]. An
//! [`experiment`] conducts it on a [`world`], live or recorded. What the cluster shows becomes a
//! [`witness`]. The rules ([`readiness`], [`signature`], [`steady_state`], [`problems`]) read it. The
//! [`verdict`] goes to the [`report`].
//!
//! Nothing here talks to a cluster, starts a program or reads a clock. This crate has no client and no
//! runtime among its dependencies; a test looks for the clocks and programs of the standard library.

// Facts and texts.
pub mod hunk;
pub mod input;
pub mod kubernetes;
pub mod manifest;
pub mod phase;
pub mod text;
pub mod time;

// What people write.
pub mod library;
pub mod lint;
pub mod remedy;
pub mod scenario;

// What was seen, and the rules that read it.
pub mod absent_image;
pub mod perturbation;
pub mod problems;
pub mod readiness;
pub mod redact;
pub mod signature;
pub mod steady_state;
pub mod vacuous_parts;
pub mod witness;
pub mod workload;

// The experiment, and what it comes to.
pub mod attempt_policy;
pub mod exit_code;
pub mod experiment;
pub mod failure_docs;
pub mod recording;
pub mod report;
pub mod verdict;
pub mod world;

#[cfg(any(test, feature = "testing"))]
pub mod testing;
