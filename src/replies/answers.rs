//! What is said around an answer, and what is said instead of one. An answer itself is always the documents' own words.

use chrono::NaiveDate;

use crate::domain::answer::{Answer, Citation, Decision};
use crate::domain::document::{Document, Validity};
use crate::domain::message::{Block, Button, Message};
use crate::domain::time::chinese_date;
use crate::domain::workday::{FilingDeadline, FilingYear};

/// Label of a suggestion button: longer ones are cut on phones anyway.
const LABEL_CHARACTERS: usize = 40;

/// The fixed closing words (F20).
pub fn caution() -> String {
    "以上摘自公开的政策文件，仅供参考；具体办理以主管税务机关的答复为准。".to_owned()
}

/// Nothing good enough was found.
pub fn not_known(hotline: &str) -> String {
    format!("这个问题我没有找到可靠的依据，不敢乱答。{}", hotline_line(hotline))
}

/// A 文号 that is not in the knowledge.
pub fn number_unknown(hotline: &str) -> String {
    format!("知识库里没有这个文号的文件，请核对文号。{}", hotline_line(hotline))
}

/// An article that is not in the knowledge.
pub fn article_unknown(law: &str, article: &str, hotline: &str) -> String {
    format!("知识库里没有《{law}》{article}的内容，不敢凭印象回答。{}", hotline_line(hotline))
}

/// The calendar has no data for that year.
pub fn no_deadline_data(year: i32, hotline: &str) -> String {
    format!("{year}年的申报纳税期限还没有数据，等税务总局公布后才能回答，不便推算。{}", hotline_line(hotline))
}

/// A thanks, a nod, a laugh.
pub fn small_talk() -> String {
    "不客气，有涉税问题随时问我。".to_owned()
}

/// A greeting.
pub fn greeting() -> String {
    "您好，我是纳税人之家，可以问我税收政策和办税流程，例如“小规模纳税人月销售额多少免增值税”。".to_owned()
}

/// An order to the machine instead of a question.
pub fn not_an_order() -> String {
    "我只按公开的税收政策文件回答问题，不能改变规定，也不提供他人信息。请直接问涉税问题。".to_owned()
}

/// Somebody's own record.
pub fn personal_record(hotline: &str) -> String {
    format!("您本人或本单位的办税记录我看不到。请登录电子税务局或个人所得税APP查询，或到办税服务厅办理。{}", hotline_line(hotline))
}

/// Computing what somebody must declare.
pub fn computation() -> String {
    "我不代算申报税额：金额要按您的全部情况计算，算错会影响申报。可以问我税率、扣除标准和计算方法，实际税额以电子税务局或个人所得税APP计算为准。".to_owned()
}

/// Whether somebody will be inspected.
pub fn prediction(hotline: &str) -> String {
    format!("是否检查由税务机关依法决定，我无法预测。可以问我相关规定。{}", hotline_line(hotline))
}

/// How to cheat.
pub fn wrongdoing() -> String {
    "这是违法行为，我不能提供办法。可以问我现行的税收优惠，或违法的法律责任。".to_owned()
}

/// Another country's or region's taxes.
pub fn elsewhere() -> String {
    "我只了解国内税收政策，其他国家和地区的税收请查询当地税务部门的官方网站。".to_owned()
}

/// Set locally.
pub fn local(hotline: &str) -> String {
    format!("这件事由当地规定，我手上没有本地的数据。请咨询主管税务机关。{}", hotline_line(hotline))
}

/// Another office's matter.
pub fn other_office(office: &str) -> String {
    format!("这件事不归税务部门管，请咨询{office}。")
}

/// A technical fault.
pub fn fault(hotline: &str) -> String {
    format!("这像是软件或系统的故障，我处理不了。可以先更新软件、换网络或浏览器再试。{}", hotline_line(hotline))
}

/// A follow-up without its topic.
pub fn follow_up() -> String {
    "请把问题说完整，例如“小规模纳税人的征收率是多少”。".to_owned()
}

/// Nothing that could be read.
pub fn noise() -> String {
    "没有看懂您的问题，请用一句话说明要问的涉税事项。".to_owned()
}

