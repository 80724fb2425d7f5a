//! The answer in the documents' own words: the sentence that answers first, then those that stand beside it, then what limits them.

use std::ops::Range;

use chrono::NaiveDate;

use crate::answering::dates::Named;
use crate::answering::decide::{Finding, Reason, SUGGESTIONS};
use crate::answering::lead::{self, Scored};
use crate::answering::understand::Understood;
use crate::answering::{Outcome, ends, interpretation, lists, only_words, precedence, table, verified, whole};
use crate::domain::answer::{Answer, Citation, Decision};
use crate::domain::document::{Confidence, Document, DocumentKind, Passage, Validity};
use crate::knowledge::sentences;
use crate::replies::{self, answers};
use crate::search::{Hit, PassageId, Snapshot};

/// The first section is written to be the one most people need.
const FIRST_SECTION: f32 = 0.05;
/// A second document is shown beside the first from this share of its score on.
const SECOND: f32 = 0.82;
/// A rule to come, or one that is over, is mentioned from this share of the best score on.
const BESIDE: f32 = 0.9;

/// So many of a document's questions, the first, are fit to be shown; those behind them are ways of asking, slips and slang among them.
const PLAINLY_WORDED: usize = 5;

/// Turns a finding into what the person gets.
pub fn compose(
    understood: &Understood,
    finding: &Finding<'_>,
    hits: &[Hit],
    others: &[Hit],
    snapshot: &Snapshot,
    hotline: &str,
) -> Outcome {
    let mut outcome = match finding {
        Finding::Article(route) => by_article(understood, &route.passages, snapshot),
        Finding::Number { documents } => by_number(understood, documents, snapshot),
        Finding::Passage { best, confidence } => by_passage(understood, *best, *confidence, (hits, others), snapshot, hotline),
        Finding::Ends { passage, last, confidence } => ends::answer(understood, *passage, *last, *confidence, snapshot),
        Finding::NumberUnknown => unsure(understood, Reason::NumberUnknown, 0.0, answers::number_unknown(hotline), hits, snapshot),
        Finding::ArticleUnknown(route) => {
            let words = answers::article_unknown(&route.law, &route.article, hotline);
            unsure(understood, Reason::ArticleUnknown, 0.0, words, hits, snapshot)
        }
        Finding::Unsure { reason, confidence } => {
            match successor_of_expired(others, snapshot, understood.as_of).filter(|_| *reason == Reason::OnlyExpired) {
                Some(id) => by_passage(understood, id, *confidence, (hits, others), snapshot, hotline),
                None => unsure(understood, *reason, *confidence, answers::not_known(hotline), hits, snapshot),
            }
        }
    };
    if outcome.answer.decision == Decision::Answered
        && outcome.reason != Reason::EndsBefore
        && (understood.named != Named::No || understood.as_of != understood.today)
    {
        outcome.answer.details.push(answers::as_of(understood.as_of));
    }
    outcome.answer.as_of = understood.as_of;
    outcome.answer.understood_as.clone_from(&understood.understood_as);
    outcome
}

fn unsure(understood: &Understood, reason: Reason, confidence: f32, words: String, hits: &[Hit], snapshot: &Snapshot) -> Outcome {
    let mut answer = only_words(words, understood.as_of);
    answer.suggestions = suggestions(hits, snapshot, None);
    Outcome { answer, reason, score: f64::from(confidence), ranked: Vec::new(), asked: String::new() }
}

/// Curated questions of the nearest documents, one each: of the first ones, which are worded plainly, the one most like what was asked.
fn suggestions(hits: &[Hit], snapshot: &Snapshot, except: Option<&str>) -> Vec<String> {
    let mut seen: Vec<&str> = except.into_iter().collect();
    let mut questions = Vec::new();
    for hit in hits {
        let (document, _) = snapshot.passage(hit.passage);
        let plain = &document.questions[..document.questions.len().min(PLAINLY_WORDED)];
        let Some(question) = plain.iter().find(|plain| hit.asked.as_ref() == Some(*plain)).or(plain.first()) else { continue };
        if seen.contains(&document.id.as_str()) {
            continue;
        }
        seen.push(&document.id);
        questions.push(question.clone());
        if questions.len() == SUGGESTIONS {
            break;
        }
    }
    questions
}

