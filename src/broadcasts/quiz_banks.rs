//! Banks of questions, as files a clerk writes or over the API. A bank is also an evening lesson: the passages its questions rest on.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::{fmt, iter};

use rust_embed::RustEmbed;

use super::plan_file::{self, line_of, line_of_top};
use super::{Actor, Broadcasts, Problem, Refused};
use crate::domain::document::Document;
use crate::domain::id::new_id;
use crate::domain::quiz::{QuizBank, QuizItem};
use crate::domain::time::Timestamp;
use crate::replies::quizzes as words;
use crate::store::{audit, quizzes};

const MOST_ITEMS: usize = 200;
const LONGEST_TITLE: usize = 80;
const LONGEST_KEY: usize = 40;
/// Telegram's limits for a quiz (core.telegram.org/bots/api#sendpoll), less what we add ourselves.
const LONGEST_QUESTION: usize = 255;
const LONGEST_OPTION: usize = 100;
const MOST_OPTIONS: usize = 10;
const LONGEST_EXPLANATION: usize = 150;

#[derive(RustEmbed)]
#[folder = "broadcasts/quizzes"]
struct Embedded;

/// Finds a published document by its id; what stands behind it is the index in use.
#[derive(Clone)]
pub struct Sources(Arc<Find>);

type Find = dyn Fn(&str) -> Option<Document> + Send + Sync;

/// Where a bank is wrong: the item from 0 (none: its head), the field, and what to write.
struct Fault(Option<usize>, &'static str, String);

impl Sources {
    /// Looks documents up with `find`.
    pub fn new(find: impl Fn(&str) -> Option<Document> + Send + Sync + 'static) -> Self {
        Self(Arc::new(find))
    }

    /// The document of this id.
    pub fn find(&self, id: &str) -> Option<Document> {
        (self.0)(id)
    }
}

impl Default for Sources {
    /// Knows no document: every item is blocked.
    fn default() -> Self {
        Self::new(|_| None)
    }
}

impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sources")
    }
}

/// Reads and checks every bank of `quizzes/` in `folder`, or the built-in ones.
pub fn read_files(folder: Option<&Path>) -> Result<Vec<(String, QuizBank)>, Vec<Problem>> {
    let (mut banks, mut problems) = (Vec::new(), Vec::new());
    for (name, text) in plan_file::texts::<Embedded>(folder, "quizzes") {
        let file = format!("quizzes/{name}.toml");
        match text.map_err(|problem| Problem { file: file.clone(), ..problem }).and_then(|text| read(&file, &text)) {
            Ok(bank) => banks.push((name, bank)),
            Err(problem) => problems.push(problem),
        }
    }
    if problems.is_empty() { Ok(banks) } else { Err(problems) }
}

fn read(file: &str, text: &str) -> Result<QuizBank, Problem> {
    let bank: QuizBank = plan_file::parse(file, text)?;
    check(&bank).map_err(|Fault(item, field, detail)| {
        let line = item.map_or_else(|| line_of_top(text, field), |index| line_of(text, "items", index, field));
        Problem { file: file.to_owned(), line, field: field.to_owned(), message: crate::replies::campaigns::in_field(field, &detail) }
    })?;
    Ok(bank)
}

fn check(bank: &QuizBank) -> Result<(), Fault> {
    let length = |text: &str| text.trim().chars().count();
    if !(1..=LONGEST_TITLE).contains(&length(&bank.title)) {
        return Err(Fault(None, "title", words::wrong_title(LONGEST_TITLE)));
    }
    if bank.items.is_empty() || bank.items.len() > MOST_ITEMS {
        return Err(Fault(None, "items", words::wrong_number_of_items(MOST_ITEMS)));
    }
    let mut keys = HashSet::new();
    for (index, item) in bank.items.iter().enumerate() {
        let wrong = |field, detail: String| Err(Fault(Some(index), field, words::in_item(index, &detail)));
        if !(1..=LONGEST_KEY).contains(&length(&item.key)) || !keys.insert(item.key.as_str()) {
            return wrong("key", words::wrong_key(LONGEST_KEY));
        }
        if !(1..=LONGEST_QUESTION).contains(&length(&item.question)) {
            return wrong("question", words::wrong_question(LONGEST_QUESTION));
        }
        let different: HashSet<&str> = item.options.iter().map(|option| option.trim()).collect();
        let sane = |option: &String| (1..=LONGEST_OPTION).contains(&length(option));
        if !(2..=MOST_OPTIONS).contains(&item.options.len()) || different.len() != item.options.len() || !item.options.iter().all(sane) {
            return wrong("options", words::wrong_options(MOST_OPTIONS, LONGEST_OPTION));
        }
        if !(1..=item.options.len()).contains(&item.answer) {
            return wrong("answer", words::wrong_answer(item.options.len()));
        }
        if length(&item.explanation) > LONGEST_EXPLANATION {
            return wrong("explanation", words::wrong_explanation(LONGEST_EXPLANATION));
        }
        if item.document.trim().is_empty() {
            return wrong("document", words::no_document());
        }
    }
    Ok(())
}

