//! The groups bulletins go to: which there are, whether they can be reached, and registering another one.

use std::collections::HashMap;

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use serde::Deserialize;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Confirm, Empty, Facts, Table, Tile, Tiles};
use super::{Frame, Pages, confirm, done, html, sheet};
use crate::broadcasts::Actor;
use crate::domain::bot_status::{Finding, Weight};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::DeliveryState;
use crate::domain::inbound::Scope;
use crate::domain::staff::Permission;
use crate::replies::channels as words;
use crate::replies::console_pages::channels as text;
use crate::store::channels::Channel;
use crate::store::{audit, bot_statuses, channels};
use crate::web::State;
use crate::web::api::channel_checks;
use crate::web::api::channels::{accepted_address, accepted_tags, accepted_title};
use crate::web::extract::{Path, Query};
use crate::web::paging::{Page as Listed, Paging};
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/channels";
const CHECK: &str = "/console/channels/checks";
/// Groups read at once.
const AT_ONCE: i64 = 500;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get("/console/channels/new", Permission::WriteChannels, new)
        .post(HERE, Permission::WriteChannels, create)
        .post(CHECK, Permission::WriteChannels, check_all)
        .get("/console/channels/{id}", Permission::Read, page)
        .post("/console/channels/{id}/check", Permission::WriteChannels, check)
        .get("/console/channels/{id}/test", Permission::WriteChannels, ask_test)
        .post("/console/channels/{id}/test", Permission::WriteChannels, test)
        .post("/console/channels/{id}/retry", Permission::WriteChannels, retry)
}

#[derive(Template)]
#[template(path = "console/channel.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// A test message is on its way: the page looks again by itself.
    live: bool,
    blocks: Vec<String>,
}

/// Which groups to list.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    /// Part of the name, or a tag.
    #[serde(default)]
    q: String,
    /// `faults`: only those that are not reached.
    #[serde(default)]
    show: String,
}

/// Every group, in the order of their coming.
async fn all(state: &State) -> Result<Vec<Channel>, ApiError> {
    let mut conn = state.store.read().await?;
    let mut found: Vec<Channel> = Vec::new();
    loop {
        let last = found.last().map(|channel| channel.id.clone()).unwrap_or_default();
        let more = channels::list(&mut conn, &last, AT_ONCE).await?;
        if more.is_empty() {
            return Ok(found);
        }
        found.extend(more);
    }
}

async fn list(
    Extract(state): Extract<State>,
    session: Session,
    paging: Paging,
    Query(wanted): Query<Wanted>,
) -> Result<Response, ApiError> {
    let checks: HashMap<String, channel_checks::Check> =
        channel_checks::checks(&state).await?.into_iter().map(|check| (check.channel.clone(), check)).collect();
    let all = all(&state).await?;
    let faulty = |channel: &Channel| {
        let check = checks.get(&channel.id);
        !channel.reachable || check.is_some_and(|check| check.findings.iter().any(|finding| finding.weight == Weight::Fault))
    };
    let (groups, faults) = (all.len(), all.iter().filter(|channel| faulty(channel)).count());
    let q = wanted.q.trim();
    let named = |channel: &Channel| q.is_empty() || channel.title.contains(q) || channel.tags.iter().any(|tag| tag == q);
    let fits = |channel: &Channel| named(channel) && (wanted.show != "faults" || faulty(channel));
    let most = usize::try_from(paging.probe()).unwrap_or(usize::MAX);
    let found = all.iter().filter(|channel| channel.id > paging.after && fits(channel)).take(most).cloned().collect();
    let page = Listed::of(found, &paging, |channel: &Channel| channel.id.clone());
    let empty = if groups == 0 {
        Empty::new(text::NONE_YET, text::BEGIN).link("/console/channels/new", text::REGISTER_GROUP)
    } else {
        Empty::new(text::NONE_FOUND, text::SEARCH_AGAIN).link(HERE, text::ALL)
    };
    let mut table = Table::new(text::TITLE, &text::HEADS, empty);
    for channel in page.items {
        let findings = checks.get(&channel.id).map_or(&[][..], |check| &check.findings);
        let fault = findings.iter().find(|finding| finding.weight == Weight::Fault);
        let advice = findings.iter().filter(|finding| finding.weight == Weight::Advice).count();
        let (state, told) = match (fault, advice) {
            (Some(fault), _) if channel.reachable => (("bad", text::TO_MEND.to_owned()), fault.what.clone()),
            (_, 0) => (reachability(&channel), String::new()),
            (_, advice) => (reachability(&channel), words::has_advice(advice)),
        };
        let kind = channel.kind.chinese();
        let tags = if channel.tags.is_empty() { kind.to_owned() } else { format!("{kind} · {}", channel.tags.join("、")) };
        table.row(vec![
            Cell::link(format!("{HERE}/{}", channel.id), channel.title.clone()),
            Cell::quiet(tags),
            Cell::badge(state.0, state.1),
            Cell::quiet(told),
        ]);
    }
    let mut actions = Vec::new();
    if session.may(Permission::WriteChannels) {
        actions.push(Action::open("/console/channels/new", text::REGISTER_GROUP).first());
        if state.self_check.is_some() && !checks.is_empty() {
            actions.push(Action::send(CHECK, text::CHECK_ALL, &session.csrf));
        }
    }
    table.next(page.next_cursor.map(|cursor| {
        let q = askama::filters::urlencode_strict(q).map(|q| q.to_string()).unwrap_or_default();
        format!("{HERE}?q={q}&show={}&cursor={cursor}", if wanted.show == "faults" { "faults" } else { "" })
    }));
    let mut blocks = vec![Actions(actions).to_string()];
    if groups > 0 {
        let tile = |label: &str, many: usize, path: &str, mark| Tile {
            label: label.to_owned(),
            value: many.to_string(),
            path: Some(path.to_owned()),
            mark,
        };
        let mark = if faults > 0 { "bad" } else { "good" };
        let tiles = vec![tile(text::ALL, groups, HERE, "plain"), tile(text::TO_MEND, faults, "/console/channels?show=faults", mark)];
        blocks.push(Tiles(tiles).to_string());
        blocks.push(Form::search(HERE, text::FIND).field(Field::text("q", text::NAME_OR_TAG).value(q).most(128)).to_string());
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, HERE, text::TITLE), blocks)
}

