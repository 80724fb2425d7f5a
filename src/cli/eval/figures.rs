//! The figures of a run: ranking (nDCG, MRR, recall), answers (right, wrong, missed, false), times and sizes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::answering::Outcome;
use crate::cli::eval::questions::Question;
use crate::cli::print::say;
use crate::domain::answer::{Decision, Ranked};

/// Size of what was searched, and what it cost.
#[derive(Debug)]
pub struct Size {
    pub documents: usize,
    pub passages: usize,
    pub build_ms: u64,
    pub index_bytes: u64,
    pub peak_memory_bytes: Option<u64>,
}

/// Sums over the questions so far.
#[derive(Debug, Default)]
pub struct Figures {
    questions: usize,
    ranked: usize,
    ndcg: f64,
    mrr: f64,
    recall: [f64; 3],
    answerable: usize,
    right: usize,
    wrong: usize,
    missed: usize,
    unanswerable: usize,
    wrongly_answered: usize,
    pieces: usize,
    pieces_held: usize,
    took: Vec<Duration>,
    remarks: Vec<String>,
    changes: Vec<String>,
}

const RECALL_AT: [usize; 3] = [5, 10, 100];
const CUT: usize = 10;

impl Figures {
    /// Adds one question's outcome; `before` is its decision in the earlier run.
    pub fn add(&mut self, question: &Question, outcome: &Outcome, took: Duration, before: Option<&str>) {
        self.questions += 1;
        self.took.push(took);
        if question.answerable != Some(false) {
            self.rank(&question.relevant_keys(), &outcome.ranked);
        }
        self.judge(question, outcome);
        let now = decision_word(outcome.answer.decision);
        if let Some(before) = before.filter(|before| *before != now) {
            self.changes.push(format!("{}：{before} → {now}", question.id));
        }
    }

