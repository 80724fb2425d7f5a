//! What is never shown in part: the items of a list, the sections of a guide (F14). Where even the room of a long message is not enough,
//! the answer says so: a list that only seems whole is a wrong answer.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::answering::lead::{self, Scored};
use crate::answering::understand::{Understood, Wish};
use crate::domain::answer::Answer;
use crate::domain::document::{Document, DocumentKind, Passage};
use crate::knowledge::{passages_of, sentences};
use crate::replies;
use crate::search::{Hit, PassageId, Snapshot};

/// Characters of quoted text beside the first sentence: what a phone shows on its first screen.
const FIRST_SCREEN: usize = 330;
/// Characters of a list or a guide: every real one fits, and one message of every channel holds it.
const WHOLE: usize = 1_600;
/// An item is named with its introduction if it speaks of so much more of the question than the next.
const TELLING: f32 = 1.2;
/// Characters of the shortest name of a matter.
const LEAST_NAME: usize = 2;
/// Parts that "办X要带什么" is to be told, each with the words its heading has.
const PARTS: [(&str, &[&str]); 4] = [
    ("办理材料", &["材料", "资料"]),
    ("办理渠道", &["渠道", "方式", "途径"]),
    ("办理时限", &["时限", "期限", "时间"]),
    ("办理地点", &["地点"]),
];

/// An item of a list: （一）, (2), 3. and ①, but neither 1.5万元 nor a remark in brackets.
static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:[（(][一二三四五六七八九十百\d]+[）)]|\d{1,2}(?:[、．]|\.\D)|[①-⑳])").expect("the pattern is fixed")
});

/// What of a passage is shown, as byte ranges of the document's text.
#[derive(Debug)]
pub struct Shown {
    /// The sentence that answers, or the one that introduces the item that does.
    pub lead: Range<usize>,
    /// The item, where the lead introduces it.
    pub item: Option<Range<usize>>,
    /// In the order of the text.
    pub beside: Vec<Range<usize>>,
    /// Items of the list that found no room.
    pub left_out: usize,
}

/// Whether the answer is to be the whole guide.
pub fn is_guide(understood: &Understood, document: &Document) -> bool {
    document.kind == DocumentKind::Guide || understood.wish == Wish::Materials && document.matter.is_some()
}

/// The guide of the matter that a question for papers names: "注销要带什么" is about 税务注销, however much another guide says of papers. Of
/// several names the last one, for that is what is done ("一般纳税人注销"), and of those the longest.
pub fn guide_named(understood: &Understood, hits: &[Hit], snapshot: &Snapshot) -> Option<PassageId> {
    if understood.wish != Wish::Materials {
        return None;
    }
    let mut named: Option<(usize, usize, PassageId)> = None;
    for hit in hits {
        let (document, _) = snapshot.passage(hit.passage);
        let Some(matter) = document.matter.as_deref().filter(|_| document.kind == DocumentKind::Guide) else { continue };
        for name in [matter, matter.strip_prefix("税务").unwrap_or(matter)] {
            let Some(at) = understood.plain.rfind(name).filter(|_| name.chars().count() >= LEAST_NAME) else { continue };
            let end = at + name.len();
            if named.is_none_or(|(known_end, known, _)| (end, name.len()) > (known_end, known)) {
                named = Some((end, name.len(), hit.passage));
            }
        }
    }
    named.map(|(_, _, passage)| passage)
}

