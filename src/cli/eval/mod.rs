//! `taxhome eval`: questions with known answers against the whole pipeline, one at a time, with figures and what changed since the last run.

mod figures;
pub mod questions;

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, anyhow, bail};
use chrono::NaiveDate;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::answering::{self, Answering, Ask};
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::answer::{Citation, Decision, Ranked};
use crate::domain::document::Document;
use crate::knowledge::{self, Library, Source, import};
use crate::search::{Cutting, Place, Search};
use crate::store::{Store, gaps};

use figures::Size;
pub use figures::{Figures, percentile};
use questions::{Piece, Question};

/// In place of a file: the questions that staff approved an answer to.
const APPROVED: &str = "approved";

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 题库（JSONL）；写 approved 则用审定答复的全部问法
    #[arg(long, value_name = "FILE")]
    questions: PathBuf,
    /// 把这次用的题库写到这个文件（JSONL），可以留存、增删后再测
    #[arg(long, value_name = "FILE")]
    export: Option<PathBuf>,
    /// 只在这些文件里检索：文件夹、文件或 .jsonl[.gz] 语料；不写则用配置的知识库
    #[arg(long, value_name = "PATH")]
    documents: Vec<PathBuf>,
    /// 把每题结果写到这个文件；已有旧结果时列出变化
    #[arg(long, value_name = "FILE")]
    run: Option<PathBuf>,
    /// 用 taxhome learn --vectors 写的这个文件检索
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// 每题写出多少条检索结果
    #[arg(long, value_name = "N", default_value_t = 10)]
    top: usize,
    /// 题目没有写日期时，按哪一天回答，例如 2026-11-23
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// 输出 JSON
    #[arg(long)]
    json: bool,
}

/// A line of the run file.
#[derive(Debug, Serialize)]
struct RunLine<'a> {
    id: &'a str,
    decision: Decision,
    reason: &'a str,
    score: f64,
    answer: String,
    citations: Vec<RunCitation<'a>>,
    results: &'a [Ranked],
    took_us: u64,
}

#[derive(Debug, Serialize)]
struct RunCitation<'a> {
    document: &'a str,
    title: &'a str,
    number: &'a Option<String>,
    article: &'a Option<String>,
    quote: &'a str,
}

impl<'a> From<&'a Citation> for RunCitation<'a> {
    fn from(citation: &'a Citation) -> Self {
        Self {
            document: &citation.document,
            title: &citation.title,
            number: &citation.number,
            article: &citation.article,
            quote: &citation.quote,
        }
    }
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let source = Source::of(config);
    let hotline = config.desk.hotline.clone();
    // A file of that name is a file.
    let approved = if arguments.questions.as_os_str() == APPROVED && !arguments.questions.exists() {
        if !arguments.documents.is_empty() {
            bail!("--questions {APPROVED} 用的是正在使用的知识库，不能再写 --documents");
        }
        Some(approved(config).await?)
    } else {
        None
    };
    tokio::task::spawn_blocking(move || evaluate(&source, &hotline, &arguments, approved)).await.context("evaluation task")?
}

/// The wordings of the questions that staff approved an answer to, and everything known: asked so, the approved words must come.
async fn approved(config: &Config) -> anyhow::Result<(Vec<Question>, Library)> {
    let store = Store::open(&config.database_url()).await?;
    let wordings = gaps::approved(&mut *store.read().await?).await?;
    let library = answering::library(config, &store).await?;
    store.close().await;
    let mut questions = Vec::with_capacity(wordings.len());
    for (at, (gap, wording, document)) in wordings.into_iter().enumerate() {
        let Some(known) = library.documents.iter().find(|known| known.id == document) else { continue };
        let first = known.body.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().trim().to_owned();
        questions.push(Question {
            id: format!("{gap}-{at}"),
            relevant: vec![document],
            answerable: Some(true),
            must_contain: vec![Piece::One(first)],
            ..Question::of(wording)
        });
    }
    if questions.is_empty() {
        bail!("还没有审定答复：请先在工作台“待补问题”里答复并审核，再来测");
    }
    Ok((questions, library))
}

