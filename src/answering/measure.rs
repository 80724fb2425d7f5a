//! Floor areas: a sentence on homes "140平方米以上" does not answer for one of 90.

use std::sync::LazyLock;

use regex::Regex;

static ASKED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\d{2,4})(?:多)?(?:平方米|平方|平米|平|㎡)?(以上|以下|以内)?").expect("the pattern is fixed"));
static AREA: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"平方|平米|\d平|㎡").expect("the pattern is fixed"));
static BOUND: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\d{2,4})平方米(?:（含）)?(?:及)?(以上|以下|以内)").expect("the pattern is fixed"));

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
