//! 纳税人之家: policy answers with citations, bulletins that reach every group once, classes and the promotion month.
//!
//! # The rooms, top to bottom (arrows point down only; `tests/it/architecture.rs` holds this)
//!
//! `main`, [`cli`] → [`app`] → [`web`], [`outbox`] → [`channels`] → [`conversation`], [`care`] → [`answering`], [`broadcasts`], [`desk`],
//! [`gaps`] → [`search`] → [`knowledge`], [`store`], [`replies`] → [`domain`], [`clock`], [`config`].
//!
//! # Three flows
//!
//! 1. **A question.** A channel stores the update and makes an [`domain::inbound::Inbound`]; `conversation` hands it to `answering`
//!    (understand, search, decide, compose); the question is logged; the channel renders and sends the reply.
//! 2. **A bulletin.** Draft → review → approved by somebody else → scheduled → the scheduler's tick expands it into deliveries under a
//!    unique key, in one transaction → the outbox claims, paces, sends, settles.
//! 3. **A class.** Its announcement is a bulletin; enrolment takes a seat or a place in line in one transaction; reminders are derived
//!    at each tick from class and enrolments.

pub mod answering;
pub mod app;
pub mod broadcasts;
pub mod care;
pub mod channels;
pub mod cli;
pub mod clock;
pub mod config;
pub mod conversation;
pub mod desk;
pub mod domain;
pub mod gaps;
pub mod knowledge;
pub mod outbox;
pub mod replies;
pub mod search;
pub mod store;
pub mod web;
