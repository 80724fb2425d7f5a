//! What is said about quizzes: rules, results, and what is wrong with a bank or a quiz.

use crate::domain::document::Validity;
use crate::domain::quiz::{Blocked, Poll, QuizKind};
use crate::domain::time::Timestamp;

/// Longest explanation a poll takes (Bot API).
const POLL_EXPLANATION: usize = 200;

/// Something of the nth item.
pub fn in_item(index: usize, detail: &str) -> String {
    format!("第 {} 题：{detail}", index + 1)
}

/// A title that is empty or too long.
pub fn wrong_title(most: usize) -> String {
    wrong_length("标题", most)
}

/// A question that is empty or too long.
pub fn wrong_question(most: usize) -> String {
    wrong_length("题目", most)
}

/// An explanation that is too long.
pub fn wrong_explanation(most: usize) -> String {
    wrong_length("解析", most)
}

/// A prize whose description is too long.
pub fn wrong_prize(most: usize) -> String {
    wrong_length("奖品说明", most)
}

/// Whether an answer was right, after answering.
pub fn verdict(right: bool) -> &'static str {
    if right { "答对了" } else { "答错了" }
}

fn wrong_length(what: &str, most: usize) -> String {
    format!("请填写{what}，最多 {most} 个字")
}

/// No item, or too many.
pub fn wrong_number_of_items(most: usize) -> String {
    format!("题库要有 1 到 {most} 道题")
}

/// A key that cannot be used.
pub fn wrong_key(most: usize) -> String {
    format!("key 要写 1 到 {most} 个字，同一题库里不能重复")
}

/// Options that cannot be used.
pub fn wrong_options(most: usize, longest: usize) -> String {
    format!("选项要有 2 到 {most} 个，各不相同，每个最多 {longest} 个字")
}

/// The right answer is no option.
pub fn wrong_answer(options: usize) -> String {
    format!("answer 写正确选项的序号，1 到 {options}")
}

/// No source.
pub fn no_document() -> String {
    "请写依据的文件编号 document".to_owned()
}

/// Why an item is not asked.
pub fn blocked(blocked: Blocked, document: &str) -> String {
    match blocked {
        Blocked::UnknownDocument => format!("依据的文件 {document} 不在政策库里，这道题停用；请核对 document"),
        Blocked::NotInForce(Validity::NotYet) => format!("依据的文件 {document} 尚未生效，这道题停用"),
        Blocked::NotInForce(validity) => format!("依据的文件 {document} {}，这道题停用，请换新的依据", validity.word()),
        Blocked::ArticleMissing => format!("文件 {document} 里没有这一条，这道题停用；请核对 article"),
        Blocked::QuoteMissing => format!("文件 {document} 里找不到引用的原文，这道题停用；请核对 quote"),
    }
}

/// A key that is in no bank.
pub fn no_such_item() -> String {
    "items 里有题库中没有的 key，请核对".to_owned()
}

/// Too many questions for one quiz.
pub fn too_many_items(most: usize) -> String {
    format!("一次最多 {most} 道题，请在 items 里选")
}

/// A number out of range.
pub fn out_of_range(least: i64, most: i64) -> String {
    format!("要在 {least} 到 {most} 之间")
}

/// The end lies before the start.
pub fn closes_before_it_opens() -> String {
    "结束时间要晚于开始时间".to_owned()
}

/// Nobody could answer any more.
pub fn closed_already() -> String {
    "结束时间已经过去，请选择以后的时间".to_owned()
}

/// Before the start.
pub fn not_open_yet(at: Timestamp) -> String {
    format!("答题 {} 开始，请到时再来", at.chinese())
}

/// After the end.
pub fn closed(at: Timestamp) -> String {
    format!("答题已在 {} 结束", at.chinese())
}

/// In the list, after the draw.
pub fn drawn_here() -> String {
    "已抽奖，点开看结果".to_owned()
}

/// Answered often enough.
pub fn no_attempt_left(attempts: i64) -> String {
    if attempts == 1 { "您已经答过了，每人一次".to_owned() } else { format!("您已经答满 {attempts} 次，不能再答") }
}

/// A question without an answer.
pub fn not_answered(index: usize) -> String {
    format!("第 {} 题还没有选，请选好再提交", index + 1)
}

/// A name that cannot stand on a list.
pub fn wrong_name(most: usize) -> String {
    format!("请填写称呼，1 到 {most} 个字")
}

