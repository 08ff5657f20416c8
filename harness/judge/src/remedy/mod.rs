//! The remedy in parts, and the objects that a scenario's steps apply.

pub(crate) mod applied_state;
mod diff;
mod parts;
pub(crate) mod pieces;

pub use diff::remedy_diff;
pub use parts::Part;
