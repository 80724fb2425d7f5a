//! Who may call which route: one list for the whole API, looked at before a handler reads anything, so that a refusal (403) comes before
//! any other (422). A handler asks again for what it needs; the matrix test holds both to the same answer and every new route to a line here.

use axum::extract::{MatchedPath, Request, State as Extract};
use axum::http::HeaderMap;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::domain::staff::Permission::{
    self, Answer, ApproveBulletins, ManageUsers, Read, ReadAudit, SendBulletins, SettleDeliveries, WriteBulletins, WriteCampaigns,
    WriteChannels, WriteClasses, WriteDocuments,
};
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::staff::{Staff, authenticate};

const PREFIX: &str = "/api/v1";

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// No token is needed; with one of the staff there may be more to see.
    Everybody,
    /// Staff who have any one of these.
    Staff(&'static [Permission]),
}

const EVERYBODY: Who = Who::Everybody;
const READERS: Who = Who::Staff(&[Read]);

/// Method, path and who may, in the order of the paths.
#[rustfmt::skip]
const ROUTES: &[(&str, &str, Who)] = &[
    ("GET", "/alerts", READERS),
    ("POST", "/alerts/{id}/resolve", Who::Staff(&[SettleDeliveries])),
    ("GET", "/audit", Who::Staff(&[ReadAudit])),
    ("GET", "/audit/verify", Who::Staff(&[ReadAudit])),
    ("POST", "/answers/{id}/feedback", EVERYBODY),
    ("GET", "/bulletins", READERS),
    ("POST", "/bulletins", Who::Staff(&[WriteBulletins])),
    ("GET", "/bulletins/{id}", READERS),
    ("PATCH", "/bulletins/{id}", Who::Staff(&[WriteBulletins])),
    ("GET", "/bulletins/{id}/preview", READERS),
    ("POST", "/bulletins/{id}/attachments", Who::Staff(&[WriteBulletins])),
    ("GET", "/bulletins/{id}/attachments/{attachment}", READERS),
    ("DELETE", "/bulletins/{id}/attachments/{attachment}", Who::Staff(&[WriteBulletins])),
    ("GET", "/bulletins/{id}/progress", READERS),
    ("GET", "/bulletins/{id}/deliveries", READERS),
    ("POST", "/bulletins/{id}/submit", Who::Staff(&[WriteBulletins])),
    ("POST", "/bulletins/{id}/approve", Who::Staff(&[ApproveBulletins])),
    ("POST", "/bulletins/{id}/reject", Who::Staff(&[ApproveBulletins])),
    ("POST", "/bulletins/{id}/urge", Who::Staff(&[ApproveBulletins])),
    ("POST", "/bulletins/{id}/schedule", Who::Staff(&[SendBulletins])),
    ("POST", "/bulletins/{id}/send", Who::Staff(&[SendBulletins])),
    ("POST", "/bulletins/{id}/pause", Who::Staff(&[SendBulletins])),
    ("POST", "/bulletins/{id}/resume", Who::Staff(&[SendBulletins])),
    ("POST", "/bulletins/{id}/cancel", Who::Staff(&[WriteBulletins])),
    ("POST", "/bulletins/{id}/recall", Who::Staff(&[SendBulletins])),
    ("POST", "/bulletins/{id}/correct", Who::Staff(&[WriteBulletins])),
    ("GET", "/calendar", READERS),
    ("POST", "/calendar/workdays", Who::Staff(&[WriteDocuments])),
    ("POST", "/calendar/filing", Who::Staff(&[WriteDocuments])),
    ("GET", "/campaigns", READERS),
    ("POST", "/campaigns", Who::Staff(&[WriteCampaigns])),
    ("POST", "/campaigns/import", Who::Staff(&[WriteCampaigns])),
    ("GET", "/campaigns/{id}", READERS),
    ("POST", "/campaigns/{id}/approve", Who::Staff(&[ApproveBulletins])),
    ("GET", "/campaigns/{id}/calendar", READERS),
    ("POST", "/campaigns/{id}/move", Who::Staff(&[WriteCampaigns])),
    ("GET", "/campaigns/{id}/report", READERS),
    ("POST", "/campaigns/{id}/report-bulletin", Who::Staff(&[WriteCampaigns])),
    ("GET", "/channels", READERS),
    ("POST", "/channels", Who::Staff(&[WriteChannels])),
    ("PATCH", "/channels/{id}", Who::Staff(&[WriteChannels])),
    ("GET", "/channels/checks", READERS),
    ("POST", "/channels/checks", Who::Staff(&[WriteChannels])),
    ("GET", "/channels/{id}/test", READERS),
    ("POST", "/channels/{id}/test", Who::Staff(&[WriteChannels])),
    ("GET", "/classes", READERS),
    ("POST", "/classes", Who::Staff(&[WriteClasses])),
    ("GET", "/classes/{id}", READERS),
    ("PUT", "/classes/{id}", Who::Staff(&[WriteClasses])),
    ("POST", "/classes/{id}/check-ins", EVERYBODY),
    ("POST", "/classes/{id}/sessions", Who::Staff(&[WriteClasses])),
    ("POST", "/classes/{id}/sessions/{number}/cancel", Who::Staff(&[WriteClasses])),
    ("POST", "/classes/{id}/sessions/{number}/check-ins", Who::Staff(&[WriteClasses])),
    ("DELETE", "/classes/{id}/sessions/{number}/check-ins/{enrolment}", Who::Staff(&[WriteClasses])),
    ("GET", "/certificates/{code}", EVERYBODY),
    ("POST", "/classes/{id}/publish", Who::Staff(&[WriteClasses])),
    ("POST", "/classes/{id}/cancel", Who::Staff(&[WriteClasses])),
    ("POST", "/classes/{id}/move", Who::Staff(&[WriteClasses])),
    ("GET", "/classes/{id}/materials", READERS),
    ("POST", "/classes/{id}/materials", Who::Staff(&[WriteClasses])),
    ("POST", "/classes/{id}/materials/push", Who::Staff(&[WriteClasses])),
    ("GET", "/classes/{id}/roster", READERS),
    ("GET", "/classes/{id}/summary", READERS),
    ("GET", "/classes/{id}/survey", READERS),
    ("POST", "/classes/{id}/survey", Who::Staff(&[WriteClasses])),
    ("GET", "/classes/{id}/votes", READERS),
    ("POST", "/classes/{id}/votes", Who::Staff(&[WriteClasses])),
    ("GET", "/codes", READERS),
    ("POST", "/codes", Who::Staff(&[WriteCampaigns])),
    ("GET", "/codes/{id}", READERS),
    ("GET", "/deliveries/unknown", READERS),
    ("POST", "/deliveries/{id}/settle", Who::Staff(&[SettleDeliveries])),
    ("GET", "/documents", EVERYBODY),
    ("POST", "/documents", Who::Staff(&[WriteDocuments])),
    ("GET", "/documents/due", READERS),
    ("GET", "/documents/{id}", EVERYBODY),
    ("POST", "/documents/{id}/release", Who::Staff(&[WriteDocuments])),
    ("POST", "/documents/{id}/discard", Who::Staff(&[WriteDocuments])),
    ("GET", "/gaps", READERS),
    ("GET", "/gaps/{id}", READERS),
    ("POST", "/gaps/{id}/draft", Who::Staff(&[Answer])),
    ("POST", "/gaps/{id}/approve", Who::Staff(&[ApproveBulletins])),
    ("POST", "/gaps/{id}/return", Who::Staff(&[ApproveBulletins])),
    ("POST", "/gaps/{id}/dismiss", Who::Staff(&[Answer])),
    ("POST", "/gaps/{id}/reopen", Who::Staff(&[Answer])),
    ("POST", "/gaps/{id}/withdraw", Who::Staff(&[ApproveBulletins])),
    ("POST", "/gaps/{id}/merge", Who::Staff(&[Answer])),
    ("POST", "/gaps/{id}/split", Who::Staff(&[Answer])),
    ("GET", "/inquiries", READERS),
    ("GET", "/inquiries/{id}", READERS),
    ("POST", "/inquiries/{id}/take", Who::Staff(&[Answer])),
    ("POST", "/inquiries/{id}/answers", Who::Staff(&[Answer])),
    ("POST", "/inquiries/{id}/transfer", Who::Staff(&[Answer])),
    ("POST", "/inquiries/{id}/close", Who::Staff(&[Answer])),
    ("POST", "/inquiries/{id}/reopen", Who::Staff(&[Answer])),
    ("DELETE", "/materials/{id}", Who::Staff(&[WriteClasses])),
    ("GET", "/ledger", READERS),
    ("POST", "/ledger", EVERYBODY),
    ("GET", "/ledger/file", READERS),
    ("GET", "/ledger/numbers/{number}", EVERYBODY),
    ("GET", "/ledger/{id}", READERS),
    ("POST", "/ledger/{id}/steps", Who::Staff(&[Answer])),
    ("GET", "/outings/{id}", READERS),
    ("POST", "/outings/{id}/result", Who::Staff(&[WriteCampaigns])),
    ("POST", "/outings/{id}/photos", Who::Staff(&[WriteCampaigns])),
    ("GET", "/photos/{id}", READERS),
    ("DELETE", "/photos/{id}", Who::Staff(&[WriteCampaigns])),
    ("GET", "/qr/{kind}/{id}", EVERYBODY),
    ("POST", "/questions", EVERYBODY),
    ("GET", "/quiz-banks", Who::Staff(&[WriteCampaigns, WriteClasses, ApproveBulletins, ReadAudit])),
    ("POST", "/quiz-banks", Who::Staff(&[WriteCampaigns, WriteClasses])),
    ("GET", "/quizzes", READERS),
    ("POST", "/quizzes", Who::Staff(&[WriteCampaigns, WriteClasses])),
    ("GET", "/quizzes/{id}", READERS),
    ("POST", "/quizzes/{id}/answers", READERS),
    ("GET", "/quizzes/{id}/scores", READERS),
    ("POST", "/quizzes/{id}/announce", Who::Staff(&[WriteCampaigns])),
    ("POST", "/quizzes/{id}/draw", Who::Staff(&[WriteCampaigns])),
    ("POST", "/quizzes/{id}/prize-checks", Who::Staff(&[WriteCampaigns])),
    ("GET", "/ratings", READERS),
    ("GET", "/recurring", READERS),
    ("POST", "/recurring", Who::Staff(&[WriteBulletins])),
    ("GET", "/recurring/{id}", READERS),
    ("PATCH", "/recurring/{id}", Who::Staff(&[WriteBulletins])),
    ("POST", "/recurring/{id}/approve", Who::Staff(&[ApproveBulletins])),
    ("POST", "/recurring/{id}/stop", Who::Staff(&[WriteBulletins])),
    ("GET", "/statistics", READERS),
    ("GET", "/tokens", Who::Staff(&[ManageUsers])),
    ("POST", "/tokens", Who::Staff(&[ManageUsers])),
    ("DELETE", "/tokens/{id}", Who::Staff(&[ManageUsers])),
    ("GET", "/users", READERS),
    ("POST", "/users", Who::Staff(&[ManageUsers])),
    ("PATCH", "/users/{id}", Who::Staff(&[ManageUsers])),
    ("POST", "/users/{id}/link", Who::Staff(&[ManageUsers])),
];

