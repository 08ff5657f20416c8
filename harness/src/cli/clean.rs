//! `relapse clean`.

use super::{Failure, print};
use crate::cluster;
use crate::exit_code::ExitCode;

pub(super) async fn clean() -> Result<ExitCode, Failure> {
    let swept = cluster::sweep(|lease| !lease.is_alive())
        .await
        .map_err(|error| Failure::new(ExitCode::Inconclusive, error))?;
    for name in &swept {
        print(&format!("deleted cluster {name}"));
    }
    if swept.is_empty() {
        print("nothing was left");
    }
    Ok(ExitCode::Proved)
}
