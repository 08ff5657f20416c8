//! A run: scenarios side by side, each attempt from its preflight to its clean-up.

mod attempt;
pub mod interrupt;
pub mod runner;
pub mod session;
pub(crate) mod variations;
