//! Verdicts and witnesses as text: the table for people, JUnit for CI systems, the timeline for the
//! evidence. Strings only; nothing is read or written.

mod facts;
mod junit;
mod paint;
mod remedy_parts;
mod repetitions;
pub mod sentences;
mod table;
mod timeline;

pub use facts::claims;
pub use junit::junit;
pub use paint::Paint;
pub use remedy_parts::parts;
pub use table::{Layout, measures, table};
pub use timeline::timeline;

#[cfg(test)]
mod tests;