fn by_passage(
    understood: &Understood,
    best: PassageId,
    confidence: f32,
    (hits, others): (&[Hit], &[Hit]),
    snapshot: &Snapshot,
    hotline: &str,
) -> Outcome {
    let best = whole::guide_named(understood, hits, snapshot).unwrap_or(best);
    let best = interpretation::binding(understood, best_section(understood, best, hits, snapshot), hits, snapshot);
    let (document, passage) = snapshot.passage(best);
    if let Some(approved) = &document.verified {
        return verified::answer(understood, (document, passage), approved, confidence, snapshot);
    }
    let mut answer = quoted(understood, best, snapshot);
    if let Some(second) = second(understood, best, hits, snapshot) {
        let (other, other_passage) = snapshot.passage(second);
        let scored = lead::score(understood, second, snapshot);
        if let Some(sentence) = top(&scored) {
            let quote = &other.body[sentence.range.clone()];
            if !answer.text().contains(quote) {
                answer.details.push(answers::also(&other.title, quote));
                answer.citations.push(citation(other, other_passage, sentence.range.clone(), understood.as_of));
                answer.details.extend(precedence::between(document, other));
            }
        }
    }
    notes_from_others(understood, document, hits, others, snapshot, &mut answer);
    interpretation::offer(understood, document, snapshot, &mut answer);
    if lead::lacks(understood, &answer.text()) {
        return unsure(understood, Reason::NotCovered, confidence, answers::not_known(hotline), hits, snapshot);
    }
    answer.suggestions = suggestions(hits, snapshot, Some(&document.id));
    Outcome { answer, reason: Reason::Answered, score: f64::from(confidence), ranked: Vec::new(), asked: String::new() }
}

/// Within the best document, the section whose sentence answers best: ranking by whole sections may prefer a neighbour.
pub fn best_section(understood: &Understood, best: PassageId, hits: &[Hit], snapshot: &Snapshot) -> PassageId {
    let (_, passage) = snapshot.passage(best);
    if passage.article.is_some() || snapshot.siblings(best).count() == 1 {
        return best;
    }
    let value = |id: PassageId| {
        let (_, passage) = snapshot.passage(id);
        let sentence = lead::best(understood, id, snapshot);
        let whole = hits.iter().find(|hit| hit.passage == id).map_or(0.0, |hit| hit.part.text);
        sentence + whole + if passage.ordinal == 0 { FIRST_SECTION } else { 0.0 }
    };
    snapshot.siblings(best).max_by(|a, b| value(*a).total_cmp(&value(*b)).then(b.cmp(a))).unwrap_or(best)
}

/// The answer from one passage.
pub fn quoted(understood: &Understood, id: PassageId, snapshot: &Snapshot) -> Answer {
    let (document, passage) = snapshot.passage(id);
    let scored = lead::score(understood, id, snapshot);
    let mut answer = only_words(String::new(), understood.as_of);
    answer.decision = Decision::Answered;
    let Some(best) = top(&scored) else {
        answer.lead = passage.text(document).to_owned();
        answer.citations.push(citation(document, passage, passage.start..passage.end, understood.as_of));
        return answer;
    };
    let guide = whole::is_guide(understood, document);
    let shown = whole::shown(understood, document, passage, &scored, best);
    let mut range = shown.lead.clone();
    if let Some(row) = lead::row(understood, &document.body[range.clone()], snapshot).filter(|_| shown.lead == best.range) {
        answer.lead = table::row_of(&document.body[range.clone()], row.clone());
        range = range.start + row.start..range.start + row.end;
    } else {
        document.body[range.clone()].clone_into(&mut answer.lead);
        if let Some(item) = &shown.item {
            // "有下列情形之一的：" says nothing alone and neither does its item; together they are the sentence.
            answer.lead.push_str(&document.body[item.clone()]);
            range = range.start.min(item.start)..range.end.max(item.end);
        }
    }
    for beside in shown.beside {
        range = range.start.min(beside.start)..range.end.max(beside.end);
        let sentence = document.body[beside].trim().to_owned();
        if !answer.lead.contains(&sentence) {
            answer.details.push(sentence);
        }
    }
    if shown.left_out > 0 {
        answer.details.push(replies::lists::left_out(shown.left_out));
    }
    if guide {
        range = whole::guide(understood, document, passage, range, &mut answer);
        answer.code = Some(format!("/api/v1/qr/guide/{}", document.id)).filter(|_| document.kind == DocumentKind::Guide);
    }
    answer.citations.push(citation(document, passage, range, understood.as_of));
    if guide {
        lists::add_to_guide(&mut answer, document, snapshot);
    }
    standing_notes(document, understood.as_of, &mut answer);
    answer
}

