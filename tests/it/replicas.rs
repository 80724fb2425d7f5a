//! Several replicas on one PostgreSQL (F76): one leads, all send, limits are shared, and one that was frozen does no harm. On SQLite
//! there is one process and it leads.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use taxhome::clock::{Clock, SystemClock};
use taxhome::domain::delivery::Origin;
use taxhome::store::changes::Changes;
use taxhome::store::deliveries;
use taxhome::store::leadership::{self, LEASE, Leadership, RENEW_EVERY};
use taxhome::store::words::{self, Change, Word};
use taxhome::store::{Engine, Store};
use tokio::process::{Child, Command};

use crate::harness::bench::TOKEN;
use crate::harness::db::{TestStore, fresh_store};
use crate::harness::fake_telegram::FakeTelegram;
use crate::kill::{Account, broadcast, check, command, settled};

const PATIENCE: Duration = Duration::from_secs(60);
const PER_SECOND: usize = 40;

#[tokio::test]
async fn one_of_two_candidates_leads_and_a_lead_given_up_is_taken_over() {
    let store = fresh_store().await;
    let now = SystemClock.now();
    let (one, two) = (Leadership::new(store.handle(), now), Leadership::new(store.handle(), now));
    assert!(one.campaign(now).await.unwrap() && one.leads());
    match store.engine() {
        Engine::Sqlite => assert!(two.leads(), "the only process always leads"),
        Engine::Postgres => {
            assert!(!two.campaign(now).await.unwrap() && !two.leads());
            assert!(one.campaign(now).await.unwrap(), "renewed");
            one.resign().await.unwrap();
            assert!(!one.leads());
            assert!(two.campaign(now).await.unwrap() && two.leads());
            assert!(!one.campaign(now).await.unwrap());
        }
    }
}

#[tokio::test]
async fn what_a_leader_of_before_still_writes_is_refused() {
    let store = fresh_store().await;
    let now = SystemClock.now();
    let (one, two) = (Leadership::new(store.handle(), now), Leadership::new(store.handle(), now));
    assert!(one.campaign(now).await.unwrap());
    let written = one.lead(async {
        // As after a freeze: the lead goes to another in the middle of the work.
        one.resign().await.unwrap();
        two.campaign(now).await.unwrap();
        store.begin().await.map(drop)
    });
    match (store.engine(), written.await.expect("it led when it began")) {
        (Engine::Sqlite, written) => written.unwrap(),
        (Engine::Postgres, written) => assert!(leadership::is_lost(&written.unwrap_err())),
    }
    assert_eq!(one.lead(async {}).await.is_some(), store.engine() == Engine::Sqlite, "it begins nothing more");
    two.lead(async { store.begin().await.unwrap().commit().await.unwrap() }).await.expect("the new one leads");
    store.begin().await.expect("what any replica may write needs no lead");
}

#[tokio::test]
async fn a_change_of_the_knowledge_is_heard_by_the_other_replicas() {
    let store = fresh_store().await;
    if store.engine() == Engine::Sqlite {
        return;
    }
    let mut changes = Changes::of(Store::open(store.url()).await.unwrap());
    let heard = changes.heard();
    tokio::pin!(heard);
    let word = |term: &str| Word {
        term: term.to_owned(),
        kind: "sensitive".to_owned(),
        change: Change::Means(String::new()),
        author: "甲".to_owned(),
        updated_at: SystemClock.now(),
    };
    let mut at_once = false;
    // The listener connects with its first wait; what was changed before that is not heard.
    for many in 0..50 {
        let mut tx = store.begin().await.unwrap();
        words::put(&mut tx, &word(&format!("词{many}"))).await.unwrap();
        tx.commit().await.unwrap();
        at_once = tokio::time::timeout(Duration::from_millis(200), &mut heard).await.is_ok();
        if at_once {
            break;
        }
    }
    assert!(at_once, "nothing is heard");
}

fn replica(store: &TestStore, fake: &FakeTelegram, name: &str) -> Child {
    let folder = store.dir.path().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    command(&folder, store.url(), fake).env("TAXHOME_TELEGRAM__MESSAGES_PER_SECOND", PER_SECOND.to_string()).spawn().unwrap()
}

