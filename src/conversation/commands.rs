//! Reading what is wanted, and the commands that are not questions.

use super::after_class::{self, Tap};
use super::{Concluded, Considered, Conversation, Privacy};
use crate::broadcasts::enrolment::{Enrolled, Person, Withdrawn};
use crate::domain::bulletin::Rhythm;
use crate::domain::check_in;
use crate::domain::code::read_payload;
use crate::domain::inbound::{Act, Inbound, Reply, Scope};
use crate::domain::message::Message;
use crate::domain::time::Timestamp;
use crate::gaps::Wish;
use crate::replies;
use crate::store::questions::Useful;
use crate::store::{Tx, bulletins};

/// What somebody wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Nothing,
    Start,
    Help,
    Latest,
    Classes,
    Mine,
    /// What was spoken of is over.
    New,
    /// What one may subscribe to, and has.
    Subscriptions,
    /// A tapped tag, by its key.
    Subscribe(String),
    Rhythm(Rhythm),
    Unsubscribe,
    /// By its number in the list of upcoming classes, from 1.
    EnrolNumber(usize),
    /// A scanned code.
    Open(String),
    /// A prize quiz, by its id.
    Quiz(String),
    /// The nth question, from 0, on the card of a code.
    CardQuestion {
        code: String,
        number: usize,
    },
    Enrol(String),
    Withdraw(String),
    /// A session's code, of a certain class where it was scanned.
    CheckIn {
        class: Option<String>,
        code: String,
    },
    Certificates,
    /// What is asked of whoever enrolled is skipped, put off, or asked again.
    SkipQuestion,
    LaterQuestion,
    AskFields(String),
    Feedback {
        answer: String,
        useful: Useful,
    },
    /// The nth suggestion, from 0, under an answer.
    Suggestion {
        answer: String,
        number: usize,
    },
    /// A person is wanted: for the question of an answer, one written behind, or the last one.
    Human {
        answer: Option<String>,
        question: String,
    },
    /// What is kept of them.
    Privacy(Privacy),
    Leave,
    /// A closed inquiry is to go on.
    ComeBack(String),
    Suggest(String),
    Notices(Wish),
    Rate {
        inquiry: String,
        stars: i64,
    },
    /// A button of a survey or a vote.
    AfterClass(Tap),
    Ask(String),
}

/// Reads an act. Words that are no command are a question.
pub(super) fn read(act: &Act) -> Command {
    match act {
        Act::Membership { .. } => Command::Nothing,
        Act::Button(data) => read_button(data),
        Act::Command { name, rest } => named(name, rest).unwrap_or_else(|| Command::Ask(format!("{name} {rest}"))),
        Act::Text(text) => {
            let text = text.trim();
            let bare = text.strip_prefix('/').unwrap_or(text);
            let (name, rest) = bare.split_once(char::is_whitespace).unwrap_or((bare, ""));
            match named(name, rest) {
                // "课程" alone is a command; "最新的增值税率" is a question and never gets here whole.
                Some(command)
                    if text.starts_with('/')
                        || rest.is_empty()
                        || matches!(name, "问" | "报名" | "签到" | "转人工" | "人工" | "建议" | "意见建议") =>
                {
                    command
                }
                _ => Command::Ask(text.to_owned()),
            }
        }
    }
}

