//! The outbox: claim → send → settle, each delivery ending in exactly one visible state. `sending` is committed before any byte leaves;
//! what may have arrived is never sent again without a person's word or the policy of its bulletin.

mod files;
mod gate;
mod run;
mod verdicts;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;
use tracing::{error, info, warn};

use gate::Gate;
pub use run::run;
use verdicts::{After, Judged, judge};

use crate::channels::{Outgoing, Senders, Verdict};
use crate::config::{Config, ConfigError, QuietHours};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{DeliveryState, Operation};
use crate::domain::time::Timestamp;
use crate::store::claims::{self, Claimed, Claims, LeaseClock, Pace, Terms};
use crate::store::pacing::Rate;
use crate::store::settlements::{self, Counts, Doubt, Fence, Orphans, Sent, Settlement};
use crate::store::turns::{self, Turn};
use crate::store::{Engine, Store, channels, mishap, quizzes};

/// Between two messages to one chat, in milliseconds (core.telegram.org/bots/faq: one a second).
const TELEGRAM_CHAT_GAP: i64 = 1_000;
/// To one group (same source: 20 a minute).
const TELEGRAM_GROUP: Rate = Rate::bunched(20, 60_000);
/// To one WeCom robot: 20 a minute are allowed, what is beyond is dropped without a word, so a fifth is left free.
const WECOM_ROBOT: Rate = Rate::bunched(16, 60_000);
/// Between two messages of one robot, in milliseconds.
const WECOM_GAP: i64 = 500;
/// Between two sweeps.
const SWEEP_EVERY: Duration = Duration::from_secs(5);
/// Of so many commits that claim something one serves whoever waited longest.
const FLOOR_SHARE: u64 = 10;
/// A chat that another transaction holds is free again within this.
const SHORTEST_WAIT: Duration = Duration::from_millis(5);
/// How long nothing is sent when the platform refuses the bot itself.
const BOT_PAUSE: Duration = Duration::from_secs(60);

/// A number from −1 to 1 for the jitter of back-offs.
pub type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// How the outbox works.
#[derive(Clone)]
pub struct Settings {
    /// After this long without a result a send counts as unknown.
    pub lease: Duration,
    pub lease_clock: LeaseClock,
    pub quiet: Option<QuietHours>,
    /// Over all Telegram chats.
    pub messages_per_second: u32,
    pub jitter: Jitter,
}

/// The worker. It keeps nothing that a restart could lose.
pub struct Outbox {
    store: Store,
    senders: Senders,
    settings: Settings,
    paces: Vec<Pace>,
    gates: Vec<(ChannelKind, Gate)>,
    claims: AtomicU64,
    /// The last turn claimed something, so there is probably more.
    busy: AtomicBool,
    swept_at: AtomicI64,
}

/// What one turn brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing to do now; perhaps then.
    Idle { next_due: Option<Timestamp> },
    /// One delivery was attempted and is now in this state.
    Attempted { delivery: String, state: DeliveryState },
    /// The attempt came too late: somebody else settled the delivery before.
    Late { delivery: String },
}

/// What one commit brought.
#[derive(Default)]
struct Turned {
    /// Of each delivery settled, whether it took effect.
    fences: Vec<Fence>,
    claims: Claims,
}

/// What a sweep found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Swept {
    pub orphans: usize,
    pub expired: u64,
}

impl Settings {
    /// From the configuration; leases go by the database's clock where several replicas share it.
    pub fn from_config(config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            lease: Duration::from_secs(config.delivery.lease_seconds),
            lease_clock: LeaseClock::Database,
            quiet: config.delivery.quiet()?,
            messages_per_second: config.telegram.messages_per_second,
            jitter: Arc::new(|| rand::rng().random_range(-1.0..=1.0)),
        })
    }
}

impl Outbox {
    /// A worker that sends through `senders`; deliveries to other kinds of channel wait.
    pub fn new(store: Store, senders: Senders, settings: Settings) -> Self {
        let paces: Vec<Pace> = senders.kinds().into_iter().map(|kind| pace(kind, settings.messages_per_second)).collect();
        let gates = paces.iter().filter_map(|pace| Some((pace.kind, Gate::of(pace.everybody?)))).collect();
        Self {
            store,
            senders,
            settings,
            paces,
            gates,
            claims: AtomicU64::new(0),
            busy: AtomicBool::new(false),
            swept_at: AtomicI64::new(0),
        }
    }

