//! What is said to staff who put groups of questions together or take them apart.

use super::gaps::state;
use crate::domain::gap::GapState;

/// Characters of a question in a list to choose from.
const SHOWN: usize = 40;

/// The group was put elsewhere before.
pub fn merged_elsewhere() -> String {
    "这一组已并入另一组，请刷新页面".to_owned()
}

/// A group into itself.
pub fn not_into_itself() -> String {
    "不能并入自己，请选另一组问题".to_owned()
}

/// No group of that id.
pub fn no_such_group() -> String {
    "没有这组待补问题，请重新选择".to_owned()
}

/// What has an answer is not merged into another.
pub fn answered_groups_stay() -> String {
    "这一组已有答复或待审核的答复，不能并入别的组；可以反过来，把另一组并进来".to_owned()
}

/// A dismissed group takes nothing in.
pub fn not_into_dismissed() -> String {
    "要并入的那一组已忽略，请先把它重新打开".to_owned()
}

/// A wording the group has not.
pub fn no_such_wording() -> String {
    "这一组里没有这个问法，请刷新页面重新选择".to_owned()
}

/// The wording the group is called by.
pub fn not_its_name() -> String {
    "这个问法是这一组的标题，不能拆出；请把别的问法拆出去".to_owned()
}

/// The only wording left.
pub fn not_the_last() -> String {
    "这一组只有这一个问法，不用拆".to_owned()
}

/// After a merge.
pub fn merged() -> String {
    "已并入这一组".to_owned()
}

/// After a split.
pub fn split() -> String {
    "已拆成单独一组".to_owned()
}

/// Under the field that chooses the group to merge into.
pub fn merge_hint() -> String {
    "两组其实问的是同一件事时用。问法、次数都并过去；那一组已有答复的，问过的人会收到答复。".to_owned()
}

/// Under the field that chooses the wording to split off.
pub fn split_hint() -> String {
    "这个问法问的是另一件事时用。它和问过它的人成为单独一组。".to_owned()
}

/// The heading of the form that merges.
pub fn merge_heading() -> String {
    "并入另一组".to_owned()
}

/// Its field.
pub fn merge_label() -> String {
    "并入".to_owned()
}

/// Its button.
pub fn merge_button() -> String {
    "并入".to_owned()
}

/// The heading of the form that splits.
pub fn split_heading() -> String {
    "拆出一个问法".to_owned()
}

/// Its field.
pub fn wording_label() -> String {
    "问法".to_owned()
}

/// Its button.
pub fn split_button() -> String {
    "拆出".to_owned()
}

/// A group to choose.
pub fn group_with_count(question: &str, asked: i64, of: GapState) -> String {
    format!("{}（{}，{asked} 次）", short(question), state(of))
}

/// A wording to choose.
pub fn wording_with_count(wording: &str, asked: i64) -> String {
    format!("{}（{asked} 次）", short(wording))
}

fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}