fn named(name: &str, rest: &str) -> Option<Command> {
    let rest = rest.trim();
    match name.to_lowercase().as_str() {
        "start" => Some(match (rest.strip_prefix("class_"), rest.strip_prefix("quiz_")) {
            (Some(class), _) => Command::Enrol(class.to_owned()),
            (None, Some(quiz)) => Command::Quiz(quiz.to_owned()),
            (None, None) if check_in::read_payload(rest).is_some() => {
                let (code, class) = check_in::read_payload(rest).unwrap_or_default();
                Command::CheckIn { class: Some(class.to_owned()), code: code.to_owned() }
            }
            (None, None) => read_payload(rest).map_or(Command::Start, |code| Command::Open(code.to_owned())),
        }),
        "help" | "帮助" => Some(Command::Help),
        "latest" | "最新" => Some(Command::Latest),
        "classes" | "课程" => Some(Command::Classes),
        "new" | "新问题" | "换话题" => Some(Command::New),
        "subscribe" | "订阅" => Some(Command::Subscriptions),
        "stop" | "unsubscribe" | "退订" | "td" => Some(Command::Unsubscribe),
        "mine" | "我的" | "我的报名" => Some(Command::Mine),
        "human" | "转人工" | "人工" | "人工服务" => Some(Command::Human { answer: None, question: rest.to_owned() }),
        "end" | "结束" | "结束人工" => Some(Command::Leave),
        "mydata" | "我的数据" => Some(Command::Privacy(Privacy::Show)),
        "forget" | "忘记我" => Some(Command::Privacy(Privacy::Ask)),
        "确认忘记我" => Some(Command::Privacy(Privacy::Forget)),
        "suggest" | "建议" | "意见建议" => Some(Command::Suggest(rest.to_owned())),
        "答复提醒" => Some(Command::Notices(if rest.starts_with('关') { Wish::Nothing } else { Wish::Later })),
        "checkin" | "签到" => Some(Command::CheckIn { class: None, code: rest.to_owned() }),
        "certificates" | "证书" | "结业证明" => Some(Command::Certificates),
        "ask" | "问" => Some(Command::Ask(rest.to_owned())),
        "enrol" | "报名" => Some(rest.parse().map_or(Command::Classes, Command::EnrolNumber)),
        "withdraw" | "取消报名" => Some(Command::Mine),
        _ => None,
    }
}

fn read_button(data: &str) -> Command {
    if let Some(tap) = after_class::read(data) {
        return Command::AfterClass(tap);
    }
    let mut words = data.split(':');
    match (words.next(), words.next(), words.next()) {
        (Some("sub"), Some(key), None) => Command::Subscribe(key.to_owned()),
        (Some("rhythm"), Some(word), None) => Rhythm::parse(word).map_or(Command::Nothing, Command::Rhythm),
        (Some("forget"), Some("ask"), None) => Command::Privacy(Privacy::Ask),
        (Some("forget"), Some("yes"), None) => Command::Privacy(Privacy::Forget),
        (Some("enrol"), Some(class), None) => Command::Enrol(class.to_owned()),
        (Some("answer"), Some("skip"), None) => Command::SkipQuestion,
        (Some("answer"), Some("later"), None) => Command::LaterQuestion,
        (Some("fields"), Some(class), None) => Command::AskFields(class.to_owned()),
        (Some("card"), Some(code), Some(number)) => match number.parse() {
            Ok(number) => Command::CardQuestion { code: code.to_owned(), number },
            Err(_) => Command::Nothing,
        },
        (Some("withdraw"), Some(class), None) => Command::Withdraw(class.to_owned()),
        (Some("fb"), Some(answer), Some("1")) => Command::Feedback { answer: answer.to_owned(), useful: Useful::Yes },
        (Some("fb"), Some(answer), Some("0")) => Command::Feedback { answer: answer.to_owned(), useful: Useful::No },
        (Some("human"), Some(answer), None) => Command::Human { answer: Some(answer.to_owned()), question: String::new() },
        (Some("follow"), Some(answer), None) => Command::Notices(Wish::Follow(answer.to_owned())),
        (Some("notices"), Some("no"), None) => Command::Notices(Wish::Nothing),
        (Some("unhuman"), None, None) => Command::Leave,
        (Some("back"), Some(inquiry), None) => Command::ComeBack(inquiry.to_owned()),
        (Some("rate"), Some(inquiry), Some(stars @ ("1" | "2" | "3" | "4" | "5"))) => {
            Command::Rate { inquiry: inquiry.to_owned(), stars: stars.parse().unwrap_or(1) }
        }
        (Some("ask"), Some(number), Some(answer)) => match number.parse() {
            Ok(number) => Command::Suggestion { answer: answer.to_owned(), number },
            Err(_) => Command::Nothing,
        },
        _ => Command::Nothing,
    }
}

impl Conversation {
    pub(super) async fn latest(&self) -> anyhow::Result<Considered> {
        let bulletins = bulletins::latest(&mut *self.store.read().await?, replies::conversation::LATEST).await?;
        Ok(Considered::Words(replies::conversation::latest(&bulletins)))
    }

