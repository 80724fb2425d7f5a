//! An outing of a promotion month. The words of its page in the console, each under the name of what it stands for.

pub const SAVE: &str = "保存";
pub const VISITORS: &str = "到场人数";
pub const INQUIRIES: &str = "咨询人数";
pub const HANDOUTS_FIELD: &str = "发放资料（份）";
pub const NOTE: &str = "备注";
pub const UPLOAD: &str = "上传照片";
pub const PHOTO: &str = "照片";
pub const CAPTION: &str = "说明";
pub const TIME: &str = "时间";
pub const PLACE: &str = "地点";
pub const STAFF: &str = "人员";
pub const MATERIALS: &str = "物料";
pub const BACK: &str = "回到日历";
pub const REPORT: &str = "工作情况";
pub const PRINT_CODE: &str = "打印二维码";
pub const HANDOUTS: &str = "发放资料";
pub const REMOVE: &str = "删除";
