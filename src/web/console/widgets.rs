//! The pieces pages are made of. Each is a template of its own and escapes its texts; a page shows it by `{{ widget|safe }}`.

use askama::Template;

/// What a list says that has nothing yet: what belongs here, and what to do first.
#[derive(Debug, Clone, Template)]
#[template(path = "console/empty.html", config = "src/web/askama.toml")]
pub struct Empty {
    title: String,
    text: String,
    link: Option<(String, String)>,
}

impl Empty {
    /// A title and a sentence.
    pub fn new(title: &str, text: &str) -> Self {
        Self { title: title.to_owned(), text: text.to_owned(), link: None }
    }

    /// The way to do it.
    pub fn link(mut self, path: &str, label: &str) -> Self {
        self.link = Some((path.to_owned(), label.to_owned()));
        self
    }
}

/// One cell of a table.
#[derive(Debug, Clone)]
pub enum Cell {
    Text(String),
    /// Smaller and grey.
    Quiet(String),
    Link {
        path: String,
        text: String,
    },
    /// A coloured word; `mark` is one of good, bad, wait, plain.
    Badge {
        mark: &'static str,
        text: String,
    },
    /// A picture made by `chart.rs`.
    Picture(String),
    /// Buttons.
    Actions(Vec<Action>),
}

impl Cell {
    /// Plain words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Words that matter less.
    pub fn quiet(text: impl Into<String>) -> Self {
        Self::Quiet(text.into())
    }

    /// A way to a page.
    pub fn link(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Link { path: path.into(), text: text.into() }
    }

    /// A state; `mark` is one of good, bad, wait, plain.
    pub fn badge(mark: &'static str, text: impl Into<String>) -> Self {
        Self::Badge { mark, text: text.into() }
    }
}

/// A button: it opens a page, or sends a form without fields.
#[derive(Debug, Clone, Template)]
#[template(path = "console/action.html", config = "src/web/askama.toml")]
pub struct Action {
    path: String,
    label: String,
    /// The session's token where it sends a form.
    csrf: Option<String>,
    look: &'static str,
}

impl Action {
    /// Opens a page.
    pub fn open(path: impl Into<String>, label: &str) -> Self {
        Self { path: path.into(), label: label.to_owned(), csrf: None, look: "" }
    }

    /// Sends a form without fields.
    pub fn send(path: impl Into<String>, label: &str, csrf: &str) -> Self {
        Self { path: path.into(), label: label.to_owned(), csrf: Some(csrf.to_owned()), look: "" }
    }

    /// The one most come for.
    pub fn first(mut self) -> Self {
        self.look = "first";
        self
    }

    /// Takes something away.
    pub fn danger(mut self) -> Self {
        self.look = "danger";
        self
    }
}

/// Buttons in a row, above a page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "console/actions.html", config = "src/web/askama.toml")]
pub struct Actions(pub Vec<Action>);

/// A table; on a phone each row is a card.
#[derive(Debug, Clone, Template)]
#[template(path = "console/table.html", config = "src/web/askama.toml")]
pub struct Table {
    /// What it lists, for whoever cannot see it.
    caption: String,
    heads: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    empty: Empty,
    /// The way to the next page.
    next: Option<String>,
    /// What part of the whole this is; empty: all of it.
    note: String,
}

impl Table {
    /// A table with these heads; `empty` is shown while there is no row.
    pub fn new(caption: &str, heads: &[&'static str], empty: Empty) -> Self {
        Self { caption: caption.to_owned(), heads: heads.to_vec(), rows: Vec::new(), empty, next: None, note: String::new() }
    }

    /// Adds a row: as many cells as heads.
    pub fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    /// How many rows there are.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// Says that this is a part of the whole, and which: a list is never cut silently.
    pub fn note(&mut self, note: String) {
        self.note = note;
    }

    /// Adds the way to the next page, where there is one.
    pub fn next(&mut self, path: Option<String>) {
        self.next = path;
    }
}

/// Names and values, two columns.
#[derive(Debug, Clone, Template)]
#[template(path = "console/facts.html", config = "src/web/askama.toml")]
pub struct Facts(pub Vec<(String, Cell)>);

/// A text under a heading.
#[derive(Debug, Clone, Template)]
#[template(path = "console/note.html", config = "src/web/askama.toml")]
pub struct Note {
    pub title: String,
    pub text: String,
}

/// Something folded away under its name until it is wanted.
#[derive(Debug, Clone, Template)]
#[template(path = "console/fold.html", config = "src/web/askama.toml")]
pub struct Fold {
    label: String,
    /// Already rendered.
    inside: String,
    open: bool,
}

impl Fold {
    /// Folded.
    pub fn closed(label: &str, inside: &impl ToString) -> Self {
        Self { label: label.to_owned(), inside: inside.to_string(), open: false }
    }

    /// Unfolded: a form that came back with a refusal.
    pub fn opened(label: &str, inside: &impl ToString) -> Self {
        Self { open: true, ..Self::closed(label, inside) }
    }
}

/// Asks before something is done.
#[derive(Debug, Clone, Template)]
#[template(path = "console/confirm.html", config = "src/web/askama.toml")]
pub struct Confirm {
    /// What will happen, in whole sentences.
    pub text: String,
    /// Where the form goes.
    pub action: String,
    pub csrf: String,
    /// Fields that go along.
    pub hidden: Vec<(String, String)>,
    pub label: String,
    /// Where "no" leads.
    pub back: String,
}

/// A number under its name, with the way to what it counts.
#[derive(Debug, Clone)]
pub struct Tile {
    pub label: String,
    pub value: String,
    pub path: Option<String>,
    /// One of good, bad, wait, plain.
    pub mark: &'static str,
}

/// Numbers side by side.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "console/tiles.html", config = "src/web/askama.toml")]
pub struct Tiles(pub Vec<Tile>);

/// How far something long has come. Inside an element with `data-live` it moves by itself.
#[derive(Debug, Clone, Template)]
#[template(path = "console/progress.html", config = "src/web/askama.toml")]
pub struct Progress {
    pub label: String,
    pub done: i64,
    pub of: i64,
}
