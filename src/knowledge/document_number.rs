//! 文号 in any form people write it (F08): brackets, spaces, full width, short forms. Two of them are the same when issuer's family,
//! year and number agree; a form without a family agrees with any.

use std::sync::LazyLock;

use regex::Regex;
use unicode_normalization::UnicodeNormalization;

/// Families of numbers, the longer before what it contains.
const FAMILIES: [(&str, &str); 18] = [
    ("税总办征科函", "税总办征科函"),
    ("财税字", "财税字"),
    ("财税", "财税"),
    ("财综", "财综"),
    ("财行", "财行"),
    ("国办发", "国办发"),
    ("国发", "国发"),
    ("国税发", "国税发"),
    ("国税函", "国税函"),
    ("税总发", "税总发"),
    ("税总函", "税总函"),
    ("发改价格", "发改价格"),
    ("人社部发", "人社部发"),
    ("法释", "法释"),
    ("财政部", "财政部"),
    ("税务总局", "税务总局"),
    ("总局", "税务总局"),
    ("国务院", "国务院"),
];

static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?x)
        (?P<family>[\p{Han}\x20、（）()]{0,24}?)
        (?:公告)?\s*第?\s*[〔\[\(（【]?\s*
        (?P<year>19[0-9]{2}|20[0-4][0-9])\s*年?\s*[〕\]\)）】]?\s*
        (?:公告)?\s*(?:第|\#)?\s*
        (?P<number>[0-9]{1,4})\s*号",
    )
    .expect("the pattern is fixed")
});
static ORDER: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(主席令|国务院令|总局令|财政部令)\s*第?\s*([0-9]{1,4})\s*号").expect("the pattern is fixed"));

/// A 文号 as recognised.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DocumentNumber {
    /// Issuer's families named in it; empty where none was written.
    pub families: Vec<&'static str>,
    /// 0 for orders (令), which have no year.
    pub year: u16,
    pub number: u16,
    /// Byte range in the normalised text it was found in.
    pub range: (usize, usize),
}

impl DocumentNumber {
    /// Whether both can mean the same document.
    pub fn agrees(&self, other: &Self) -> bool {
        let shares = self.families.iter().any(|family| other.families.contains(family));
        self.year == other.year && self.number == other.number && (self.families.is_empty() || other.families.is_empty() || shares)
    }
}

/// All numbers in `text`, in order.
pub fn find_all(text: &str) -> Vec<DocumentNumber> {
    let text: String = text.nfkc().collect();
    let mut found = Vec::new();
    // Every form has it, and most texts do not.
    if !text.contains('号') {
        return found;
    }
    for hit in NUMBER.captures_iter(&text) {
        let (Some(whole), Some(year), Some(number)) = (hit.get(0), hit.name("year"), hit.name("number")) else { continue };
        let (Ok(year), Ok(value)) = (year.as_str().parse(), number.as_str().parse()) else { continue };
        let before = hit.name("family").map_or("", |family| family.as_str());
        let around = format!("{before}{}", whole.as_str());
        let mut families = families_in(&around);
        // 财税 2026年25号公告 is how people shorten 财政部 税务总局公告.
        let after: String = text[whole.end()..].chars().take(3).collect();
        if (around.contains("公告") || after.contains("公告")) && families.contains(&"财税") {
            families.extend(["财政部", "税务总局"]);
        }
        found.push(DocumentNumber { families, year, number: value, range: (whole.start(), whole.end()) });
    }
    for hit in ORDER.captures_iter(&text) {
        let (Some(whole), Some(kind), Some(number)) = (hit.get(0), hit.get(1), hit.get(2)) else { continue };
        let family = match kind.as_str() {
            "主席令" => "主席令",
            "国务院令" => "国务院令",
            "财政部令" => "财政部令",
            _ => "总局令",
        };
        if let Ok(value) = number.as_str().parse() {
            found.push(DocumentNumber { families: vec![family], year: 0, number: value, range: (whole.start(), whole.end()) });
        }
    }
    found
}

/// The text without spaces, brackets and quotes, for comparing two printed numbers exactly.
pub fn squeezed(text: &str) -> String {
    let folded: String = text.nfkc().collect();
    folded.chars().filter(|c| !c.is_whitespace() && !"〔〕[]()【】、,《》".contains(*c)).collect()
}

fn families_in(text: &str) -> Vec<&'static str> {
    let squeezed: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut rest = squeezed;
    let mut families = Vec::new();
    for (written, family) in FAMILIES {
        if rest.contains(written) {
            rest = rest.replace(written, "|");
            if !families.contains(&family) {
                families.push(family);
            }
        }
    }
    families
}
