//! The attachments of a bulletin. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 3] = ["附件", "大小", "操作"];
pub const TITLE: &str = "附件";
pub const NONE: &str = "没有附件";
pub const REMOVE: &str = "删除";
pub const ADD_ONE: &str = "添加附件";
pub const ADD: &str = "添加";
pub const ADDED: &str = "附件已添加";
pub const BACK: &str = "回到通知";
pub const REMOVED: &str = "附件已删除";

/// Limits of the files, in megabytes, and of their number.
pub fn limits(picture: usize, pdf: usize, most: usize) -> String {
    format!("图片（PNG、JPEG）最多 {picture} MB，PDF 最多 {pdf} MB，一条通知最多 {most} 个；加了或删了附件要重新审核")
}
