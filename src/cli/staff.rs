//! `taxhome user` and `taxhome token`: the way to the first staff user and its token. Only the token goes to standard output.

use std::time::Duration;

use anyhow::{Context, bail};
use clap::Subcommand;
use clap::builder::PossibleValuesParser;

use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::staff::Role;
use crate::replies::problems;
use crate::store::{Store, access, audit, tokens, users};
use crate::web::accounts::{MOST_DAYS, accepted_name};
use crate::web::console::SET_UP;

const ROLES: [&str; 6] = ["admin", "publicity", "approver", "trainer", "desk", "auditor"];
const DAY: Duration = Duration::from_secs(24 * 3600);
/// Who did it, in the audit: whoever may use the machine's command line.
const ACTOR: &str = "command line";

#[derive(Debug, clap::Args)]
pub struct UserArguments {
    #[command(subcommand)]
    action: UserAction,
}

#[derive(Debug, Subcommand)]
enum UserAction {
    /// 添加工作人员
    Add {
        /// 姓名或账号
        name: String,
        /// 角色：admin 管理员、publicity 宣传、approver 审核、trainer 培训、desk 服务台、auditor 审计
        #[arg(long, value_name = "ROLE", value_parser = PossibleValuesParser::new(ROLES))]
        role: String,
    },
    /// 生成一次性登录链接，用来设置密码；忘了密码也用它
    Link {
        /// 姓名或账号
        name: String,
    },
}

#[derive(Debug, clap::Args)]
pub struct TokenArguments {
    #[command(subcommand)]
    action: TokenAction,
}

#[derive(Debug, Subcommand)]
enum TokenAction {
    /// 生成接口令牌，只显示这一次
    Create {
        /// 给谁用
        #[arg(long, value_name = "NAME")]
        user: String,
        /// 有效天数，不写则一直有效
        #[arg(long, value_name = "D", value_parser = clap::value_parser!(u32).range(1..=i64::from(MOST_DAYS)))]
        days: Option<u32>,
    },
}

/// Adds a user, or makes the link by which one sets a password.
pub async fn user(config: &Config, arguments: UserArguments) -> anyhow::Result<()> {
    match arguments.action {
        UserAction::Add { name, role } => add(config, name, role).await,
        UserAction::Link { name } => link(config, &name).await,
    }
}

async fn link(config: &Config, name: &str) -> anyhow::Result<()> {
    let store = open(config).await?;
    let now = SystemClock.now();
    let mut tx = store.begin().await?;
    let Some(user) = users::find(&mut tx, name.trim()).await? else { bail!(problems::no_such_user(name)) };
    let secret = access::create_link(&mut tx, Some(&user.id), now).await?;
    access::succeeded(&mut tx, &user.name).await?;
    audit::record(&mut tx, ACTOR, "user.link", &user.id, "", now).await?;
    tx.commit().await?;
    store.close().await;
    eprintln!("“{}”的登录链接，24 小时内有效，只能用一次：", user.name);
    say(format_args!("{}{SET_UP}?link={secret}", config.public_url()));
    Ok(())
}

async fn add(config: &Config, name: String, role: String) -> anyhow::Result<()> {
    let role = Role::parse(&role).context(problems::wrong_role())?;
    let Some(name) = accepted_name(&name) else { bail!(problems::wrong_user_name()) };
    let store = open(config).await?;
    let now = SystemClock.now();
    let mut tx = store.begin().await?;
    let Some(user) = users::insert(&mut tx, name, role, now).await? else { bail!(problems::user_exists(name)) };
    audit::record(&mut tx, ACTOR, "user.create", &user.id, role.word(), now).await?;
    tx.commit().await?;
    store.close().await;
    eprintln!(
        "已添加{}“{name}”。生成登录链接：taxhome user link {name}；生成接口令牌：taxhome token create --user {name}",
        problems::role_name(role)
    );
    Ok(())
}

/// Makes a token and prints it.
pub async fn token(config: &Config, arguments: TokenArguments) -> anyhow::Result<()> {
    let TokenAction::Create { user, days } = arguments.action;
    let store = open(config).await?;
    let now = SystemClock.now();
    let mut tx = store.begin().await?;
    let Some(user) = users::find(&mut tx, user.trim()).await? else { bail!(problems::no_such_user(&user)) };
    let expires_at = days.map(|days| now.plus(DAY * days));
    let (token, secret) = tokens::create(&mut tx, &user.id, expires_at, now).await?;
    audit::record(&mut tx, ACTOR, "token.create", &token.id, &user.id, now).await?;
    tx.commit().await?;
    store.close().await;
    let until = expires_at.map_or_else(|| "一直有效，直到停用".to_owned(), |at| format!("有效期至 {}", at.chinese()));
    eprintln!("“{}”的令牌（{until}），只显示这一次：", user.name);
    say(format_args!("{secret}"));
    Ok(())
}

pub(super) async fn open(config: &Config) -> anyhow::Result<Store> {
    if config.database.url.is_empty() {
        std::fs::create_dir_all(&config.data_dir).with_context(|| format!("无法建立数据文件夹 {}", config.data_dir.display()))?;
    }
    Ok(Store::open(&config.database_url()).await?)
}
