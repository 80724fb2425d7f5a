//! Builds everything from configuration and clock, runs it, and stops it gracefully.
//! One rule: nothing here decides anything; it only puts the rooms together.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, anyhow};
use axum::Router;
use secrecy::ExposeSecret;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::answering::{self, Answering, Freshness};
use crate::broadcasts::steady::{Schedules, Steady};
use crate::broadcasts::{Broadcasts, CalendarSource, Files, Refused, Settings, Sources};
use crate::care::Care;
use crate::care::backup::{self, Manifest};
use crate::channels::Senders;
use crate::channels::print::Print;
use crate::channels::telegram::receive::{Inbox, Intake};
use crate::channels::telegram::self_check::{self, SelfCheck};
use crate::channels::telegram::{Client, Telegram, commands, receive, webhook};
use crate::channels::wecom_robot::WecomRobot;
use crate::clock::Clock;
use crate::config::{Config, TelegramMode};
use crate::conversation::Conversation;
use crate::desk;
use crate::domain::channel::ChannelKind;
use crate::domain::time::Timestamp;
use crate::gaps::Gaps;
use crate::outbox::{self, Outbox};
use crate::store::changes::Changes;
use crate::store::copy::LeftOpen;
use crate::store::leadership::{self, Leadership, RENEW_EVERY};
use crate::store::{Store, access, users};
use crate::web;
use crate::web::hand_offs::HandOffs;

/// How often schedules are looked at.
const TICK: Duration = Duration::from_secs(1);
/// How often knowledge files and imported documents are looked at; F47 promises 60 seconds.
const REFRESH: Duration = Duration::from_secs(10);

/// The whole service, held by `serve` and by the tests.
pub struct App {
    pub config: Config,
    pub clock: Arc<dyn Clock>,
    pub store: Store,
    pub answering: Answering,
    pub freshness: Arc<Freshness>,
    pub broadcasts: Broadcasts,
    pub conversation: Conversation,
    pub care: Care,
    pub gaps: Gaps,
    pub outbox: Arc<Outbox>,
    pub leadership: Leadership,
    /// Set where a bot token is configured.
    pub telegram: Option<TelegramParts>,
    pub router: Router,
}

/// What receives from Telegram.
pub struct TelegramParts {
    pub client: Client,
    pub intake: Intake,
    pub inbox: Arc<Inbox>,
    pub self_check: SelfCheck,
}

impl App {
    /// Opens store and index and puts the rooms together; nothing runs yet.
    pub async fn build(config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        // What a clerk may have broken is found before anything is made.
        let files = Files::load(&config).map_err(|problems| {
            let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
            anyhow!("通知文件有 {} 处需要修改：\n{}", lines.len(), lines.join("\n"))
        })?;
        answering::check(&config)?;
        prepare_folder(&config.data_dir)?;
        let store = Store::open(&config.database_url()).await?;
        let (answering, freshness) = answering::open(&config, &store).await?;
        let freshness = Arc::new(freshness);
        let broadcasts = Broadcasts::new(store.clone(), files, Settings::of(&config)).with_calendar({
            let search = Arc::clone(answering.search());
            CalendarSource::new(move || search.snapshot().calendar().clone())
        });
        let broadcasts = broadcasts.with_sources(sources(&answering));
        broadcasts.take_up_files(clock.now()).await?;
        broadcasts.take_over_attachments().await?;
        let conversation = Conversation::new(store.clone(), answering.clone(), broadcasts.clone(), &config)?;
        let care = Care::new(store.clone(), broadcasts.clone(), &config);
        let gaps = Gaps::new(store.clone(), answering.clone(), &config);
        let mut senders = Senders::default().with(ChannelKind::Print, Arc::new(Print));
        senders = senders.with(ChannelKind::WecomRobot, Arc::new(WecomRobot::new(&config.wecom)?));
        let mut telegram = None;
        if config.telegram.enabled() {
            let client = Client::new(&config.telegram)?;
            senders = senders.with(ChannelKind::Telegram, Arc::new(Telegram::new(client.clone())));
            let intake = Intake::new(store.clone(), Arc::clone(&clock));
            let inbox = Arc::new(Inbox::new(store.clone(), client.clone(), conversation.clone()));
            let self_check = SelfCheck::new(store.clone(), client.clone());
            telegram = Some(TelegramParts { client, intake, inbox, self_check });
        }
        let outbox = Arc::new(Outbox::new(store.clone(), senders, outbox::Settings::from_config(&config)?));
        let mut router = web::router(web::State {
            store: store.clone(),
            clock: Arc::clone(&clock),
            public_url: config.public_url().into(),
            visitors: Arc::new(web::visitors::Visitors::new(config.http.questions_per_minute)),
            hand_offs: Arc::new(HandOffs::new(config.desk.web_calls_per_hour, config.desk.web_calls_waiting, &config.desk.hotline)),
            passwords: Arc::default(),
            config: Arc::new(config.clone()),
            answering: answering.clone(),
            freshness: Arc::clone(&freshness),
            conversation: conversation.clone(),
            broadcasts: broadcasts.clone(),
            gaps: gaps.clone(),
            telegram: telegram.as_ref().map(|parts| Arc::clone(&parts.inbox)),
            self_check: telegram.as_ref().map(|parts| parts.self_check.clone()),
        });
        if let Some(parts) = &telegram
            && config.telegram.mode == TelegramMode::Webhook
        {
            router = router.merge(webhook::router(parts.intake.clone(), config.telegram.webhook_secret.expose_secret()));
        }
        let leadership = Leadership::new(store.clone(), clock.now());
        Ok(Self { leadership, config, clock, store, answering, freshness, broadcasts, conversation, care, gaps, outbox, telegram, router })
    }

