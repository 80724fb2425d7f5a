//! One test binary: every promise has a file, the harness starts the whole service with fakes on the wire and a manual clock.
#![expect(clippy::unwrap_used, reason = "a test that unwraps a surprise fails at the right line")]

mod access;
mod alerts;
mod answers;
mod api;
mod architecture;
mod audit;
mod browser;
mod bulletin_manner;
mod bulletins;
mod campaign_month;
mod campaigns;
mod channel_contract;
mod classes;
mod codes;
mod console;
mod console_campaign;
mod console_knowledge;
mod delivery_answers;
mod eval;
mod follow_up;
mod harness;
mod import;
mod kill;
mod knowledge;
mod matrix;
mod model;
mod outbox;
mod public_bulletins;
mod quiz;
mod render;
mod search;
mod start;
mod telegram;
mod web_chat;
