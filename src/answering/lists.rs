//! The bureau's 零跑, 最多跑一次 and 容缺 lists (F15, F16): "哪些业务一次不用跑" lists them, paged; "注销要跑几趟" and "X少一份材料能先办吗" give
//! the line of that matter. Where the bureau has no list, nothing is guessed.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::answering::compose::citation;
use crate::answering::decide::Reason;
use crate::answering::understand::Understood;
use crate::answering::{Outcome, only_words};
use crate::domain::answer::{Answer, Citation, Decision};
use crate::domain::document::{Document, Passage};
use crate::domain::matter_list::{MatterItem, MatterList, VisitClass};
use crate::knowledge::passages_of;
use crate::replies;
use crate::search::{Snapshot, View};

/// Items of a list on one page: what a phone shows without much scrolling.
const PAGE: usize = 10;
/// A matter is the one asked about if its name reaches this share of what the question says.
const NAMED: f32 = 0.5;

static ZERO: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"零跑|一[次趟](?:也|都)?不(?:用|需要?|必)跑|不(?:用|需要?|必)(?:去|到|往)?(?:大厅|办税厅|办税服务厅|税务局|窗口|现场)?跑|不(?:用|需要?|必)(?:去|到)(?:大厅|办税厅|办税服务厅|税务局|税务大厅|窗口|现场)")
        .expect("the pattern is fixed")
});
static ONCE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?:最多|只|仅|就)(?:要|用|需要?|能|得)?(?:跑|去)一[次趟]|跑一[次趟]|一次(?:就能)?办[结好成]")
        .expect("the pattern is fixed")
});
static SUPPLEMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"容缺").expect("the pattern is fixed"));
static WHOLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"哪些|哪几|有哪|什么(?:业务|事项?|服务)|啥(?:业务|事)|清单|名单|目录|一览|[多几]少?[项件个](?:业务|事)")
        .expect("the pattern is fixed")
});
static VISITS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"[跑去]几[次趟回]|几[次趟回]|(?:要不要|用不用|需不需要|必须|非得|一定要|还要|要|得|用)(?:亲自|本人)?(?:去|到|跑)(?:一[次趟])?(?:大厅|办税厅|办税服务厅|税务局|税务大厅|窗口|现场)")
        .expect("the pattern is fixed")
});
static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"容缺|[少缺][带了]?.{0,8}(?:材料|资料|证明|证件)|没带[全齐]?.{0,8}(?:材料|资料|证明|证件)?|(?:材料|资料|手续)(?:不[齐全够]|没带[齐全]|缺)|(?:后|回头)补")
        .expect("the pattern is fixed")
});
static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"第([0-9]{1,4}|[一二三四五六七八九十])页").expect("the pattern is fixed"));
/// What a question about a list says besides the matter.
static AROUND: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"哪些|材料|资料|证明|能不能|可不可以|可以|办理|事项|业务|先办|办|需要|请问|多少|带|要|吗|的|能|怎么|是不是")
        .expect("the pattern is fixed")
});

/// What of the lists is asked for.
#[derive(Debug)]
pub enum Wanted<'s> {
    /// A page of one, from 1.
    Page(&'s MatterList, usize),
    Item(&'s MatterList, &'s MatterItem),
    /// A list nobody brought in.
    Missing(VisitClass),
}

/// Recognises a question about the lists.
pub fn recognise<'s>(understood: &Understood, snapshot: &'s Snapshot) -> Option<Wanted<'s>> {
    let plain = &understood.plain;
    let lists = snapshot.lists(understood.as_of);
    let said = [(VisitClass::Supplement, &SUPPLEMENT), (VisitClass::Zero, &ZERO), (VisitClass::Once, &ONCE)];
    let class = said.into_iter().find(|(_, words)| words.is_match(plain)).map(|(class, _)| class);
    let visits = class.is_some() || VISITS.is_match(plain) || SHORT.is_match(plain);
    if !visits {
        return None;
    }
    let about_papers = SHORT.is_match(plain);
    let fitting = lists.iter().copied().filter(|list| (list.class == VisitClass::Supplement) == about_papers);
    if let Some((list, item)) = named(understood, fitting, snapshot) {
        return Some(Wanted::Item(list, item));
    }
    let class = class.filter(|_| WHOLE.is_match(plain))?;
    match lists.iter().copied().find(|list| list.class == class) {
        Some(list) => Some(Wanted::Page(list, page_in(plain))),
        // The rule of 容缺 itself is national and answered from its text.
        None => (class != VisitClass::Supplement).then_some(Wanted::Missing(class)),
    }
}

/// The answer in the list's own lines.
pub fn answer(wanted: &Wanted<'_>, understood: &Understood, snapshot: &Snapshot, hotline: &str) -> Outcome {
    let mut answer = only_words(String::new(), understood.as_of);
    match wanted {
        Wanted::Missing(class) => {
            answer.lead = replies::lists::missing(*class, hotline);
            return Outcome { answer, reason: Reason::Local, score: 0.0, ranked: Vec::new(), asked: String::new() };
        }
        Wanted::Page(list, page) => fill_page(&mut answer, list, *page, snapshot),
        Wanted::Item(list, item) => {
            answer.decision = Decision::Answered;
            for (document, passage, text) in quoted(list, std::iter::once(&item.line), snapshot) {
                answer.citations.push(citation(document, &passage, text.start..text.end, understood.as_of));
                document.body[text].clone_into(&mut answer.lead);
            }
            add_rules(&mut answer, list, snapshot);
            if let Some(guide) = item.guide.as_deref().and_then(|guide| snapshot.document(guide)) {
                answer.suggestions.extend(guide.questions.first().cloned());
            }
        }
    }
    answer.understood_as.clone_from(&understood.understood_as);
    Outcome { answer, reason: Reason::Answered, score: 1.0, ranked: Vec::new(), asked: String::new() }
}

