//! The survey after a class: those who came are asked one question after the other in their chat. One rule: nobody is asked while a
//! person at the desk is asked or answers; what is written counts as an answer for half an hour only, then it is a question again.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use super::{Actor, Broadcasts, Problem, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::{OnAmbiguous, Origin};
use crate::domain::id::new_id;
use crate::domain::message::Message;
use crate::domain::survey::{BEST, Kind, Question, TalkState};
use crate::domain::time::Timestamp;
use crate::replies::after_class as words;
use crate::store::notices::{Notice, hand_to};
use crate::store::questions::{self, NewQuestion};
use crate::store::surveys::{self, Answer, Survey, Talk};
use crate::store::{Tx, audit, check_ins, classes, inquiries};

/// What is written within this time of a question is its answer.
pub const LISTENS: Duration = Duration::from_secs(30 * 60);
/// Whoever is noted as come later than this after the end is not asked any more.
const ASKED_WITHIN: Duration = Duration::from_secs(3 * 24 * 3600);
/// Answers count until so long after the end.
pub(super) const OPEN: Duration = Duration::from_secs(7 * 24 * 3600);
/// A question nobody saw within a day is not sent later.
const SEND_WITHIN: Duration = Duration::from_secs(24 * 3600);
const MOST_QUESTIONS: usize = 10;
const LONGEST_QUESTION: usize = 100;
/// Longest answer in words, in characters; the rest is cut off.
pub(super) const LONGEST_ANSWER: usize = 1_000;
const FILE: &str = "survey.toml";
const EMBEDDED: &str = include_str!("../../broadcasts/survey.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Template {
    questions: Vec<Question>,
}

/// What somebody answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// 1 to 5, to the question of this number.
    Score(i64, i64),
    /// Masked; to the question that listens.
    Words(String),
    Skip(i64),
    Stop,
}

/// What came of it: words for the one who tapped, or a message for the one who wrote. The next question goes out by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    Notice(String),
    Message(Message),
}

/// The questions of the file in `folder`, or those that come with the program.
pub(super) fn read_file(folder: Option<&Path>) -> Result<Vec<Question>, Vec<Problem>> {
    let text = match folder.map(|folder| folder.join(FILE)).filter(|path| path.exists()) {
        Some(path) => std::fs::read_to_string(path).map_err(|error| vec![Problem::file(FILE, format!("无法读取：{error}"))])?,
        None => EMBEDDED.to_owned(),
    };
    let template: Template = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(0, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
        vec![Problem { file: FILE.to_owned(), line, field: String::new(), message: error.message().to_owned() }]
    })?;
    sound(template.questions).map_err(|refused| vec![Problem::file(FILE, refused.to_string())])
}

/// Questions without spaces around them; refused where there are too many or one is empty or too long.
fn sound(questions: Vec<Question>) -> Result<Vec<Question>, Refused> {
    let trim = |question: Question| Question { text: question.text.trim().to_owned(), ..question };
    let questions: Vec<Question> = questions.into_iter().map(trim).collect();
    let wrong = |question: &Question| question.text.is_empty() || question.text.chars().count() > LONGEST_QUESTION;
    if questions.len() > MOST_QUESTIONS || questions.iter().any(wrong) {
        return Err(Refused::invalid("questions", words::wrong_questions(MOST_QUESTIONS, LONGEST_QUESTION)));
    }
    Ok(questions)
}

impl Broadcasts {
    /// What those who come are asked: the class's own questions, or those of the template.
    pub async fn survey(&self, class: &str) -> Result<Survey, Refused> {
        let mut conn = self.store.read().await?;
        classes::get(&mut conn, class, "").await?.ok_or(Refused::NotFound("课程"))?;
        Ok(surveys::get(&mut conn, class).await?.unwrap_or_else(|| self.template()))
    }

    pub(super) fn template(&self) -> Survey {
        Survey { questions: self.files.survey.clone(), opened_at: None }
    }

    /// Gives a class questions of its own; none: nobody is asked.
    pub async fn set_survey(&self, class: &str, questions: Vec<Question>, actor: &Actor, now: Timestamp) -> Result<Survey, Refused> {
        let survey = Survey { questions: sound(questions)?, opened_at: None };
        let (mut tx, _) = self.take_class(class).await?;
        if !surveys::put(&mut tx, class, &survey).await? {
            return Err(Refused::Conflict(words::survey_opened()));
        }
        audit::record(&mut tx, &actor.name, "class.survey", class, "", now).await?;
        tx.commit().await?;
        Ok(survey)
    }

