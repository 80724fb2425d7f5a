//! Files as offices have them: the same law as Markdown, as a web page and as a Word document gives the same passages (F68), and files that
//! mean harm or cannot be read are refused by name.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use taxhome::knowledge::import::{self, Imported, Refusal};
use taxhome::knowledge::{Doubt, passages_of};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const LAW: &str = "车辆购置税法(2018-12-29)";

fn fixture(ending: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(format!("{LAW}.{ending}"))
}

/// Articles with their text, layout left out.
fn articles(imported: &Imported) -> Vec<(Option<String>, String)> {
    let document = &imported.document;
    let flat = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
    passages_of(document).iter().map(|passage| (passage.article.clone(), flat(passage.text(document)))).collect()
}

fn docx(document: &[u8], others: usize) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    zip.write_all(document).unwrap();
    for at in 0..others {
        zip.start_file(format!("word/{at}.xml"), SimpleFileOptions::default()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn reason(name: &str, bytes: &[u8]) -> String {
    import::read_bytes(name, bytes).unwrap_err().to_string()
}

#[test]
fn a_web_page_and_a_word_document_give_the_passages_of_the_markdown() {
    let markdown = import::read(&fixture("md")).unwrap();
    assert!(markdown.passages > 10);
    for ending in ["html", "docx"] {
        let other = import::read(&fixture(ending)).unwrap();
        assert_eq!(articles(&other), articles(&markdown), "{ending}");
        assert_eq!(other.document.title, markdown.document.title, "{ending}");
        assert_eq!(other.document.effective_from, markdown.document.effective_from, "{ending}");
        assert!(!other.document.body.contains("首页"), "{ending}");
    }
}

#[test]
fn a_table_of_a_word_document_keeps_its_rows() {
    let xml = "<w:document xmlns:w=\"w\"><w:body><w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>税率表</w:t></w:r></w:p>\
        <w:p><w:r><w:t>税率 &lt; 3% &amp; 以下如表。</w:t></w:r></w:p>\
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>项目</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>税率</w:t></w:r></w:p></w:tc></w:tr>\
        <w:tr><w:tc><w:p><w:r><w:t>运输</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>9%</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>";
    let imported = import::read_bytes("表.docx", &docx(xml.as_bytes(), 0)).unwrap();
    assert_eq!(imported.document.title, "税率表");
    assert!(imported.document.body.contains("税率 < 3% & 以下如表。"), "{}", imported.document.body);
    assert!(imported.document.body.contains("| 项目 | 税率 |\n| 运输 | 9% |"), "{}", imported.document.body);
}

#[test]
fn an_old_encoding_is_read_with_a_word_of_doubt_and_a_page_that_names_it_without() {
    let law = std::fs::read_to_string(fixture("md")).unwrap();
    let (bytes, _, _) = encoding_rs::GB18030.encode(&law);
    let text = import::read_bytes("车辆购置税法.txt", &bytes).unwrap();
    assert!(text.doubts.contains(&Doubt::EncodingGuessed));
    assert!(text.document.body.contains("车辆购置税的税率为百分之十"));
    let page = "<html><head><meta charset=gb2312><title>测试办法</title></head><body><p>第一条 应当申报。</p></body></html>";
    let (bytes, _, _) = encoding_rs::GBK.encode(page);
    let page = import::read_bytes("办法.html", &bytes).unwrap();
    assert!(!page.doubts.contains(&Doubt::EncodingGuessed));
    assert_eq!(page.document.title, "测试办法");
}

#[test]
fn what_cannot_be_read_surely_is_refused_by_name() {
    assert!(matches!(import::read_bytes("乱.txt", b"\xc0\xaf\xfe\x81\x30\xff"), Err(Refusal::Encoding { file }) if file == "乱.txt"));
    // Latin-1 letters are GB18030 too, but no Chinese anybody writes.
    assert!(matches!(import::read_bytes("法.txt", b"d\xe9clar\xe9e \xe0 l'imp\xf4t"), Err(Refusal::Encoding { .. })));
    assert!(reason("假.docx", b"PK\x03\x04 not a zip").contains("假.docx"));
    assert!(reason("表.pdf", b"%PDF-1.7").contains("另存为 .docx"));
}

#[test]
fn harmful_word_documents_are_refused_before_they_are_unpacked() {
    let bomb = docx(&vec![b' '; 40 * 1024 * 1024], 0);
    assert!(bomb.len() < 1024 * 1024);
    assert!(reason("炸弹.docx", &bomb).contains("压缩比"));
    assert!(reason("多.docx", &docx(b"<a/>", 2_001)).contains("2000"));
    let entity = b"<!DOCTYPE a [<!ENTITY x \"xxxxxxxx\">]><w:document xmlns:w=\"w\"><w:p><w:r><w:t>&x;</w:t></w:r></w:p></w:document>";
    assert!(reason("实体.docx", &docx(entity, 0)).contains("DTD"));
    let deep = format!("<html><body>{}第一条{}</body></html>", "<div>".repeat(5_000), "</div>".repeat(5_000));
    assert!(reason("深.html", deep.as_bytes()).contains("层"));
}
