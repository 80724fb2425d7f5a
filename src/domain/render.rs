//! From a message to the parts a channel may send: pure, so that a preview and the bytes sent are one thing (F46).
//! Parts end at line or sentence ends, mark-up is balanced within each (F29).

use serde::{Deserialize, Serialize};

use super::attachment::Attachment;
use super::channel::{ChannelKind, LengthUnit, Limits, Markup};
use super::message::{Block, Button, Message};
use super::quiz::Poll;

/// One send of a message: text in the channel's mark-up, the same without mark-up, and the buttons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    pub text: String,
    pub markup: PartMarkup,
    /// What is sent instead if the channel refuses the mark-up.
    pub plain: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buttons: Vec<Vec<Button>>,
    /// Set where the part is a platform's own quiz poll; the text then says the same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub poll: Option<Poll>,
    /// Set where the part is a file; the text then stands under it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachment: Option<Attachment>,
    /// Set where the part is a card; the text then says the same in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<Card>,
}

/// Title, words and link in a frame (图文); the channel cuts what is too long for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Card {
    pub title: String,
    pub words: String,
    pub url: String,
    /// Address of its picture.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
}

impl Part {
    /// Words without mark-up.
    pub fn plain(text: String) -> Self {
        Self { text: text.clone(), markup: PartMarkup::Plain, plain: text, buttons: Vec::new(), poll: None, attachment: None, card: None }
    }
}

/// Mark-up of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartMarkup {
    Html,
    WecomMarkdown,
    Plain,
}

/// A stretch of one block that is never split inside its mark-up.
struct Piece {
    open: &'static str,
    text: String,
    close: &'static str,
    /// Set for links: the piece is emitted whole.
    href: Option<String>,
}

/// Length of `text` in the channel's unit.
pub fn length(text: &str, unit: LengthUnit) -> usize {
    match unit {
        LengthUnit::Utf16 => text.encode_utf16().count(),
        LengthUnit::Bytes => text.len(),
        LengthUnit::Characters => text.chars().count(),
    }
}

/// Renders `message` within `limits`. Never empty; the buttons go under the last part.
pub fn render(message: &Message, limits: Limits) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    let (mut marked, mut plain) = (String::new(), String::new());
    for (at, block) in message.blocks.iter().enumerate() {
        // Two paragraphs are told apart by an empty line, everything else by its mark-up.
        let after_paragraph = at > 0 && matches!((&message.blocks[at - 1], block), (Block::Paragraph(_), Block::Paragraph(_)));
        let mut gap_before = if after_paragraph { "\n\n" } else { "\n" };
        for (piece, chunk) in pieces(block).iter().flat_map(|piece| split(piece, limits).into_iter().map(move |chunk| (piece, chunk))) {
            let (chunk_marked, chunk_plain) = dress(piece, &chunk, limits.markup);
            let gap = if plain.is_empty() { "" } else { std::mem::replace(&mut gap_before, "\n") };
            // Telegram counts after parsing the mark-up, so the plain text is the measure there; WeCom counts the mark-up too.
            let (so_far, more) = match limits.markup {
                Markup::WecomMarkdown => (&marked, &chunk_marked),
                Markup::Html | Markup::Plain => (&plain, &chunk_plain),
            };
            if length(so_far, limits.length_unit) + length(more, limits.length_unit) + gap.len() > limits.max_length {
                parts.push(part(&mut marked, &mut plain, limits.markup));
            } else {
                marked.push_str(gap);
                plain.push_str(gap);
            }
            marked.push_str(&chunk_marked);
            plain.push_str(&chunk_plain);
        }
    }
    if !plain.is_empty() || parts.is_empty() {
        parts.push(part(&mut marked, &mut plain, limits.markup));
    }
    if limits.buttons
        && let Some(last) = parts.last_mut()
    {
        last.buttons.clone_from(&message.buttons);
    }
    parts
}

/// Escapes text for HTML mark-up.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn part(marked: &mut String, plain: &mut String, markup: Markup) -> Part {
    let plain = std::mem::take(plain);
    let marked = std::mem::take(marked);
    match markup {
        Markup::WecomMarkdown => Part { text: marked, markup: PartMarkup::WecomMarkdown, ..Part::plain(plain) },
        Markup::Html => Part { text: marked, markup: PartMarkup::Html, ..Part::plain(plain) },
        Markup::Plain => Part::plain(plain),
    }
}