/// Staff quizzes are neither announced nor drawn.
pub fn only_prize_quizzes() -> String {
    "只有有奖答题才发到群里和抽奖".to_owned()
}

/// The draw comes after the end.
pub fn not_closed(at: Timestamp) -> String {
    format!("答题 {} 结束，结束后才能抽奖", at.chinese())
}

/// Nobody was told of it.
pub fn never_announced() -> String {
    "这次答题没有发过通知，不能抽奖".to_owned()
}

/// Drawn before.
pub fn drawn_already() -> String {
    "已经抽过奖，结果不能更改".to_owned()
}

/// Explanation of a poll, with its source, within what a poll takes.
pub fn poll_explanation(explanation: &str, source: &str) -> String {
    let text = format!("{}（依据：{source}）", explanation.trim().replace('\n', " "));
    if text.chars().count() <= POLL_EXPLANATION {
        return text;
    }
    text.chars().take(POLL_EXPLANATION - 1).collect::<String>() + "…"
}

/// A poll in plain words, for the ledger.
pub fn poll_as_text(poll: &Poll) -> String {
    let options = poll.options.iter().enumerate().map(|(index, option)| format!("{}. {option}", index + 1));
    std::iter::once(poll.question.clone()).chain(options).collect::<Vec<_>>().join("\n")
}

/// What a quiz is.
pub fn kind(kind: QuizKind) -> &'static str {
    match kind {
        QuizKind::Staff => "每季一考（工作人员）",
        QuizKind::Prize => "有奖答题（纳税人）",
    }
}

/// No quiz yet.
pub fn none_yet() -> String {
    "先看下面的题库，再新建每季一考或有奖答题。".to_owned()
}

/// No bank yet.
pub fn no_bank() -> String {
    "把题库写成文件放进 broadcasts/quizzes，重启服务后就能用。".to_owned()
}

/// Heading over blocked questions.
pub fn blocked_title() -> String {
    "停用的题（依据已失效或找不到，不会再出）".to_owned()
}

/// Under the field for items.
pub fn items_hint() -> String {
    "写题目的 key，用顿号隔开；留空就用全部题目。".to_owned()
}

/// Under the field for tags.
pub fn tags_hint() -> String {
    "写群聊的标签，用顿号隔开；* 表示全部群。".to_owned()
}

/// A time that is none.
pub fn no_time() -> String {
    "请选择日期和时间".to_owned()
}

/// Not a number.
pub fn no_number() -> String {
    "请写数字".to_owned()
}

/// After a quiz was made.
pub fn made(kind: QuizKind) -> String {
    match kind {
        QuizKind::Staff => "考试已建好，到时间工作人员就能在这里答题".to_owned(),
        QuizKind::Prize => "答题已建好，接下来起草通知交审核".to_owned(),
    }
}

/// How many questions are asked, and how many are not.
pub fn counted(asked: usize, blocked: usize) -> String {
    if blocked == 0 { format!("{asked} 题") } else { format!("{asked} 题（另有 {blocked} 题依据已失效，不出）") }
}

/// Nobody answered yet.
pub fn nobody_yet() -> String {
    "开始以后，成绩会一条条出现在这里。".to_owned()
}

/// The score in a sentence.
pub fn score(correct: i64, total: i64) -> String {
    format!("答对 {correct} 题，共 {total} 题")
}

/// After the staff's quiz.
pub fn staff_passed(correct: i64, total: i64) -> String {
    format!("{}，及格", score(correct, total))
}

/// After the staff's quiz, not well enough.
pub fn staff_failed(correct: i64, total: i64) -> String {
    format!("{}，没有及格，可以先看晚课再考", score(correct, total))
}

/// After the announcement was drafted.
pub fn announced() -> String {
    "通知已起草，题目会作为群里的答题一起发出，等审核人员审核".to_owned()
}

/// After the draw.
pub fn result_drafted() -> String {
    "已抽奖，结果通知已起草，等审核人员审核".to_owned()
}

/// The draw, in the console.
pub fn drawn(entrants: usize, winners: &[String], seed: &str) -> String {
    let won = if winners.is_empty() { "没有符合条件的参加者".to_owned() } else { winners.join("、") };
    format!("符合条件 {entrants} 人。中奖：{won}\n种子：{seed}")
}
