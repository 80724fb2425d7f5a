//! `taxhome import`: files become documents. What the IT person imports here is published at once; staff's imports over the API are drafts.

use std::path::PathBuf;

use anyhow::{Context, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::document::{Document, Publication};
use crate::knowledge::import::{self, Report};
use crate::knowledge::{self, Source};
use crate::store::documents::{self, Put};
use crate::store::{Store, audit};

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 文件或文件夹（文件夹会逐层查找 .md、.txt、.html、.docx、.pdf、.xlsx）
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// 只报告，不写入
    #[arg(long)]
    dry_run: bool,
    /// 文字可疑的文件已经核对过，照样发布
    #[arg(long)]
    accept_doubtful: bool,
    /// 输出 JSON
    #[arg(long)]
    json: bool,
}

/// What was written.
#[derive(Debug, Default, serde::Serialize)]
struct Written {
    new: usize,
    changed: usize,
    unchanged: usize,
    /// Kept apart, so that nobody is answered from them, because they were perhaps misread.
    quarantined: usize,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let paths = arguments.paths.clone();
    let mut report = tokio::task::spawn_blocking(move || read_all(&paths)).await.context("reading task")?;
    report.compare(&known(config).await?);
    if report.imported.is_empty() && report.refused.is_empty() {
        bail!("没有找到可导入的文件（.md、.txt、.html、.docx、.pdf、.xlsx）");
    }
    let refused = report.refused.len();
    let lines = if arguments.json { None } else { Some(report.lines()) };
    let mut shown = report.as_json();
    if let Some(lines) = lines {
        lines.iter().for_each(|line| say(format_args!("{line}")));
    }
    if !arguments.dry_run {
        let written = write(config, report, arguments.accept_doubtful).await?;
        if written.quarantined > 0 && !arguments.json {
            say(format_args!(
                "其中 {} 个文件可能没有读对，已放在“待核对”，不用于答复；核对后在控制台确认，或加 --accept-doubtful 再导入一次",
                written.quarantined
            ));
        }
        shown["written"] = serde_json::json!(written);
        if !arguments.json {
            say(format_args!("已写入：新增 {}，更新 {}，未变 {}", written.new, written.changed, written.unchanged));
        }
    }
    if arguments.json {
        say(format_args!("{}", serde_json::to_string_pretty(&shown)?));
    }
    if refused > 0 {
        bail!("{refused} 个文件没有导入，原因见上");
    }
    Ok(())
}

fn read_all(paths: &[PathBuf]) -> Report {
    let (files, missing) = import::files_under(paths);
    let mut report = Report { refused: missing, ..Report::default() };
    let bar = ProgressBar::new(files.len() as u64);
    if let Ok(style) = ProgressStyle::with_template("读取 {bar:30} {pos}/{len} {wide_msg}") {
        bar.set_style(style);
    }
    for file in files {
        bar.set_message(file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default());
        report.add(import::read(&file));
        bar.inc(1);
    }
    bar.finish_and_clear();
    report
}

/// What the files are compared with. A data folder that is not there yet is not made for a dry run.
async fn known(config: &Config) -> anyhow::Result<Vec<Document>> {
    let source = Source::of(config);
    let library = tokio::task::spawn_blocking(move || knowledge::load(&source)).await.context("reading task")?;
    // What is wrong with the folder is said by `check` and at start; here it would only stand in the way.
    let mut known = library.map(|library| library.documents).unwrap_or_default();
    if config.data_dir.exists() {
        let store = Store::open(&config.database_url()).await?;
        known.extend(documents::published(&mut *store.read().await?).await?);
        store.close().await;
    }
    Ok(known)
}

/// All documents in one transaction: nothing half-imported remains.
async fn write(config: &Config, report: Report, accept_doubtful: bool) -> anyhow::Result<Written> {
    std::fs::create_dir_all(&config.data_dir).with_context(|| format!("无法创建数据文件夹 {}", config.data_dir.display()))?;
    let store = Store::open(&config.database_url()).await?;
    let now = SystemClock.now();
    let mut written = Written::default();
    let mut tx = store.begin().await?;
    for imported in report.documents() {
        let doubtful = !accept_doubtful && imported.is_doubtful();
        let publication = if doubtful { Publication::Quarantined } else { Publication::Published };
        written.quarantined += usize::from(doubtful);
        match documents::put(&mut tx, &imported.document, &imported.content_hash, publication, now).await? {
            Put::New => written.new += 1,
            Put::Changed => written.changed += 1,
            Put::Unchanged => {
                written.unchanged += 1;
                continue;
            }
        }
        let doubts: Vec<String> = imported.doubts.iter().map(import::words).collect();
        documents::note_doubts(&mut tx, &imported.document.id, &doubts.join("\n")).await?;
        audit::record(&mut tx, "cli", "document.import", &imported.document.id, &imported.file, now).await?;
    }
    tx.commit().await?;
    store.close().await;
    Ok(written)
}
