//! Numbers as Chinese texts print them.

/// 1 to 9999 in Chinese numerals as articles are numbered: 十一, 一百零九.
pub fn chinese_numeral(number: u32) -> String {
    const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    const UNITS: [(u32, &str); 4] = [(1000, "千"), (100, "百"), (10, "十"), (1, "")];
    let mut text = String::new();
    let mut gap = false;
    for (unit, name) in UNITS {
        let digit = number / unit % 10;
        if digit == 0 {
            gap = !text.is_empty();
            continue;
        }
        if gap {
            text.push('零');
        }
        gap = false;
        if !(unit == 10 && digit == 1 && text.is_empty()) {
            text.push_str(DIGITS[digit as usize]);
        }
        text.push_str(name);
    }
    text
}
