//! `taxhome learn`: the word bridge from confirmed pairs, or with `--vectors` the nearness of words from the texts. What it gains is measured by
//! folds, on questions it did not learn from, and shown; only what gains is kept.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use chrono::NaiveDate;
use serde_json::{Value, json};

use crate::answering::learning::{self, Confirmed};
use crate::answering::{Answering, Ask, vectors};
use crate::cli::eval::questions::{self, Gold, Question};
use crate::cli::eval::{self, Figures};
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::knowledge::{Library, Source};
use crate::search::{Cutting, Place, Search, Vectors};
use crate::store::{Store, documents, questions as asked};

/// Fewer pairs teach nothing that could be measured.
const FEWEST: usize = 20;
/// Passages ranked for a question.
const RANKED: usize = 100;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 再从这些题库（JSONL，写明 relevant 或 gold）里学，可以写多个
    #[arg(long, value_name = "FILE")]
    questions: Vec<PathBuf>,
    /// 只就这些文件学和测：文件夹、文件或 .jsonl[.gz] 语料；这时不写入数据文件夹
    #[arg(long, value_name = "PATH")]
    documents: Vec<PathBuf>,
    /// 不学口语词，改从全部段落学词向量（意思相近的排得更前）；段落多的知识库才有用
    #[arg(long)]
    vectors: bool,
    /// 分几份轮流检验
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(2..=20))]
    folds: u16,
    /// 写到哪里；不写则放进数据文件夹，服务随即使用
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// 输出 JSON
    #[arg(long)]
    json: bool,
}

/// Where the pairs come from.
#[derive(Debug)]
struct Pairs {
    all: Vec<Confirmed>,
    curated: usize,
    useful: usize,
    labelled: usize,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let source = Source::of(config);
    let (mut published, mut useful) = (Vec::new(), Vec::new());
    let mut out = arguments.out.clone();
    if arguments.documents.is_empty() {
        fs::create_dir_all(&config.data_dir).with_context(|| format!("无法创建数据文件夹 {}", config.data_dir.display()))?;
        let store = Store::open(&config.database_url()).await?;
        published = documents::published(&mut *store.read().await?).await?;
        useful = asked::found_useful(&mut *store.read().await?).await?;
        store.close().await;
        let file = if arguments.vectors { vectors::vectors_file } else { learning::bridge_file };
        out.get_or_insert_with(|| file(&config.data_dir));
    }
    let hotline = config.desk.hotline.clone();
    let learning = move || {
        let (library, cutting) = eval::library(&source, &arguments.documents)?;
        let library = library.with(published);
        learn(&library, cutting, useful, &hotline, out, &arguments)
    };
    tokio::task::spawn_blocking(learning).await.context("learning task")?
}

fn learn(
    library: &Library,
    cutting: Cutting,
    useful: Vec<asked::FoundUseful>,
    hotline: &str,
    out: Option<PathBuf>,
    arguments: &Arguments,
) -> anyhow::Result<()> {
    let whole = Answering::new(Arc::new(Search::open(Place::Memory, library.clone(), cutting)?), hotline);
    let snapshot = whole.search().snapshot();
    let mut pairs = Pairs { all: learning::curated(&snapshot), curated: 0, useful: useful.len(), labelled: 0 };
    pairs.curated = pairs.all.len();
    pairs.all.extend(useful.into_iter().map(|found| Confirmed::new(found.question, found.document)));
    for file in &arguments.questions {
        for question in questions::read(file)? {
            let before = pairs.all.len();
            let of_gold = |gold: Gold| Confirmed { question: question.question.clone(), document: gold.law, article: Some(gold.article) };
            pairs.all.extend(question.gold.into_iter().map(of_gold));
            pairs.all.extend(question.relevant.into_iter().map(|id| Confirmed::new(question.question.clone(), id)));
            pairs.labelled += pairs.all.len() - before;
        }
    }
    if pairs.all.len() < FEWEST {
        bail!("只有 {} 对确认过的问题和文件，至少要 {FEWEST} 对才学得到东西", pairs.all.len());
    }
    let today = SystemClock.now().date();
    let taught = if arguments.vectors { Some(Vectors::learn(&snapshot)?) } else { None };
    let [before, after] = by_folds(&whole, library, cutting, &pairs, taught.as_ref(), arguments.folds, today)?;
    let gains = after.ndcg() > before.ndcg();
    let written = out.filter(|_| gains);
    let unwritable = || format!("无法写入 {}", written.as_deref().unwrap_or(Path::new("")).display());
    let words = match taught {
        Some(taught) => {
            written.as_deref().map_or(Ok(()), |file| vectors::write(file, &taught)).with_context(unwritable)?;
            taught.len()
        }
        None => {
            let of_labelled = |pair: &Confirmed| [pair.question.clone(), pair.document.clone(), pair.article.clone().unwrap_or_default()];
            let labelled = pairs.all[pairs.curated + pairs.useful..].iter().map(of_labelled).collect();
            let meanings = learning::learn(&snapshot, &pairs.all).with_labelled(labelled);
            written.as_deref().map_or(Ok(()), |file| learning::write(file, &meanings)).with_context(unwritable)?;
            meanings.len()
        }
    };
    let of = |figures: &Figures| json!({"ndcg_at_10": figures.ndcg(), "recall_at_100": figures.recall_at_100()});
    let report = json!({
        "pairs": {"all": pairs.all.len(), "curated": pairs.curated, "useful": pairs.useful, "labelled": pairs.labelled},
        "words": words,
        "folds": arguments.folds,
        "before": of(&before),
        "after": of(&after),
        "gains": gains,
        "written": written,
    });
    if arguments.json {
        say(format_args!("{}", serde_json::to_string_pretty(&report)?));
    } else {
        print(&report);
    }
    Ok(())
}

