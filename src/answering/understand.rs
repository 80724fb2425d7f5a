//! What is asked: the words in one form, the date, what is wished for, and what only accompanies the question.

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;
use unicode_normalization::UnicodeNormalization;

use crate::answering::dates::{self, Named};
use crate::answering::follow_up;
use crate::answering::lead::Readings;
use crate::answering::{Ask, dialect, spelling};
use crate::search::{Cut, Levies, Snapshot};

/// What kind of thing answers the question; decides which sentence goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// 几个点, 税率.
    Rate,
    /// 多少钱, 多少.
    Amount,
    /// 超过多少, 起征点: from where on a rule holds.
    Threshold,
    /// 几号, 多久, 期限.
    When,
    /// 从什么时候起, 什么时候生效.
    Since,
    /// 谁, 哪些人.
    Who,
    /// 带什么, 材料, 怎么办理.
    Materials,
    /// 罚多少.
    Penalty,
    /// 在哪.
    Where,
    /// 能不能, 要不要.
    Whether,
    Other,
}

/// A question as understood.
#[derive(Debug, Clone)]
pub struct Understood {
    /// As asked, personal data masked.
    pub asked: String,
    /// Normalised, simplified, put right: what rules look at.
    pub plain: String,
    /// `plain` without greetings and filler: what is searched.
    pub text: String,
    /// `text` as it is searched.
    pub cut: Cut,
    pub as_of: NaiveDate,
    pub today: NaiveDate,
    pub named: Named,
    /// Whether the words themselves, not the caller, named another time.
    pub spoken_date: Named,
    pub wish: Wish,
    /// Set where something was put right.
    pub understood_as: Option<String>,
    /// Words and pairs of `text` with their information, each once.
    pub terms: Vec<(String, f32)>,
    /// So many of them, the first, are words.
    pub words: usize,
    /// The taxes and levies named.
    pub levies: Levies,
    pub readings: Readings,
}

static FILLER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"你好|您好|请问一下|请问|问一下|想问下|想问|咨询一下|咨询下|麻烦|老师们|老师|大神|各位|亲们|谢谢|多谢|",
        r"在线等|急急急|求助|帮忙看看|帮忙|有人知道吗|谁知道|我想知道|想了解一下|想了解|听说|据说|是不是说|对吧|对吗|",
        r"到底|究竟|其实|就是说|那个啥|的话|一般来说|(?:怎么办|咋办|咋整|咋弄|怎么弄|怎么搞)(?:呢|啊|呀)?[?]?$"
    ))
    .expect("the pattern is fixed")
});
static PERCENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([0-9]+(?:\.[0-9]+)?)\s*个(?:百分)?点").expect("the pattern is fixed"));
static HAN_PERCENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([一二三四五六七八九])个(?:百分)?点").expect("the pattern is fixed"));

/// Signs of which questions are built, whatever they are about: "要交税吗" says nothing of what is taxed.
pub const FRAME: &str =
    "要交缴税吗嘛么怎咋多少能不可以的了吧呢呀啊我你他她它们把给在有没是啥几个点和就也还会得到去来这那什为被让跟与及或请问该应需";

/// Understands a question as of its `today`; `as_of` given by the caller goes before any date in the words.
pub fn understand(ask: &Ask, snapshot: &Snapshot) -> Understood {
    let Ask { as_of, today, .. } = *ask;
    let asked = crate::answering::mask(ask.question.trim());
    let folded: String = asked.nfkc().collect();
    let folded = folded.split_whitespace().collect::<Vec<_>>().join(" ");
    let simplified = dialect::common(&spelling::simplified(&folded));
    let mut understood_as = None;
    let mut plain = simplified;
    if let Some(read) = spelling::from_pinyin(&plain, snapshot) {
        understood_as = Some(read.clone());
        plain = read;
    }
    if let Some(right) = spelling::corrected(&plain, snapshot) {
        understood_as = Some(right.clone());
        plain = right;
    }
    if let Some(whole) = ask.topic.as_deref().and_then(|topic| follow_up::complete(&plain, topic, today)) {
        understood_as = Some(whole.clone());
        plain = whole;
    }
    let spoken = dates::read(&plain, as_of.unwrap_or(today));
    let text = match spoken.named {
        Named::No => searched(&plain),
        Named::Past | Named::Future => searched(&dates::without_date(&plain)),
    };
    let cut = snapshot.cut(&text).unwrap_or_else(|error| {
        tracing::error!(error = %error, "the terms of a question could not be looked up");
        Cut::default()
    });
    let (terms, words) = cut.telling();
    Understood {
        terms,
        words,
        levies: cut.levies(),
        readings: Readings::default(),
        cut,
        wish: wish_of(&plain),
        asked,
        text,
        as_of: spoken.date,
        spoken_date: spoken.named,
        today: as_of.unwrap_or(today),
        named: if as_of.is_some_and(|date| date < today) && spoken.named == Named::No { Named::Past } else { spoken.named },
        plain,
        understood_as,
    }
}

