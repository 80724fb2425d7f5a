//! Certificates of a class: given to those who came to enough of its sessions, once it is over. One whose check-ins are taken back is
//! revoked with them; whoever is checked in again gets a new one.

use std::time::Duration;

use super::check_in::attendance;
use super::class_notices::Notice;
use super::{Actor, Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::class::{Class, ClassState, EnrolmentState};
use crate::domain::time::Timestamp;
use crate::replies::check_ins as words;
use crate::store::certificates::{self, Certificate};
use crate::store::check_ins::CheckIn;
use crate::store::{Tx, audit, classes};

/// So long after a class the check-ins of a phone without a signal may still bring a certificate.
const GIVEN_WITHIN: Duration = Duration::from_secs(14 * 24 * 3600);
const NEWS_FOR: Duration = Duration::from_secs(7 * 24 * 3600);

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certified {
    pub certificate: Certificate,
    pub class: Class,
    pub name: String,
    /// Sessions come to.
    pub sessions: usize,
    /// Time of the sessions come to.
    pub minutes: i64,
    /// Whether it was not revoked.
    pub holds: bool,
}

/// Sessions one must come to; none where the class gives no certificate.
pub fn needed(class: &Class) -> Option<usize> {
    let all = class.sessions.len();
    match class.certificate_sessions {
        Some(0) => None,
        Some(needed) => Some(usize::try_from(needed).unwrap_or(all).min(all)),
        None => Some(all),
    }
}

fn earned(class: &Class, came: &[CheckIn]) -> bool {
    needed(class).is_some_and(|needed| came.len() >= needed)
}

impl Broadcasts {
    /// Gives the certificates that are due: derived from class and check-ins at each tick, of the classes only in which one is due.
    pub(super) async fn certify(&self, now: Timestamp) -> Result<usize, Refused> {
        let mut given = 0;
        let with_due = certificates::classes_with_due(&mut *self.store.read().await?, now.minus(GIVEN_WITHIN), now).await?;
        for id in with_due {
            let attendance = self.attendance(&id).await?;
            let class = attendance.class;
            let have = certificates::of_class(&mut *self.store.read().await?, &class.id).await?;
            let due = attendance.people.iter().filter(|(there, came)| {
                // Whoever was forgotten has no name to certify.
                !there.display_name.is_empty()
                    && there.state == EnrolmentState::Enrolled
                    && earned(&class, came)
                    && !have.iter().any(|has| has.enrolment_id == there.id)
            });
            for (there, _) in due {
                let mut tx = self.store.begin().await?;
                let Some(certificate) = certificates::issue(&mut tx, &class.id, &there.id, now).await? else { continue };
                if let Some(channel) = &there.channel_id {
                    let message = words::certificate(&class, &self.certificate_link(&certificate.code));
                    let name = format!("cls:{}:{}:certificate:{}", class.id, there.id, certificate.code);
                    self.send_notice(&mut tx, channel, Notice { name: &name, message: &message, not_after: now.plus(NEWS_FOR) }, now)
                        .await?;
                }
                tx.commit().await?;
                given += 1;
            }
        }
        Ok(given)
    }

    /// Revokes the certificates of those who have not come to enough sessions any more, in the transaction that took their check-ins back.
    pub(super) async fn revoke_unearned(&self, tx: &mut Tx, class: &Class, actor: &Actor, now: Timestamp) -> Result<(), Refused> {
        let holding = certificates::of_class(tx, &class.id).await?;
        if holding.is_empty() {
            return Ok(());
        }
        let people = attendance(tx, &class.id).await?.people;
        for certificate in holding {
            let Some((there, came)) = people.iter().find(|(there, _)| there.id == certificate.enrolment_id) else { continue };
            if earned(class, came) {
                continue;
            }
            certificates::revoke(tx, &certificate.code, now).await?;
            audit::record(tx, &actor.name, "certificate.take_back", &certificate.code, &class.id, now).await?;
            classes::cancel_notices(tx, &format!("cls:{}:{}:certificate", class.id, there.id), now).await?;
            if let Some(channel) = &there.channel_id {
                let message = words::certificate_taken_back(class, &certificate.code);
                let name = format!("cls:{}:{}:revoked:{}", class.id, there.id, certificate.code);
                self.send_notice(tx, channel, Notice { name: &name, message: &message, not_after: now.plus(NEWS_FOR) }, now).await?;
            }
        }
        Ok(())
    }

    /// The certificate with this code, as anybody may see it.
    pub async fn certificate(&self, code: &str) -> Result<Option<Certified>, Refused> {
        let Some(code) = certificates::read_code(code) else { return Ok(None) };
        let mut conn = self.store.read().await?;
        let Some(certificate) = certificates::get(&mut conn, &code).await? else { return Ok(None) };
        drop(conn);
        let attendance = self.attendance(&certificate.class_id).await?;
        let Some((there, came)) = attendance.people.into_iter().find(|(there, _)| there.id == certificate.enrolment_id) else {
            return Ok(None);
        };
        let class = attendance.class;
        let minutes =
            came.iter().filter_map(|check_in| class.session(check_in.session)).map(|session| session.ends_at.since(session.starts_at));
        let minutes = minutes.sum::<Duration>().as_secs() / 60;
        let holds = certificate.revoked_at.is_none() && class.state == ClassState::Published;
        Ok(Some(Certified {
            name: there.display_name,
            sessions: came.len(),
            minutes: i64::try_from(minutes).unwrap_or(i64::MAX),
            holds,
            certificate,
            class,
        }))
    }

    /// A person's certificates: title of the class, and link.
    pub async fn certificates_of(&self, channel: ChannelKind, person: &str) -> Result<Vec<(String, String)>, Refused> {
        let mut conn = self.store.read().await?;
        let mut mine = Vec::new();
        for certificate in certificates::of_person(&mut conn, channel.word(), person).await? {
            if let Some(stored) = classes::get(&mut conn, &certificate.class_id, "").await? {
                mine.push((stored.class.title, self.certificate_link(&certificate.code)));
            }
        }
        Ok(mine)
    }

    /// The code of a person's certificate of one class.
    pub async fn certificate_of(&self, class_id: &str, channel: ChannelKind, person: &str) -> Result<Option<String>, Refused> {
        let mine = certificates::of_person(&mut *self.store.read().await?, channel.word(), person).await?;
        Ok(mine.into_iter().find(|certificate| certificate.class_id == class_id).map(|certificate| certificate.code))
    }

    fn certificate_link(&self, code: &str) -> String {
        format!("{}/certificates/{code}", self.settings.public_url)
    }
}
