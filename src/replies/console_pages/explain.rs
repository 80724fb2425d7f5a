//! The page on which staff ask as a taxpayer would. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "试问并看依据";
pub const ASK: &str = "试问";
pub const QUESTION: &str = "问题";
pub const AS_OF: &str = "按哪天的规定（不填为今天）";
pub const ANSWERED: &str = "回答";
pub const CLARIFY: &str = "追问";
pub const ABSTAINED: &str = "不答";
pub const DECISION: &str = "决定";
pub const SCORE: &str = "把握";
pub const READ_AS: &str = "理解成";
pub const REASON: &str = "原因";
pub const CORRECTED: &str = "改正错字";
pub const FOUND: &str = "找到的段落";
pub const HEADS: [&str; 3] = ["得分", "文件", "条款"];
pub const NOTHING: &str = "没有找到段落";
pub const NOTHING_NEAR: &str = "知识库里没有与它相近的内容。";
