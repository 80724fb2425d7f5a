//! A workbook of questions and answers (.xlsx), as clerks keep them: one question a row, under headings in the first rows. It becomes one
//! document of kind `faq`, a section for each question, so that every answer is quoted with its 依据.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, XlsxError};

use crate::knowledge::import::{Refusal, lines, package};

const MAX_ROWS: usize = 5_000;
/// Columns further to the right hold no questions.
const MAX_COLUMNS: u32 = 64;
/// Rows in which the headings are looked for; titles and notes may stand above them.
const HEAD_ROWS: usize = 10;
const QUESTION: [&str; 5] = ["问题", "提问", "咨询问题", "问", "热点问题"];
const ANSWER: [&str; 5] = ["答复", "答案", "回答", "解答", "答"];
const BASIS: [&str; 5] = ["依据", "政策依据", "文号", "文件依据", "法规依据"];

/// The text of a workbook, and the questions it answers.
#[derive(Debug, PartialEq, Eq)]
pub struct Questions {
    pub text: String,
    pub questions: Vec<String>,
    /// Rows with a question and no answer, by sheet and row: a person must look at them.
    pub unanswered: Vec<String>,
}

/// Where the columns of a sheet are.
struct Columns {
    head: usize,
    question: usize,
    answer: usize,
    basis: Option<usize>,
}

/// Reads a workbook.
pub fn read(file: &str, title: &str, bytes: &[u8]) -> Result<Questions, Refusal> {
    let refused = |reason: String| Refusal::Structure { file: file.to_owned(), reason };
    package::open(bytes).map_err(|fault| refused(fault.words("Excel", ".xlsx")))?;
    let mut workbook: Xlsx<_> =
        calamine::open_workbook_from_rs(Cursor::new(bytes)).map_err(|_| refused("不是完整的 Excel 文件（.xlsx）".to_owned()))?;
    let mut found = Questions { text: format!("# {title}\n"), questions: Vec::new(), unanswered: Vec::new() };
    for sheet in workbook.sheet_names() {
        let rows = rows(&mut workbook, &sheet).map_err(|error| refused(format!("工作表“{sheet}”损坏：{error}")))?;
        if rows.len() > MAX_ROWS + HEAD_ROWS {
            return Err(refused(format!("工作表“{sheet}”超过 {MAX_ROWS} 行上限，请拆分后再导入")));
        }
        if let Some(columns) = columns(&rows) {
            gather(&sheet, &rows, &columns, &mut found);
        }
    }
    if found.questions.is_empty() {
        return Err(refused("没有找到问答：前十行里要有“问题”和“答复”两列的表头，可另加“依据”一列".to_owned()));
    }
    found.text = lines::tidy(&found.text);
    Ok(found)
}

/// The rows that are not empty, each with its number from 1. Cell by cell: a table of all cells between two far ones would fill the memory.
fn rows(workbook: &mut Xlsx<Cursor<&[u8]>>, sheet: &str) -> Result<Vec<(u32, Vec<String>)>, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    let mut rows: BTreeMap<u32, Vec<String>> = BTreeMap::new();
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let text = words(&Data::from(cell.get_value().clone()));
        if column >= MAX_COLUMNS || text.trim().is_empty() {
            continue;
        }
        let cells = rows.entry(row + 1).or_default();
        let column = column as usize;
        if cells.len() <= column {
            cells.resize(column + 1, String::new());
        }
        cells[column] = text;
        if rows.len() > MAX_ROWS + HEAD_ROWS {
            break;
        }
    }
    Ok(rows.into_iter().collect())
}

fn gather(sheet: &str, rows: &[(u32, Vec<String>)], columns: &Columns, found: &mut Questions) {
    for (number, row) in rows.iter().skip(columns.head + 1) {
        let cell = |column: usize| row.get(column).map(String::as_str).unwrap_or_default();
        let (question, answer) = (lines::squeezed(cell(columns.question)), cell(columns.answer));
        if question.is_empty() {
            continue;
        }
        if answer.trim().is_empty() {
            found.unanswered.push(format!("{sheet} 第{number}行"));
            continue;
        }
        found.text.push_str(&format!("\n## {question}\n\n{answer}\n"));
        if let Some(basis) = columns.basis.map(cell).map(lines::squeezed).filter(|basis| !basis.is_empty()) {
            found.text.push_str(&format!("\n依据：{basis}\n"));
        }
        found.questions.push(question);
    }
}

fn columns(rows: &[(u32, Vec<String>)]) -> Option<Columns> {
    rows.iter().take(HEAD_ROWS).enumerate().find_map(|(head, (_, row))| {
        let named = |names: &[&str]| row.iter().position(|cell| names.contains(&lines::squeezed(cell).as_str()));
        Some(Columns { head, question: named(&QUESTION)?, answer: named(&ANSWER)?, basis: named(&BASIS) })
    })
}

/// A cell as people see it; whole numbers carry no decimals.
fn words(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::DateTime(date) => date.as_datetime().map(|date| date.format("%Y-%m-%d").to_string()).unwrap_or_default(),
        other => other.to_string(),
    }
}