/// Chooses what is shown around the best sentence: its list whole, or what tells most within the first screen.
pub fn shown(understood: &Understood, document: &Document, passage: &Passage, scored: &[Scored], best: &Scored) -> Shown {
    let text = |scored: &Scored| &document.body[scored.range.clone()];
    let at = scored.iter().position(|candidate| candidate.range == best.range).unwrap_or_default();
    let all = lead::asks_for_all(&understood.plain);
    let introduction = if is_item(text(best)) {
        scored[..at].iter().rposition(|candidate| !is_item(text(candidate)))
    } else {
        // "下列项目免征增值税：" is followed by what it announces.
        text(best).trim_end().ends_with(['：', ':']).then_some(at)
    };
    let members: &[Scored] = introduction.map_or(&[], |at| {
        let after = &scored[at + 1..];
        &after[..after.iter().position(|candidate| !is_item(text(candidate))).unwrap_or(after.len())]
    });
    let (lead, item) = match introduction.map(|at| scored[at].range.clone()) {
        Some(introduction) if introduction != best.range => {
            let item = (!all).then(|| best.range.clone());
            (introduction, item)
        }
        Some(_) | None => (best.range.clone(), (!all).then(|| telling(members)).flatten()),
    };
    let said = |candidate: &Scored| candidate.range == lead || item.as_ref() == Some(&candidate.range);
    let mut chosen: Vec<Range<usize>> = Vec::new();
    let mut room = WHOLE;
    let mut left_out = 0;
    for member in members.iter().filter(|member| !said(member)) {
        left_out += usize::from(!take(member, text(member), &mut room, &mut chosen));
    }
    let whole = all && members.is_empty() || is_guide(understood, document);
    let mut room = if whole { room } else { FIRST_SCREEN.saturating_sub(WHOLE - room) };
    let mut others: Vec<&Scored> =
        scored.iter().filter(|candidate| !said(candidate) && !members.iter().any(|member| member.range == candidate.range)).collect();
    if passage.text(document).chars().count() > room {
        others.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.range.start.cmp(&b.range.start)));
    }
    for other in others {
        left_out += usize::from(!take(other, text(other), &mut room, &mut chosen) && whole);
    }
    chosen.sort_by_key(|range| range.start);
    Shown { lead, item, beside: chosen, left_out }
}

/// The other sections of a guide, each under its name, and what the guide does not tell. The range that holds all that is quoted.
pub fn guide(understood: &Understood, document: &Document, shown: &Passage, quoted: Range<usize>, answer: &mut Answer) -> Range<usize> {
    let mut room = WHOLE.saturating_sub(answer.text().chars().count());
    let (mut range, mut left_out) = (quoted, 0);
    let passages = passages_of(document);
    for passage in passages.iter().filter(|passage| passage.ordinal != shown.ordinal) {
        let mut name = passage.headings.last().map(|heading| format!("{heading}：")).unwrap_or_default();
        for sentence in sentences(passage.text(document)) {
            let text = passage.text(document)[sentence.clone()].trim();
            let length = text.chars().count();
            if length > room {
                left_out += 1;
                continue;
            }
            room -= length;
            range = range.start.min(passage.start + sentence.start)..range.end.max(passage.start + sentence.end);
            // A table begins on a line of its own: behind other words its head would be taken for them.
            let apart = if text.starts_with('|') && !name.is_empty() { "\n" } else { "" };
            answer.details.push(format!("{name}{apart}{text}"));
            name.clear();
        }
    }
    if left_out > 0 {
        answer.details.push(replies::lists::left_out(left_out));
    }
    if understood.wish == Wish::Materials {
        let told = |words: &[&str]| {
            passages.iter().flat_map(|passage| passage.headings.iter()).any(|heading| words.iter().any(|word| heading.contains(word)))
        };
        let untold: Vec<&str> = PARTS.iter().filter(|(_, words)| !told(words)).map(|(name, _)| *name).collect();
        if !untold.is_empty() {
            answer.details.push(replies::lists::not_in_guide(&untold));
        }
    }
    range
}

/// The item that speaks of the question clearly more than every other one.
fn telling(members: &[Scored]) -> Option<Range<usize>> {
    let mut by_worth: Vec<&Scored> = members.iter().collect();
    by_worth.sort_by(|a, b| b.score.total_cmp(&a.score));
    match by_worth[..] {
        [first, second, ..] if first.score > TELLING * second.score => Some(first.range.clone()),
        _ => None,
    }
}

fn take(candidate: &Scored, text: &str, room: &mut usize, chosen: &mut Vec<Range<usize>>) -> bool {
    let length = text.chars().count();
    let fits = length <= *room;
    if fits {
        *room -= length;
        chosen.push(candidate.range.clone());
    }
    fits
}

fn is_item(sentence: &str) -> bool {
    ITEM.is_match(sentence)
}
