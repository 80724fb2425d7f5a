//! Telegram: the only place that knows the Bot API. Payloads are teloxide's types; the calls are our own (see `client`).

pub mod address;
pub mod client;
pub mod commands;
mod files;
pub mod receive;
pub mod self_check;
pub mod send;
pub mod webhook;

pub use client::{CallError, Client, ClientError};
pub use send::Telegram;
