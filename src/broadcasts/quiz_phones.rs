//! The draw's rule on the web: a mobile number has one number in a draw, whoever gives none has answered but is not drawn. A number that
//! somebody makes up wins nothing: the prize is handed out to whoever names the number it was won with.

use super::quizzes::Quizzed;
use super::{Actor, Broadcasts, Refused};
use crate::domain::phone::Phone;
use crate::domain::quiz::QuizKind;
use crate::domain::time::Timestamp;
use crate::replies::quizzes as words;
use crate::store::quizzes::Entry;
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

impl Broadcasts {
    /// Ties an entry to a mobile number that no other entry of the quiz has; in the transaction that holds the lock on the quiz.
    pub(super) async fn tie_phone(&self, tx: &mut Tx, quiz_id: &str, number: i64, phone: &Phone) -> Result<(), Refused> {
        let Some(key) = quiz_phones::key(tx, quiz_id).await? else { return Err(Refused::Conflict(words::let_go_of())) };
        if quiz_phones::entry_of(tx, quiz_id, &key, phone).await?.is_some() {
            return Err(Refused::invalid("phone", words::phone_taken()));
        }
        Ok(quiz_phones::set(tx, quiz_id, number, &key, phone).await?)
    }

    /// Puts somebody who answered without a mobile number into the draw, while the quiz runs.
    pub async fn join_draw(&self, id: &str, who: Quizzed<'_>, now: Timestamp) -> Result<Entry, Refused> {
        let Some(phone) = who.phone else { return Err(Refused::invalid("phone", words::wrong_phone())) };
        let mut tx = self.store.begin().await?;
        let lock = tx.for_update();
        let quiz = quizzes::get(&mut tx, id, lock).await?.ok_or(Refused::NotFound("答题"))?;
        super::quizzes::open(&quiz, now)?;
        let mine = quizzes::entries_of(&mut tx, id, who.channel, who.person).await?.into_iter().next_back();
        let mine = mine.ok_or_else(|| Refused::Conflict(words::answer_first()))?;
        if mine.is_one_person() {
            return Ok(mine);
        }
        self.tie_phone(&mut tx, id, mine.number, phone).await?;
        tx.commit().await?;
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
