//! The console's door: a cookie names a session of the store, forms carry its token and come from our own pages.
//! Its one rule: nothing behind [`layer`] runs without a session, and no form without its token.

use axum::body::{Body, to_bytes};
use axum::extract::{FromRequestParts, Request, State as Extract};
use axum::http::{HeaderMap, HeaderValue, Method, header, request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use subtle::ConstantTimeEq;

use super::State;
use super::extract::JSON_BYTES;
use super::origin::same_origin;
use super::problem::ApiError;
use super::staff::Staff;
use crate::broadcasts::Actor;
use crate::domain::staff::Permission;
use crate::domain::time::Timestamp;
use crate::replies::console;
use crate::store::sessions;

/// Where one logs in.
pub const LOGIN: &str = "/console/login";
const COOKIE: &str = "taxhome_staff";
/// The browser keeps such a cookie to this host and to TLS.
const HOST_COOKIE: &str = "__Host-taxhome_staff";
const FORM: &str = "application/x-www-form-urlencoded";

/// A staff user in the console: an extractor for the handlers behind [`layer`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub staff: Staff,
    /// Goes into every form as the hidden field `csrf`.
    pub csrf: String,
    /// Names the session in the store.
    pub token_hash: String,
    /// What this page tells, once; empty: nothing.
    pub said: String,
}

impl Session {
    /// Refuses with 403 where the role may not.
    pub fn require(&self, permission: Permission) -> Result<(), ApiError> {
        self.staff.require(permission)
    }

    /// Whether the role may: to show a button or not.
    pub fn may(&self, permission: Permission) -> bool {
        self.staff.role.may(permission)
    }
}

impl From<&Session> for Actor {
    fn from(session: &Session) -> Self {
        Self::from(&session.staff)
    }
}

/// The fields of a form, read and checked by [`layer`]: an extractor.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// A field's text without spaces around it; empty where it was not sent.
    pub fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// A field's text as it was sent: for passwords.
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// All texts of a field that may come several times, such as ticked boxes.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, value)| key == name && !value.trim().is_empty()).map(|(_, value)| value.trim()).collect()
    }

    /// Whether a box was ticked.
    pub fn ticked(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }

    fn read(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let parsed = reqwest::Url::parse(&format!("http://form/?{text}")).map(|url| url.query_pairs().into_owned().collect());
        Self(parsed.unwrap_or_default())
    }
}

impl FromRequestParts<State> for Session {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, _: &State) -> Result<Self, ApiError> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| ApiError::Unauthenticated(console::log_in_first()))
    }
}

impl FromRequestParts<State> for Fields {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut request::Parts, _: &State) -> Result<Self, ApiError> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or_default())
    }
}

/// Lets in who has a session, and forms that carry its token. Uploads (multipart) carry it in the address: `?csrf=…`.
pub async fn layer(Extract(state): Extract<State>, request: Request, next: Next) -> Response {
    let now = state.clock.now();
    let session = match of(&state, request.headers(), now).await {
        Ok(Some(session)) => session,
        Ok(None) => return to_login(&request),
        Err(error) => return error.into_response(),
    };
    let accepted = match *request.method() {
        Method::GET | Method::HEAD => told(&state, &session).await.map(|()| request),
        _ => checked(&state, &session, request).await,
    };
    let mut request = match accepted {
        Ok(request) => request,
        Err(error) => return known(error.into_response(), session),
    };
    request.extensions_mut().insert(session.clone());
    known(next.run(request).await, session)
}

/// A refusal is told in the frame of whoever it is.
fn known(mut response: Response, session: Session) -> Response {
    response.extensions_mut().insert(session);
    response
}

/// Reads a form of somebody who has no session yet: from our own pages only.
pub async fn open_form(state: &State, request: Request) -> Result<Fields, ApiError> {
    same_origin(request.headers(), &state.public_url)?;
    let bytes = to_bytes(request.into_body(), JSON_BYTES).await.map_err(|_| ApiError::TooLarge(JSON_BYTES))?;
    Ok(Fields::read(&bytes))
}

/// The session of a request, if it holds.
pub async fn of(state: &State, headers: &HeaderMap, now: Timestamp) -> Result<Option<Session>, ApiError> {
    let Some(secret) = secret_of(headers) else { return Ok(None) };
    let mut conn = state.store.read().await?;
    let Some(found) = sessions::find(&mut conn, secret, now).await? else { return Ok(None) };
    drop(conn);
    if found.use_is_news(now) {
        let mut tx = state.store.begin().await?;
        sessions::used(&mut tx, &found.token_hash, now).await?;
        tx.commit().await?;
    }
    let staff = Staff { user_id: found.user_id, name: found.name, role: found.role };
    Ok(Some(Session { staff, csrf: found.csrf, token_hash: found.token_hash, said: found.said }))
}

/// What a page tells once is told by this one.
async fn told(state: &State, session: &Session) -> Result<(), ApiError> {
    if session.said.is_empty() {
        return Ok(());
    }
    let mut tx = state.store.begin().await?;
    sessions::say(&mut tx, &session.token_hash, "").await?;
    tx.commit().await?;
    Ok(())
}

async fn checked(state: &State, session: &Session, request: Request) -> Result<Request, ApiError> {
    same_origin(request.headers(), &state.public_url)?;
    let media = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let (mut parts, mut body) = request.into_parts();
    let fields = if media.starts_with(FORM) {
        let bytes = to_bytes(body, JSON_BYTES).await.map_err(|_| ApiError::TooLarge(JSON_BYTES))?;
        body = Body::empty();
        Fields::read(&bytes)
    } else {
        Fields::read(parts.uri.query().unwrap_or_default().as_bytes())
    };
    let same: bool = fields.raw("csrf").as_bytes().ct_eq(session.csrf.as_bytes()).into();
    if !same {
        return Err(ApiError::Forbidden(console::stale_form()));
    }
    parts.extensions.insert(fields);
    Ok(Request::from_parts(parts, body))
}

/// The way to log in, and back to the page that was asked for.
fn to_login(request: &Request) -> Response {
    let wanted = request.uri().path_and_query().map_or("/console", |path| path.as_str());
    let back = if request.method() == Method::GET && wanted != "/console" {
        let next = askama::filters::urlencode_strict(wanted).map(|text| text.to_string()).unwrap_or_default();
        format!("{LOGIN}?next={next}")
    } else {
        LOGIN.to_owned()
    };
    Redirect::to(&back).into_response()
}

fn secret_of(headers: &HeaderMap) -> Option<&str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
    let mut named = cookies.filter_map(|cookie| cookie.trim().split_once('='));
    named.find(|(name, _)| *name == COOKIE || *name == HOST_COOKIE).map(|(_, secret)| secret)
}

/// The cookie that begins a session.
pub fn cookie(public_url: &str, secret: &str) -> HeaderValue {
    let (name, secure) = if public_url.starts_with("https://") { (HOST_COOKIE, "; Secure") } else { (COOKIE, "") };
    HeaderValue::from_str(&format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict{secure}"))
        .expect("hexadecimal digits and fixed words are a header value")
}

/// The cookie that ends it.
pub fn no_cookie(public_url: &str) -> HeaderValue {
    let (name, secure) = if public_url.starts_with("https://") { (HOST_COOKIE, "; Secure") } else { (COOKIE, "") };
    HeaderValue::from_str(&format!("{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict{secure}"))
        .expect("fixed words are a header value")
}
