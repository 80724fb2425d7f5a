//! Changing a class. The words of its page in the console, each under the name of what it stands for.

pub const UNTIL: [char; 2] = ['至', '到'];
pub const TITLE: &str = "修改课程";
pub const SAVE: &str = "保存";
pub const SESSIONS: &str = "上课时间";
pub const PLACE_TELLS: &str = "改了地点或网址，会通知所有报名和候补的人";
pub const NEEDED: &str = "结业要到几次";
pub const NEEDED_HINT: &str = "不填就是每次都要到，0 表示不发结业证明";
pub const ASKED: &str = "报名时问什么";
pub const SAVED_AND_TOLD: &str = "已保存，报名的人会收到通知";
pub const SAVED: &str = "已保存";
pub const WRONG_NEEDED: &str = "结业要到几次要写成数字，例如 2";

/// A reminder of so many minutes before.
pub fn minutes_before(minutes: i64) -> String {
    format!("提前 {minutes} 分钟")
}
