//! The report of a promotion month, read from the same rows that sent it; and its bulletin to the groups of the management.

use super::bulletins::Draft;
use super::{Actor, Broadcasts, Refused};
use crate::domain::bulletin::{Bulletin, BulletinState, Targets};
use crate::domain::campaign::ItemKind;
use crate::domain::code::CodeKind;
use crate::domain::delivery::Origin;
use crate::domain::report::{CampaignReport, ItemOutcome, ReportItem, ReportTotals};
use crate::domain::time::Timestamp;
use crate::replies;
use crate::store::campaigns::{self, Campaign, StoredItem};
use crate::store::deliveries::{self, Counts};
use crate::store::{bulletins, class_sessions, codes, outings, quizzes};

/// Tag of the groups that get reports.
pub const MANAGEMENT: &str = "管理";

impl Broadcasts {
    /// The report as it stands at `now`.
    pub async fn campaign_report(&self, id: &str, now: Timestamp) -> Result<CampaignReport, Refused> {
        let mut conn = self.store.read().await?;
        let campaign = campaigns::get(&mut conn, id, "").await?.ok_or(Refused::NotFound("宣传月"))?;
        let stored = campaigns::items(&mut conn, id).await?;
        drop(conn);
        let mut items = Vec::with_capacity(stored.len());
        for item in stored {
            items.push(self.report_item(&campaign, item, now).await?);
        }
        let mut conn = self.store.read().await?;
        let quizzed = quizzes::prize_entries(&mut conn, campaign.starts_on, campaign.ends_on).await?;
        let classes = class_sessions::reported(&mut conn, campaign.starts_on, campaign.ends_on, now).await?;
        drop(conn);
        items.sort_by_key(|item| item.planned_at.unwrap_or(Timestamp::from_millis(i64::MAX)));
        Ok(CampaignReport {
            id: campaign.id,
            title: campaign.title,
            starts_on: campaign.starts_on,
            ends_on: campaign.ends_on,
            made_at: now,
            totals: ReportTotals { quizzed, ..CampaignReport::total(&items, &classes) },
            items,
            classes,
        })
    }

    async fn report_item(&self, campaign: &Campaign, stored: StoredItem, now: Timestamp) -> Result<ReportItem, Refused> {
        let mut conn = self.store.read().await?;
        let mut counts = Counts::default();
        let mut outcome = ItemOutcome::NotApproved;
        let mut sent_at = None;
        if let Some(id) = &stored.bulletin_id
            && let Some(bulletin) = bulletins::get(&mut conn, id, "").await?
        {
            counts = deliveries::counts(&mut conn, Origin::Bulletin, id).await?;
            let held = campaigns::held_at(&mut conn, id).await?;
            outcome = outcome_of(&bulletin, &counts, stored.due_at, held, now);
            sent_at = bulletin.sent_at.filter(|_| outcome.went_out());
        }
        let is_outing = stored.item.kind == ItemKind::Outing;
        let result = if is_outing { outings::result(&mut conn, &stored.id).await? } else { None };
        let photos = if is_outing { outings::photos(&mut conn, &stored.id).await? } else { Vec::new() };
        let (from, to) = (campaign.starts_on.to_string(), campaign.ends_on.to_string());
        let scans = if is_outing { codes::scans_of(&mut conn, CodeKind::Outing, &stored.id, &from, &to).await? } else { 0 };
        Ok(ReportItem {
            id: stored.id,
            kind: stored.item.kind,
            title: stored.item.title,
            planned_at: stored.due_at,
            sent_at,
            outcome,
            delivered: counts.sent,
            missing: counts.failed + counts.unknown + counts.expired + counts.abandoned,
            place: stored.item.place,
            visitors: result.as_ref().map(|result| result.visitors),
            inquiries: result.as_ref().map(|result| result.inquiries),
            handouts: result.as_ref().map(|result| result.handouts),
            note: result.map(|result| result.note).unwrap_or_default(),
            photos: photos.into_iter().map(|photo| photo.id).collect(),
            scans,
        })
    }

    /// Drafts the report's bulletin for the groups tagged 管理 and hands it to the approver; once for each programme.
    pub async fn report_bulletin(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let report = self.campaign_report(id, now).await?;
        let draft = Draft {
            title: replies::reports::title(&report),
            number: None,
            summary: String::new(),
            audience_text: None,
            effective_from: None,
            link: Some(format!("{}/console/campaigns/{id}/report", self.settings.public_url)),
            body: replies::reports::body(&report),
            targets: Targets { channels: Vec::new(), tags: vec![MANAGEMENT.to_owned()] },
            ..Draft::default()
        };
        let mut tx = self.store.begin().await?;
        let bulletin = self.draft_for_review(&mut tx, format!("report:{id}"), draft, actor, now).await?;
        tx.commit().await?;
        Ok(bulletin)
    }
}

fn outcome_of(bulletin: &Bulletin, counts: &Counts, due_at: Option<Timestamp>, held: Option<Timestamp>, now: Timestamp) -> ItemOutcome {
    let missing = counts.failed + counts.unknown + counts.expired + counts.abandoned;
    match bulletin.state {
        BulletinState::Sending | BulletinState::Paused | BulletinState::Sent | BulletinState::PartlySent => {
            if missing > 0 {
                ItemOutcome::Partly
            } else if held.is_some() {
                ItemOutcome::Late
            } else {
                ItemOutcome::OnTime
            }
        }
        BulletinState::Held => ItemOutcome::Held,
        BulletinState::Cancelled | BulletinState::Recalled => ItemOutcome::CalledOff,
        BulletinState::Draft | BulletinState::InReview | BulletinState::Approved | BulletinState::Scheduled => match due_at {
            None => ItemOutcome::Undated,
            Some(due_at) if due_at > now || bulletin.state == BulletinState::Scheduled => ItemOutcome::ToCome,
            Some(_) => ItemOutcome::NotApproved,
        },
    }
}
