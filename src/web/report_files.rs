//! The report of a promotion month as a workbook: one sheet for what was sent, one for the outings, one for the classes.

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};

use crate::domain::campaign::ItemKind;
use crate::domain::report::CampaignReport;
use crate::replies::reports;

/// The workbook.
pub fn workbook(report: &CampaignReport) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let rows = report.items.iter().map(|item| reports::item_row(item).to_vec()).collect();
    fill(book.add_worksheet(), reports::items_heading(), report, &reports::ITEM_HEADS, rows)?;
    fill(book.add_worksheet(), reports::outings_heading(), report, &reports::OUTING_HEADS, outing_rows(report))?;
    let classes = report.classes.iter().map(|class| reports::class_row(class).to_vec()).collect();
    fill(book.add_worksheet(), reports::classes_heading(), report, &reports::CLASS_HEADS, classes)?;
    book.save_to_buffer()
}

/// The outings as rows of their table.
pub(super) fn outing_rows(report: &CampaignReport) -> Vec<Vec<String>> {
    report.items.iter().filter(|item| item.kind == ItemKind::Outing).map(|item| reports::outing_row(item).to_vec()).collect()
}

fn fill(sheet: &mut Worksheet, name: &str, report: &CampaignReport, heads: &[&str], rows: Vec<Vec<String>>) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold();
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    sheet.set_name(name)?;
    sheet.write_with_format(0, 0, reports::title(report), &bold)?;
    let mut row = 1;
    for line in std::iter::once(reports::period(report)).chain(reports::summary(report)) {
        sheet.write(row, 0, line)?;
        row += 1;
    }
    row += 1;
    for (column, head) in (0..).zip(heads) {
        sheet.write_with_format(row, column, *head, &bold)?;
        sheet.set_column_width(column, if column == 1 { 36 } else { 18 })?;
    }
    for cells in rows {
        row += 1;
        for (column, cell) in (0..).zip(cells) {
            // Counts stay numbers, so that a sheet can add them.
            match cell.parse::<u32>() {
                Ok(number) => sheet.write_with_format(row, column, number, &wrapped)?,
                Err(_) => sheet.write_with_format(row, column, cell, &wrapped)?,
            };
        }
    }
    Ok(())
}

/// What was noted at the outings, one line each.
pub(super) fn notes(report: &CampaignReport) -> Vec<String> {
    report.items.iter().filter(|item| !item.note.is_empty()).map(reports::outing_note).collect()
}
