//! A person's own data, on their request: how much is kept, as a file for them, and no longer. Staff see counts, never the texts.
//! One rule: every look is on record, with what the person showed and why.

use axum::extract::State as Extract;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::form::{Field, Form};
use super::widgets::{Cell, Confirm, Empty, Fold, Note, Table};
use super::{Frame, Pages, confirm, done, sheet};
use crate::domain::personal::{Found, Reference};
use crate::domain::staff::Permission;
use crate::replies::{people as words, privacy};
use crate::store::personal::Who;
use crate::store::{Tx, audit, people};
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/people";
const LONGEST_NUMBER: usize = 64;
const LONGEST_REASON: usize = 200;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::ManageUsers, page)
        .post(HERE, Permission::ManageUsers, look)
        .post("/console/people/export", Permission::ManageUsers, export)
        .post("/console/people/forget", Permission::ManageUsers, forget)
}

/// Who was asked for, and why.
struct Asked {
    reference: Reference,
    number: String,
    reason: String,
}

async fn page(session: Session) -> Result<Response, ApiError> {
    let form = look_form(&session);
    sheet(Frame::of(&session, HERE, words::title()), vec![purpose(), form.to_string()])
}

/// How much is kept; a form is sent, so that no number stands in an address.
async fn look(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    match found(&state, &mut tx, &fields).await {
        Ok((asked, _, kept)) => {
            record(&mut tx, &state, &session, "person.look", &asked, &counts(&kept)).await?;
            tx.commit().await?;
            shown(&session, &asked, &kept)
        }
        Err(error) => {
            drop(tx);
            let status = error.status();
            let form = look_form(&session).filled(&fields).refused(error)?;
            let page = sheet(Frame::of(&session, HERE, words::title()), vec![purpose(), form.to_string()])?;
            Ok((status, page).into_response())
        }
    }
}

/// All of it as a file, to be handed to the person.
async fn export(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    let (asked, _, kept) = found(&state, &mut tx, &fields).await?;
    record(&mut tx, &state, &session, "person.export", &asked, &counts(&kept)).await?;
    tx.commit().await?;
    let text = serde_json::to_string_pretty(&kept).map_err(|error| ApiError::Internal(error.into()))?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"personal-data.json\"")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, text).into_response())
}

/// Asks first, then forgets the person and tells them.
async fn forget(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    let (asked, who, kept) = found(&state, &mut tx, &fields).await?;
    if fields.text("sure") != "yes" {
        drop(tx);
        let rows = kept.iter().map(|found| found.rows.len()).sum();
        let mut hidden = hidden(&asked);
        hidden.push(("reason".to_owned(), asked.reason.clone()));
        hidden.push(("sure".to_owned(), "yes".to_owned()));
        let ask = Confirm {
            text: words::are_you_sure(rows, &privacy::consequences()),
            action: format!("{HERE}/forget"),
            csrf: session.csrf.clone(),
            hidden,
            label: words::forget_sure().to_owned(),
            back: HERE.to_owned(),
        };
        return confirm(Frame::of(&session, HERE, words::title()), &ask);
    }
    let outcome = state.conversation.forget_for(&mut tx, &who, state.clock.now()).await?;
    record(&mut tx, &state, &session, "person.forget_for", &asked, &counts(&kept)).await?;
    tx.commit().await?;
    let staying: Vec<String> = outcome.staying.iter().filter_map(|table| privacy::why_it_stays(table)).collect();
    done(&state, &session, HERE, &words::forgotten(&outcome, &staying)).await
}

/// The person behind what was typed, and what is kept of them.
async fn found(state: &State, tx: &mut Tx, fields: &Fields) -> Result<(Asked, Who, Vec<Found>), ApiError> {
    let reference = Reference::parse(fields.text("by")).ok_or_else(|| ApiError::invalid("by", words::wrong_reference()))?;
    let number = fields.text("number").trim();
    let reason = fields.text("reason").trim();
    let plain = match reference {
        Reference::Telegram => number.bytes().all(|byte| byte.is_ascii_digit()),
        Reference::Inquiry | Reference::Suggestion | Reference::Certificate => true,
    };
    if number.is_empty() || number.chars().count() > LONGEST_NUMBER || !plain {
        return Err(ApiError::invalid("number", words::nobody(reference)));
    }
    if reason.is_empty() || reason.chars().count() > LONGEST_REASON {
        return Err(ApiError::invalid("reason", words::say_why(LONGEST_REASON)));
    }
    let who = people::find(tx, reference, number).await?.ok_or_else(|| ApiError::invalid("number", words::nobody(reference)))?;
    let kept = state.conversation.kept_of(tx, &who, state.clock.now()).await?;
    let reason = state.answering.without_secrets(reason);
    Ok((Asked { reference, number: number.to_owned(), reason }, who, kept))
}

fn shown(session: &Session, asked: &Asked, kept: &[Found]) -> Result<Response, ApiError> {
    let (title, text) = words::nothing_kept();
    let mut table = Table::new(words::title(), &words::heads(), Empty::new(title, &text).link(HERE, words::look_button()));
    for found in kept {
        let staying = if found.staying > 0 { found.staying.to_string() } else { "—".to_owned() };
        table.row(vec![Cell::text(privacy::of_somebody(found.table)), Cell::text(found.rows.len().to_string()), Cell::quiet(staying)]);
    }
    let mut blocks = vec![table.to_string()];
    if !kept.is_empty() {
        let form = |path: &str, button: &str| {
            let form = hidden(asked)
                .iter()
                .fold(Form::new(session, format!("{HERE}/{path}"), button), |form, (name, value)| form.hidden(name, value));
            form.field(reason().value(asked.reason.clone()))
        };
        blocks.push(Fold::closed(words::export_heading(), &form("export", words::export_button())).to_string());
        blocks.push(Fold::closed(words::forget_heading(), &form("forget", words::forget_button())).to_string());
    }
    sheet(Frame::of(session, HERE, words::title()), blocks)
}

fn purpose() -> String {
    Note { title: String::new(), text: words::purpose() }.to_string()
}

fn look_form(session: &Session) -> Form {
    Form::new(session, HERE, words::look_button())
        .field(Field::choice("by", words::by_label(), Reference::ALL.map(|by| (by.word(), words::reference(by)))))
        .field(Field::text("number", words::number_label()).required().most(LONGEST_NUMBER))
        .field(reason())
}

fn reason() -> Field {
    Field::text("reason", words::reason_label()).hint(&words::reason_hint()).required().most(LONGEST_REASON)
}

fn hidden(asked: &Asked) -> Vec<(String, String)> {
    vec![("by".to_owned(), asked.reference.word().to_owned()), ("number".to_owned(), asked.number.clone())]
}

/// Tables with how many rows: what is on record, and all that staff see.
fn counts(kept: &[Found]) -> String {
    kept.iter().map(|found| format!("{} {}", found.table, found.rows.len())).collect::<Vec<_>>().join(", ")
}

/// Writes down who did what, why, by which number; an id at a platform is no number of ours and is left out.
async fn record(tx: &mut Tx, state: &State, session: &Session, action: &str, asked: &Asked, counts: &str) -> sqlx::Result<()> {
    let subject = match asked.reference {
        Reference::Telegram => asked.reference.word(),
        Reference::Inquiry | Reference::Suggestion | Reference::Certificate => asked.number.as_str(),
    };
    let detail = format!("{}（{counts}）", asked.reason);
    audit::record(tx, &session.staff.name, action, subject, &detail, state.clock.now()).await
}
