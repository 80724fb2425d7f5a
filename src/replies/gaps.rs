//! What is said about gaps: to staff who answer them, to those who asked, and to those who follow a verified answer.

use crate::domain::document::Document;
use crate::domain::gap::{AnswerChange, GapState};
use crate::domain::message::{Block, Button, Message};
use crate::domain::time::chinese_date;

/// Characters of a question that a notice repeats.
const SHOWN: usize = 60;

fn short(text: &str) -> String {
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        shown.push('…');
    }
    shown
}

/// The lines of a verified answer, with who approved it.
fn approved(document: &Document) -> Vec<Block> {
    let mut blocks = vec![Block::Paragraph(document.body.trim().to_owned())];
    if let Some(verified) = &document.verified {
        blocks.push(Block::Note(super::answers::approved(&verified.unit, verified.on)));
    }
    blocks
}

fn page(document: &Document, public_url: &str) -> Block {
    Block::Link { label: "查看答复和依据".to_owned(), url: format!("{public_url}/policies/{}", document.id) }
}

/// Told once to those who asked.
pub fn answered_now(question: &str, document: &Document, public_url: &str) -> Message {
    told_of(format!("您之前问的“{}”，现在有答复了：", short(question)), document, public_url)
}

/// Told to whoever asked something near it: they see themselves whether it is theirs.
pub fn answered_nearby(question: &str, document: &Document, public_url: &str) -> Message {
    let heading = format!("您之前问过“{}”。相近的问题“{}”现在有答复了，请先看是不是同一件事：", short(question), short(&document.title));
    told_of(heading, document, public_url)
}

/// On the page, to whoever asked it there before.
pub fn answered_now_on_page(question: &str) -> String {
    format!("您上次问的“{}”，现在有答复了", short(question))
}

/// On the page, to whoever asked something near it.
pub fn answered_nearby_on_page(question: &str, title: &str) -> String {
    format!("您上次问过“{}”。相近的问题“{}”现在有答复了，请先看是不是同一件事", short(question), short(title))
}

/// On the page, after "以后不用告诉我".
pub fn no_more_on_page() -> String {
    "好的，以后打开本页，不再提示之前的问题有了答复。".to_owned()
}

/// On the page, wanted again.
pub fn again_on_page() -> String {
    "好的，您没问到答案的问题有了答复，打开本页就能看到。".to_owned()
}

fn told_of(heading: String, document: &Document, public_url: &str) -> Message {
    let mut message = Message { blocks: vec![Block::Heading(heading)], buttons: Vec::new() };
    message.blocks.extend(approved(document));
    message
        .with(page(document, public_url))
        .with(Block::Note(super::answers::caution()))
        .with_buttons(vec![Button::data("以后不用告诉我", "notices:no")])
}

/// Told to those who follow an answer.
pub fn changed(change: AnswerChange, title: &str, document: Option<&Document>, public_url: &str) -> Message {
    let (heading, rest) = match change {
        AnswerChange::Reworded => ("有修改，现在是：", document.map(approved).unwrap_or_default()),
        AnswerChange::SourceChanged => {
            ("所依据的文件有变化。答复目前仍然有效，办理前请再核对：", document.map(approved).unwrap_or_default())
        }
        AnswerChange::Lapsed => {
            ("已经失效，请不要再按它办理。", vec![Block::Paragraph("可以再问我一次，看看现在的规定；或拨打 12366。".to_owned())])
        }
    };
    let mut message =
        Message { blocks: vec![Block::Heading(format!("您问过的“{}”，答复{heading}", short(title)))], buttons: Vec::new() };
    message.blocks.extend(rest);
    if let Some(document) = document {
        message = message.with(page(document, public_url));
    }
    message.with_buttons(vec![Button::data("以后不用告诉我", "notices:no")])
}

/// Under a verified answer in a private chat.
pub fn follow_button(answer: &str) -> Button {
    Button::data("答复有变时告诉我", format!("follow:{answer}"))
}

/// After that tap.
pub fn following() -> String {
    "好的，30 天内这条答复有修改或失效，就告诉您。".to_owned()
}

/// After "以后不用告诉我".
pub fn no_more_notices() -> String {
    "好的，以后不再主动告诉您答复的消息。想恢复时发“/答复提醒 开”。".to_owned()
}

/// Wanted again.
pub fn notices_again() -> String {
    "好的，您问过的问题有了答复，就告诉您；不想收时发“/答复提醒 关”。".to_owned()
}

/// In a group.
pub fn only_in_private() -> String {
    "请私聊我设置答复提醒。".to_owned()
}

/// Why a settled gap is open again.
pub fn asked_again() -> String {
    "又有很多人问".to_owned()
}

/// Why a published gap is open again.
pub fn look_again(change: AnswerChange) -> String {
    match change {
        AnswerChange::Reworded => "答复有修改".to_owned(),
        AnswerChange::SourceChanged => "依据的文件有变化，请核对答复".to_owned(),
        AnswerChange::Lapsed => "答复已随依据失效，请重新答复".to_owned(),
    }
}

/// Why a gap is open again whose answer was taken back.
pub fn was_withdrawn(reason: &str) -> String {
    format!("答复已撤下：{reason}")
}

