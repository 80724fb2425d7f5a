//! `taxhome bench search`: how long a question takes, beside the naive way on the same documents, in turns, so that a busy machine slows both
//! alike. The ratio is the figure; the times are only what this machine made of it. A turn is all questions once: taken question by
//! question, each search would push the lists of the other out of the processor's cache, which nothing does where the service runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};

use crate::answering::{Answering, Ask};
use crate::cli::bench_outbox;
use crate::cli::eval::{self, percentile};
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::knowledge::Source;
use crate::search::{Naive, Place, Search};

/// Results asked of the naive index: as many as people look at.
const LOOKED_AT: usize = 10;
/// Rounds before anything is timed, so that both have their files in memory.
const WARM_UP: usize = 1;
/// Rounds that are timed.
const TIMED: usize = 3;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// 检索和解答一个问题要多久
    Search(SearchArguments),
    /// 发送通知有多快：磁盘、发送、领取各一个数
    Outbox(bench_outbox::Arguments),
}

#[derive(Debug, clap::Args)]
struct SearchArguments {
    /// 题库（JSONL）
    #[arg(long, value_name = "FILE")]
    questions: PathBuf,
    /// 在哪些文件里检索，逐个测：.jsonl[.gz] 语料、文件夹或文件
    #[arg(long, value_name = "PATH", required = true)]
    documents: Vec<PathBuf>,
    /// 同一次运行里和谁比
    #[arg(long, value_enum)]
    baseline: Option<Baseline>,
    /// 输出 JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Baseline {
    /// tantivy 的普通用法：标题和正文两个字段，jieba 分词，默认 BM25
    Naive,
}

/// Times of one way of searching, microseconds.
#[derive(Debug, serde::Serialize)]
struct Times {
    p50: u64,
    p95: u64,
    p99: u64,
}

/// What one collection gave.
#[derive(Debug, serde::Serialize)]
struct Row {
    documents: String,
    passages: usize,
    build_ms: u64,
    memory_index_bytes: u64,
    stored_index_bytes: u64,
    /// Of the whole process: the highest so far (building and, where there is one, the index compared with included), and after the questions.
    peak_memory_bytes: Option<u64>,
    serving_memory_bytes: Option<u64>,
    whole_answer_us: Times,
    naive_us: Option<Times>,
    /// Ours divided by the naive way's.
    ratio_p50: Option<f64>,
    ratio_p99: Option<f64>,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let arguments = match arguments.what {
        What::Search(arguments) => arguments,
        What::Outbox(arguments) => return bench_outbox::run(config, arguments).await,
    };
    let source = Source::of(config);
    let hotline = config.desk.hotline.clone();
    tokio::task::spawn_blocking(move || search(&source, &hotline, &arguments)).await.context("bench task")?
}

fn search(source: &Source, hotline: &str, arguments: &SearchArguments) -> anyhow::Result<()> {
    let questions: Vec<String> = eval::questions::read(&arguments.questions)?.into_iter().map(|question| question.question).collect();
    if questions.is_empty() {
        bail!("{} 里没有题目", arguments.questions.display());
    }
    let mut rows = Vec::new();
    for documents in &arguments.documents {
        let row = measure(source, hotline, &questions, documents, arguments.baseline)?;
        if !arguments.json {
            print(&row);
        }
        rows.push(row);
    }
    if arguments.json {
        say(format_args!("{}", serde_json::to_string_pretty(&rows)?));
    } else if let [first, .., last] = &rows[..] {
        say(format_args!(
            "从 {} 段到 {} 段，p99 变为 {:.1} 倍",
            first.passages,
            last.passages,
            ratio(last.whole_answer_us.p99, first.whole_answer_us.p99)
        ));
    }
    Ok(())
}