fn reachability(channel: &Channel) -> (&'static str, String) {
    match (channel.is_target, channel.reachable) {
        (_, false) => ("bad", channel.unreachable_reason.clone().unwrap_or_else(|| text::UNREACHABLE.to_owned())),
        (true, true) => ("good", text::FINE.to_owned()),
        (false, true) => ("plain", text::NO_TARGET.to_owned()),
    }
}

/// One group: how the bot stands there and what to do, and the last test message.
async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    let channel = channels::get(&mut conn, &id).await?.filter(|channel| !channel.private).ok_or_else(|| ApiError::no_such(text::TITLE))?;
    let checked = bot_statuses::of(&mut conn, &id).await?;
    drop(conn);
    let channel = channel.without_secret();
    let test = state.broadcasts.last_test(&id).await?;
    let (mark, word) = reachability(&channel);
    let rows = [
        (text::STATE, Some(Cell::badge(mark, word))),
        (text::PLATFORM, Some(Cell::text(channel.kind.chinese()))),
        (text::ADDRESS, Some(Cell::text(channel.address.clone()))),
        (text::TOPIC, channel.thread.clone().map(Cell::text)),
        (text::TAGS, Some(channel.tags.join("、")).filter(|tags| !tags.is_empty()).map(Cell::text)),
        (text::ANSWERS, Some(Cell::text(text::yes_or_no(channel.answers)))),
        (text::CHECKED_AT, checked.as_ref().map(|checked| Cell::text(checked.at.chinese()))),
        (text::TEST, test.as_ref().map(|test| Cell::text(channel_checks::told(test)))),
    ];
    let facts = Facts(rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect());
    let mut blocks = vec![Actions(actions(&state, &session, &channel)).to_string(), facts.to_string()];
    blocks.push(match (channel.kind, &checked) {
        (ChannelKind::Telegram, Some(checked)) => found(&words::findings(&checked.bot_status, channel.thread.as_deref())).to_string(),
        (ChannelKind::Telegram, None) => Empty::new(text::RIGHTS, words::not_checked_yet()).to_string(),
        (ChannelKind::WecomRobot | ChannelKind::Print | ChannelKind::Web, _) => {
            Empty::new(text::RIGHTS, words::only_a_test_tells()).to_string()
        }
    });
    let live = test.is_some_and(|test| matches!(test.state, DeliveryState::Pending | DeliveryState::Sending));
    html(&Page { frame: Frame::of(&session, HERE, &channel.title), live, blocks })
}

