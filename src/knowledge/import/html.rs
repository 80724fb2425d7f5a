//! A web page to the text the reader of official texts understands: headings, paragraphs, rows of tables. What only frames the page is left
//! out, and nothing of the page is ever run or fetched.

use std::sync::LazyLock;

use ego_tree::NodeRef;
use regex::Regex as TextRegex;
use regex::bytes::Regex;
use scraper::node::Element;
use scraper::{Html, Node, Selector};

use crate::knowledge::import::text::{Decoded, decode};
use crate::knowledge::import::{Refusal, lines};
use crate::knowledge::passages::article_of;

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

/// What parts that only frame a page are called.
const FURNITURE: [&str; 14] = [
    "foot",
    "footer",
    "copyright",
    "nav",
    "navbar",
    "breadcrumb",
    "breadcrumbs",
    "crumb",
    "crumbs",
    "sidebar",
    "share",
    "toolbar",
    "menu",
    "pagination",
];
/// Stands for the end of a line in the source until it is known what stands around it.
const WRAP: char = '\u{1}';
/// Lines of a site below its text.
static SITE: LazyLock<TextRegex> = LazyLock::new(|| {
    TextRegex::new(r"^[\[【（]?(?:版权所有|网站标识码|主办单位|承办单位|技术支持|联系我们|网站地图|打印本页|关闭窗口|打印|关闭|扫一扫|分享到|返回顶部|上一篇|下一篇)|ICP备|公网安备")
        .expect("the pattern is fixed")
});

static CHARSET: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?i)charset\s*=\s*["']?\s*([a-z0-9_-]+)"#).expect("the pattern is fixed"));

/// Reads a page.
pub fn read(file: &str, bytes: &[u8]) -> Result<Decoded, Refusal> {
    let head = &bytes[..bytes.len().min(HEAD_BYTES)];
    let declared = CHARSET.captures(head).and_then(|hit| hit.get(1)).map(|label| String::from_utf8_lossy(label.as_bytes()).into_owned());
    let Decoded { text, doubt } = decode(file, bytes, declared.as_deref())?;
    let page = Html::parse_document(&text);
    let mut out = String::new();
    let has_heading = Selector::parse("h1").is_ok_and(|heading| page.select(&heading).next().is_some());
    if !has_heading
        && let Ok(title) = Selector::parse("title")
        && let Some(title) = page.select(&title).next()
    {
        out.push_str(&format!("# {}\n", without_site(&lines::squeezed(&title.text().collect::<String>()))));
    }
    if !gather(page.tree.root(), &mut out, 0) {
        return Err(Refusal::Structure { file: file.to_owned(), reason: format!("网页嵌套超过 {MAX_DEPTH} 层") });
    }
    Ok(Decoded { text: lines::tidy(without_furniture(&unwrapped(&out), has_heading)), doubt })
}

/// The title of a page without the name of its site: "契税法_政策法规_某税务局", "契税法 - 某税务局".
fn without_site(title: &str) -> &str {
    let end = [title.find(['_', '|', '｜']), title.find(" - "), title.find(" – "), title.find("--")].into_iter().flatten().min();
    end.map(|end| title[..end].trim()).filter(|name| !name.is_empty()).unwrap_or(title)
}

/// Adds what can be read under a node; false where the page is nested too deep.
fn gather(node: NodeRef<'_, Node>, out: &mut String, depth: usize) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    let name = match node.value() {
        Node::Text(text) => {
            // Line ends within a paragraph are only layout; whether a space stands for one depends on what stands around it.
            out.push_str(&text.replace(['\n', '\r'], &WRAP.to_string()).replace('\t', " "));
            return true;
        }
        Node::Element(element) if FRAME.contains(&element.name()) || is_furniture(element) => return true,
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
    if name == "li"
        && let Some(number) = number_of(node)
    {
        out.push_str(&format!("{number}. "));
    }
    let whole = node.children().all(|child| gather(child, out, depth + 1));
    match name {
        "td" | "th" => out.push_str(" | "),
        _ if !mark.is_empty() => out.push('\n'),
        _ => {}
    }
    whole
}

/// Whether an element only frames a page, by the names that makers of sites give such parts.
fn is_furniture(element: &Element) -> bool {
    // LibreOffice writes running heads and feet of a document so.
    if matches!(element.attr("title"), Some("header" | "footer")) {
        return true;
    }
    element.id().into_iter().chain(element.classes()).any(|name| FURNITURE.contains(&name.to_ascii_lowercase().as_str()))
}

/// Ends of lines in the source of a page become spaces, as in a browser, but not between two Chinese characters, where a maker only kept its
/// lines short. A name such as 第一条 keeps its space.
fn unwrapped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        if c != WRAP && !(c == ' ' && rest.peek() == Some(&WRAP)) {
            out.push(c);
            continue;
        }
        while rest.next_if(|next| matches!(*next, ' ' | WRAP)).is_some() {}
        let chinese = |c: char| c >= '\u{2e80}';
        let joined = out.ends_with(|before: char| chinese(before) && !matches!(before, '条' | '编' | '章' | '节'))
            && rest.peek().is_some_and(|after| chinese(*after));
        if !joined {
            out.push(' ');
        }
    }
    out
}

/// The text from its only heading on, and without the lines at its end that belong to the site.
fn without_furniture(text: &str, has_heading: bool) -> &str {
    let start = match text.match_indices("\n# ").map(|(at, _)| at).collect::<Vec<_>>()[..] {
        // What stands before it leads through the site: short, and no article.
        [at] if has_heading && at < text.len() - at && !text[..at].lines().any(|line| article_of(line).is_some()) => at,
        _ => 0,
    };
    let mut end = text.len();
    while let Some(last) = text[start..end].trim_end().lines().next_back().filter(|line| SITE.is_match(line.trim())) {
        end = start + text[start..end].trim_end().len() - last.len();
    }
    &text[start..end]
}

/// The number a browser prints before an item of an ordered list.
fn number_of(item: NodeRef<'_, Node>) -> Option<usize> {
    let list = item.parent()?.value().as_element().filter(|list| list.name() == "ol")?;
    let first = list.attr("start").and_then(|start| start.parse().ok()).unwrap_or(1_usize);
    let before = item.prev_siblings().filter(|node| node.value().as_element().is_some_and(|element| element.name() == "li")).count();
    Some(first.saturating_add(before))
}
