//! README and the other documents: their examples are valid, their commands work or are known not to
//! be executed, and their links lead somewhere.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test ends where its files are not as it needs them"
)]

mod book;
mod commands;
mod examples;
mod shape;
