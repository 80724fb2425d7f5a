//! The pages people see: chat, documents, classes. They work without JavaScript; it only makes them quicker.

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};

use super::State;
use super::problem::ApiError;
use crate::replies::pages;

mod after_class;
mod answer;
mod assets;
mod bulletins;
mod certificates;
mod chat;
mod check_in;
mod class_survey;
mod classes;
mod codes;
mod human;
mod later;
mod my;
mod policies;
mod quizzes;
mod suggestions;
mod text;

pub use check_in::address_of;
pub use human::once_token;

/// Every page and what it is made of.
pub fn routes() -> Router<State> {
    Router::new()
        .route("/", get(chat::page))
        .route("/ask", get(chat::ask_page))
        .route("/later", post(later::wait))
        .route("/later/off", post(later::off))
        .route("/later/on", post(later::on))
        .route("/human", get(human::talk).post(human::call))
        .route("/human/say", post(human::say))
        .route("/human/end", post(human::end))
        .route("/human/back", post(human::back))
        .route("/human/rate", post(human::rate))
        .route("/human/hide", post(human::hide))
        .route("/policies", get(policies::list))
        .route("/policies/{id}", get(policies::page))
        .route("/bulletins", get(bulletins::list))
        .route("/bulletins/{id}", get(bulletins::page))
        .route("/bulletins/{id}/attachments/{attachment}", get(bulletins::attachment))
        .route("/feed.atom", get(bulletins::atom))
        .route("/feed.json", get(bulletins::json_feed))
        .route("/classes", get(classes::list))
        .route("/classes/{id}", get(classes::page))
        .route("/calendar.ics", get(classes::feed))
        .route("/materials/{id}", get(after_class::material))
        .route("/votes/{id}", get(after_class::vote_page).post(after_class::vote))
        .route("/classes/{id}/class.ics", get(classes::calendar))
        .route("/classes/{id}/enrol", post(classes::enrol))
        .route("/classes/{id}/withdraw", post(classes::withdraw))
        .route("/classes/{id}/survey", get(class_survey::page).post(class_survey::answer))
        .route("/classes/{id}/check-in", get(check_in::page).post(check_in::check_in))
        .route("/certificates", get(certificates::search))
        .route("/certificates/{code}", get(certificates::page))
        .route("/quizzes", get(quizzes::list))
        .route("/quizzes/{id}", get(quizzes::page).post(quizzes::answer))
        .route("/quizzes/{id}/draw", post(quizzes::join))
        .route("/lessons/{name}", get(quizzes::lesson))
        .route("/suggestions", get(suggestions::page).post(suggestions::send))
        .route("/go/{code}", get(codes::go))
        .route("/outings/{id}", get(codes::outing))
        .route("/sheets", get(codes::sheet))
        .route("/my", get(my::page))
        .route("/my/data.json", get(my::file))
        .route("/my/forget", post(my::forget))
        .route("/assets/{name}", get(assets::serve))
        .fallback(lost)
}

/// A page that could not be made, told in the pages' own dress.
#[derive(Debug)]
pub struct PageError(pub ApiError);

#[derive(Template)]
#[template(path = "sorry.html", config = "src/web/askama.toml")]
struct Sorry {
    here: &'static str,
    title: String,
    detail: String,
}

impl<E: Into<ApiError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let status = self.0.status();
        let problem = self.0.problem();
        let (title, detail) = if status == StatusCode::NOT_FOUND {
            (pages::not_found_title(), pages::not_found())
        } else {
            (problem.title.to_owned(), problem.detail)
        };
        let page = Sorry { here: "", title, detail };
        // The problem's own answer logs the cause of a fault of ours and knows its headers.
        let mut response = self.0.into_response();
        if let Ok(html) = page.render() {
            let (mut parts, _) = response.into_parts();
            parts.headers.remove(header::CONTENT_LENGTH);
            parts.headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
            response = Response::from_parts(parts, html.into());
        }
        response
    }
}

/// Renders a page.
fn html(page: &impl Template) -> Result<Response, PageError> {
    let text = page.render().map_err(|error| ApiError::Internal(error.into()))?;
    Ok(Html(text).into_response())
}

async fn lost(_: Request) -> PageError {
    PageError(ApiError::NotFound(pages::not_found()))
}
