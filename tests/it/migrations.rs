//! Migrations that change a table keep the rows that were in it, on both engines.

use taxhome::domain::inquiry::{Author, InquiryState};
use taxhome::domain::time::Timestamp;
use taxhome::store::inquiries::{self, NewInquiry};
use taxhome::store::inquiry_messages::{self, NewMessage};

use crate::harness::db::grown_store;

#[tokio::test]
async fn inquiries_from_before_web_askers_keep_their_chat_their_words_and_their_rules() {
    let store = grown_store(
        190,
        &[
            "INSERT INTO channels (id, kind, address, title, scope, is_target, reachable, answers, free_at, frozen_until, created_at) \
             VALUES ('chn_1', 'telegram', '11', '甲', 'private', 0, 1, 1, 0, 0, 1)",
            "INSERT INTO inquiries (id, channel, person, person_name, channel_id, question, passages, score, tax, state, assignee, queued_at, \
             taken_at) VALUES ('inq_1', 'telegram', '11', '甲', 'chn_1', '个税怎么退', '[\"《甲》：乙\"]', 0.5, '个人所得税', 'human', '王芳', \
             1000, 2000)",
            "INSERT INTO inquiry_messages (id, inquiry_id, author, name, text, said_at) VALUES ('inm_2', 'inq_1', 'staff', '王芳', '请稍等', 3000)",
            "INSERT INTO inquiry_messages (id, inquiry_id, author, name, text, said_at) VALUES ('inm_1', 'inq_1', 'asker', '甲', '个税怎么退', 1000)",
        ],
    )
    .await;
    let now = Timestamp::from_millis(4000);
    let mut tx = store.begin().await.unwrap();
    let kept = inquiries::get(&mut tx, "inq_1").await.unwrap().unwrap();
    assert_eq!(kept.channel_id.as_deref(), Some("chn_1"));
    assert_eq!((kept.state, kept.assignee.as_deref(), kept.served), (InquiryState::Human, Some("王芳"), true));
    assert_eq!((kept.passages, kept.score, kept.tax.as_str()), (vec!["《甲》：乙".to_owned()], 0.5, "个人所得税"));

    let new = NewMessage { author: Author::Asker, name: "甲", text: "好的", once: Some("t1") };
    assert!(inquiry_messages::say(&mut tx, "inq_1", &new, now).await.unwrap().is_some());
    assert!(inquiry_messages::say(&mut tx, "inq_1", &new, now).await.unwrap().is_none(), "one form, one message");
    let said = inquiry_messages::said(&mut tx, "inq_1").await.unwrap();
    let texts: Vec<&str> = said.iter().map(|said| said.text.as_str()).collect();
    assert_eq!(texts, ["个税怎么退", "请稍等", "好的"]);

    // Still one open inquiry a person, now without a chat too.
    let mut another = NewInquiry {
        channel: "telegram",
        person: "11",
        person_name: "甲",
        channel_id: Some("chn_1"),
        question: "再问",
        passages: &[],
        score: 0.0,
        tax: "",
    };
    assert_eq!(inquiries::open(&mut tx, &another, now).await.unwrap(), None);
    (another.channel, another.person, another.channel_id) = ("web", "abc", None);
    assert!(inquiries::open(&mut tx, &another, now).await.unwrap().is_some());
    tx.commit().await.unwrap();

    let mut tx = store.begin().await.unwrap();
    another.person = "def";
    another.channel_id = Some("chn_of_nobody");
    assert!(inquiries::open(&mut tx, &another, now).await.is_err(), "a chat that is none is still refused");
}