fn evaluate(source: &Source, hotline: &str, arguments: &Arguments, approved: Option<(Vec<Question>, Library)>) -> anyhow::Result<()> {
    let (questions, approved) = match approved {
        Some((questions, library)) => (questions, Some(library)),
        None => (questions::read(&arguments.questions)?, None),
    };
    if let Some(path) = &arguments.export {
        questions::write(path, &questions)?;
    }
    if questions.is_empty() {
        bail!("{} 里没有题目", arguments.questions.display());
    }
    let before = arguments.run.as_deref().map(earlier_decisions).unwrap_or_default();
    let scratch = tempfile::tempdir().context("无法建立临时文件夹")?;
    let started = Instant::now();
    let (library, cutting) = match approved {
        Some(library) => (library, Cutting::Passages),
        None => library(source, &arguments.documents)?,
    };
    let search = Search::open(Place::Folder(scratch.path().join("index")), library, cutting)?;
    let build = started.elapsed();
    if let Some(file) = &arguments.vectors {
        let name = file.display();
        let read = answering::vectors::read(file).with_context(|| format!("无法读取 {name}"))?;
        read.and_then(|vectors| search.compare(vectors)).with_context(|| format!("词向量文件 {name}"))?;
    }
    let answering = Answering::new(Arc::new(search), hotline);
    let mut figures = Figures::default();
    let mut out = arguments.run.as_ref().map(|path| fs::File::create(path).map(BufWriter::new)).transpose().context("无法写入结果文件")?;
    let bar = progress(questions.len());
    let today = SystemClock.now().date();
    for question in &questions {
        let ask = Ask { question: question.question.clone(), as_of: question.as_of, today: arguments.as_of.unwrap_or(today), topic: None };
        let begun = Instant::now();
        let outcome = answering.answer_ranking(&ask, arguments.top);
        let took = begun.elapsed();
        figures.add(question, &outcome, took, before.get(&question.id).map(String::as_str));
        if let Some(out) = &mut out {
            let line = RunLine {
                id: &question.id,
                decision: outcome.answer.decision,
                reason: outcome.reason.word(),
                score: outcome.score,
                answer: outcome.answer.text(),
                citations: outcome.answer.citations.iter().map(RunCitation::from).collect(),
                results: &outcome.ranked[..outcome.ranked.len().min(arguments.top)],
                took_us: micros(took),
            };
            serde_json::to_writer(&mut *out, &line)?;
            out.write_all(b"\n")?;
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    if let Some(mut out) = out {
        out.flush()?;
    }
    let snapshot = answering.search().snapshot();
    let size = Size {
        documents: snapshot.documents().len(),
        passages: snapshot.passage_count(),
        build_ms: u64::try_from(build.as_millis()).unwrap_or(u64::MAX),
        index_bytes: snapshot.index_bytes(),
        peak_memory_bytes: peak_memory(),
    };
    if arguments.json {
        say(format_args!("{}", serde_json::to_string_pretty(&figures.as_json(&size))?));
    } else {
        figures.print(&size);
    }
    Ok(())
}

/// The configured knowledge, or the given documents with its words and calendar.
pub fn library(source: &Source, paths: &[PathBuf]) -> anyhow::Result<(Library, Cutting)> {
    let configured = knowledge::load(source)
        .map_err(|problems| anyhow!("知识库有误：\n{}", problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")))?;
    if paths.is_empty() {
        return Ok((configured, Cutting::Passages));
    }
    let corpora = paths.iter().filter(|path| import::corpus::is_corpus(path)).count();
    let mut documents: Vec<Document> = Vec::new();
    if corpora > 0 {
        if corpora < paths.len() {
            bail!("语料（.jsonl）和其他文件不能一起测，请分两次");
        }
        for path in paths {
            documents.extend(import::corpus::read(path)?);
        }
        return Ok((Library::corpus(documents, configured.glossary, configured.calendar), Cutting::Whole));
    }
    let (files, missing) = import::files_under(paths);
    if let Some(missing) = missing.first() {
        bail!("{missing}");
    }
    for file in files {
        documents.push(import::read(&file)?.document);
    }
    Ok((Library::of_documents(documents, configured.glossary, configured.calendar), Cutting::Passages))
}

/// Decisions of an earlier run, by question; none where there was no run.
fn earlier_decisions(path: &Path) -> HashMap<String, String> {
    let Ok(text) = fs::read_to_string(path) else { return HashMap::new() };
    text.lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|line| Some((line.get("id")?.as_str()?.to_owned(), line.get("decision")?.as_str()?.to_owned())))
        .collect()
}

fn progress(length: usize) -> ProgressBar {
    let bar = ProgressBar::new(length as u64);
    if let Ok(style) = ProgressStyle::with_template("测试 {bar:30} {pos}/{len}") {
        bar.set_style(style);
    }
    bar
}

fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// Highest resident memory of this process so far; `None` where the system does not tell.
pub fn peak_memory() -> Option<u64> {
    memory("VmHWM:")
}

/// Resident memory of this process now; `None` where the system does not tell.
pub fn present_memory() -> Option<u64> {
    memory("VmRSS:")
}

fn memory(kind: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(kind))?;
    line.trim().trim_end_matches("kB").trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}
