//! A class as workbooks: its summary (figures, scores, what was written, votes) and its roster (who came when, who did not).

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use crate::broadcasts::check_in::Attendance;
use crate::domain::class::EnrolmentState;
use crate::domain::class_summary::ClassSummary;
use crate::domain::survey::Kind;
use crate::domain::time::Timestamp;
use crate::replies::{class_console, class_summary as words};

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

/// Who is on the list and when they came to each session, and who did not come to those that are over. `answers` where whoever reads it
/// may see what people told the trainer.
pub fn roster(attendance: &Attendance, answers: bool, now: Timestamp) -> Result<Vec<u8>, XlsxError> {
    let class = &attendance.class;
    let text = |text: &str| Value::Text(text.to_owned());
    let whole = |number: usize| Value::Number(f64::from(u32::try_from(number).unwrap_or(u32::MAX)));
    let fields = if answers { class.fields.as_slice() } else { &[] };
    let mut heads: Vec<String> = class_console::ROSTER_HEADS.map(str::to_owned).to_vec();
    heads.extend(fields.iter().map(|field| field.label.clone()));
    heads.extend(class.sessions.iter().map(|session| class_console::came_to(class, session.number)));
    heads.push(class_console::TIMES_COME.to_owned());
    let (mut rows, mut waiting) = (Vec::new(), 0);
    for (number, (there, came)) in (1..).zip(&attendance.people) {
        let waits = there.state == EnrolmentState::Waitlisted;
        waiting += usize::from(waits);
        let mut row = vec![whole(number), text(&there.display_name), text(class_console::enrolment_state(there.state).1)];
        row.push(if waits { whole(waiting) } else { text("") });
        row.extend(fields.iter().map(|field| text(there.answers.get(&field.label).map_or("", String::as_str))));
        for session in &class.sessions {
            let at = came.iter().find(|check_in| check_in.session == session.number).map(|check_in| check_in.at.chinese());
            row.push(Value::Text(at.unwrap_or_default()));
        }
        row.push(whole(came.len()));
        rows.push(row);
    }
    let mut absent = Vec::new();
    for session in class.sessions.iter().filter(|session| session.ends_at <= now) {
        let which = usize::try_from(session.number).unwrap_or_default();
        for there in attendance.absent(session.number) {
            absent.push(vec![whole(which), Value::Text(session.starts_at.chinese()), text(&there.display_name)]);
        }
    }
    let mut book = Workbook::new();
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    fill(book.add_worksheet(), class_console::ROSTER, &class.title, &heads, rows)?;
    fill(book.add_worksheet(), class_console::ABSENT, class_console::absent_note(), &class_console::ABSENT_HEADS, absent)?;
    book.save_to_buffer()
}

fn fill(sheet: &mut Worksheet, name: &str, note: &str, heads: &[&str], rows: Vec<Vec<Value>>) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap();
    sheet.set_name(name)?;
    sheet.write_with_format(0, 0, note, &bold)?;
    for (column, head) in (0..).zip(heads) {
        sheet.write_with_format(2, column, *head, &bold)?;
        sheet.set_column_width(column, width(heads, column))?;
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

/// In characters: the first column of a sheet of figures names them; times need room.
fn width(heads: &[&str], column: u16) -> u32 {
    match heads.get(usize::from(column)) {
        Some(head) if *head == class_console::ROSTER_HEADS[0] => 8,
        Some(head) if class_console::is_time(head) => 22,
        _ if column == 0 || heads.len() == 2 => 36,
        _ => 14,
    }
}
