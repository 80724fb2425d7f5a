//! Bulletins in the console: the list, the form, and the page of one with what each channel will show and what became of it.

use askama::Template;
use axum::extract::State as Extract;
use axum::response::Response;
use sqlx::AnyConnection;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Facts, Note, Progress as Bar, Table, Tile, Tiles};
use super::{Frame, Pages, bulletin_attachments, bulletin_ledger, done, html, sheet};
use crate::broadcasts::Actor;
use crate::broadcasts::bulletins::{Draft, Edit};
use crate::domain::bulletin::{Bulletin, BulletinState, Step, Targets};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::Origin;
use crate::domain::staff::Permission;
use crate::domain::time::chinese_date;
use crate::store::{bulletins, channels, deliveries, subscriptions};
use crate::web::State;
use crate::web::api::progress;
use crate::web::api::words::require_clean;
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

pub(super) const HERE: &str = "/console/bulletins";
const LISTED: i64 = 100;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
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
    /// What a waiting correction would change: before and after.
    changes: Vec<Note>,
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

async fn list(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let mut conn = state.store.read().await?;
    let found = bulletins::list(&mut conn, None, "", LISTED).await?;
    let empty = Empty::new("还没有通知", "先登记群聊，再写第一条通知；写好后由另一位审核人员审核，就可以发送。")
        .link("/console/bulletins/new", "写通知");
    let mut table = Table::new("通知", &["标题", "状态", "时间", "送达"], empty);
    for bulletin in found {
        let counts = deliveries::counts(&mut conn, Origin::Bulletin, &bulletin.id).await?;
        let when = bulletin.sent_at.or(bulletin.scheduled_at).unwrap_or(bulletin.updated_at);
        let waits = if bulletin.correction.is_some() { "（更正待审核）" } else { "" };
        let arrived = match (bulletin.sent_at, counts.unknown) {
            (None, _) => String::new(),
            (Some(_), 0) => format!("{} 条", counts.sent),
            (Some(_), unknown) => format!("{} 条，{unknown} 条未确认", counts.sent),
        };
        table.row(vec![
            Cell::link(format!("{HERE}/{}", bulletin.id), bulletin.content.title.clone()),
            Cell::badge(mark(bulletin.state), format!("{}{waits}", bulletin.state.chinese())),
            Cell::quiet(when.chinese()),
            Cell::quiet(arrived),
        ]);
    }
    let mut blocks = Vec::new();
    if session.may(Permission::WriteBulletins) {
        blocks.push(Actions(vec![Action::open("/console/bulletins/new", "写通知").first()]).to_string());
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, HERE, "通知"), blocks)
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
    let tag_choices = std::iter::once(("*".to_owned(), "全部群".to_owned())).chain(tags.into_iter().map(|tag| (tag.clone(), tag)));
    let tick = |name, label, on: bool| Field::tick(name, label).value(if on { "1" } else { "" });
    Ok(Form::new(session, action, "保存")
        .field(Field::text("title", "标题").required().most(120).value(value(|content| content.title.clone())))
        .field(
            Field::text("number", "文号")
                .most(120)
                .hint("没有文号的通知不用填")
                .value(value(|content| content.number.clone().unwrap_or_default())),
        )
        .field(Field::text("audience_text", "适用对象").most(500).value(value(|content| content.audience_text.clone().unwrap_or_default())))
        .field(
            Field::date("effective_from", "施行日期")
                .value(value(|content| content.effective_from.map(|date| date.to_string()).unwrap_or_default())),
        )
        .field(Field::long("summary", "摘要").most(500).value(value(|content| content.summary.clone())))
        .field(Field::long("body", "正文").required().most(20_000).value(value(|content| content.body.clone())))
        .field(
            Field::text("link", "原文网址")
                .hint("以 https:// 开头")
                .most(2000)
                .value(value(|content| content.link.clone().unwrap_or_default())),
        )
        .field(Field::ticks("tags", "发给哪些群（按标签）", tag_choices).values(&chosen_tags))
        .field(Field::ticks("channels", "或者指定群", groups.into_iter().map(|group| (group.id, group.title))).values(&chosen_groups))
        .field(tick("workdays_only", "只在工作日发送", manner.workdays_only))
        .field(tick("pin", "在 Telegram 群里置顶（机器人要有置顶权限）", manner.pin))
        .field(tick("card", "在企业微信群里另发一张图文卡片（要填原文网址）", manner.card)))
}

