//! The door of the console: log in, set a password. The words of its page in the console, each under the name of what it stands for.

pub const LOG_IN: &str = "登录";
pub const LINK_OVER: &str = "链接已失效";
pub const FIRST: &str = "建立管理员";
pub const SET_PASSWORD: &str = "设置密码";
pub const GO_TO_LOG_IN: &str = "去登录";
pub const ACCOUNT: &str = "账号";
pub const PASSWORD: &str = "密码";
pub const SAVE_AND_LOG_IN: &str = "保存并登录";
pub const FIRST_NAME: &str = "管理员的姓名或账号";
pub const FIRST_NAME_HINT: &str = "登录时用它";
pub const PASSWORD_HINT: &str = "至少 12 个字符，可以用一句好记的话";
pub const AGAIN: &str = "再输入一次";
