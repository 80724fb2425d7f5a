//! A message as blocks, before any channel renders it.

use serde::{Deserialize, Serialize};

/// One block of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// Bold line at the top of a part of the message.
    Heading(String),
    /// Running text; line breaks are kept.
    Paragraph(String),
    /// A document's own words.
    Quote(String),
    /// Bulleted lines.
    List(Vec<String>),
    /// A label and an absolute address.
    Link { label: String, url: String },
    /// Small print: source, date, caution.
    Note(String),
}

/// What the data of a button begins with whose tap opens the private chat.
pub const OPEN: &str = "open:";

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ButtonAction {
    /// Comes back as `Act::Button`; 1 to 64 bytes (Telegram's limit).
    Data(String),
    Url(String),
}

/// A tappable button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub label: String,
    pub action: ButtonAction,
}

/// A whole message.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Message {
    pub blocks: Vec<Block>,
    /// Rows of buttons, under the last part.
    #[serde(default)]
    pub buttons: Vec<Vec<Button>>,
}

impl Message {
    /// A message of one paragraph.
    pub fn text(words: impl Into<String>) -> Self {
        Self { blocks: vec![Block::Paragraph(words.into())], buttons: Vec::new() }
    }

    /// Adds a block.
    #[must_use]
    pub fn with(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }

    /// Adds a row of buttons.
    #[must_use]
    pub fn with_buttons(mut self, row: Vec<Button>) -> Self {
        self.buttons.push(row);
        self
    }
}

impl Button {
    /// A button whose tap comes back to the service.
    pub fn data(label: impl Into<String>, data: impl Into<String>) -> Self {
        Self { label: label.into(), action: ButtonAction::Data(data.into()) }
    }

    /// A button that opens the private chat with the bot, which gets `payload` as if a link with it had been followed: at most 59 of
    /// A-Z a-z 0-9 _ -.
    pub fn open(label: impl Into<String>, payload: &str) -> Self {
        Self::data(label, format!("{OPEN}{payload}"))
    }

    /// A button that opens an address.
    pub fn url(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self { label: label.into(), action: ButtonAction::Url(url.into()) }
    }
}
