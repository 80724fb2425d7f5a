//! How an answer is put together: lists are whole, of two rules it is said which goes before, and the sentence that holds the kind of thing
//! asked for comes first: from where on, who, since when.

use taxhome::domain::answer::Decision;

use crate::harness::knowledge::{answering, ask, folder, write};
use crate::harness::service::Service;

const ITEMS: [&str; 14] =
    ["桅杆", "船帆", "缆绳", "铁锚", "罗盘", "舵轮", "救生圈", "渔网", "浮标", "船灯", "水桶", "木桨", "雨布", "汽笛"];

fn numeral(at: usize) -> String {
    taxhome::domain::numeral::chinese_numeral(u32::try_from(at + 1).unwrap())
}

/// A law whose first article lists what is free of a tax that does not exist.
fn law(padding: usize) -> String {
    let items: String = ITEMS
        .iter()
        .enumerate()
        .map(|(at, what)| format!("（{}）渔民购买的{what}{}；\n\n", numeral(at), "，符合登记要求并经查验".repeat(padding)))
        .collect();
    format!(
        "# 中华人民共和国渔具税法\n\n2020年1月1日 全国人民代表大会常务委员会通过\n\n<!-- INFO END -->\n\n第一条 下列渔具免征渔具税：\n\n{items}\
         第二条 渔具税按年申报。\n\n第三条 本法自2020年7月1日起施行。\n"
    )
}

fn with_law(padding: usize) -> tempfile::TempDir {
    let folder = folder();
    let document = taxhome::knowledge::parse_official("渔具税法(2020-01-01).md", &law(padding)).0;
    let front = "+++\ntitle = \"渔具税法\"\nkind = \"law\"\neffective_from = 2020-07-01\ntopics = [\"渔具税\"]\nquestions = [\"渔具税哪些东西免征\", \"渔具税什么时候报\"]\n+++\n\n";
    write(folder.path(), "policies/fishing.md", &format!("{front}{}", document.body));
    folder
}

#[test]
fn a_list_that_is_asked_for_is_shown_whole_in_its_order() {
    let folder = with_law(0);
    let answer = ask(&answering(folder.path()), "哪些渔具免征渔具税").answer;
    assert_eq!(answer.lead, "下列渔具免征渔具税：", "{}", answer.text());
    let items: Vec<&String> = answer.details.iter().filter(|line| line.starts_with('（')).collect();
    assert_eq!(items.len(), ITEMS.len(), "{}", answer.text());
    for ((at, what), line) in ITEMS.iter().enumerate().zip(items) {
        assert!(line.starts_with(&format!("（{}）", numeral(at))) && line.contains(what), "{line}");
    }
    assert!(answer.citations[0].quote.contains("汽笛"), "what is shown stands in the citation");
}

#[test]
fn one_item_is_told_with_what_introduces_it_and_the_others_beside() {
    let folder = with_law(0);
    let answer = ask(&answering(folder.path()), "渔民买铁锚要交渔具税吗").answer;
    assert_eq!(answer.lead, "下列渔具免征渔具税：（四）渔民购买的铁锚；", "{}", answer.text());
    assert_eq!(answer.details.iter().filter(|line| line.starts_with('（')).count(), ITEMS.len() - 1, "{}", answer.text());
}

#[test]
fn a_list_too_long_for_one_message_says_how_many_are_missing() {
    let folder = with_law(16);
    let answer = ask(&answering(folder.path()), "渔具税法第一条列了哪些").answer;
    let shown = answer.details.iter().filter(|line| line.starts_with('（')).count();
    assert!(shown > 4 && shown < ITEMS.len(), "{shown}");
    let missing = ITEMS.len() - shown;
    assert!(answer.details.iter().any(|line| line.contains(&format!("还有{missing}条没有列在这里"))), "{}", answer.text());
}

#[tokio::test]
async fn on_telegram_a_list_is_not_cut_after_some_lines() {
    let folder = with_law(0);
    let service = Service::with("2026-11-24T09:00:00+08:00", &[("TAXHOME_KNOWLEDGE_DIR", folder.path().to_str().unwrap())]).await;
    service.telegram.private(11, "甲");
    service.telegram.says(11, 11, "哪些渔具免征渔具税");
    service.converse().await;
    let said = service.said(11).pop().unwrap();
    for what in ITEMS {
        assert!(said.contains(what), "{what}: {said}");
    }
}