    /// What is printed at the start: addresses, and the first two commands while there is no staff user.
    pub async fn welcome(&self) -> anyhow::Result<Vec<String>> {
        let url = self.config.public_url();
        let documents = self.answering.search().snapshot().documents().len();
        let mut lines = vec![
            format!("纳税人之家已启动，知识库有 {documents} 份文件"),
            format!("  网页问答  {url}/"),
            format!("  课程报名  {url}/classes"),
            format!("  工作台    {url}/console"),
            format!("  接口文档  {url}/docs"),
        ];
        if !users::any(&mut *self.store.read().await?).await? {
            let mut tx = self.store.begin().await?;
            let link = access::create_link(&mut tx, None, self.clock.now()).await?;
            tx.commit().await?;
            lines.push("还没有工作人员。请打开下面的链接建立管理员（24 小时内有效，只能用一次）：".to_owned());
            lines.push(format!("  {url}{}?link={link}", web::console::SET_UP));
            lines.push("也可以在另一个窗口运行下面两条命令，建立管理员和他的接口令牌：".to_owned());
            let program = std::env::args().next().unwrap_or_else(|| "taxhome".to_owned());
            lines.push(format!("  {program} user add 管理员 --role admin"));
            lines.push(format!("  {program} token create --user 管理员"));
        }
        Ok(lines)
    }

    /// After a backup was brought back: what time has brought about since it was made is derived, and left unconfirmed instead of sent.
    pub async fn settle_restored(&self, manifest: &Manifest, now: Timestamp) -> anyhow::Result<LeftOpen> {
        self.broadcasts.tick(now).await?;
        self.care.tick(now).await?;
        Ok(backup::settle(&self.store, manifest, now).await?)
    }

    /// Serves on `listener` and runs every worker until `stop`; then no new work is taken and sends in flight are settled.
    pub async fn run(self, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
        let tasks = TaskTracker::new();
        tasks.spawn(outbox::run(Arc::clone(&self.outbox), Arc::clone(&self.clock), stop.clone()));
        tasks.spawn(lead(self.leadership.clone(), Arc::clone(&self.clock), stop.clone()));
        tasks.spawn(tick(
            self.broadcasts.clone(),
            self.conversation.clone(),
            self.care.clone(),
            self.leadership.clone(),
            Arc::clone(&self.clock),
            stop.clone(),
        ));
        tasks.spawn(refresh(Arc::clone(&self.freshness), Changes::of(self.store.clone()), stop.clone()));
        tasks.spawn(follow_meaning(Arc::clone(&self.freshness), Arc::clone(&self.clock), stop.clone()));
        tasks.spawn(learn(
            self.gaps.clone(),
            self.store.clone(),
            self.broadcasts.clone(),
            self.leadership.clone(),
            Arc::clone(&self.clock),
            stop.clone(),
        ));
        if let Some(parts) = self.telegram {
            let setting_up = commands::SetUp {
                mode: self.config.telegram.mode,
                public_url: self.config.public_url(),
                secret: self.config.telegram.webhook_secret.clone(),
            };
            tasks.spawn(self_check::run_at_start(parts.self_check, Arc::clone(&self.clock), stop.clone()));
            tasks.spawn(receive::run_inbox(Arc::clone(&parts.inbox), parts.intake.clone(), Arc::clone(&self.clock), stop.clone()));
            tasks.spawn(receive::run_intake(parts.client, parts.intake, parts.inbox, setting_up, self.leadership, stop.clone()));
        }
        tasks.close();
        let service = self.router.into_make_service_with_connect_info::<std::net::SocketAddr>();
        let served = axum::serve(listener, service).with_graceful_shutdown(stop.clone().cancelled_owned()).await;
        stop.cancel();
        tasks.wait().await;
        self.store.close().await;
        served.context("HTTP")
    }
}

