//! Which tax or levy a text is about. A question that names one is seldom answered by a text on another, however alike the words.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::Regex;

use crate::domain::document::Document;
use crate::knowledge::Glossary;
use crate::search::everyday::parts;
use crate::search::views::fold;

/// Taxes and levies of China that a bureau administers, the longer names before what they contain.
const LEVIES: [&str; 24] = [
    "城市维护建设税",
    "城镇土地使用税",
    "企业所得税",
    "个人所得税",
    "车辆购置税",
    "土地增值税",
    "耕地占用税",
    "环境保护税",
    "船舶吨税",
    "教育费附加",
    "残疾人就业保障金",
    "社会保险费",
    "养老保险",
    "失业保险",
    "工伤保险",
    "医疗保险",
    "增值税",
    "消费税",
    "印花税",
    "房产税",
    "车船税",
    "资源税",
    "契税",
    "关税",
];

static FINDER: LazyLock<AhoCorasick> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(LEVIES).expect("the names are fixed"));

/// "那两个税" counts taxes; it does not name 个税.
static COUNTED: LazyLock<Regex> = LazyLock::new(|| Regex::new("[两几哪这那一二三四五六多每各]个税").expect("the pattern is fixed"));

/// Last characters of the names of levies.
const ENDINGS: [char; 5] = ['税', '金', '费', '险', '加'];

/// The levies a text names: a bit for each of the known ones.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Levies(u32);

/// Names of levies, the everyday ones from the glossary among them: 个税, 工资税, 企税.
#[derive(Debug)]
pub struct LevyNames {
    /// The longer names before what they contain, each with its levy's bit.
    names: Vec<(String, u32)>,
    finder: AhoCorasick,
}

impl LevyNames {
    /// Reads the names from the table: entries whose official term is one levy and nothing else.
    pub fn of(glossary: &Glossary) -> Self {
        let mut names: Vec<(String, u32)> = (0..).zip(LEVIES).map(|(at, levy)| (levy.to_owned(), 1 << at)).collect();
        for entry in glossary.everyday() {
            let mut whole = parts(&entry.official);
            if let (Some(official), None) = (whole.next(), whole.next())
                && let Some(at) = LEVIES.iter().position(|levy| *levy == official)
                && entry.term.ends_with(ENDINGS)
            {
                names.push((fold(&entry.term), 1 << at));
            }
        }
        names.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let finder =
            AhoCorasick::new(names.iter().map(|(name, _)| name)).expect("a table that people write is far below the limit of states");
        Self { names, finder }
    }

    /// The levies a text names; a name inside a longer one does not count twice.
    pub fn named_in(&self, text: &str) -> Levies {
        self.named_in_folded(&fold(text))
    }

    /// The same of a text that is folded.
    pub(super) fn named_in_folded(&self, folded: &str) -> Levies {
        // Most texts name none, which one pass tells.
        let mut named: Vec<usize> = self.finder.find_overlapping_iter(folded).map(|found| found.pattern().as_usize()).collect();
        named.sort_unstable();
        named.dedup();
        if named.is_empty() {
            return Levies::default();
        }
        let mut rest = COUNTED.replace_all(folded, "|").into_owned();
        let mut levies = 0;
        for (name, levy) in named.into_iter().map(|at| &self.names[at]) {
            if rest.contains(name.as_str()) {
                rest = rest.replace(name.as_str(), "|");
                levies |= levy;
            }
        }
        Levies(levies)
    }
}

/// Which levies a passage is about, worked out once: one bit for each of the known ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Matter {
    subject: u32,
    text: u32,
}

impl Matter {
    /// The levies that title and topics name, and those that only the text names.
    pub fn of(document: &Document, text: &str) -> Self {
        let subject = document.topics.iter().fold(named(&document.title), |levies, topic| levies | named(topic));
        Self { subject, text: named(text) }
    }
}

impl Levies {
    /// How well a passage fits: 1 where its title or subject is one of the levies, half where its text names one, 0 where neither.
    /// `None` where the question names no levy.
    pub fn fit(self, matter: Matter) -> Option<f32> {
        if self.0 == 0 {
            None
        } else if matter.subject & self.0 != 0 {
            Some(1.0)
        } else if matter.text & self.0 != 0 {
            Some(0.5)
        } else {
            Some(0.0)
        }
    }

    /// The same for a sentence: 1 where it names one of the levies, -1 where it names only others, 0 where one side names none.
    pub fn fit_sentence(self, sentence: Self) -> f32 {
        if self.0 == 0 || sentence.0 == 0 {
            0.0
        } else if sentence.0 & self.0 != 0 {
            1.0
        } else {
            -1.0
        }
    }
}

/// The levies a text names, and not only a longer name that ends like one (土地增值税 is not 增值税): a bit for each.
fn named(text: &str) -> u32 {
    FINDER.find_iter(text).fold(0, |levies, found| levies | 1 << found.pattern().as_usize())
}
