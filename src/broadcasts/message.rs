//! From a bulletin to the parts each kind of channel is sent: the same function makes the preview and the deliveries (F46).

use super::Broadcasts;
use crate::domain::bulletin::{Bulletin, BulletinKind, Content};
use crate::domain::channel::ChannelKind;
use crate::domain::message::{Button, Message};
use crate::domain::render::{Part, render};
use crate::domain::time::{Timestamp, chinese_date};
use crate::replies::{classes, prize_quiz};

/// The quiz that a bulletin announces, or whose draw it tells, from its origin.
fn quiz_of(origin: &str) -> Option<&str> {
    origin.strip_prefix("quiz:").or_else(|| origin.strip_prefix("draw:"))
}

impl Broadcasts {
    /// The parts a channel of `kind` would be sent.
    pub fn preview(&self, bulletin: &Bulletin, kind: ChannelKind) -> Vec<Part> {
        render(&self.bulletin_message(bulletin), kind.limits())
    }

    /// The parts of an approved correction.
    pub(super) fn corrected_parts(&self, bulletin: &Bulletin, kind: ChannelKind, at: Timestamp) -> Vec<Part> {
        let mut message = self.files.templates.fill("correction", &[("corrected_at", &at.chinese())]);
        let body = self.bulletin_message(bulletin);
        message.blocks.extend(body.blocks);
        message.buttons = body.buttons;
        render(&message, kind.limits())
    }

    /// What stands where a recalled message can no longer be deleted.
    pub(super) fn recall_parts(&self, kind: ChannelKind) -> Vec<Part> {
        render(&self.files.templates.fill("recall", &[]), kind.limits())
    }

    /// What is said where a message cannot be taken back.
    pub(super) fn withdrawal_parts(&self, bulletin: &Bulletin, kind: ChannelKind) -> Vec<Part> {
        render(&self.files.templates.fill("withdrawn", &[("title", &bulletin.content.title)]), kind.limits())
    }

    fn bulletin_message(&self, bulletin: &Bulletin) -> Message {
        let Content { title, number, summary, audience_text, effective_from, link, body } = &bulletin.content;
        let template = match bulletin.kind {
            BulletinKind::Policy => "bulletin",
            BulletinKind::Notice => "notice",
            BulletinKind::Class => "class",
            BulletinKind::Campaign => "campaign",
        };
        let mut message = self.files.templates.fill(
            template,
            &[
                ("title", title),
                ("number", number.as_deref().unwrap_or_default()),
                ("summary", summary),
                ("audience", audience_text.as_deref().unwrap_or_default()),
                ("effective_from", &effective_from.map(chinese_date).unwrap_or_default()),
                ("body", body),
                ("link", link.as_deref().unwrap_or_default()),
            ],
        );
        if let (BulletinKind::Class, Some(class)) = (bulletin.kind, &bulletin.origin_id) {
            message = message.with_buttons(vec![
                Button::data(classes::ENROL, format!("enrol:{class}")),
                Button::data(classes::WITHDRAW, format!("withdraw:{class}")),
            ]);
        }
        if let Some(quiz) = bulletin.origin_id.as_deref().and_then(quiz_of) {
            message = message.with_buttons(vec![Button::open(prize_quiz::MY_NUMBER, &format!("quiz_{quiz}"))]);
        }
        message
    }
}
