//! Chats that bulletins go to.

use axum::extract::State as Extract;
use axum::http::StatusCode;
use serde::Deserialize;
use utoipa::openapi::schema::{AdditionalProperties, ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, SchemaType, Type};
use utoipa::openapi::{Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::domain::channel::ChannelKind;
use crate::domain::inbound::Scope;
use crate::domain::staff::Permission;
use crate::replies::problems;
use crate::store::audit;
use crate::store::channels::{self, Channel};
use crate::web::State;
use crate::web::extract::{Json, Path};
use crate::web::paging::{Page, Paging, PagingParameters};
use crate::web::problem::{ApiError, Problem};
use crate::web::staff::Staff;

const LONGEST_TITLE: usize = 128;
const LONGEST_ADDRESS: usize = 200;
const MOST_TAGS: usize = 20;
const LONGEST_TAG: usize = 30;
/// A topic's number, or nothing.
const THREAD: &str = r"^(\s*|\s*\+?0*[1-9][0-9]{0,8}\s*)$";

/// A tag of a chat.
#[derive(utoipa::ToSchema)]
#[schema(min_length = 1, max_length = 30, pattern = r"\S")]
#[expect(dead_code, reason = "only describes the list's items")]
pub struct ChannelTag(String);

/// A chat to register.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    pub kind: ChannelKind,
    /// The platform's id of the chat: for Telegram such as `-1001234567890`; for a WeCom robot its webhook address or key.
    pub address: String,
    pub title: String,
    #[serde(default)]
    pub tags: Vec<String>,
    /// Forum topic bulletins go to.
    #[serde(default)]
    pub thread: Option<String>,
}

impl ToSchema for NewChannel {}

impl PartialSchema for NewChannel {
    /// One form for each kind: which address fits depends on it.
    fn schema() -> RefOr<Schema> {
        let forms = [
            (ChannelKind::Telegram, r"^\s*[-+]?[0-9]{1,18}\s*$", "The chat's id, such as -1001234567890"),
            (ChannelKind::WecomRobot, r"^\s*([^=]*key=)?[A-Za-z0-9-]{8,64}\s*$", "The robot's webhook address, or the key in it"),
            (ChannelKind::Print, r"\S", "Any name"),
        ];
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let named = |longest| text().min_length(Some(1)).max_length(Some(longest));
        let mut one = OneOfBuilder::new().description(Some("A chat to register"));
        for (kind, address, described) in forms {
            let thread = ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
            let form = ObjectBuilder::new()
                .property("kind", text().enum_values(Some([kind.word()])))
                .property("address", named(LONGEST_ADDRESS).pattern(Some(address)).description(Some(described)))
                .property("title", named(LONGEST_TITLE).pattern(Some(r"\S")))
                .property("tags", ArrayBuilder::new().items(Ref::from_schema_name("ChannelTag")).max_items(Some(MOST_TAGS)))
                .property("thread", thread.pattern(Some(THREAD)).description(Some("Forum topic bulletins go to")))
                .additional_properties(Some(AdditionalProperties::FreeForm(false)));
            one = one.item(["kind", "address", "title"].into_iter().fold(form, ObjectBuilder::required));
        }
        one.into()
    }
}

/// What to change of a chat; what is left out stays.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChannelChange {
    #[serde(default)]
    #[schema(min_length = 1, max_length = 128, pattern = r"\S")]
    pub title: Option<String>,
    #[serde(default)]
    #[schema(max_items = 20, value_type = Option<Vec<ChannelTag>>)]
    pub tags: Option<Vec<String>>,
    /// Forum topic; an empty text takes it away.
    #[serde(default)]
    #[schema(pattern = r"^(\s*|\s*\+?0*[1-9][0-9]{0,8}\s*)$")]
    pub thread: Option<String>,
    /// Whether bulletins may go here.
    #[serde(default)]
    pub is_target: Option<bool>,
    /// Whether questions are answered here.
    #[serde(default)]
    pub answers: Option<bool>,
    /// True: try again to send where it was found unreachable.
    #[serde(default)]
    pub reachable: Option<bool>,
}

/// The chats bulletins go to.
#[utoipa::path(get, path = "/channels", summary = "列出群聊",
    description = "只列群，不列个人。企业微信的地址只显示末四位。", tag = "channels", security(("token" = [])), params(PagingParameters),
    responses((status = 200, body = Page<Channel>), (status = 401, body = Problem)))]
pub async fn list(Extract(state): Extract<State>, staff: Staff, paging: Paging) -> Result<Json<Page<Channel>>, ApiError> {
    staff.require(Permission::Read)?;
    let mut conn = state.store.read().await?;
    let channels = channels::list(&mut conn, &paging.after, paging.probe()).await?.into_iter().map(Channel::without_secret).collect();
    Ok(Json(Page::of(channels, &paging, |channel| channel.id.clone())))
}

/// Registers a chat as a target; the same address again updates its title and tags.
#[utoipa::path(post, path = "/channels", summary = "登记群聊",
    description = "同一个地址再登记一次，会更新名称和标签。kind：telegram、wecom_robot、print（试用，只写日志）。", tag = "channels", security(("token" = [])), request_body = NewChannel,
    responses((status = 201, body = Channel), (status = 401, body = Problem), (status = 403, body = Problem), (status = 422, body = Problem)))]