/// Figures without and with what was learned, each question judged by what was learned from the others, and not found by itself. Vectors are
/// learned from texts alone: all questions are others.
fn by_folds(
    whole: &Answering,
    library: &Library,
    cutting: Cutting,
    pairs: &Pairs,
    vectors: Option<&Vectors>,
    folds: u16,
    today: NaiveDate,
) -> anyhow::Result<[Figures; 2]> {
    let asked = together(&pairs.all);
    let curated: HashSet<&str> = pairs.all[..pairs.curated].iter().map(|pair| pair.question.as_str()).collect();
    let (mut before, mut after) = (Figures::default(), Figures::default());
    for fold in 0..usize::from(folds) {
        let held: Vec<&Question> = asked.iter().skip(fold).step_by(usize::from(folds)).collect();
        let held_out: HashSet<&str> = held.iter().map(|question| question.question.as_str()).collect();
        let rest: Vec<Confirmed> = pairs.all.iter().filter(|pair| !held_out.contains(pair.question.as_str())).cloned().collect();
        let answering = if held_out.iter().any(|question| curated.contains(question)) {
            let mut less = library.clone();
            less.documents.iter_mut().for_each(|document| document.questions.retain(|question| !held_out.contains(question.as_str())));
            Answering::new(Arc::new(Search::open(Place::Memory, less, cutting)?), "")
        } else {
            whole.clone()
        };
        let search = answering.search();
        for (figures, taught) in [(&mut before, false), (&mut after, true)] {
            match vectors {
                _ if !taught => {}
                Some(vectors) => search.compare(vectors.clone())?,
                None => search.cross(Some(&learning::learn(&search.snapshot(), &rest))),
            }
            for question in &held {
                let ask = Ask { question: question.question.clone(), as_of: None, today, topic: None };
                figures.add(question, &answering.answer_ranking(&ask, RANKED), Duration::ZERO, None);
            }
        }
        search.without_vectors();
        search.cross(None);
    }
    Ok([before, after])
}

/// Each question once, with all that answers it.
fn together(pairs: &[Confirmed]) -> Vec<Question> {
    let mut asked: Vec<Question> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for pair in pairs {
        let at = *places.entry(pair.question.as_str()).or_insert_with(|| {
            asked.push(Question::of(pair.question.clone()));
            asked.len() - 1
        });
        match &pair.article {
            Some(article) => asked[at].gold.push(Gold { law: pair.document.clone(), article: article.clone() }),
            None => asked[at].relevant.push(pair.document.clone()),
        }
    }
    asked
}

fn print(report: &Value) {
    let pairs = &report["pairs"];
    say(format_args!(
        "确认过的问题和文件 {} 对：知识库里的问法 {}，被评为有用的 {}，题库 {}",
        pairs["all"], pairs["curated"], pairs["useful"], pairs["labelled"]
    ));
    say(format_args!("分 {} 份轮流检验，都用没有学过的问题：", report["folds"]));
    for (name, figures) in [("学之前", &report["before"]), ("学之后", &report["after"])] {
        let figure = |key: &str| figures[key].as_f64().unwrap_or_default();
        say(format_args!("  {name}  nDCG@10 {:.4}  recall@100 {:.4}", figure("ndcg_at_10"), figure("recall_at_100")));
    }
    match (report["written"].as_str(), report["gains"].as_bool()) {
        (Some(file), _) => say(format_args!("学到 {} 个词，已写入 {file}", report["words"])),
        (None, Some(true)) => say(format_args!("学到 {} 个词；没有写文件，要写请加 --out", report["words"])),
        (None, _) => say(format_args!("没有提高，不写；检索照旧")),
    }
}
