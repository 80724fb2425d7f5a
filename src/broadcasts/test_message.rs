//! A test message to one channel: through the outbox like everything else, so that what it shows is what a bulletin would meet.

use std::time::Duration;

use super::{Actor, Broadcasts, Refused};
use crate::domain::delivery::{DeliveryState, OnAmbiguous, Origin};
use crate::domain::time::Timestamp;
use crate::replies::channels as words;
use crate::store::deliveries::{self, Delivery};
use crate::store::notices::{Notice, hand};
use crate::store::{audit, channels};

/// Whoever tests wants to know now.
const WITHIN: Duration = Duration::from_secs(600);
/// A second click within this long is the same test.
const SAME_TEST: Duration = Duration::from_secs(30);

/// A test message, and whether this click sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestMessage {
    pub delivery: Delivery,
    pub new: bool,
}

impl Broadcasts {
    /// Sends a test message; a second click while the first is on its way, or just after, sends nothing.
    pub async fn send_test(&self, channel_id: &str, actor: &Actor, now: Timestamp) -> Result<TestMessage, Refused> {
        let mut tx = self.store.begin().await?;
        let channel = channels::get(&mut tx, channel_id).await?.filter(|channel| !channel.private).ok_or(Refused::NotFound("群聊"))?;
        if !channel.reachable {
            return Err(Refused::Conflict(words::unreachable_first(channel.unreachable_reason.as_deref().unwrap_or("未知原因"))));
        }
        let last = deliveries::last_of(&mut tx, Origin::Test, channel_id).await?;
        if let Some(last) = &last
            && (matches!(last.state, DeliveryState::Pending | DeliveryState::Sending)
                || last.settled_at.is_some_and(|at| now.since(at) < SAME_TEST))
        {
            return Ok(TestMessage { delivery: last.clone(), new: false });
        }
        let notice = Notice {
            revision: last.map_or(1, |last| last.revision + 1),
            thread: channel.thread.as_deref(),
            on_ambiguous: OnAmbiguous::Never,
            ..Notice::new(Origin::Test, channel_id, now, now.plus(WITHIN))
        };
        let new = hand(&mut tx, (channel_id, channel.kind), &notice, &words::test_message(now), now).await?;
        if new {
            audit::record(&mut tx, &actor.name, "channel.test", channel_id, "", now).await?;
        }
        let delivery = deliveries::last_of(&mut tx, Origin::Test, channel_id).await?.ok_or(Refused::NotFound("测试消息"))?;
        tx.commit().await?;
        Ok(TestMessage { delivery, new })
    }

    /// The last test message to a channel.
    pub async fn last_test(&self, channel_id: &str) -> Result<Option<Delivery>, Refused> {
        Ok(deliveries::last_of(&mut *self.store.read().await?, Origin::Test, channel_id).await?)
    }
}
