//! The report of a promotion month as a file: a workbook, or a document to edit and file away.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::domain::campaign::ItemKind;
use crate::domain::report::CampaignReport;
use crate::replies::reports;

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
/// A4 lying down would hide the table on a phone; upright with narrow margins it fits.
const SECTION: &str = r#"<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="850" w:bottom="1134" w:left="850" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>"#;
/// In half points.
const TITLE_SIZE: u32 = 36;
const HEADING_SIZE: u32 = 28;
const TEXT_SIZE: u32 = 21;

/// As a workbook: one sheet for what was sent, one for the outings.
pub fn workbook(report: &CampaignReport) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let rows = report.items.iter().map(|item| reports::item_row(item).to_vec()).collect();
    fill(book.add_worksheet(), reports::items_heading(), report, &reports::ITEM_HEADS, rows)?;
    fill(book.add_worksheet(), reports::outings_heading(), report, &reports::OUTING_HEADS, outing_rows(report))?;
    book.save_to_buffer()
}

fn outing_rows(report: &CampaignReport) -> Vec<Vec<String>> {
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

/// As a document.
pub fn document(report: &CampaignReport) -> anyhow::Result<Vec<u8>> {
    let mut body = paragraph(&reports::title(report), TITLE_SIZE);
    body.push_str(&paragraph(&reports::period(report), TEXT_SIZE));
    for line in reports::summary(report) {
        body.push_str(&paragraph(&line, TEXT_SIZE));
    }
    body.push_str(&paragraph(reports::items_heading(), HEADING_SIZE));
    body.push_str(&table(&reports::ITEM_HEADS, report.items.iter().map(|item| reports::item_row(item).to_vec())));
    let outings = outing_rows(report);
    if !outings.is_empty() {
        body.push_str(&paragraph(reports::outings_heading(), HEADING_SIZE));
        body.push_str(&table(&reports::OUTING_HEADS, outings.into_iter()));
    }
    body.push_str(&paragraph(&reports::made_at(report), TEXT_SIZE));
    let document = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document \
         xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body>{body}{SECTION}</w:body></w:document>"
    );
    let mut package = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in [("[Content_Types].xml", CONTENT_TYPES), ("_rels/.rels", RELATIONS), ("word/document.xml", &document)] {
        package.start_file(name, SimpleFileOptions::default())?;
        package.write_all(text.as_bytes())?;
    }
    Ok(package.finish()?.into_inner())
}

fn paragraph(text: &str, half_points: u32) -> String {
    let bold = if half_points > TEXT_SIZE { "<w:b/>" } else { "" };
    format!(
        "<w:p><w:r><w:rPr><w:rFonts w:eastAsia=\"宋体\"/>{bold}<w:sz w:val=\"{half_points}\"/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
        escape(text)
    )
}

fn table(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("<w:tc>{}</w:tc>", paragraph(cell, TEXT_SIZE))).collect();
        format!("<w:tr>{cells}</w:tr>")
    };
    let edges: String = ["top", "left", "bottom", "right", "insideH", "insideV"]
        .iter()
        .map(|edge| format!("<w:{edge} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"808080\"/>"))
        .collect();
    let grid: String = heads.iter().map(|_| "<w:gridCol/>").collect();
    let head = row(heads.iter().map(|head| (*head).to_owned()).collect());
    let rows: String = rows.map(row).collect();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"0\" w:type=\"auto\"/><w:tblBorders>{edges}</w:tblBorders></w:tblPr><w:tblGrid>{grid}</w:tblGrid>{head}{rows}</w:tbl>"
    )
}

fn escape(text: &str) -> String {
    let safe = |c: char| matches!(c, '\t' | '\n' | '\r') || c >= ' ';
    crate::domain::render::escape(&text.chars().filter(|c| safe(*c)).collect::<String>())
}
