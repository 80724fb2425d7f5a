//! Telegram: the only place that knows the Bot API. Payloads are teloxide's types; the calls are our own (see `client`).

pub mod client;
pub mod send;

pub use client::{CallError, Client, ClientError};
pub use send::Telegram;