    /// Asks whoever is to be asked by now; says how many questions were sent. Safe to run twice.
    pub(super) async fn ask_surveys(&self, now: Timestamp) -> Result<usize, Refused> {
        let ended = surveys::ended_classes(&mut *self.store.read().await?, now.minus(ASKED_WITHIN), now).await?;
        for class in ended {
            self.open_survey(&class, now).await?;
        }
        let interrupted = surveys::interrupted(&mut *self.store.read().await?).await?;
        for id in interrupted {
            let mut tx = self.store.begin().await?;
            if let Some(talk) = surveys::hold(&mut tx, &id).await?.filter(|talk| talk.state == TalkState::Asked) {
                surveys::cancel_questions(&mut tx, &id, now).await?;
                let again = Talk { state: TalkState::Due, round: talk.round + 1, listens_until: None, ..talk };
                surveys::update(&mut tx, &again, now).await?;
                tx.commit().await?;
            }
        }
        let due = surveys::due(&mut *self.store.read().await?).await?;
        let mut asked = 0;
        for id in due {
            let mut tx = self.store.begin().await?;
            let Some(mut talk) = surveys::hold(&mut tx, &id).await?.filter(|talk| talk.state == TalkState::Due) else { continue };
            if inquiries::hold_open(&mut tx, talk.channel.word(), &talk.person).await?.is_some() {
                continue;
            }
            match self.open_for(&mut tx, &talk, now).await? {
                Some((title, survey)) => {
                    let due_at = self.settings.quiet.map_or(now, |quiet| quiet.over_at(now));
                    self.ask_next(&mut tx, &mut talk, &title, &survey, due_at, now).await?;
                    asked += 1;
                }
                None => talk.state = TalkState::Stopped,
            }
            surveys::update(&mut tx, &talk, now).await?;
            tx.commit().await?;
        }
        Ok(asked)
    }

