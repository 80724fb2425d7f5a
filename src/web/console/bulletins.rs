//! Bulletins in the console: the list, the form, and the page of one with what each channel will show and what became of it.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use serde::Deserialize;
use sqlx::AnyConnection;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Facts, Progress as Bar, Table, Tile, Tiles};
use super::{Frame, Pages, bulletin_attachments, bulletin_changes, bulletin_ledger, done, html, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::approval::mark_of;
use crate::broadcasts::bulletins::{Draft, Edit};
use crate::domain::bulletin::{Bulletin, BulletinState, Step, Targets};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{DeliveryState, Origin};
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::replies::console_pages::bulletins as text;
use crate::store::{channels, deliveries, subscriptions};
use crate::web::State;
use crate::web::api::progress;
use crate::web::api::words::require_clean;
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page as Listed, Paging};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

pub(super) const HERE: &str = "/console/bulletins";

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get("/console/bulletins/new", Permission::WriteBulletins, new)
        .post(HERE, Permission::WriteBulletins, create)
        .get("/console/bulletins/{id}", Permission::Read, page)
        .get("/console/bulletins/{id}/edit", Permission::WriteBulletins, edit)
        .post("/console/bulletins/{id}/edit", Permission::WriteBulletins, change)
}

#[derive(Template)]
#[template(path = "console/bulletin.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    tiles: Tiles,
    progress: Option<Bar>,
    note: Option<String>,
    actions: Actions,
    facts: Facts,
    /// What changed since it was last reviewed, or would by a correction; rendered.
    changes: String,
    /// Channel, and the texts it would be sent.
    previews: Vec<Shown>,
    attachments: String,
    ledger: Table,
}

/// What one kind of channel would show.
struct Shown {
    /// The kind, and how many chats of it; or that it is not sent there.
    label: String,
    /// It goes to chats of this kind.
    sent: bool,
    missing: Vec<String>,
    texts: Vec<String>,
    files: Vec<String>,
}

/// The colour of a state.
pub(super) fn mark(state: BulletinState) -> &'static str {
    match state {
        BulletinState::Sent | BulletinState::Approved => "good",
        BulletinState::Held | BulletinState::PartlySent | BulletinState::Recalled => "bad",
        BulletinState::InReview | BulletinState::Scheduled | BulletinState::Sending | BulletinState::Paused => "wait",
        BulletinState::Draft | BulletinState::Cancelled => "plain",
    }
}

async fn form(state: &State, session: &Session, action: &str, known: Option<&Bulletin>) -> Result<Form, ApiError> {
    let mut conn = state.store.read().await?;
    let tags = subscriptions::offered(&mut conn, "").await?;
    let groups = channels::targets(&mut conn).await?;
    let content = known.map(|bulletin| &bulletin.content);
    let value = |read: fn(&crate::domain::bulletin::Content) -> String| content.map(read).unwrap_or_default();
    let chosen = known.map(|bulletin| bulletin.targets.clone()).unwrap_or_default();
    let chosen_tags: Vec<&str> = chosen.tags.iter().map(String::as_str).collect();
    let chosen_groups: Vec<&str> = chosen.channels.iter().map(String::as_str).collect();
    let manner = known.map(|bulletin| bulletin.manner).unwrap_or_default();
    let tag_choices = std::iter::once(("*".to_owned(), text::ALL_GROUPS.to_owned())).chain(tags.into_iter().map(|tag| (tag.clone(), tag)));
    let tick = |name, label, on: bool| Field::tick(name, label).value(if on { "1" } else { "" });
    Ok(Form::new(session, action, text::SAVE)
        .field(Field::text("title", text::HEADING).required().most(120).value(value(|content| content.title.clone())))
        .field(
            Field::text("number", text::NUMBER)
                .most(120)
                .hint(text::NUMBER_HINT)
                .value(value(|content| content.number.clone().unwrap_or_default())),
        )
        .field(
            Field::text("audience_text", text::AUDIENCE)
                .most(500)
                .value(value(|content| content.audience_text.clone().unwrap_or_default())),
        )
        .field(
            Field::date("effective_from", text::EFFECTIVE_FROM)
                .value(value(|content| content.effective_from.map(|date| date.to_string()).unwrap_or_default())),
        )
        .field(Field::long("summary", text::SUMMARY).most(500).value(value(|content| content.summary.clone())))
        .field(Field::long("body", text::BODY).required().most(20_000).value(value(|content| content.body.clone())))
        .field(
            Field::text("link", text::LINK)
                .hint(text::LINK_HINT)
                .most(2000)
                .value(value(|content| content.link.clone().unwrap_or_default())),
        )
        .field(Field::ticks("tags", text::TAGS_FIELD, tag_choices).values(&chosen_tags))
        .field(Field::ticks("channels", text::GROUPS_FIELD, groups.into_iter().map(|group| (group.id, group.title))).values(&chosen_groups))
        .field(tick("workdays_only", text::WORKDAYS_ONLY, manner.workdays_only))
        .field(tick("pin", text::PIN_FIELD, manner.pin))
        .field(tick("card", text::CARD_FIELD, manner.card)))
}

