//! Things counted: a sentence on homes "140平方米以上" does not answer for one of 90, and who asks 几岁 is answered by years of age only.

use std::sync::LazyLock;

use regex::Regex;

static ASKED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\d{2,4})(?:多)?(?:平方米|平方|平米|平|㎡)?(以上|以下|以内)?").expect("the pattern is fixed"));
static AREA: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"平方|平米|\d平|㎡").expect("the pattern is fixed"));
static BOUND: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\d{2,4})平方米(?:（含）)?(?:及)?(以上|以下|以内)").expect("the pattern is fixed"));

/// What is counted in a question, and what an answer then holds.
const COUNTED: [(&str, &str); 7] = [
    (r"(?:多少|几)分(?:[^之钟成红]|$)", r"\d+分"),
    (r"(?:多少|几)岁", r"岁"),
    (r"(?:多少|几)次", r"[\d一二三两]次|按次|每(?:年|月|季)"),
    (r"(?:多少|几)位", r"[\d一二三四五六七八九十]位"),
    (r"(?:多少|几)(?:个)?人", r"人"),
    (r"(?:多少|几)(?:平方|平米|平(?:[^均时]|$)|亩)", r"平方米|亩"),
    (
        r"(?:^|[^判])(?:多少|几)年",
        r"(?:^|[^\d])(?:\d{1,2}|[一二三四五六七八九十])个?(?:纳税)?年|个月|永久|长期|当年|次年|20\d{2}年.{0,16}20\d{2}年|至20\d{2}年",
    ),
];
static COUNTS: LazyLock<Vec<(Regex, Regex)>> = LazyLock::new(|| {
    let of =
        |(asked, held): &(&str, &str)| (Regex::new(asked).expect("the pattern is fixed"), Regex::new(held).expect("the pattern is fixed"));
    COUNTED.iter().map(of).collect()
});

/// Whether an answer counts in what the question asks to be counted in; true where it asks for no count.
pub fn counts(question: &str, answer: &str) -> bool {
    COUNTS.iter().all(|(asked, held)| !asked.is_match(question) || held.is_match(answer))
}

/// Whether the home asked about lies on the side of the bound that the sentence speaks of; true where either names no area.
pub fn fits(question: &str, sentence: &str) -> bool {
    let Some(bound) = BOUND.captures(sentence) else { return true };
    let number = |hit: &regex::Captures<'_>| hit.get(1).and_then(|digits| digits.as_str().parse::<u32>().ok());
    let Some(limit) = number(&bound) else { return true };
    let upper = &bound[2] == "以上";
    // A bare number counts only as the bound itself ("140以上"); else it may be a price or a year.
    let asked = ASKED.captures_iter(question).find(|hit| AREA.is_match(&hit[0]) || hit.get(2).is_some() && number(hit) == Some(limit));
    let Some((area, side)) = asked.and_then(|hit| Some((number(&hit)?, hit.get(2).map(|side| side.as_str() == "以上")))) else {
        return true;
    };
    match side {
        Some(above) if area == limit => above == upper,
        _ if area > limit => upper,
        // The bound itself belongs to what is below it.
        _ => !upper,
    }
}
