//! The draw's rule: a mobile number has one number in a draw, wherever its owner answered; whoever gives none has answered but is not drawn.
//! On the web it is given with the answers; whoever answered in a group gives it in the private chat. A number that somebody makes up wins
//! nothing: the prize is handed out to whoever names the number it was won with.

use super::quizzes::Quizzed;
use super::{Actor, Broadcasts, Refused};
use crate::domain::channel::ChannelKind;
use crate::domain::message::Message;
use crate::domain::phone::Phone;
use crate::domain::quiz::QuizKind;
use crate::domain::time::Timestamp;
use crate::replies::{prize_quiz as words, quizzes as said};
use crate::store::quizzes::{Entry, Quiz};
use crate::store::{Tx, audit, quiz_phones, quizzes};

/// What a mobile number has to do with a draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrizeCheck {
    /// Nobody took part with it.
    Unknown,
    /// Number of the entry made with it; not drawn.
    NotWon(i64),
    Won(i64),
}

/// How an entry stands: its score, and what follows for the draw.
pub fn standing(quiz: &Quiz, entry: &Entry, now: Timestamp) -> String {
    let after = match &quiz.drawn {
        _ if !quiz.passed(entry) => words::not_passed(quiz.pass_percent),
        Some(drawn) if drawn.winners.contains(&entry.number) => words::won(entry.number),
        Some(drawn) if drawn.entrants.contains(&entry.number) => words::not_won(entry.number),
        None if quiz.is_one_person(entry) && now >= quiz.closes_at => words::waits_for_draw(entry.number),
        None if quiz.is_one_person(entry) => words::passed(entry.number),
        None if now < quiz.closes_at => words::passed_without_phone(),
        Some(_) | None => words::not_in_draw(),
    };
    format!("{}。{after}", said::score(entry.correct, entry.total))
}

impl Broadcasts {
    /// How somebody in a chat stands in a prize quiz, for their private chat; asks for their mobile number where only that is missing.
    /// `None` where there is no such quiz.
    pub async fn quiz_card(
        &self,
        tx: &mut Tx,
        id: &str,
        (channel, person): (ChannelKind, &str),
        now: Timestamp,
    ) -> Result<Option<Message>, Refused> {
        let Some(quiz) = quizzes::get(tx, id, "").await?.filter(|quiz| quiz.kind == QuizKind::Prize) else { return Ok(None) };
        let runs = super::quizzes::open(&quiz, now);
        let Some(entry) = quizzes::entries_of(tx, id, channel.word(), person).await?.into_iter().next_back() else {
            return Ok(Some(match runs {
                Ok(()) => words::card(&quiz.title, &format!("{}/quizzes/{id}", self.settings.public_url)),
                Err(why) => words::standing(&quiz.title, &why.to_string()),
            }));
        };
        let score = said::score(entry.correct, entry.total);
        if runs.is_ok() && quiz.passed(&entry) && !quiz.is_one_person(&entry) {
            quiz_phones::ask(tx, id, entry.number, now).await?;
            return Ok(Some(words::ask_phone(words::standing(&quiz.title, &score), self.settings.quiz_days)));
        }
        let told = if runs.is_ok() && !quiz.passed(&entry) && entry.answered < entry.total {
            format!("{score}。{}", words::go_on(entry.total - entry.answered))
        } else {
            standing(&quiz, &entry, now)
        };
        Ok(Some(words::standing(&quiz.title, &told)))
    }

    /// The quiz for which somebody's private chat listens for their mobile number.
    pub async fn phone_awaited(&self, channel: ChannelKind, person: &str, now: Timestamp) -> Result<Option<String>, Refused> {
        Ok(quiz_phones::awaited(&mut *self.store.read().await?, channel.word(), person, now).await?)
    }

    /// Ties an entry to a mobile number that no other entry of the quiz has; in the transaction that holds the lock on the quiz.
    pub(super) async fn tie_phone(&self, tx: &mut Tx, quiz_id: &str, number: i64, phone: &Phone) -> Result<(), Refused> {
        let Some(key) = quiz_phones::key(tx, quiz_id).await? else { return Err(Refused::Conflict(words::let_go_of())) };
        if quiz_phones::entry_of(tx, quiz_id, &key, phone).await?.is_some() {
            return Err(Refused::invalid("phone", words::phone_taken()));
        }
        Ok(quiz_phones::set(tx, quiz_id, number, &key, phone).await?)
    }

    /// Puts somebody who answered without a mobile number into the draw, while the quiz runs. Refused at `phone` where the mobile number has
    /// its number in the draw already.
    pub async fn join_draw(&self, tx: &mut Tx, id: &str, who: Quizzed<'_>, now: Timestamp) -> Result<Entry, Refused> {
        let Some(phone) = who.phone else { return Err(Refused::invalid("phone", words::wrong_phone())) };
        let lock = tx.for_update();
        let quiz = quizzes::get(tx, id, lock).await?.ok_or(Refused::NotFound("答题"))?;
        super::quizzes::open(&quiz, now)?;
        let mine = quizzes::entries_of(tx, id, who.channel, who.person).await?.into_iter().next_back();
        let mine = mine.ok_or_else(|| Refused::Conflict(words::answer_first()))?;
        if quiz.is_one_person(&mine) {
            return Ok(mine);
        }
        self.tie_phone(tx, id, mine.number, phone).await?;
        Ok(Entry { with_phone: true, ..mine })
    }

    /// Whether a mobile number won in a draw, for whoever hands the prizes out; that it was asked is on record, the number is not.
    pub async fn check_prize(&self, id: &str, phone: &Phone, actor: &Actor, now: Timestamp) -> Result<PrizeCheck, Refused> {
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let quiz = quizzes::get(&mut tx, id, lock).await?.filter(|quiz| quiz.kind == QuizKind::Prize).ok_or(Refused::NotFound("答题"))?;
        let drawn = quiz.drawn.ok_or_else(|| Refused::Conflict(words::not_drawn_yet()))?;
        let Some(key) = quiz_phones::key(&mut tx, id).await? else { return Err(Refused::Conflict(words::let_go_of())) };
        let found = match quiz_phones::entry_of(&mut tx, id, &key, phone).await? {
            None => PrizeCheck::Unknown,
            Some(number) if drawn.winners.contains(&number) => PrizeCheck::Won(number),
            Some(number) => PrizeCheck::NotWon(number),
        };
        let told = match found {
            PrizeCheck::Unknown => "unknown".to_owned(),
            PrizeCheck::NotWon(number) => format!("{number}: not won"),
            PrizeCheck::Won(number) => format!("{number}: won"),
        };
        audit::record(&mut tx, &actor.name, "quiz.prize_check", id, &told, now).await?;
        tx.commit().await?;
        Ok(found)
    }
}
