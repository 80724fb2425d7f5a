//! Whether two questions ask the same, by the words and characters that the index cuts. What only makes a question of them (怎么, 多少,
//! 能不能) is left out, everyday and official words for a thing are read as one, and a term counts the more the rarer it is among the questions
//! written beside the documents: 注销 tells two questions apart, 交 hardly.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aho_corasick::{AhoCorasick, MatchKind};

use crate::knowledge::Glossary;
use crate::search::everyday::parts;
use crate::search::snapshot::Snapshot;
use crate::search::views::{View, fold};

/// The shorter question must be found in the other to this share, or one of the two asks something else.
/// This and [`SHARED`] were measured on the pairs of `tests/it/gaps.rs`.
const COVERED: f32 = 0.8;
/// What both say must be this share of all they say.
const SHARED: f32 = 0.6;
/// A question found in another to this share says nothing that the other does not: what the other says besides tells them apart.
const WHOLE: f32 = 0.9;
/// Words are what is meant, characters find them in another order or shortened: both count.
const VIEWS: [View; 2] = [View::Words, View::Characters];
/// What makes a question of words, and says nothing of the matter.
const ASKING: [&str; 78] = [
    "请问一下",
    "请问",
    "咨询一下",
    "想问一下",
    "想问",
    "麻烦问下",
    "你好",
    "您好",
    "谢谢",
    "怎么办理",
    "如何办理",
    "怎么办",
    "怎么样",
    "怎么",
    "怎样",
    "如何",
    "咋",
    "为什么",
    "什么时候",
    "什么时间",
    "是什么",
    "什么",
    "啥",
    "哪些",
    "哪里",
    "哪儿",
    "在哪",
    "哪个",
    "多长时间",
    "多久",
    "多少钱",
    "多少",
    "几天",
    "几号",
    "何时",
    "能不能",
    "可不可以",
    "要不要",
    "用不用",
    "是不是",
    "有没有",
    "是否",
    "可以",
    "需要",
    "应该",
    "必须",
    "一下",
    "吗",
    "呢",
    "啊",
    "呀",
    "吧",
    "么",
    "了",
    "的",
    "该",
    "要",
    "得",
    "收到",
    "拿到手",
    "到手",
    "我",
    "钱",
    "处理",
    "操作",
    "办理",
    "流程",
    "步骤",
    "手续",
    "老师",
    "现在",
    "目前",
    "具体",
    "怎么计算",
    "如何计算",
    "怎么算",
    "如何算",
    "咋算",
];

/// Everyday words for a wage that are no names of one: 收到 alone is said of invoices too.
const A_WAGE: [(&str, &str); 3] = [("收到多少钱", "工资多少"), ("拿到手多少", "工资多少"), ("到手多少", "工资多少")];

/// A question as it is compared.
#[derive(Debug)]
pub struct Said {
    /// Letters and digits of the whole question.
    text: String,
    /// What it is about, in one name for each thing.
    matter: String,
    /// Its figures: two questions with different ones are two.
    figures: BTreeSet<String>,
    /// For each view the terms with what they count.
    terms: [HashMap<String, f32>; 2],
}

/// Names with the one each is read as, and how often each term is asked.
#[derive(Debug)]
pub(super) struct Asking {
    names: Option<AhoCorasick>,
    read_as: Vec<String>,
    asking: Option<AhoCorasick>,
    asked: HashMap<String, u32>,
    questions: u32,
}

impl Asking {
    /// Reads the table of words. All names of a thing are read as the shortest: a long one would outweigh the rest of the question.
    fn of(glossary: &Glossary) -> Self {
        let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in glossary.everyday() {
            let Some(official) = parts(&entry.official).next() else { continue };
            let official = fold(official);
            let known = names.entry(official.clone()).or_insert_with(|| vec![official]);
            known.push(fold(&entry.term));
        }
        let mut terms: Vec<(String, String)> = Vec::new();
        for known in names.into_values() {
            let han = |name: &&String| name.chars().count() >= 2 && !name.is_ascii();
            let Some(shortest) = known.iter().filter(han).min_by_key(|name| name.chars().count()).cloned() else { continue };
            terms.extend(known.into_iter().map(|name| (name, shortest.clone())));
        }
        let finder = |words: Vec<&str>| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words).ok();
        Self {
            names: finder(terms.iter().map(|(term, _)| term.as_str()).collect()),
            asking: finder(ASKING.to_vec()),
            read_as: terms.into_iter().map(|(_, official)| official).collect(),
            asked: HashMap::new(),
            questions: 0,
        }
    }

    /// What a question is about, in one name for each thing.
    fn matter(&self, question: &str) -> String {
        let mut folded = fold(question);
        for (everyday, plain) in A_WAGE {
            folded = folded.replace(everyday, plain);
        }
        let named = match &self.names {
            Some(finder) if !self.read_as.is_empty() => finder.replace_all(&folded, &self.read_as),
            Some(_) | None => folded,
        };
        let matter = match &self.asking {
            Some(finder) => finder.replace_all(&named, &[" "; ASKING.len()]),
            None => named.clone(),
        };
        // A question made of nothing else is compared as it stands.
        if matter.chars().any(char::is_alphanumeric) { matter } else { named }
    }

    fn weight(&self, marked: &str) -> f32 {
        let asked = self.asked.get(marked).copied().unwrap_or_default();
        (1.0 + f64::from(self.questions) / (1.0 + f64::from(asked))).ln() as f32
    }
}

