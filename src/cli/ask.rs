//! `taxhome ask`: one question on the command line, answered exactly as in a chat.

use anyhow::Context;
use chrono::NaiveDate;

use crate::answering::{self, Ask, Outcome, Responded};
use crate::cli::print::say;
use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::replies::answers;
use crate::store::Store;

#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// 问题
    #[arg(required = true)]
    question: Vec<String>,
    /// 按哪一天的规定回答，例如 2025-06-15
    #[arg(long, value_name = "DATE")]
    as_of: Option<NaiveDate>,
    /// 说明是怎么得出答案的
    #[arg(long)]
    explain: bool,
    /// 输出 JSON
    #[arg(long)]
    json: bool,
}

pub async fn run(config: &Config, arguments: Arguments) -> anyhow::Result<()> {
    std::fs::create_dir_all(&config.data_dir).with_context(|| format!("无法创建数据文件夹 {}", config.data_dir.display()))?;
    let store = Store::open(&config.database_url()).await?;
    let (answering, _) = answering::open(config, &store).await?;
    let now = SystemClock.now();
    let ask = Ask { question: arguments.question.join(" "), as_of: arguments.as_of, today: now.date(), topic: None };
    let Responded { outcome, wording } = answering.respond(ask.clone(), now).await.context("answering task")?;
    let mut explanation = None;
    if arguments.explain {
        let mut lines = tokio::task::spawn_blocking(move || answering.explain(&ask)).await.context("answering task")?;
        lines.extend(wording);
        explanation = Some(lines);
    }
    store.close().await;
    if arguments.json {
        say(format_args!("{}", serde_json::to_string_pretty(&as_json(&outcome, explanation.as_deref()))?));
    } else {
        print(&outcome, explanation.as_deref());
    }
    Ok(())
}

fn as_json(outcome: &Outcome, explanation: Option<&[String]>) -> serde_json::Value {
    let answer = &outcome.answer;
    let mut value = serde_json::json!({
        "id": answer.id,
        "decision": answer.decision,
        "reason": outcome.reason.word(),
        "answer": answer.text(),
        "lead": answer.lead,
        "details": answer.details,
        "citations": answer.citations,
        "suggestions": answer.suggestions,
        "as_of": answer.as_of,
        "caution": answer.caution,
        "understood_as": answer.understood_as,
        "score": outcome.score,
    });
    if let Some(explanation) = explanation {
        value["explanation"] = serde_json::json!(explanation);
        value["ranked"] = serde_json::json!(outcome.ranked.iter().take(10).collect::<Vec<_>>());
    }
    value
}

fn print(outcome: &Outcome, explanation: Option<&[String]>) {
    let answer = &outcome.answer;
    if let Some(text) = &answer.understood_as {
        say(format_args!("{}", answers::understood_as(text)));
    }
    say(format_args!("{}", answer.text()));
    for citation in &answer.citations {
        say(format_args!("\n{}", answers::source_line(citation)));
    }
    if !answer.citations.is_empty() {
        say(format_args!("\n{}", answer.caution));
    }
    if !answer.suggestions.is_empty() {
        say(format_args!("\n{}", answers::suggestions_title(answer.decision)));
        for question in &answer.suggestions {
            say(format_args!("  {question}"));
        }
    }
    if let Some(explanation) = explanation {
        say(format_args!("\n{}", explanation.join("\n")));
    }
}