fn searched(plain: &str) -> String {
    let text = FILLER.replace_all(plain, " ");
    let text = HAN_PERCENT.replace_all(&text, |hit: &regex::Captures<'_>| {
        let digit = "零一二三四五六七八九".chars().position(|c| hit[1].starts_with(c)).unwrap_or(0);
        format!("{digit}个点 {digit}%")
    });
    let text = PERCENT.replace_all(&text, "${1}%");
    let text: String = text.chars().filter(|c| !matches!(c, '?' | '!' | '。' | '~' | '…')).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const ASKED: [(Wish, &[&str]); 5] = [
    (Wish::Rate, &["几个点", "税率", "征收率", "百分之几", "多少个点", "税点", "几点税", "比例"]),
    (
        Wish::When,
        &[
            "几号",
            "哪天",
            "多久",
            "几天",
            "什么时候",
            "啥时候",
            "何时",
            "截止",
            "最晚",
            "期限",
            "几月",
            "哪年",
            "多长时间",
            "几年",
            "几时",
            "多少天",
        ],
    ),
    (
        Wish::Amount,
        &[
            "多少",
            "几块",
            "几万",
            "多大",
            "最高",
            "最多",
            "最低",
            "怎么算",
            "怎么个算",
            "咋算",
            "如何算",
            "怎么计算",
            "如何计算",
            "算法",
            "咋计算",
        ],
    ),
    (Wish::Where, &["在哪", "哪里", "哪儿", "去哪"]),
    (Wish::Who, &["谁", "哪些人", "什么人", "哪类人", "哪些企业", "哪些单位", "什么企业", "什么单位", "哪些纳税人"]),
];
/// Said before all else these words tell what is asked, whatever stands behind them.
const FIRST: [(Wish, &[&str]); 2] = [
    (
        Wish::Since,
        &[
            "从什么时候",
            "从何时",
            "从哪天",
            "从哪年",
            "从几号",
            "什么时候起",
            "什么时候开始",
            "何时开始",
            "何时起",
            "哪年开始",
            "哪年起",
            "哪天开始",
            "哪天起",
            "什么时候生效",
            "什么时候施行",
            "什么时候实施",
            "什么时候执行",
            "何时生效",
            "何时施行",
            "何时执行",
        ],
    ),
    (
        Wish::Threshold,
        &[
            "起征点",
            "门槛",
            "多少以下",
            "多少以上",
            "多少以内",
            "不超过多少",
            "没超过多少",
            "未超过多少",
            "超过多少",
            "达到多少",
            "满多少",
            "多少才要",
            "多少就要",
            "多少开始",
        ],
    ),
];

fn wish_of(plain: &str) -> Wish {
    // 手续费 is money, not papers.
    let plain = &plain.replace("手续费", "").replace("谁知道", "");
    let any = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    if any(&["罚", "处罚", "坐牢", "违法", "判几年", "判刑", "怎么判"]) {
        Wish::Penalty
    } else if any(&["带什么", "带啥", "要带", "材料", "资料", "手续", "交什么表", "填什么", "流程", "怎么办理", "怎么申请", "哪些事"])
    {
        Wish::Materials
    } else if let Some((wish, _)) = FIRST.iter().find(|(_, words)| any(words)) {
        *wish
    } else {
        // What is asked stands last: "晚交了几天，要多掏多少" asks for an amount.
        ASKED
            .iter()
            .filter_map(|(wish, words)| words.iter().filter_map(|word| plain.rfind(word)).max().map(|at| (at, *wish)))
            .max_by_key(|(at, _)| *at)
            .map_or_else(
                || {
                    if any(&["吗", "么", "能不能", "要不要", "可不可以", "是不是", "行不行", "不", "可以"]) {
                        Wish::Whether
                    } else {
                        Wish::Other
                    }
                },
                |(_, wish)| wish,
            )
    }
}
