//! Where a proof may kill the process: named points around the two commits of a delivery. Only debug builds look; a release has none.
//!
//! `OUTBOX_KILL_AT=before_settle_commit:3` dies by SIGKILL, with nothing closed or flushed, when that point is passed the third time.

/// Passes the point of this name.
#[cfg(debug_assertions)]
pub fn pass(point: &str) {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicI64, Ordering};

    static WANTED: OnceLock<Option<(String, AtomicI64)>> = OnceLock::new();
    let wanted = WANTED.get_or_init(|| {
        let wish = std::env::var("OUTBOX_KILL_AT").ok()?;
        let (name, times) = wish.split_once(':')?;
        Some((name.to_owned(), AtomicI64::new(times.parse().ok()?)))
    });
    let Some((name, left)) = wanted else { return };
    if name == point && left.fetch_sub(1, Ordering::SeqCst) == 1 {
        // The end comes while this waits.
        let _ = std::process::Command::new("kill").args(["-KILL", &std::process::id().to_string()]).status();
        std::process::abort();
    }
}

/// Passes the point of this name.
#[cfg(not(debug_assertions))]
pub fn pass(_point: &str) {}
