//! Ranking: the three views fused in one query, curated questions beside them. What does not hold on the date is left out before the best
//! are taken, never after.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use crate::search::cut::{Cut, Term};
use crate::search::gist::Gist;
use crate::search::matter::{Levies, Matter};
use crate::search::postings::{K1_PLUS_ONE, Sought, idf};
use crate::search::snapshot::{Cutting, PassageId, Snapshot};
use crate::search::views::View;
use chrono::NaiveDate;

/// Weight of likeness to a curated question against the passage's share of its possible score. Fitted on the questions of development.
const QUESTION_WEIGHT: f32 = 0.5;
/// Weight of how much the whole text is about the matter: a passage gains where its neighbours speak of it too.
const DOCUMENT_WEIGHT: f32 = 0.35;
/// So many of the best passages of a text say what it is about.
const BEST_OF_TEXT: usize = 20;
/// A text of at most so many passages is about what its best one is about.
const SHORT_TEXT: usize = 5;
/// Weight of how often other texts cite the text: people mostly ask what the much-cited laws govern. Higher gains on tax laws and loses
/// recall on all laws.
const PRIOR_WEIGHT: f32 = 0.15;
/// Weight of what was learned from confirmed pairs, against the best score. Chosen by folds on laypersons' questions about all laws.
const BRIDGE_WEIGHT: f32 = 0.6;
/// Weight of likeness in meaning by vectors learned from the texts, against the best score. Chosen on halves of laypersons' questions about
/// all laws, so that questions about tax laws gain too.
const NEAR_WEIGHT: f32 = 0.65;
/// What a passage loses that is about another tax than the one named.
const OTHER_LEVY: f32 = 0.5;
/// What remains of a passage that is meant for other taxpayers than the one named.
const OTHER_AUDIENCE: f32 = 0.85;
/// Who is named by which words, and what audiences that may be.
const ASKERS: [(&[&str], &[&str]); 3] = [
    (&["小规模"], &["小规模", "个体", "企业"]),
    (&["一般纳税人"], &["一般纳税人", "企业"]),
    (&["个体户", "个体工商户", "小店", "夫妻店"], &["个体", "小规模"]),
];
/// Curated questions looked at, and passages beyond the wanted ones, so that filtering by document leaves enough.
const SPARE: usize = 500;

/// Dates for which it is remembered what holds: today and the years people ask about.
const DATES_KEPT: usize = 8;

/// Whether texts that do not hold on the date may be found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Holding,
    Any,
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    pub cut: &'a Cut,
    pub as_of: NaiveDate,
    pub standing: Standing,
    pub limit: usize,
}

/// What a score is made of (F24).
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Part {
    /// Share of the possible score that the passage reached, 0 to 1.
    pub text: f32,
    /// Likeness to the most similar curated question of its document, 0 to 1.
    pub question: f32,
    /// How much its document is about the matter, against the one most about it, 0 to 1.
    pub document: f32,
    /// How often other texts cite its document, 0 to 1 for the one cited most.
    pub prior: f32,
    /// What confirmed pairs say for it, 0 to 1 for the one they say most for; 0 where nothing was learned.
    pub learned: f32,
    /// Likeness in meaning by vectors learned from the texts, -1 to 1; 0 where there are none.
    pub near: f32,
}

/// A passage found.
#[derive(Debug, Clone, PartialEq)]
pub struct Hit {
    pub passage: PassageId,
    pub score: f32,
    pub part: Part,
    /// The curated question most like the one asked.
    pub asked: Option<String>,
}

/// What the index found, by place and score.
#[derive(Default)]
struct Candidates {
    passages: Vec<(u32, f32)>,
    asked: Vec<(usize, f32)>,
}

/// What a passage has from its text.
#[derive(Debug, Clone, Copy, Default)]
struct About {
    /// How much the text is about the matter; see [`Part::document`].
    share: f32,
    /// How often other texts cite it; see [`Part::prior`].
    prior: f32,
}