fn measure(source: &Source, hotline: &str, questions: &[String], path: &Path, baseline: Option<Baseline>) -> anyhow::Result<Row> {
    let scratch = tempfile::tempdir().context("无法建立临时文件夹")?;
    let (library, cutting) = eval::library(source, std::slice::from_ref(&path.to_path_buf()))?;
    let naive = match baseline {
        None => None,
        Some(Baseline::Naive) => {
            let folder = scratch.path().join("naive");
            std::fs::create_dir(&folder).context("无法建立临时文件夹")?;
            Some(Naive::build(&library.documents, &folder).map_err(|error| anyhow!("对照索引无法建立：{error}"))?)
        }
    };
    let begun = Instant::now();
    let answering = Answering::new(Arc::new(Search::open(Place::Folder(scratch.path().join("index")), library, cutting)?), hotline);
    let build = begun.elapsed();
    let today = SystemClock.now().date();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..WARM_UP + TIMED {
        let answered = each(questions, |question| {
            let ask = Ask { question: question.to_owned(), as_of: None, today, topic: None };
            std::hint::black_box(answering.answer(&ask));
            Ok(())
        })?;
        let searched = match &naive {
            None => Vec::new(),
            Some(naive) => each(questions, |question| {
                std::hint::black_box(naive.search(question, LOOKED_AT)?);
                Ok(())
            })?,
        };
        if round >= WARM_UP {
            ours.extend(answered);
            theirs.extend(searched);
        }
    }
    let whole_answer_us = times(&mut ours);
    let naive_us = naive.is_some().then(|| times(&mut theirs));
    let snapshot = answering.search().snapshot();
    Ok(Row {
        documents: path.display().to_string(),
        passages: snapshot.passage_count(),
        build_ms: u64::try_from(build.as_millis()).unwrap_or(u64::MAX),
        memory_index_bytes: snapshot.memory_bytes(),
        stored_index_bytes: snapshot.index_bytes(),
        peak_memory_bytes: eval::peak_memory(),
        serving_memory_bytes: eval::present_memory(),
        ratio_p50: naive_us.as_ref().map(|naive| ratio(whole_answer_us.p50, naive.p50)),
        ratio_p99: naive_us.as_ref().map(|naive| ratio(whole_answer_us.p99, naive.p99)),
        whole_answer_us,
        naive_us,
    })
}

/// How long each question takes.
fn each(questions: &[String], mut ask: impl FnMut(&str) -> anyhow::Result<()>) -> anyhow::Result<Vec<Duration>> {
    let timed = |question: &String| {
        let begun = Instant::now();
        ask(question)?;
        Ok(begun.elapsed())
    };
    questions.iter().map(timed).collect()
}

fn times(took: &mut [Duration]) -> Times {
    took.sort_unstable();
    Times { p50: percentile(took, 50), p95: percentile(took, 95), p99: percentile(took, 99) }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of a question are far below 2^52")]
fn ratio(ours: u64, theirs: u64) -> f64 {
    ours as f64 / theirs.max(1) as f64
}

fn print(row: &Row) {
    let times = |times: &Times| format!("p50 {} µs  p95 {} µs  p99 {} µs", times.p50, times.p95, times.p99);
    say(format_args!("{}：{} 段", row.documents, row.passages));
    say(format_args!("  纳税人之家（整个解答）  {}", times(&row.whole_answer_us)));
    if let (Some(naive), Some(p50), Some(p99)) = (&row.naive_us, row.ratio_p50, row.ratio_p99) {
        say(format_args!("  普通 tantivy（只检索）  {}", times(naive)));
        say(format_args!("  比值  p50 {p50:.2}  p99 {p99:.2}"));
    }
    say(format_args!(
        "  建立索引 {} ms，内存中索引 {} MB，磁盘上 {} MB",
        row.build_ms,
        row.memory_index_bytes / 1024 / 1024,
        row.stored_index_bytes / 1024 / 1024
    ));
    if let (Some(peak), Some(serving)) = (row.peak_memory_bytes, row.serving_memory_bytes) {
        say(format_args!("  整个进程内存峰值 {} MB（含建立索引和对照），答题时 {} MB", peak / 1024 / 1024, serving / 1024 / 1024));
    }
}