fn actions(state: &State, session: &Session, channel: &Channel) -> Vec<Action> {
    let mut actions = vec![Action::open(HERE, text::ALL)];
    if !session.may(Permission::WriteChannels) {
        return actions;
    }
    let path = |step: &str| format!("{HERE}/{}/{step}", channel.id);
    if channel.reachable {
        actions.push(Action::open(path("test"), text::SEND_TEST).first());
    } else {
        actions.push(Action::send(path("retry"), text::TRY_AGAIN, &session.csrf).first());
    }
    if channel.kind == ChannelKind::Telegram && state.self_check.is_some() {
        actions.push(Action::send(path("check"), text::CHECK_AGAIN, &session.csrf));
    }
    actions
}

fn found(findings: &[Finding]) -> Table {
    let mut table = Table::new(text::RIGHTS, &text::RIGHTS_HEADS, Empty::new(text::RIGHTS, words::not_checked_yet()));
    for finding in findings {
        let (mark, word) = match finding.weight {
            Weight::Fine => ("good", text::FINE),
            Weight::Advice => ("wait", text::AS_NEEDED),
            Weight::Fault => ("bad", text::TO_MEND),
        };
        let to_do = if finding.to_do.is_empty() { text::NOTHING_TO_DO } else { &finding.to_do };
        table.row(vec![Cell::badge(mark, word), Cell::text(finding.what.clone()), Cell::text(to_do)]);
    }
    table
}

async fn check_all(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let checks = channel_checks::check_again(&state).await?;
    done(&state, &session, HERE, &words::checked(checks.len(), channel_checks::faults(&checks))).await
}

async fn check(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    channel_checks::check_again(&state).await?;
    done(&state, &session, &format!("{HERE}/{id}"), text::CHECKED).await
}

async fn ask_test(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let found = channels::get(&mut *state.store.read().await?, &id).await?;
    let channel = found.filter(|channel| !channel.private).ok_or_else(|| ApiError::no_such(text::TITLE))?;
    let asked = Confirm {
        text: text::ask_test(&channel.title),
        action: format!("{HERE}/{id}/test"),
        csrf: session.csrf.clone(),
        hidden: Vec::new(),
        label: text::SEND_TEST.to_owned(),
        back: format!("{HERE}/{id}"),
    };
    confirm(Frame::of(&session, HERE, text::SEND_TEST), &asked)
}

async fn test(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let test = state.broadcasts.send_test(&id, &Actor::from(&session), state.clock.now()).await?;
    let said = if test.new { words::test_on_its_way() } else { words::tested_just_now() };
    done(&state, &session, &format!("{HERE}/{id}"), said).await
}

fn form(session: &Session) -> Form {
    let kinds = ChannelKind::TARGETS.map(|kind| (kind.word(), kind.chinese()));
    Form::new(session, HERE, text::REGISTER)
        .field(Field::choice("kind", text::PLATFORM, kinds).required())
        .field(Field::text("address", text::ADDRESS).required().most(200).hint(text::ADDRESS_HINT))
        .field(Field::text("title", text::NAME).required().most(128))
        .field(Field::text("tags", text::TAGS).hint(text::TAGS_HINT).most(300))
}

async fn new(Extract(_): Extract<State>, session: Session) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, HERE, text::REGISTER_GROUP), vec![form(&session).to_string()])
}

async fn create(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    match register(&state, &session, &fields).await {
        Ok(()) => done(&state, &session, HERE, text::REGISTERED).await,
        Err(error) => {
            let form = form(&session).filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, text::REGISTER_GROUP), vec![form.to_string()])
        }
    }
}

async fn register(state: &State, session: &Session, fields: &Fields) -> Result<(), ApiError> {
    let kind = ChannelKind::parse(fields.text("kind")).ok_or_else(|| ApiError::invalid("kind", text::CHOOSE_PLATFORM))?;
    let address = accepted_address(kind, fields.text("address"))?;
    let title = accepted_title(fields.text("title"))?;
    let tags: Vec<String> =
        fields.text("tags").split(['、', '，', ',', ' ']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect();
    let tags = accepted_tags(&tags)?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let id = channels::ensure(&mut tx, kind, &address, &title, Scope::Group, true, now).await?;
    channels::set_tags(&mut tx, &id, &tags).await?;
    audit::record(&mut tx, &session.staff.name, "channel.create", &id, kind.word(), now).await?;
    Ok(tx.commit().await?)
}

async fn retry(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    channels::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such(text::TITLE))?;
    channels::set_reachable(&mut tx, &id, None).await?;
    audit::record(&mut tx, &session.staff.name, "channel.change", &id, "reachable", now).await?;
    tx.commit().await?;
    done(&state, &session, &format!("{HERE}/{id}"), text::TRIED_AGAIN).await
}