impl Said {
    /// How much of all that both say is common, 0.6 to 1, where both ask the same; else nothing.
    pub fn same(&self, other: &Self) -> Option<f32> {
        if self.text == other.text {
            return Some(1.0);
        }
        if self.figures != other.figures {
            return None;
        }
        let covered = self.found_in(other).max(other.found_in(self));
        let shared = self.shared_with(other);
        let alike = covered >= COVERED && shared >= SHARED && !self.adds_to(other) && !other.adds_to(self);
        alike.then_some(shared)
    }

    /// Whether it says all that the other says and names one thing more: 卖房的个税怎么交 is not 个税怎么交. A word of one character, or one put
    /// together of what the other says too (进口关税), names no further thing.
    fn adds_to(&self, other: &Self) -> bool {
        let [words, _] = &self.terms;
        let [others, _] = &other.terms;
        let names_more = |term: &String| {
            let word = term.strip_prefix(View::Words.mark()).unwrap_or(term);
            word.chars().count() >= 2 && word.chars().any(|c| !other.matter.contains(c))
        };
        other.found_in(self) >= WHOLE && words.keys().filter(|term| !others.contains_key(*term)).any(names_more)
    }

    /// Whether each is found in the other: neither speaks of a thing that the other leaves out, so that one answer is right for both.
    /// Stricter than [`Self::same`], which only puts questions beside each other for a person to look at.
    pub fn asks_just(&self, other: &Self) -> bool {
        let covered = self.found_in(other).min(other.found_in(self));
        self.text == other.text || (self.figures == other.figures && covered >= COVERED)
    }

    /// How much of all that both say is common, 0 to 1.
    pub fn shared_with(&self, other: &Self) -> f32 {
        self.by_view(other, |ours, theirs| 2.0 * common(ours, theirs) / (weight(ours) + weight(theirs)))
    }

    fn found_in(&self, other: &Self) -> f32 {
        self.by_view(other, |ours, theirs| common(ours, theirs) / weight(ours))
    }

    fn by_view(&self, other: &Self, share: impl Fn(&HashMap<String, f32>, &HashMap<String, f32>) -> f32) -> f32 {
        let shares = self.terms.iter().zip(&other.terms).map(|(ours, theirs)| if ours.is_empty() { 0.0 } else { share(ours, theirs) });
        shares.sum::<f32>() / VIEWS.len() as f32
    }
}

fn weight(terms: &HashMap<String, f32>) -> f32 {
    terms.values().sum()
}

fn common(ours: &HashMap<String, f32>, theirs: &HashMap<String, f32>) -> f32 {
    ours.iter().filter(|(term, _)| theirs.contains_key(*term)).map(|(_, weight)| weight).sum()
}

impl Snapshot {
    /// A question made ready to be compared.
    pub fn said(&self, question: &str) -> Said {
        let asking = self.asking();
        let matter = asking.matter(question);
        let terms = VIEWS.map(|view| {
            let weighed = |term: String| {
                let marked = view.marked(&term);
                let weight = asking.weight(&marked);
                (marked, weight)
            };
            self.terms(view, &matter).into_iter().map(weighed).collect()
        });
        let folded = fold(question);
        let figures = folded.split(|c: char| !c.is_ascii_digit() && c != '.').filter(|run| run.chars().any(|c| c.is_ascii_digit()));
        Said {
            matter,
            figures: figures.map(str::to_owned).collect(),
            text: folded.chars().filter(|c| c.is_alphanumeric()).collect(),
            terms,
        }
    }

    /// The terms of a question that tell most, at most `most`, as they stand in the index.
    pub fn telling_terms(&self, question: &str, most: usize) -> Vec<String> {
        let said = self.said(question);
        let mut terms: Vec<(String, f32)> = said.terms.into_iter().flatten().collect();
        terms.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        terms.truncate(most);
        terms.into_iter().map(|(term, _)| term).collect()
    }

    /// The words questions are compared by, with how often each is asked.
    pub(super) fn count_asking(&self) -> Asking {
        let mut asking = Asking::of(self.glossary());
        for asked in &self.asked {
            let matter = asking.matter(&asked.question);
            let terms: BTreeSet<String> =
                VIEWS.iter().flat_map(|view| self.terms(*view, &matter).into_iter().map(|term| view.marked(&term))).collect();
            for term in terms {
                *asking.asked.entry(term).or_default() += 1;
            }
            asking.questions += 1;
        }
        asking
    }
}
