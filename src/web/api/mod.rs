//! The routes of `/api/v1`, one file per noun.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt};
use utoipa_axum::routes;

use super::State;
use super::layers::{A_MATERIAL, A_PHOTO, AN_ATTACHMENT, UPLOADS, body_limit};

pub mod after_class;
pub mod alerts;
pub mod attachments;
pub mod audit;
pub mod bulletins;
pub mod calendar;
pub mod campaign_calendar;
pub mod campaigns;
pub mod channel_checks;
pub mod channels;
pub mod check_ins;
pub mod classes;
pub mod deliveries;
pub mod documents;
pub mod formats;
pub mod gaps;
pub mod import;
pub mod inquiries;
pub mod ledger;
pub mod outings;
pub mod progress;
pub mod qr;
pub mod quarantine;
pub mod questions;
pub mod quizzes;
pub mod recurring;
pub mod reports;
pub mod statistics;
pub mod users;
pub mod words;

pub mod access;

/// Every route of the API; paths are relative to `/api/v1`.
pub fn routes() -> OpenApiRouter<State> {
    OpenApiRouter::new()
        .routes(routes!(questions::create))
        .routes(routes!(questions::feedback))
        .routes(routes!(gaps::list))
        .routes(routes!(gaps::get))
        .routes(routes!(gaps::draft))
        .routes(routes!(gaps::approve))
        .routes(routes!(gaps::give_back))
        .routes(routes!(gaps::dismiss))
        .routes(routes!(gaps::reopen))
        .routes(routes!(gaps::withdraw))
        .routes(routes!(gaps::merge))
        .routes(routes!(gaps::split))
        .routes(routes!(documents::list, import::create).layer(DefaultBodyLimit::max(body_limit(UPLOADS))))
        .routes(routes!(documents::due))
        .routes(routes!(documents::get))
        .routes(routes!(quarantine::release))
        .routes(routes!(quarantine::discard))
        .routes(routes!(channels::list, channels::create))
        .routes(routes!(channels::change))
        .routes(routes!(channel_checks::list, channel_checks::run))
        .routes(routes!(channel_checks::last_test, channel_checks::test))
        .routes(routes!(bulletins::list, bulletins::create))
        .routes(routes!(bulletins::get, bulletins::edit))
        .routes(routes!(bulletins::preview))
        .routes(routes!(attachments::create).layer(DefaultBodyLimit::max(body_limit(AN_ATTACHMENT))))
        .routes(routes!(attachments::get, attachments::remove))
        .routes(routes!(bulletins::submit))
        .routes(routes!(bulletins::approve))
        .routes(routes!(bulletins::reject))
        .routes(routes!(bulletins::urge))
        .routes(routes!(bulletins::schedule))
        .routes(routes!(bulletins::send))
        .routes(routes!(bulletins::pause))
        .routes(routes!(bulletins::resume))
        .routes(routes!(bulletins::cancel))
        .routes(routes!(bulletins::recall))
        .routes(routes!(bulletins::correct))
        .routes(routes!(progress::stream))
        .routes(routes!(recurring::list, recurring::create))
        .routes(routes!(recurring::get, recurring::edit))
        .routes(routes!(recurring::approve))
        .routes(routes!(recurring::stop))
        .routes(routes!(calendar::get))
        .routes(routes!(calendar::put_workdays))
        .routes(routes!(calendar::put_filing))
        .routes(routes!(deliveries::of_bulletin))
        .routes(routes!(deliveries::unknown))
        .routes(routes!(deliveries::settle))
        .routes(routes!(inquiries::list))
        .routes(routes!(inquiries::get))
        .routes(routes!(inquiries::take))
        .routes(routes!(inquiries::answer))
        .routes(routes!(inquiries::transfer))
        .routes(routes!(inquiries::close))
        .routes(routes!(inquiries::reopen))
        .routes(routes!(ledger::list, ledger::create))
        .routes(routes!(ledger::download))
        .routes(routes!(ledger::look_up))
        .routes(routes!(ledger::get))
        .routes(routes!(ledger::step))
        .routes(routes!(ledger::ratings_view))
        .routes(routes!(classes::list, classes::create))
        .routes(routes!(classes::get, classes::edit))
        .routes(routes!(check_ins::create))
        .routes(routes!(check_ins::taps))
        .routes(routes!(check_ins::undo))
        .routes(routes!(check_ins::certificate))
        .routes(routes!(classes::publish))
        .routes(routes!(classes::cancel))
        .routes(routes!(classes::move_to))
        .routes(routes!(classes::add_session))
        .routes(routes!(classes::cancel_session))
        .routes(routes!(classes::roster))
        .routes(routes!(after_class::materials, after_class::add_material).layer(DefaultBodyLimit::max(body_limit(A_MATERIAL))))
        .routes(routes!(after_class::push_materials))
        .routes(routes!(after_class::remove_material))
        .routes(routes!(after_class::votes, after_class::begin_vote))
        .routes(routes!(after_class::survey, after_class::set_survey))
        .routes(routes!(after_class::summary))
        .routes(routes!(campaigns::list, campaigns::create))
        .routes(routes!(campaigns::import))
        .routes(routes!(campaigns::get))
        .routes(routes!(campaigns::approve))
        .routes(routes!(campaign_calendar::calendar))
        .routes(routes!(campaigns::move_item))
        .routes(routes!(reports::get))
        .routes(routes!(statistics::get))
        .routes(routes!(reports::bulletin))
        .routes(routes!(outings::get))
        .routes(routes!(outings::record))
        .routes(routes!(outings::add_photo).layer(DefaultBodyLimit::max(body_limit(A_PHOTO))))
        .routes(routes!(outings::photo, outings::remove_photo))
        .routes(routes!(qr::picture))
        .routes(routes!(quizzes::banks, quizzes::create_bank))
        .routes(routes!(quizzes::list, quizzes::create))
        .routes(routes!(quizzes::get))
        .routes(routes!(quizzes::answer))
        .routes(routes!(quizzes::scores))
        .routes(routes!(quizzes::announce))
        .routes(routes!(quizzes::draw))
        .routes(routes!(quizzes::check_prize))
        .routes(routes!(qr::list, qr::create))
        .routes(routes!(qr::get))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change))
        .routes(routes!(users::create_link))
        .routes(routes!(alerts::list))
        .routes(routes!(alerts::resolve))
        .routes(routes!(audit::list))
        .routes(routes!(audit::verify))
        .routes(routes!(users::tokens, users::create_token))
        .routes(routes!(users::revoke_token))
}
