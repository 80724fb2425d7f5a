//! Words of a class's summary, on the page and in the workbook.

use crate::domain::class_summary::{ClassSummary, QuestionSummary, SurveySummary, VoteResult};
use crate::domain::time::Timestamp;

/// Names of the workbook's sheets, and of the page's parts.
pub const FIGURES: &str = "人数";
pub const SCORES: &str = "问卷打分";
pub const COMMENTS: &str = "问卷留言";
pub const VOTES: &str = "下一课投票";
pub const FIGURE_HEADS: [&str; 2] = ["项目", "人数"];
pub const SCORE_HEADS: [&str; 7] = ["问题", "1 分", "2 分", "3 分", "4 分", "5 分", "平均"];
pub const COMMENT_HEADS: [&str; 2] = ["问题", "留言"];
pub const VOTE_HEADS: [&str; 3] = ["内容", "票数", "截止"];
pub const COMMENTS_NOTE: &str = "不记姓名，号码已隐去";
pub const VOTES_NOTE: &str = "每人一票，可以改选，最后一次算数";

/// Each figure with its name.
pub fn figures(summary: &ClassSummary) -> Vec<(&'static str, i64)> {
    vec![
        ("报名", summary.enrolled),
        ("候补", summary.waitlisted),
        ("取消", summary.cancelled),
        ("到课", summary.came),
        ("缺席", summary.absent),
        ("收到问卷", summary.survey.asked),
        ("答完问卷", summary.survey.finished),
    ]
}

/// How the survey went, in a sentence.
pub fn answered(survey: &SurveySummary) -> String {
    format!("问了 {} 人，答完 {} 人，不再回答 {} 人", survey.asked, survey.finished, survey.stopped)
}

/// A question with its mean.
pub fn scored(question: &QuestionSummary) -> String {
    match question.mean {
        Some(mean) => format!("{}（平均 {mean:.1} 分，{} 人）", question.text, question.scores.iter().sum::<i64>()),
        None => format!("{}（还没有人打分）", question.text),
    }
}

/// Until when, and how it stands.
pub fn vote_line(vote: &VoteResult, now: Timestamp) -> String {
    let many: i64 = vote.topics.iter().map(|topic| topic.ballots).sum();
    let state = if vote.closes_at <= now { "已截止" } else { "进行中" };
    format!("{state}，{} 截止，共 {many} 票", vote.closes_at.chinese())
}