async fn new(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let form = form(&state, &session, HERE, None).await?;
    sheet(Frame::of(&session, HERE, text::WRITE), vec![form.to_string()])
}

fn targets(fields: &Fields) -> Targets {
    let all = |name: &str| fields.all(name).into_iter().map(str::to_owned).collect();
    Targets { channels: all("channels"), tags: all("tags") }
}

fn day(fields: &Fields) -> Result<Option<chrono::NaiveDate>, ApiError> {
    match fields.text("effective_from") {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ApiError::invalid("effective_from", text::WRONG_DAY)),
    }
}

fn draft(state: &State, fields: &Fields) -> Result<Draft, ApiError> {
    require_clean(state, ["title", "summary", "body"].map(|name| (name, Some(fields.text(name)))))?;
    let filled = |name: &str| Some(fields.text(name).to_owned()).filter(|text| !text.is_empty());
    Ok(Draft {
        title: fields.text("title").to_owned(),
        number: filled("number"),
        summary: fields.text("summary").to_owned(),
        audience_text: filled("audience_text"),
        effective_from: day(fields)?,
        link: filled("link"),
        body: fields.text("body").to_owned(),
        targets: targets(fields),
        workdays_only: fields.ticked("workdays_only"),
        pin: fields.ticked("pin"),
        card: fields.ticked("card"),
    })
}

async fn create(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    let written = match draft(&state, &fields) {
        Ok(draft) => state.broadcasts.create_bulletin(draft, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from),
        Err(error) => Err(error),
    };
    match written {
        Ok(bulletin) => done(&state, &session, &format!("{HERE}/{}", bulletin.id), text::SAVED).await,
        Err(error) => again(&state, &session, HERE, None, &fields, error).await,
    }
}

async fn again(
    state: &State,
    session: &Session,
    action: &str,
    known: Option<&Bulletin>,
    fields: &Fields,
    error: ApiError,
) -> Result<Response, ApiError> {
    let form = form(state, session, action, known).await?.filled(fields).refused(error)?;
    sheet(Frame::of(session, HERE, text::WRITE), vec![form.to_string()])
}

async fn edit(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let bulletin = state.broadcasts.bulletin(&id).await?;
    let form = form(&state, &session, &format!("{HERE}/{id}/edit"), Some(&bulletin)).await?;
    sheet(Frame::of(&session, HERE, text::CHANGE_TITLE), vec![form.to_string()])
}

async fn change(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let written = match draft(&state, &fields) {
        Ok(draft) => {
            let edit = Edit {
                title: Some(draft.title),
                number: Some(draft.number.unwrap_or_default()),
                summary: Some(draft.summary),
                audience_text: Some(draft.audience_text.unwrap_or_default()),
                effective_from: Some(draft.effective_from),
                link: Some(draft.link.unwrap_or_default()),
                body: Some(draft.body),
                targets: Some(draft.targets),
                workdays_only: Some(draft.workdays_only),
                pin: Some(draft.pin),
                card: Some(draft.card),
            };
            state.broadcasts.edit_bulletin(&id, edit, &Actor::from(&session), state.clock.now()).await.map_err(ApiError::from)
        }
        Err(error) => Err(error),
    };
    match written {
        Ok(_) => done(&state, &session, &format!("{HERE}/{id}"), text::CHANGED).await,
        Err(error) => {
            let known = state.broadcasts.bulletin(&id).await?;
            again(&state, &session, &format!("{HERE}/{id}/edit"), Some(&known), &fields, error).await
        }
    }
}

