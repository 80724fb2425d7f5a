//! Asking words of the dialects, read as the common ones, so that every later rule has one form to look for: 交几多, 罚好多, 冇得, 啷个办.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

/// What is heard, in the order it is replaced, and what is meant. 好多 also says "a lot": only at the end of a question does it ask.
const READINGS: [(&str, &str); 10] = [
    (r"几多", "多少"),
    (r"好多(钱|元|块|天|年|个|次|岁|税|点|分|万)?([嘛哦啊呢呀咯]?[?]?)$", "多少$1$2"),
    (r"几大(会儿|哈儿)", "多久"),
    (r"冇得|冇|木有|莫得", "没有"),
    (r"中不中|要得不|得行不|得不得行", "行不行"),
    (r"咋个|啷个|啷么|咋子", "怎么"),
    (r"啥子", "什么"),
    (r"几时", "什么时候"),
    (r"(查|看|问|算|说|讲|帮)哈", "$1一下"),
    (r"(?:俺|咱)(们|家)?", "我$1"),
];

static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> =
    LazyLock::new(|| READINGS.iter().map(|(heard, meant)| (Regex::new(heard).expect("the pattern is fixed"), *meant)).collect());

/// The text with the common words in place of those of a dialect.
pub fn common(text: &str) -> String {
    let read = PATTERNS.iter().fold(Cow::Borrowed(text), |text, (heard, meant)| match heard.replace_all(&text, *meant) {
        Cow::Borrowed(_) => text,
        Cow::Owned(read) => Cow::Owned(read),
    });
    read.into_owned()
}
