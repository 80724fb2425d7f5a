//! Forms: big labels, hints, and a refusal that stands at its field with everything typed still there.

use askama::Template;

use crate::web::problem::ApiError;
use crate::web::session::{Fields, Session};

/// How a field is filled in.
#[derive(Debug, Clone)]
enum Kind {
    /// An `<input>` of this type.
    Input(&'static str),
    /// Several lines.
    Long,
    /// One of several.
    Choice(Vec<Choice>),
    /// Any of several.
    Ticks(Vec<Choice>),
    /// Yes or no.
    Tick,
    /// A file to send; the endings that are taken.
    File(&'static str),
}

/// One thing to choose.
#[derive(Debug, Clone)]
pub struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// One field.
#[derive(Debug, Clone, Template)]
#[template(path = "console/field.html", config = "src/web/askama.toml")]
pub struct Field {
    name: &'static str,
    label: String,
    kind: Kind,
    value: String,
    hint: String,
    error: String,
    required: bool,
    most: usize,
    complete: &'static str,
    fixed: bool,
}

impl Field {
    fn new(name: &'static str, label: &str, kind: Kind) -> Self {
        let (hint, error, value) = (String::new(), String::new(), String::new());
        Self { name, label: label.to_owned(), kind, value, hint, error, required: false, most: 0, complete: "off", fixed: false }
    }

    /// One line.
    pub fn text(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("text"))
    }

    /// Several lines.
    pub fn long(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Long)
    }

    /// A number.
    pub fn number(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("number"))
    }

    /// A day: `2026-11-26`.
    pub fn date(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("date"))
    }

    /// A month: `2026-11`.
    pub fn month(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("month"))
    }

    /// A wall-clock time: `2026-11-26T09:00`.
    pub fn time(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Input("datetime-local"))
    }

    /// A password; `complete` is what the browser's keeper should fill in: `current-password` or `new-password`.
    pub fn password(name: &'static str, label: &str, complete: &'static str) -> Self {
        Self { complete, ..Self::new(name, label, Kind::Input("password")) }
    }

    /// One of several: value and label.
    pub fn choice<V: Into<String>, L: Into<String>>(name: &'static str, label: &str, choices: impl IntoIterator<Item = (V, L)>) -> Self {
        Self::new(name, label, Kind::Choice(chosen(choices)))
    }

    /// Any of several: value and label.
    pub fn ticks<V: Into<String>, L: Into<String>>(name: &'static str, label: &str, choices: impl IntoIterator<Item = (V, L)>) -> Self {
        Self::new(name, label, Kind::Ticks(chosen(choices)))
    }

    /// Yes or no.
    pub fn tick(name: &'static str, label: &str) -> Self {
        Self::new(name, label, Kind::Tick)
    }

    /// A file; `endings` such as `.md,.pdf`.
    pub fn file(name: &'static str, label: &str, endings: &'static str) -> Self {
        Self::new(name, label, Kind::File(endings))
    }

    /// What stands in it.
    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.fill(&[&value.into()]);
        self
    }

    /// What is ticked.
    pub fn values(mut self, values: &[&str]) -> Self {
        self.fill(values);
        self
    }

    /// A sentence under the label.
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = hint.to_owned();
        self
    }

    /// Must be filled in.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// At most so many characters.
    pub fn most(mut self, characters: usize) -> Self {
        self.most = characters;
        self
    }

    /// What the browser's keeper should fill in.
    pub fn complete(mut self, what: &'static str) -> Self {
        self.complete = what;
        self
    }

    /// To be read, not changed.
    pub fn fixed(mut self) -> Self {
        self.fixed = true;
        self
    }

    fn fill(&mut self, values: &[&str]) {
        match &mut self.kind {
            Kind::Choice(choices) | Kind::Ticks(choices) => {
                for choice in choices {
                    choice.chosen = values.contains(&choice.value.as_str());
                }
            }
            // A password and a file never come back.
            Kind::Input("password") | Kind::File(_) => {}
            Kind::Input(_) | Kind::Long | Kind::Tick => self.value = values.first().copied().unwrap_or_default().to_owned(),
        }
    }
}

fn chosen<V: Into<String>, L: Into<String>>(choices: impl IntoIterator<Item = (V, L)>) -> Vec<Choice> {
    choices.into_iter().map(|(value, label)| Choice { value: value.into(), label: label.into(), chosen: false }).collect()
}

/// A form with its button.
#[derive(Debug, Clone, Template)]
#[template(path = "console/form.html", config = "src/web/askama.toml")]
pub struct Form {
    method: &'static str,
    action: String,
    csrf: String,
    hidden: Vec<(String, String)>,
    fields: Vec<Field>,
    submit: String,
    error: String,
    look: &'static str,
}

impl Form {
    /// A form that changes something.
    pub fn new(session: &Session, action: impl Into<String>, submit: &str) -> Self {
        Self::open(action, submit).token(&session.csrf)
    }

    /// A form of somebody who is not logged in.
    pub fn open(action: impl Into<String>, submit: &str) -> Self {
        let (csrf, error) = (String::new(), String::new());
        let (hidden, fields) = (Vec::new(), Vec::new());
        Self { method: "post", action: action.into(), csrf, hidden, fields, submit: submit.to_owned(), error, look: "" }
    }

    /// A form that only looks for something: a row of fields, sent with GET.
    pub fn search(action: impl Into<String>, submit: &str) -> Self {
        Self { method: "get", look: "row", ..Self::open(action, submit) }
    }

    fn token(mut self, csrf: &str) -> Self {
        self.csrf = csrf.to_owned();
        self
    }

    /// Adds a field.
    pub fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Adds a value nobody sees.
    pub fn hidden(mut self, name: &str, value: &str) -> Self {
        self.hidden.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts what was typed back into the fields.
    pub fn filled(mut self, typed: &Fields) -> Self {
        for field in self.fields.iter_mut().filter(|field| !field.fixed) {
            field.fill(&typed.all(field.name));
        }
        self
    }

    /// Shows a refusal where it belongs: at its field, or above the form. What is not the person's fault is handed back.
    pub fn refused(mut self, error: ApiError) -> Result<Self, ApiError> {
        match &error {
            ApiError::Internal(_) | ApiError::NotFound(_) | ApiError::Forbidden(_) | ApiError::Unauthenticated(_) => return Err(error),
            ApiError::Invalid { field: Some(name), detail } => match self.fields.iter_mut().find(|field| field.name == name) {
                Some(field) => field.error.clone_from(detail),
                None => self.error.clone_from(detail),
            },
            _ => self.error = error.detail(),
        }
        Ok(self)
    }

    fn has_file(&self) -> bool {
        self.fields.iter().any(|field| matches!(field.kind, Kind::File(_)))
    }
}
