//! The report of a promotion month as a document to edit, print and file away: conclusion, tables, what was noted, and photos.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::domain::render::escape as escape_markup;
use crate::domain::report::CampaignReport;
use crate::replies::reports;
use crate::web::report_files::{notes, outing_rows};

const CONTENT_TYPES: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="jpg" ContentType="image/jpeg"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/><Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/></Types>"#;
const RELATIONS: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>"#;
const FOOTER: &str = r#"<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<w:ftr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t xml:space="preserve">第 </w:t></w:r><w:fldSimple w:instr="PAGE"><w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t>1</w:t></w:r></w:fldSimple><w:r><w:rPr><w:sz w:val="18"/></w:rPr><w:t xml:space="preserve"> 页</w:t></w:r></w:p></w:ftr>"#;
const FOOTER_RELATION: &str =
    r#"<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/>"#;
/// A4 lying down would hide the table on a phone; upright with narrow margins it fits.
const SECTION: &str = r#"<w:sectPr><w:footerReference w:type="default" r:id="rId1"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="850" w:bottom="1134" w:left="850" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>"#;
const NAMES: &str = r#"xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing""#;
/// In half points.
const TITLE_SIZE: u32 = 36;
const HEADING_SIZE: u32 = 28;
const TEXT_SIZE: u32 = 21;
const CELL_SIZE: u32 = 18;
/// Widths of columns in twentieths of a point; all sums are the page without its margins.
const ITEM_WIDTHS: [u32; 6] = [2250, 2056, 1000, 1150, 2250, 1500];
const OUTING_WIDTHS: [u32; 7] = [2250, 1956, 2200, 950, 950, 950, 950];
const CLASS_WIDTHS: [u32; 6] = [2250, 2656, 2100, 1100, 1050, 1050];
const PHOTO_WIDTHS: [u32; 2] = [5103, 5103];
/// Largest photo, in English Metric Units (36,000 a millimetre): 86 by 65 mm, two in a row.
const PHOTO_WIDTH: u64 = 3_096_000;
const PHOTO_HEIGHT: u64 = 2_340_000;

/// A photo as it stands in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    pub under: String,
    pub jpeg: Vec<u8>,
    /// In pixels.
    pub width: u32,
    pub height: u32,
}

/// The parts of a line of text.
#[derive(Clone, Copy)]
struct Look {
    half_points: u32,
    bold: bool,
    centred: bool,
}

/// The report with these photos; `left_out` more exist.
pub fn document(report: &CampaignReport, pictures: &[Picture], left_out: usize) -> anyhow::Result<Vec<u8>> {
    let mut body = paragraph(&reports::title(report), Look { half_points: TITLE_SIZE, bold: true, centred: true });
    let period = format!("{} · {}", reports::period(report), reports::made_at(report));
    body.push_str(&paragraph(&period, Look { half_points: TEXT_SIZE, bold: false, centred: true }));
    for line in reports::summary(report) {
        body.push_str(&text(&line));
    }
    body.push_str(&heading(reports::items_heading()));
    body.push_str(&table(&reports::ITEM_HEADS, &ITEM_WIDTHS, report.items.iter().map(|item| reports::item_row(item).to_vec())));
    let outings = outing_rows(report);
    if !outings.is_empty() {
        body.push_str(&heading(reports::outings_heading()));
        body.push_str(&table(&reports::OUTING_HEADS, &OUTING_WIDTHS, outings.into_iter()));
    }
    for note in notes(report) {
        body.push_str(&text(&note));
    }
    if !report.classes.is_empty() {
        body.push_str(&heading(reports::classes_heading()));
        body.push_str(&table(&reports::CLASS_HEADS, &CLASS_WIDTHS, report.classes.iter().map(|class| reports::class_row(class).to_vec())));
    }
    if !pictures.is_empty() || left_out > 0 {
        body.push_str(&heading(reports::photos_heading()));
        body.push_str(&photos(pictures));
        if left_out > 0 {
            body.push_str(&text(&reports::photos_left_out(left_out)));
        }
    }
    package(&body, pictures)
}

fn package(body: &str, pictures: &[Picture]) -> anyhow::Result<Vec<u8>> {
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
    let document = format!("{head}<w:document {NAMES}><w:body>{body}{SECTION}</w:body></w:document>");
    let images: String = (1..=pictures.len()).map(image_relation).collect();
    let relations = format!(
        "{head}<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{FOOTER_RELATION}{images}</Relationships>"
    );
    let texts = [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", RELATIONS),
        ("word/document.xml", &document),
        ("word/_rels/document.xml.rels", &relations),
        ("word/footer1.xml", FOOTER),
    ];
    let mut package = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in texts {
        package.start_file(name, SimpleFileOptions::default())?;
        package.write_all(text.as_bytes())?;
    }
    for (number, picture) in (1..).zip(pictures) {
        package
            .start_file(format!("word/media/{number}.jpg"), SimpleFileOptions::default().compression_method(CompressionMethod::Stored))?;
        package.write_all(&picture.jpeg)?;
    }
    Ok(package.finish()?.into_inner())
}

fn image_relation(number: usize) -> String {
    format!(
        "<Relationship Id=\"img{number}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/image\" Target=\"media/{number}.jpg\"/>"
    )
}