fn pieces(block: &Block) -> Vec<Piece> {
    let piece = |open, text: String, close| Piece { open, text, close, href: None };
    match block {
        Block::Heading(text) => vec![piece("<b>", text.clone(), "</b>")],
        Block::Paragraph(text) => vec![piece("", text.clone(), "")],
        Block::Quote(text) => vec![piece("<blockquote>", text.clone(), "</blockquote>")],
        Block::Note(text) => vec![piece("<i>", text.clone(), "</i>")],
        Block::List(items) => items.iter().map(|item| piece("", format!("• {item}"), "")).collect(),
        Block::Link { label, url } => vec![Piece { open: "", text: label.clone(), close: "", href: Some(url.clone()) }],
    }
}

fn dress(piece: &Piece, chunk: &str, markup: Markup) -> (String, String) {
    let plain = match &piece.href {
        Some(url) => format!("{chunk} {url}"),
        None => chunk.to_owned(),
    };
    let marked = match (markup, &piece.href) {
        (Markup::Plain, _) => plain.clone(),
        (Markup::Html, Some(url)) => format!("<a href=\"{}\">{}</a>", escape(url), escape(chunk)),
        (Markup::WecomMarkdown, Some(url)) => format!("[{}]({url})", harmless(chunk)),
        (Markup::WecomMarkdown, None) => wecom_markdown(piece.open, &harmless(chunk)),
        (Markup::Html, None) => format!("{}{}{}", piece.open, escape(chunk), piece.close),
    };
    (marked, plain)
}

/// WeCom reads `<@id>` and `<font …>` in any text and knows no escape: the full-width signs look the same and mean nothing.
fn harmless(text: &str) -> String {
    text.replace('<', "＜").replace('>', "＞")
}

fn wecom_markdown(open: &str, text: &str) -> String {
    match open {
        "<b>" => format!("**{text}**"),
        "<i>" => format!("<font color=\"comment\">{text}</font>"),
        "<blockquote>" => text.lines().map(|line| format!("> {line}")).collect::<Vec<_>>().join("\n"),
        _ => text.to_owned(),
    }
}

/// What mark-up may add to a piece that fills a message: a font tag, a quote sign on each line, signs three bytes wide for one.
const MARKUP_MARGIN: usize = 512;

/// Cuts a piece that alone exceeds the limit: at line ends, else sentence ends, else anywhere between characters.
fn split(piece: &Piece, mut limits: Limits) -> Vec<String> {
    if limits.markup == Markup::WecomMarkdown {
        limits.max_length -= MARKUP_MARGIN;
    }
    if piece.href.is_some() || length(&piece.text, limits.length_unit) <= limits.max_length {
        return vec![piece.text.clone()];
    }
    let mut chunks = Vec::new();
    let mut rest = piece.text.as_str();
    while length(rest, limits.length_unit) > limits.max_length {
        let cut = cut_point(rest, limits);
        chunks.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    if !rest.is_empty() {
        chunks.push(rest.to_owned());
    }
    chunks
}

/// A text shorter than this is too long for nobody.
const SHORTEST_HALF: usize = 100;

/// Two parts instead of one that a platform found too long, without mark-up: cut at a line or sentence end near the middle.
pub fn halve(part: &Part) -> Option<(Part, Part)> {
    let half = part.plain.chars().count() / 2;
    if half < SHORTEST_HALF || part.poll.is_some() || part.attachment.is_some() || part.card.is_some() {
        return None;
    }
    let limits = Limits { max_length: half, length_unit: LengthUnit::Characters, ..ChannelKind::Print.limits() };
    let (first, rest) = part.plain.split_at(cut_point(&part.plain, limits));
    let (first, rest) = (first.trim_end().to_owned(), rest.trim_start().to_owned());
    Some((Part::plain(first), Part { buttons: part.buttons.clone(), ..Part::plain(rest) }))
}

fn cut_point(text: &str, limits: Limits) -> usize {
    let (mut used, mut hard, mut line, mut sentence) = (0, 0, 0, 0);
    for (at, c) in text.char_indices() {
        used += length(c.encode_utf8(&mut [0; 4]), limits.length_unit);
        if used > limits.max_length {
            break;
        }
        hard = at + c.len_utf8();
        match c {
            '\n' => line = hard,
            '。' | '！' | '？' | '；' | '!' | '?' => sentence = hard,
            _ => {}
        }
    }
    let far_enough = hard / 2;
    if line > far_enough {
        line
    } else if sentence > far_enough {
        sentence
    } else {
        hard.max(text.chars().next().map_or(1, char::len_utf8))
    }
}
