//! The codes on paper. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "二维码";
pub const ADD: &str = "添加二维码";
pub const KIND_CHOICE: &str = "扫码打开什么";
pub const ID: &str = "编号";
pub const PLACE: &str = "张贴位置";
pub const NONE: &str = "还没有二维码";
pub const HEADS: [&str; 5] = ["打开什么", "类别", "张贴位置", "扫码次数", "操作"];
pub const PRINT: &str = "打印";
pub const KIND: &str = "类别";
pub const SCANS: &str = "扫码次数";
pub const WEB_LINK: &str = "网页链接";
pub const CHAT_LINK: &str = "聊天链接";
pub const PICTURE: &str = "下载图片";
pub const ALL: &str = "全部二维码";
pub const DAILY: &str = "每天的扫码次数";
pub const DAILY_HEADS: [&str; 2] = ["网页", "聊天"];
