//! The report of a promotion month: what was planned, what became of it, how many people it reached.

use chrono::NaiveDate;
use serde::Serialize;

use super::campaign::ItemKind;
use super::time::Timestamp;

/// What became of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemOutcome {
    /// Sent at its time.
    OnTime,
    /// Its time was missed; a person sent it later.
    Late,
    /// Sent, but not every group got it.
    Partly,
    /// Its time was missed and nobody has decided yet.
    Held,
    /// Its time lies ahead.
    ToCome,
    /// Its time has passed and it was never approved.
    NotApproved,
    /// A calendar is missing.
    Undated,
    CalledOff,
}

/// An item in the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportItem {
    pub id: String,
    pub kind: ItemKind,
    pub title: String,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub planned_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub sent_at: Option<Timestamp>,
    pub outcome: ItemOutcome,
    /// Messages that arrived.
    pub delivered: i64,
    /// Messages that did not arrive, or nobody knows.
    pub missing: i64,
    pub place: Option<String>,
    /// People who came by, where an outing counted them.
    pub visitors: Option<i64>,
    pub inquiries: Option<i64>,
    pub handouts: Option<i64>,
    pub note: String,
    /// Ids of photos.
    pub photos: Vec<String>,
    /// Scans of the outing's codes.
    pub scans: i64,
}

/// A class of the taxpayer school in the report: the sessions it held within the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReportClass {
    pub id: String,
    pub title: String,
    pub place: Option<String>,
    /// The first of its sessions within the programme.
    #[schema(value_type = String, format = DateTime)]
    pub starts_at: Timestamp,
    /// Sessions within the programme, and how many of them are over.
    pub sessions: i64,
    pub held: i64,
    /// People with a seat.
    pub enrolled: i64,
    /// People who came to at least one of these sessions.
    pub came: i64,
}

/// The sums of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, utoipa::ToSchema)]
pub struct ReportTotals {
    pub planned: i64,
    pub on_time: i64,
    pub late: i64,
    pub partly: i64,
    pub held: i64,
    pub to_come: i64,
    pub not_sent: i64,
    pub delivered: i64,
    pub missing: i64,
    pub outings: i64,
    pub outings_counted: i64,
    pub visitors: i64,
    pub inquiries: i64,
    pub handouts: i64,
    pub photos: i64,
    pub scans: i64,
    /// People who answered a prize quiz that opened within the programme.
    pub quizzed: i64,
    /// Published classes with a session within the programme.
    pub classes: i64,
    /// Sessions of theirs that are over.
    pub sessions_held: i64,
    pub enrolled: i64,
    /// People who came, counted once for each class.
    pub came: i64,
}

/// The report of a promotion month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CampaignReport {
    pub id: String,
    pub title: String,
    pub starts_on: NaiveDate,
    pub ends_on: NaiveDate,
    #[schema(value_type = String, format = DateTime)]
    pub made_at: Timestamp,
    pub totals: ReportTotals,
    pub items: Vec<ReportItem>,
    /// In the order of their times.
    pub classes: Vec<ReportClass>,
}

impl ItemOutcome {
    /// The word for people.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::OnTime => "按时发出",
            Self::Late => "补发",
            Self::Partly => "部分送达",
            Self::Held => "错过时间，待处理",
            Self::ToCome => "未到时间",
            Self::NotApproved => "未审核，没有发出",
            Self::Undated => "日期待定",
            Self::CalledOff => "已取消",
        }
    }

    /// Whether people got it.
    pub fn went_out(self) -> bool {
        matches!(self, Self::OnTime | Self::Late | Self::Partly)
    }
}

impl CampaignReport {
    /// Adds up the items and the classes.
    pub fn total(items: &[ReportItem], classes: &[ReportClass]) -> ReportTotals {
        let many =
            |wanted: &dyn Fn(&ReportItem) -> bool| i64::try_from(items.iter().filter(|item| wanted(item)).count()).unwrap_or(i64::MAX);
        let of = |outcome: ItemOutcome| many(&move |item| item.outcome == outcome);
        let sum = |value: &dyn Fn(&ReportItem) -> i64| items.iter().map(value).sum::<i64>();
        let taught = |value: &dyn Fn(&ReportClass) -> i64| classes.iter().map(value).sum::<i64>();
        ReportTotals {
            planned: many(&|_| true),
            on_time: of(ItemOutcome::OnTime),
            late: of(ItemOutcome::Late),
            partly: of(ItemOutcome::Partly),
            held: of(ItemOutcome::Held),
            to_come: of(ItemOutcome::ToCome),
            not_sent: of(ItemOutcome::NotApproved) + of(ItemOutcome::Undated) + of(ItemOutcome::CalledOff),
            delivered: sum(&|item| item.delivered),
            missing: sum(&|item| item.missing),
            outings: many(&|item| item.kind == ItemKind::Outing),
            outings_counted: many(&|item| item.visitors.is_some()),
            visitors: sum(&|item| item.visitors.unwrap_or(0)),
            inquiries: sum(&|item| item.inquiries.unwrap_or(0)),
            handouts: sum(&|item| item.handouts.unwrap_or(0)),
            photos: sum(&|item| i64::try_from(item.photos.len()).unwrap_or(0)),
            scans: sum(&|item| item.scans),
            quizzed: 0,
            classes: taught(&|_| 1),
            sessions_held: taught(&|class| class.held),
            enrolled: taught(&|class| class.enrolled),
            came: taught(&|class| class.came),
        }
    }
}
