//! Answer, or say "I don't know". Deterministic; how much each sign counts, and from where on a question is answered, stands in
//! `decision.toml`, which `taxhome calibrate` writes.

use chrono::NaiveDate;

use crate::answering::ends;
use crate::answering::signals::{self, Signals};
use crate::answering::understand::Understood;
use crate::domain::document::Document;
use crate::knowledge::document_number::find_all;
use crate::search::{ArticleRoute, Hit, PassageId, Snapshot};

/// A curated question as alike as this answers alone.
const ASKED_BEFORE: f32 = 0.55;
/// … if its score is at least this share of the best one's.
const ASKED_NEAR: f32 = 0.6;
/// A question left open as alike as this is not answered, unless one that is answered is more alike.
const LEFT_OPEN: f32 = 0.8;
/// A passage that speaks of less than this share of the question is about something else.
const COVERED: f32 = 0.08;
/// Passages among which the first that can be about the matter is taken.
const CONSIDERED: usize = 5;
/// At most so many questions to tap.
pub const SUGGESTIONS: usize = 3;

/// Why a question was answered or not; the word is what is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    Answered,
    ByNumber,
    ByArticle,
    Deadline,
    EndsBefore,
    /// An answer approved by staff.
    Verified,
    /// Asked back which kind of taxpayer.
    Clarify,
    LowScore,
    NotCovered,
    NumberUnknown,
    ArticleUnknown,
    OnlyExpired,
    NoCalendar,
    SmallTalk,
    Order,
    PersonalRecord,
    Computation,
    Prediction,
    Wrongdoing,
    Elsewhere,
    Local,
    OtherOffice,
    Fault,
    FollowUp,
    Sensitive,
    Noise,
    Empty,
    TooLong,
}

impl Reason {
    /// The word in store and logs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::ByNumber => "by_number",
            Self::ByArticle => "by_article",
            Self::Deadline => "deadline",
            Self::EndsBefore => "ends_before",
            Self::Verified => "verified",
            Self::Clarify => "clarify",
            Self::LowScore => "low_score",
            Self::NotCovered => "not_covered",
            Self::NumberUnknown => "number_unknown",
            Self::ArticleUnknown => "article_unknown",
            Self::OnlyExpired => "only_expired",
            Self::NoCalendar => "no_calendar",
            Self::SmallTalk => "small_talk",
            Self::Order => "order",
            Self::PersonalRecord => "personal_record",
            Self::Computation => "computation",
            Self::Prediction => "prediction",
            Self::Wrongdoing => "wrongdoing",
            Self::Elsewhere => "elsewhere",
            Self::Local => "local",
            Self::OtherOffice => "other_office",
            Self::Fault => "fault",
            Self::FollowUp => "follow_up",
            Self::Sensitive => "sensitive",
            Self::Noise => "noise",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
        }
    }

    /// Whether a follow-up may add to the question: something was looked for in the documents.
    pub fn is_topic(self) -> bool {
        self.is_gap()
            || matches!(
                self,
                Self::Answered | Self::ByNumber | Self::ByArticle | Self::Deadline | Self::EndsBefore | Self::Verified | Self::Clarify
            )
    }

    /// Whether the question belongs on the list of unanswered ones: a real question that the knowledge should perhaps answer.
    pub fn is_gap(self) -> bool {
        matches!(
            self,
            Self::LowScore
                | Self::NotCovered
                | Self::NumberUnknown
                | Self::ArticleUnknown
                | Self::OnlyExpired
                | Self::NoCalendar
                | Self::Local
        )
    }
}

