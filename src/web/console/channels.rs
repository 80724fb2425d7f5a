//! The groups bulletins go to: which there are, whether they can be reached, and registering another one.

use axum::extract::State as Extract;
use axum::response::Response;

use super::form::{Field, Form};
use super::widgets::{Action, Actions, Cell, Empty, Table};
use super::{Frame, Pages, done, sheet};
use crate::domain::channel::ChannelKind;
use crate::domain::inbound::Scope;
use crate::domain::staff::Permission;
use crate::store::{audit, channels};
use crate::web::State;
use crate::web::api::channels::{accepted_address, accepted_tags, accepted_title};
use crate::web::extract::Path;
use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

const HERE: &str = "/console/channels";
const LISTED: i64 = 100;

pub(super) fn pages(pages: Pages) -> Pages {
    pages
        .get(HERE, Permission::Read, list)
        .get("/console/channels/new", Permission::WriteChannels, new)
        .post(HERE, Permission::WriteChannels, create)
        .post("/console/channels/{id}/retry", Permission::WriteChannels, retry)
}

async fn list(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let found = channels::list(&mut *state.store.read().await?, "", LISTED).await?;
    let empty = Empty::new("还没有群聊", "登记群聊之后，通知才有地方可发。没有账号也可以先登记一个“试用”群看看效果。")
        .link("/console/channels/new", "登记群聊");
    let mut table = Table::new("群聊", &["名称", "平台", "标签", "状态", "操作"], empty);
    for channel in found {
        let standing = match (channel.is_target, channel.reachable) {
            (_, false) => ("bad", channel.unreachable_reason.clone().unwrap_or_else(|| "无法送达".to_owned())),
            (true, true) => ("good", "正常".to_owned()),
            (false, true) => ("plain", "不发通知".to_owned()),
        };
        let actions = if !channel.reachable && session.may(Permission::WriteChannels) {
            vec![Action::send(format!("{HERE}/{}/retry", channel.id), "重新启用", &session.csrf)]
        } else {
            Vec::new()
        };
        table.row(vec![
            Cell::text(channel.title.clone()),
            Cell::quiet(channel.kind.chinese()),
            Cell::quiet(channel.tags.join("、")),
            Cell::badge(standing.0, standing.1),
            Cell::Actions(actions),
        ]);
    }
    let mut blocks = Vec::new();
    if session.may(Permission::WriteChannels) {
        blocks.push(Actions(vec![Action::open("/console/channels/new", "登记群聊").first()]).to_string());
    }
    blocks.push(table.to_string());
    sheet(Frame::of(&session, HERE, "群聊"), blocks)
}

fn form(session: &Session) -> Form {
    let kinds = ChannelKind::TARGETS.map(|kind| (kind.word(), kind.chinese()));
    Form::new(session, HERE, "登记")
        .field(Field::choice("kind", "平台", kinds).required())
        .field(
            Field::text("address", "地址")
                .required()
                .most(200)
                .hint("Telegram 写群的编号，例如 -1001234567890；企业微信写机器人的 Webhook 地址；试用随便写一个名字"),
        )
        .field(Field::text("title", "群名称").required().most(128))
        .field(Field::text("tags", "标签").hint("用顿号隔开，例如 个体户、园区").most(300))
}

async fn new(Extract(_): Extract<State>, session: Session) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, HERE, "登记群聊"), vec![form(&session).to_string()])
}

async fn create(Extract(state): Extract<State>, session: Session, fields: Fields) -> Result<Response, ApiError> {
    match register(&state, &session, &fields).await {
        Ok(()) => done(&state, &session, HERE, "已登记").await,
        Err(error) => {
            let form = form(&session).filled(&fields).refused(error)?;
            sheet(Frame::of(&session, HERE, "登记群聊"), vec![form.to_string()])
        }
    }
}

async fn register(state: &State, session: &Session, fields: &Fields) -> Result<(), ApiError> {
    let kind = ChannelKind::parse(fields.text("kind")).ok_or_else(|| ApiError::invalid("kind", "请选择平台"))?;
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
    channels::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such("群聊"))?;
    channels::set_reachable(&mut tx, &id, None).await?;
    audit::record(&mut tx, &session.staff.name, "channel.change", &id, "reachable", now).await?;
    tx.commit().await?;
    done(&state, &session, HERE, "已重新启用，下一次发送会再试").await
}
