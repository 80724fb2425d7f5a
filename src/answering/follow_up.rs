//! A question that says only half ("那小规模呢"): with the one before it, it is made whole, and the person is told how it was understood (F18).

use std::sync::LazyLock;

use chrono::NaiveDate;
use regex::Regex;

use crate::answering::dates::{self, Named};

/// Longer sentences say all that is needed.
const LONGEST: usize = 18;

macro_rules! pattern {
    ($name:ident, $text:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| Regex::new($text).expect("the pattern is fixed"));
    };
}

pattern!(OPENING, r"^(?:那么|那|还有|然后|这个|那个|它|至于|要是|如果是|如果|换成|换作|改成|[，,、\s])+");
pattern!(CLOSING, r"(?:的话|呢|啊|呀|吧|[?？!！。，,\s])+$");
pattern!(ASKS_BACK, r"^(?:那|还有|然后|至于|要是|如果是|换成|换作|改成).{0,14}$|^.{1,10}呢[?？]?$|^(?:这个|那个|它|上面|刚才).{0,14}$");
pattern!(COMPLETE, r"^(?:这个月|这个季|这个年|那个月|还有几|还有多|还有没有)");
// Only a wish, about nothing: "要带什么", "在哪办", "多久能办好".
pattern!(
    BARE_WISH,
    concat!(
        r"^(?:(?:需要|要|得|该)?(?:带|准备|交|提供|提交)?(?:什么|啥|哪些)(?:材料|资料|手续|条件|东西)?|(?:在|去|到)?(?:哪里?|哪儿)(?:办|办理|申请|申报|交|弄)?|",
        r"(?:要|得)?(?:多久|几天|多长时间)(?:能)?(?:办好|办完|办下来|到账|审完)?|怎么(?:办理|申请|申报|交|缴|算|填|操作)|(?:有)?什么条件|(?:能|可以)(?:网上|线上|手机)(?:上)?(?:办|办理|申请)|",
        r"(?:要)?罚多少|税率(?:是)?多少|几个点|(?:有效)?期限(?:是)?多久|谁(?:来)?(?:交|申报)|不(?:交|报|办)(?:会)?(?:怎样|怎么样|罚多少|有什么后果))(?:呢|吗|啊|[?？])*$"
    )
);
pattern!(
    KIND,
    r"小规模纳税人|小规模|一般纳税人|个体工商户|个体户|小型微利企业|小微企业|非居民个人|非居民企业|居民个人|居民企业|非居民|居民|企业|公司|个人|自然人"
);
pattern!(
    LEVY,
    r"土地增值税|增值税|个人所得税|个税|企业所得税|企税|消费税|契税|印花税|房产税|土地使用税|车辆购置税|购置税|车船税|资源税|环境保护税|环保税|烟叶税|耕地占用税|城建税|城市维护建设税|教育费附加|残保金|社保费|社保|医保"
);
// What a topic asked, so that another wish can take its place.
pattern!(
    WISHED,
    concat!(
        r"(?:需要|要|得|该)?(?:带|准备|交|提供|提交)(?:什么|啥|哪些)(?:材料|资料|手续|东西)?|(?:需要|要)(?:什么|哪些)(?:材料|资料|手续|条件)|(?:在|去|到)(?:哪里?|哪儿)(?:办理?|申请|申报|交)?|",
        r"(?:的)?(?:税率|征收率)?(?:是|为)?(?:多少|几个点|百分之几)(?:钱)?|(?:是)?(?:多久|几天|几号|哪天|什么时候)(?:能)?(?:截止|办好|到账)?|怎么(?:办理?|申请|申报|交|缴|算|填|操作|弄)|",
        r"(?:会|要)?罚多少|有什么条件|(?:吗|呢|么|啊|[?？。])+$"
    )
);

/// The whole question, where `plain` only goes with `topic`; `None` where it stands alone.
pub fn complete(plain: &str, topic: &str, today: NaiveDate) -> Option<String> {
    let plain = plain.trim();
    let short = plain.chars().count() <= LONGEST;
    if !short || COMPLETE.is_match(plain) || !(ASKS_BACK.is_match(plain) || BARE_WISH.is_match(plain)) {
        return None;
    }
    let core = OPENING.replace(plain, "");
    let core = CLOSING.replace(&core, "");
    let core = core.trim();
    if core.is_empty() {
        return None;
    }
    let date = dates::read(core, today);
    if date.named != Named::No && dates::without_date(core).chars().filter(|c| c.is_alphanumeric()).count() <= 1 {
        return Some(format!("{core}{}", dates::without_date(topic).trim()));
    }
    for pattern in [&KIND, &LEVY] {
        if pattern.find(core).is_some_and(|found| found.as_str() == core) {
            return Some(with_instead(pattern, core, topic));
        }
    }
    if LEVY.is_match(core) {
        // Names its own tax and asks something of it: a new topic.
        return Some(core.to_owned());
    }
    let subject = WISHED.replace_all(topic, "");
    let subject = subject.trim_matches(|c: char| c.is_whitespace() || c == '，' || c == ',');
    if subject.is_empty() { Some(format!("{topic} {core}")) } else { Some(format!("{subject}{core}")) }
}

/// `topic` with the first thing of this sort replaced by `word`, or with `word` before it.
fn with_instead(pattern: &Regex, word: &str, topic: &str) -> String {
    match pattern.find(topic) {
        Some(found) if found.as_str() != word => format!("{}{word}{}", &topic[..found.start()], &topic[found.end()..]),
        Some(_) => topic.to_owned(),
        None => format!("{word}{topic}"),
    }
}