/// Words that are not answered.
pub fn sensitive() -> String {
    "您的话里有不合适的用语，我不能回答。请换个说法，直接问涉税问题。".to_owned()
}

/// Which kind of taxpayer somebody is, where it matters.
pub fn which_kind(kinds: [&str; 2]) -> String {
    format!("{}和{}的规定不同，您是哪一种？请点选。", kinds[0], kinds[1])
}

/// Who approved an answer.
pub fn approved(unit: &str, on: NaiveDate) -> String {
    format!("本答复由{unit}于{}审核。", chinese_date(on))
}

/// An empty question.
pub fn empty() -> String {
    "请写下您的问题，例如“个体户怎么申报”。".to_owned()
}

/// A question over the limit.
pub fn too_long(limit: usize) -> String {
    format!("问题太长了，请缩短到{limit}字以内，一次问一件事。")
}

/// The date the answer is about.
pub fn as_of(date: NaiveDate) -> String {
    format!("以上按{}的规定回答。", chinese_date(date))
}

/// Marks words of a text that is over.
pub fn over(words: &str) -> String {
    format!("【已失效】{}", on_its_own(words))
}

/// A table begins on a line of its own: behind other words its head would be taken for them, and a row for the head.
fn on_its_own(quote: &str) -> String {
    if quote.trim_start().starts_with('|') { format!("\n{quote}") } else { quote.to_owned() }
}

/// What replaced a text.
pub fn replaced_by(by: &str) -> String {
    format!("该规定已由{by}取代。")
}

/// A text whose first day lies ahead.
pub fn not_yet(from: NaiveDate) -> String {
    format!("注意：该规定自{}起施行，目前尚未生效。", chinese_date(from))
}

/// Today's rule ends before the day asked about.
pub fn ends(last: NaiveDate) -> String {
    format!("现行规定执行至{}，之后的规定还没有公布，目前不能确定。", chinese_date(last))
}

/// A rule to come.
pub fn from_then_on(from: NaiveDate, sentence: &str) -> String {
    format!("自{}起：{}", chinese_date(from), on_its_own(sentence))
}

/// A rule that is over and close to the question.
pub fn no_longer(title: &str, by: Option<&str>) -> String {
    match by {
        Some(by) => format!("已失效、不再适用：《{title}》，现按{by}执行。"),
        None => format!("已失效、不再适用：《{title}》。"),
    }
}

/// A sentence of a second document.
pub fn also(title: &str, sentence: &str) -> String {
    format!("另见《{title}》：{}", on_its_own(sentence))
}

/// Of two rules of one rank.
pub fn later_prevails(title: &str, from: NaiveDate) -> String {
    format!("两份规定不一致的，以较新的《{title}》（{}起施行）为准。", chinese_date(from))
}

/// Of two rules of different rank, the lower one older.
pub fn higher_prevails(title: &str) -> String {
    format!("两份规定不一致的，以效力较高的《{title}》为准。")
}

/// Of two rules of different rank, the lower one newer.
pub fn special_prevails(special: &str, general: &str) -> String {
    format!("符合《{special}》条件的按该文件执行，其他情形按《{general}》执行。")
}

/// The 解读 of the document cited.
pub fn explained_by(title: &str) -> String {
    format!("官方解读见《{title}》。")
}

/// The document that a 解读 explains.
pub fn explains(title: &str) -> String {
    format!("以上出自解读，正式规定见《{title}》。")
}

/// Only one source was seen.
pub fn single_source() -> String {
    "这一条目前只核对到一处来源，办理前请向主管税务机关或12366确认。".to_owned()
}

/// Number, dates and validity of a document in one line.
pub fn standing(document: &Document, date: NaiveDate) -> String {
    let mut line = match &document.number {
        Some(number) => format!("{number}：{}", document.validity(date).word()),
        None => format!("《{}》：{}", document.title, document.validity(date).word()),
    };
    if let Some(from) = document.effective_from {
        line.push_str(&format!("，自{}起施行", chinese_date(from)));
    }
    if let Some(to) = document.effective_to {
        line.push_str(&format!("，执行至{}", chinese_date(to)));
    }
    line.push('。');
    line
}