/// Who may call this route; `path` is relative to `/api/v1`, with its `{parts}`.
pub fn who(method: &str, path: &str) -> Option<Who> {
    ROUTES.iter().find(|(known, at, _)| *known == method && *at == path).map(|(_, _, who)| *who)
}

/// Asks before the handler reads anything.
pub async fn layer(Extract(state): Extract<State>, mut request: Request, next: Next) -> Response {
    let matched = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned()).unwrap_or_default();
    let path = matched.strip_prefix(PREFIX).unwrap_or(&matched);
    if let Some(Who::Staff(any_of)) = who(request.method().as_str(), path) {
        let known = request.extensions().get::<Staff>().cloned();
        match allowed(&state, request.headers(), known, any_of).await {
            Ok(staff) => {
                request.extensions_mut().insert(staff);
            }
            Err(error) => return error.into_response(),
        }
    }
    next.run(request).await
}

async fn allowed(state: &State, headers: &HeaderMap, known: Option<Staff>, any_of: &[Permission]) -> Result<Staff, ApiError> {
    let staff = match known {
        Some(staff) => staff,
        None => authenticate(state, headers).await?,
    };
    match any_of.first() {
        Some(first) if !any_of.iter().any(|permission| staff.role.may(*permission)) => staff.require(*first).map(|()| staff),
        _ => Ok(staff),
    }
}