/// The word for a state.
pub fn state(state: GapState) -> &'static str {
    match state {
        GapState::Open => "待答复",
        GapState::Drafting => "待审核",
        GapState::Published => "已发布",
        GapState::Dismissed => "已忽略",
    }
}

/// Where a verified answer came from.
pub fn from_gap(on: &str) -> String {
    format!("根据纳税人提问整理，{on}审核发布")
}

/// No such state.
pub fn wrong_state() -> String {
    "state 要写 open、drafting、published、dismissed 或 to_do".to_owned()
}

/// A draft with personal data or words that are not said.
pub fn holds_secrets() -> String {
    "问题或答复里有身份证号、电话、税号或词表中的敏感词，请去掉再提交".to_owned()
}

/// A draft of a dismissed gap.
pub fn dismissed_already() -> String {
    "这个问题已忽略；要答复，请先点“重新打开”".to_owned()
}

/// Nothing waits for approval.
pub fn nothing_to_approve() -> String {
    "没有待审核的答复，请先起草".to_owned()
}

/// One's own text.
pub fn own_answer() -> String {
    "答复不能由起草人自己审核，请另一位审核人审核".to_owned()
}

/// The draft is not the one that was looked at.
pub fn changed_meanwhile() -> String {
    "答复在您查看之后有改动，或已退回修改；请刷新页面，看过新的内容再审核".to_owned()
}

/// A source reads differently than when the draft was written.
pub fn source_changed(title: &str) -> String {
    format!("依据《{title}》已改动或失效，请退回起草人重新核对")
}

/// A reason is missing.
pub fn say_why(most: usize) -> String {
    format!("请写明原因，{most} 字以内")
}

/// It cannot be dismissed from here.
pub fn not_on_the_list() -> String {
    "这个问题已经发布答复或已忽略；已发布的请用“撤下答复”".to_owned()
}

/// Only a dismissed one is reopened.
pub fn not_dismissed() -> String {
    "只有已忽略的问题才能重新打开".to_owned()
}

/// Only a published answer is withdrawn.
pub fn not_published() -> String {
    "这个问题没有发布的答复".to_owned()
}

/// A unit's name that is too long.
pub fn unit_too_long(most: usize) -> String {
    format!("审核单位最多 {most} 个字")
}

/// A question that is none.
pub fn wrong_question(most: usize) -> String {
    format!("请用一句话写出问题，{most} 字以内，不换行")
}

/// An answer that is none.
pub fn wrong_answer(most: usize) -> String {
    format!("请写答复，{most} 字以内")
}

/// Mark-up in an answer.
pub fn plain_words_only() -> String {
    "答复请写成平常的句子，每行不要以 # 或 | 开头".to_owned()
}

/// Sources are missing, or too many.
pub fn choose_sources(most: usize) -> String {
    format!("请勾选答复所依据的段落，1 到 {most} 段；没有依据的答复不能发布")
}

/// A passage nobody has.
pub fn no_such_passage(document: &str) -> String {
    format!("知识库里没有“{document}”的这一段，请重新选择")
}

/// A passage that may not be rested on.
pub fn source_is_over(title: &str) -> String {
    format!("《{title}》目前不是有效的政策文件，不能作为依据")
}

/// Figures that stand in no source.
pub fn unfounded(figures: &[String]) -> String {
    format!("答复里的“{}”在勾选的依据里没有找到；请勾选写有它的段落，或改正答复", figures.join("”“"))
}

/// After a draft was handed in.
pub fn drafted() -> String {
    "答复已提交，等另一位审核人审核".to_owned()
}

/// After an approval.
pub fn published() -> String {
    "答复已发布，问过的人会收到消息".to_owned()
}

/// After sending back.
pub fn given_back() -> String {
    "已退回起草人".to_owned()
}

/// After dismissing.
pub fn dismissed() -> String {
    "已忽略；问的人再多起来时会重新出现".to_owned()
}

/// After reopening.
pub fn reopened() -> String {
    "已放回列表".to_owned()
}

/// After withdrawing.
pub fn withdrawn() -> String {
    "答复已撤下，不再用于回答".to_owned()
}

/// Nothing on the list.
pub fn nothing_to_do() -> String {
    "机器人没有答上来的、被点“无用”的和转人工的问题，会按意思归到一起列在这里，问得最多的排在最前。".to_owned()
}

/// Nothing in this state.
pub fn none_here() -> String {
    "起草答复并由另一人审核后，问题就移到“已发布”；不需要答复的可以忽略。".to_owned()
}

/// No passage was found beside a gap.
pub fn no_passage() -> String {
    "没有找到相近的段落。请先到“知识库”导入依据文件，或在下面填写文件编号查找。".to_owned()
}

/// Under the field of the question.
pub fn question_hint() -> String {
    "用一句话概括大家的问法；它会成为答复的标题。".to_owned()
}

/// Under the field of the answer.
pub fn answer_hint() -> String {
    "第一行写结论，后面每行一点。数字、日期、比例都要能在勾选的依据里找到。".to_owned()
}

/// Above what an approver decides.
pub fn look_before() -> String {
    "请对照依据核对答复。通过后它会原文用于回答，并告诉问过的人；依据失效时它自动失效。".to_owned()
}

/// When it was published.
pub fn published_on(date: chrono::NaiveDate) -> String {
    format!("{}发布", chinese_date(date))
}
