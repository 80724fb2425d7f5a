//! The door of a class. The words of its page in the console, each under the name of what it stands for.

pub const HEADS: [&str; 3] = ["姓名", "状态", "签到"];
pub const WALK_IN: &str = "没报名，现场签到";
pub const NAME: &str = "姓名";
pub const CODE: &str = "签到码";
pub const CAME: &str = "已到";
pub const BACK: &str = "回到课程";
pub const ROLL: &str = "点名";
pub const NOBODY_YET: &str = "还没有人报名";
pub const WALK_INS_BELOW: &str = "没报名的人在下面写姓名，有空位就能进。";
pub const FIND: &str = "查找";
pub const UNDO: &str = "撤销";
pub const CHECK_IN: &str = "签到";

/// The title of the page.
pub fn title(class: &str) -> String {
    format!("签到：{class}")
}

/// A list too long for the page.
pub fn left_out(many: usize) -> String {
    format!("名单太长，还有 {many} 人没有列出，请在上面按姓名查找")
}

/// Since when somebody is in, such as 14:03.
pub fn in_since(time: &str) -> String {
    format!("已到 {time}")
}