/// Which lines of the ledger to show.
#[derive(Debug, Default, Deserialize)]
struct Lines {
    /// A state of a delivery; all where it is none.
    #[serde(default)]
    show: String,
}

async fn page(
    Extract(state): Extract<State>,
    session: Session,
    Path(id): Path<String>,
    Query(shown_lines): Query<Lines>,
    paging: Paging,
) -> Result<Response, ApiError> {
    let only = DeliveryState::parse(&shown_lines.show);
    let bulletin = state.broadcasts.bulletin(&id).await?;
    let progress = progress::of(&state, &id).await?;
    let mut conn = state.store.read().await?;
    let groups = state.broadcasts.reached(&mut conn, &bulletin).await?;
    let lines = deliveries::by_origin_in(&mut conn, (Origin::Bulletin, &id), only, &paging.after, paging.probe()).await?;
    let lines = Listed::of(lines, &paging, |line| line.id.clone());
    let mut previews = Vec::new();
    for kind in ChannelKind::TARGETS {
        previews.push(shown(&state, &mut conn, &bulletin, kind).await?);
    }
    // Where it goes comes first, and is open.
    previews.sort_by_key(|preview| !preview.sent);
    let changes = bulletin_changes::block(&mut conn, &bulletin).await?;
    drop(conn);
    let tile = |label: &str, value: String, mark| Tile { label: label.to_owned(), value, path: None, mark };
    let lines_in = |state: DeliveryState| Some(format!("{HERE}/{id}?show={}#ledger", state.word()));
    let mut tiles = vec![
        tile(text::STATE, bulletin.state.chinese().to_owned(), mark(bulletin.state)),
        tile(text::GOES_TO, text::groups(groups), "plain"),
    ];
    if progress.total > 0 {
        tiles.push(tile(text::ARRIVED, text::messages(progress.counts.sent), "good"));
    }
    if progress.counts.unknown > 0 {
        let path = lines_in(DeliveryState::Unknown);
        tiles.push(Tile { path, ..tile(text::UNKNOWN, text::messages(progress.counts.unknown), "bad") });
    }
    if progress.counts.failed > 0 {
        let path = lines_in(DeliveryState::Failed);
        tiles.push(Tile { path, ..tile(text::FAILED, text::messages(progress.counts.failed), "bad") });
    }
    let bar = (progress.total > 0).then(|| Bar { label: text::PROGRESS.to_owned(), done: progress.done, of: progress.total });
    html(&Page {
        frame: Frame::of(&session, HERE, &bulletin.content.title),
        tiles: Tiles(tiles),
        progress: bar,
        note: state.broadcasts.note_on(&bulletin, progress.counts.pending, state.clock.now()),
        actions: Actions(actions(&session, &bulletin)),
        facts: facts(&bulletin),
        changes,
        previews,
        attachments: bulletin_attachments::block(&session, &bulletin, None),
        ledger: bulletin_ledger::table(&session, &bulletin, &lines, only),
    })
}

/// What a kind of channel would be sent; the same parts as the deliveries.
async fn shown(state: &State, conn: &mut AnyConnection, bulletin: &Bulletin, kind: ChannelKind) -> Result<Shown, ApiError> {
    let reach = state.broadcasts.reach(conn, bulletin, kind).await?;
    let polls = state.broadcasts.polls(conn, bulletin, kind, state.clock.now()).await?;
    let texts = state.broadcasts.preview(bulletin, kind).into_iter().chain(polls.into_iter().map(|(_, part)| part));
    let (files, cards): (Vec<_>, Vec<_>) =
        state.broadcasts.after_text(bulletin, kind).into_iter().partition(|(_, part)| part.attachment.is_some());
    Ok(Shown {
        label: text::seen_by(kind.chinese(), reach.chats),
        sent: reach.chats > 0,
        missing: reach.missing,
        texts: texts.map(|part| part.plain).chain(cards.into_iter().map(|(_, part)| text::card(&part.plain))).collect(),
        files: files.into_iter().map(|(_, part)| part.plain).collect(),
    })
}

