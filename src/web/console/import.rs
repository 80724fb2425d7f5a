//! Import with a look first: files are read in the background with their progress shown, the report is judged, and only then they are
//! stored as drafts, each with its bulletin.

use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::response::{IntoResponse, Redirect, Response};
use serde_json::Value;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Note, Progress, Table};
use super::{Frame, Pages, done, html, sheet};
use crate::broadcasts::Actor;
use crate::domain::bulletin::Targets;
use crate::domain::staff::Permission;
use crate::knowledge::import::{self, Report};
use crate::replies::console_pages::import as text;
use crate::replies::{console, problems};
use crate::store::uploads::{self, Upload, UploadState};
use crate::web::State;
use crate::web::api::import::{Readable, known, read_form, store_drafts};
use crate::web::extract::Path;
use crate::web::layers::{CONSOLE_UPLOADS, body_limit};
use crate::web::problem::ApiError;
use crate::web::session::Session;

const PATH: &str = "/console/documents/import";
const DOCUMENTS: &str = "/console/documents";
const ENDINGS: &str = ".md,.txt,.html,.htm,.docx,.pdf,.xlsx";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(PATH, Permission::WriteDocuments, form_page)
        .upload(PATH, Permission::WriteDocuments, body_limit(CONSOLE_UPLOADS), upload)
        .get("/console/documents/import/{id}", Permission::WriteDocuments, report_page)
        .post("/console/documents/import/{id}", Permission::WriteDocuments, import)
}

#[derive(askama::Template)]
#[template(path = "console/reading.html", config = "src/web/askama.toml")]
struct Reading {
    frame: Frame,
    progress: Progress,
}

async fn form_page(session: Session) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, DOCUMENTS, text::TITLE), vec![upload_form(&session).to_string()])
}

fn upload_form(session: &Session) -> Form {
    Form::new(session, PATH, text::CHECK_FIRST)
        .field(Field::file("file", text::FILE, ENDINGS).required().hint(text::FILE_HINT))
        .field(Field::text("tags", text::TAGS).hint(text::TAGS_HINT).most(200))
}

async fn upload(
    Extract(state): Extract<State>,
    session: Session,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let form = form.map_err(|_| ApiError::WrongType(problems::not_multipart()))?;
    let (files, tags) = match read_form(form).await {
        Ok(read) => read,
        Err(error) => {
            let status = error.status();
            let form = upload_form(&session).refused(error)?;
            return Ok((status, sheet(Frame::of(&session, DOCUMENTS, text::TITLE), vec![form.to_string()])?).into_response());
        }
    };
    let many = i64::try_from(files.len()).unwrap_or(i64::MAX);
    let mut tx = state.store.begin().await?;
    let id = uploads::begin(&mut tx, &session.staff.user_id, many, &as_json(&tags)?, state.clock.now()).await?;
    tx.commit().await?;
    let to = Redirect::to(&format!("{PATH}/{id}")).into_response();
    let reading = state.clone();
    tokio::spawn(async move {
        if let Err(error) = read_all(&reading, &id, files).await {
            tracing::error!(error = ?error, upload.id = id, "an upload could not be read");
        }
    });
    Ok(to)
}

