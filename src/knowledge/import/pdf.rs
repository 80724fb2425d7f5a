//! A PDF to text. Such files come from anywhere and readers of them can run for ever, so it is read by a child process (the same program,
//! `taxhome read-pdf`) under limits of memory and processor time that the child sets on itself before it looks at a byte.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::sync::{OnceLock, mpsc};
use std::time::Duration;

use pdf_oxide::PdfDocument;
use pdf_oxide::layout::TextSpan;
use rlimit::Resource;

use crate::knowledge::import::{Refusal, reflow};

/// The hidden subcommand that reads a PDF from standard input.
pub const SUBCOMMAND: &str = "read-pdf";
const MAX_PAGES: usize = 2_000;
const MAX_MEMORY: u64 = 1024 * 1024 * 1024;
const MAX_CPU_SECONDS: u64 = 60;
/// By the clock, for a child that waits for something instead of working.
const MAX_WAIT: Duration = Duration::from_secs(120);
/// More text than any document has: a bomb.
const MAX_TEXT: u64 = 100 * 1024 * 1024;
const PAGE_END: char = '\u{c}';

/// Pieces whose feet are this near, of their size, stand on one line.
const SAME_LINE: f32 = 0.4;
/// A gap this wide, of the size, is a space; one this wide parts columns.
const SPACE: f32 = 0.12;
const COLUMN: f32 = 1.8;

const TOO_MANY_PAGES: u8 = 3;
const ENCRYPTED: u8 = 4;
const DAMAGED: u8 = 5;

/// Lines this much larger than the text are headings.
const LARGE: f32 = 1.15;

static PROGRAM: OnceLock<PathBuf> = OnceLock::new();

/// A printed line and the size of its largest letters.
struct Line {
    text: String,
    size: f32,
}

/// Names the program that knows [`SUBCOMMAND`], for a process that is not it; the first call counts.
pub fn read_with(program: &Path) {
    PROGRAM.get_or_init(|| program.to_owned());
}

/// Reads a document.
pub fn read(file: &str, bytes: &[u8]) -> Result<String, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::Unreadable { file: file.to_owned(), reason: error.to_string() };
    match PROGRAM.get() {
        Some(program) => read_by(program, MAX_WAIT, file, bytes),
        None => read_by(&std::env::current_exe().map_err(unreadable)?, MAX_WAIT, file, bytes),
    }
}

/// Reads a document by a child of `program`, which is ended if it takes longer than `patience`.
pub fn read_by(program: &Path, patience: Duration, file: &str, bytes: &[u8]) -> Result<String, Refusal> {
    let refused = |reason: &str| Refusal::Structure { file: file.to_owned(), reason: reason.to_owned() };
    let unreadable = |error: std::io::Error| Refusal::Unreadable { file: file.to_owned(), reason: error.to_string() };
    let mut child = Command::new(program)
        .arg(SUBCOMMAND)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(unreadable)?;
    let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
    let (send, sent) = mpsc::channel();
    let read = std::thread::scope(|scope| -> std::io::Result<_> {
        // A child that gives up early closes its end; that is its answer, not an error.
        scope.spawn(move || stdin.map(|mut stdin| stdin.write_all(bytes)));
        scope.spawn(move || {
            let mut text = Vec::new();
            let read = stdout.map_or(Ok(0), |stdout| stdout.take(MAX_TEXT).read_to_end(&mut text));
            send.send(read.map(|_| text)).is_ok()
        });
        let read = sent.recv_timeout(patience);
        if read.is_err() {
            // Its ends of the pipes close with it, which lets both threads go.
            child.kill()?;
        }
        Ok(read.ok())
    });
    let finished = child.wait().map_err(unreadable)?;
    let Some(text) = read.map_err(unreadable)? else {
        return Err(refused("读取太久，超出时间限制；请用 Word 或 WPS 另存为 .docx 后再导入"));
    };
    let text = text.map_err(unreadable)?;
    match finished.code() {
        Some(0) => {}
        Some(code) if code == i32::from(TOO_MANY_PAGES) => return Err(refused(&format!("超过 {MAX_PAGES} 页上限，请拆分后再导入"))),
        Some(code) if code == i32::from(ENCRYPTED) => return Err(refused("文件有打开密码，请去掉密码后再导入")),
        Some(code) if code == i32::from(DAMAGED) => return Err(refused("不是完整的 PDF 文件，请重新下载或导出")),
        // Killed by its limits, or by a fault in the reader: either way nothing of it is used.
        Some(_) | None => return Err(refused("文件损坏或过于复杂，读取时超出限制；请用 Word 或 WPS 另存为 .docx 后再导入")),
    }
    let text = String::from_utf8(text).map_err(|_| refused("文字无法解码，请用 Word 或 WPS 另存为 .docx 后再导入"))?;
    let pages: Vec<&str> = text.split(PAGE_END).collect();
    if pages.iter().all(|page| page.trim().is_empty()) {
        return Err(refused("没有文字层，像是扫描件；请先做文字识别（OCR），或另存为 .docx 后再导入"));
    }
    Ok(reflow::paragraphs(&pages))
}

