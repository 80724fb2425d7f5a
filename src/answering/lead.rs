//! Which sentence of a passage answers: the one that speaks of what was asked and holds the kind of thing asked for.

use std::cell::RefCell;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use chrono::NaiveDate;
use regex::Regex;

use crate::answering::measure;
use crate::answering::understand::{Understood, Wish};
use crate::knowledge::sentences;
use crate::search::{Hit, PassageId, Snapshot};

static SPAN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:起)?(?:至|到|—|-)(\d{4})年(\d{1,2})月(\d{1,2})日").expect("the pattern is fixed")
});
static RATE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d%|\d‰|百分之|千分之|万分之|税率|征收率").expect("the pattern is fixed"));
static AMOUNT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d+(?:\.\d+)?\s*(?:万|亿)?元|[一二三四五六七八九十百千万]+元").expect("the pattern is fixed"));
static MONEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"多少(?:钱|元|块)|几块|几万|[退交缴罚扣免减抵补赔](?:得|了|到)?多少(?:$|[^天年日个次月])").expect("the pattern is fixed")
});
static SHARE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\d%|\d‰|百分之|千分之|万分之|倍").expect("the pattern is fixed"));
static TIME: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"\d+[日天年]|\d+个(?:工作日|月|自然日)|[一二三四五六七八九十]+(?:日|个月|年|个工作日)|\d+月\d+日|半个?[年月]|届满|期限|之前|次日",
    )
    .expect("the pattern is fixed")
});
/// The year in a document's number says nothing of when.
static NUMBERED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\d{4}年第?\d+号|[〔\[【(（]\d{4}[〕\]】)）]").expect("the pattern is fixed"));
static HOW_LONG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"要多久|多久能|多久到|多久办|要几天|几天能|多长时间|多少天").expect("the pattern is fixed"));
static DAY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:\d{4}年)?\d{1,2}月\d{1,2}日|\d{4}年").expect("the pattern is fixed"));
static PENALTY: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"罚|处.{0,6}以下|滞纳金|追究|倍").expect("the pattern is fixed"));
static PUNISHES: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:骗取|虚开|偷税|伪造|抗税).{0,40}(?:罚|处|追究|停止)|追究刑事责任").expect("the pattern is fixed"));
static WRONGDOING: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"罚|骗|虚开|偷|逃|漏|假|抗税|后果|责任|坐牢|判|刑|违法|犯法|举报|处理").expect("the pattern is fixed"));
static BOUND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"起征点|(?:超过|达到|不足|低于|高于|不到|满)[^。；]{0,8}[\d一二三四五六七八九十]|(?:元|人|亩|平方米|%)[^。；]{0,3}(?:以下|以上|以内)")
        .expect("the pattern is fixed")
});
static SINCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"自[^。；]{1,14}起|\d{4}年(?:\d{1,2}月)?(?:\d{1,2}日)?(?:起|开始)|施行|生效").expect("the pattern is fixed")
});
static PERSON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"纳税(?:义务)?人|扣缴义务人|代扣代缴|由[^。；]{1,24}(?:缴纳|申报|办理|代扣|负责)|(?:单位|企业|个人|个体工商户|居民)(?:和|、|或者?|为|应当|可以|是)")
        .expect("the pattern is fixed")
});
static PLACE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"电子税务局|办税服务厅|APP|主管税务机关|大厅").expect("the pattern is fixed"));
static PAPERS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"材料|提供|报送|填报|填写|申请表|提交|凭").expect("the pattern is fixed"));
static FREE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"免征|不征|0%|减半|个点").expect("the pattern is fixed"));
static FORMULA: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"×|÷|＝|=|乘以|余额|差额|减除|按.{0,12}计算").expect("the pattern is fixed"));
static HOW_COUNTED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?:怎么|咋|如何|怎样)(?:个|来)?(?:计?算|算法)|计算(?:公式|方法)|公式").expect("the pattern is fixed"));
static EQUATION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[＝=]").expect("the pattern is fixed"));
static STEPS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"先|再|办理|登记|报告|申请|结清").expect("the pattern is fixed"));
static VERDICT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"免征|不征|不得|可以|应当|无需|不需要|不用|减半|减征|必须").expect("the pattern is fixed"));

/// What a sentence of the wished-for kind is worth against one that covers everything asked.
const WISH_WORTH: f32 = 0.22;
/// The first sentence is written to be the one most people need.
const FIRST_WORTH: f32 = 0.06;

/// A sentence about the tax named gains this, one about another tax loses it.
const LEVY_WORTH: f32 = 0.12;
/// A section whose heading announces the kind of thing asked for (办理时限, 办理材料, 办理渠道) gains this.
const HEADING_WORTH: f32 = 0.15;
/// A table gains this where one is asked for.
const TABLE_WORTH: f32 = 0.5;
/// One row of a table answers alone where it speaks of so much more of the question than the next.
const ROW_MARGIN: f32 = 1.2;
/// What remains of a sentence that gives dates of its own which the date asked about lies outside of.
const OUT_OF_TIME: f32 = 0.4;
/// What remains of a sentence on homes of another size than the one asked about.
const OUT_OF_SIZE: f32 = 0.4;
/// What remains of a sentence on the punishment of wrongdoers where nobody asked about wrongdoing.
const PUNISHES_UNASKED: f32 = 0.5;

