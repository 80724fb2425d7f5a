//! What is said about quizzes: rules, results, and what is wrong with a bank or a quiz.

use crate::domain::document::Validity;
use crate::domain::draw::{Drawn, commitment};
use crate::domain::quiz::{Blocked, Poll, QuizKind};
use crate::domain::time::Timestamp;

/// Longest explanation a poll takes (Bot API).
const POLL_EXPLANATION: usize = 200;
/// Entrants named in the bulletin of a result; the page has all.
const NAMED: usize = 50;

/// Something of the nth item.
pub fn in_item(index: usize, detail: &str) -> String {
    format!("第 {} 题：{detail}", index + 1)
}

/// Empty or too long.
pub fn wrong_length(what: &str, most: usize) -> String {
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

/// The mobile number took part before.
pub fn phone_taken() -> String {
    "这个手机号已经参加了抽奖，一个手机号只参加一次。要只答题、不抽奖，请把手机号清空再提交".to_owned()
}

/// Not a mobile number.
pub fn wrong_phone() -> String {
    "手机号要写 11 位数字，例如 13800000000".to_owned()
}

/// A number was given without consent.
pub fn not_agreed() -> String {
    "填了手机号，请勾选下面的“同意”；不想留手机号，就把它清空，只答题、不抽奖".to_owned()
}

/// Whoever joins the draw has answered.
pub fn answer_first() -> String {
    "请先答题，再参加抽奖".to_owned()
}

/// What the draw and the prizes rest on was emptied.
pub fn let_go_of() -> String {
    "参加人的登记已按保存期限清除，不能再抽奖或核对".to_owned()
}

/// There is no winner yet.
pub fn not_drawn_yet() -> String {
    "还没有抽奖，抽奖以后再核对".to_owned()
}

/// What a mobile number has to do with the draw.
pub fn prize_checked(won: bool, number: Option<i64>) -> String {
    match number {
        Some(number) if won => format!("中奖了：这个手机号的抽奖号是 {number} 号，可以领奖"),
        Some(number) => format!("没有中奖：这个手机号的抽奖号是 {number} 号"),
        None => "没有人用这个手机号参加这次抽奖".to_owned(),
    }
}

/// What one agrees to with a mobile number.
pub fn agreement(days: u32) -> String {
    format!("同意用这个手机号参加抽奖：只存它的校验值，不存号码；用来保证一个手机号只抽一次、领奖时核对；抽奖 {days} 天后删除")
}

/// What is kept of whoever answers on the web, and why.
pub fn kept(days: u32) -> Vec<String> {
    vec![
        "称呼：公布中奖时只显示第一个字。答案和分数：用来评分。".to_owned(),
        "手机号（自愿填）：系统用只属于这次答题的密钥算出一个校验值存下来，号码本身不保存，也不给别人看。用来做两件事：一个手机号只抽一次；领奖时请您报号码核对。"
            .to_owned(),
        format!("抽奖 {days} 天后，校验值、密钥和称呼（除第一个字）都会删除。想提前删除，打开“我的信息”页清除；答题还没结束的，结束以后再删。"),
        "在群里点选的，一个账号算一次；在网页答的，一个手机号算一次。同一个人两边都答了，最多领一份奖。随便编的手机号抽中了也领不到：领奖要报得出号码、接得通电话。".to_owned(),
    ]
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

/// Body of the announcement.
pub fn announcement(prize: &str, questions: usize, winners: i64, pass_percent: i64, closes_at: Timestamp, seed: &str) -> String {
    let prize = if prize.is_empty() { String::new() } else { format!("\n奖品：{prize}") };
    let share = if pass_percent == 100 { "全部答对".to_owned() } else { format!("答对 {pass_percent}% 以上") };
    format!(
        "一共 {questions} 道题，每题都有政策依据，每人答一次，以第一次选择为准。在群里直接点选，或打开下面的网页答（网页抽奖要填手机号，一个手机号一次）；在频道里点选只作练习，参加抽奖请打开网页答。\n\
         截止：{}{prize}\n{share}的参加抽奖，抽出 {winners} 人。\n抽奖种子的指纹（先公布，防止事后更改）：{}",
        closes_at.chinese(),
        commitment(seed)
    )
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

/// Title of the result.
pub fn result_title(title: &str) -> String {
    format!("{title}：抽奖结果")
}

/// Body of the result, with all that is needed to draw again.
pub fn result(entries: usize, drawn: &Drawn, winners: &[(i64, String)], seed: &str) -> String {
    let won: Vec<String> = winners.iter().map(|(number, name)| format!("{number} 号 {name}")).collect();
    let won = if won.is_empty() { "没有符合条件的参加者".to_owned() } else { won.join("、") };
    let numbers: Vec<String> = drawn.entrants.iter().take(NAMED).map(ToString::to_string).collect();
    let more = if drawn.entrants.len() > NAMED { "…（全部号码在网页上）" } else { "" };
    format!(
        "参加 {entries} 人，符合抽奖条件 {} 人。\n中奖：{won}\n领奖：在群里答的请出示答题的账号，在网页答的请报参加时填的手机号。\n\n\
         抽奖种子：{seed}\n指纹：{}\n参加抽奖的号码：{}{more}\n算法写在网页上，任何人都可以重算。",
        drawn.entrants.len(),
        commitment(seed),
        numbers.join("、"),
    )
}

/// A name as others may see it: its first character.
pub fn shortened_name(name: &str) -> String {
    match name.trim().chars().next() {
        Some(first) => format!("{first}**"),
        None => "匿名".to_owned(),
    }
}

/// How the draw is made, for the page.
pub fn method() -> &'static str {
    "号码从小到大排好；第 1 轮把“种子:1”算 SHA-256，取前 16 个字节当作一个大整数，除以剩余人数取余数，余数是几，就从第几个（从 0 数）抽出；抽出的人离开名单，\
     第 2 轮用“种子:2”，依此类推。种子的 SHA-256 就是事先公布的指纹。"
}

/// The score in a sentence.
pub fn score(correct: i64, total: i64) -> String {
    format!("答对 {correct} 题，共 {total} 题")
}

/// After answering.
pub fn passed(number: i64) -> String {
    format!("符合抽奖条件，您的抽奖号是 {number} 号，请记下。")
}

/// After answering on the web without a mobile number.
pub fn passed_without_phone() -> String {
    "分数够了。还没有填手机号，不参加抽奖；想参加，在下面填写。".to_owned()
}

/// After the end, without a mobile number.
pub fn not_in_draw() -> String {
    "没有留手机号，没有参加抽奖。".to_owned()
}

/// In the console: passed, and not drawn.
pub const NOT_IN_DRAW: &str = "及格，没留手机号";
pub const PRIZE_CHECK: &str = "核对领奖";
pub const PRIZE_PHONE: &str = "来领奖的人报的手机号";

/// Under that field.
pub fn prize_check_hint() -> &'static str {
    "号码不保存，只和参加时留下的校验值比对；在群里答题的请看账号"
}

/// After the draw, to a winner.
pub fn won(number: i64) -> String {
    format!("恭喜，您的 {number} 号中奖了。请按通知里的说明领奖，领奖时报参加时填的手机号。")
}

/// After the draw, to whoever took part in it.
pub fn not_won(number: i64) -> String {
    format!("已经抽奖，您的 {number} 号没有抽中，谢谢参加。")
}

/// After answering, not well enough.
pub fn not_passed(percent: i64) -> String {
    if percent == 100 {
        "全部答对才参加抽奖，这次没有达到。".to_owned()
    } else {
        format!("答对 {percent}% 以上才参加抽奖，这次没有达到。")
    }
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
