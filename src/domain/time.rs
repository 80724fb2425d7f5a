//! Instants and dates. Stored as Unix milliseconds UTC, shown in Asia/Shanghai.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeZone, Utc};
use chrono_tz::Asia::Shanghai;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// An instant: milliseconds since 1970-01-01 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From Unix milliseconds.
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Unix milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Reads RFC 3339 with an offset; an error says what to write instead, in Chinese.
    pub fn parse(text: &str) -> Result<Self, String> {
        DateTime::parse_from_rfc3339(text)
            .map(|at| Self(at.timestamp_millis()))
            .map_err(|_| format!("“{text}”不是带时区的时间，请写成 2027-04-01T09:00:00+08:00 这样的格式"))
    }

    /// The instant of a wall-clock time in Asia/Shanghai (which has no daylight saving since 1991).
    pub fn from_local(at: NaiveDateTime) -> Self {
        match Shanghai.from_local_datetime(&at).earliest() {
            Some(zoned) => Self(zoned.timestamp_millis()),
            None => Self(at.and_utc().timestamp_millis() - 8 * 3_600_000),
        }
    }

    /// Midnight in Asia/Shanghai at the start of `date`.
    pub fn start_of(date: NaiveDate) -> Self {
        Self::from_local(date.and_time(NaiveTime::MIN))
    }

    /// The wall-clock time in Asia/Shanghai.
    pub fn local(self) -> NaiveDateTime {
        self.utc().with_timezone(&Shanghai).naive_local()
    }

    /// The calendar date in Asia/Shanghai.
    pub fn date(self) -> NaiveDate {
        self.local().date()
    }

    /// The same instant for libraries that want chrono's type.
    pub fn utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).unwrap_or_default()
    }

    /// RFC 3339 in Asia/Shanghai, to the second: `2027-04-01T09:00:00+08:00`.
    pub fn rfc3339(self) -> String {
        self.utc().with_timezone(&Shanghai).format("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// `2027年4月1日 09:00`, for people.
    pub fn chinese(self) -> String {
        let at = self.local();
        format!("{} {}", chinese_date(at.date()), at.format("%H:%M"))
    }

    /// Later by `by`.
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// Earlier by `by`.
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(by.as_millis()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }
}

/// `2027年4月1日`.
pub fn chinese_date(date: NaiveDate) -> String {
    date.format("%Y年%-m月%-d日").to_string()
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.rfc3339())
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
