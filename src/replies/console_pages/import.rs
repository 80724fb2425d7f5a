//! The import of documents. The words of its page in the console, each under the name of what it stands for.

pub const TITLE: &str = "导入文件";
pub const CHECK_FIRST: &str = "先检查，不导入";
pub const FILE: &str = "文件";
pub const FILE_HINT: &str = "可以一次选多个，每个不超过 50 MB：.md .txt .html .docx .pdf .xlsx（问答表）";
pub const TAGS: &str = "通知发给哪些群（标签）";
pub const TAGS_HINT: &str = "多个标签用逗号隔开，不填则发给所有群；通知仍要审核后才发";
pub const CHECK_TITLE: &str = "导入检查";
pub const CHOOSE_AGAIN: &str = "重新选择文件";
pub const READING: &str = "正在读取";
pub const BROKEN_OFF: &str = "读取中断了";
pub const NOTHING_IMPORTED: &str = "服务可能重启过，什么都没有导入，请重新选择文件。";
pub const IMPORTED: &str = "已经导入";
pub const LOOK_AT_DRAFTS: &str = "请到待发布的文件里查看。";
pub const DRAFTS: &str = "待发布的文件";
pub const NOT_YET: &str = "还没有导入";
pub const IMPORT: &str = "导入，并起草通知";
pub const REFUSED: &str = "有文件不能导入，请改好后重新上传";
pub const CHECKED: &str = "检查结果";
pub const HEADS: [&str; 6] = ["文件", "标题", "文号", "施行日期", "段落", "请核对"];
pub const NOTHING: &str = "没有可导入的文件";
pub const CHOOSE_OTHERS: &str = "请重新选择。";
pub const NO_DOUBTS: &str = "没有疑问";
pub const UPLOAD: &str = "上传";
