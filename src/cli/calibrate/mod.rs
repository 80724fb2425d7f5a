//! `taxhome calibrate`: how much each sign counts for answering, fitted on questions with known answers. Writes the decision file, which says
//! on what it was fitted, and a picture of precision against coverage. The same questions and knowledge give the same file.

mod fit;
mod manner;
mod plot;
mod written;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, bail};
use chrono::NaiveDate;

use crate::answering::manner::Manner;
use crate::answering::signals::{MANNER, NAMES};
use crate::answering::{Answering, Ask, Rehearsed};
use crate::cli::eval::{self, questions};
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::knowledge::Source;
use crate::search::{Place, Search};

use fit::{Example, Fit, Origin};
use written::Written;

/// Fewer examples of either kind settle nothing.
const FEWEST: usize = 20;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 题库（JSONL），可以写多个；要有能答的，也要有不该答的
    #[arg(long, value_name = "FILE", required = true)]
    questions: Vec<PathBuf>,
    /// 题目没有写日期时，按哪一天回答
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// 答错一题抵得上少答几题
    #[arg(long, value_name = "N", default_value_t = 2.0)]
    wrong_costs: f64,
    /// 写到哪里
    #[arg(long, value_name = "FILE", default_value = "src/answering/decision.toml")]
    out: PathBuf,
    /// 问法的权重写到哪里
    #[arg(long, value_name = "FILE", default_value = "src/answering/manner.tsv")]
    manner: PathBuf,
    /// 把“答对率随应答率变化”的图画到这个 SVG 文件
    #[arg(long, value_name = "FILE")]
    plot: Option<PathBuf>,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    let source = Source::of(config);
    let hotline = config.desk.hotline.clone();
    tokio::task::spawn_blocking(move || calibrate(&source, &hotline, &arguments)).await.context("calibration task")?
}

fn calibrate(source: &Source, hotline: &str, arguments: &Arguments) -> anyhow::Result<()> {
    let today = arguments.as_of.unwrap_or_else(|| SystemClock.now().date());
    let (library, cutting) = eval::library(source, &[])?;
    let written = Written::of(&library);
    let open = |library| anyhow::Ok(Answering::new(Arc::new(Search::open(Place::Memory, library, cutting)?), hotline));
    let answering = open(library.clone())?;
    let puts = written.puts(&answering, today);
    let manner = manner::learn(&puts);
    let mut examples: Vec<Example> = Vec::new();
    for file in &arguments.questions {
        for question in questions::read(file)? {
            let labelled = question.answerable == Some(false) || !question.must_contain.is_empty();
            let ask = Ask { question: question.question.clone(), as_of: question.as_of, today, topic: None };
            let Some(rehearsed) = labelled.then(|| answering.rehearse(&ask)).flatten() else { continue };
            let right = question.answerable != Some(false) && question.lacks(&rehearsed.outcome.answer.text()).is_empty();
            examples.push(example(&rehearsed, &manner, right, Origin::Labelled));
        }
    }
    let labelled = examples.len();
    let right = examples.iter().filter(|example| example.right).count();
    if right < FEWEST || labelled - right < FEWEST {
        bail!("能答对的有 {right} 题，不该答的有 {} 题；两种都要至少 {FEWEST} 题才能确定分界", labelled - right);
    }
    for fold in 0..written::FOLDS {
        let answering = open(written.without(&library, fold))?;
        // What these questions would be judged by had nobody written them.
        let manner = manner::learn(puts.iter().enumerate().filter(|(at, _)| at % written::FOLDS != fold).map(|(_, put)| put));
        for (document, question, answered) in written.held(fold) {
            let ask = Ask { question: question.to_owned(), as_of: None, today, topic: None };
            if let Some(rehearsed) = answering.rehearse(&ask) {
                examples.push(example(&rehearsed, &manner, answered && rehearsed.document == document, Origin::Written));
            }
        }
    }
    let fit = fit::fit(&examples);
    // Judged by folds: no question is judged by weights that were fitted on it.
    let judged = fit::by_folds(&examples);
    let curve = fit::curve(&judged);
    let chosen = fit::best(&curve, arguments.wrong_costs);
    let on = format!(
        "{labelled} questions of {} that reach a passage ({right} answered right, {} not to be answered or answered wrong), each counted {} times, and {} written beside the documents",
        names(arguments),
        labelled - right,
        fit::LABELLED_WEIGHT,
        examples.len() - labelled
    );
    write(&arguments.out, &decision_file(&fit, chosen.threshold, arguments, &on))?;
    write(&arguments.manner, &manner_file(&manner, puts.len()))?;
    if let Some(path) = &arguments.plot {
        write(path, &plot::svg(&curve, &chosen))?;
    }
    say(format_args!("题目 {labelled}（可答对 {right}，不该答或答不对 {}），文件旁的问法 {}", labelled - right, examples.len() - labelled));
    say(format_args!(
        "分界 {:.3}：应答率 {:.1}%，所答中正确 {:.1}%，能答的排在不该答的前面 {:.1}%（交叉验证）",
        chosen.threshold,
        chosen.coverage * 100.0,
        chosen.precision * 100.0,
        fit::ordered(&judged) * 100.0
    ));
    for (name, weight) in NAMES.iter().zip(fit.weights) {
        say(format_args!("  {name:<14}{weight:>8.3}"));
    }
    say(format_args!("已写入 {} 和 {}；重新编译后生效", arguments.out.display(), arguments.manner.display()));
    Ok(())
}

/// An example of what was rehearsed, its manner judged by `manner`.
fn example(rehearsed: &Rehearsed, manner: &Manner, right: bool, origin: Origin) -> Example {
    let mut values = rehearsed.signals.values.map(f64::from);
    values[MANNER] = f64::from(manner.likelihood(&rehearsed.manner));
    Example { values, right, origin }
}

fn write(path: &Path, content: &str) -> anyhow::Result<()> {
    fs::write(path, content).with_context(|| format!("无法写入 {}", path.display()))
}

fn names(arguments: &Arguments) -> String {
    let names: Vec<String> =
        arguments.questions.iter().map(|path| path.file_name().unwrap_or_default().to_string_lossy().into_owned()).collect();
    names.join(", ")
}

fn manner_file(manner: &Manner, written: usize) -> String {
    format!(
        "# Written by `taxhome calibrate`; not by hand. Logistic regression on the signs of src/answering/manner.rs.\n\
         # Learned from {written} questions written beside the documents, which answer some and leave the others open.\n{}",
        manner.table()
    )
}

fn decision_file(fit: &Fit, threshold: f64, arguments: &Arguments, on: &str) -> String {
    let mut file = format!(
        "# Written by `taxhome calibrate`; not by hand. Logistic regression on the signs of src/answering/signals.rs.\n\
         # Fitted on {on}.\n\
         # The threshold is the best of five folds of the former where a wrong answer costs {} missed ones.\n\
         threshold = {threshold:.4}\nintercept = {:.4}\n\n[weights]\n",
        arguments.wrong_costs, fit.intercept
    );
    for (name, weight) in NAMES.iter().zip(fit.weights) {
        file.push_str(&format!("{name} = {weight:.4}\n"));
    }
    file
}
