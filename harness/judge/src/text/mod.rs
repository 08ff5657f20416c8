//! Text for people: terminals, Markdown, times.

pub mod markdown;
pub mod prose;
pub mod times;

pub use prose::{LINE, cut, json, one_line, painted, plain, wrapped};
pub use times::{seconds, shown};