    /// Claims, sends and settles at most one delivery, all at `now`.
    pub async fn run_once(&self, now: Timestamp) -> sqlx::Result<Outcome> {
        let mut turned = self.turn(&mut Vec::new(), 1, now).await?;
        let Some(claimed) = turned.claims.taken.pop() else { return Ok(Outcome::Idle { next_due: turned.claims.next }) };
        let (verdict, delivery) = (self.send(&claimed).await, claimed.id.clone());
        let mut landed = match self.sent(claimed, verdict) {
            Ok(sent) => vec![sent],
            Err(apart) => {
                let (claimed, verdict) = *apart;
                return self.settle(&claimed, verdict, now).await;
            }
        };
        loop {
            match self.turn(&mut landed, 0, now).await?.fences.pop() {
                Some(Fence::Held) => return Ok(Outcome::Attempted { delivery, state: DeliveryState::Sent }),
                Some(Fence::Passed) => return Ok(Outcome::Late { delivery }),
                None => tokio::time::sleep(SHORTEST_WAIT).await,
            }
        }
    }

    /// To be called once at start, before the first claim: whatever this process left in flight when it died becomes unknown. On
    /// PostgreSQL another replica may be sending, so there only leases that are over count.
    pub async fn sweep_at_start(&self, now: Timestamp) -> sqlx::Result<Swept> {
        let orphans = match self.store.engine() {
            Engine::Sqlite => Orphans::All,
            Engine::Postgres => Orphans::LeaseOver(self.settings.lease_clock),
        };
        self.sweep_for(orphans, now).await
    }

    /// Leases that are over become unknown, what is too late becomes expired.
    pub async fn sweep(&self, now: Timestamp) -> sqlx::Result<Swept> {
        self.sweep_for(Orphans::LeaseOver(self.settings.lease_clock), now).await
    }

    async fn sweep_if_due(&self, now: Timestamp) -> sqlx::Result<()> {
        let last = Timestamp::from_millis(self.swept_at.load(Ordering::SeqCst));
        if now < last || now.since(last) >= SWEEP_EVERY {
            self.sweep(now).await?;
        }
        Ok(())
    }

    async fn sweep_for(&self, which: Orphans, now: Timestamp) -> sqlx::Result<Swept> {
        self.swept_at.store(now.millis(), Ordering::SeqCst);
        let mut tx = self.store.begin().await?;
        let orphans = settlements::orphans(&mut tx, which, now).await?;
        for orphan in &orphans {
            let doubt = settlements::doubt(&mut tx, &orphan.id, orphan.epoch).await?;
            let reason = "no result before the lease was over or the service stopped".to_owned();
            let settlement = match orphan.operation {
                Operation::Send => Settlement { outcome: "orphan", ..verdicts::doubtful(orphan.on_ambiguous, doubt, reason, now) },
                // Safe to repeat.
                Operation::Edit | Operation::Delete | Operation::Pin | Operation::Unpin => {
                    Settlement { outcome: "orphan", ..verdicts::later(reason, now, Counts::Yes) }
                }
            };
            warn!(delivery.id = orphan.id, delivery.state = settlement.state.word(), "a delivery in flight was left without a result");
            settlements::settle(&mut tx, &orphan.id, orphan.epoch, &orphan.channel_id, &settlement, 0, now).await?;
        }
        let expired = settlements::expire(&mut tx, now).await?;
        if expired > 0 {
            warn!(deliveries = expired, "deliveries were too late to be sent");
        }
        let woken = settlements::wake_waiting(&mut tx, now).await?;
        if !orphans.is_empty() || expired > 0 || woken > 0 {
            tx.commit().await?;
        }
        Ok(Swept { orphans: orphans.len(), expired })
    }

