//! Where a cluster comes from, who owns it, and what it leaves behind.

pub mod access;
pub mod containers;
pub mod external;
pub mod host_leaks;
pub mod kind;
pub mod leftover;
pub mod ownership;
pub mod provider;
