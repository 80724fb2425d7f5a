//! The words beside a drawn span of time.

use chrono::NaiveDate;

pub const UNKNOWN: &str = "未写明";

/// Both ends are known.
pub fn from_to(from: NaiveDate, to: NaiveDate) -> String {
    format!("{from} 至 {to}")
}

/// No end is known.
pub fn from(from: NaiveDate) -> String {
    format!("{from} 起")
}

/// No beginning is known.
pub fn to(to: NaiveDate) -> String {
    format!("至 {to}")
}
