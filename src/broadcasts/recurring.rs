//! Bulletins that go out again and again (F54). A plan is approved once, by somebody else than its author; then each of its times becomes
//! a scheduled bulletin of its own, exactly once, and goes the way of every bulletin: held when late, on a day off, or said twice.

use std::path::Path;

use rust_embed::RustEmbed;

use super::approval::{hash, ids};
use super::bulletins::{Draft, check as check_content};
use super::{Actor, Broadcasts, Problem, Refused, audience, plan_file};
use crate::domain::bulletin::{Approval, BulletinKind, BulletinState, Content};
use crate::domain::id::new_id;
use crate::domain::recurrence::{Occurrence, RecurringPlan};
use crate::domain::time::Timestamp;
use crate::domain::workday::YearMissing;
use crate::replies;
use crate::store::recurring::{self, Recurring, RecurringState};
use crate::store::{Tx, audit, bulletins};

/// Shown before approval.
pub const SHOWN: usize = 10;
/// Author of what comes from a file: no user has this id, so every approver may approve it.
const FILES: &str = "files";

#[derive(RustEmbed)]
#[folder = "broadcasts/recurring"]
struct Embedded;

/// Reads and checks every plan of `recurring/` in `folder`, or the built-in ones.
pub fn read_files(folder: Option<&Path>) -> Result<Vec<(String, RecurringPlan)>, Vec<Problem>> {
    let (mut plans, mut problems) = (Vec::new(), Vec::new());
    for (name, text) in plan_file::texts::<Embedded>(folder, "recurring") {
        let file = format!("recurring/{name}.toml");
        match text.map_err(|problem| Problem { file: file.clone(), ..problem }).and_then(|text| read(&file, &text)) {
            Ok(plan) => plans.push((name, plan)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(plans) } else { Err(problems) }
}

fn read(file: &str, text: &str) -> Result<RecurringPlan, Problem> {
    let plan: RecurringPlan = plan_file::parse(file, text)?;
    let faulty = |field: &'static str, detail: &str| {
        let key = field.rsplit('.').next().unwrap_or(field);
        let line = text.lines().position(|line| line.split('=').next().is_some_and(|name| name.trim() == key)).map_or(0, |at| at + 1);
        Problem { file: file.to_owned(), line, field: field.to_owned(), message: replies::campaigns::in_field(field, detail) }
    };
    match check(&plan) {
        Ok(()) => Ok(plan),
        Err(Refused::Invalid { field, detail }) => Err(faulty(field, &detail)),
        Err(other) => Err(faulty("", &other.to_string())),
    }
}

fn check(plan: &RecurringPlan) -> Result<(), Refused> {
    if let Some((field, detail)) = plan.fault().or_else(|| plan.unknown_field()) {
        return Err(Refused::invalid(field, detail));
    }
    if plan.targets.channels.is_empty() && plan.targets.tags.is_empty() {
        return Err(Refused::invalid("targets", replies::bulletins::no_targets()));
    }
    check_content(&Content {
        title: plan.title.trim().to_owned(),
        number: None,
        summary: plan.summary.clone(),
        audience_text: plan.audience_text.clone(),
        effective_from: None,
        link: plan.link.clone(),
        body: plan.body.trim().to_owned(),
    })
}

impl Broadcasts {
    /// Writes a plan, which waits for approval.
    pub async fn create_recurring(&self, plan: RecurringPlan, actor: &Actor, now: Timestamp) -> Result<Recurring, Refused> {
        check(&plan)?;
        let mut tx = self.store.begin().await?;
        let created = waiting(new_id("rec", now), "api", plan, &actor.id, now);
        recurring::put(&mut tx, &created, now).await?;
        audit::record(&mut tx, &actor.name, "recurring.create", &created.id, &created.plan.title, now).await?;
        tx.commit().await?;
        Ok(created)
    }

    /// Replaces a plan; it waits for approval again.
    pub async fn edit_recurring(&self, id: &str, plan: RecurringPlan, actor: &Actor, now: Timestamp) -> Result<Recurring, Refused> {
        check(&plan)?;
        let (mut tx, found) = self.take_recurring(id).await?;
        let changed = Recurring { created_at: found.created_at, ..waiting(found.id, &found.source, plan, &actor.id, now) };
        recurring::put(&mut tx, &changed, now).await?;
        audit::record(&mut tx, &actor.name, "recurring.edit", id, "", now).await?;
        tx.commit().await?;
        Ok(changed)
    }

    /// Lets it run; never one's own text.
    pub async fn approve_recurring(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Recurring, Refused> {
        let (mut tx, mut found) = self.take_recurring(id).await?;
        if found.state != RecurringState::Waiting {
            return Err(Refused::Conflict(replies::bulletins::recurring_is(found.state.chinese())));
        }
        if found.author == actor.id {
            return Err(Refused::Forbidden(replies::bulletins::own_text()));
        }
        audience::expand(&mut tx, &found.plan.targets).await?;
        found.state = RecurringState::Active;
        found.approved_by = Some(actor.id.clone());
        found.made_until = now;
        self.find_next(&mut found);
        recurring::put(&mut tx, &found, now).await?;
        audit::record(&mut tx, &actor.name, "recurring.approve", id, "", now).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// Ends it: nothing more is made. What was scheduled already goes its own way.
    pub async fn stop_recurring(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<Recurring, Refused> {
        let (mut tx, mut found) = self.take_recurring(id).await?;
        if found.state == RecurringState::Stopped {
            return Err(Refused::Conflict(replies::bulletins::recurring_is(found.state.chinese())));
        }
        found.state = RecurringState::Stopped;
        found.next_at = None;
        recurring::put(&mut tx, &found, now).await?;
        audit::record(&mut tx, &actor.name, "recurring.stop", id, "", now).await?;
        tx.commit().await?;
        Ok(found)
    }

    /// The next times of a plan, and the year its calendar lacks.
    pub fn next_times(&self, plan: &RecurringPlan, now: Timestamp) -> (Vec<Occurrence>, Option<YearMissing>) {
        plan.next(SHOWN, now, &self.calendar())
    }

    /// What a plan says at one of its times.
    pub fn draft_at(&self, plan: &RecurringPlan, occurrence: &Occurrence) -> Draft {
        let filled = |text: &str| RecurringPlan::filled(text, occurrence);
        Draft {
            title: filled(&plan.title),
            summary: filled(&plan.summary),
            body: filled(&plan.body),
            audience_text: plan.audience_text.clone(),
            link: plan.link.clone(),
            targets: plan.targets.clone(),
            workdays_only: plan.workdays_only,
            ..Draft::default()
        }
    }

    /// Takes up the files: a new one waits for approval, a changed one again.
    pub async fn take_up_files(&self, now: Timestamp) -> Result<(), Refused> {
        for (name, plan) in &self.files.recurring {
            let mut tx = self.store.begin().await?;
            let known = recurring::by_source(&mut tx, name).await?;
            let id = match known {
                Some(known) if &known.plan == plan => continue,
                Some(known) => known.id,
                // The same on every replica.
                None => format!("rec_file_{name}"),
            };
            let taken = waiting(id, name, plan.clone(), FILES, now);
            recurring::put(&mut tx, &taken, now).await?;
            audit::record(&mut tx, FILES, "recurring.file", &taken.id, name, now).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Makes the bulletins whose time has come; each in one transaction with the mark that it was made.
    pub(super) async fn make_recurring(&self, now: Timestamp) -> Result<usize, Refused> {
        let mut made = 0;
        for id in recurring::due(&mut *self.store.read().await?, now).await? {
            let (mut tx, mut found) = self.take_recurring(&id).await?;
            let before = (found.next_at, found.missing_year);
            if found.state == RecurringState::Active {
                if let Some(occurrence) = self.occurrence_due(&found, now) {
                    made += usize::from(self.make_one(&mut tx, &found, &occurrence, now).await?);
                    found.made_until = occurrence.at;
                }
                self.find_next(&mut found);
            }
            if (found.next_at, found.missing_year) != before {
                if let Some(year) = found.missing_year {
                    tracing::error!(recurring.id = found.id, year, "a recurring bulletin waits for the calendar of a year");
                }
                recurring::put(&mut tx, &found, now).await?;
                tx.commit().await?;
            }
        }
        Ok(made)
    }

    fn occurrence_due(&self, found: &Recurring, now: Timestamp) -> Option<Occurrence> {
        let (times, _) = found.plan.next(1, found.made_until, &self.calendar());
        times.first().copied().filter(|occurrence| occurrence.at <= now)
    }

    fn find_next(&self, found: &mut Recurring) {
        let (times, missing) = found.plan.next(1, found.made_until, &self.calendar());
        found.next_at = times.first().map(|occurrence| occurrence.at);
        found.missing_year = if times.is_empty() { missing.map(|YearMissing(year)| year) } else { None };
    }

    async fn make_one(&self, tx: &mut Tx, found: &Recurring, occurrence: &Occurrence, now: Timestamp) -> Result<bool, Refused> {
        let Some(approver) = found.approved_by.clone() else { return Ok(false) };
        let origin = format!("{}:{}", found.id, occurrence.at.millis());
        let actor = Actor { id: found.author.clone(), name: "scheduler".to_owned() };
        let draft = self.draft_at(&found.plan, occurrence);
        let drafted = self.draft_without_targets_in(tx, BulletinKind::Notice, Some(origin), draft, &actor, now).await;
        let mut bulletin = match drafted {
            Ok(bulletin) => bulletin,
            // Another replica made it.
            Err(Refused::Conflict(_)) => return Ok(false),
            Err(other) => return Err(other),
        };
        // The approval was for the plan and whoever carries its tags when the time comes.
        let targets = match audience::expand(tx, &bulletin.targets).await {
            Ok(groups) => ids(&groups),
            Err(Refused::Store(error)) => return Err(Refused::Store(error)),
            Err(_) => Vec::new(),
        };
        bulletin.approval = Some(Approval { by: approver, hash: hash(&bulletin, &targets), targets, at: now });
        // To say the same again is what was approved.
        bulletin.manner.forced = true;
        bulletin.state = BulletinState::Scheduled;
        bulletin.scheduled_at = Some(occurrence.at);
        bulletins::update(tx, &bulletin, now).await?;
        audit::record(tx, "scheduler", "recurring.make", &bulletin.id, &found.id, now).await?;
        Ok(true)
    }

    async fn take_recurring(&self, id: &str) -> Result<(Tx, Recurring), Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let found = recurring::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("定期通知"))?;
        Ok((tx, found))
    }
}

fn waiting(id: String, source: &str, plan: RecurringPlan, author: &str, now: Timestamp) -> Recurring {
    Recurring {
        id,
        source: source.to_owned(),
        plan,
        state: RecurringState::Waiting,
        author: author.to_owned(),
        approved_by: None,
        made_until: now,
        next_at: None,
        missing_year: None,
        created_at: now,
    }
}
