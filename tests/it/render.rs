//! F29: text is split at sentence ends within the channel's limit, mark-up balanced in each part, a plain form beside it.

use taxhome::domain::channel::ChannelKind;
use taxhome::domain::message::{Block, Button, Message};
use taxhome::domain::render::{PartMarkup, length, render};

fn balanced(html: &str) -> bool {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let end = rest[at..].find('>').map(|end| at + end).unwrap();
        let tag = &rest[at + 1..end];
        match tag.strip_prefix('/') {
            Some(name) => {
                if open.pop() != Some(name) {
                    return false;
                }
            }
            None => open.push(tag.split(' ').next().unwrap()),
        }
        rest = &rest[end + 1..];
    }
    open.is_empty()
}

fn sentence(n: usize) -> String {
    format!("第{n}条 纳税人销售额 < 10 万元 & 按季申报的，免征增值税😀。")
}

#[test]
fn a_long_quote_is_split_at_sentence_ends_with_its_mark_up_whole() {
    let limits = ChannelKind::Telegram.limits();
    let text: String = (0..400).map(sentence).collect();
    let message = Message { blocks: vec![Block::Heading("标题".into()), Block::Quote(text.clone())], buttons: Vec::new() };
    let parts = render(&message, limits);
    assert!(parts.len() > 2, "{} parts", parts.len());
    let mut together = String::new();
    for part in &parts {
        assert!(length(&part.plain, limits.length_unit) <= limits.max_length);
        assert!(balanced(&part.text), "{}", part.text);
        assert!(part.plain.ends_with('。'), "cut inside a sentence: …{}", &part.plain[part.plain.len().saturating_sub(60)..]);
        assert_eq!(part.markup, PartMarkup::Html);
        together.push_str(part.plain.trim_start_matches("标题").trim_start_matches('\n'));
    }
    assert_eq!(together, text, "nothing may be lost or doubled by the split");
}

#[test]
fn the_limit_counts_utf16_units_on_telegram() {
    let limits = ChannelKind::Telegram.limits();
    let parts = render(&Message::text("😀".repeat(3000)), limits);
    assert_eq!(parts.len(), 2);
    assert!(parts.iter().all(|part| part.plain.encode_utf16().count() <= 4096));
    let whole: usize = parts.iter().map(|part| part.plain.chars().count()).sum();
    assert_eq!(whole, 3000);
}

#[test]
fn mark_up_of_people_is_escaped_and_buttons_go_under_the_last_part() {
    let message =
        Message::text("<b>不要&加粗</b>").with(Block::Paragraph("字。".repeat(2500))).with_buttons(vec![Button::data("有用", "fb:1:1")]);
    let parts = render(&message, ChannelKind::Telegram.limits());
    assert!(parts[0].text.starts_with("&lt;b&gt;不要&amp;加粗&lt;/b&gt;"));
    assert!(parts[0].buttons.is_empty());
    assert_eq!(parts.last().unwrap().buttons.len(), 1);
}

#[test]
fn a_channel_without_mark_up_gets_plain_text_with_the_address() {
    let message = Message::default().with(Block::Link { label: "全文".into(), url: "https://example.cn/p?a=1&b=2".into() });
    let parts = render(&message, ChannelKind::Print.limits());
    assert_eq!(parts[0].text, "全文 https://example.cn/p?a=1&b=2");
    assert_eq!(parts[0].text, parts[0].plain);
}

#[test]
fn an_empty_message_is_still_one_part() {
    assert_eq!(render(&Message::default(), ChannelKind::Print.limits()).len(), 1);
}
