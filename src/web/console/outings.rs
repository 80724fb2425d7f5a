//! An outing of a promotion month: who and what goes, what was counted there, and its photos.

use askama::Template;
use axum::extract::State as Extract;
use axum::extract::multipart::{Multipart, MultipartRejection};
use axum::response::Response;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Facts};
use super::{Frame, Pages, done, html};
use crate::broadcasts::Actor;
use crate::broadcasts::outings::{Outing, PHOTO_BYTES};
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::console_pages::outings as text;
use crate::replies::{campaigns as words, problems};
use crate::store::outings::OutingResult;
use crate::web::State;
use crate::web::api::outings::{picture, read_photo, served};
use crate::web::extract::{JSON_BYTES, Path};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/console/outings/{id}", Permission::Read, page)
        .post("/console/outings/{id}/result", Permission::WriteCampaigns, record)
        .upload("/console/outings/{id}/photos", Permission::WriteCampaigns, PHOTO_BYTES + JSON_BYTES, add_photo)
        .get("/console/photos/{id}", Permission::Read, photo)
        .get("/console/photos/{id}/small", Permission::Read, small)
        .post("/console/outings/{id}/photos/{photo}/remove", Permission::WriteCampaigns, remove_photo)
}

#[derive(Template)]
#[template(path = "console/outing.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    blocks: Vec<String>,
    photos: Vec<Shown>,
    upload: String,
}

struct Shown {
    path: String,
    caption: String,
    remove: Option<Action>,
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    show(&state, &session, &id, None, None).await
}

fn result_form(session: &Session, outing: &Outing) -> Form {
    let counted = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let result = outing.result.as_ref();
    Form::new(session, format!("/console/outings/{}/result", outing.stored.id), text::SAVE)
        .field(Field::number("visitors", text::VISITORS).value(counted(result.map(|result| result.visitors))).required())
        .field(Field::number("inquiries", text::INQUIRIES).value(counted(result.map(|result| result.inquiries))))
        .field(Field::number("handouts", text::HANDOUTS_FIELD).value(counted(result.map(|result| result.handouts))))
        .field(Field::long("note", text::NOTE).value(result.map(|result| result.note.clone()).unwrap_or_default()).most(1_000))
}

fn photo_form(session: &Session, id: &str) -> Form {
    Form::new(session, format!("/console/outings/{id}/photos"), text::UPLOAD)
        .field(Field::file("photo", text::PHOTO, "image/jpeg,image/png").hint(&words::photo_hint(PHOTO_BYTES / 1024 / 1024)).required())
        .field(Field::text("caption", text::CAPTION).most(100))
}

async fn show(state: &State, session: &Session, id: &str, result: Option<Form>, upload: Option<Form>) -> Result<Response, ApiError> {
    let outing = state.broadcasts.outing(id).await?;
    let (stored, item) = (&outing.stored, &outing.stored.item);
    let facts = [
        (text::TIME, stored.due_at.map_or_else(words::undated, Timestamp::chinese)),
        (text::PLACE, item.place.clone().unwrap_or_default()),
        (text::STAFF, item.staff.join("、")),
        (text::MATERIALS, item.materials.join("、")),
    ];
    let facts = facts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.to_owned(), Cell::text(text)));
    let back = format!("/console/campaigns/{}", stored.campaign_id);
    let actions = [
        Action::open(&back, text::BACK),
        Action::open(format!("{back}/report"), text::REPORT),
        Action::open(format!("/sheets?kind=outing&id={id}"), text::PRINT_CODE),
    ];
    let may = session.may(Permission::WriteCampaigns);
    let mut blocks = vec![Actions(actions.into()).to_string(), Facts(facts.collect()).to_string()];
    if may {
        blocks.push(result.unwrap_or_else(|| result_form(session, &outing)).to_string());
    } else if let Some(result) = &outing.result {
        let counted = [(text::VISITORS, result.visitors), (text::INQUIRIES, result.inquiries), (text::HANDOUTS, result.handouts)];
        blocks.push(Facts(counted.into_iter().map(|(name, many)| (name.to_owned(), Cell::text(many.to_string()))).collect()).to_string());
    }
    let remove = |photo: &str| Action::send(format!("/console/outings/{id}/photos/{photo}/remove"), text::REMOVE, &session.csrf).danger();
    html(&Page {
        frame: Frame::of(session, "/console/campaigns", &item.title),
        blocks,
        photos: outing
            .photos
            .iter()
            .map(|photo| Shown {
                path: format!("/console/photos/{}", photo.id),
                caption: photo.caption.clone(),
                remove: may.then(|| remove(&photo.id)),
            })
            .collect(),
        upload: if may { upload.unwrap_or_else(|| photo_form(session, id)).to_string() } else { String::new() },
    })
}

async fn record(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let outing = state.broadcasts.outing(&id).await?;
    let recorded = match counted(&fields) {
        Ok(result) => state.broadcasts.record_outing(&id, result, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match recorded {
        Ok(_) => done(&state, &session, &format!("/console/outings/{id}"), &words::recorded()).await,
        Err(error) => {
            let form = result_form(&session, &outing).filled(&fields).refused(error)?;
            show(&state, &session, &id, Some(form), None).await
        }
    }
}

fn counted(fields: &Fields) -> Result<OutingResult, ApiError> {
    let number = |name: &'static str| match fields.text(name) {
        "" if name != "visitors" => Ok(0),
        text => text.parse().map_err(|_| ApiError::invalid(name, words::not_a_count())),
    };
    Ok(OutingResult {
        visitors: number("visitors")?,
        inquiries: number("inquiries")?,
        handouts: number("handouts")?,
        note: fields.text("note").to_owned(),
    })
}

async fn add_photo(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, ApiError> {
    let form = form.map_err(|_| ApiError::WrongType(problems::not_multipart()))?;
    let kept = match read_photo(form).await {
        Ok((picture, caption)) => {
            let actor = Actor::from(&session);
            state.broadcasts.add_photo(&id, &picture, &caption, &actor, state.clock.now()).await.map_err(ApiError::from)
        }
        Err(error) => Err(error),
    };
    match kept {
        Ok(_) => done(&state, &session, &format!("/console/outings/{id}"), &words::photo_kept()).await,
        Err(error) => {
            let form = photo_form(&session, &id).refused(error)?;
            show(&state, &session, &id, None, Some(form)).await
        }
    }
}

async fn photo(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Response, ApiError> {
    picture(&state, &id).await
}

async fn small(Extract(state): Extract<State>, Path(id): Path<String>) -> Result<Response, ApiError> {
    served(state.broadcasts.small_photo(&id).await?)
}

async fn remove_photo(
    Extract(state): Extract<State>,
    session: Session,
    Path((id, photo)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    state.broadcasts.remove_photo(&photo, &Actor::from(&session), state.clock.now()).await?;
    done(&state, &session, &format!("/console/outings/{id}"), &words::photo_removed()).await
}
