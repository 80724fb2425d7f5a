//! One's own account: the password, and the way out.

use axum::extract::State as Extract;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};

use super::door::{new_password, password_fields};
use super::form::{Field, Form};
use super::{Frame, Pages, sheet};
use crate::domain::staff::Permission;
use crate::replies::console;
use crate::replies::console_pages::own as text;
use crate::store::{access, audit, sessions};
use crate::web::State;
use crate::web::problem::ApiError;
use crate::web::session::{self, Fields, LOGIN, Session};

const PASSWORD: &str = "/console/password";

pub(super) fn pages(pages: Pages) -> Pages {
    pages.get(PASSWORD, Permission::Read, password_page).post(PASSWORD, Permission::Read, change_password).post(
        "/console/logout",
        Permission::Read,
        log_out,
    )
}

async fn password_page(session: Session) -> Result<Response, ApiError> {
    page(&session, &password_form(&session))
}

async fn change_password(Extract(state): Extract<State>, session: Session, typed: Fields) -> Result<Response, ApiError> {
    match changed(&state, &session, &typed).await {
        Ok(response) => Ok(response),
        Err(error) => {
            let status = error.status();
            let form = password_form(&session).refused(error)?;
            Ok((status, page(&session, &form)?).into_response())
        }
    }
}

async fn changed(state: &State, session: &Session, typed: &Fields) -> Result<Response, ApiError> {
    let (name, now) = (session.staff.name.as_str(), state.clock.now());
    let phc = {
        let mut conn = state.store.read().await?;
        // A session left open must not be a way to guess.
        if access::locked_until(&mut conn, name, now).await?.is_some() {
            return Err(ApiError::invalid("present", console::login_locked()));
        }
        access::password(&mut conn, name).await?.map(|(_, phc)| phc)
    };
    if !state.passwords.check(typed.raw("present"), phc).await? {
        let mut tx = state.store.begin().await?;
        access::failed(&mut tx, name, now).await?;
        tx.commit().await?;
        return Err(ApiError::invalid("present", console::wrong_present_password()));
    }
    let phc = new_password(state, typed, name).await?;
    let mut tx = state.store.begin().await?;
    access::set_password(&mut tx, &session.staff.user_id, &phc, now).await?;
    // Every session ended with the old password; this one begins anew.
    let secret = sessions::begin(&mut tx, &session.staff.user_id, now).await?;
    let begun = sessions::find(&mut tx, &secret, now).await?;
    if let Some(begun) = begun {
        sessions::say(&mut tx, &begun.token_hash, &console::password_changed()).await?;
    }
    audit::record(&mut tx, name, "password.change", &session.staff.user_id, "", now).await?;
    tx.commit().await?;
    let mut response = Redirect::to("/console").into_response();
    response.headers_mut().insert(header::SET_COOKIE, session::cookie(&state.public_url, &secret));
    Ok(response)
}

async fn log_out(Extract(state): Extract<State>, session: Session) -> Result<Response, ApiError> {
    let mut tx = state.store.begin().await?;
    sessions::end(&mut tx, &session.token_hash).await?;
    tx.commit().await?;
    let mut response = Redirect::to(LOGIN).into_response();
    response.headers_mut().insert(header::SET_COOKIE, session::no_cookie(&state.public_url));
    Ok(response)
}

fn password_form(session: &Session) -> Form {
    let form = Form::new(session, PASSWORD, text::CHANGE_PASSWORD)
        .field(Field::text("name", text::ACCOUNT).value(session.staff.name.clone()).complete("username").fixed())
        .field(Field::password("present", text::PRESENT_PASSWORD, "current-password").required());
    password_fields(form, text::NEW_PASSWORD)
}

fn page(session: &Session, form: &Form) -> Result<Response, ApiError> {
    sheet(Frame::of(session, PASSWORD, text::CHANGE_PASSWORD), vec![form.to_string()])
}