/// Most attempts begun in any second, by the ledger. What arrives at the fake is shaken by this machine's load and only printed.
pub async fn most_begun_in_a_second(store: &Store) -> usize {
    let mut conn = store.read().await.unwrap();
    let ledger = deliveries::by_origin(&mut conn, Origin::Bulletin, "round0", "", i64::MAX).await.unwrap();
    let mut begun: Vec<i64> = ledger.iter().flat_map(|delivery| &delivery.attempts).map(|attempt| attempt.started_at.millis()).collect();
    begun.sort_unstable();
    begun.iter().enumerate().map(|(at, first)| begun[at..].iter().take_while(|time| **time < first + 1_000).count()).max().unwrap_or(0)
}

async fn signal(process: &Child, name: &str) {
    let id = process.id().unwrap().to_string();
    assert!(Command::new("kill").args([name, &id]).status().await.unwrap().success());
}

#[tokio::test]
async fn replicas_send_everything_once_within_the_limits_while_one_is_frozen_for_two_leases() {
    let store = fresh_store().await;
    if store.engine() == Engine::Sqlite {
        return;
    }
    let fake = FakeTelegram::start(TOKEN).await;
    fake.answer_after(Duration::from_millis(15));
    let mut replicas = [replica(&store, &fake, "one"), replica(&store, &fake, "two"), replica(&store, &fake, "three")];
    assert!(fake.wait_until(PATIENCE, |fake| !fake.calls("getUpdates").is_empty()).await, "nobody polls");
    let targets = 600;
    broadcast(&store, &fake, 0, targets).await;
    let sent = |many: usize| fake.wait_until(PATIENCE, move |fake| fake.calls_since(0, "sendmessage") >= many);
    assert!(sent(60).await);
    signal(&replicas[0], "-STOP").await;
    // The lease of a delivery is 5 s in these tests, that of the lead 6 s. By the limit so many take two of them at least.
    let meanwhile = PER_SECOND * usize::try_from((LEASE * 2).as_secs()).unwrap();
    assert!(sent(fake.calls_since(0, "sendmessage") + meanwhile).await, "the others do not go on");
    signal(&replicas[0], "-CONT").await;
    settled(&store, &fake, 0).await;
    let mut account = Account::default();
    check(&store, &fake, 0, targets, &mut account).await;
    assert!(most_begun_in_a_second(&store).await <= PER_SECOND);
    let conflicts = fake.calls("getUpdates").iter().filter(|call| call.status == 409).count();
    println!(
        "3 replicas, one frozen for {LEASE:?} x 2: {account:?}, {conflicts} polls in conflict, {} in a second",
        fake.most_in_a_second()
    );
    for replica in &mut replicas {
        replica.kill().await.unwrap();
    }
}

#[tokio::test]
async fn when_the_leader_dies_another_polls_within_its_lease() {
    let store = fresh_store().await;
    if store.engine() == Engine::Sqlite {
        return;
    }
    let fake = FakeTelegram::start(TOKEN).await;
    let mut one = replica(&store, &fake, "one");
    assert!(fake.wait_until(PATIENCE, |fake| !fake.calls("getMe").is_empty()).await);
    fake.private(11, "甲");
    fake.says(11, 11, "/start");
    assert!(fake.wait_until(PATIENCE, |fake| !fake.messages(11).is_empty()).await, "the first leads and answers");
    let mut two = replica(&store, &fake, "two");
    assert!(fake.wait_until(PATIENCE, |fake| fake.calls("getMe").len() >= 2).await);
    one.kill().await.unwrap();
    fake.private(12, "乙");
    fake.says(12, 12, "/start");
    let within = LEASE + RENEW_EVERY * 2;
    assert!(fake.wait_until(within, |fake| !fake.messages(12).is_empty()).await, "nobody took over within {within:?}");
    two.kill().await.unwrap();
}

/// A PostgreSQL of the test's own, to be restarted; stopped at the end.
struct Cluster {
    folder: tempfile::TempDir,
    programs: PathBuf,
    port: u16,
}

