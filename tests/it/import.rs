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
fn a_web_page_a_word_document_and_a_pdf_give_the_passages_of_the_markdown() {
    let markdown = import::read(&fixture("md")).unwrap();
    assert!(markdown.passages > 10);
    import::pdf::read_with(Path::new(env!("CARGO_BIN_EXE_taxhome")));
    for ending in ["html", "docx", "pdf"] {
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
    assert!(reason("表.doc", b"x").contains("另存为 .docx"));
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

/// A PDF as some offices make it: a Chinese font that is only named, not embedded, and no table from codes to characters.
fn pdf(pages: &[&[&str]]) -> Vec<u8> {
    let mut objects: Vec<String> = vec!["<</Type/Catalog/Pages 2 0 R>>".to_owned()];
    let kids: Vec<String> = (0..pages.len()).map(|at| format!("{} 0 R", 6 + 2 * at)).collect();
    objects.push(format!("<</Type/Pages/Count {}/Kids[{}]>>", pages.len(), kids.join(" ")));
    objects.push("<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UCS2-H/DescendantFonts[4 0 R]>>".to_owned());
    objects.push(
        "<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>\
        /DW 1000/FontDescriptor 5 0 R>>"
            .to_owned(),
    );
    objects.push(
        "<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880/Descent -120\
        /CapHeight 880/StemV 93>>"
            .to_owned(),
    );
    for (at, lines) in pages.iter().enumerate() {
        let text: String = lines
            .iter()
            .enumerate()
            .map(|(line, text)| {
                let codes: String = text.encode_utf16().map(|code| format!("{code:04X}")).collect();
                format!("BT /F1 12 Tf 1 0 0 1 72 {} Tm <{codes}> Tj ET\n", 760 - 20 * line)
            })
            .collect();
        objects
            .push(format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>/Contents {} 0 R>>", 7 + 2 * at));
        objects.push(format!("<</Length {}>>stream\n{text}endstream", text.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut offsets = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        offsets.push(file.len());
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let start = file.len();
    file.push_str(&format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1));
    offsets.iter().for_each(|offset| file.push_str(&format!("{offset:010} 00000 n \n")));
    file.push_str(&format!("trailer<</Size {}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF", objects.len() + 1));
    file.into_bytes()
}

#[test]
fn a_pdf_loses_its_lines_page_numbers_and_nothing_else() {
    import::pdf::read_with(Path::new(env!("CARGO_BIN_EXE_taxhome")));
    let first: &[&str] = &[
        "测试税收管理办法",
        "第一条 纳税人应当在季度终了之日起十五日内向主管税务机关申报缴纳税款，依照",
        "第三条规定办理延期的除外。",
        "第二条 下列情形免税：",
        "（一）月销售额未超过十万元的；",
        "- 1 -",
    ];
    let second: &[&str] = &["（二）法律规定的其他情形。", "第三条 确有困难的，可以延期三个月。", "- 2 -"];
    let imported = import::read_bytes("办法.pdf", &pdf(&[first, second])).unwrap();
    assert_eq!(imported.document.title, "测试税收管理办法");
    let found = articles(&imported);
    let named: Vec<&str> = found.iter().filter_map(|(article, _)| article.as_deref()).collect();
    assert_eq!(named, ["第一条", "第二条", "第三条"], "a line that begins with 第三条 is not an article: {}", imported.document.body);
    assert!(found[0].1.ends_with("依照第三条规定办理延期的除外。"), "{}", found[0].1);
    assert!(found[1].1.contains("十万元的；（二）法律规定"), "{}", found[1].1);
    assert!(!imported.document.body.contains("- 1"), "{}", imported.document.body);
}

#[test]
fn a_pdf_that_cannot_be_read_is_refused_with_what_to_do() {
    import::pdf::read_with(Path::new(env!("CARGO_BIN_EXE_taxhome")));
    assert!(reason("坏.pdf", b"%PDF-1.7 broken").contains("坏.pdf"));
    assert!(reason("扫描.pdf", &pdf(&[&[]])).contains("扫描件"));
    let pages: Vec<&[&str]> = vec![&["页"]; 2_001];
    assert!(reason("长.pdf", &pdf(&pages)).contains("2000 页"));
    // A tree of pages that is its own parent: readers of PDFs have run for ever on less.
    let loops = String::from_utf8(pdf(&[&["页"]])).unwrap().replace("/Kids[6 0 R]", "/Kids[2 0 R]");
    assert!(reason("环.pdf", loops.as_bytes()).contains("环.pdf"));
}

fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write_string(u32::try_from(row).unwrap(), u16::try_from(column).unwrap(), *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn a_list_of_questions_becomes_answers_with_their_basis() {
    let book = workbook(&[
        &["2026年热点问题"],
        &["序号", "问题", "答复", "政策依据"],
        &["1", "新办企业多久要做首次申报", "应当在次月申报期内办理首次申报。", "税收征收管理法第二十五条"],
        &["2", "停业了还要申报吗", "", ""],
    ]);
    let imported = import::read_bytes("热点问题.xlsx", &book).unwrap();
    assert_eq!(imported.document.questions, ["新办企业多久要做首次申报"]);
    assert!(
        imported.document.body.contains("应当在次月申报期内办理首次申报。\n\n依据：税收征收管理法第二十五条"),
        "{}",
        imported.document.body
    );
    assert!(
        imported.doubts.iter().any(|doubt| matches!(doubt, Doubt::Unanswered(place) if place.contains("第4行"))),
        "{:?}",
        imported.doubts
    );
    assert!(reason("名单.xlsx", &workbook(&[&["姓名", "电话"], &["张三", "1"]])).contains("“问题”和“答复”"));
    assert!(reason("坏.xlsx", b"PK\x03\x04").contains("Excel"));
}

#[test]
fn a_text_whose_encoding_was_guessed_waits_until_somebody_has_looked() {
    let dir = tempfile::tempdir().unwrap();
    let (bytes, _, _) =
        encoding_rs::GB18030.encode("测试办法\n\n第一条 每年三月的第一个星期应当申报渔业特别税。\n\n第二条 本办法由县级税务机关解释。\n");
    std::fs::write(dir.path().join("测试办法.txt"), &bytes).unwrap();
    let run = |arguments: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_taxhome")).current_dir(dir.path()).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let asked = ["ask", "测试办法第一条"];
    assert!(run(&["import", "测试办法.txt"]).contains("--accept-doubtful"));
    assert!(!run(&asked).contains("三月的第一个星期"), "nothing unseen is indexed");
    run(&["import", "测试办法.txt", "--accept-doubtful"]);
    assert!(run(&asked).contains("三月的第一个星期"));
}