    fn rank(&mut self, relevant: &[String], results: &[Ranked]) {
        if relevant.is_empty() {
            return;
        }
        let mut keys: Vec<String> = Vec::new();
        for result in results {
            let article = result.article.as_deref().unwrap_or_default();
            let full = format!("{}#{article}", result.document);
            let key = if relevant.contains(&full) { full } else { result.document.clone() };
            // An article is one result, a document without a wanted article counts by its own passages.
            let key = if relevant.contains(&key) { key } else { format!("{}#{article}", result.document) };
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        let found: Vec<usize> = (0..keys.len()).filter(|at| relevant.contains(&keys[*at])).collect();
        let gain = |at: usize| 1.0 / (number(at) + 2.0).log2();
        let ideal: f64 = (0..relevant.len().min(CUT)).map(gain).sum();
        self.ranked += 1;
        self.ndcg += found.iter().filter(|at| **at < CUT).map(|at| gain(*at)).sum::<f64>() / ideal;
        self.mrr += found.first().filter(|at| **at < CUT).map_or(0.0, |at| 1.0 / (number(*at) + 1.0));
        for (sum, cut) in self.recall.iter_mut().zip(RECALL_AT) {
            *sum += number(found.iter().filter(|at| **at < cut).count()) / number(relevant.len());
        }
    }

    fn judge(&mut self, question: &Question, outcome: &Outcome) {
        let text = outcome.answer.text();
        let answered = outcome.answer.decision == Decision::Answered;
        if question.answerable == Some(false) {
            self.unanswerable += 1;
            if answered {
                self.wrongly_answered += 1;
                self.remark("不该答却答了", question, &text);
            }
            return;
        }
        if question.answerable.is_none() && question.must_contain.is_empty() {
            return;
        }
        self.answerable += 1;
        if question.clarify_ok && outcome.answer.decision == Decision::Clarify {
            self.right += 1;
            return;
        }
        let lacks = question.lacks(&text);
        self.pieces += question.must_contain.len();
        if !answered {
            self.missed += 1;
            self.remark(&format!("该答未答（{}）", outcome.reason.word()), question, &text);
        } else {
            self.pieces_held += question.must_contain.len() - lacks.len();
            if lacks.is_empty() {
                self.right += 1;
            } else {
                self.wrong += 1;
                self.remark(&format!("缺少 {}", lacks.join("；")), question, &text);
            }
        }
    }

    fn remark(&mut self, what: &str, question: &Question, text: &str) {
        let short: String = text.replace('\n', " ").chars().take(60).collect();
        self.remarks.push(format!("{} {}：{what} | {short}", question.id, question.question));
    }

    /// Mean nDCG@10; `None` where nothing relevant was named.
    pub fn ndcg(&self) -> Option<f64> {
        (self.ranked > 0).then(|| self.ndcg / number(self.ranked))
    }

    /// Mean recall@100; `None` where nothing relevant was named.
    pub fn recall_at_100(&self) -> Option<f64> {
        (self.ranked > 0).then(|| self.recall[2] / number(self.ranked))
    }

    /// All figures as JSON.
    pub fn as_json(&self, size: &Size) -> Value {
        let mean = |sum: f64| (self.ranked > 0).then(|| sum / number(self.ranked));
        let [p50, p95, p99] = self.percentiles();
        json!({
            "questions": self.questions,
            "ndcg_at_10": mean(self.ndcg),
            "mrr_at_10": mean(self.mrr),
            "recall_at_5": mean(self.recall[0]),
            "recall_at_10": mean(self.recall[1]),
            "recall_at_100": mean(self.recall[2]),
            "answerable": self.answerable,
            "answered_right": share(self.right, self.answerable),
            "answered_wrong": share(self.wrong, self.answerable),
            "wrongly_abstained": share(self.missed, self.answerable),
            "unanswerable": self.unanswerable,
            "wrongly_answered": share(self.wrongly_answered, self.unanswerable),
            "must_contain": share(self.pieces_held, self.pieces),
            "latency_us": {"p50": p50, "p95": p95, "p99": p99},
            "documents": size.documents,
            "passages": size.passages,
            "build_ms": size.build_ms,
            "index_bytes": size.index_bytes,
            "peak_memory_bytes": size.peak_memory_bytes,
            "remarks": self.remarks,
            "changes": self.changes,
        })
    }

    /// All figures for people.
    pub fn print(&self, size: &Size) {
        say(format_args!("题目 {}，文件 {}，段落 {}", self.questions, size.documents, size.passages));
        if self.ranked > 0 {
            let mean = |sum: f64| sum / number(self.ranked);
            say(format_args!(
                "检索（{} 题）  nDCG@10 {:.4}  MRR@10 {:.4}  recall@5 {:.4}  @10 {:.4}  @100 {:.4}",
                self.ranked,
                mean(self.ndcg),
                mean(self.mrr),
                mean(self.recall[0]),
                mean(self.recall[1]),
                mean(self.recall[2])
            ));
        }
        let line = |name: &str, part: usize, whole: usize| {
            if let Some(share) = share(part, whole) {
                say(format_args!("{name} {part}/{whole}（{:.1}%）", share * 100.0));
            }
        };
        line("答对", self.right, self.answerable);
        line("答错", self.wrong, self.answerable);
        line("该答未答", self.missed, self.answerable);
        line("不该答却答了", self.wrongly_answered, self.unanswerable);
        line("必含内容", self.pieces_held, self.pieces);
        let [p50, p95, p99] = self.percentiles();
        say(format_args!("每题用时 p50 {p50} µs  p95 {p95} µs  p99 {p99} µs"));
        let memory = size.peak_memory_bytes.map_or_else(|| "未知".to_owned(), |bytes| format!("{} MB", bytes / 1024 / 1024));
        say(format_args!("建立索引 {} ms，索引 {} 字节，内存峰值 {memory}", size.build_ms, size.index_bytes));
        for (title, lines) in [("逐题", &self.remarks), ("与上次相比", &self.changes)] {
            if !lines.is_empty() {
                say(format_args!("\n{title}："));
                lines.iter().for_each(|line| say(format_args!("  {line}")));
            }
        }
    }

    /// p50, p95, p99 in microseconds.
    fn percentiles(&self) -> [u64; 3] {
        let mut sorted = self.took.clone();
        sorted.sort();
        [50, 95, 99].map(|percent| percentile(&sorted, percent))
    }
}

/// The given percentile of sorted durations, in microseconds; 0 where there are none.
pub fn percentile(sorted: &[Duration], percent: usize) -> u64 {
    let at = (sorted.len() * percent).div_ceil(100).saturating_sub(1);
    sorted.get(at).map_or(0, |took| u64::try_from(took.as_micros()).unwrap_or(u64::MAX))
}

fn decision_word(decision: Decision) -> &'static str {
    match decision {
        Decision::Answered => "answered",
        Decision::Clarify => "clarify",
        Decision::Abstained => "abstained",
    }
}

fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| number(part) / number(whole))
}

#[expect(clippy::cast_precision_loss, reason = "counts of questions are far below 2^52")]
fn number(count: usize) -> f64 {
    count as f64
}
