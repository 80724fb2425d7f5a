//! `taxhome bench outbox`: how fast this machine makes writes durable, how fast the outbox delivers on it, and what share of the
//! provider's limit that is. Nothing is sent anywhere: deliveries go to the print channel, in a store of their own.
//!
//! Two rates: as the service does it, where what lands and what is claimed next share a commit; and one by one, a commit for each claim
//! and each settlement. `tests/bench_postgres` compares the second with pgbench.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

use crate::channels::print::Print;
use crate::channels::{Outgoing, Sender, Senders, Verdict};
use crate::cli::eval::percentile;
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{OnAmbiguous, Operation, Origin};
use crate::domain::inbound::Scope;
use crate::domain::message::Message;
use crate::domain::render::render;
use crate::outbox::{self, Outbox, Outcome, Settings};
use crate::store::deliveries::NewDelivery;
use crate::store::{Engine, Store, channels, deliveries, settlements};

/// Disks are shared and slow down for seconds: what is compared is measured in turns.
const ROUNDS: i64 = 5;
/// Of each round.
const SYNCS: u32 = 100;
const PAGE: [u8; 4096] = [7; 4096];
/// Chats of the great queue, and how many of a hundred of them are frozen.
const CHATS: i64 = 1_000;
const FROZEN_OF_100: i64 = 95;
/// Deliveries timed on the short queue, and on the great one.
const TIMED: i64 = 50;
/// Beside each other where they are made one by one; SQLite has one writer.
const POSTGRES_CLAIMERS: usize = 8;
const DAY: Duration = Duration::from_secs(24 * 3600);

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 用哪个数据库测：必须是空的；不写则用临时的 SQLite
    #[arg(long, value_name = "URL")]
    database: Option<String>,
    /// 发送多少条
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(i64).range(10..=100_000))]
    rows: i64,
    /// 大队列里有多少条
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(i64).range(1_000..=1_000_000))]
    pending: i64,
    /// 输出 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, serde::Serialize)]
struct Figures {
    engine: &'static str,
    fdatasync_per_second: f64,
    /// As the service does it.
    deliveries_per_second: f64,
    /// Deliveries per second divided by half of fdatasync per second: a safe delivery is two durable commits.
    ratio_to_fdatasync_half: f64,
    /// A commit for each claim and each settlement.
    one_by_one_per_second: f64,
    one_by_one_ratio: f64,
    /// How many times the provider's limit this machine could keep up with.
    times_provider_limit: f64,
    /// Delivery after delivery in a short queue and in the great one with most chats frozen, microseconds.
    short_queue_p50_us: u64,
    great_queue_p50_us: u64,
    great_queue_pending: i64,
}

/// The print channel, which rings when so many have gone out.
struct Counting {
    left: AtomicI64,
    done: CancellationToken,
}

impl Sender for Counting {
    fn send<'a>(&'a self, outgoing: &'a Outgoing) -> BoxFuture<'a, Verdict> {
        if self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.done.cancel();
        }
        Print.send(outgoing)
    }
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let scratch = tempfile::Builder::new().prefix("bench").tempdir_in(&config.data_dir).or_else(|_| tempfile::tempdir());
    let scratch = scratch.context("无法建立临时文件夹")?;
    let url = arguments.database.clone().unwrap_or_else(|| Store::sqlite_url(scratch.path()));
    let store = Store::open(&url).await?;
    if !channels::list(&mut *store.read().await?, "", 1).await?.is_empty() {
        bail!("这个数据库里已经有数据，请换一个空的来测");
    }
    let settings = Settings { quiet: None, ..Settings::from_config(config)? };
    let outbox = Arc::new(Outbox::new(store.clone(), Senders::default().with(ChannelKind::Print, Arc::new(Print)), settings.clone()));
    let rows = (arguments.rows / ROUNDS).max(1);
    let (mut syncing, mut single, mut shared) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for round in 0..ROUNDS {
        syncing += sync(scratch.path()).await?;
        fill(&store, &format!("single-{round}"), rows, rows).await?;
        single += one_by_one(&store, &outbox).await?;
        fill(&store, &format!("shared-{round}"), rows, rows).await?;
        shared += as_the_service_does(&store, settings.clone(), rows).await?;
    }
    let fdatasync = per_second(i64::from(SYNCS) * ROUNDS, syncing);
    let deliveries_per_second = per_second(rows * ROUNDS, shared);
    let one_by_one = per_second(rows * ROUNDS, single);
    fill(&store, "short", TIMED, TIMED).await?;
    let mut short = timed(&outbox).await?;
    fill(&store, "great", arguments.pending, CHATS).await?;
    freeze(&store).await?;
    let mut great = timed(&outbox).await?;
    let figures = Figures {
        engine: match store.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        },
        fdatasync_per_second: fdatasync,
        deliveries_per_second,
        ratio_to_fdatasync_half: deliveries_per_second / (fdatasync / 2.0),
        one_by_one_per_second: one_by_one,
        one_by_one_ratio: one_by_one / (fdatasync / 2.0),
        times_provider_limit: deliveries_per_second / f64::from(config.telegram.messages_per_second.max(1)),
        short_queue_p50_us: percentile_of(&mut short),
        great_queue_p50_us: percentile_of(&mut great),
        great_queue_pending: arguments.pending,
    };
    store.close().await;
    if arguments.json {
        say(format_args!("{}", serde_json::to_string_pretty(&figures)?));
    } else {
        print(&figures);
    }
    Ok(())
}