impl Snapshot {
    /// The best passages for a text, best first; equal scores in the order of the documents.
    pub fn search(&self, request: &Request<'_>) -> tantivy::Result<Vec<Hit>> {
        let terms: Vec<(&Term, &str)> = request.cut.terms().filter(|(term, _)| !term.common).collect();
        let possible: f32 = terms.iter().map(|(term, _)| term.view.weight() * term.idf * K1_PLUS_ONE).sum();
        let Candidates { mut passages, asked } = self.candidates(&terms, request)?;
        if possible <= 0.0 || (passages.is_empty() && asked.is_empty()) {
            return Ok(Vec::new());
        }
        passages.iter_mut().for_each(|(_, score)| *score /= possible);
        let highest = passages.first().map_or(0.0, |(_, score)| *score);
        let likeness = self.likeness(request.cut, &asked);
        for document in likeness.keys() {
            // A document found by its questions alone brings its first passage along.
            let first = self.starts[*document as usize];
            if !passages.iter().any(|(passage, _)| *passage == first) {
                passages.push((first, 0.0));
            }
        }
        let about = self.about(&passages);
        let learned = self.learned(&terms, &passages);
        let levies = request.cut.levies();
        let asker = askers(request.cut.text());
        let near = self.near(request.cut.text(), passages.iter().map(|(passage, _)| *passage));
        let mut scored: Vec<(f32, u32, Part, Option<usize>)> = Vec::with_capacity(passages.len());
        for (at, (passage, text)) in passages.into_iter().enumerate() {
            let brief = self.briefs[passage as usize];
            let (question, asked) = likeness.get(&brief.document).map_or((0.0, None), |(likeness, at)| (*likeness, Some(*at)));
            let [learned, near] = [&learned, &near].map(|of| of.get(at).copied().unwrap_or_default());
            let About { share, prior } = about[at];
            let part = Part { text, question, document: share, prior, learned, near };
            let evidence = DOCUMENT_WEIGHT * part.document + PRIOR_WEIGHT * part.prior + BRIDGE_WEIGHT * learned + NEAR_WEIGHT * near;
            let score = part.text + QUESTION_WEIGHT * part.question + evidence * highest;
            // Documents lie far apart in memory: they are looked at only where it matters for whom they are meant.
            let for_whom = if asker.is_empty() { 1.0 } else { audience_factor(&asker, &self.documents[brief.document as usize].audience) };
            let factor = levy_factor(levies, brief.matter) * for_whom;
            scored.push((score * factor, passage, part, asked));
        }
        let order = |a: &(f32, u32, Part, Option<usize>), b: &(f32, u32, Part, Option<usize>)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if request.limit < scored.len() {
            scored.select_nth_unstable_by(request.limit, order);
            scored.truncate(request.limit);
        }
        scored.sort_unstable_by(order);
        let hit = |(score, passage, part, asked): (f32, u32, Part, Option<usize>)| {
            let asked = asked.map(|at| self.asked[at].question.clone());
            Hit { passage: PassageId(passage), score, part, asked }
        };
        Ok(scored.into_iter().map(hit).collect())
    }

    /// For each passage how much its text is about the matter, against the one most about it: the mean of the text's best passages.
    fn about(&self, passages: &[(u32, f32)]) -> Vec<About> {
        let mut found: Vec<(u32, usize)> =
            passages.iter().enumerate().map(|(at, (passage, _))| (self.briefs[*passage as usize].text, at)).collect();
        // The passages of a text stay in their order, best first.
        found.sort_unstable();
        let mut about = vec![About::default(); passages.len()];
        let mut highest = f32::MIN_POSITIVE;
        for of_text in found.chunk_by(|a, b| a.0 == b.0) {
            let (text, best) = of_text[0];
            // A short text is about what its best passage is about; only a long one must say it more than once.
            let short =
                self.cutting == Cutting::Passages && (self.starts[text as usize + 1] - self.starts[text as usize]) as usize <= SHORT_TEXT;
            #[expect(clippy::cast_precision_loss, reason = "a handful")]
            let mean = of_text.iter().take(BEST_OF_TEXT).map(|(_, at)| passages[*at].1).sum::<f32>() / BEST_OF_TEXT as f32;
            let share = if short { passages[best].1 } else { mean };
            highest = highest.max(share);
            of_text.iter().for_each(|(_, at)| about[*at] = About { share, prior: self.priors[text as usize] });
        }
        about.iter_mut().for_each(|about| about.share /= highest);
        about
    }

    /// What confirmed pairs say for each passage, against the one they say most for; empty where they say nothing.
    fn learned(&self, terms: &[(&Term, &str)], passages: &[(u32, f32)]) -> Vec<f32> {
        let Some(bridge) = self.bridge() else { return Vec::new() };
        let words: Vec<(&str, f32)> =
            terms.iter().filter(|(term, _)| term.view == View::Words).map(|(term, word)| (*word, term.idf)).collect();
        let Some(crossing) = bridge.cross(&words, self.passage_words()) else { return Vec::new() };
        let mut worth: Vec<f32> = passages.iter().map(|(passage, _)| crossing.worth(*passage)).collect();
        let most = worth.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
        worth.iter_mut().for_each(|worth| *worth /= most);
        worth
    }

