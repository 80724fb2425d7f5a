//! A Word document (.docx, as Word, WPS and LibreOffice write it) to text with headings and rows of tables. The file is a zip of XML from
//! outside: its size is bounded before anything is unpacked, and XML with a document type is refused.

use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::knowledge::import::numbering::{Numbering, Place, attribute, number};
use crate::knowledge::import::package::MAX_UNPACKED;
use crate::knowledge::import::{Refusal, lines, package};

const DOCUMENT: &str = "word/document.xml";

/// Reads a document.
pub fn read(file: &str, bytes: &[u8]) -> Result<String, Refusal> {
    let refused = |reason: String| Refusal::Structure { file: file.to_owned(), reason };
    let mut archive = package::open(bytes).map_err(|fault| refused(fault.words("Word", ".docx")))?;
    let mut part = |name: &str| -> Result<Option<Vec<u8>>, Refusal> {
        let Ok(part) = archive.by_name(name) else { return Ok(None) };
        let mut xml = Vec::new();
        // Sizes in the directory may lie; what is really read is bounded as well.
        part.take(MAX_UNPACKED + 1).read_to_end(&mut xml).map_err(|error| refused(error.to_string()))?;
        if xml.len() as u64 > MAX_UNPACKED {
            return Err(refused("解压后超过 200 MB 上限".to_owned()));
        }
        Ok(Some(xml))
    };
    let xml = part(DOCUMENT)?.ok_or_else(|| refused("里面没有正文，请用 Word 或 WPS 另存为 .docx".to_owned()))?;
    let numbering = Numbering::of(&part("word/numbering.xml")?.unwrap_or_default(), &part("word/styles.xml")?.unwrap_or_default());
    text_of(&xml, numbering).map_err(refused)
}

fn text_of(xml: &[u8], mut numbering: Numbering) -> Result<String, String> {
    let mut reader = Reader::from_reader(xml);
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut heading: Option<&str> = None;
    let mut place: Option<Place> = None;
    let (mut in_text, mut cells) = (false, 0_usize);
    // What older programs show instead of a text box says the same once more.
    let mut instead = 0_usize;
    loop {
        match reader.read_event().map_err(|error| format!("正文损坏：{error}"))? {
            Event::DocType(_) => return Err("含有文档类型声明（DTD），不予导入".to_owned()),
            Event::Start(element) if instead > 0 || element.local_name().as_ref() == "Fallback" => {
                instead += usize::from(is_fallback(&element))
            }
            Event::End(element) if instead > 0 => instead -= usize::from(element.local_name().as_ref() == "Fallback"),
            _ if instead > 0 => {}
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "pStyle" => {
                heading = heading_of(&element).or(heading);
                place = attribute(&element, "val").and_then(|style| numbering.of_style(&style)).or(place);
            }
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "ilvl" => {
                place.get_or_insert_default().level = number(&element, "val").unwrap_or_default() as usize;
            }
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "numId" => {
                place.get_or_insert_default().list = number(&element, "val").unwrap_or_default();
            }
            Event::Empty(element) => match element.local_name().as_ref() {
                "tab" | "br" => paragraph.push(' '),
                _ => {}
            },
            Event::Start(element) => match element.local_name().as_ref() {
                "t" => in_text = true,
                "tc" => cells += 1,
                "tr" => out.push_str("\n| "),
                _ => {}
            },
            Event::Text(text) if in_text => paragraph.push_str(&text),
            Event::GeneralRef(name) if in_text => paragraph.push_str(character_of(&name)),
            Event::End(element) => match element.local_name().as_ref() {
                "t" => in_text = false,
                "tc" => {
                    cells = cells.saturating_sub(1);
                    out.push_str(" | ");
                }
                "tr" => out.push('\n'),
                "p" => {
                    let mut text = lines::squeezed(&paragraph);
                    if let Some(number) = place.take().filter(|_| !text.is_empty()).and_then(|place| numbering.next(place)) {
                        text = format!("{}{}{text}", number.trim(), if is_article(&number) { " " } else { "" });
                    }
                    if cells > 0 {
                        out.push_str(&text);
                    } else {
                        out.push_str(&format!("\n{}{text}\n", heading.unwrap_or_default()));
                    }
                    paragraph.clear();
                    heading = None;
                }
                _ => {}
            },
            Event::Eof => break,
            _ => {}
        }
    }
    Ok(lines::tidy(&out))
}

fn is_fallback(element: &BytesStart<'_>) -> bool {
    element.local_name().as_ref() == "Fallback"
}

/// 第X条, 第X章: a space parts them from what follows.
fn is_article(number: &str) -> bool {
    number.trim_start().starts_with('第')
}

/// The mark of a heading style, as Word, WPS and LibreOffice name them.
fn heading_of(element: &BytesStart<'_>) -> Option<&'static str> {
    let style = element.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == "val")?;
    match style.value.to_lowercase().as_str() {
        "title" | "heading1" | "1" | "标题1" => Some("# "),
        "heading2" | "2" | "标题2" => Some("## "),
        "heading3" | "heading4" | "3" | "4" | "标题3" => Some("### "),
        _ => None,
    }
}

/// The five names XML knows of itself.
fn character_of(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}
