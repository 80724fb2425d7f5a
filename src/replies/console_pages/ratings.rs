//! What people think of the service. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "服务评价";
pub const GIVEN: &str = "评价数（90 天）";
pub const GOOD: &str = "满意和非常满意";
pub const SHARE_RATED: &str = "人工服务评价率";
pub const SHARE_USEFUL: &str = "回答有用的比例";
pub const JUDGED: &str = "点了有用/无用的回答";
pub const PEOPLE: &str = "人次";
pub const NONE_LOW: &str = "没有低分";
pub const NONE_LOW_LATELY: &str = "最近 90 天没有 2 星及以下的评价。";
pub const NONE: &str = "还没有评价";
pub const LOW: &str = "2 星及以下";
pub const HEADS: [&str; 5] = ["日期", "评价", "咨询的问题", "接待人", "台账"];
