//! Asking back which kind of taxpayer somebody is, only where the stored answers differ by it (F19): both questions are answered first,
//! and only two different answers make it worth a tap.

use super::Outcome;
use super::decide::Reason;
use super::understand::{Understood, Wish};
use crate::domain::answer::Decision;
use crate::replies::answers;

/// Kinds of which a person is one; the longer name of the other may contain the shorter, so it stands first.
const KINDS: [[&str; 2]; 3] = [["小规模纳税人", "一般纳税人"], ["非居民个人", "居民个人"], ["非居民企业", "居民企业"]];
/// Everyday words that already say which kind.
const SAID: [&str; 16] = [
    "小规模",
    "一般纳税人",
    "一般人",
    "居民",
    "个体",
    "小店",
    "小微",
    "国企",
    "大公司",
    "专票",
    "起征点",
    "老外",
    // Only one kind can do this.
    "抵扣",
    "进项",
    "留抵",
    "出口",
];

/// The kinds to choose between, where the answer found speaks of only one of them and the question of neither.
pub fn kinds(understood: &Understood, outcome: &Outcome) -> Option<[&'static str; 2]> {
    let asks_for_a_figure = matches!(understood.wish, Wish::Rate | Wish::Amount | Wish::Threshold | Wish::When | Wish::Since);
    if outcome.reason != Reason::Answered || !asks_for_a_figure || SAID.iter().any(|word| understood.plain.contains(word)) {
        return None;
    }
    KINDS.into_iter().find(|kinds| kinds.iter().filter(|kind| names(&outcome.answer.lead, kind, kinds)).count() == 1)
}

/// The outcome that asks back, where the answers for both kinds stand in one document and differ: a question that leads to another
/// document as soon as a kind stands before it is about something else.
pub fn between(kinds: [&'static str; 2], mut found: Outcome, each: &[Outcome; 2]) -> Outcome {
    let stand =
        each.iter().zip(kinds).all(|(outcome, kind)| outcome.reason == Reason::Answered && names(&outcome.answer.lead, kind, &kinds));
    let cited = |outcome: &Outcome| outcome.answer.citations.first().map(|citation| citation.document.clone());
    let together = each.iter().all(|outcome| cited(outcome).is_some() && cited(outcome) == cited(&found));
    if !stand || !together || each[0].answer.lead == each[1].answer.lead {
        return found;
    }
    let question = |kind: &str, asked: &str| format!("{kind}{asked}");
    let asked = found.asked.clone();
    found.answer.decision = Decision::Clarify;
    found.answer.lead = answers::which_kind(kinds);
    found.answer.details = Vec::new();
    found.answer.citations = Vec::new();
    found.answer.suggestions = kinds.iter().map(|kind| question(kind, &asked)).collect();
    found.reason = Reason::Clarify;
    found
}

fn names(text: &str, kind: &str, kinds: &[&str; 2]) -> bool {
    // 居民企业 stands inside 非居民企业.
    let longer = kinds.iter().find(|other| **other != kind && other.contains(kind));
    match longer {
        Some(longer) => text.replace(longer, "").contains(kind),
        None => text.contains(kind),
    }
}
