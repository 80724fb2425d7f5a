//! Quizzes: the staff's quarterly one and the prize quiz of the promotion month, one engine for both. Answers come by page, by API and as
//! Telegram quiz polls; an answer given once stands.

use rand::Rng;
use serde::Deserialize;

use super::bulletins::Draft;
use super::{Actor, Broadcasts, Refused};
use crate::domain::bulletin::{Bulletin, BulletinKind, Targets};
use crate::domain::channel::ChannelKind;
use crate::domain::delivery::AFTER_TEXT;
use crate::domain::draw::{Drawn, draw};
use crate::domain::id::new_id;
use crate::domain::phone::Phone;
use crate::domain::quiz::{DrawnBy, Poll, QuizItem, QuizKind};
use crate::domain::render::Part;
use crate::domain::time::Timestamp;
use crate::replies::prize_quiz as prize;
use crate::replies::quizzes as words;
use crate::store::quizzes::{self, Entry, Quiz};
use crate::store::{Tx, audit, bulletins, quiz_phones};

/// Polls stand behind the text of their announcement, from this part on.
pub const POLLS_FROM: i64 = AFTER_TEXT;
const LONGEST_TITLE: usize = 80;
const LONGEST_PRIZE: usize = 200;
const MOST_QUESTIONS: usize = 50;
/// Polls one announcement brings: more would flood a group.
const MOST_POLLS: usize = 10;
const MOST_ATTEMPTS: i64 = 10;
const MOST_WINNERS: i64 = 1_000;

/// What staff write to hold a quiz.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewQuiz {
    pub kind: QuizKind,
    #[schema(min_length = 1, max_length = 80, pattern = r"\S")]
    pub title: String,
    /// File name or id of the bank.
    pub bank: String,
    /// Keys of its items, in the order they are asked; all of them where left out.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub items: Vec<String>,
    #[schema(value_type = String, format = DateTime)]
    pub opens_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    pub closes_at: Timestamp,
    /// Times one person may answer, 1 to 10; 2 for staff, always 1 for a prize quiz.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 10)]
    pub attempts: Option<i64>,
    /// Share of right answers that counts as passed, 1 to 100; 80 unless told.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 100)]
    pub pass_percent: Option<i64>,
    /// Prize quiz: how many win, 1 to 1000.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 1_000)]
    pub winners: Option<i64>,
    /// Prize quiz: what they get.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub prize: String,
}

/// Who answers.
#[derive(Debug, Clone, Copy)]
pub struct Quizzed<'a> {
    /// `telegram`, `web` or `staff`.
    pub channel: &'static str,
    pub person: &'a str,
    pub name: &'a str,
    /// Given to be drawn.
    pub phone: Option<&'a Phone>,
}

/// One answer: the item's key and the choice, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    pub item: String,
    /// From 1.
    #[schema(minimum = 1, maximum = 10)]
    pub choice: usize,
}

impl Quiz {
    /// Whether an entry passed.
    pub fn passed(&self, entry: &Entry) -> bool {
        entry.total > 0 && entry.correct * 100 >= self.pass_percent * entry.total
    }
}

impl Broadcasts {
    /// Makes a quiz of a bank's items; they are kept as they are now.
    pub async fn create_quiz(&self, new: NewQuiz, actor: &Actor, now: Timestamp) -> Result<Quiz, Refused> {
        let bank = self.quiz_bank(&new.bank).await?;
        let items: Vec<QuizItem> = if new.items.is_empty() {
            bank.items
        } else {
            let find = |key: &String| bank.items.iter().find(|item| &item.key == key).cloned();
            let found: Option<Vec<QuizItem>> = new.items.iter().map(find).collect();
            found.ok_or_else(|| Refused::invalid("items", words::no_such_item()))?
        };
        let most = if new.kind == QuizKind::Prize { MOST_POLLS } else { MOST_QUESTIONS };
        if items.len() > most {
            return Err(Refused::invalid("items", words::too_many_items(most)));
        }
        for (index, item) in items.iter().enumerate() {
            if let Some(why) = self.why_blocked(item, now) {
                return Err(Refused::invalid("items", words::in_item(index, &why)));
            }
        }
        let seed: [u8; 32] = rand::rng().random();
        let quiz = Quiz {
            id: new_id("quz", now),
            kind: new.kind,
            title: new.title.trim().to_owned(),
            bank: new.bank,
            items,
            opens_at: new.opens_at,
            closes_at: new.closes_at,
            attempts: if new.kind == QuizKind::Prize { 1 } else { new.attempts.unwrap_or(2) },
            pass_percent: new.pass_percent.unwrap_or(80),
            winners: if new.kind == QuizKind::Prize { new.winners.unwrap_or(1) } else { 0 },
            prize: new.prize.trim().to_owned(),
            drawn_by: DrawnBy::Phone,
            seed: hex::encode(seed),
            drawn_at: None,
            drawn: None,
            bulletin_id: None,
            author: actor.id.clone(),
            created_at: now,
        };
        check(&quiz, now)?;
        let mut tx = self.store.begin().await?;
        quizzes::insert(&mut tx, &quiz).await?;
        audit::record(&mut tx, &actor.name, "quiz.create", &quiz.id, quiz.kind.word(), now).await?;
        tx.commit().await?;
        Ok(quiz)
    }