/// A document on the tax that does not exist.
fn digest(title: &str, kind: &str, number: &str, from: &str, rate: &str) -> String {
    format!(
        "+++\ntitle = \"{title}\"\nkind = \"{kind}\"\nnumber = \"{number}\"\neffective_from = {from}\ntopics = [\"渔具税\"]\n\
         questions = [\"{title}怎么定的\"]\n+++\n\n## 税率\n\n- 渔网的渔具税税率为{rate}。\n"
    )
}

#[test]
fn of_two_rules_on_one_matter_the_answer_says_which_goes_before() {
    let general = digest("渔具税税率规定", "law", "渔具税法第八条", "2020-07-01", "9%");
    for (second, says) in [
        // A notice under a law that stood before it: the special rule.
        (
            digest("渔网渔具税税率通知", "notice", "测试公告2026年第2号", "2026-01-01", "3%"),
            "符合《渔网渔具税税率通知》条件的按该文件执行，其他情形按《渔具税税率规定》执行。",
        ),
        // An older notice beside a newer law: the higher rule.
        (
            digest("渔网渔具税税率通知", "notice", "测试公告2019年第2号", "2019-01-01", "3%"),
            "两份规定不一致的，以效力较高的《渔具税税率规定》为准。",
        ),
        // Two of one rank: the later one.
        (
            digest("渔网渔具税税率法", "law", "渔网税法第二条", "2026-01-01", "3%"),
            "两份规定不一致的，以较新的《渔网渔具税税率法》（2026年1月1日起施行）为准。",
        ),
    ] {
        let folder = folder();
        write(folder.path(), "policies/net-general.md", &general);
        write(folder.path(), "policies/net-second.md", &second);
        let answer = ask(&answering(folder.path()), "渔网的渔具税税率是多少").answer;
        assert!(answer.details.iter().any(|line| line.starts_with("另见《")), "{}", answer.text());
        assert!(answer.details.iter().any(|line| line == says), "{says}: {}", answer.text());
        assert_eq!(answer.citations.len(), 2);
    }
    // On one tax, but on other matters of it: nothing there can disagree.
    let apart = folder();
    let with = |subject: &str, text: &str| text.replace("[\"渔具税\"]", &format!("[\"渔具税\", \"{subject}\"]"));
    write(apart.path(), "policies/net-general.md", &with("税率", &general));
    write(apart.path(), "policies/net-second.md", &with("进口", &digest("渔网渔具税税率法", "law", "渔网税法第二条", "2026-01-01", "3%")));
    let answer = ask(&answering(apart.path()), "渔网的渔具税税率是多少").answer;
    assert!(answer.details.iter().any(|line| line.starts_with("另见《")), "{}", answer.text());
    assert!(!answer.text().contains("为准"), "{}", answer.text());
    // Two digests of one document do not stand against each other.
    let folder = folder();
    write(folder.path(), "policies/net-general.md", &general);
    write(folder.path(), "policies/net-second.md", &digest("渔网渔具税税率", "law", "渔具税法第八条", "2026-01-01", "3%"));
    let text = ask(&answering(folder.path()), "渔网的渔具税税率是多少").answer.text();
    assert!(!text.contains("不一致"), "{text}");
}

#[test]
fn from_where_on_who_and_since_when_are_told_from_how_much_and_when() {
    let folder = folder();
    write(
        folder.path(),
        "policies/rods.md",
        "+++\ntitle = \"鱼竿税\"\nkind = \"law\"\neffective_from = 2021-01-01\ntopics = [\"鱼竿税\"]\n\
         questions = [\"鱼竿税怎么规定的\"]\n+++\n\n## 鱼竿税\n\n- 鱼竿税每根征收5元，按季度申报缴纳。\n- 鱼竿税由销售鱼竿的单位和个人缴纳。\n\
         - 月销售额超过3000元的，征收鱼竿税。\n- 鱼竿税自2021年1月1日起征收。\n",
    );
    let answering = answering(folder.path());
    for (question, lead) in [
        ("鱼竿税超过多少才要交", "月销售额超过3000元的，征收鱼竿税。"),
        ("鱼竿税由谁来交", "鱼竿税由销售鱼竿的单位和个人缴纳。"),
        ("鱼竿税是从什么时候开始征的", "鱼竿税自2021年1月1日起征收。"),
        ("鱼竿税一根交多少钱", "鱼竿税每根征收5元，按季度申报缴纳。"),
    ] {
        let answer = ask(&answering, question).answer;
        assert_eq!((answer.decision, answer.lead.as_str()), (Decision::Answered, lead), "{question}: {}", answer.text());
    }
}