fn heading(text: &str) -> String {
    paragraph(text, Look { half_points: HEADING_SIZE, bold: true, centred: false })
}

fn text(text: &str) -> String {
    paragraph(text, Look { half_points: TEXT_SIZE, bold: false, centred: false })
}

fn paragraph(text: &str, look: Look) -> String {
    let Look { half_points, bold, centred } = look;
    // A heading stays with what it stands over.
    let keep = if bold && half_points > TEXT_SIZE { "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/>" } else { "" };
    let centre = if centred { "<w:jc w:val=\"center\"/>" } else { "" };
    let (font, bold) = if bold { ("黑体", "<w:b/>") } else { ("宋体", "") };
    format!(
        "<w:p><w:pPr>{keep}{centre}</w:pPr><w:r><w:rPr><w:rFonts w:ascii=\"Times New Roman\" w:hAnsi=\"Times New Roman\" w:eastAsia=\"{font}\"/>{bold}\
         <w:sz w:val=\"{half_points}\"/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r></w:p>",
        escape(text)
    )
}

fn table(heads: &[&str], widths: &[u32], rows: impl Iterator<Item = Vec<String>>) -> String {
    let head: Vec<String> = heads.iter().map(|head| paragraph(head, Look { half_points: CELL_SIZE, bold: true, centred: false })).collect();
    let cells = |row: Vec<String>| {
        row.iter().map(|cell| paragraph(cell, Look { half_points: CELL_SIZE, bold: false, centred: false })).collect::<Vec<String>>()
    };
    let edges: String = ["top", "left", "bottom", "right", "insideH", "insideV"]
        .iter()
        .map(|edge| format!("<w:{edge} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"808080\"/>"))
        .collect();
    let rows: String = rows.map(|line| row(&cells(line), widths, "", "")).collect();
    let head = row(&head, widths, "<w:tblHeader/>", "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"E8EEF5\"/>");
    grid(widths, &format!("<w:tblBorders>{edges}</w:tblBorders>"), &format!("{head}{rows}"))
}

/// Fixed widths: a reader that measures words itself makes narrow columns of Chinese. The paragraph behind it keeps tables apart.
fn grid(widths: &[u32], edges: &str, rows: &str) -> String {
    let columns: String = widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect();
    let all: u32 = widths.iter().sum();
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{all}\" w:type=\"dxa\"/>{edges}<w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>{columns}</w:tblGrid>{rows}</w:tbl><w:p/>"
    )
}

fn row(cells: &[String], widths: &[u32], head: &str, shade: &str) -> String {
    let cells: String = cells
        .iter()
        .zip(widths)
        .map(|(cell, width)| format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/>{shade}</w:tcPr>{cell}</w:tc>"))
        .collect();
    format!("<w:tr><w:trPr><w:cantSplit/>{head}</w:trPr>{cells}</w:tr>")
}

/// Two in a row, what they show underneath.
fn photos(pictures: &[Picture]) -> String {
    if pictures.is_empty() {
        return String::new();
    }
    let numbered: Vec<(usize, &Picture)> = (1..).zip(pictures).collect();
    let cell = |(number, picture): &(usize, &Picture)| {
        let under = paragraph(&picture.under, Look { half_points: CELL_SIZE, bold: false, centred: true });
        format!("<w:p><w:pPr><w:keepNext/><w:jc w:val=\"center\"/></w:pPr><w:r>{}</w:r></w:p>{under}", drawing(*number, picture))
    };
    let rows: String = numbered
        .chunks(PHOTO_WIDTHS.len())
        .map(|pair| {
            let mut cells: Vec<String> = pair.iter().map(cell).collect();
            cells.resize(PHOTO_WIDTHS.len(), "<w:p/>".to_owned());
            row(&cells, &PHOTO_WIDTHS, "", "")
        })
        .collect();
    grid(&PHOTO_WIDTHS, "", &rows)
}

fn drawing(number: usize, picture: &Picture) -> String {
    let (across, down) = (u64::from(picture.width.max(1)), u64::from(picture.height.max(1)));
    let wide = PHOTO_WIDTH.min(PHOTO_HEIGHT * across / down).max(1);
    let high = (wide * down / across).max(1);
    let name = escape(&picture.under);
    format!(
        "<w:drawing><wp:inline distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\"><wp:extent cx=\"{wide}\" cy=\"{high}\"/>\
         <wp:docPr id=\"{number}\" name=\"{number}\" descr=\"{name}\"/>\
         <a:graphic xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\">\
         <a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
         <pic:pic xmlns:pic=\"http://schemas.openxmlformats.org/drawingml/2006/picture\">\
         <pic:nvPicPr><pic:cNvPr id=\"{number}\" name=\"{number}\"/><pic:cNvPicPr/></pic:nvPicPr>\
         <pic:blipFill><a:blip r:embed=\"img{number}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
         <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{wide}\" cy=\"{high}\"/></a:xfrm><a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr>\
         </pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>"
    )
}

fn escape(text: &str) -> String {
    let safe = |c: &char| matches!(c, '\t' | '\n' | '\r') || *c >= ' ';
    escape_markup(&text.chars().filter(safe).collect::<String>())
}