impl Cluster {
    /// Nothing where its programs are missing or no other user can be taken.
    fn start() -> Option<Self> {
        let programs = std::fs::read_dir("/usr/lib/postgresql").ok()?.find_map(|version| Some(version.ok()?.path().join("bin")))?;
        let folder = tempfile::tempdir().unwrap();
        let owned = std::process::Command::new("chown").arg("postgres").arg(folder.path()).status();
        if !owned.is_ok_and(|status| status.success()) {
            return None;
        }
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let cluster = Self { folder, programs, port };
        let place = cluster.place();
        cluster.run("initdb", &["-D", &place, "-A", "trust", "-U", "postgres", "--no-sync"]).then_some(())?;
        let options = format!("-p {port} -c listen_addresses=127.0.0.1 -c fsync=off -k {place}");
        cluster.run("pg_ctl", &["-D", &place, "-w", "-l", &format!("{place}/log"), "-o", &options, "start"]).then_some(cluster)
    }

    fn place(&self) -> String {
        self.folder.path().join("data").display().to_string()
    }

    fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// The hard way: connections break, nothing is finished.
    fn restart(&self) {
        assert!(self.run("pg_ctl", &["-D", &self.place(), "-w", "-m", "immediate", "-l", &format!("{}/log", self.place()), "restart"]));
    }

    fn run(&self, program: &str, arguments: &[&str]) -> bool {
        let mut command = std::process::Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(self.programs.join(program)).args(arguments).current_dir("/");
        command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-D", &self.place(), "-m", "immediate", "stop"]);
    }
}

/// `PG_RESTARTS=10` runs the whole measure; without it one restart.
#[tokio::test]
async fn while_postgresql_restarts_nothing_is_lost_or_doubled_and_sending_goes_on() {
    if fresh_store().await.engine() == Engine::Sqlite {
        return;
    }
    let Some(cluster) = Cluster::start() else {
        eprintln!("NOT TESTED: restarts of PostgreSQL; that needs root and a server's programs");
        return;
    };
    let restarts: u32 = std::env::var("PG_RESTARTS").ok().and_then(|many| many.parse().ok()).unwrap_or(1);
    let store = Store::open(&cluster.url()).await.unwrap();
    let fake = FakeTelegram::start(TOKEN).await;
    fake.answer_after(Duration::from_millis(15));
    let folders = tempfile::tempdir().unwrap();
    let mut replicas = Vec::new();
    for name in ["one", "two"] {
        let folder = folders.path().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let mut replica = command(&folder, &cluster.url(), &fake);
        replicas.push(replica.env("TAXHOME_TELEGRAM__MESSAGES_PER_SECOND", PER_SECOND.to_string()).spawn().unwrap());
    }
    let targets = i64::from(restarts) * 160 + 140;
    broadcast(&store, &fake, 0, targets).await;
    let mut slowest = Duration::ZERO;
    for restart in 0..restarts {
        let sends = || fake.calls_since(0, "sendmessage");
        let before = sends();
        assert!(fake.wait_until(PATIENCE, |fake| fake.calls_since(0, "sendmessage") >= before + 40).await, "restart {restart}: stuck");
        cluster.restart();
        let (at, seen) = (tokio::time::Instant::now(), sends());
        assert!(
            fake.wait_until(PATIENCE, |fake| fake.calls_since(0, "sendmessage") > seen).await,
            "restart {restart}: it does not recover"
        );
        slowest = slowest.max(at.elapsed());
    }
    settled(&store, &fake, 0).await;
    let mut account = Account::default();
    check(&store, &fake, 0, targets, &mut account).await;
    assert!(slowest <= Duration::from_secs(5), "recovered only after {slowest:?}");
    assert!(most_begun_in_a_second(&store).await <= PER_SECOND);
    println!("{restarts} restarts of PostgreSQL under 2 replicas: {account:?}, slowest recovery {slowest:?}");
    for replica in &mut replicas {
        replica.kill().await.unwrap();
    }
    store.close().await;
}
