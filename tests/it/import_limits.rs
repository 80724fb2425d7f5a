//! The limits of `security.md` on what is imported: each is met by a file that means harm, is named in the refusal, and leaves the service
//! as it was. (50 MB, 2,000 parts of a zip, DTDs in Word documents and 2,000 pages of a PDF are in `import.rs` and `knowledge.rs`.)

use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use taxhome::knowledge::import;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

fn reason(name: &str, bytes: &[u8]) -> String {
    import::read_bytes(name, bytes).unwrap_err().to_string()
}

fn package(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A workbook whose sheet holds these cells.
fn workbook(cells: &str) -> Vec<u8> {
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{cells}</sheetData></worksheet>"
    );
    package(&[
        (
            "_rels/.rels",
            b"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
              Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" \
             xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
             <sheet name=\"表一\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"
                .as_bytes(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            b"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
              Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", sheet.as_bytes()),
    ])
}

fn text(place: &str, text: &str) -> String {
    format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
}

#[test]
fn a_sheet_with_two_far_cells_does_not_fill_the_memory() {
    let row = |number: u32, cells: &[String]| format!("<row r=\"{number}\">{}</row>", cells.concat());
    let cells = row(1, &[text("A1", "问题"), text("B1", "答复")])
        + &row(2, &[text("A2", "多久申报一次"), text("B2", "按季申报。")])
        + &row(1_048_576, &[text("A1048576", "最后一行的问题"), text("XFD1048576", "远")]);
    let imported = import::read_bytes("远.xlsx", &workbook(&cells)).unwrap();
    assert_eq!(imported.document.questions, ["多久申报一次"]);
    let unanswered = taxhome::knowledge::Doubt::Unanswered("表一 第1048576行".to_owned());
    assert!(imported.doubts.contains(&unanswered), "{:?}", imported.doubts);
}

#[test]
fn workbooks_are_bounded_like_word_documents() {
    let bomb = package(&[("xl/workbook.xml", b"<a/>"), ("xl/media/a.bin", &vec![0; 40 * 1024 * 1024])]);
    assert!(reason("炸弹.xlsx", &bomb).contains("压缩比"));
    let many: Vec<(String, &[u8])> = (0..2_001).map(|at| (format!("xl/{at}.xml"), &b"<a/>"[..])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert!(reason("多.xlsx", &package(&many)).contains("2000"));
    let rows: String = (1..=5_020).map(|number| format!("<row r=\"{number}\">{}</row>", text(&format!("A{number}"), "问"))).collect();
    assert!(reason("长.xlsx", &workbook(&rows)).contains("5000 行上限"));
    let dtd = package(&[("xl/workbook.xml", b"<!DOCTYPE a [<!ENTITY x \"x\"><!ENTITY y \"&x;&x;&x;\">]><workbook>&y;</workbook>")]);
    assert!(reason("实体.xlsx", &dtd).contains("实体.xlsx"));
}

#[test]
fn what_unpacks_to_more_than_200_mb_is_refused_by_its_directory() {
    // Packed once, no better than real text does, and put in many times: each part is far below every other limit.
    let part: Vec<u8> = (0..3 * 1024 * 1024_u32)
        .map(|at| if at % 16 == 0 { (at / 16).wrapping_mul(2_654_435_761).to_be_bytes()[0] } else { b' ' })
        .collect();
    let packed = package(&[("part", &part)]);
    let mut source = zip::ZipArchive::new(Cursor::new(packed)).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..70 {
        zip.raw_copy_file_rename(source.by_index_raw(0).unwrap(), format!("word/media/{at}.bin")).unwrap();
    }
    let file = zip.finish().unwrap().into_inner();
    assert!(file.len() < 50 * 1024 * 1024, "{}", file.len());
    let said = reason("大.docx", &file);
    assert!(said.contains("200 MB"), "{said}");
}

#[test]
fn the_child_that_reads_a_pdf_bounds_its_memory_and_its_time_before_it_looks_at_a_byte() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_taxhome"))
        .arg(import::pdf::SUBCOMMAND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // More than the pipe holds: it is taken only once the child reads, and it bounds itself before that.
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&[b'x'; 512 * 1024]).unwrap();
    let limits = std::fs::read_to_string(format!("/proc/{}/limits", child.id())).unwrap();
    drop(stdin);
    let mut printed = Vec::new();
    child.stdout.take().unwrap().read_to_end(&mut printed).unwrap();
    let code = child.wait().unwrap().code();
    let limit =
        |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap().split_whitespace().rev().nth(1).unwrap().to_owned();
    assert_eq!(limit("Max address space"), (1024 * 1024 * 1024).to_string(), "{limits}");
    assert_eq!(limit("Max cpu time"), "60", "{limits}");
    assert_eq!((printed.len(), code), (0, Some(5)), "what is no PDF is said to be none");
}

#[test]
fn a_pdf_that_crashes_its_reader_or_keeps_it_waiting_is_refused_and_the_service_goes_on() {
    let program = Path::new(env!("CARGO_BIN_EXE_taxhome"));
    let deep = format!("%PDF-1.4\n1 0 obj\n{}\nendobj\ntrailer<</Size 2/Root 1 0 R>>\nstartxref\n9\n%%EOF", "[".repeat(2_000_000));
    let said = import::pdf::read_by(program, Duration::from_secs(60), "深.pdf", deep.as_bytes()).unwrap_err().to_string();
    assert!(said.contains("深.pdf"), "{said}");

    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("never");
    std::fs::write(&script, "#!/bin/sh\nexec sleep 600\n").unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&script, executable).unwrap();
    let begun = Instant::now();
    let said = import::pdf::read_by(&script, Duration::from_millis(50), "慢.pdf", b"%PDF-1.4").unwrap_err().to_string();
    assert!(said.contains("慢.pdf") && said.contains("时间限制"), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(60), "it was ended, not waited for");
    import::pdf::read_with(program);
    let law = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/import/reportlab/烟叶税法(2017-12-27).pdf");
    assert!(import::read(&law).unwrap().passages >= 10, "the next one is read");
}

#[test]
fn nothing_of_a_page_is_run_fetched_or_kept() {
    let page = "<html><head><meta charset=utf-8><title>测试办法</title><script>alert(1)</script><style>p{}</style></head><body>\
        <p onclick=\"x()\">第一条 应当<b>按期</b>申报。</p><iframe src=\"https://evil.example/\"></iframe><img src=x onerror=y()>\
        <p>第二条 &lt;script&gt;不是标记&lt;/script&gt;</p><object data=\"file:///etc/passwd\"></object></body></html>";
    let imported = import::read_bytes("页.html", page.as_bytes()).unwrap();
    let body = &imported.document.body;
    assert!(body.contains("第一条 应当按期申报。") && body.contains("<script>不是标记</script>"), "{body}");
    for gone in ["alert", "onclick", "evil", "onerror", "passwd", "p{}"] {
        assert!(!body.contains(gone), "{gone}: {body}");
    }
}

#[test]
fn a_pdf_with_a_password_to_open_it_is_refused_and_one_that_only_forbids_printing_is_read() {
    import::pdf::read_with(Path::new(env!("CARGO_BIN_EXE_taxhome")));
    let file = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/locked").join(name);
    let said = import::read(&file("opened-with-a-password.pdf")).unwrap_err().to_string();
    assert!(said.contains("有打开密码"), "{said}");
    for name in ["printing-forbidden.pdf", "printing-forbidden-aes128.pdf", "printing-forbidden-aes256.pdf"] {
        let imported = import::read(&file(name)).unwrap();
        assert_eq!((imported.document.title.as_str(), imported.passages), ("测试税收管理办法", 2), "{name}: {}", imported.document.body);
    }
}