/// What limits the words quoted: repealed, not yet in force, one source only.
fn standing_notes(document: &Document, as_of: NaiveDate, answer: &mut Answer) {
    match document.validity(as_of) {
        Validity::Repealed | Validity::Expired => {
            answer.lead = answers::over(&answer.lead);
            if let Some(by) = &document.superseded_by {
                answer.details.push(answers::replaced_by(by));
            }
        }
        Validity::NotYet => {
            if let Some(from) = document.effective_from {
                answer.details.insert(0, answers::not_yet(from));
            }
        }
        Validity::InForce | Validity::Amended => {}
    }
    match document.confidence {
        Confidence::SingleSource if !answer.text().contains("一处来源") => answer.details.push(answers::single_source()),
        Confidence::SingleSource | Confidence::Verified => {}
    }
}

fn top(scored: &[Scored]) -> Option<&Scored> {
    scored.iter().max_by(|a, b| a.score.total_cmp(&b.score).then(b.range.start.cmp(&a.range.start)))
}

/// The best passage of another document that bears on the question about as much and is not about something else.
fn second(understood: &Understood, best: PassageId, hits: &[Hit], snapshot: &Snapshot) -> Option<PassageId> {
    let (document, _) = snapshot.passage(best);
    let first = hits.first()?.score;
    hits.iter()
        .find(|hit| snapshot.passage(hit.passage).0.id != document.id)
        .filter(|hit| hit.score >= SECOND * first && snapshot.other_subject(&understood.plain, hit.passage).is_none())
        .map(|hit| hit.passage)
}

/// A rule to come ("自X日起"), and a rule that is over and may be what the person has in mind (F04, F05).
fn notes_from_others(understood: &Understood, document: &Document, hits: &[Hit], others: &[Hit], snapshot: &Snapshot, answer: &mut Answer) {
    let Some(best) = hits.first() else { return };
    for hit in others.iter().filter(|hit| hit.score >= BESIDE * best.score) {
        let (other, passage) = snapshot.passage(hit.passage);
        if other.id == document.id || answer.citations.iter().any(|citation| citation.document == other.id) {
            continue;
        }
        match other.validity(understood.as_of) {
            Validity::NotYet => {
                let scored = lead::score(understood, hit.passage, snapshot);
                if let (Some(sentence), Some(from)) = (top(&scored), other.effective_from) {
                    answer.details.push(answers::from_then_on(from, &other.body[sentence.range.clone()]));
                    answer.citations.push(citation(other, passage, sentence.range.clone(), understood.as_of));
                }
            }
            Validity::Repealed | Validity::Expired => {
                let line = answers::no_longer(&other.title, other.superseded_by.as_deref());
                if !answer.details.contains(&line) {
                    answer.details.push(line);
                }
            }
            Validity::InForce | Validity::Amended => {}
        }
    }
}

/// Where only texts that are over were found: the first passage of what replaced the best of them.
fn successor_of_expired(others: &[Hit], snapshot: &Snapshot, as_of: NaiveDate) -> Option<PassageId> {
    let best = others.first()?;
    let (expired, _) = snapshot.passage(best.passage);
    let by = expired.superseded_by.as_deref()?;
    let successor = snapshot.by_number(by).into_iter().find(|document| document.validity(as_of).holds())?;
    snapshot.first_passage(&successor.id)
}