/// Reads the files one by one and keeps how far it is.
async fn read_all(state: &State, id: &str, files: Vec<(String, Vec<u8>)>) -> Result<(), ApiError> {
    let mut report = Report::default();
    for (at, (name, bytes)) in files.into_iter().enumerate() {
        let outcome = tokio::task::spawn_blocking(move || import::read_bytes(&name, &bytes)).await;
        report.add(outcome.map_err(|error| ApiError::Internal(error.into()))?);
        let mut tx = state.store.begin().await?;
        uploads::progress(&mut tx, id, i64::try_from(at + 1).unwrap_or(i64::MAX), state.clock.now()).await?;
        tx.commit().await?;
    }
    report.compare(&known(state).await?);
    let found = report.as_json().to_string();
    let readable: Vec<Readable> = report.documents().into_iter().map(Readable::from).collect();
    let mut tx = state.store.begin().await?;
    uploads::read(&mut tx, id, &found, &as_json(&readable)?, state.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn report_page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let upload = own(&state, &session, &id).await?;
    let frame = Frame::of(&session, DOCUMENTS, text::CHECK_TITLE);
    let again = Action::open(PATH, text::CHOOSE_AGAIN);
    match upload.state {
        UploadState::Reading => {
            let progress = Progress { label: text::READING.to_owned(), done: upload.done, of: upload.files };
            html(&Reading { frame, progress })
        }
        UploadState::Failed => {
            let told = Empty::new(text::BROKEN_OFF, text::NOTHING_IMPORTED).link(PATH, text::CHOOSE_AGAIN);
            sheet(frame, vec![told.to_string()])
        }
        UploadState::Imported => {
            sheet(frame, vec![Empty::new(text::IMPORTED, text::LOOK_AT_DRAFTS).link(DRAFTS, text::DRAFTS).to_string()])
        }
        UploadState::Read => {
            let found: Value = serde_json::from_str(&upload.report).map_err(|error| ApiError::Internal(error.into()))?;
            let refused = texts(&found["refused"]);
            let mut blocks = vec![report_table(&found).to_string()];
            if refused.is_empty() {
                blocks.insert(0, Note { title: text::NOT_YET.to_owned(), text: console::look_at_report() }.to_string());
                let go = Action::send(format!("{PATH}/{id}"), text::IMPORT, &session.csrf).first();
                blocks.push(Actions(vec![go, again]).to_string());
            } else {
                blocks.insert(0, Note { title: text::REFUSED.to_owned(), text: refused.join("\n") }.to_string());
                blocks.push(Actions(vec![again.first()]).to_string());
            }
            sheet(frame, blocks)
        }
    }
}

const DRAFTS: &str = "/console/documents?publication=draft";
const QUARANTINED: &str = "/console/documents?publication=quarantined";

fn report_table(found: &Value) -> Table {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut table = Table::new(text::CHECKED, &text::HEADS, Empty::new(text::NOTHING, text::CHOOSE_OTHERS));
    for item in found["items"].as_array().into_iter().flatten() {
        let mut doubts = texts(&item["doubts"]);
        if let Some(other) = item["duplicate_of"].as_str() {
            doubts.push(console::duplicate_of(other));
        }
        let doubts = if doubts.is_empty() { Cell::badge("good", text::NO_DOUBTS) } else { Cell::badge("wait", doubts.join("；")) };
        table.row(vec![
            Cell::quiet(text(&item["file"])),
            Cell::text(text(&item["title"])),
            Cell::text(text(&item["number"])),
            Cell::text(text(&item["effective_from"])),
            Cell::text(item["passages"].to_string()),
            doubts,
        ]);
    }
    table
}

fn texts(list: &Value) -> Vec<String> {
    list.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

async fn import(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let upload = own(&state, &session, &id).await?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    if !uploads::take(&mut tx, &id, now).await? {
        return Err(ApiError::Conflict(console::nothing_to_import()));
    }
    let found: Value = serde_json::from_str(&upload.report).map_err(|error| ApiError::Internal(error.into()))?;
    let refused = texts(&found["refused"]);
    if !refused.is_empty() {
        return Err(ApiError::invalid("file", problems::refused_files(&refused)));
    }
    let readable: Vec<Readable> = serde_json::from_str(&upload.documents).map_err(|error| ApiError::Internal(error.into()))?;
    let tags: Vec<String> = serde_json::from_str(&upload.tags).map_err(|error| ApiError::Internal(error.into()))?;
    let targets = Targets { channels: Vec::new(), tags };
    let stored = store_drafts(&state, &mut tx, &readable, &targets, &Actor::from(&session), now).await?;
    tx.commit().await?;
    let held = stored.iter().filter(|stored| stored.quarantined).count();
    let to = if held == 0 { DRAFTS } else { QUARANTINED };
    done(&state, &session, to, &console::imported(stored.len(), held)).await
}

/// An upload is seen by whoever made it.
async fn own(state: &State, session: &Session, id: &str) -> Result<Upload, ApiError> {
    let upload = uploads::get(&mut *state.store.read().await?, id, state.clock.now()).await?;
    upload.filter(|upload| upload.user_id == session.staff.user_id).ok_or_else(|| ApiError::no_such(text::UPLOAD))
}

fn as_json<T: serde::Serialize>(value: &T) -> Result<String, ApiError> {
    serde_json::to_string(value).map_err(|error| ApiError::Internal(error.into()))
}