    /// How near in meaning each passage is to a text; empty where nothing was learned.
    fn near(&self, text: &str, passages: impl Iterator<Item = u32>) -> Vec<f32> {
        let Some(vectors) = self.vectors() else { return Vec::new() };
        let Some(asked) = vectors.of(&self.dictionary.in_sequence(text)) else { return Vec::new() };
        passages.map(|passage| vectors.likeness(&asked, passage)).collect()
    }

    /// How well a passage fits the levies a question names; see [`Levies::fit`].
    pub fn levy_fit(&self, levies: Levies, id: PassageId) -> Option<f32> {
        levies.fit(self.briefs[id.0 as usize].matter)
    }

    /// Information of each word of a text: 0 for one that stands everywhere.
    pub fn idf(&self, view: View, term: &str) -> tantivy::Result<f32> {
        Ok(idf(self.postings.found(view, term)?, self.postings.entries()))
    }

    fn candidates(&self, terms: &[(&Term, &str)], request: &Request<'_>) -> tantivy::Result<Candidates> {
        // The rarest first: of a very long question they are what is looked for.
        let mut terms: Vec<(&Term, &str)> = terms.iter().copied().filter(|(term, _)| term.found > 0).collect();
        terms.sort_by(|(a, _), (b, _)| (b.view.weight() * b.idf).total_cmp(&(a.view.weight() * a.idf)));
        let sought: Vec<Sought<'_>> = terms.iter().map(|(term, text)| Sought { view: term.view, term: text, key: term.key }).collect();
        let allowed = match (self.cutting, request.standing) {
            (Cutting::Whole, _) | (_, Standing::Any) => None,
            (Cutting::Passages, Standing::Holding) => Some(self.holding(request.as_of)),
        };
        let mut candidates = Candidates::default();
        for found in self.postings.search(&sought, allowed.as_ref(), request.limit + SPARE)? {
            match (found.entry as usize).checked_sub(self.passages.len()) {
                Some(question) => candidates.asked.push((question, found.score)),
                None => candidates.passages.push((found.entry, found.score)),
            }
        }
        Ok(candidates)
    }

    /// For each entry whether its document holds on `date`.
    fn holding(&self, date: NaiveDate) -> Arc<[bool]> {
        let mut known = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, holding)) = known.iter().find(|(known, _)| *known == date) {
            return Arc::clone(holding);
        }
        let holds: Vec<bool> = self.documents.iter().map(|document| document.validity(date).holds()).collect();
        let owners = self.passages.iter().map(|(document, _)| *document).chain(self.asked.iter().map(|asked| asked.document));
        let holding: Arc<[bool]> = owners.map(|document| holds[document as usize]).collect();
        if known.len() == DATES_KEPT {
            known.remove(0);
        }
        known.push((date, Arc::clone(&holding)));
        holding
    }

    /// For each document the likeness of its curated question most like the one asked, and which one that is.
    fn likeness(&self, cut: &Cut, asked: &[(usize, f32)]) -> HashMap<u32, (f32, usize)> {
        let mut likeness: HashMap<u32, (f32, usize)> = HashMap::new();
        if asked.is_empty() {
            return likeness;
        }
        let ours = Gist::of(cut);
        for (at, _) in asked {
            let Some(curated) = self.asked.get(*at) else { continue };
            let value = ours.likeness(&self.gists[*at]);
            let best = likeness.entry(curated.document).or_insert((value, *at));
            if value > best.0 {
                *best = (value, *at);
            }
        }
        likeness
    }
}

fn levy_factor(levies: Levies, matter: Matter) -> f32 {
    levies.fit(matter).map_or(1.0, |fit| 1.0 - OTHER_LEVY * (1.0 - fit))
}

/// Who a text speaks of, in the words of `audience`.
fn askers(text: &str) -> Vec<&'static str> {
    ASKERS.iter().filter(|(said, _)| said.iter().any(|word| text.contains(word))).flat_map(|(_, kinds)| kinds.iter().copied()).collect()
}

fn audience_factor(askers: &[&str], audience: &[String]) -> f32 {
    let meant = audience.is_empty() || audience.iter().any(|kind| askers.iter().any(|asker| kind.contains(asker)));
    if meant { 1.0 } else { OTHER_AUDIENCE }
}