/// In the closing sentence of single-source digests: it limits an answer and is never one.
const ONE_SOURCE: &str = "一处来源";

/// Passages whose sentences are looked at before the best is chosen.
const REORDERED: usize = 10;
/// What a sentence that covers everything asked adds to its passage's score.
const SENTENCE_WEIGHT: f32 = 0.6;

/// A sentence with how well it answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Byte range in the document's body.
    pub range: Range<usize>,
    pub score: f32,
}

/// What was read for one question, each passage once: deciding and composing look at the same ones. A copy of the question, which may
/// stand at another date, begins anew.
#[derive(Debug, Default)]
pub struct Readings(RefCell<Vec<(PassageId, Arc<[Scored]>)>>);

impl Clone for Readings {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The sentences of a passage in order, each with its score.
pub fn score(understood: &Understood, id: PassageId, snapshot: &Snapshot) -> Arc<[Scored]> {
    let readings = &understood.readings.0;
    if let Some((_, scored)) = readings.borrow().iter().find(|(known, _)| *known == id) {
        return Arc::clone(scored);
    }
    let scored: Arc<[Scored]> = read(understood, id, snapshot).into();
    readings.borrow_mut().push((id, Arc::clone(&scored)));
    scored
}

/// How well the best sentence of a passage answers; 0 where there is none.
pub fn best(understood: &Understood, id: PassageId, snapshot: &Snapshot) -> f32 {
    score(understood, id, snapshot).iter().map(|scored| scored.score).fold(0.0, f32::max)
}

fn read(understood: &Understood, id: PassageId, snapshot: &Snapshot) -> Vec<Scored> {
    let (document, passage) = snapshot.passage(id);
    let text = passage.text(document);
    let terms = &understood.terms;
    let headed = passage.headings.iter().any(|heading| announces(understood.wish, heading));
    let all: f32 = terms.iter().map(|(_, weight)| weight).sum();
    let punished = understood.wish != Wish::Penalty && !WRONGDOING.is_match(&understood.plain);
    let tables = asks_for_all(&understood.plain);
    let counted = HOW_COUNTED.is_match(&understood.plain);
    sentences(text)
        .into_iter()
        .enumerate()
        .map(|(at, range)| {
            let sentence = &text[range.clone()];
            if sentence.contains(ONE_SOURCE) {
                return Scored { range: passage.start + range.start..passage.start + range.end, score: 0.0 };
            }
            let reached = rows(sentence).map(|row| reached(terms, &snapshot.with_everyday_words(row))).fold(0.0, f32::max);
            let cover = if all > 0.0 { reached / all } else { 0.0 };
            let wish = if counted && EQUATION.is_match(sentence) { 1.0 } else { grants(understood.wish, sentence) } * WISH_WORTH;
            let first = if at == 0 { FIRST_WORTH } else { 0.0 };
            let levy = LEVY_WORTH * understood.levies.fit_sentence(snapshot.levies_in(sentence));
            let heading = if headed { HEADING_WORTH } else { 0.0 };
            let table = if tables && sentence.trim_start().starts_with('|') { TABLE_WORTH } else { 0.0 };
            let asked_for = if punished && PUNISHES.is_match(sentence) { PUNISHES_UNASKED } else { 1.0 };
            let in_time = if speaks_of(sentence, understood.as_of) { 1.0 } else { OUT_OF_TIME };
            let in_size = if measure::fits(&understood.plain, sentence) { 1.0 } else { OUT_OF_SIZE };
            Scored {
                range: passage.start + range.start..passage.start + range.end,
                score: (cover + wish + first + levy + heading + table).max(0.0) * in_time * in_size * asked_for,
            }
        })
        .collect()
}

/// What is read as one: the rows of a table one by one, for all of them together name everything and answer nothing; else the sentence.
fn rows(sentence: &str) -> impl Iterator<Item = &str> {
    let table = sentence.trim_start().starts_with('|');
    sentence.split(move |c| table && c == '\n')
}

/// The one row of a table that answers, as a byte range of the sentence: it speaks of clearly more of the question than every other, the
/// head included. `None` where the whole table is asked for, or the sentence is none.
pub fn row(understood: &Understood, sentence: &str, snapshot: &Snapshot) -> Option<Range<usize>> {
    if !sentence.trim_start().starts_with('|') || asks_for_all(&understood.plain) {
        return None;
    }
    let mut best: Option<(f32, Range<usize>)> = None;
    let (mut next, mut at) = (0.0_f32, 0);
    for line in sentence.split_inclusive('\n') {
        let row = line.trim_end();
        let reached = reached(&understood.terms, &snapshot.with_everyday_words(row));
        match &best {
            Some((known, _)) if *known >= reached => next = next.max(reached),
            _ => {
                next = best.map_or(next, |(known, _)| next.max(known));
                best = Some((reached, at..at + row.len()));
            }
        }
        at += line.len();
    }
    best.filter(|(reached, range)| range.start > 0 && *reached > ROW_MARGIN * next).map(|(_, range)| range)
}

/// Whether the words ask for all rows of a table, all items of a list.
pub fn asks_for_all(plain: &str) -> bool {
    ["税率表", "税目表", "扣除表", "几档", "几级", "哪几", "哪些", "分别"].iter().any(|word| plain.contains(word))
}

/// The information of the terms that a text speaks of.
fn reached(terms: &[(String, f32)], spoken: &str) -> f32 {
    terms.iter().filter(|(term, _)| spoken.contains(term.as_str())).map(|(_, weight)| weight).sum()
}

/// Moves up passages of which one sentence answers: the words of the question in one place, with the kind of thing asked for.
pub fn reorder(understood: &Understood, hits: &mut [Hit], snapshot: &Snapshot) {
    let near = hits.len().min(REORDERED);
    for hit in &mut hits[..near] {
        hit.score *= 1.0 + SENTENCE_WEIGHT * best(understood, hit.passage, snapshot);
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.passage.cmp(&b.passage)));
}