    pub(super) async fn classes(&self, now: Timestamp) -> anyhow::Result<Considered> {
        let listed = self.broadcasts.upcoming_classes(now).await?;
        let listed: Vec<_> = listed.into_iter().map(|listed| (listed.class, listed.seated, listed.waiting)).collect();
        Ok(Considered::Words(replies::conversation::classes(&listed, &self.public_url)))
    }

    pub(super) async fn mine(&self, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Considered> {
        let mine = self.broadcasts.my_classes(inbound.channel, &inbound.person, now).await?;
        Ok(Considered::Words(replies::conversation::mine(&mine)))
    }

    pub(super) async fn enrol_number(&self, number: usize, now: Timestamp) -> anyhow::Result<Considered> {
        let listed = self.broadcasts.upcoming_classes(now).await?;
        Ok(match number.checked_sub(1).and_then(|index| listed.get(index)) {
            Some(listed) => Considered::Enrol(listed.class.id.clone()),
            None => Considered::Words(replies::conversation::no_such_number()),
        })
    }

    pub(super) async fn enrol(
        &self,
        tx: &mut Tx,
        class: &str,
        inbound: &Inbound,
        private_channel: Option<&str>,
        now: Timestamp,
    ) -> anyhow::Result<Concluded> {
        let name = inbound.person_name.as_deref().unwrap_or(replies::classes::SOMEBODY);
        let person = Person { channel: inbound.channel, id: &inbound.person, channel_id: private_channel, name };
        let enrolled = self.broadcasts.enrol(tx, class, &person, now).await?;
        let asked = match &enrolled {
            Enrolled::Seated(class) | Enrolled::SeatedAlready(class) | Enrolled::Waiting(class, _) | Enrolled::WaitingAlready(class, _) => {
                self.ask_fields(tx, class, inbound, now).await?
            }
            Enrolled::NotYet(..) | Enrolled::Over(_) | Enrolled::Cancelled(_) | Enrolled::NoSuchClass => None,
        };
        let words = match enrolled {
            Enrolled::Seated(class) => replies::classes::seated(&class),
            Enrolled::SeatedAlready(class) => replies::classes::seated_already(&class),
            Enrolled::Waiting(class, position) | Enrolled::WaitingAlready(class, position) => replies::classes::waiting(&class, position),
            Enrolled::NotYet(class, from) => replies::classes::not_yet(&class, from),
            Enrolled::Over(class) => replies::classes::over(&class),
            Enrolled::Cancelled(class) => replies::classes::cancelled(&class),
            Enrolled::NoSuchClass => replies::classes::no_such_class(),
        };
        let mut concluded = told(inbound, words);
        if let (Some(reply), Some(question)) = (&mut concluded.reply, asked) {
            reply.message.blocks.extend(question.blocks);
            reply.message.buttons.extend(question.buttons);
        }
        Ok(concluded)
    }

    pub(super) async fn withdraw(&self, tx: &mut Tx, class: &str, inbound: &Inbound, now: Timestamp) -> anyhow::Result<Concluded> {
        let words = match self.broadcasts.withdraw(tx, class, inbound.channel, &inbound.person, now).await? {
            Withdrawn::Done(class) => replies::classes::withdrawn(&class),
            Withdrawn::NotEnrolled(class) => replies::classes::not_enrolled(&class),
            Withdrawn::TooLate(class) => replies::classes::too_late(&class),
            Withdrawn::NoSuchClass => replies::classes::no_such_class(),
        };
        Ok(told(inbound, words))
    }
}

/// A tap in a group is answered by its notice alone, so that two hundred enrolments do not flood the group.
pub(super) fn told(inbound: &Inbound, words: String) -> Concluded {
    let tapped = matches!(inbound.act, Act::Button(_));
    if tapped && inbound.scope == Scope::Group {
        return Concluded { reply: None, notice: Some(words) };
    }
    let notice = tapped.then(|| words.lines().next().unwrap_or_default().to_owned());
    Concluded { reply: Some(Reply::words(Message::text(words))), notice }
}
