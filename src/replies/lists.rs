//! What is said around the lines of the bureau's 零跑, 最多跑一次 and 容缺 lists. The lines themselves are the list's own.

use crate::domain::matter_list::VisitClass;

/// Above one page of a list; `from` and `to` count from 1.
pub fn page(title: &str, total: usize, (from, to): (usize, usize)) -> String {
    if from == 1 && to == total {
        format!("《{title}》共{total}项：")
    } else {
        format!("《{title}》共{total}项，以下是第{from}项至第{to}项：")
    }
}

/// The question that leads to another page; understood on every channel.
pub fn page_question(class: VisitClass, page: usize) -> String {
    format!("{}事项清单第{page}页", class.word())
}

/// There is no such page.
pub fn no_such_page(title: &str, pages: usize) -> String {
    format!("《{title}》一共只有{pages}页。")
}

/// The bureau has not brought its list in.
pub fn missing(class: VisitClass, hotline: &str) -> String {
    let whom = if hotline.is_empty() { String::new() } else { format!("，也可以拨打{hotline}纳税缴费服务热线") };
    format!(
        "本地的“{}”事项清单还没有录入，不能凭印象告诉您。可以直接问某一件事怎么办，例如“变更税务登记怎么办理”；要看清单，请咨询主管税务机关{whom}。",
        class.word()
    )
}

/// What a guide does not tell.
pub fn not_in_guide(parts: &[&str]) -> String {
    format!("依据里没有写明{}，请向主管税务机关确认。", parts.join("、"))
}

/// Items of a list that are not shown.
pub fn left_out(count: usize) -> String {
    format!("内容较长，还有{count}条没有列在这里，请打开原文查看。")
}
