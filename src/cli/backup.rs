//! `taxhome backup`, `restore` and `export`: everything in one file, and back.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Subcommand;

use super::staff::open;
use crate::app::App;
use crate::care::backup::{self, Manifest};
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::care::Purpose;
use crate::replies::care as words;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// 备份写到哪个文件；服务运行时也可以备份
    #[arg(value_name = "FILE", required = true)]
    file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// 检查备份文件是否完整
    Verify(File),
}

#[derive(Debug, clap::Args)]
pub struct File {
    /// 文件
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Makes a backup, or checks one.
pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    match (arguments.action, arguments.file) {
        (Some(Action::Verify(File { file })), _) => tell(&file, &backup::verify(&file)?),
        (None, Some(file)) => write(config, Purpose::Backup, file).await?,
        (None, None) => {}
    }
    Ok(())
}

/// Writes everything but secrets.
pub async fn export(config: &Config, file: &File) -> anyhow::Result<()> {
    write(config, Purpose::Export, file.file.clone()).await
}

async fn write(config: &Config, purpose: Purpose, file: PathBuf) -> anyhow::Result<()> {
    let store = open(config).await?;
    backup::write(&store, &config.data_dir, purpose, &file, SystemClock.now()).await?;
    store.close().await;
    // What was written is read again before anybody relies on it.
    tell(&file, &backup::verify(&file)?);
    Ok(())
}

/// Brings a backup back, and derives what time has brought about since, so that none of it is sent by itself.
pub async fn restore(config: Config, file: &File) -> anyhow::Result<()> {
    let now = SystemClock.now();
    std::fs::create_dir_all(&config.data_dir)?;
    let (manifest, open) = backup::restore(&file.file, &config.database_url(), &config.data_dir, now).await?;
    let app = App::build(config, Arc::new(SystemClock)).await?;
    let late = app.settle_restored(&manifest, now).await?;
    app.store.close().await;
    for line in words::restored(open.unconfirmed + late.unconfirmed, open.held + late.held, open.dropped + late.dropped) {
        say(line);
    }
    Ok(())
}

fn tell(file: &std::path::Path, manifest: &Manifest) {
    let tables = manifest.entries.iter().filter(|entry| entry.name.starts_with("tables/"));
    say(words::whole(file, tables.clone().count(), tables.map(|entry| entry.rows).sum(), &manifest.made_at));
}