/// Whether a piece is the name of an article in a font of its own, so that what follows is the article itself.
fn names_an_article(piece: &TextSpan, next: &TextSpan) -> bool {
    let name = piece.text.trim().strip_prefix('第').and_then(|rest| rest.strip_suffix('条'));
    let numeral = |c: char| c.is_ascii_digit() || "一二三四五六七八九十百千零〇".contains(c);
    piece.font_name != next.font_name && name.is_some_and(|name| !name.is_empty() && name.chars().all(numeral))
}

/// What the child does: a PDF on standard input, its text on standard output, pages apart.
pub fn child() -> ExitCode {
    let limited = rlimit::setrlimit(Resource::AS, MAX_MEMORY, MAX_MEMORY)
        .and_then(|()| rlimit::setrlimit(Resource::CPU, MAX_CPU_SECONDS, MAX_CPU_SECONDS))
        .and_then(|()| rlimit::setrlimit(Resource::CORE, 0, 0));
    let mut bytes = Vec::new();
    if limited.is_err() || std::io::stdin().lock().read_to_end(&mut bytes).is_err() {
        return ExitCode::FAILURE;
    }
    match text_of(bytes) {
        Ok(text) if std::io::stdout().lock().write_all(text.as_bytes()).is_ok() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(code) => ExitCode::from(code),
    }
}

fn text_of(bytes: Vec<u8>) -> Result<String, u8> {
    let document = PdfDocument::from_bytes(bytes).map_err(|_| DAMAGED)?;
    if document.is_encrypted() && !document.authenticate(b"").unwrap_or(false) {
        return Err(ENCRYPTED);
    }
    let pages = document.page_count().map_err(|_| DAMAGED)?;
    if pages > MAX_PAGES {
        return Err(TOO_MANY_PAGES);
    }
    let mut printed_pages: Vec<Vec<Line>> = Vec::new();
    for page in 0..pages {
        printed_pages.push(printed(document.extract_spans(page).map_err(|_| DAMAGED)?));
    }
    let body = body_size(&printed_pages);
    let mut text = String::new();
    for page in printed_pages {
        for line in page {
            if line.size >= LARGE * body {
                text.push(reflow::HEADING);
            }
            text.push_str(&line.text);
            text.push('\n');
        }
        text.push(PAGE_END);
    }
    Ok(text)
}

/// The size most of the text is set in.
fn body_size(pages: &[Vec<Line>]) -> f32 {
    let mut characters: BTreeMap<u32, usize> = BTreeMap::new();
    for line in pages.iter().flatten() {
        // Halves of a point: readers round sizes differently within one font.
        *characters.entry((line.size * 2.0).round() as u32).or_default() += line.text.chars().count();
    }
    characters.into_iter().max_by_key(|(_, count)| *count).map_or(f32::MAX, |(size, _)| size as f32 / 2.0)
}

/// The lines of a page from the places of its pieces. The order in which a file draws them is the maker's business, and guessing at columns
/// scrambles what offices print: one column, top to bottom.
fn printed(mut pieces: Vec<TextSpan>) -> Vec<Line> {
    pieces.retain(|piece| !piece.text.trim().is_empty());
    pieces.sort_by(|a, b| b.bbox.y.total_cmp(&a.bbox.y).then(a.bbox.x.total_cmp(&b.bbox.x)));
    let mut lines: Vec<Vec<TextSpan>> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if (line[0].bbox.y - piece.bbox.y).abs() < SAME_LINE * piece.font_size => line.push(piece),
            _ => lines.push(vec![piece]),
        }
    }
    let mut printed = Vec::with_capacity(lines.len());
    for mut line in lines {
        let mut text = String::new();
        line.sort_by(|a, b| a.bbox.x.total_cmp(&b.bbox.x));
        let mut before: Option<&TextSpan> = None;
        for piece in &line {
            // Bold is sometimes made by printing twice.
            let again = before.is_some_and(|other| other.text == piece.text && piece.bbox.x - other.bbox.x < SPACE * piece.font_size);
            if again {
                continue;
            }
            let gap = before.map_or(0.0, |other| piece.bbox.x - (other.bbox.x + other.bbox.width)) / piece.font_size;
            if gap > COLUMN {
                text.push_str("    ");
            } else if gap > SPACE || before.is_some_and(|other| names_an_article(other, piece)) && text == line[0].text {
                text.push(' ');
            }
            text.push_str(&piece.text);
            before = Some(piece);
        }
        printed.push(Line { text, size: line.iter().map(|piece| piece.font_size).fold(0.0, f32::max) });
    }
    printed
}
