//! A run: scenarios side by side, each attempt from its preflight to its clean-up.

pub mod attempt;
pub mod interrupt;
pub mod runner;
pub mod session;
pub mod variations;
