//! An answer as the page shows it without JavaScript; `answer.js` and `chat.js` make the same card from the same object.

use crate::domain::answer::{Answer, Citation};
use crate::domain::document::{Confidence, Validity};
use crate::domain::time::chinese_date;
use crate::replies::pages;

/// A line with the bracket at its end that names what it rests on.
#[derive(Debug)]
pub struct Line {
    pub text: String,
    pub basis: Option<String>,
}

/// An answer, ready for the template.
#[derive(Debug)]
pub struct AnswerView {
    pub decision: &'static str,
    pub understood_as: Option<String>,
    pub lead: Line,
    pub details: Vec<Line>,
    pub citations: Vec<CitationView>,
    pub as_of: String,
    pub caution: String,
    pub suggestions: Vec<String>,
    /// Where the QR picture of the guide quoted is.
    pub code: Option<String>,
}

/// A citation, ready for the template.
#[derive(Debug)]
pub struct CitationView {
    pub title: String,
    /// The document's page at the cited place, the quoted words marked.
    pub page: String,
    pub standing: &'static str,
    pub validity: &'static str,
    pub meta: String,
    pub quote: String,
    /// Whether the conclusion above is a sentence of it: then it waits folded.
    pub shown_above: bool,
    pub note: Option<String>,
    pub official_link: Option<String>,
}

impl AnswerView {
    /// Makes the view of an answer.
    pub fn of(answer: &Answer) -> Self {
        Self {
            decision: answer.decision.word(),
            understood_as: answer.understood_as.clone(),
            lead: line(&answer.lead),
            details: answer.details.iter().map(|text| line(text)).collect(),
            citations: answer.citations.iter().map(|citation| cited(citation, &answer.lead)).collect(),
            as_of: chinese_date(answer.as_of),
            caution: answer.caution.clone(),
            suggestions: answer.suggestions.clone(),
            code: answer.code.clone(),
        }
    }
}

/// The word of a standing in style sheets.
pub fn standing(validity: Validity) -> &'static str {
    match validity {
        Validity::InForce => "in_force",
        Validity::Amended => "amended",
        Validity::Repealed => "repealed",
        Validity::Expired => "expired",
        Validity::NotYet => "not_yet",
    }
}

fn cited(citation: &Citation, lead: &str) -> CitationView {
    let quote: Vec<String> = citation.quote.lines().filter_map(readable).collect();
    let note = match (&citation.superseded_by, citation.confidence) {
        (Some(by), _) => Some(pages::replaced_by(by)),
        (None, Confidence::SingleSource) => Some(pages::single_source()),
        (None, Confidence::Verified) => None,
    };
    let (page, anchor) = citation.link.split_once('#').unwrap_or((&citation.link, ""));
    let meta = [
        citation.number.clone(),
        citation.article.clone(),
        citation.effective_from.map(pages::effective_from),
        citation.effective_to.map(pages::effective_to),
    ];
    CitationView {
        title: citation.title.clone(),
        page: format!("{page}?from={}&to={}#{anchor}", citation.start, citation.end),
        standing: standing(citation.validity),
        validity: citation.validity.word(),
        meta: meta.into_iter().flatten().collect::<Vec<_>>().join(" · "),
        shown_above: citation.quote.contains(lead),
        quote: quote.join("\n"),
        note,
        official_link: citation.official_link.clone().filter(|link| link.starts_with("https://") || link.starts_with("http://")),
    }
}

fn line(text: &str) -> Line {
    let bracket = text.strip_suffix('）').and_then(|rest| rest.rfind('（').map(|at| (at, &rest[at + '（'.len_utf8()..])));
    let names_a_rule =
        |inside: &str| !inside.contains('）') && ["号", "条", "公告", "法", "条例", "办法"].iter().any(|word| inside.contains(word));
    match bracket {
        Some((at, inside)) if names_a_rule(inside) => Line { text: text[..at].to_owned(), basis: Some(text[at..].to_owned()) },
        _ => Line { text: text.to_owned(), basis: None },
    }
}

/// A line of a quotation without its marks: headings and list items plain, rows of a table with their cells apart, the line under its head left out.
fn readable(line: &str) -> Option<String> {
    let line = line.trim().trim_start_matches('#').trim_start();
    if line.is_empty() {
        return None;
    }
    let Some(row) = line.strip_prefix('|') else { return Some(line.strip_prefix("- ").unwrap_or(line).to_owned()) };
    if row.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ')) {
        return None;
    }
    Some(row.trim_end_matches('|').split('|').map(str::trim).collect::<Vec<_>>().join(" · "))
}
