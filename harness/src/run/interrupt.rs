//! Ctrl-C, SIGTERM and SIGHUP as a typed cancellation.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// A token that the first Ctrl-C, SIGTERM or SIGHUP (a closed terminal, a lost ssh) cancels, so that a
/// run can clean up. A signal that the parent ignores, as `nohup` does, stays ignored.
///
/// # Errors
/// The signals cannot be listened to.
pub fn token() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let listen = |kind: SignalKind| {
        if is_ignored(&status, kind.as_raw_value()) {
            Ok(None)
        } else {
            signal(kind).map(Some)
        }
    };
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    let cancelled = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = heard(&mut interrupt) => {}
            () = heard(&mut terminate) => {}
            () = heard(&mut hang_up) => {}
        }
        cancelled.cancel();
    });
    Ok(token)
}

async fn heard(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        None => std::future::pending().await,
    }
}

/// Whether a process ignores a signal, by its `/proc/<pid>/status`: `SigIgn` has a bit for each.
fn is_ignored(status: &str, signal: i32) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    let bit = u32::try_from(signal - 1).unwrap_or(u32::MAX);
    let ignored = mask.and_then(|mask| mask.checked_shr(bit));
    ignored.is_some_and(|rest| rest & 1 == 1)
}

#[cfg(test)]
mod tests {
    use super::is_ignored;

    #[test]
    fn a_signal_is_ignored_where_its_bit_is_set() {
        let status = "Name:\trelapse\nSigBlk:\t0000000000000002\nSigIgn:\t0000000000001001\n";
        assert!(is_ignored(status, 1));
        assert!(is_ignored(status, 13));
        assert!(!is_ignored(status, 2));
        assert!(!is_ignored(status, 15));
        assert!(!is_ignored("", 1));
    }
}
