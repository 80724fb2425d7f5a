//! The summary of a class as a workbook: figures, scores, what was written, votes.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::domain::class_summary::ClassSummary;
use crate::domain::survey::Kind;
use crate::replies::class_summary as words;

/// A cell: words, or a number that a sheet can add.
enum Value {
    Text(String),
    Number(f64),
}

/// The workbook.
pub fn workbook(summary: &ClassSummary) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let whole = |number: i64| Value::Number(f64::from(i32::try_from(number).unwrap_or(i32::MAX)));
    let text = |text: &str| Value::Text(text.to_owned());

    let figures = words::figures(summary).into_iter().map(|(name, many)| vec![text(name), whole(many)]).collect();
    fill(book.add_worksheet(), words::FIGURES, &summary.class.title, &words::FIGURE_HEADS, figures)?;

    let mut scores = Vec::new();
    let mut comments = Vec::new();
    for question in &summary.survey.questions {
        if question.kind == Kind::Score {
            let mut row = vec![text(&question.text)];
            row.extend(question.scores.iter().map(|many| whole(*many)));
            row.push(question.mean.map_or_else(|| text(""), |mean| Value::Number((mean * 100.0).round() / 100.0)));
            scores.push(row);
        }
        comments.extend(question.comments.iter().map(|comment| vec![text(&question.text), text(comment)]));
    }
    fill(book.add_worksheet(), words::SCORES, &words::answered(&summary.survey), &words::SCORE_HEADS, scores)?;
    fill(book.add_worksheet(), words::COMMENTS, words::COMMENTS_NOTE, &words::COMMENT_HEADS, comments)?;

    let votes = summary.votes.iter().flat_map(|vote| vote.topics.iter().map(move |topic| (vote, topic)));
    let votes = votes.map(|(vote, topic)| vec![text(&topic.topic), whole(topic.ballots), text(&vote.closes_at.chinese())]).collect();
    fill(book.add_worksheet(), words::VOTES, words::VOTES_NOTE, &words::VOTE_HEADS, votes)?;
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, name: &str, note: &str, heads: &[&str], rows: Vec<Vec<Value>>) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap();
    sheet.set_name(name)?;
    sheet.write_with_format(0, 0, note, &bold)?;
    for (column, head) in (0..).zip(heads) {
        sheet.write_with_format(2, column, *head, &bold)?;
        sheet.set_column_width(column, if column == 0 || heads.len() == 2 { 36 } else { 14 })?;
    }
    for (row, values) in (3..).zip(rows) {
        for (column, value) in (0..).zip(values) {
            match value {
                // Written as a string, never as a formula.
                Value::Text(text) => sheet.write_string_with_format(row, column, text, &wrapped)?,
                Value::Number(number) => sheet.write_number(row, column, number)?,
            };
        }
    }
    Ok(())
}
