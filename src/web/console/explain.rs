//! Why the service answers as it does (F24): ask as a taxpayer would, and see what was understood, found and weighed.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use chrono::NaiveDate;
use serde::Deserialize;

use super::form::{Field, Form};
use super::widgets::{Cell, Empty, Facts, Table};
use super::{Frame, Pages, html};
use crate::answering::{Ask, MAX_QUESTION_CHARACTERS, Responded};
use crate::domain::answer::Decision;
use crate::domain::staff::Permission;
use crate::replies::console_pages::explain as text;
use crate::replies::{answers, console};
use crate::web::State;
use crate::web::extract::Query;
use crate::web::problem::ApiError;
use crate::web::session::Session;

const PATH: &str = "/console/explain";
/// Passages shown, the best first.
const SHOWN: usize = 10;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(PATH, Permission::Read, page)
}

/// What is asked.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    q: String,
    #[serde(default)]
    as_of: String,
}

#[derive(Template)]
#[template(path = "console/explain.html", config = "src/web/askama.toml")]
struct Explained {
    frame: Frame,
    form: Form,
    found: Option<Found>,
}

struct Found {
    facts: Facts,
    answer: String,
    sources: Vec<String>,
    ranked: Table,
    lines: Vec<String>,
}

async fn page(Extract(state): Extract<State>, session: Session, Query(wanted): Query<Wanted>) -> Result<Response, ApiError> {
    let form = Form::search(PATH, text::ASK)
        .field(Field::text("q", text::QUESTION).value(wanted.q.clone()).required().most(MAX_QUESTION_CHARACTERS))
        .field(Field::date("as_of", text::AS_OF).value(wanted.as_of.clone()));
    let as_of = wanted.as_of.trim();
    let date: Option<NaiveDate> = as_of.parse().ok();
    let question = wanted.q.trim().to_owned();
    let frame = Frame::of(&session, PATH, text::TITLE);
    if !as_of.is_empty() && date.is_none() {
        let form = form.refused(ApiError::invalid("as_of", console::wrong_date()))?;
        return html(&Explained { frame, form, found: None });
    }
    if question.is_empty() {
        return html(&Explained { frame, form, found: None });
    }
    let now = state.clock.now();
    let ask = Ask { question, as_of: date, today: now.date(), topic: None };
    let Responded { outcome, wording } =
        state.answering.respond(ask.clone(), now).await.map_err(|error| ApiError::Internal(error.into()))?;
    let answering = state.answering.clone();
    let explained = tokio::task::spawn_blocking(move || answering.explain(&ask)).await;
    let mut lines = explained.map_err(|error| ApiError::Internal(error.into()))?;
    lines.extend(wording);
    let decision = match outcome.answer.decision {
        Decision::Answered => Cell::badge("good", text::ANSWERED),
        Decision::Clarify => Cell::badge("wait", text::CLARIFY),
        Decision::Abstained => Cell::badge("bad", text::ABSTAINED),
    };
    let mut facts = vec![
        (text::DECISION.to_owned(), decision),
        (text::SCORE.to_owned(), Cell::text(format!("{:.2}", outcome.score))),
        (text::READ_AS.to_owned(), Cell::text(if outcome.asked.is_empty() { "—" } else { &outcome.asked })),
        (text::REASON.to_owned(), Cell::text(outcome.reason.word())),
    ];
    if let Some(read) = &outcome.answer.understood_as {
        facts.push((text::CORRECTED.to_owned(), Cell::text(read)));
    }
    let mut ranked = Table::new(text::FOUND, &text::HEADS, Empty::new(text::NOTHING, text::NOTHING_NEAR));
    for hit in outcome.ranked.iter().take(SHOWN) {
        let title = Cell::link(format!("/console/documents/{}", hit.document), &hit.title);
        ranked.row(vec![Cell::text(format!("{:.2}", hit.score)), title, Cell::text(hit.article.clone().unwrap_or_default())]);
    }
    let sources = outcome.answer.citations.iter().map(answers::source_line).collect();
    let found = Found { facts: Facts(facts), answer: outcome.answer.text(), sources, ranked, lines };
    html(&Explained { frame, form, found: Some(found) })
}
