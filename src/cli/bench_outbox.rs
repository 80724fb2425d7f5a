//! `taxhome bench outbox`: how fast this machine makes writes durable, how fast the outbox delivers on it, and what share of the
//! provider's limit that is. Nothing is sent anywhere: deliveries go to the print channel, in a store of their own.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::channels::Senders;
use crate::channels::print::Print;
use crate::cli::eval::percentile;
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{OnAmbiguous, Operation, Origin};
use crate::domain::inbound::Scope;
use crate::domain::message::Message;
use crate::domain::render::render;
use crate::domain::time::Timestamp;
use crate::outbox::{Outbox, Outcome, Settings};
use crate::store::deliveries::NewDelivery;
use crate::store::{Engine, Store, channels, deliveries, settlements};

const SYNCS: u32 = 200;
const PAGE: [u8; 4096] = [7; 4096];
/// Chats of the great queue, and how many of a hundred of them are frozen.
const CHATS: i64 = 1_000;
const FROZEN_OF_100: i64 = 95;
/// Claims timed on the great queue.
const CLAIMS: usize = 50;
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
    deliveries_per_second: f64,
    /// Deliveries per second divided by half of fdatasync per second: a safe delivery is two durable commits.
    ratio_to_fdatasync_half: f64,
    /// How many times the provider's limit this machine could keep up with.
    times_provider_limit: f64,
    /// Attempt after attempt in a short queue and in the great one with most chats frozen, microseconds.
    short_queue_p50_us: u64,
    great_queue_p50_us: u64,
    great_queue_pending: i64,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let scratch = tempfile::Builder::new().prefix("bench").tempdir_in(&config.data_dir).or_else(|_| tempfile::tempdir());
    let scratch = scratch.context("无法建立临时文件夹")?;
    let folder = scratch.path().to_owned();
    let fdatasync = tokio::task::spawn_blocking(move || syncs_per_second(&folder)).await.context("bench task")??;
    let url = arguments.database.clone().unwrap_or_else(|| Store::sqlite_url(scratch.path()));
    let store = Store::open(&url).await?;
    if !channels::list(&mut *store.read().await?, "", 1).await?.is_empty() {
        bail!("这个数据库里已经有数据，请换一个空的来测");
    }
    let now = SystemClock.now();
    let settings = Settings { quiet: None, ..Settings::from_config(config)? };
    let outbox = Arc::new(Outbox::new(store.clone(), Senders::default().with(ChannelKind::Print, Arc::new(Print)), settings));
    fill(&store, "short", arguments.rows, arguments.rows, now).await?;
    let begun = Instant::now();
    let mut short = deliver(&store, &outbox).await?;
    let deliveries_per_second = per_second(short.len(), begun.elapsed());
    fill(&store, "great", arguments.pending, CHATS, now).await?;
    freeze(&store, now).await?;
    let mut great = Vec::new();
    while great.len() < CLAIMS {
        let begun = Instant::now();
        if !matches!(outbox.run_once(SystemClock.now()).await?, Outcome::Attempted { .. }) {
            bail!("大队列没有可以领取的消息");
        }
        great.push(begun.elapsed());
    }
    let figures = Figures {
        engine: match store.engine() {
            Engine::Sqlite => "sqlite",
            Engine::Postgres => "postgres",
        },
        fdatasync_per_second: fdatasync,
        deliveries_per_second,
        ratio_to_fdatasync_half: deliveries_per_second / (fdatasync / 2.0),
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

fn syncs_per_second(folder: &Path) -> anyhow::Result<f64> {
    let mut file = File::create(folder.join("sync")).context("无法写临时文件")?;
    let begun = Instant::now();
    for _ in 0..SYNCS {
        file.write_all(&PAGE)?;
        file.sync_data()?;
    }
    Ok(f64::from(SYNCS) / begun.elapsed().as_secs_f64())
}

/// `rows` deliveries over so many chats, in one transaction.
async fn fill(store: &Store, name: &str, rows: i64, chats: i64, now: Timestamp) -> anyhow::Result<()> {
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
async fn freeze(store: &Store, now: Timestamp) -> anyhow::Result<()> {
    let mut tx = store.begin().await?;
    for chat in (0..CHATS).filter(|chat| chat % 100 < FROZEN_OF_100) {
        let found = channels::find(&mut tx, ChannelKind::Print, &format!("great-{chat}")).await?.context("a chat of the queue")?;
        settlements::freeze(&mut tx, ChannelKind::Print, &found.id, DAY, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Delivers everything; how long each took.
async fn deliver(store: &Store, outbox: &Arc<Outbox>) -> anyhow::Result<Vec<Duration>> {
    let workers = match store.engine() {
        Engine::Sqlite => 1,
        Engine::Postgres => POSTGRES_CLAIMERS,
    };
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..workers {
        let outbox = Arc::clone(outbox);
        tasks.spawn(async move {
            let mut took = Vec::new();
            loop {
                let begun = Instant::now();
                let now = SystemClock.now();
                match outbox.run_once(now).await? {
                    Outcome::Attempted { .. } | Outcome::Late { .. } => took.push(begun.elapsed()),
                    Outcome::Idle { next_due: Some(next) } if next <= now => {}
                    Outcome::Idle { .. } => return Ok::<_, sqlx::Error>(took),
                }
            }
        });
    }
    let mut all = Vec::new();
    while let Some(took) = tasks.join_next().await {
        all.extend(took.context("bench task")??);
    }
    Ok(all)
}

fn percentile_of(took: &mut [Duration]) -> u64 {
    took.sort_unstable();
    percentile(took, 50)
}

#[expect(clippy::cast_precision_loss, reason = "a number of deliveries is far below 2^52")]
fn per_second(many: usize, took: Duration) -> f64 {
    many as f64 / took.as_secs_f64()
}

fn print(figures: &Figures) {
    say(format_args!("数据库 {}", figures.engine));
    say(format_args!("  磁盘落盘  {:.0} 次/秒（fdatasync）", figures.fdatasync_per_second));
    say(format_args!("  发送      {:.0} 条/秒，是 落盘÷2 的 {:.2} 倍", figures.deliveries_per_second, figures.ratio_to_fdatasync_half));
    say(format_args!("  平台限速  发送能力是平台限速的 {:.1} 倍", figures.times_provider_limit));
    say(format_args!(
        "  一条用时  队列短时 {} µs；{} 条等待、95% 的群被限速时 {} µs",
        figures.short_queue_p50_us, figures.great_queue_pending, figures.great_queue_p50_us
    ));
}
