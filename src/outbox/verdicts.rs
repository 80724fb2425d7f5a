//! From a verdict to what the delivery becomes: pure, the right half of the table "What the outside world's answers mean".

use std::time::Duration;

use crate::channels::Verdict;
use crate::domain::delivery::{DeliveryState, OnAmbiguous, Operation};
use crate::domain::render::{Part, PartMarkup, halve};
use crate::domain::time::Timestamp;
use crate::store::claims::Claimed;
use crate::store::settlements::{Change, Counts, Doubt, Settlement};

/// Seconds to wait after the first, second … attempt; the last one repeats until the delivery is too late.
const BACK_OFF: [f64; 5] = [1.0, 2.0, 5.0, 15.0, 60.0];
const JITTER: f64 = 0.2;

/// A settlement and what else follows from the verdict.
#[derive(Debug, PartialEq)]
pub struct Judged {
    pub settlement: Settlement,
    pub after: After,
}

/// What follows for the chat or the bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum After {
    Nothing,
    Freeze(Duration),
    Rekey(String),
    Unreachable(String),
    StopBot,
    /// Its answers will name the poll.
    Poll(String),
}

/// What becomes of a claimed delivery. `doubt` tells of earlier attempts; `jitter` lies between −1 and 1.
pub fn judge(claimed: &Claimed, verdict: Verdict, doubt: Doubt, now: Timestamp, jitter: f64) -> Judged {
    let only = |settlement| Judged { settlement, after: After::Nothing };
    match verdict {
        Verdict::Sent { message_id, remark } => only(sent(message_id, remark)),
        Verdict::Posted { message_id, poll } => Judged { settlement: sent(message_id, None), after: After::Poll(poll) },
        Verdict::NotSent { reason } => {
            only(Settlement { outcome: "not_sent", ..later(reason, now.plus(back_off(claimed.attempts, jitter)), Counts::Yes) })
        }
        Verdict::Frozen { retry_after } => {
            let reason = format!("429 retry after {} s", retry_after.as_secs());
            let settlement = Settlement { outcome: "frozen", due_at: None, ..later(reason, now, Counts::No) };
            Judged { settlement, after: After::Freeze(retry_after) }
        }
        Verdict::Migrated { to } if to == claimed.address => only(failed("failed", "the chat moved to itself".to_owned())),
        Verdict::Migrated { to } => {
            let settlement = Settlement { outcome: "migrated", ..later("the chat has a new address".to_owned(), now, Counts::No) };
            Judged { settlement, after: After::Rekey(to) }
        }
        Verdict::Unreachable { reason } => Judged { settlement: failed("unreachable", reason.clone()), after: After::Unreachable(reason) },
        Verdict::Failed { reason } => only(failed("failed", reason)),
        Verdict::Unknown { reason } => only(doubtful(claimed.on_ambiguous, doubt, reason, now)),
        Verdict::PlainText { reason } => only(match claimed.part.markup {
            PartMarkup::Plain => failed("failed", reason),
            PartMarkup::Html | PartMarkup::WecomMarkdown => {
                let change = Change::Content(Box::new(without_markup(&claimed.part)));
                Settlement { outcome: "plain_text", change, ..later(reason, now, Counts::No) }
            }
        }),
        Verdict::TooLong { reason } => only(match halve(&claimed.part).filter(|_| claimed.operation == Operation::Send) {
            None => failed("failed", reason),
            Some((first, rest)) => {
                let change = Change::Split(Box::new((first, rest)));
                Settlement { outcome: "split", change, ..later(reason, now, Counts::No) }
            }
        }),
        Verdict::ThreadGone { reason } => only(match claimed.thread {
            None => failed("failed", reason),
            Some(_) => Settlement { outcome: "thread_gone", change: Change::NoThread, ..later(reason, now, Counts::No) },
        }),
        Verdict::BotStopped { reason } => {
            let settlement = Settlement { outcome: "bot_stopped", due_at: None, ..later(reason, now, Counts::No) };
            Judged { settlement, after: After::StopBot }
        }
    }
}

/// An outcome nobody knows: wait for a person, send once more, or leave it, as the policy says.
pub fn doubtful(policy: OnAmbiguous, doubt: Doubt, reason: String, now: Timestamp) -> Settlement {
    let state = match policy {
        OnAmbiguous::Ask => DeliveryState::Unknown,
        OnAmbiguous::Resend if doubt == Doubt::Again => DeliveryState::Unknown,
        OnAmbiguous::Resend => {
            return Settlement { outcome: "unknown", ..later(format!("sent once more by policy after: {reason}"), now, Counts::Yes) };
        }
        OnAmbiguous::Never => DeliveryState::Abandoned,
    };
    Settlement { reason: Some(reason), ..end(state, "unknown") }
}

/// The message is where it belongs.
pub fn sent(message_id: String, remark: Option<String>) -> Settlement {
    Settlement { message_id: Some(message_id), reason: remark, ..end(DeliveryState::Sent, "sent") }
}

/// Pending again.
pub fn later(reason: String, due_at: Timestamp, counts: Counts) -> Settlement {
    Settlement { reason: Some(reason), due_at: Some(due_at), counts, ..end(DeliveryState::Pending, "not_sent") }
}

fn failed(outcome: &'static str, reason: String) -> Settlement {
    Settlement { reason: Some(reason), ..end(DeliveryState::Failed, outcome) }
}

fn end(state: DeliveryState, outcome: &'static str) -> Settlement {
    Settlement { state, outcome, reason: None, message_id: None, due_at: None, counts: Counts::Yes, change: Change::Nothing }
}

fn without_markup(part: &Part) -> Part {
    Part { text: part.plain.clone(), markup: PartMarkup::Plain, ..part.clone() }
}

fn back_off(attempts: i64, jitter: f64) -> Duration {
    let step = usize::try_from(attempts - 1).unwrap_or(0).min(BACK_OFF.len() - 1);
    Duration::from_secs_f64(BACK_OFF[step] * (1.0 + JITTER * jitter.clamp(-1.0, 1.0)))
}
