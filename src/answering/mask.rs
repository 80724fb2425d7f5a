//! Personal data is masked before storage and logs (F21): ID cards, 纳税人识别号, bank cards, mobile numbers.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::{Captures, Regex};

/// Digits kept at each end, so that a person recognises their own number and nobody else's can be used.
const KEPT: usize = 3;

static NUMBERS: LazyLock<Regex> = LazyLock::new(|| {
    // Runs of 11 to 22 letters and digits of which most are digits; spaces and hyphens inside are how people group them.
    Regex::new(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ](?:[ \-]?[0-9A-Za-z０-９Ａ-Ｚａ-ｚ]){10,21}").expect("the pattern is fixed")
});

/// The text with every personal number replaced by its ends and asterisks.
pub fn mask(text: &str) -> String {
    NUMBERS.replace_all(text, |hit: &Captures<'_>| masked(&hit[0]).into_owned()).into_owned()
}

/// Whether there is anything to mask.
pub fn has_personal_data(text: &str) -> bool {
    NUMBERS.find_iter(text).any(|hit| matches!(masked(hit.as_str()), Cow::Owned(_)))
}

fn masked(run: &str) -> Cow<'_, str> {
    let plain: String = run
        .chars()
        .filter(|c| !matches!(c, ' ' | '-'))
        .map(|c| char::from_u32(u32::from(c).wrapping_sub(0xFEE0)).filter(|_| ('０'..='ｚ').contains(&c)).unwrap_or(c))
        .collect();
    if !is_personal(&plain) {
        return Cow::Borrowed(run);
    }
    let kept: Vec<char> = plain.chars().collect();
    let (head, tail) = (&kept[..KEPT], &kept[kept.len() - KEPT..]);
    Cow::Owned(format!("{}****{}", head.iter().collect::<String>(), tail.iter().collect::<String>()))
}

fn is_personal(plain: &str) -> bool {
    let length = plain.len();
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let mobile = length == 11
        && digits == 11
        && plain.starts_with('1')
        && !plain.starts_with("10")
        && !plain.starts_with("11")
        && !plain.starts_with("12");
    let identity = length == 18 && digits >= 17;
    let old_identity = length == 15 && digits == 15;
    // 统一社会信用代码: 18 characters, the first two class and authority, six digits of the region.
    let credit_code = length == 18 && digits >= 8 && plain.bytes().skip(2).take(6).all(|byte| byte.is_ascii_digit());
    let bank_card = (16..=19).contains(&length) && digits == length;
    let tax_number = length == 20 && digits >= 17;
    mobile || identity || old_identity || credit_code || bank_card || tax_number
}