/// How long some writes take that are made durable one after another.
async fn sync(folder: &Path) -> anyhow::Result<Duration> {
    let file = folder.join("sync");
    tokio::task::spawn_blocking(move || {
        let mut file = File::create(file).context("无法写临时文件")?;
        let begun = Instant::now();
        for _ in 0..SYNCS {
            file.write_all(&PAGE)?;
            file.sync_data()?;
        }
        Ok(begun.elapsed())
    })
    .await
    .context("bench task")?
}

/// `rows` deliveries over so many chats, in one transaction.
async fn fill(store: &Store, name: &str, rows: i64, chats: i64) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let parts = render(&Message::text("测量用的通知"), ChannelKind::Print.limits());
    let part = parts.first().context("no part")?;
    let mut tx = store.begin().await?;
    let mut ids = Vec::new();
    for chat in 0..chats {
        let address = format!("{name}-{chat}");
        ids.push(channels::ensure(&mut tx, ChannelKind::Print, &address, &address, Scope::Group, true, now).await?);
    }
    for (row, id) in (0..rows).zip(ids.iter().cycle()) {
        let origin = format!("{name}-{row}");
        let new = NewDelivery {
            origin: Origin::Bulletin,
            origin_id: &origin,
            revision: 1,
            channel_id: id,
            part: 0,
            operation: Operation::Send,
            content: part,
            thread: None,
            reply_to: None,
            message_id: None,
            on_ambiguous: OnAmbiguous::Ask,
            due_at: now,
            not_after: now.plus(DAY),
        };
        deliveries::insert(&mut tx, &new, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Freezes most chats of the great queue for a day, as 429s would.
async fn freeze(store: &Store) -> anyhow::Result<()> {
    let now = SystemClock.now();
    let mut tx = store.begin().await?;
    for chat in (0..CHATS).filter(|chat| chat % 100 < FROZEN_OF_100) {
        let found = channels::find(&mut tx, ChannelKind::Print, &format!("great-{chat}")).await?.context("a chat of the queue")?;
        settlements::freeze(&mut tx, ChannelKind::Print, &found.id, DAY, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Delivers everything, a commit for each claim and each settlement; how long it takes.
async fn one_by_one(store: &Store, outbox: &Arc<Outbox>) -> anyhow::Result<Duration> {
    let workers = match store.engine() {
        Engine::Sqlite => 1,
        Engine::Postgres => POSTGRES_CLAIMERS,
    };
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let outbox = Arc::clone(outbox);
        tasks.spawn(async move {
            loop {
                let now = SystemClock.now();
                match outbox.run_once(now).await? {
                    Outcome::Attempted { .. } | Outcome::Late { .. } => {}
                    Outcome::Idle { next_due: Some(next) } if next <= now => {}
                    Outcome::Idle { .. } => return Ok::<_, sqlx::Error>(()),
                }
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.context("bench task")??;
    }
    Ok(begun.elapsed())
}

/// Delivers everything with the loop of the service; how long it takes.
async fn as_the_service_does(store: &Store, settings: Settings, rows: i64) -> anyhow::Result<Duration> {
    let done = CancellationToken::new();
    let counting = Counting { left: AtomicI64::new(rows), done: done.clone() };
    let outbox = Outbox::new(store.clone(), Senders::default().with(ChannelKind::Print, Arc::new(counting)), settings);
    let begun = Instant::now();
    tokio::spawn(outbox::run(Arc::new(outbox), Arc::new(SystemClock), done)).await.context("bench task")?;
    Ok(begun.elapsed())
}

/// How long each of some deliveries takes, one after another.
async fn timed(outbox: &Outbox) -> anyhow::Result<Vec<Duration>> {
    let mut took = Vec::new();
    for _ in 0..TIMED {
        let begun = Instant::now();
        if !matches!(outbox.run_once(SystemClock.now()).await?, Outcome::Attempted { .. }) {
            bail!("队列里没有可以领取的消息");
        }
        took.push(begun.elapsed());
    }
    Ok(took)
}

fn percentile_of(took: &mut [Duration]) -> u64 {
    took.sort_unstable();
    percentile(took, 50)
}

#[expect(clippy::cast_precision_loss, reason = "a number of deliveries is far below 2^52")]
fn per_second(many: i64, took: Duration) -> f64 {
    many as f64 / took.as_secs_f64()
}

fn print(figures: &Figures) {
    say(format_args!("数据库 {}", figures.engine));
    say(format_args!("  磁盘落盘  {:.0} 次/秒（fdatasync）", figures.fdatasync_per_second));
    say(format_args!("  发送      {:.0} 条/秒，是 落盘÷2 的 {:.2} 倍", figures.deliveries_per_second, figures.ratio_to_fdatasync_half));
    say(format_args!("  逐条发送  {:.0} 条/秒，是 落盘÷2 的 {:.2} 倍", figures.one_by_one_per_second, figures.one_by_one_ratio));
    say(format_args!("  平台限速  发送能力是平台限速的 {:.1} 倍", figures.times_provider_limit));
    say(format_args!(
        "  一条用时  队列短时 {} µs；{} 条等待、95% 的群被限速时 {} µs",
        figures.short_queue_p50_us, figures.great_queue_pending, figures.great_queue_p50_us
    ));
}
