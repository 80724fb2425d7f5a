//! Whether the clock of the machine can be believed: wall time against time that only runs forward (security, "Bad luck").
//! One rule: after a jump nothing is fired until a person says the new time is right, or the clock goes back by itself.

use std::time::Duration;

use super::{Broadcasts, Refused};
use crate::domain::alert::AlertKind;
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::alerts;

/// A clock that is corrected by less than this is only being set right.
const JUMP: Duration = Duration::from_secs(5 * 60);
/// What the alert is about.
const CLOCK: &str = "clock";

/// How wall time and running time stood to each other when both could be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Steady {
    wall: Timestamp,
    running: Duration,
    /// Whether a jump was reported and nobody has judged it yet.
    reported: bool,
}

/// What a schedule may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schedules {
    Run,
    Hold,
}

impl Steady {
    /// Believes `wall` at `running` since any fixed moment.
    pub fn new(wall: Timestamp, running: Duration) -> Self {
        Self { wall, running, reported: false }
    }

    /// By how much the wall clock is off, in milliseconds; positive where it runs ahead.
    fn off(&self, wall: Timestamp, running: Duration) -> i64 {
        let passed = i64::try_from(running.saturating_sub(self.running).as_millis()).unwrap_or(i64::MAX);
        (wall.millis() - self.wall.millis()).saturating_sub(passed)
    }
}

impl Broadcasts {
    /// To be asked before each tick: holds the schedules after a jump of the clock, and has staff told.
    pub async fn believe(&self, steady: &mut Steady, wall: Timestamp, running: Duration) -> Result<Schedules, Refused> {
        let off = steady.off(wall, running);
        if off.unsigned_abs() < u64::try_from(JUMP.as_millis()).unwrap_or(u64::MAX) {
            if steady.reported {
                let mut tx = self.store.begin().await?;
                alerts::over(&mut tx, AlertKind::ClockJumped, CLOCK, wall).await?;
                tx.commit().await?;
            }
            *steady = Steady::new(wall, running);
            return Ok(Schedules::Run);
        }
        if steady.reported {
            let judged = !alerts::open(&mut *self.store.read().await?).await?.iter().any(|alert| alert.kind == AlertKind::ClockJumped);
            if judged {
                *steady = Steady::new(wall, running);
                return Ok(Schedules::Run);
            }
            return Ok(Schedules::Hold);
        }
        tracing::error!(clock.off_ms = off, "the clock jumped; schedules are held until a person says that the time is right");
        let mut tx = self.store.begin().await?;
        alerts::raise(&mut tx, AlertKind::ClockJumped, CLOCK, &replies::alerts::clock_jumped(off, wall), wall).await?;
        tx.commit().await?;
        steady.reported = true;
        self.watch(wall).await?;
        Ok(Schedules::Hold)
    }
}
