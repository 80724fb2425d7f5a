//! What came of a class, on one page: seats, who came, what they said, what they want next.

use super::{Broadcasts, Refused};
use crate::domain::class::EnrolmentState;
use crate::domain::class_summary::{ClassSummary, QuestionSummary, SurveySummary};
use crate::domain::survey::{BEST, Kind, TalkState};
use crate::domain::time::Timestamp;
use crate::store::{check_ins, classes, surveys};

impl Broadcasts {
    /// How a class stands, or stood.
    pub async fn class_summary(&self, id: &str, now: Timestamp) -> Result<ClassSummary, Refused> {
        let votes = self.vote_results(id).await?;
        let survey = self.survey(id).await?;
        let mut conn = self.store.read().await?;
        let class = classes::get(&mut conn, id, "").await?.ok_or(Refused::NotFound("课程"))?.class;
        let roster = classes::roster(&mut conn, id).await?;
        let came = check_ins::who_came(&mut conn, id).await?;
        let talks = surveys::talks(&mut conn, id).await?;
        let answers = surveys::answers(&mut conn, id).await?;
        let ended = class.ends_at <= now;
        let in_state = |state: EnrolmentState| count(roster.iter().filter(|enrolment| enrolment.state == state).count());
        let missed = |enrolment: &&classes::Enrolment| {
            enrolment.state == EnrolmentState::Enrolled && !came.iter().any(|there| there.id == enrolment.id)
        };
        let talked = |state: TalkState| count(talks.iter().filter(|talk| talk.state == state).count());
        let questions = (0..).zip(survey.questions).map(|(number, question)| {
            let given: Vec<_> = answers.iter().filter(|answer| answer.question == number).collect();
            let scores = match question.kind {
                Kind::Score => (1..=BEST).map(|score| count(given.iter().filter(|answer| answer.score == Some(score)).count())).collect(),
                Kind::Words | Kind::Unclear => Vec::new(),
            };
            QuestionSummary {
                kind: question.kind,
                text: question.text,
                mean: mean(&scores),
                scores,
                comments: given.iter().filter_map(|answer| answer.words.clone()).filter(|words| !words.is_empty()).collect(),
            }
        });
        Ok(ClassSummary {
            ended,
            enrolled: in_state(EnrolmentState::Enrolled),
            waitlisted: in_state(EnrolmentState::Waitlisted) + in_state(EnrolmentState::Offered),
            cancelled: in_state(EnrolmentState::Cancelled),
            came: count(came.len()),
            absent: if ended { count(roster.iter().filter(missed).count()) } else { 0 },
            survey: SurveySummary {
                asked: count(talks.len()),
                finished: talked(TalkState::Done),
                stopped: talked(TalkState::Stopped),
                questions: questions.collect(),
            },
            votes,
            class,
        })
    }
}

fn mean(scores: &[i64]) -> Option<f64> {
    let many: i64 = scores.iter().sum();
    let sum: i64 = (1..).zip(scores).map(|(score, many): (i64, &i64)| score * many).sum();
    let float = |number: i64| f64::from(i32::try_from(number).unwrap_or(i32::MAX));
    (many > 0).then(|| float(sum) / float(many))
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
