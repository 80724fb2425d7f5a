//! The console's page on a person's own data: what staff are told while they act on the person's request.

use crate::domain::personal::{Outcome, Reference};

/// The page.
pub fn title() -> &'static str {
    "个人信息"
}

/// What the page is for, above the form.
pub fn purpose() -> String {
    "有人要求导出或清除自己的信息、又不会自己发 /mydata 或 /forget 时，在这里代办。先核实是本人，再填他能出示的编号。\
     这里只显示条数，不显示内容；每一步都记入操作记录。"
        .to_owned()
}

/// A way to know somebody.
pub fn reference(reference: Reference) -> &'static str {
    match reference {
        Reference::Suggestion => "意见建议编号（JY-…）",
        Reference::Inquiry => "咨询编号（inq_…，在咨询页的网址里）",
        Reference::Certificate => "结业证明编号",
        Reference::Telegram => "Telegram 用户编号（数字）",
    }
}

/// The field of the way.
pub fn by_label() -> &'static str {
    "凭什么查"
}

/// The field of the number.
pub fn number_label() -> &'static str {
    "编号"
}

/// The field of the reason.
pub fn reason_label() -> &'static str {
    "本人的要求和核实方式"
}

/// Under it.
pub fn reason_hint() -> String {
    "例如：本人到大厅出示结业证明，要求清除。请不要写身份证号、电话。".to_owned()
}

/// The button of the look-up.
pub fn look_button() -> &'static str {
    "查条数"
}

/// The button of the export.
pub fn export_button() -> &'static str {
    "导出文件"
}

/// The heading of the export.
pub fn export_heading() -> &'static str {
    "导出给本人"
}

/// The heading of forgetting.
pub fn forget_heading() -> &'static str {
    "清除"
}

/// The button of forgetting, before it is asked again.
pub fn forget_button() -> &'static str {
    "清除信息"
}

/// The button that does it.
pub fn forget_sure() -> &'static str {
    "确认清除，不能恢复"
}

/// Heads of the table of counts.
pub fn heads() -> [&'static str; 3] {
    ["信息", "条数", "还要保留"]
}

/// Nothing is kept of the person.
pub fn nothing_kept() -> (&'static str, String) {
    ("没有保存此人的信息", "编号有效，但没有和它相连的个人信息，或者都已清除。".to_owned())
}

/// Nobody is behind the number.
pub fn nobody(reference: Reference) -> String {
    match reference {
        Reference::Telegram => "请填写 Telegram 用户编号，只有数字".to_owned(),
        Reference::Suggestion | Reference::Inquiry | Reference::Certificate => {
            "没有这个编号，或者此人的信息已经清除；请核对编号和左边的类别".to_owned()
        }
    }
}

/// No such way.
pub fn wrong_reference() -> String {
    "请选择凭什么查".to_owned()
}

/// A reason is missing.
pub fn say_why(most: usize) -> String {
    format!("请写明本人的要求和核实方式，{most} 字以内")
}

/// Before it is done.
pub fn are_you_sure(rows: usize, consequences: &[String]) -> String {
    format!("将清除此人的 {rows} 条信息，不能恢复。{}。", consequences.join("；"))
}

/// After it was done.
pub fn forgotten(outcome: &Outcome, staying: &[String]) -> String {
    let mut told = format!("已清除 {} 条", outcome.rows);
    if outcome.withdrawn > 0 {
        told.push_str(&format!("，替此人取消 {} 门课程的报名", outcome.withdrawn));
    }
    if outcome.left_queue {
        told.push_str("，结束了正在进行的人工服务");
    }
    told.push('。');
    told.push_str(&staying.concat());
    told
}