fn by_number(understood: &Understood, documents: &[&Document], snapshot: &Snapshot) -> Outcome {
    // Several digests may carry one number: the one that speaks of what was asked, and of those in force first.
    let mut best: Option<(bool, f32, PassageId)> = None;
    for document in documents {
        let holds = document.validity(understood.as_of).holds();
        for id in snapshot.passage_ids(&document.id) {
            let value = lead::best(understood, id, snapshot);
            if best.is_none_or(|(known_holds, known, _)| (holds, value) > (known_holds, known)) {
                best = Some((holds, value, id));
            }
        }
    }
    let Some((_, _, id)) = best else {
        return unsure(understood, Reason::NumberUnknown, 0.0, answers::not_known(""), &[], snapshot);
    };
    let (document, _) = snapshot.passage(id);
    let mut answer = quoted(understood, id, snapshot);
    answer.details.push(answers::standing(document, understood.as_of));
    interpretation::offer(understood, document, snapshot, &mut answer);
    for other in documents.iter().filter(|other| other.id != document.id).take(2) {
        if let Some(first) = snapshot.first_passage(&other.id) {
            let (other, passage) = snapshot.passage(first);
            if let Some(range) = sentences(passage.text(other)).first() {
                answer.citations.push(citation(other, passage, passage.start + range.start..passage.start + range.end, understood.as_of));
                answer.suggestions.extend(other.questions.first().cloned());
            }
        }
    }
    Outcome { answer, reason: Reason::ByNumber, score: 1.0, ranked: Vec::new(), asked: String::new() }
}

fn by_article(understood: &Understood, passages: &[PassageId], snapshot: &Snapshot) -> Outcome {
    let holding = passages.iter().copied().filter(|id| snapshot.passage(*id).0.validity(understood.as_of).holds());
    let order: Vec<PassageId> = holding.chain(passages.iter().copied()).collect();
    let Some(first) = order.first() else {
        return unsure(understood, Reason::LowScore, 0.0, answers::not_known(""), &[], snapshot);
    };
    let (document, _) = snapshot.passage(*first);
    let mut answer = quoted(understood, *first, snapshot);
    for id in order.iter().skip(1).filter(|id| snapshot.passage(**id).0.id != document.id).take(2) {
        let (other, other_passage) = snapshot.passage(*id);
        let scored = lead::score(understood, *id, snapshot);
        if let Some(sentence) = top(&scored)
            && !answer.text().contains(&other.body[sentence.range.clone()])
            && !answer.citations.iter().any(|citation| citation.document == other.id)
        {
            answer.details.push(answers::also(&other.title, &other.body[sentence.range.clone()]));
            answer.citations.push(citation(other, other_passage, sentence.range.clone(), understood.as_of));
        }
    }
    Outcome { answer, reason: Reason::ByArticle, score: 1.0, ranked: Vec::new(), asked: String::new() }
}

/// A citation of the first sentence of a document that fits, if there is one.
pub fn cite_sentence(snapshot: &Snapshot, document: &Document, fits: impl Fn(&str) -> bool, as_of: NaiveDate) -> Option<Citation> {
    snapshot.passage_ids(&document.id).find_map(|id| {
        let (document, passage) = snapshot.passage(id);
        let text = passage.text(document);
        let mut range = sentences(text).into_iter().find(|range| fits(&text[range.clone()]))?;
        if text[range.clone()].trim_start().starts_with('|') {
            // Of a table the row that fits is what is cited.
            let mut lines = text[range.clone()].split_inclusive('\n');
            let before: usize = lines.by_ref().take_while(|line| !fits(line)).map(str::len).sum();
            let row = text[range.start + before..range.end].lines().next().map_or(0, str::len);
            range = range.start + before..range.start + before + row;
        }
        Some(citation(document, passage, passage.start + range.start..passage.start + range.end, as_of))
    })
}

/// A quotation of these bytes of the document.
pub fn citation(document: &Document, passage: &Passage, range: Range<usize>, as_of: NaiveDate) -> Citation {
    Citation {
        document: document.id.clone(),
        title: document.title.clone(),
        number: document.number.clone(),
        article: passage.article.clone(),
        quote: document.body[range.clone()].to_owned(),
        start: range.start,
        end: range.end,
        validity: document.validity(as_of),
        effective_from: document.effective_from,
        effective_to: document.effective_to,
        superseded_by: document.superseded_by.clone(),
        confidence: document.confidence,
        link: format!("/policies/{}#p{}", document.id, passage.ordinal),
        official_link: document.link.clone(),
    }
}