    /// One commit: settles what has landed and claims at most `places`. What is held by another transaction stays in `landed`.
    async fn turn(&self, landed: &mut Vec<Sent>, places: usize, now: Timestamp) -> sqlx::Result<Turned> {
        self.sweep_if_due(now).await?;
        if landed.is_empty() && places == 0 {
            return Ok(Turned::default());
        }
        if landed.is_empty() && !self.busy.load(Ordering::Relaxed) {
            let kinds = self.paces.iter().map(|pace| pace.kind);
            let next = turns::next_wake(&mut *self.store.read().await?, kinds).await?;
            if next.is_none_or(|next| next > now) {
                return Ok(Turned { fences: Vec::new(), claims: Claims { taken: Vec::new(), next } });
            }
        }
        let mut tx = self.store.begin().await?;
        let settled = settlements::settle_sent(&mut tx, landed, now).await?;
        let claims = match places {
            0 => Claims::default(),
            _ => claims::claim(&mut tx, &self.terms(places, now), now).await?,
        };
        let each = |many: usize, point: &str| (0..many).for_each(|_| mishap::pass(point));
        let fences: Vec<Fence> = settled.iter().copied().flatten().collect();
        each(fences.len(), "before_settle_commit");
        each(claims.taken.len(), "before_claim_commit");
        tx.commit_unrung().await?;
        each(fences.len(), "after_settle_commit");
        each(claims.taken.len(), "after_claim_commit");
        if places > 0 {
            self.busy.store(!claims.taken.is_empty(), Ordering::Relaxed);
        }
        self.claims.fetch_add(u64::from(!claims.taken.is_empty()), Ordering::Relaxed);
        let mut settled = settled.into_iter();
        landed.retain(|sent| match settled.next().flatten() {
            Some(fence) => {
                tell_sent(sent, fence);
                false
            }
            None => true,
        });
        Ok(Turned { fences, claims })
    }

    fn terms(&self, places: usize, now: Timestamp) -> Terms<'_> {
        let count = self.claims.load(Ordering::Relaxed);
        Terms {
            paces: &self.paces,
            turn: if count % FLOOR_SHARE == FLOOR_SHARE - 1 { Turn::LongestWaiting } else { Turn::ByPriority },
            places,
            quiet_until: self.settings.quiet.and_then(|quiet| quiet_until(quiet, now)),
            lease_ms: i64::try_from(self.settings.lease.as_millis()).unwrap_or(i64::MAX),
            lease_clock: self.settings.lease_clock,
        }
    }

    /// What may share a commit with others: a message that is where it belongs, and nothing else follows from it.
    fn sent(&self, claimed: Claimed, verdict: Verdict) -> Result<Sent, Box<(Claimed, Verdict)>> {
        match verdict {
            Verdict::Sent { message_id, remark } => {
                let chat_gap = self.chat_gap(claimed.kind);
                Ok(Sent { claimed, message_id, remark, chat_gap })
            }
            other => Err(Box::new((claimed, other))),
        }
    }

    fn chat_gap(&self, kind: ChannelKind) -> i64 {
        self.paces.iter().find(|pace| pace.kind == kind).map_or(0, |pace| pace.chat_gap)
    }

    /// Waits until a claim may be sent: at its even share of the time, and within what its platform allows in any stretch of it.
    async fn turn_comes(&self, claimed: &Claimed) {
        if let Some((_, gate)) = self.gates.iter().find(|(kind, _)| *kind == claimed.kind) {
            gate.pass((claimed.taken + claimed.early).max(Instant::now())).await;
        }
    }

    async fn send(&self, claimed: &Claimed) -> Verdict {
        // Whoever was frozen between claim and send has lost its place in the pace, and perhaps its lease.
        if claimed.taken.elapsed() > self.settings.lease / 2 {
            return Verdict::NotSent { reason: "too long between claim and send".to_owned() };
        }
        let Some(sender) = self.senders.of(claimed.kind) else {
            return Verdict::NotSent { reason: format!("there is no sender for {}", claimed.kind.word()) };
        };
        let file = match files::of(&self.store, claimed).await {
            Ok(file) => file,
            Err(verdict) => return verdict,
        };
        let outgoing = Outgoing {
            delivery: claimed.id.clone(),
            address: claimed.address.clone(),
            operation: claimed.operation,
            part: claimed.part.clone(),
            thread: claimed.thread.clone(),
            reply_to: claimed.reply_to.clone(),
            message_id: claimed.message_id.clone(),
            file,
        };
        mishap::pass("before_connect");
        let verdict = sender.send(&outgoing).await;
        mishap::pass("after_reply");
        verdict
    }

    /// Writes what became of a claim: the delivery, its chat and its bot in one transaction.
    async fn settle(&self, claimed: &Claimed, verdict: Verdict, now: Timestamp) -> sqlx::Result<Outcome> {
        let mut tx = self.store.begin().await?;
        let doubt = match verdict {
            Verdict::Unknown { .. } => settlements::doubt(&mut tx, &claimed.id, claimed.epoch).await?,
            _ => Doubt::First,
        };
        let Judged { settlement, after } = judge(claimed, verdict, doubt, now, (self.settings.jitter)());
        let gap = self.chat_gap(claimed.kind);
        let fence = settlements::settle(&mut tx, &claimed.id, claimed.epoch, &claimed.channel_id, &settlement, gap, now).await?;
        match &after {
            After::Nothing => {}
            After::Freeze(time) => {
                if settlements::freeze(&mut tx, claimed.kind, &claimed.channel_id, *time, now).await? {
                    warn!(seconds = time.as_secs(), "several chats were frozen within a second, the bot pauses");
                }
            }
            After::Rekey(address) => channels::rekey(&mut tx, &claimed.channel_id, address).await?,
            After::Unreachable(reason) => channels::set_reachable(&mut tx, &claimed.channel_id, Some(reason)).await?,
            After::Poll(poll) => quizzes::remember_poll(&mut tx, poll, &claimed.id).await?,
            After::StopBot => settlements::stop_bot(&mut tx, claimed.kind, now.plus(BOT_PAUSE)).await?,
        }
        mishap::pass("before_settle_commit");
        tx.commit().await?;
        mishap::pass("after_settle_commit");
        count(claimed, settlement.outcome);
        tell(claimed, &settlement, &after, fence);
        Ok(match fence {
            Fence::Held => Outcome::Attempted { delivery: claimed.id.clone(), state: settlement.state },
            Fence::Passed => Outcome::Late { delivery: claimed.id.clone() },
        })
    }
}