/// The deadline of a month.
pub fn deadline(year: i32, deadline: &FilingDeadline) -> String {
    format!("{year}年{}月的申报纳税期限截止到{}。", deadline.month, chinese_date(deadline.date))
}

/// Taxes declared by that deadline.
pub fn deadline_taxes(taxes: &[String]) -> String {
    format!("适用于：{}。", taxes.join("、"))
}

/// Where deadlines were announced.
pub fn deadline_source(filing: &FilingYear) -> String {
    format!("依据：《{}》（{}）。", filing.title, filing.number)
}

/// Above the questions to tap.
pub fn suggestions_title(decision: Decision) -> &'static str {
    match decision {
        Decision::Answered => "相关问题：",
        Decision::Clarify | Decision::Abstained => "您是否想问：",
    }
}

/// "按「…」理解" (F12).
pub fn understood_as(text: &str) -> String {
    format!("按「{text}」理解")
}

/// An answer as a chat message: what answers, where it stands, what to tap. `public_url` has no slash at the end.
pub fn message(answer: &Answer, public_url: &str) -> Message {
    let mut message = Message::default();
    if let Some(text) = &answer.understood_as {
        message = message.with(Block::Note(understood_as(text)));
    }
    match answer.decision {
        Decision::Answered => {
            message = message.with(Block::Heading(answer.lead.clone()));
            if !answer.details.is_empty() {
                message = message.with(Block::List(answer.details.clone()));
            }
            for citation in answer.citations.iter().take(2) {
                message = message.with(Block::Note(source_line(citation)));
                message = message.with(Block::Link { label: "查看原文".to_owned(), url: format!("{public_url}{}", citation.link) });
            }
            if let Some(code) = &answer.code {
                message = message.with(Block::Link { label: "办事二维码".to_owned(), url: format!("{public_url}{code}") });
            }
            message = message.with(Block::Note(answer.caution.clone()));
        }
        Decision::Clarify | Decision::Abstained => message = message.with(Block::Paragraph(answer.lead.clone())),
    }
    with_buttons(message, answer)
}

/// Title, 文号, article and validity of a citation in one line.
pub fn source_line(citation: &Citation) -> String {
    let mut line = format!("依据：《{}》", citation.title);
    if let Some(number) = &citation.number {
        line.push_str(&format!("，{number}"));
    }
    if let Some(article) = &citation.article {
        line.push_str(&format!("，{article}"));
    }
    line.push_str(&format!("（{}", citation.validity.word()));
    match (citation.validity, citation.effective_from, citation.effective_to) {
        (Validity::Expired | Validity::Repealed, _, Some(to)) => line.push_str(&format!("，执行至{}", chinese_date(to))),
        (_, Some(from), Some(to)) => line.push_str(&format!("，{}至{}", chinese_date(from), chinese_date(to))),
        (_, Some(from), None) => line.push_str(&format!("，{}起施行", chinese_date(from))),
        (_, None, Some(to)) => line.push_str(&format!("，执行至{}", chinese_date(to))),
        (_, None, None) => {}
    }
    line.push('）');
    line
}

fn with_buttons(mut message: Message, answer: &Answer) -> Message {
    if !answer.suggestions.is_empty() && answer.decision != Decision::Answered {
        message = message.with(Block::Note(suggestions_title(answer.decision).to_owned()));
    }
    for (at, question) in answer.suggestions.iter().enumerate() {
        let label: String = question.chars().take(LABEL_CHARACTERS).collect();
        message = message.with_buttons(vec![Button::data(label, format!("ask:{at}:{}", answer.id))]);
    }
    if answer.decision == Decision::Answered {
        let row = vec![Button::data("有用", format!("fb:{}:1", answer.id)), Button::data("无用", format!("fb:{}:0", answer.id))];
        message = message.with_buttons(row);
    } else {
        message = message.with_buttons(vec![Button::data("转人工", format!("human:{}", answer.id))]);
    }
    message
}

fn hotline_line(hotline: &str) -> String {
    if hotline.is_empty() { String::new() } else { format!("可以拨打{hotline}纳税缴费服务热线，或换个说法再问。") }
}
