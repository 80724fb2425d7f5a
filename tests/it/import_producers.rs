//! F68 on files as offices really have them: laws of the State written by LibreOffice, pandoc, Word's HTML, web sites, spreadsheet and PDF
//! libraries, with Chinese fonts embedded or only named, in every encoding of plain text. Each gives the passages of the Markdown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use taxhome::knowledge::import::{self, Imported};
use taxhome::knowledge::{Doubt, passages_of};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/import")
}

/// Article and text, and the headings above, layout left out.
type Passages = Vec<(Option<String>, Vec<String>, String)>;

fn flat(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

fn passages(imported: &Imported) -> Passages {
    let document = &imported.document;
    let headings = |headings: &[String]| headings.iter().map(|heading| flat(heading)).collect();
    passages_of(document)
        .iter()
        .map(|passage| (passage.article.clone(), headings(&passage.headings), flat(passage.text(document))))
        .collect()
}

/// Whether a space parts two Chinese characters of one sentence, other than behind the name of an article.
fn torn(text: &str) -> bool {
    let signs: Vec<char> = text.chars().collect();
    signs.windows(3).any(|signs| matches!(signs, [before, ' ', after] if *before >= '\u{2e80}' && *before != '条' && *after >= '\u{2e80}'))
}

fn files() -> Vec<PathBuf> {
    import::pdf::read_with(Path::new(env!("CARGO_BIN_EXE_taxhome")));
    import::files_under(&[folder()]).0
}

/// The laws in Markdown, by file stem.
fn markdown() -> BTreeMap<String, Imported> {
    let laws = files().into_iter().filter(|file| file.extension().is_some_and(|ending| ending == "md"));
    laws.map(|file| (file.file_stem().unwrap().to_str().unwrap().to_owned(), import::read(&file).unwrap())).collect()
}

#[test]
fn every_producer_gives_the_passages_of_the_markdown() {
    let laws = markdown();
    let mut producers = BTreeMap::new();
    for file in files().iter().filter(|file| file.extension().is_some_and(|ending| ending != "md" && ending != "xlsx")) {
        let law = &laws[file.file_stem().unwrap().to_str().unwrap()];
        let imported = import::read(file).unwrap();
        let shown = file.strip_prefix(folder()).unwrap().display().to_string();
        assert!(law.passages >= 10, "{shown}");
        for (one, other) in passages(&imported).iter().zip(&passages(law)) {
            assert_eq!(one, other, "{shown}");
        }
        assert_eq!(passages(&imported), passages(law), "{shown}");
        assert_eq!(imported.document.title, law.document.title, "{shown}");
        assert_eq!(imported.document.effective_from, law.document.effective_from, "{shown}");
        assert_eq!(imported.document.number, law.document.number, "{shown}");
        for layout in ["首页", "版权所有"] {
            assert!(!imported.document.body.contains(layout), "{shown}: {layout}");
        }
        for passage in passages_of(&imported.document) {
            let text = passage.text(&imported.document);
            assert!(!torn(text), "{shown}: a space where a line ended: {text}");
        }
        let guessed = shown.starts_with("txt-gb18030");
        assert_eq!(imported.doubts.contains(&Doubt::EncodingGuessed), guessed, "{shown}");
        assert_eq!(imported.is_doubtful(), guessed, "{shown}: {:?}", imported.doubts);
        *producers.entry(shown.split('/').next().unwrap().to_owned()).or_insert(0) += 1;
    }
    assert_eq!(producers.len(), 10, "{producers:?}");
    assert_eq!(producers["libreoffice"] + producers["pandoc"] + producers["reportlab"], 7, "{producers:?}");
}

#[test]
fn a_question_list_of_any_spreadsheet_program_gives_each_article_as_the_markdown_has_it() {
    let laws = markdown();
    let mut seen = 0;
    for file in files().iter().filter(|file| file.extension().is_some_and(|ending| ending == "xlsx")) {
        let stem = file.file_stem().unwrap().to_str().unwrap();
        let law = &laws[stem];
        let imported = import::read(file).unwrap();
        let articles: Vec<_> = passages(law).into_iter().filter_map(|(article, _, text)| Some((article?, text))).collect();
        assert_eq!(imported.document.questions.len(), articles.len(), "{}", file.display());
        let answers = passages(&imported);
        for (article, text) in articles {
            let question = format!("{stem}{article}怎么规定");
            let (_, _, answer) =
                answers.iter().find(|(_, headings, _)| headings.contains(&question)).unwrap_or_else(|| panic!("{question}"));
            // The end of a law that stands behind its last article belongs to no article in the list.
            let (answer, basis) = answer.split_once("依据：").unwrap();
            assert!(text.starts_with(answer) && basis.ends_with(&article), "{question}: {answer}");
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
}

/// A Word document whose articles Word numbers by itself: no run of text says 第一条.
fn numbered_by_word() -> Vec<u8> {
    use std::io::Write;
    let paragraph = |level: Option<u8>, text: &str| {
        let place = level
            .map_or(String::new(), |level| format!("<w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"5\"/></w:numPr></w:pPr>"));
        format!("<w:p>{place}<w:r><w:t>{text}</w:t></w:r></w:p>")
    };
    let body: String = [
        (None, "测试税收管理办法"),
        (Some(0), "为了规范测试，制定本办法。"),
        (Some(0), "下列情形免税："),
        (Some(1), "月销售额没有达到起征点的；"),
        (Some(1), "法律规定的其他情形。"),
        (Some(0), "本办法自2026年1月1日起施行。"),
    ]
    .map(|(level, text)| paragraph(level, text))
    .concat();
    let level = |at: u8, text: &str| {
        format!(
            "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"chineseCountingThousand\"/><w:lvlText w:val=\"{text}\"/></w:lvl>"
        )
    };
    let numbering = format!(
        "<w:numbering xmlns:w=\"w\"><w:abstractNum w:abstractNumId=\"2\">{}{}</w:abstractNum><w:num w:numId=\"5\"><w:abstractNumId w:val=\"2\"/></w:num></w:numbering>",
        level(0, "第%1条"),
        level(1, "（%2）")
    );
    let document = format!(
        "<w:document xmlns:w=\"w\" xmlns:mc=\"mc\"><w:body>{body}<w:p><w:r><mc:AlternateContent><mc:Choice><w:t>附注。</w:t></mc:Choice>\
         <mc:Fallback><w:t>附注。</w:t></mc:Fallback></mc:AlternateContent></w:r></w:p></w:body></w:document>"
    );
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [("word/document.xml", &document), ("word/numbering.xml", &numbering)] {
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

#[test]
fn articles_that_word_numbers_by_itself_keep_their_names() {
    let imported = import::read_bytes("测试办法.docx", &numbered_by_word()).unwrap();
    let found = passages(&imported);
    let named: Vec<&str> = found.iter().filter_map(|(article, _, _)| article.as_deref()).collect();
    assert_eq!(named, ["第一条", "第二条", "第三条"], "{}", imported.document.body);
    assert!(found[1].2.ends_with("免税：（一）月销售额没有达到起征点的；（二）法律规定的其他情形。"), "{}", found[1].2);
    assert_eq!(imported.document.title, "测试税收管理办法");
    assert_eq!(imported.document.body.matches("附注。").count(), 1, "what stands in a text box is read once");
}

#[test]
fn a_page_without_a_heading_is_called_as_its_title_says_without_the_site_and_its_lists_keep_their_numbers() {
    let page = "<html><head><meta charset=utf-8><title>测试管理办法_政策法规_某县税务局</title></head><body>\
        <p>办理步骤如下：</p><ol><li>填表；</li><li>报送。</li></ol></body></html>";
    let imported = import::read_bytes("a.html", page.as_bytes()).unwrap();
    assert_eq!(imported.document.title, "测试管理办法");
    assert!(imported.document.body.contains("1. 填表；") && imported.document.body.contains("2. 报送。"), "{}", imported.document.body);
}

#[test]
fn a_page_that_names_another_encoding_than_its_own_is_read_right_and_held_back() {
    let page = "<html><head><meta charset=gb2312><title>测试办法</title></head><body><p>第一条 应当按期申报。</p></body></html>";
    let imported = import::read_bytes("办法.html", page.as_bytes()).unwrap();
    assert_eq!(imported.document.title, "测试办法");
    assert!(imported.doubts.contains(&Doubt::EncodingMisnamed("GB2312".to_owned())) && imported.is_doubtful());
    let signs = import::read_bytes("乱.txt", "测试办法\n\n第一条 应当\u{e5e5}按期\u{fffd}申报。".as_bytes()).unwrap();
    assert!(signs.doubts.contains(&Doubt::Unreadable(2)) && signs.is_doubtful(), "{:?}", signs.doubts);
}
