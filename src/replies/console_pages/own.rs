//! One's own account. The words of its page in the console, each under the name of what it stands for.

pub const CHANGE_PASSWORD: &str = "修改密码";
pub const ACCOUNT: &str = "账号";
pub const PRESENT_PASSWORD: &str = "原密码";
pub const NEW_PASSWORD: &str = "新密码";
