//! What is said about backups, restoring and exports.

use std::path::Path;

use crate::domain::care::Purpose;
use crate::domain::time::Timestamp;

/// The file is there already.
pub fn there_already(path: &Path) -> String {
    format!("{} 已经存在，不会覆盖；请换一个文件名，例如带上日期", path.display())
}

/// It cannot be written.
pub fn cannot_write(path: &Path) -> String {
    format!("无法写入 {}，请检查文件夹是否存在、有没有权限、磁盘是否已满", path.display())
}

/// It cannot be read.
pub fn cannot_read(path: &Path) -> String {
    format!("无法读取 {}", path.display())
}

/// Something else.
pub fn no_backup(path: &Path) -> String {
    format!("{} 不是备份文件，或已损坏", path.display())
}

/// A part is not what was written.
pub fn damaged(path: &Path, part: &str) -> String {
    format!("{} 已损坏：{part} 与备份时不一致，请用另一份备份", path.display())
}

/// An export lacks secrets and cannot be brought back.
pub fn an_export(path: &Path) -> String {
    format!("{} 是导出文件，不含密码和令牌，不能用来恢复；请用 taxhome backup 做的备份", path.display())
}

/// Made by a program that knows more.
pub fn from_a_newer_program(program: &str) -> String {
    format!("这份备份由较新的版本（{program}）制作，请先升级程序再恢复")
}

/// The target holds something.
pub fn not_empty() -> String {
    "数据库里已经有数据，没有改动。请用 TAXHOME_DATA_DIR 指定一个空的数据文件夹（或用 TAXHOME_DATABASE__URL 指定一个空的数据库）再恢复"
        .to_owned()
}

/// A start on a store that was not brought back whole.
pub fn unfinished() -> String {
    "上次从备份恢复没有完成，请换一个空的数据文件夹（或空的数据库）重新恢复".to_owned()
}

/// Why something waits for a person.
pub fn reason(made_at: &str) -> String {
    let at = Timestamp::parse(made_at).map_or_else(|_| made_at.to_owned(), Timestamp::chinese);
    format!("从 {at} 的备份恢复：备份之后可能已经发出，请确认")
}

/// After a backup, an export or a check.
pub fn whole(path: &Path, tables: usize, rows: u64, made_at: &str) -> String {
    let at = Timestamp::parse(made_at).map_or_else(|_| made_at.to_owned(), Timestamp::chinese);
    format!("{}：完整，{at} 制作，{tables} 张表，{rows} 行", path.display())
}

/// After a restore.
pub fn restored(unconfirmed: u64, held: u64, dropped: u64) -> Vec<String> {
    let mut lines = vec!["已恢复，索引已重建，可以启动服务。".to_owned()];
    if unconfirmed > 0 {
        lines.push(format!("{unconfirmed} 条消息不能确定是否已经发出，在工作台“送达未确认”里逐条决定。"));
    }
    if held > 0 {
        lines.push(format!("{held} 条到时间的通知等待决定：立即发送、重新排期或取消。"));
    }
    if dropped > 0 {
        lines.push(format!("{dropped} 条回复和未处理的来信不再处理。"));
    }
    lines.push("备份之后的提问、报名和发送记录不在其中；所有人需要重新登录。".to_owned());
    lines
}

/// What is in the file, for whoever opens it.
pub fn note(purpose: Purpose, personal: &[String], now: Timestamp) -> String {
    let what = match purpose {
        Purpose::Backup => "备份：含全部数据，密码和令牌只有校验值，群机器人的地址是明文。请像钥匙一样保管。",
        Purpose::Export => "导出：不含密码、令牌和群机器人的地址，不能用来恢复。",
    };
    format!(
        "纳税人之家 {}\n{what}\n\ntables/ 里一张表一个文件，一行一条，JSON 格式，时间是 1970 年以来的毫秒数。\n\
         下列表含个人信息（证件号、手机号已隐去），请依法保管，用完删除：\n{}\n",
        now.chinese(),
        personal.join("、")
    )
}