impl Broadcasts {
    /// Every bank, those in files first: its name or id, and what is in it.
    pub async fn quiz_banks(&self) -> Result<Vec<(String, QuizBank)>, Refused> {
        let written = quizzes::banks(&mut *self.store.read().await?).await?;
        Ok(self.files.quizzes.iter().cloned().chain(written).collect())
    }

    /// One bank by file name or id.
    pub async fn quiz_bank(&self, name: &str) -> Result<QuizBank, Refused> {
        let found = self.quiz_banks().await?.into_iter().find(|(known, _)| known == name);
        found.map(|(_, bank)| bank).ok_or(Refused::NotFound("题库"))
    }

    /// Takes a bank over the API; every item must have a source that holds today.
    pub async fn create_quiz_bank(&self, bank: QuizBank, actor: &Actor, now: Timestamp) -> Result<String, Refused> {
        check(&bank)
            .map_err(|Fault(item, field, detail)| Refused::invalid(if item.is_some() { in_items(field) } else { field }, detail))?;
        for (index, item) in bank.items.iter().enumerate() {
            if let Some(why) = self.why_blocked(item, now) {
                return Err(Refused::invalid("items.document", words::in_item(index, &why)));
            }
        }
        let id = new_id("qbk", now);
        let mut tx = self.store.begin().await?;
        quizzes::insert_bank(&mut tx, &id, &bank, &actor.id, now).await?;
        audit::record(&mut tx, &actor.name, "quiz_bank.create", &id, "", now).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Why an item is not asked today; nothing where it may be.
    pub fn why_blocked(&self, item: &QuizItem, now: Timestamp) -> Option<String> {
        let document = self.sources.find(&item.document);
        item.standing(document.as_ref(), now.date()).err().map(|blocked| words::blocked(blocked, &item.document))
    }

    /// The documents a bank's items rest on, each once, with the words cited from it.
    pub fn lesson(&self, bank: &QuizBank, now: Timestamp) -> Vec<(Document, Vec<String>)> {
        let mut lesson: Vec<(Document, Vec<String>)> = Vec::new();
        for item in bank.items.iter().filter(|item| self.why_blocked(item, now).is_none()) {
            let Some(document) = self.sources.find(&item.document) else { continue };
            let cited = cited_lines(item, &document);
            match lesson.iter_mut().find(|(known, _)| known.id == document.id) {
                Some((_, lines)) => {
                    for line in cited {
                        if !lines.contains(&line) {
                            lines.push(line);
                        }
                    }
                }
                None => lesson.push((document, cited)),
            }
        }
        lesson
    }
}

/// The whole lines a quotation or an article stands in; the article's heading line where only that is named.
fn cited_lines(item: &QuizItem, document: &Document) -> Vec<String> {
    let wanted: Vec<&str> = match (&item.quote, &item.article) {
        (Some(quote), _) => iter::once(quote.as_str()).collect(),
        (None, Some(article)) => iter::once(article.as_str()).collect(),
        (None, None) => Vec::new(),
    };
    let line = |text: &str| text.trim().trim_start_matches("- ").replace("**", "");
    document.body.lines().filter(|text| wanted.iter().any(|wanted| text.contains(wanted))).map(line).collect()
}

fn in_items(field: &str) -> &'static str {
    match field {
        "key" => "items.key",
        "question" => "items.question",
        "options" => "items.options",
        "answer" => "items.answer",
        "explanation" => "items.explanation",
        _ => "items.document",
    }
}
