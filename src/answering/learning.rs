//! Learning what people's words mean from questions whose answer is confirmed: curated questions, approved answers, answers found useful.
//! Its one rule: nothing is learned unless somebody asked for it once with `taxhome learn`; from then on the bridge follows the knowledge.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use crate::knowledge::hash_of;
use crate::search::{Meanings, Pair, PassageId, Request, Snapshot, Standing};
use crate::store::questions::FoundUseful;

/// Passages among which the one of the confirmed document is looked for.
const LOOKED_AT: usize = 200;

/// A question with the document that is known to answer it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Confirmed {
    pub question: String,
    pub document: String,
    /// 第X条, where the very article is known.
    pub article: Option<String>,
}

impl Confirmed {
    /// A question answered by a document.
    pub fn new(question: String, document: String) -> Self {
        Self { question, document, article: None }
    }
}

/// Where the bridge of a data folder lies.
pub fn bridge_file(data_dir: &Path) -> PathBuf {
    data_dir.join("bridge.tsv")
}

/// The curated questions of all documents, approved answers among them.
pub fn curated(snapshot: &Snapshot) -> Vec<Confirmed> {
    let of = |id: &String, questions: &[String]| -> Vec<Confirmed> {
        questions.iter().map(|question| Confirmed::new(question.clone(), id.clone())).collect()
    };
    snapshot.documents().iter().flat_map(|document| of(&document.id, &document.questions)).collect()
}

/// All that is confirmed: curated, found useful, and the labelled pairs of the bridge known so far.
pub fn confirmed(snapshot: &Snapshot, useful: Vec<FoundUseful>, known: &Meanings) -> Vec<Confirmed> {
    let labelled = known.labelled.iter().map(|[question, document, article]| Confirmed {
        question: question.clone(),
        document: document.clone(),
        article: (!article.is_empty()).then(|| article.clone()),
    });
    let useful = useful.into_iter().map(|found| Confirmed::new(found.question, found.document));
    curated(snapshot).into_iter().chain(useful).chain(labelled).collect()
}

/// Learns from `confirmed`; documents that are not known here are left out.
pub fn learn(snapshot: &Snapshot, confirmed: &[Confirmed]) -> Meanings {
    let places: HashMap<&str, usize> = snapshot.documents().iter().enumerate().map(|(at, document)| (document.id.as_str(), at)).collect();
    let pairs: Vec<Pair> = confirmed
        .iter()
        .filter(|pair| places.contains_key(pair.document.as_str()))
        .filter_map(|pair| {
            let passage = answering(snapshot, pair)?;
            Some(Pair { question: snapshot.telling_words_in(&pair.question).collect(), passage: snapshot.telling_words(passage).collect() })
        })
        .filter(|pair| !pair.question.is_empty() && !pair.passage.is_empty())
        .collect();
    Meanings::learn(&pairs, name_of(snapshot, confirmed))
}

/// What tells whether the same would be learned again: the pairs and all texts.
pub fn name_of(snapshot: &Snapshot, confirmed: &[Confirmed]) -> String {
    let mut all = snapshot.fingerprint().to_owned();
    for pair in confirmed {
        all.push_str(&format!("\n{}\t{}\t{}", pair.question, pair.document, pair.article.as_deref().unwrap_or_default()));
    }
    hash_of(&all)
}

/// The passage of the confirmed document that answers: the article, or the one most like the question.
fn answering(snapshot: &Snapshot, pair: &Confirmed) -> Option<PassageId> {
    let all: Vec<PassageId> = snapshot.passage_ids(&pair.document).collect();
    if let Some(article) = &pair.article {
        return all.into_iter().find(|id| snapshot.passage(*id).1.article.as_ref() == Some(article));
    }
    let (first, several) = (*all.first()?, all.len() > 1);
    let look = || {
        let cut = snapshot.cut(&pair.question)?;
        snapshot.search(&Request { cut: &cut, as_of: NaiveDate::default(), standing: Standing::Any, limit: LOOKED_AT })
    };
    let found = if several { look().unwrap_or_default() } else { Vec::new() };
    Some(found.iter().map(|hit| hit.passage).find(|id| all.contains(id)).unwrap_or(first))
}

/// The bridge in a file; `None` where there is none. A file that cannot be read is as good as none, and said so.
pub fn read(file: &Path) -> Option<Meanings> {
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
        Err(error) => {
            tracing::warn!(error = %error, "the learned words cannot be read; ranking goes on without them");
            return None;
        }
    };
    match Meanings::parse(&text) {
        Ok(meanings) => Some(meanings),
        Err(error) => {
            tracing::warn!(error = %error, "the learned words cannot be read; ranking goes on without them");
            None
        }
    }
}

/// Writes a bridge; a reader sees the old file or the new one.
pub fn write(file: &Path, meanings: &Meanings) -> io::Result<()> {
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut unfinished = tempfile::Builder::new().prefix(".bridge-").tempfile_in(folder)?;
    unfinished.write_all(meanings.to_string().as_bytes())?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(file).map_err(|error| error.error)?;
    Ok(())
}
