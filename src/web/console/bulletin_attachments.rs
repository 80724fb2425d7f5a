//! The attachments of a bulletin on its page: what is there, adding and taking away.

use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::response::Response;

use super::bulletins::HERE;
use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Fold, Table};
use super::{Frame, Pages, done, sheet};
use crate::broadcasts::Actor;
use crate::domain::attachment::{MOST, PDF_BYTES, PICTURE_BYTES, size};
use crate::domain::bulletin::{Bulletin, Step};
use crate::domain::staff::Permission;
use crate::replies::console_pages::bulletin_attachments as text;
use crate::replies::problems;
use crate::web::State;
use crate::web::api::attachments::{read_attachment, served};
use crate::web::extract::{JSON_BYTES, Path};
use crate::web::problem::ApiError;
use crate::web::session::Session;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .upload("/console/bulletins/{id}/attachments", Permission::WriteBulletins, PDF_BYTES + JSON_BYTES, add)
        .get("/console/bulletins/{id}/attachments/{attachment}", Permission::Read, open)
        .post("/console/bulletins/{id}/attachments/{attachment}/remove", Permission::WriteBulletins, remove)
}

/// The attachments, and the form to add one while that is possible; a refused form stands open.
pub(super) fn block(session: &Session, bulletin: &Bulletin, refused: Option<Form>) -> String {
    let may = session.may(Permission::WriteBulletins) && bulletin.state.after(Step::Edit).is_some();
    if bulletin.attachments.is_empty() && !may {
        return String::new();
    }
    let mut table = Table::new(text::TITLE, &text::HEADS, Empty::new(text::NONE, ""));
    for attachment in &bulletin.attachments {
        let path = format!("{HERE}/{}/attachments/{}", bulletin.id, attachment.id);
        let remove = may.then(|| Action::send(format!("{path}/remove"), text::REMOVE, &session.csrf).danger());
        table.row(vec![
            Cell::link(path, attachment.name.clone()),
            Cell::quiet(size(attachment.bytes)),
            Cell::Actions(remove.into_iter().collect()),
        ]);
    }
    let mut shown = if bulletin.attachments.is_empty() { String::new() } else { table.to_string() };
    if may && bulletin.attachments.len() < MOST {
        shown.push_str(&match refused {
            Some(form) => Fold::opened(text::ADD_ONE, &form).to_string(),
            None => Fold::closed(text::ADD_ONE, &form(session, &bulletin.id)).to_string(),
        });
    }
    shown
}

fn form(session: &Session, id: &str) -> Form {
    let megabytes = |bytes: usize| bytes / 1024 / 1024;
    let hint = text::limits(megabytes(PICTURE_BYTES), megabytes(PDF_BYTES), MOST);
    Form::new(session, format!("{HERE}/{id}/attachments"), text::ADD)
        .field(Field::file("file", text::TITLE, ".png,.jpg,.jpeg,.pdf").hint(&hint).required())
}

async fn add(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    sent: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let sent = sent.map_err(|_| ApiError::WrongType(problems::not_multipart()))?;
    let kept = match read_attachment(sent).await {
        Ok((name, file)) => {
            state.broadcasts.attach(&id, &name, file, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from)
        }
        Err(error) => Err(error),
    };
    match kept {
        Ok(_) => done(&state, &session, &format!("{HERE}/{id}"), text::ADDED).await,
        Err(error) => {
            let form = form(&session, &id).refused(error)?;
            let bulletin = state.broadcasts.bulletin(&id).await?;
            let back = Actions(vec![Action::open(format!("{HERE}/{id}"), text::BACK)]);
            sheet(Frame::of(&session, HERE, text::ADD_ONE), vec![back.to_string(), block(&session, &bulletin, Some(form))])
        }
    }
}

async fn open(Extract(state): Extract<State>, Path((id, attachment)): Path<(String, String)>) -> Result<Response, ApiError> {
    let bulletin = state.broadcasts.bulletin(&id).await?;
    let (attachment, file) = state.broadcasts.attachment(&bulletin, &attachment).await?;
    served(&attachment, file)
}

async fn remove(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    state.broadcasts.detach(&id, &attachment, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("{HERE}/{id}"), text::REMOVED).await
}