/// What this person may do next, in the order of life.
fn actions(session: &Session, bulletin: &Bulletin) -> Vec<Action> {
    let path = |step: &str| format!("{HERE}/{}/{step}", bulletin.id);
    let can = |step: Step, permission| bulletin.state.after(step).is_some() && session.may(permission);
    let own = bulletin.author == session.staff.user_id;
    let mut actions = Vec::new();
    if can(Step::Submit, Permission::WriteBulletins) {
        actions.push(Action::send(path("submit"), text::SUBMIT, &session.csrf).first());
    }
    if (can(Step::Approve, Permission::ApproveBulletins) && !own)
        || (session.may(Permission::ApproveBulletins) && bulletin.correction.as_ref().is_some_and(|(_, by)| *by != session.staff.user_id))
    {
        let seen = format!("{}?seen={}", path("approve"), mark_of(bulletin));
        actions.push(Action::send(seen, text::APPROVE, &session.csrf).first());
    }
    if can(Step::Reject, Permission::ApproveBulletins) {
        actions.push(Action::send(path("reject"), text::REJECT, &session.csrf));
    }
    if can(Step::Send, Permission::SendBulletins) {
        actions.push(Action::open(path("send"), text::SEND).first());
    }
    if can(Step::Urge, Permission::ApproveBulletins) && !own && !bulletin.manner.urgent {
        actions.push(Action::open(path("urge"), text::URGE));
    }
    if can(Step::Pause, Permission::SendBulletins) {
        actions.push(Action::send(path("pause"), text::PAUSE, &session.csrf));
    }
    if can(Step::Resume, Permission::SendBulletins) {
        actions.push(Action::send(path("resume"), text::RESUME, &session.csrf).first());
    }
    if can(Step::Edit, Permission::WriteBulletins) {
        actions.push(Action::open(path("edit"), text::EDIT));
    }
    if can(Step::Correct, Permission::WriteBulletins) && bulletin.correction.is_none() {
        actions.push(Action::open(path("correct"), text::CORRECT));
    }
    if can(Step::Cancel, Permission::WriteBulletins) {
        actions.push(Action::open(path("cancel"), text::CANCEL).danger());
    }
    if can(Step::Recall, Permission::SendBulletins) && bulletin.sent_at.is_some() {
        actions.push(Action::open(path("recall"), text::RECALL).danger());
    }
    actions
}

/// The tags it goes to, as people read them.
pub(super) fn targets_line(targets: &Targets) -> String {
    targets.tags.join("、").replace('*', text::ALL_GROUPS)
}

fn facts(bulletin: &Bulletin) -> Facts {
    let content = &bulletin.content;
    let yes = |on: bool| on.then(|| text::YES.to_owned());
    let rows = [
        (text::NUMBER, content.number.clone()),
        (text::AUDIENCE, content.audience_text.clone()),
        (text::EFFECTIVE_FROM, content.effective_from.map(chinese_date)),
        (text::ORIGINAL, content.link.clone()),
        (text::TAGS, Some(targets_line(&bulletin.targets)).filter(|tags| !tags.is_empty())),
        (text::WORKDAYS_ONLY, yes(bulletin.manner.workdays_only)),
        (text::PINNED, yes(bulletin.manner.pin)),
        (text::CARD, yes(bulletin.manner.card)),
        (text::URGE, yes(bulletin.manner.urgent)),
        (text::SCHEDULE, bulletin.scheduled_at.map(|at| at.chinese())),
    ];
    Facts(rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Cell::text(value?)))).collect())
}
