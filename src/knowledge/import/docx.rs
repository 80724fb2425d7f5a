//! A Word document (.docx, as Word, WPS and LibreOffice write it) to text with headings and rows of tables. The file is a zip of XML from
//! outside: its size is bounded before anything is unpacked, and XML with a document type is refused.

use std::io::Read;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::knowledge::import::package::MAX_UNPACKED;
use crate::knowledge::import::{Refusal, lines, package};

const DOCUMENT: &str = "word/document.xml";

/// Reads a document.
pub fn read(file: &str, bytes: &[u8]) -> Result<String, Refusal> {
    let refused = |reason: String| Refusal::Structure { file: file.to_owned(), reason };
    let mut archive = package::open(bytes).map_err(|fault| refused(fault.words("Word", ".docx")))?;
    let part = archive.by_name(DOCUMENT).map_err(|_| refused("里面没有正文，请用 Word 或 WPS 另存为 .docx".to_owned()))?;
    let mut xml = Vec::new();
    // Sizes in the directory may lie; what is really read is bounded as well.
    part.take(MAX_UNPACKED + 1).read_to_end(&mut xml).map_err(|error| refused(error.to_string()))?;
    if xml.len() as u64 > MAX_UNPACKED {
        return Err(refused("解压后超过 200 MB 上限".to_owned()));
    }
    text_of(&xml).map_err(refused)
}

fn text_of(xml: &[u8]) -> Result<String, String> {
    let mut reader = Reader::from_reader(xml);
    let mut out = String::new();
    let mut paragraph = String::new();
    let mut heading: Option<&str> = None;
    let (mut in_text, mut cells) = (false, 0_usize);
    loop {
        match reader.read_event().map_err(|error| format!("正文损坏：{error}"))? {
            Event::DocType(_) => return Err("含有文档类型声明（DTD），不予导入".to_owned()),
            Event::Start(element) | Event::Empty(element) if element.local_name().as_ref() == "pStyle" => {
                heading = heading_of(&element).or(heading);
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
                    let text = lines::squeezed(&paragraph);
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
