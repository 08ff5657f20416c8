//! relapse turns Kubernetes post-mortems into executable claims, witnessed on real kind clusters.
//!
//! Data flows one way: a [`scenario`] is conducted by an [`experiment`] on a [`world`], live or
//! recorded; what the cluster shows becomes a [`witness`]; the pure rules ([`condition`],
//! [`signature`], [`steady_state`], [`symptom`]) read it; the [`verdict`] goes to the [`report`].

// Rules: no client, no clock, no disk.
pub mod catalogue;
pub mod condition;
pub mod exit_code;
pub mod hunk;
pub mod input;
pub mod kinds;
pub mod manifest;
pub mod markdown;
pub mod perturbation;
pub mod phase;
pub mod premise;
pub mod redact;
pub mod report;
pub mod scenario;
pub mod sentence;
pub mod signature;
pub mod steady_state;
pub mod symptom;
pub mod tries;
pub mod vacuity;
pub mod verdict;
pub mod witness;
pub mod workload;

// Hands: they touch the world.
pub mod canary;
pub mod chaos;
pub mod cluster;
pub mod evidence;
pub mod host;
pub mod kubectl;
pub mod lease;
pub mod lent;
pub mod probe;
pub mod process;
pub mod provision;
pub mod watch;

// Conductors: who does what when.
mod attempt;
pub mod event;
pub mod experiment;
pub mod interrupt;
pub mod live;
pub mod recording;
pub mod replay;
pub mod runner;
pub mod selection;
pub mod session;
mod thorough;
pub mod world;

// Edge: what people see.
pub mod cli;
pub mod console;

#[cfg(test)]
mod testing;
