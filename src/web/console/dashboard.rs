//! The first page: what needs somebody now, and how the service is doing.

use axum::response::Response;

use super::{Frame, Pages, sheet};
use crate::domain::staff::Permission;
use crate::web::problem::ApiError;
use crate::web::session::Session;

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get("/console", Permission::Read, dashboard)
}

async fn dashboard(session: Session) -> Result<Response, ApiError> {
    sheet(Frame::of(&session, "/console", "工作台"), Vec::new())
}