/// What was decided, and on what.
#[derive(Debug)]
pub enum Finding<'a> {
    /// A named article.
    Article(ArticleRoute),
    /// A named 文号: passages of that document (and of others that carry it).
    Number { documents: Vec<&'a Document> },
    /// The best passage answers.
    Passage { best: PassageId, confidence: f32 },
    /// The rule of today ends before the date asked about.
    Ends { passage: PassageId, last: NaiveDate, confidence: f32 },
    /// A 文号 nobody here knows.
    NumberUnknown,
    /// An article nobody here knows: a like-sounding one of another law would be a wrong answer.
    ArticleUnknown(ArticleRoute),
    /// Nothing good enough.
    Unsure { reason: Reason, confidence: f32 },
}

/// Decides what to do with what was found.
pub fn decide<'a>(understood: &Understood, hits: &[Hit], others: &[Hit], snapshot: &'a Snapshot) -> Finding<'a> {
    if let Some(named) = named(understood, snapshot) {
        return named;
    }
    if let Some((passage, last)) = ends::ends_before(understood, hits, others, snapshot) {
        let confidence = others.first().map_or(0.0, |hit| Signals::of(understood, hit, snapshot).likelihood());
        if confidence >= signals::threshold() {
            return Finding::Ends { passage, last, confidence };
        }
    }
    let Some(first) = hits.first() else {
        let reason = if others.is_empty() { Reason::LowScore } else { Reason::OnlyExpired };
        return Finding::Unsure { reason, confidence: 0.0 };
    };
    let Some(best) = best_about(understood, hits, snapshot) else {
        return Finding::Unsure { reason: Reason::NotCovered, confidence: Signals::of(understood, first, snapshot).likelihood() };
    };
    let signals = Signals::of(understood, best, snapshot);
    let confidence = signals.likelihood();
    let (answered, open) = (best.part.question, signals.likeness_to_left_open());
    let left_open = open >= LEFT_OPEN && open > answered;
    if !left_open && ((answered >= ASKED_BEFORE && answered > open) || confidence >= signals::threshold()) {
        Finding::Passage { best: best.passage, confidence }
    } else {
        let reason = if signals.values[1] < COVERED { Reason::NotCovered } else { Reason::LowScore };
        Finding::Unsure { reason, confidence }
    }
}

/// What a question names by 文号 or article: no score decides about it.
pub fn named<'a>(understood: &Understood, snapshot: &'a Snapshot) -> Option<Finding<'a>> {
    let documents = snapshot.by_number(&understood.plain);
    if !documents.is_empty() {
        return Some(Finding::Number { documents });
    }
    if let Some(route) = snapshot.by_article(&understood.plain) {
        return Some(if route.passages.is_empty() { Finding::ArticleUnknown(route) } else { Finding::Article(route) });
    }
    (!find_all(&understood.plain).is_empty()).then_some(Finding::NumberUnknown)
}

/// The best passage that can be about what is asked: it mentions the thing of its own and the tax that the question names. Where staff
/// wrote the very question beside a document, that document goes before one that only sounds like it.
pub fn best_about<'h>(understood: &Understood, hits: &'h [Hit], snapshot: &Snapshot) -> Option<&'h Hit> {
    let can_be = |hit: &&Hit| {
        let other_levy = snapshot.levy_fit(understood.levies, hit.passage).is_some_and(|fit| fit <= 0.0);
        !other_levy && snapshot.other_subject(&understood.plain, hit.passage).is_none()
    };
    let mut considered = hits.iter().take(CONSIDERED);
    let first = considered.by_ref().find(can_be)?;
    // Of two documents asked about alike, the one asked about most alike; the better passage where they are equal. One far behind in
    // everything else shares only the turn of phrase.
    let near = first.score * ASKED_NEAR;
    let asked_so = |hit: &&Hit| hit.part.question >= ASKED_BEFORE && hit.score >= near;
    // Whether a passage can be about it takes reading it, so that is looked at last.
    let asked = std::iter::once(first).filter(asked_so).chain(considered.filter(|hit| asked_so(hit) && can_be(hit)));
    let asked = asked.reduce(|best, hit| if hit.part.question > best.part.question { hit } else { best });
    Some(asked.unwrap_or(first))
}