pub async fn create(
    Extract(state): Extract<State>,
    staff: Staff,
    Json(new): Json<NewChannel>,
) -> Result<(StatusCode, Json<Channel>), ApiError> {
    staff.require(Permission::WriteChannels)?;
    let address = accepted_address(new.kind, &new.address)?;
    let title = accepted_title(&new.title)?;
    let tags = accepted_tags(&new.tags)?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let id = channels::ensure(&mut tx, new.kind, &address, &title, Scope::Group, true, now).await?;
    channels::set_tags(&mut tx, &id, &tags).await?;
    if let Some(thread) = &new.thread {
        channels::set_thread(&mut tx, &id, accepted_thread(thread)?).await?;
    }
    audit::record(&mut tx, &staff.name, "channel.create", &id, new.kind.word(), now).await?;
    let channel = channels::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such("群聊"))?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(channel.without_secret())))
}

/// Changes title, tags, topic or switches of a chat.
#[utoipa::path(patch, path = "/channels/{id}", summary = "修改群聊",
    description = "没写的字段不变。reachable 写 true：重新启用记为无法送达的群。", tag = "channels", security(("token" = [])), params(("id" = String, Path)),
    request_body = ChannelChange,
    responses((status = 200, body = Channel), (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn change(
    Extract(state): Extract<State>,
    staff: Staff,
    Path(id): Path<String>,
    Json(change): Json<ChannelChange>,
) -> Result<Json<Channel>, ApiError> {
    staff.require(Permission::WriteChannels)?;
    let now = state.clock.now();
    let mut tx = state.store.begin().await?;
    let mut channel = channels::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such("群聊"))?;
    if let Some(title) = &change.title {
        channel.title = accepted_title(title)?;
    }
    if let Some(thread) = &change.thread {
        channel.thread = accepted_thread(thread)?;
    }
    channel.is_target = change.is_target.unwrap_or(channel.is_target);
    channel.answers = change.answers.unwrap_or(channel.answers);
    if let Some(reachable) = change.reachable {
        channel.reachable = reachable;
        channel.unreachable_reason = None;
    }
    channels::update(&mut tx, &channel).await?;
    if let Some(tags) = change.tags {
        channels::set_tags(&mut tx, &id, &accepted_tags(&tags)?).await?;
    }
    audit::record(&mut tx, &staff.name, "channel.change", &id, "", now).await?;
    let channel = channels::get(&mut tx, &id).await?.ok_or_else(|| ApiError::no_such("群聊"))?;
    tx.commit().await?;
    Ok(Json(channel.without_secret()))
}

/// The address of a chat as stored, or why it is none.
pub fn accepted_address(kind: ChannelKind, address: &str) -> Result<String, ApiError> {
    let address = address.trim();
    if address.is_empty() {
        return Err(ApiError::invalid("address", problems::empty("群聊地址 address")));
    }
    if address.chars().count() > LONGEST_ADDRESS {
        return Err(ApiError::invalid("address", problems::too_long("群聊地址", LONGEST_ADDRESS)));
    }
    match kind {
        ChannelKind::Telegram if address.parse::<i64>().is_err() => Err(ApiError::invalid("address", problems::wrong_telegram_address())),
        ChannelKind::Web => Err(ApiError::invalid("kind", problems::web_is_no_target())),
        ChannelKind::WecomRobot => wecom_key(address).ok_or_else(|| ApiError::invalid("address", problems::wrong_wecom_address())),
        ChannelKind::Telegram | ChannelKind::Print => Ok(address.to_owned()),
    }
}

/// The key of a robot, from itself or from the whole webhook address as WeCom shows it.
fn wecom_key(address: &str) -> Option<String> {
    let key = address.split_once("key=").map_or(address, |(_, key)| key);
    let fits = (8..=64).contains(&key.len()) && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    fits.then(|| key.to_owned())
}

/// The name of a chat as stored.
pub fn accepted_title(title: &str) -> Result<String, ApiError> {
    let title = title.trim();
    if title.is_empty() {
        return Err(ApiError::invalid("title", problems::empty("群聊名称 title")));
    }
    if title.chars().count() > LONGEST_TITLE {
        return Err(ApiError::invalid("title", problems::too_long("群聊名称", LONGEST_TITLE)));
    }
    Ok(title.to_owned())
}

fn accepted_thread(thread: &str) -> Result<Option<String>, ApiError> {
    match thread.trim() {
        "" => Ok(None),
        text if text.parse::<i32>().is_ok_and(|id| id > 0) => Ok(Some(text.to_owned())),
        _ => Err(ApiError::invalid("thread", problems::wrong_thread())),
    }
}

/// Tags as stored: each once, in order.
pub fn accepted_tags(tags: &[String]) -> Result<Vec<String>, ApiError> {
    let mut accepted: Vec<String> = tags.iter().map(|tag| tag.trim().to_owned()).collect();
    accepted.sort();
    accepted.dedup();
    if accepted.len() > MOST_TAGS || accepted.iter().any(|tag| tag.is_empty() || tag.chars().count() > LONGEST_TAG) {
        return Err(ApiError::invalid("tags", problems::wrong_tags(MOST_TAGS, LONGEST_TAG)));
    }
    Ok(accepted)
}