fn pace(kind: ChannelKind, telegram_per_second: u32) -> Pace {
    match kind {
        ChannelKind::Telegram => Pace {
            kind,
            everybody: Some(Rate::new(i64::from(telegram_per_second.max(1)), 1_000)),
            chat_gap: TELEGRAM_CHAT_GAP,
            group: Some(TELEGRAM_GROUP),
        },
        ChannelKind::WecomRobot => Pace { kind, everybody: None, chat_gap: WECOM_GAP, group: Some(WECOM_ROBOT) },
        ChannelKind::Print | ChannelKind::Web => Pace { kind, everybody: None, chat_gap: 0, group: None },
    }
}

/// When the quiet hours end, if `now` lies in them.
fn quiet_until(quiet: QuietHours, now: Timestamp) -> Option<Timestamp> {
    let local = now.local();
    if !quiet.contains(local.time()) {
        return None;
    }
    let ends_today = local.date().and_time(quiet.to);
    let end = if local.time() < quiet.to { ends_today } else { ends_today + chrono::Duration::days(1) };
    Some(Timestamp::from_local(end).max(now.plus(Duration::from_millis(1))))
}

fn count(claimed: &Claimed, outcome: &'static str) {
    metrics::counter!("taxhome_outbox_attempts_total", "channel_kind" => claimed.kind.word(), "outcome" => outcome).increment(1);
}

fn tell_sent(sent: &Sent, fence: Fence) {
    let settlement = verdicts::sent(sent.message_id.clone(), sent.remark.clone());
    count(&sent.claimed, settlement.outcome);
    tell(&sent.claimed, &settlement, &After::Nothing, fence);
}

/// One line for what a person should know; the rest is at debug.
fn tell(claimed: &Claimed, settlement: &Settlement, after: &After, fence: Fence) {
    let (id, state) = (claimed.id.as_str(), settlement.state.word());
    let reason = settlement.reason.as_deref().unwrap_or_default();
    if fence == Fence::Passed {
        warn!(delivery.id = id, delivery.outcome = settlement.outcome, "a result came after the delivery had been settled");
    } else if *after == After::StopBot {
        error!(delivery.id = id, reason, "the platform refuses the bot, sending pauses: check its token and address");
    } else if matches!(settlement.state, DeliveryState::Failed | DeliveryState::Unknown | DeliveryState::Abandoned) {
        warn!(delivery.id = id, delivery.state = state, delivery.attempt = claimed.attempts, reason, "a delivery was not confirmed");
    } else {
        info!(delivery.id = id, delivery.state = state, delivery.attempt = claimed.attempts, reason, "a delivery was attempted");
    }
}
