//! Answer, ask back, or say "I don't know". Deterministic; the numbers below were fitted on the questions of development
//! (knowledge-dev, tax-dev) by looking at the scores of right, wrong and unanswerable ones, never at single questions.

use chrono::NaiveDate;

use crate::answering::dates::Named;
use crate::answering::ends;
use crate::answering::understand::Understood;
use crate::domain::document::Document;
use crate::search::{ArticleRoute, Hit, PassageId, Snapshot};

/// Confidence from which a question is answered that uses words of the field. Low: near misses are not told apart by any score, so the
/// rules in `refuse` do that, and what is left is mostly right.
const ANSWER: f32 = 0.19;
/// The same for a question about another time: the texts of other years are not complete.
const ANSWER_OTHER_TIME: f32 = 0.24;
/// Confidence from which a question without any word of the field is answered.
const ANSWER_OUTSIDE: f32 = 0.45;
/// A curated question as alike as this answers alone.
const ASKED_BEFORE: f32 = 0.55;
/// Share of the question's information the passage must speak of.
const COVERED: f32 = 0.08;
/// Weights of the three parts of confidence: share of the possible score, coverage, likeness to a curated question.
const WEIGHTS: [f32; 3] = [0.8, 0.45, 0.35];
/// What remains of the confidence in a passage that never mentions the tax the question names.
const OTHER_LEVY: f32 = 0.4;
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
            Self::Noise => "noise",
            Self::Empty => "empty",
            Self::TooLong => "too_long",
        }
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
    let documents = snapshot.by_number(&understood.plain);
    if !documents.is_empty() {
        return Finding::Number { documents };
    }
    if let Some(route) = snapshot.by_article(&understood.plain) {
        return if route.passages.is_empty() { Finding::ArticleUnknown(route) } else { Finding::Article(route) };
    }
    if !crate::knowledge::document_number::find_all(&understood.plain).is_empty() {
        return Finding::NumberUnknown;
    }
    if let Some((passage, last)) = ends::ends_before(understood, hits, others, snapshot) {
        let coverage = snapshot.coverage(&understood.terms, passage);
        let confidence = others.first().map_or(0.0, |hit| confidence(hit, coverage));
        if confidence >= ANSWER {
            return Finding::Ends { passage, last, confidence };
        }
    }
    let Some(best) = hits.first() else {
        let reason = if others.is_empty() { Reason::LowScore } else { Reason::OnlyExpired };
        return Finding::Unsure { reason, confidence: 0.0 };
    };
    let coverage = snapshot.coverage(&understood.terms, best.passage);
    let other_levy = snapshot.levy_fit(&understood.levies, best.passage).is_some_and(|fit| fit < 0.5);
    let confidence = confidence(best, coverage) * if other_levy { OTHER_LEVY } else { 1.0 };
    let enough = match (snapshot.speaks_of_taxes(&understood.plain), understood.spoken_date) {
        (false, _) => ANSWER_OUTSIDE,
        (true, Named::No) => ANSWER,
        (true, Named::Past | Named::Future) => ANSWER_OTHER_TIME,
    };
    if best.part.question >= ASKED_BEFORE || (confidence >= enough && coverage >= COVERED) {
        Finding::Passage { best: best.passage, confidence }
    } else {
        let reason = if coverage < COVERED { Reason::NotCovered } else { Reason::LowScore };
        Finding::Unsure { reason, confidence }
    }
}

/// How sure the best passage is, 0 to about 1.5.
pub fn confidence(hit: &Hit, coverage: f32) -> f32 {
    WEIGHTS[0] * hit.part.text + WEIGHTS[1] * coverage + WEIGHTS[2] * hit.part.question
}
