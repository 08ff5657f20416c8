//! The remedy in parts, and the objects that a scenario's steps apply.

pub mod applied_state;
pub mod diff;
pub mod parts;
pub mod pieces;

pub use diff::remedy_diff;
pub use parts::Part;