    /// One quiz.
    pub async fn quiz(&self, id: &str) -> Result<Quiz, Refused> {
        quizzes::get(&mut *self.store.read().await?, id, "").await?.ok_or(Refused::NotFound("答题"))
    }

    /// A prize quiz that people may see: its announcement was approved.
    pub async fn public_quiz(&self, id: &str) -> Result<Option<Quiz>, Refused> {
        let mut conn = self.store.read().await?;
        let Some(quiz) = quizzes::get(&mut conn, id, "").await?.filter(|quiz| quiz.kind == QuizKind::Prize) else { return Ok(None) };
        let Some(bulletin) = &quiz.bulletin_id else { return Ok(None) };
        let bulletin = bulletins::get(&mut conn, bulletin, "").await?;
        Ok(bulletin.is_some_and(|bulletin| bulletin.state.is_public()).then_some(quiz))
    }

    /// The items that are asked at `now`.
    pub fn asked<'a>(&self, quiz: &'a Quiz, now: Timestamp) -> Vec<&'a QuizItem> {
        quiz.items.iter().filter(|item| self.why_blocked(item, now).is_none()).collect()
    }

    /// Takes all answers of one attempt at once; every question must be answered.
    pub async fn answer_quiz(&self, id: &str, who: Quizzed<'_>, choices: &[Choice], now: Timestamp) -> Result<Entry, Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let quiz = quizzes::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("答题"))?;
        open(&quiz, now)?;
        let before = quizzes::entries_of(&mut tx, id, who.channel, who.person).await?;
        let attempt = i64::try_from(before.len()).unwrap_or(i64::MAX) + 1;
        if attempt > quiz.attempts {
            return Err(Refused::Conflict(words::no_attempt_left(quiz.attempts)));
        }
        let asked = self.asked(&quiz, now);
        let mut chosen = Vec::with_capacity(asked.len());
        for (index, item) in asked.iter().enumerate() {
            let choice = choices.iter().find(|choice| choice.item == item.key).map(|choice| choice.choice);
            let choice = choice.filter(|choice| (1..=item.options.len()).contains(choice));
            chosen.push((*item, choice.ok_or_else(|| Refused::invalid("answers", words::not_answered(index)))?));
        }
        let total = i64::try_from(chosen.len()).unwrap_or(i64::MAX);
        let number = quizzes::add_entry(&mut tx, id, (who.channel, who.person, who.name), attempt, total, now).await?;
        for (item, choice) in chosen {
            quizzes::add_answer(&mut tx, id, number, item, choice, now).await?;
        }
        if let Some(phone) = who.phone {
            self.tie_phone(&mut tx, id, number, phone).await?;
        }
        let mine = quizzes::entries_of(&mut tx, id, who.channel, who.person).await?;
        tx.commit().await?;
        mine.into_iter().find(|entry| entry.number == number).ok_or(Refused::NotFound("答题记录"))
    }

    /// Takes one answer to a poll, in the transaction of its update; what comes too late or is not ours is ignored.
    pub async fn answer_poll(&self, tx: &mut Tx, poll: &str, choice: usize, who: Quizzed<'_>, now: Timestamp) -> Result<(), Refused> {
        let Some((bulletin, part)) = quizzes::poll(tx, poll).await? else { return Ok(()) };
        let Some(found) = quizzes::of_bulletin(tx, &bulletin).await? else { return Ok(()) };
        let lock = tx.for_update();
        let Some(quiz) = quizzes::get(tx, &found.id, lock).await? else { return Ok(()) };
        let index = usize::try_from(part - POLLS_FROM).unwrap_or(usize::MAX);
        let Some(item) = quiz.items.get(index) else { return Ok(()) };
        if open(&quiz, now).is_err() || !(1..=item.options.len()).contains(&choice) {
            return Ok(());
        }
        let number = match quizzes::entries_of(tx, &quiz.id, who.channel, who.person).await?.first() {
            Some(entry) => entry.number,
            None => {
                let total = i64::try_from(self.asked(&quiz, now).len()).unwrap_or(i64::MAX);
                quizzes::add_entry(tx, &quiz.id, (who.channel, who.person, who.name), 1, total, now).await?
            }
        };
        quizzes::add_answer(tx, &quiz.id, number, item, choice, now).await?;
        Ok(())
    }

    /// Drafts the announcement of a prize quiz, with its questions as polls, and hands it to the approver.
    pub async fn announce_quiz(&self, id: &str, targets: Targets, actor: &Actor, now: Timestamp) -> Result<Bulletin, Refused> {
        let quiz = self.quiz(id).await?;
        if quiz.kind != QuizKind::Prize {
            return Err(Refused::Conflict(words::only_prize_quizzes()));
        }
        let draft = Draft {
            title: quiz.title.clone(),
            link: Some(format!("{}/quizzes/{id}", self.settings.public_url)),
            body: prize::announcement(&quiz.prize, quiz.items.len(), quiz.winners, quiz.pass_percent, quiz.closes_at, &quiz.seed),
            targets,
            ..Draft::default()
        };
        let mut tx = self.store.begin().await?;
        let bulletin = self.draft_for_review(&mut tx, format!("quiz:{id}"), draft, actor, now).await?;
        // The rule in force is the one that is announced.
        quizzes::set_bulletin(&mut tx, id, &bulletin.id, DrawnBy::Phone).await?;
        tx.commit().await?;
        Ok(bulletin)
    }

    /// The polls that go out behind a bulletin's text: the part's number and the part. Only Telegram has polls.
    pub async fn polls(
        &self,
        tx: &mut sqlx::AnyConnection,
        bulletin: &Bulletin,
        kind: ChannelKind,
        now: Timestamp,
    ) -> Result<Vec<(i64, Part)>, Refused> {
        let announces = bulletin.origin_id.as_ref().is_some_and(|origin| origin.starts_with("quiz:"));
        if bulletin.kind != BulletinKind::Campaign || !announces || kind != ChannelKind::Telegram {
            return Ok(Vec::new());
        }
        let Some(quiz) = quizzes::of_bulletin(tx, &bulletin.id).await? else { return Ok(Vec::new()) };
        let numbered = (POLLS_FROM..).zip(&quiz.items);
        Ok(numbered.filter(|(_, item)| self.why_blocked(item, now).is_none()).map(|(part, item)| (part, self.poll_part(item))).collect())
    }

    fn poll_part(&self, item: &QuizItem) -> Part {
        let source = self.sources.find(&item.document).map(|document| document.title).unwrap_or_default();
        let poll = Poll {
            question: item.question.trim().to_owned(),
            options: item.options.iter().map(|option| option.trim().to_owned()).collect(),
            correct: u8::try_from(item.answer.saturating_sub(1)).unwrap_or(0),
            explanation: words::poll_explanation(&item.explanation, &source),
        };
        let text = words::poll_as_text(&poll);
        Part { poll: Some(poll), ..Part::plain(text) }
    }

    /// Draws the winners once the quiz is closed, publishes the seed, and drafts the bulletin of the result.
    pub async fn draw_quiz(&self, id: &str, actor: &Actor, now: Timestamp) -> Result<(Quiz, Bulletin), Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let quiz = quizzes::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("答题"))?;
        if quiz.kind != QuizKind::Prize {
            return Err(Refused::Conflict(words::only_prize_quizzes()));
        }
        if now < quiz.closes_at {
            return Err(Refused::Conflict(words::not_closed(quiz.closes_at)));
        }
        let announcement = match &quiz.bulletin_id {
            Some(bulletin) => bulletins::get(&mut tx, bulletin, "").await?,
            None => None,
        };
        let announcement = announcement.ok_or_else(|| Refused::Conflict(words::never_announced()))?;
        if quiz_phones::key(&mut tx, id).await?.is_none() {
            return Err(Refused::Conflict(prize::let_go_of()));
        }
        let entries = quizzes::entries(&mut tx, id).await?;
        let drawn_among = |entry: &&Entry| quiz.passed(entry) && quiz.is_one_person(entry);
        let entrants: Vec<i64> = entries.iter().filter(drawn_among).map(|entry| entry.number).collect();
        let drawn = draw(&quiz.seed, &entrants, usize::try_from(quiz.winners).unwrap_or(0));
        if !quizzes::set_drawn(&mut tx, id, &drawn, now).await? {
            return Err(Refused::Conflict(words::drawn_already()));
        }
        let draft = Draft {
            title: prize::result_title(&quiz.title),
            link: Some(format!("{}/quizzes/{id}", self.settings.public_url)),
            body: prize::result(entries.len(), &drawn, &winners(&drawn, &entries), &quiz.seed, quiz.drawn_by),
            targets: announcement.targets,
            ..Draft::default()
        };
        let bulletin = self.draft_for_review(&mut tx, format!("draw:{id}"), draft, actor, now).await?;
        audit::record(&mut tx, &actor.name, "quiz.draw", id, &quiz.seed, now).await?;
        tx.commit().await?;
        Ok((Quiz { drawn_at: Some(now), drawn: Some(drawn), ..quiz }, bulletin))
    }

    /// Everybody's entries, in order of their numbers.
    pub async fn quiz_entries(&self, id: &str) -> Result<(Quiz, Vec<Entry>), Refused> {
        let mut conn = self.store.read().await?;
        let quiz = quizzes::get(&mut conn, id, "").await?.ok_or(Refused::NotFound("答题"))?;
        let entries = quizzes::entries(&mut conn, id).await?;
        Ok((quiz, entries))
    }

    /// One person's entries with what was chosen in the last.
    pub async fn my_entries(&self, id: &str, channel: &str, person: &str) -> Result<(Vec<Entry>, Vec<(String, usize)>), Refused> {
        let mut conn = self.store.read().await?;
        let entries = quizzes::entries_of(&mut conn, id, channel, person).await?;
        let chosen = match entries.last() {
            Some(last) => quizzes::answers(&mut conn, id, last.number).await?,
            None => Vec::new(),
        };
        Ok((entries, chosen))
    }
}

