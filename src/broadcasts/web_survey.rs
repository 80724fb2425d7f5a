//! The survey after a class for whoever came with a browser only and has no chat to be asked in: all questions on one page. One rule: it
//! is answered once, by somebody who came, while answers count.

use std::collections::BTreeMap;

use super::surveys::{LONGEST_ANSWER, OPEN, unclear};
use super::{Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::class::{Class, ClassState};
use crate::domain::id::new_id;
use crate::domain::survey::{BEST, Kind, TalkState};
use crate::domain::time::Timestamp;
use crate::replies::after_class as words;
use crate::store::surveys::{self, Answer, Survey, Talk};
use crate::store::{check_ins, classes, questions};

impl Broadcasts {
    /// What somebody on the web is asked about a class now; nothing where they did not come, have answered, or it is not the time.
    pub async fn web_survey(&self, class_id: &str, person: &str, now: Timestamp) -> Result<Option<(Class, Survey)>, Refused> {
        let mut conn = self.store.read().await?;
        self.asked_on_web(&mut conn, class_id, person, now).await
    }

    /// Whether somebody on the web has answered what is asked about a class.
    pub async fn web_survey_answered(&self, class_id: &str, person: &str) -> Result<bool, Refused> {
        let talks = surveys::talks(&mut *self.store.read().await?, class_id).await?;
        Ok(talks.iter().any(|talk| talk.channel == ChannelKind::Web && talk.person == person && talk.state == TalkState::Done))
    }

    async fn asked_on_web(
        &self,
        conn: &mut sqlx::AnyConnection,
        class_id: &str,
        person: &str,
        now: Timestamp,
    ) -> Result<Option<(Class, Survey)>, Refused> {
        let Some(stored) = classes::get(conn, class_id, "").await? else { return Ok(None) };
        let class = stored.class;
        if class.state != ClassState::Published || now < class.ends_at || now >= class.ends_at.plus(OPEN) {
            return Ok(None);
        }
        let Some(there) = classes::enrolment_of(conn, class_id, ChannelKind::Web, person).await? else { return Ok(None) };
        let came = check_ins::of_class(conn, class_id).await?.iter().any(|check_in| check_in.enrolment_id == there.id);
        let talks = surveys::talks(conn, class_id).await?;
        if !came || talks.iter().any(|talk| talk.channel == ChannelKind::Web && talk.person == person) {
            return Ok(None);
        }
        let survey = surveys::get(conn, class_id).await?.unwrap_or_else(|| self.template());
        Ok((!survey.questions.is_empty()).then_some((class, survey)))
    }

    /// Keeps what somebody on the web answers, by number of the question and masked; false where they are not asked, or not any more.
    pub async fn answer_web_survey(
        &self,
        class_id: &str,
        person: &str,
        typed: &BTreeMap<usize, String>,
        now: Timestamp,
    ) -> Result<bool, Refused> {
        let (mut tx, _) = self.take_class(class_id).await?;
        let Some((_, survey)) = self.asked_on_web(&mut tx, class_id, person, now).await? else { return Ok(false) };
        let mut answers = Vec::new();
        for (number, question) in survey.questions.iter().enumerate() {
            let Some(text) = typed.get(&number).map(|text| text.trim()).filter(|text| !text.is_empty()) else { continue };
            let (score, words) = match question.kind {
                Kind::Score => match text.parse::<i64>() {
                    Ok(score) if (1..=BEST).contains(&score) => (Some(score), None),
                    Ok(_) | Err(_) => continue,
                },
                Kind::Words | Kind::Unclear => (None, Some(text.chars().take(LONGEST_ANSWER).collect::<String>())),
            };
            answers.push((question.kind, Answer { question: i64::try_from(number).unwrap_or(i64::MAX), score, words }));
        }
        if answers.is_empty() {
            return Err(Refused::invalid("answers", words::answer_one()));
        }
        if survey.opened_at.is_none() {
            surveys::put(&mut tx, class_id, &Survey { opened_at: Some(now), ..survey.clone() }).await?;
        }
        let talk = Talk {
            id: new_id("svt", now),
            class_id: class_id.to_owned(),
            channel: ChannelKind::Web,
            person: person.to_owned(),
            channel_id: String::new(),
            state: TalkState::Done,
            question: i64::try_from(survey.questions.len()).unwrap_or(i64::MAX),
            round: 0,
            listens_until: None,
        };
        surveys::begin(&mut tx, &talk, now).await?;
        for (kind, answer) in answers {
            if let (Kind::Unclear, Some(text)) = (kind, &answer.words) {
                questions::log(&mut tx, &unclear(&talk, text, now)).await?;
            }
            surveys::answer(&mut tx, &talk.id, &answer, now).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
