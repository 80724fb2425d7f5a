//! A class in figures: seats, who came, what they said, what they want next.

use serde::Serialize;

use super::class::Class;
use super::survey::Kind;
use super::time::Timestamp;

/// A class in figures.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct ClassSummary {
    pub class: Class,
    pub ended: bool,
    pub enrolled: i64,
    pub waitlisted: i64,
    pub cancelled: i64,
    /// Came to at least one session.
    pub came: i64,
    /// Enrolled and did not come; 0 until the class has ended.
    pub absent: i64,
    pub survey: SurveySummary,
    pub votes: Vec<VoteResult>,
}

/// What was said.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct SurveySummary {
    /// People asked.
    pub asked: i64,
    /// People who answered or passed over every question.
    pub finished: i64,
    /// People who wanted no more questions.
    pub stopped: i64,
    pub questions: Vec<QuestionSummary>,
}

/// The answers to one question.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct QuestionSummary {
    pub kind: Kind,
    pub text: String,
    /// How many gave 1, 2, 3, 4, 5; empty for a question in words.
    pub scores: Vec<i64>,
    /// Mean of the scores; nothing without any.
    pub mean: Option<f64>,
    /// In order of arrival; who wrote is not told.
    pub comments: Vec<String>,
}

/// A vote for the next topic with its result so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct VoteResult {
    pub id: String,
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    pub topics: Vec<TopicResult>,
}

/// One topic and its ballots.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TopicResult {
    pub topic: String,
    pub ballots: i64,
}
