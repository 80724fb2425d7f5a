//! What the console says that is made by the program; the standing text of a page is in its template.

use crate::domain::time::Timestamp;

/// The console without a session.
pub fn log_in_first() -> String {
    "请先登录".to_owned()
}

/// A form without the session's token.
pub fn stale_form() -> String {
    "页面已过期，请返回上一页刷新后再提交".to_owned()
}

/// A password that is too short or too long.
pub fn wrong_password(shortest: usize, longest: usize) -> String {
    format!("密码要 {shortest} 到 {longest} 个字符，可以用一句好记的话")
}

/// A password anybody would try.
pub fn simple_password() -> String {
    "密码不能包含账号，也不能全是同一个字符".to_owned()
}

/// The two passwords typed differ.
pub fn passwords_differ() -> String {
    "两次输入的密码不一样".to_owned()
}

/// Name or password is wrong: which one is not said.
pub fn login_refused() -> String {
    "账号或密码不对".to_owned()
}

/// The name is locked, whether or not there is such a user.
pub fn login_locked() -> String {
    "连续输错次数太多，请 15 分钟后再试，或请管理员重新发登录链接".to_owned()
}

/// The present password is wrong.
pub fn wrong_present_password() -> String {
    "原密码不对".to_owned()
}

/// A one-time link that is used up, too old or none.
pub fn link_over() -> String {
    "这个链接已经用过或已过期。请管理员重新生成；还没有管理员的，请重启服务，终端会显示新的链接。".to_owned()
}

/// After log-in.
pub fn welcome(name: &str) -> String {
    format!("{name}，您好")
}

/// After a change of one's own password.
pub fn password_changed() -> String {
    "密码已修改，其他设备上的登录已退出".to_owned()
}

/// `11月26日 15:04`: a time in a list of this year.
pub fn short_time(at: Timestamp) -> String {
    at.local().format("%-m月%-d日 %H:%M").to_string()
}
