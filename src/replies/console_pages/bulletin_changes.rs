//! What changed in a bulletin, as its page in the console says it.

pub const SINCE_REVIEW: &str = "与上次审核时相比";
pub const CORRECTION: &str = "更正了什么（待审核）";
pub const HOW_TO_READ: &str = "划掉的是原来的，加底色和下划线的是新的。";
pub const NOTHING_CHANGED: &str = "内容、发送对象和附件都没有变化。";
pub const MANNER: &str = "发送方式";
pub const ATTACHMENTS: &str = "附件";

/// Between two stretches: so many characters that did not change.
pub fn skipped(characters: usize) -> String {
    format!("……（{characters} 个字没有变化）……")
}
