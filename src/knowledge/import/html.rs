//! A web page to the text the reader of official texts understands: headings, paragraphs, rows of tables. What only frames the page is left
//! out, and nothing of the page is ever run or fetched.

use std::sync::LazyLock;

use ego_tree::NodeRef;
use regex::bytes::Regex;
use scraper::{Html, Node, Selector};

use crate::knowledge::import::text::{Decoded, decode};
use crate::knowledge::import::{Refusal, lines};

/// Where pages name their encoding.
const HEAD_BYTES: usize = 2_048;
/// Deeper nesting is an attack, not a page.
const MAX_DEPTH: usize = 256;
/// Elements without anything to read.
const FRAME: [&str; 14] =
    ["script", "style", "nav", "header", "footer", "aside", "noscript", "form", "iframe", "template", "svg", "button", "select", "title"];
/// Elements that begin and end a line.
const BLOCKS: [&str; 17] =
    ["p", "div", "section", "article", "main", "li", "ul", "ol", "br", "hr", "table", "blockquote", "dd", "dt", "figure", "pre", "center"];

static CHARSET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?i)charset\s*=\s*["']?\s*([a-z0-9_-]+)"#).expect("the pattern is fixed"));

/// Reads a page.
pub fn read(file: &str, bytes: &[u8]) -> Result<Decoded, Refusal> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let declared = CHARSET.captures(head).and_then(|hit| hit.get(1)).map(|label| String::from_utf8_lossy(label.as_bytes()).into_owned());
    let Decoded { text, guessed } = decode(file, bytes, declared.as_deref())?;
    let page = Html::parse_document(&text);
    let mut out = String::new();
    let has_heading = Selector::parse("h1").is_ok_and(|heading| page.select(&heading).next().is_some());
    if !has_heading
        && let Ok(title) = Selector::parse("title")
        && let Some(title) = page.select(&title).next()
    {
        out.push_str(&format!("# {}\n", lines::squeezed(&title.text().collect::<String>())));
    }
    if !gather(page.tree.root(), &mut out, 0) {
        return Err(Refusal::Structure { file: file.to_owned(), reason: format!("网页嵌套超过 {MAX_DEPTH} 层") });
    }
    Ok(Decoded { text: lines::tidy(&out), guessed })
}

/// Adds what can be read under a node; false where the page is nested too deep.
fn gather(node: NodeRef<'_, Node>, out: &mut String, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let name = match node.value() {
        Node::Text(text) => {
            // Line ends within a paragraph are only layout.
            out.push_str(&text.replace(['\n', '\r', '\t'], " "));
            return true;
        }
        Node::Element(element) if FRAME.contains(&element.name()) => return true,
        Node::Element(element) => element.name(),
        _ => "",
    };
    let mark = match name {
        "h1" => "\n# ",
        "h2" => "\n## ",
        "h3" | "h4" | "h5" | "h6" => "\n### ",
        "tr" => "\n| ",
        _ if BLOCKS.contains(&name) => "\n",
        _ => "",
    };
    out.push_str(mark);
    let whole = node.children().all(|child| gather(child, out, depth + 1));
    match name {
        "td" | "th" => out.push_str(" | "),
        _ if !mark.is_empty() => out.push('\n'),
        _ => {}
    }
    whole
}