/// Adds to the answer from a guide what the lists say of its matter (F14, F15).
pub fn add_to_guide(answer: &mut Answer, guide: &Document, snapshot: &Snapshot) {
    for list in snapshot.lists(answer.as_of) {
        for item in list.items.iter().filter(|item| item.guide.as_deref() == Some(guide.id.as_str())) {
            for (document, passage, text) in quoted(list, std::iter::once(&item.line), snapshot) {
                answer.details.push(document.body[text.clone()].to_owned());
                answer.citations.push(citation(document, &passage, text, answer.as_of));
            }
            add_rules(answer, list, snapshot);
        }
    }
}

fn fill_page(answer: &mut Answer, list: &MatterList, page: usize, snapshot: &Snapshot) {
    let Some(document) = snapshot.document(&list.document) else { return };
    let pages = list.items.len().div_ceil(PAGE);
    let from = page.saturating_sub(1) * PAGE;
    let Some(shown) = list.items.get(from..).map(|rest| &rest[..rest.len().min(PAGE)]).filter(|shown| !shown.is_empty()) else {
        answer.lead = replies::lists::no_such_page(&document.title, pages);
        answer.suggestions.push(replies::lists::page_question(list.class, 1));
        return;
    };
    answer.decision = Decision::Answered;
    answer.lead = replies::lists::page(&document.title, list.items.len(), (from + 1, from + shown.len()));
    answer.details.extend(shown.iter().map(|item| document.body[item.line.clone()].to_owned()));
    if let (Some(first), Some(last)) = (shown.first(), shown.last()) {
        let range = first.line.start..last.line.end;
        if let Some(passage) = passages_of(document).into_iter().find(|passage| passage.start <= range.start && range.start < passage.end) {
            answer.citations.push(citation(document, &passage, range, answer.as_of));
        }
    }
    if page == pages {
        add_rules(answer, list, snapshot);
    }
    let others = [page + 1, page.saturating_sub(1)].into_iter().filter(|other| (1..=pages).contains(other));
    answer.suggestions.extend(others.map(|other| replies::lists::page_question(list.class, other)));
}

/// Until when papers may follow, and what is signed.
fn add_rules(answer: &mut Answer, list: &MatterList, snapshot: &Snapshot) {
    for (document, passage, text) in quoted(list, list.rules.iter(), snapshot) {
        answer.details.push(document.body[text.clone()].to_owned());
        let same = |cited: &&mut Citation| cited.document == document.id && (passage.start..passage.end).contains(&cited.start);
        match answer.citations.iter_mut().find(same) {
            Some(cited) => {
                cited.end = cited.end.max(text.end);
                cited.quote = document.body[cited.start..cited.end].to_owned();
            }
            None => answer.citations.push(citation(document, &passage, text, answer.as_of)),
        }
    }
}

fn quoted<'s>(
    list: &MatterList,
    lines: impl Iterator<Item = &'s Range<usize>>,
    snapshot: &'s Snapshot,
) -> Vec<(&'s Document, Passage, Range<usize>)> {
    let Some(document) = snapshot.document(&list.document) else { return Vec::new() };
    let passages = passages_of(document);
    let within = |line: &Range<usize>| {
        let passage = passages.iter().find(|passage| passage.start <= line.start && line.end <= passage.end)?;
        Some((document, passage.clone(), line.clone()))
    };
    lines.filter_map(within).collect()
}

/// The one matter that the question names.
fn named<'s>(
    understood: &Understood,
    lists: impl Iterator<Item = &'s MatterList>,
    snapshot: &Snapshot,
) -> Option<(&'s MatterList, &'s MatterItem)> {
    let mut left = understood.text.clone();
    for words in [&ZERO, &ONCE, &VISITS, &SHORT, &WHOLE, &AROUND] {
        left = words.replace_all(&left, " ").into_owned();
    }
    let terms: Vec<(String, f32)> = [View::Words, View::Pairs]
        .into_iter()
        .flat_map(|view| snapshot.terms(view, &left).into_iter().map(move |term| (view, term)))
        .map(|(view, term)| (term.clone(), snapshot.idf(view, &term).unwrap_or(1.0).max(0.1)))
        .collect();
    let all: f32 = terms.iter().map(|(_, weight)| weight).sum();
    if all <= 0.0 {
        return None;
    }
    let mut best: Option<(f32, &MatterList, &MatterItem)> = None;
    for list in lists {
        for item in &list.items {
            let guide = item.guide.as_deref().and_then(|guide| snapshot.document(guide));
            let matter = guide.and_then(|guide| guide.matter.as_deref()).unwrap_or_default();
            let spoken = snapshot.with_everyday_words(&format!("{} {matter}", item.name));
            let reached: f32 = terms.iter().filter(|(term, _)| spoken.contains(term.as_str())).map(|(_, weight)| weight).sum();
            // Of two names that hold all that was said, the one that says least besides.
            let length = item.name.chars().count() as f32;
            let value = reached / all - length / 10_000.0;
            if reached / all >= NAMED && best.is_none_or(|(known, _, _)| value > known) {
                best = Some((value, list, item));
            }
        }
    }
    best.map(|(_, list, item)| (list, item))
}

fn page_in(plain: &str) -> usize {
    let Some(hit) = NUMBER.captures(plain) else { return 1 };
    let said = &hit[1];
    let numeral = "一二三四五六七八九十".chars().position(|c| said.starts_with(c)).map(|at| at + 1);
    numeral.or_else(|| said.parse().ok()).unwrap_or(1)
}
