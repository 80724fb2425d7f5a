//! `taxhome check`: configuration, `knowledge/` and `broadcasts/`: file, line, field, and what to write instead; what contradicts what;
//! and with `--due` what must be looked at again. The configuration was validated before any command runs; what it names is looked at here.

use std::collections::HashMap;

use anyhow::bail;
use serde_json::json;

use crate::answering;
use crate::broadcasts::Files;
use crate::broadcasts::campaigns::open_days;
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::domain::document::Document;
use crate::domain::workday::WorkCalendar;
use crate::knowledge::{self, Due, DueKind, Library, NOTICE_DAYS, Problem, Source};
use crate::replies::quizzes as words;
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 同时列出快到期和该复核的文件
    #[arg(long)]
    due: bool,
    /// 提前多少天列出
    #[arg(long, value_name = "DAYS", default_value_t = NOTICE_DAYS, value_parser = clap::value_parser!(u32).range(0..=366))]
    days: u32,
    /// 输出 JSON
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, Default)]
struct Findings {
    /// One line for each part that is well.
    well: Vec<String>,
    contradictions: Vec<String>,
    /// Days of plans that wait for a calendar.
    open: Vec<String>,
    due: Vec<Due>,
    problems: Vec<Problem>,
}

/// Prints every problem found; fails if there is one.
pub async fn run(config: &Config, arguments: &Arguments) -> anyhow::Result<()> {
    let mut findings = Findings::default();
    let mut calendar = WorkCalendar::default();
    let mut documents_by_id: HashMap<String, Document> = HashMap::new();
    match knowledge::load(&Source::of(config)) {
        Ok(library) => {
            calendar = library.calendar.clone();
            documents_by_id = library.documents.iter().map(|document| (document.id.clone(), document.clone())).collect();
            let (documents, words) = (library.documents.len(), library.glossary.entries.len());
            findings.well.push(format!("知识库：{documents} 份文件，{words} 条日常用语，格式没有问题"));
            let known = with_imported(config, library).await?;
            findings.contradictions = knowledge::contradictions(&known);
            if arguments.due {
                findings.due = knowledge::due(&known, SystemClock.now().date(), arguments.days);
            }
        }
        Err(found) => findings.problems.extend(found),
    }
    match Files::load(config) {
        Ok(files) => {
            findings.well.push(format!("通知模板和计划：{} 份宣传月计划，没有问题", files.campaigns.len()));
            for (name, plan) in &files.campaigns {
                let open = open_days(plan, &calendar);
                findings.open.extend(open.into_iter().map(|what| format!("broadcasts/campaigns/{name}.toml：{what}")));
            }
            for (name, bank) in &files.quizzes {
                for (index, item) in bank.items.iter().enumerate() {
                    if let Err(blocked) = item.standing(documents_by_id.get(&item.document), SystemClock.now().date()) {
                        let why = words::in_item(index, &words::blocked(blocked, &item.document));
                        findings.open.push(format!("broadcasts/quizzes/{name}.toml：{why}"));
                    }
                }
            }
        }
        Err(found) => findings.problems.extend(found.into_iter().map(|problem| {
            let crate::broadcasts::Problem { file, line, field, message } = problem;
            Problem { file, line, field, message }
        })),
    }
    if arguments.json {
        say(serde_json::to_string_pretty(&findings.as_json())?);
    } else {
        findings.print(arguments);
    }
    match findings.problems.len() {
        0 => Ok(()),
        many => bail!("共有 {many} 处需要修改"),
    }
}

/// The documents of the files and those that staff imported; a data folder that is not there yet is not made.
async fn with_imported(config: &Config, library: Library) -> anyhow::Result<Vec<Document>> {
    if !config.data_dir.exists() {
        return Ok(library.documents);
    }
    let store = Store::open(&config.database_url()).await?;
    let library = answering::library(config, &store).await?;
    store.close().await;
    Ok(library.documents)
}

impl Findings {
    fn print(&self, arguments: &Arguments) {
        self.well.iter().for_each(say);
        self.contradictions.iter().for_each(|hint| say(format_args!("  请核对  {hint}")));
        self.open.iter().for_each(|what| say(format_args!("  待补充  {what}")));
        if arguments.due && self.due.is_empty() {
            say(format_args!("{} 天内没有到期或该复核的文件", arguments.days));
        }
        for due in &self.due {
            let why = match due.kind {
                DueKind::Expiry => "执行到期",
                DueKind::Review => "该复核",
            };
            let resting = if due.verified.is_empty() {
                String::new()
            } else {
                format!("；审定答复 {} 以它为依据", due.verified.join("、"))
            };
            say(format_args!("  {} {why}  {}《{}》{resting}", due.on, due.document, due.title));
        }
        if self.problems.is_empty() {
            say("配置：没有问题");
        }
        self.problems.iter().for_each(say);
    }

    fn as_json(&self) -> serde_json::Value {
        let problem =
            |problem: &Problem| json!({"file": problem.file, "line": problem.line, "field": problem.field, "message": problem.message});
        json!({
            "ok": self.problems.is_empty(),
            "problems": self.problems.iter().map(problem).collect::<Vec<_>>(),
            "contradictions": self.contradictions,
            "open": self.open,
            "due": self.due,
        })
    }
}
