//! Verdicts and witnesses as text: the table for people, JUnit for CI systems, the timeline for the
//! evidence. Strings only; nothing is read or written.

mod facts;
mod junit;
mod paint;
mod parts;
mod prose;
mod repetitions;
mod table;
mod time;
mod timeline;

pub use facts::claims;
pub use junit::junit;
pub use paint::Paint;
pub use parts::parts;
pub(crate) use prose::cut;
pub use prose::{json, one_line, painted, plain, wrapped};
pub use table::{Layout, measures, table};
pub use time::{seconds, shown};
pub use timeline::timeline;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
