//! Pure types and rules: no I/O, no async, nothing of the crate imported. When two rooms need the same type, it lives here.

pub mod alert;
pub mod answer;
pub mod bulletin;
pub mod campaign;
pub mod care;
pub mod channel;
pub mod check_in;
pub mod class;
pub mod code;
pub mod delivery;
pub mod document;
pub mod draw;
pub mod gap;
pub mod id;
pub mod inbound;
pub mod inquiry;
pub mod ledger;
pub mod message;
pub mod personal;
pub mod quiz;
pub mod recurrence;
pub mod render;
pub mod report;
pub mod staff;
pub mod time;
pub mod workday;
