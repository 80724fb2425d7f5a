//! The ledger as a file for a spreadsheet. A cell that a spreadsheet would take for a formula is made plain text.

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, XlsxError};

use crate::domain::ledger::LedgerItem;
use crate::replies::ledger::{HEADS, row};

/// Media type of a workbook.
pub const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// What a spreadsheet begins a formula with.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// Columns with sentences, which need room.
const WIDE: [usize; 2] = [4, 10];

/// As CSV; the byte-order mark makes Excel read Chinese.
pub fn csv(items: &[LedgerItem], today: NaiveDate) -> String {
    let mut text = String::from('\u{feff}');
    let mut line = |cells: &[String]| {
        let cells: Vec<String> = cells.iter().map(|cell| cell_of(cell)).collect();
        text.push_str(&cells.join(","));
        text.push_str("\r\n");
    };
    line(&HEADS.map(str::to_owned));
    for item in items {
        line(&row(item, today));
    }
    text
}

fn cell_of(text: &str) -> String {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// As a workbook. Every cell is written as text: nothing in it is ever worked out.
pub fn workbook(items: &[LedgerItem], today: NaiveDate) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (bold, wrapped) = (Format::new().set_bold(), Format::new().set_text_wrap().set_align(FormatAlign::Top));
    let sheet = book.add_worksheet();
    sheet.set_name("意见建议台账")?;
    for (column, head) in (0..).zip(HEADS) {
        sheet.write_string_with_format(0, column, head, &bold)?;
        sheet.set_column_width(column, if WIDE.contains(&usize::from(column)) { 48 } else { 14 })?;
    }
    for (at, item) in (1..).zip(items) {
        for (column, cell) in (0..).zip(row(item, today)) {
            sheet.write_string_with_format(at, column, cell, &wrapped)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}