/// Number and shortened name of each winner, in the order they were drawn.
pub fn winners(drawn: &Drawn, entries: &[Entry]) -> Vec<(i64, String)> {
    let name = |number: &i64| entries.iter().find(|entry| entry.number == *number).map(|entry| prize::shortened_name(&entry.display_name));
    drawn.winners.iter().map(|number| (*number, name(number).unwrap_or_default())).collect()
}

pub(super) fn open(quiz: &Quiz, now: Timestamp) -> Result<(), Refused> {
    if now < quiz.opens_at {
        return Err(Refused::Conflict(words::not_open_yet(quiz.opens_at)));
    }
    if now >= quiz.closes_at {
        return Err(Refused::Conflict(words::closed(quiz.closes_at)));
    }
    Ok(())
}

fn check(quiz: &Quiz, now: Timestamp) -> Result<(), Refused> {
    if quiz.title.is_empty() || quiz.title.chars().count() > LONGEST_TITLE {
        return Err(Refused::invalid("title", words::wrong_title(LONGEST_TITLE)));
    }
    if quiz.closes_at <= quiz.opens_at {
        return Err(Refused::invalid("closes_at", words::closes_before_it_opens()));
    }
    if quiz.closes_at <= now {
        return Err(Refused::invalid("closes_at", words::closed_already()));
    }
    if !(1..=MOST_ATTEMPTS).contains(&quiz.attempts) {
        return Err(Refused::invalid("attempts", words::out_of_range(1, MOST_ATTEMPTS)));
    }
    if !(1..=100).contains(&quiz.pass_percent) {
        return Err(Refused::invalid("pass_percent", words::out_of_range(1, 100)));
    }
    if quiz.kind == QuizKind::Prize && !(1..=MOST_WINNERS).contains(&quiz.winners) {
        return Err(Refused::invalid("winners", words::out_of_range(1, MOST_WINNERS)));
    }
    if quiz.prize.chars().count() > LONGEST_PRIZE {
        return Err(Refused::invalid("prize", words::wrong_prize(LONGEST_PRIZE)));
    }
    Ok(())
}
