//! Staff users and their tokens. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "人员";
pub const HEADS: [&str; 4] = ["姓名", "角色", "状态", "添加时间"];
pub const NONE: &str = "还没有人员";
pub const ADD_FIRST: &str = "先添加一位同事。";
pub const ADD: &str = "添加人员";
pub const ROLE: &str = "角色";
pub const STATE: &str = "状态";
pub const ADDED_AT: &str = "添加时间";
pub const SWITCH_OFF: &str = "停用";
pub const SWITCH_ON: &str = "启用";
pub const MAKE_LINK: &str = "生成登录链接（设置或重设密码）";
pub const SAVE_ROLE: &str = "保存角色";
pub const MAKE_TOKEN: &str = "生成接口令牌";
pub const DAYS: &str = "有效天数";
pub const DAYS_HINT: &str = "供程序调用接口；不填则一直有效，直到停用";
pub const NO_TOKENS: &str = "没有接口令牌";
pub const WHAT_TOKENS_ARE_FOR: &str = "只有程序要调用接口时才需要令牌。";
pub const TOKENS: &str = "接口令牌";
pub const TOKEN_HEADS: [&str; 5] = ["编号", "生成时间", "有效期", "最近使用", "操作"];
pub const OFF: &str = "已停用";
pub const LINK_TITLE: &str = "登录链接";
pub const ADD_AND_LINK: &str = "添加，并生成登录链接";
pub const NAME: &str = "姓名或账号";
pub const NAME_HINT: &str = "登录时用它，操作记录里也显示它";
pub const ON: &str = "在用";
pub const FOR_GOOD: &str = "一直有效";
