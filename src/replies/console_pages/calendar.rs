//! The calendar of everything. The words of its page in the console, each under the name of what it stands for.

use chrono::NaiveDate;

pub const TITLE: &str = "日历";
pub const MONTH: &str = "月份";
pub const SHOW: &str = "查看";
pub const EARLIER: &str = "上个月";
pub const LATER: &str = "下个月";
pub const THIS_MONTH: &str = "本月";
pub const NO_SUCH_MONTH: &str = "月份要写成 2027-04";

/// A month as people say it.
pub fn month(first: NaiveDate) -> String {
    first.format("%Y年%-m月").to_string()
}

/// What the month holds.
pub fn counts(items: usize, classes: usize, quizzes: usize) -> String {
    if items + classes + quizzes == 0 {
        return "这个月还没有安排。宣传月的内容、课程和有奖答题定了日子，就会出现在这里。".to_owned();
    }
    format!("宣传月内容 {items} 项，课程 {classes} 次，答题开始或截止 {quizzes} 次")
}
