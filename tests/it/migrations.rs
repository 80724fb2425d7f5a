//! Migrations that change a table keep the rows that were in it, on both engines.

use taxhome::domain::inquiry::{Author, InquiryState};
use taxhome::domain::time::Timestamp;
use taxhome::store::inquiries::{self, NewInquiry};
use taxhome::store::inquiry_messages::{self, NewMessage};
use taxhome::store::{certificates, classes, quizzes};

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

#[tokio::test]
async fn classes_certificates_and_quizzes_from_before_the_school_changed_keep_their_sessions_and_codes() {
    let class = "INSERT INTO classes (id, title, starts_at, ends_at, place, capacity, reminders, targets, state, sequence, author, created_at, \
        updated_at) VALUES ('cls_1', '第一课', 1000, 2000, '三楼', 5, '[60]', '{\"tags\":[\"*\"]}', 'published', 2, 'usr_1', 1, 1)";
    let store = grown_store(
        270,
        &[
            class,
            "INSERT INTO class_sessions (class_id, number, starts_at, ends_at, sequence, code) VALUES ('cls_1', 1, 1000, 2000, 2, '123456')",
            "INSERT INTO enrolments (id, class_id, channel, person, display_name, state, place_in_line, created_at, updated_at) \
             VALUES ('enr_1', 'cls_1', 'web', 'abc', '王芳', 'enrolled', 1, 1, 1)",
            "INSERT INTO certificates (code, class_id, enrolment_id, issued_at) VALUES ('7K2M-9QXR-4HTP', 'cls_1', 'enr_1', 2500)",
            "INSERT INTO quizzes (id, kind, title, bank, items, opens_at, closes_at, attempts, pass_percent, winners, prize, seed, author, \
             created_at) VALUES ('quz_1', 'prize', '答题', 'b', '[]', 1, 2, 1, 80, 1, '', 'seed', 'usr_1', 1)",
            "INSERT INTO quiz_entries (quiz_id, number, channel, person, attempt, display_name, total, created_at) \
             VALUES ('quz_1', 1, 'web', 'abc', 1, '王芳', 1, 1), ('quz_1', 2, 'telegram', '11', 1, '李四', 1, 1)",
        ],
    )
    .await;
    let now = Timestamp::from_millis(4000);
    let mut tx = store.begin().await.unwrap();
    let class = classes::get(&mut tx, "cls_1", "").await.unwrap().unwrap().class;
    assert_eq!((class.sessions.len(), class.sessions[0].sequence, class.called_off.len()), (1, 2, 0));
    let kept = certificates::get(&mut tx, "7K2M-9QXR-4HTP").await.unwrap().unwrap();
    assert_eq!((kept.issued_at, kept.revoked_at), (Timestamp::from_millis(2500), None));
    assert!(certificates::issue(&mut tx, "cls_1", "enr_1", now).await.unwrap().is_none(), "one that holds is enough");
    certificates::revoke(&mut tx, &kept.code, now).await.unwrap();
    let second = certificates::issue(&mut tx, "cls_1", "enr_1", now).await.unwrap().unwrap();
    assert!(second.code != kept.code && certificates::issue(&mut tx, "cls_1", "enr_1", now).await.unwrap().is_none());
    assert_eq!(certificates::get(&mut tx, &kept.code).await.unwrap().unwrap().revoked_at, Some(now));
    let entries = quizzes::entries(&mut tx, "quz_1").await.unwrap();
    let quiz = quizzes::get(&mut tx, "quz_1", "").await.unwrap().unwrap();
    assert_eq!(
        entries.iter().map(|entry| quiz.is_one_person(entry)).collect::<Vec<_>>(),
        [false, true],
        "by the rule it was announced with"
    );
}