    /// Notes everybody who came to a class and is not asked yet.
    async fn open_survey(&self, class: &str, now: Timestamp) -> Result<(), Refused> {
        {
            let mut conn = self.store.read().await?;
            let (came, talks) = (check_ins::who_came(&mut conn, class).await?, surveys::talks(&mut conn, class).await?);
            let asked = |person: &str| talks.iter().any(|talk| talk.person == person);
            if !came.iter().any(|enrolment| enrolment.channel_id.is_some() && !asked(&enrolment.person)) {
                return Ok(());
            }
        }
        let (mut tx, _) = self.take_class(class).await?;
        let survey = surveys::get(&mut tx, class).await?.unwrap_or_else(|| self.template());
        if survey.questions.is_empty() {
            return Ok(());
        }
        surveys::put(&mut tx, class, &Survey { opened_at: Some(now), ..survey }).await?;
        for enrolment in check_ins::who_came(&mut tx, class).await? {
            let Some(channel_id) = enrolment.channel_id else { continue };
            let talk = Talk {
                id: new_id("svt", now),
                class_id: class.to_owned(),
                channel: enrolment.channel,
                person: enrolment.person,
                channel_id,
                state: TalkState::Due,
                question: 0,
                round: 0,
                listens_until: None,
            };
            surveys::begin(&mut tx, &talk, now).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// The class's title and the questions, while answers count.
    async fn open_for(&self, tx: &mut Tx, talk: &Talk, now: Timestamp) -> Result<Option<(String, Survey)>, Refused> {
        let Some(stored) = classes::get(tx, &talk.class_id, "").await? else { return Ok(None) };
        let survey = surveys::get(tx, &talk.class_id).await?;
        let open = now < stored.class.ends_at.plus(OPEN);
        Ok(survey.filter(|_| open).map(|survey| (stored.class.title, survey)))
    }

    /// Sends the question a talk has come to, or the thanks behind the last.
    async fn ask_next(
        &self,
        tx: &mut Tx,
        talk: &mut Talk,
        title: &str,
        survey: &Survey,
        due_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let number = usize::try_from(talk.question).unwrap_or(usize::MAX);
        let message = match survey.questions.get(number) {
            Some(question) => {
                talk.state = TalkState::Asked;
                talk.listens_until = match question.kind {
                    Kind::Score => None,
                    Kind::Words | Kind::Unclear => Some(due_at.plus(LISTENS)),
                };
                words::survey_question(title, &talk.id, number, survey.questions.len(), question, LISTENS.as_secs() / 60)
            }
            None => {
                talk.state = TalkState::Done;
                talk.listens_until = None;
                words::survey_thanks()
            }
        };
        let name = format!("svy:{}:{}:{}", talk.id, talk.question, talk.round);
        let notice = Notice {
            // A question of a survey is not worth a second message.
            on_ambiguous: OnAmbiguous::Never,
            ..Notice::new(Origin::Reply, &name, due_at, due_at.plus(SEND_WITHIN))
        };
        hand_to(tx, &talk.channel_id, &notice, &message, now).await?;
        Ok(())
    }

    /// The talk that listens to what somebody writes now.
    pub async fn survey_listening(&self, channel: ChannelKind, person: &str, now: Timestamp) -> Result<Option<String>, Refused> {
        let talk = surveys::listening(&mut *self.store.read().await?, channel, person, now).await?;
        Ok(talk.map(|talk| talk.id))
    }

    /// Keeps what somebody answers and sends the next question, in the caller's transaction.
    pub async fn survey_said(
        &self,
        tx: &mut Tx,
        talk: &str,
        channel: ChannelKind,
        person: &str,
        said: &Said,
        now: Timestamp,
    ) -> Result<Heard, Refused> {
        let over = || Ok(Heard::Notice(words::survey_over()));
        let talk = surveys::hold(tx, talk).await?.filter(|talk| talk.channel == channel && talk.person == person);
        let Some(mut talk) = talk else { return over() };
        let Some((title, survey)) = self.open_for(tx, &talk, now).await? else { return over() };
        if talk.state == TalkState::Stopped {
            return Ok(Heard::Notice(words::survey_stopped()));
        }
        let asked = usize::try_from(talk.question).ok().and_then(|number| survey.questions.get(number));
        let (answer, heard) = match said {
            Said::Stop => {
                surveys::cancel_questions(tx, &talk.id, now).await?;
                talk.state = TalkState::Stopped;
                talk.listens_until = None;
                surveys::update(tx, &talk, now).await?;
                return Ok(Heard::Notice(words::survey_stopped()));
            }
            Said::Score(question, score) => {
                let to = usize::try_from(*question).ok().and_then(|number| survey.questions.get(number));
                if *question > talk.question || to.is_none_or(|to| to.kind != Kind::Score) || !(1..=BEST).contains(score) {
                    return over();
                }
                let answer = Answer { question: *question, score: Some(*score), words: None };
                if *question < talk.question {
                    surveys::answer(tx, &talk.id, &answer, now).await?;
                    return Ok(Heard::Notice(words::score_changed(*score)));
                }
                (Some(answer), Heard::Notice(words::scored(*score)))
            }
            Said::Skip(question) if *question != talk.question => return Ok(Heard::Notice(words::answered_already())),
            Said::Skip(_) => (None, Heard::Notice(words::skipped())),
            Said::Words(text) => {
                let Some(kind) = asked.map(|question| question.kind).filter(|kind| *kind != Kind::Score) else { return over() };
                let text: String = text.trim().chars().take(LONGEST_ANSWER).collect();
                if kind == Kind::Unclear {
                    questions::log(tx, &unclear(&talk, &text, now)).await?;
                }
                (Some(Answer { question: talk.question, score: None, words: Some(text) }), Heard::Message(words::words_kept(kind)))
            }
        };
        if asked.is_none() {
            return Ok(Heard::Notice(words::answered_already()));
        }
        if let Some(answer) = answer {
            surveys::answer(tx, &talk.id, &answer, now).await?;
        }
        talk.question += 1;
        // The word on what was just said goes first.
        self.ask_next(tx, &mut talk, &title, &survey, now.plus(Duration::from_millis(1)), now).await?;
        surveys::update(tx, &talk, now).await?;
        Ok(heard)
    }
}

/// What was not understood becomes a gap.
pub(super) fn unclear(talk: &Talk, text: &str, now: Timestamp) -> NewQuestion {
    NewQuestion {
        id: new_id("ans", now),
        channel: talk.channel.word().to_owned(),
        person: talk.person.clone(),
        scope: "private".to_owned(),
        question: text.to_owned(),
        decision: "abstained".to_owned(),
        reason: "survey".to_owned(),
        gap: true,
        document: None,
        score: 0.0,
        suggestions: Vec::new(),
        took_us: 0,
        asked_at: now,
    }
}