/// The data folder must be there and writable before anything is put into it.
fn prepare_folder(folder: &Path) -> anyhow::Result<()> {
    let refused = |error: std::io::Error| {
        let why = match error.kind() {
            ErrorKind::PermissionDenied => "没有权限".to_owned(),
            ErrorKind::AlreadyExists | ErrorKind::NotADirectory => "它不是文件夹".to_owned(),
            ErrorKind::ReadOnlyFilesystem => "磁盘是只读的".to_owned(),
            ErrorKind::StorageFull => "磁盘已满".to_owned(),
            _ => error.to_string(),
        };
        anyhow!("数据文件夹 {} 无法使用：{why}。请检查这个文件夹，或用 TAXHOME_DATA_DIR 指定别的文件夹", folder.display())
    };
    fs::create_dir_all(folder).map_err(refused)?;
    let probe = tempfile::Builder::new().prefix(".write-probe").tempfile_in(folder).map_err(refused)?;
    probe.close().map_err(refused)
}

/// The published documents, as the index in use knows them.
fn sources(answering: &Answering) -> Sources {
    let search = Arc::clone(answering.search());
    Sources::new(move |id| search.snapshot().document(id).cloned())
}

/// Renews the lead or tries for it; gives it up at a clean stop.
async fn lead(leadership: Leadership, clock: Arc<dyn Clock>, stop: CancellationToken) {
    loop {
        if let Err(error) = leadership.campaign(clock.now()).await {
            tracing::warn!(error = %error, "who leads cannot be settled; it is tried again");
        }
        if stop.run_until_cancelled(tokio::time::sleep(RENEW_EVERY)).await.is_none() {
            break;
        }
    }
    if let Err(error) = leadership.resign().await {
        tracing::warn!(error = %error, "the lead could not be given up; it ends with its lease");
    }
}

async fn tick(
    broadcasts: Broadcasts,
    conversation: Conversation,
    care: Care,
    leadership: Leadership,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let started = tokio::time::Instant::now();
    let mut steady = Steady::new(clock.now(), started.elapsed());
    while stop.run_until_cancelled(tokio::time::sleep(TICK)).await.is_some() {
        let now = clock.now();
        let believed = match broadcasts.believe(&mut steady, now, started.elapsed()).await {
            Ok(Schedules::Run) => leadership.lead(broadcasts.tick(now)).await.map_or(Ok(()), |ticked| ticked.map(|_| ())),
            Ok(Schedules::Hold) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = believed {
            report("the schedule", &error);
        }
        if let Some(Err(error)) = leadership.lead(conversation.tend(now)).await {
            report("talks that rest", &error.into());
        }
        if let Some(Err(error)) = leadership.lead(care.tick(now)).await {
            report("old texts", &error.into());
        }
    }
}

/// What went wrong with work of the leader; it is tried again with the next tick, here or by whoever leads then.
fn report(what: &str, error: &Refused) {
    match error {
        Refused::Store(error) if leadership::is_lost(error) => tracing::info!(work = what, "another replica leads by now"),
        error => tracing::error!(work = what, error = %error, "leading work failed; it is tried again"),
    }
}

/// Groups gaps, tells who wants to know, reminds owners of the ledger; one replica is enough.
async fn learn(gaps: Gaps, store: Store, broadcasts: Broadcasts, leadership: Leadership, clock: Arc<dyn Clock>, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_some() {
        if !leadership.leads() {
            continue;
        }
        if let Err(error) = gaps.run_once(clock.now()).await {
            tracing::error!(error = format!("{error:#}"), "gaps could not be worked on; it is tried again");
        }
        if let Err(error) = desk::ledger::remind(&store, &broadcasts.calendar(), clock.now()).await {
            tracing::error!(error = %error, "owners of the ledger could not be reminded; it is tried again");
        }
    }
}

/// Apart from `refresh`: an endpoint may take minutes for all passages, and knowledge must not wait for it.
async fn follow_meaning(freshness: Arc<Freshness>, clock: Arc<dyn Clock>, stop: CancellationToken) {
    while stop.run_until_cancelled(freshness.follow_meaning(clock.now())).await.is_some() {
        if stop.run_until_cancelled(tokio::time::sleep(REFRESH)).await.is_none() {
            return;
        }
    }
}

/// At once where another replica says so, and every so often.
async fn refresh(freshness: Arc<Freshness>, mut changes: Changes, stop: CancellationToken) {
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = changes.heard() => {}
            () = tokio::time::sleep(REFRESH) => {}
        }
        match freshness.refresh_if_changed().await {
            Ok(true) => tracing::info!("the knowledge changed and the index follows"),
            Ok(false) => {}
            Err(error) => tracing::error!(error = format!("{error:#}"), "the changed knowledge cannot be used; the one before stays"),
        }
    }
}
