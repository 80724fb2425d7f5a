//! What an answer of WeCom means: the WeCom rows of the table "What the outside world's answers mean". Codes are from
//! developer.work.weixin.qq.com/document/path/90313.

use std::time::Duration;

use super::client::{Answer, Unanswered, Uploaded};
use crate::channels::Verdict;

/// 45009, and 429 from something in between: the count starts anew each minute.
const FREEZE: Duration = Duration::from_secs(60);

/// What became of a message. WeCom gives no id, so the delivery's own stands in.
pub fn of_send(answer: Result<Answer, Unanswered>, delivery: &str) -> Verdict {
    let Answer { errcode, errmsg } = match answer {
        Ok(answer) => answer,
        Err(Unanswered::NotReached(reason)) => return Verdict::NotSent { reason },
        Err(Unanswered::Unclear(reason)) => return Verdict::Unknown { reason },
        Err(Unanswered::TooMany) => return Verdict::Frozen { retry_after: FREEZE },
    };
    if errcode == 0 {
        return Verdict::Sent { message_id: format!("wecom-{delivery}"), remark: None };
    }
    refused(errcode, &errmsg)
}

/// The id WeCom gave a file, or what became of the attempt: a file that may have arrived was not posted, so it is handed over again.
pub fn of_upload(answer: Result<Uploaded, Unanswered>) -> Result<String, Verdict> {
    match answer {
        Ok(Uploaded { answer: Answer { errcode: 0, .. }, media_id }) if !media_id.is_empty() => Ok(media_id),
        Ok(Uploaded { answer: Answer { errcode: 0, .. }, .. }) => Err(Verdict::NotSent { reason: "WeCom gave the file no id".to_owned() }),
        Ok(Uploaded { answer: Answer { errcode, errmsg }, .. }) => Err(refused(errcode, &errmsg)),
        Err(Unanswered::NotReached(reason) | Unanswered::Unclear(reason)) => Err(Verdict::NotSent { reason }),
        Err(Unanswered::TooMany) => Err(Verdict::Frozen { retry_after: FREEZE }),
    }
}

fn refused(errcode: i64, errmsg: &str) -> Verdict {
    let reason = format!("{errcode} {}", first_words(errmsg));
    match errcode {
        // Busy: WeCom says that it did nothing.
        -1 => Verdict::NotSent { reason },
        45009 | 45033 => Verdict::Frozen { retry_after: FREEZE },
        // The robot was taken out of its group, or its key is wrong.
        93000 | 93004 | 40014 | 40001 => Verdict::Unreachable { reason },
        40058 | 45002 if errmsg.contains("exceed max") => Verdict::TooLong { reason },
        _ => Verdict::Failed { reason },
    }
}

/// WeCom's words without the hint and the address of the caller that it appends.
fn first_words(errmsg: &str) -> &str {
    errmsg.split(", hint:").next().unwrap_or(errmsg)
}