fn announces(wish: Wish, heading: &str) -> bool {
    let words: &[&str] = match wish {
        Wish::When | Wish::Since => &["时限", "期限", "时间", "什么时候"],
        Wish::Threshold => &["起征点", "标准"],
        Wish::Who => &["纳税人", "扣缴", "适用"],
        Wish::Materials => &["材料", "资料"],
        Wish::Where => &["渠道", "地点", "在哪"],
        Wish::Rate => &["税率", "征收率", "%"],
        Wish::Penalty => &["罚", "处罚", "责任"],
        Wish::Amount | Wish::Whether | Wish::Other => &[],
    };
    words.iter().any(|word| heading.contains(word))
}

/// Whether a sentence can be about `date`: false where it names a span of days or a first day that leaves the date out.
pub fn speaks_of(sentence: &str, date: NaiveDate) -> bool {
    let day = |hit: &regex::Captures<'_>, at: usize| {
        let part = |at: usize| hit.get(at).and_then(|text| text.as_str().parse::<u32>().ok());
        NaiveDate::from_ymd_opt(i32::try_from(part(at)?).ok()?, part(at + 1)?, part(at + 2)?)
    };
    let spans: Vec<(NaiveDate, NaiveDate)> = SPAN.captures_iter(sentence).filter_map(|hit| Some((day(&hit, 1)?, day(&hit, 4)?))).collect();
    if !spans.is_empty() {
        return spans.iter().any(|(from, to)| (*from..=*to).contains(&date));
    }
    true
}

/// Whether an answer lacks what was asked for: a rate, a date, papers. Words alone then answer nothing.
pub fn lacks(understood: &Understood, answer: &str) -> bool {
    if !measure::counts(&understood.plain, answer) {
        return true;
    }
    match understood.wish {
        Wish::Rate => !SHARE.is_match(answer) && !FREE.is_match(answer),
        // How long something takes is no day of the calendar.
        Wish::When if HOW_LONG.is_match(&understood.plain) => !tells_time(&DAY.replace_all(answer, "")),
        Wish::When | Wish::Since => !tells_time(answer),
        Wish::Materials => !PAPERS.is_match(answer) && !STEPS.is_match(answer),
        // How much money is no span of time.
        Wish::Amount if MONEY.is_match(&understood.plain) => {
            ![&AMOUNT, &SHARE, &FREE, &FORMULA].into_iter().any(|pattern| pattern.is_match(answer))
        }
        Wish::Amount | Wish::Threshold => ![&AMOUNT, &SHARE, &TIME, &FREE, &FORMULA].into_iter().any(|pattern| pattern.is_match(answer)),
        Wish::Penalty | Wish::Where | Wish::Who | Wish::Whether | Wish::Other => false,
    }
}

/// Whether a text names a day or a span of time.
fn tells_time(text: &str) -> bool {
    TIME.is_match(&NUMBERED.replace_all(text, ""))
}

/// How far a sentence holds the kind of thing asked for, 0 to 1.
pub fn grants(wish: Wish, sentence: &str) -> f32 {
    let whole = |pattern: &Regex| if pattern.is_match(sentence) { 1.0 } else { 0.0 };
    match wish {
        Wish::Rate => whole(&RATE),
        // "多少" mostly means money; a share is the next best.
        Wish::Amount => whole(&AMOUNT).max(0.6 * whole(&SHARE)),
        Wish::Threshold => (0.6 * whole(&AMOUNT)).max(0.6 * whole(&SHARE)) + 0.4 * whole(&BOUND),
        Wish::When if tells_time(sentence) => 1.0,
        Wish::Since if !SINCE.is_match(sentence) && tells_time(sentence) => 0.6,
        Wish::Since => whole(&SINCE),
        Wish::Who => whole(&PERSON),
        Wish::Penalty => whole(&PENALTY),
        Wish::Where => whole(&PLACE),
        Wish::Materials => whole(&PAPERS),
        Wish::Whether => whole(&VERDICT),
        Wish::When | Wish::Other => 0.0,
    }
}
