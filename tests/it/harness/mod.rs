//! What the tests share: a store of their own, and fakes on the wire.
#![expect(dead_code, reason = "each test file uses its own part of the harness")]

pub mod bench;
pub mod browser;
pub mod command_line;
pub mod db;
pub mod desk;
pub mod fake_model;
pub mod fake_telegram;
pub mod fake_wecom;
pub mod knowledge;
pub mod line;
pub mod service;
pub mod telegram_chats;
pub mod telegram_files;
pub mod telegram_rules;
pub mod telegram_wire;
pub mod web;