async fn new(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let form = form(&state, &session, HERE, None).await?;
    sheet(Frame::of(&session, HERE, "写通知"), vec![form.to_string()])
}

fn targets(fields: &Fields) -> Targets {
    let all = |name: &str| fields.all(name).into_iter().map(str::to_owned).collect();
    Targets { channels: all("channels"), tags: all("tags") }
}

fn day(fields: &Fields) -> Result<Option<chrono::NaiveDate>, ApiError> {
    match fields.text("effective_from") {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| ApiError::invalid("effective_from", "日期要写成 2026-01-20")),
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
        Ok(bulletin) => done(&state, &session, &format!("{HERE}/{}", bulletin.id), "已保存草稿，请核对下面的样子再提交审核").await,
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
    sheet(Frame::of(session, HERE, "写通知"), vec![form.to_string()])
}

async fn edit(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let bulletin = state.broadcasts.bulletin(&id).await?;
    let form = form(&state, &session, &format!("{HERE}/{id}/edit"), Some(&bulletin)).await?;
    sheet(Frame::of(&session, HERE, "修改通知"), vec![form.to_string()])
}

async fn change(Extract(state): Extract<State>, session: Session, Path(id): Path<String>, fields: Fields) -> Result<Response, ApiError> {
    let written = match draft(&state, &fields) {
        Ok(draft) => {
            let edit = Edit {
                title: Some(draft.title),
                number: Some(draft.number.unwrap_or_default()),
                summary: Some(draft.summary),
                audience_text: Some(draft.audience_text.unwrap_or_default()),
                effective_from: draft.effective_from,
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
        Ok(_) => done(&state, &session, &format!("{HERE}/{id}"), "已保存；改过的通知要重新提交审核").await,
        Err(error) => {
            let known = state.broadcasts.bulletin(&id).await?;
            again(&state, &session, &format!("{HERE}/{id}/edit"), Some(&known), &fields, error).await
        }
    }
}

async fn page(Extract(state): Extract<State>, session: Session, Path(id): Path<String>) -> Result<Response, ApiError> {
    let bulletin = state.broadcasts.bulletin(&id).await?;
    let progress = progress::of(&state, &id).await?;
    let mut conn = state.store.read().await?;
    let groups = state.broadcasts.reached(&mut conn, &bulletin).await?;
    let lines = deliveries::by_origin(&mut conn, Origin::Bulletin, &id, "", LISTED).await?;
    let mut previews = Vec::new();
    for kind in ChannelKind::TARGETS {
        previews.push(shown(&state, &mut conn, &bulletin, kind).await?);
    }
    drop(conn);
    let tile = |label: &str, value: String, mark| Tile { label: label.to_owned(), value, path: None, mark };
    let mut tiles =
        vec![tile("状态", bulletin.state.chinese().to_owned(), mark(bulletin.state)), tile("发给", format!("{groups} 个"), "plain")];
    if progress.total > 0 {
        tiles.push(tile("送达", format!("{} 条", progress.counts.sent), "good"));
    }
    if progress.counts.unknown > 0 {
        tiles.push(tile("未确认", format!("{} 条", progress.counts.unknown), "bad"));
    }
    if progress.counts.failed > 0 {
        tiles.push(tile("失败", format!("{} 条", progress.counts.failed), "bad"));
    }
    let bar = (progress.total > 0).then(|| Bar { label: "发送进度".to_owned(), done: progress.done, of: progress.total });
    html(&Page {
        frame: Frame::of(&session, HERE, &bulletin.content.title),
        tiles: Tiles(tiles),
        progress: bar,
        note: state.broadcasts.note_on(&bulletin, progress.counts.pending, state.clock.now()),
        actions: Actions(actions(&session, &bulletin)),
        facts: facts(&bulletin),
        changes: changes(&bulletin),
        previews,
        attachments: bulletin_attachments::block(&session, &bulletin, None),
        ledger: bulletin_ledger::table(&session, &bulletin, &lines),
    })
}

/// What a kind of channel would be sent; the same parts as the deliveries.
async fn shown(state: &State, conn: &mut AnyConnection, bulletin: &Bulletin, kind: ChannelKind) -> Result<Shown, ApiError> {
    let reach = state.broadcasts.reach(conn, bulletin, kind).await?;
    let polls = state.broadcasts.polls(conn, bulletin, kind, state.clock.now()).await?;
    let texts = state.broadcasts.preview(bulletin, kind).into_iter().chain(polls.into_iter().map(|(_, part)| part));
    let (files, cards): (Vec<_>, Vec<_>) =
        state.broadcasts.after_text(bulletin, kind).into_iter().partition(|(_, part)| part.attachment.is_some());
    let label = match reach.chats {
        0 => format!("{}（这次不发）", kind.chinese()),
        chats => format!("{}看到的样子（{chats} 个）", kind.chinese()),
    };
    Ok(Shown {
        label,
        sent: reach.chats > 0,
        missing: reach.missing,
        texts: texts.map(|part| part.plain).chain(cards.into_iter().map(|(_, part)| format!("［图文卡片］{}", part.plain))).collect(),
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
        actions.push(Action::send(path("submit"), "提交审核", &session.csrf).first());
    }
    if (can(Step::Approve, Permission::ApproveBulletins) && !own)
        || (session.may(Permission::ApproveBulletins) && bulletin.correction.as_ref().is_some_and(|(_, by)| *by != session.staff.user_id))
    {
        actions.push(Action::send(path("approve"), "审核通过", &session.csrf).first());
    }
    if can(Step::Reject, Permission::ApproveBulletins) {
        actions.push(Action::send(path("reject"), "退回修改", &session.csrf));
    }
    if can(Step::Send, Permission::SendBulletins) {
        actions.push(Action::open(path("send"), "发送或排期").first());
    }
    if can(Step::Urge, Permission::ApproveBulletins) && !own && !bulletin.manner.urgent {
        actions.push(Action::open(path("urge"), "加急"));
    }
    if can(Step::Pause, Permission::SendBulletins) {
        actions.push(Action::send(path("pause"), "暂停", &session.csrf));
    }
    if can(Step::Resume, Permission::SendBulletins) {
        actions.push(Action::send(path("resume"), "继续发送", &session.csrf).first());
    }
    if can(Step::Edit, Permission::WriteBulletins) {
        actions.push(Action::open(path("edit"), "修改"));
    }
    if can(Step::Correct, Permission::WriteBulletins) && bulletin.correction.is_none() {
        actions.push(Action::open(path("correct"), "更正"));
    }
    if can(Step::Cancel, Permission::WriteBulletins) {
        actions.push(Action::open(path("cancel"), "取消").danger());
    }
    if can(Step::Recall, Permission::SendBulletins) && bulletin.sent_at.is_some() {
        actions.push(Action::open(path("recall"), "撤回").danger());
    }
    actions
}

fn facts(bulletin: &Bulletin) -> Facts {
    let content = &bulletin.content;
    let yes = |on: bool| on.then(|| "是".to_owned());
    let rows = [
        ("文号", content.number.clone()),
        ("适用对象", content.audience_text.clone()),
        ("施行日期", content.effective_from.map(chinese_date)),
        ("原文", content.link.clone()),
        ("标签", Some(bulletin.targets.tags.join("、").replace('*', "全部群")).filter(|tags| !tags.is_empty())),
        ("只在工作日发送", yes(bulletin.manner.workdays_only)),
        ("置顶", yes(bulletin.manner.pin)),
        ("图文卡片", yes(bulletin.manner.card)),
        ("加急", yes(bulletin.manner.urgent)),
        ("排期", bulletin.scheduled_at.map(|at| at.chinese())),
    ];
    Facts(rows.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Cell::text(value?)))).collect())
}

fn changes(bulletin: &Bulletin) -> Vec<Note> {
    let Some((after, _)) = &bulletin.correction else { return Vec::new() };
    let note = |title: &str, text: &str| Note { title: title.to_owned(), text: text.to_owned() };
    vec![note("现在的正文", &bulletin.content.body), note("更正后的正文（待审核）", after)]
}
