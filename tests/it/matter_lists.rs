//! F14–F16: the bureau's 零跑, 最多跑一次 and 容缺 lists are data with a count; they are listed page by page, tell of one matter, and stand in
//! the guide of that matter. A bureau without a list is told so, never given one made up.

use std::collections::BTreeSet;

use taxhome::answering::Reason;
use taxhome::domain::answer::Decision;
use taxhome::knowledge::{self, Source};

use crate::harness::knowledge::{answering, ask, folder, write};
use crate::harness::service::Service;
use crate::harness::web::serve_configured;

/// Names of no real list: what a list says is the bureau's, and tests make up no tax facts.
const MATTERS: [&str; 12] = [
    "甲事登记",
    "乙事登记",
    "丙事备案",
    "丁事备案",
    "戊事变更",
    "己事变更",
    "庚事查询",
    "辛事查询",
    "壬事核定",
    "癸事核定",
    "子事撤销",
    "丑事撤销",
];

fn zero(count: usize) -> String {
    let items: String = MATTERS.iter().map(|name| format!("[[items]]\nname = \"{name}\"\nchannel = \"电子税务局\"\n\n")).collect();
    format!(
        "class = \"zero\"\ntitle = \"测试县零跑事项清单\"\nissuer = \"测试县税务局\"\neffective_from = 2026-01-01\ncount = {count}\n\n{items}"
    )
}

const SUPPLEMENT: &str = "class = \"supplement\"\ntitle = \"测试县容缺事项清单\"\neffective_from = 2026-01-01\ncount = 2\nwithin = \"20个工作日\"\n\
    promise = \"本人承诺在期限内补齐所缺材料。\"\n\n[[items]]\nname = \"留抵退税申请\"\nguide = \"refund\"\nmaterials = [\"银行账户证明\", \"经办人身份证复印件\"]\n\n\
    [[items]]\nname = \"丙事备案\"\nmaterials = [\"备案合同\"]\n";

fn problems(folder: &std::path::Path) -> String {
    let problems = knowledge::load(&Source::Folder(folder.to_path_buf())).unwrap_err();
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_list_that_lost_a_line_is_refused_before_anybody_is_told_of_it() {
    let folder = folder();
    write(folder.path(), "lists/zero.toml", &zero(43));
    let found = problems(folder.path());
    assert!(found.contains("lists/zero.toml，count：写明 43 项，实际列了 12 项"), "{found}");
    write(folder.path(), "lists/zero.toml", &zero(12).replace("丑事撤销", "子事撤销"));
    assert!(problems(folder.path()).contains("“子事撤销”列了两次"));
    write(folder.path(), "lists/zero.toml", &zero(12));
    for (from, to, says) in [
        ("within = \"20个工作日\"\n", "", "within：容缺清单要写明"),
        ("materials = [\"备案合同\"]", "materials = []", "“丙事备案”没有写可以容缺的材料"),
        ("guide = \"refund\"", "guide = \"refnud\"", "guides 文件夹里没有“refnud.md”"),
        ("class = \"supplement\"", "class = \"none\"", "格式有误"),
    ] {
        write(folder.path(), "lists/supplement.toml", &SUPPLEMENT.replace(from, to));
        let found = problems(folder.path());
        assert!(found.contains("lists/supplement.toml") && found.contains(says), "{says}: {found}");
    }
    write(folder.path(), "lists/supplement.toml", SUPPLEMENT);
    assert_eq!(knowledge::load(&Source::Folder(folder.path().to_path_buf())).unwrap().lists.len(), 2);
}

#[test]
fn all_matters_of_a_list_are_found_page_after_page() {
    let folder = folder();
    write(folder.path(), "lists/zero.toml", &zero(12));
    let answering = answering(folder.path());
    let (mut question, mut seen, mut pages) = ("哪些业务一次不用跑".to_owned(), BTreeSet::new(), 0);
    loop {
        let answer = ask(&answering, &question).answer;
        assert_eq!(answer.decision, Decision::Answered, "{question}: {}", answer.text());
        assert!(answer.lead.contains("共12项"), "{}", answer.lead);
        let document = answering.search().snapshot().document(&answer.citations[0].document).unwrap().clone();
        assert_eq!(document.body[answer.citations[0].start..answer.citations[0].end], answer.citations[0].quote);
        for line in &answer.details {
            assert!(answer.citations[0].quote.contains(line.as_str()), "{line}");
            assert!(line.contains("一次不用跑，办理渠道：电子税务局"), "{line}");
            seen.insert(line.split('：').next().unwrap().to_owned());
        }
        pages += 1;
        match answer.suggestions.iter().find(|next| next.ends_with(&format!("第{}页", pages + 1))) {
            Some(next) => question = next.clone(),
            None => break,
        }
    }
    assert_eq!((pages, seen.len()), (2, 12));
    let beyond = ask(&answering, "零跑事项清单第9页").answer;
    assert!(beyond.decision != Decision::Answered && beyond.lead.contains("只有2页"), "{}", beyond.lead);
}

#[test]
fn one_matter_is_told_with_what_may_follow_until_when_and_the_promise() {
    let folder = folder();
    write(folder.path(), "lists/zero.toml", &zero(12));
    write(folder.path(), "lists/supplement.toml", SUPPLEMENT);
    let answering = answering(folder.path());
    for question in ["庚事查询要跑几趟", "庚事查询要去大厅吗", "庚事查询是不是零跑"] {
        let answer = ask(&answering, question).answer;
        assert_eq!(answer.lead, "庚事查询：一次不用跑，办理渠道：电子税务局。", "{question}");
    }
    for question in ["留抵退税能容缺吗", "留抵退税少带一份材料能先办吗", "留抵退税哪些材料可以后补"] {
        let answer = ask(&answering, question).answer;
        assert_eq!(answer.lead, "留抵退税申请：可以容缺办理，可以后补的材料是银行账户证明、经办人身份证复印件。", "{question}");
        assert_eq!(answer.details, ["补正时限：20个工作日。", "承诺书内容：本人承诺在期限内补齐所缺材料。"], "{question}");
        assert_eq!(answer.citations[0].title, "测试县容缺事项清单");
    }
    // Another matter is not taken for the nearest one on the list.
    for question in ["车辆购置税要跑几趟", "买电车购置税怎么交", "滞纳金一天多少"] {
        let text = ask(&answering, question).answer.text();
        assert!(!text.contains("跑") && !text.contains("容缺"), "{question}: {text}");
    }
}

#[test]
fn a_guide_tells_all_its_parts_its_class_and_what_it_does_not_know() {
    let folder = folder();
    write(folder.path(), "lists/supplement.toml", SUPPLEMENT);
    let answering = answering(folder.path());
    let answer = ask(&answering, "办留抵退税要带什么").answer;
    assert!(answer.lead.contains("《退（抵）税申请表》"), "{}", answer.lead);
    for part in [
        "办理渠道：留抵退税可以在电子税务局办理",
        "办理时限：",
        "可以后补的材料是银行账户证明",
        "补正时限：20个工作日。",
        "没有写明办理地点",
    ] {
        assert!(answer.details.iter().any(|line| line.contains(part)), "{part}: {}", answer.text());
    }
    assert_eq!(answer.code.as_deref(), Some("/api/v1/qr/guide/refund"));
    let whole = &answer.citations[0].quote;
    assert!(whole.contains("10个工作日") && whole.contains("电子税务局"), "what is quoted stands in the citation: {whole}");
}

#[test]
fn a_question_for_papers_is_answered_from_the_guide_of_the_matter_it_names() {
    let folder = folder();
    // This one says nothing of papers; the other guide says a lot.
    let guide = "+++\ntitle = \"税务注销（停业关店）\"\nkind = \"guide\"\nmatter = \"税务注销\"\ntopics = [\"税务登记\"]\n\
        questions = [\"公司不开了税务上怎么办\"]\n+++\n\n## 办理流程\n\n- 先结清税款、缴销发票，再办理税务注销。\n";
    write(folder.path(), "guides/closing.md", guide);
    let answer = ask(&answering(folder.path()), "注销要带什么材料").answer;
    assert_eq!(answer.citations[0].document, "closing", "{}", answer.text());
    assert!(answer.details.iter().any(|line| line.contains("没有写明办理材料")), "{}", answer.text());
    let other = ask(&answering(folder.path()), "办留抵退税要带什么").answer;
    assert_eq!(other.citations[0].document, "refund");
}

#[test]
fn a_bureau_without_a_list_is_given_none() {
    let folder = folder();
    let answering = answering(folder.path());
    for question in ["哪些业务一次不用跑", "零跑事项清单", "有哪些业务最多跑一次"] {
        let outcome = ask(&answering, question);
        assert_eq!(outcome.reason, Reason::Local, "{question}: {}", outcome.answer.text());
        assert!(outcome.answer.lead.contains("还没有录入") && outcome.answer.citations.is_empty());
    }
    write(folder.path(), "lists/zero.toml", &zero(12).replace("effective_from = 2026-01-01", "effective_from = 2027-01-01"));
    let later = crate::harness::knowledge::answering(folder.path());
    assert_eq!(ask(&later, "哪些业务一次不用跑").reason, Reason::Local, "a list of next year is no list of today");
}

#[tokio::test]
async fn on_telegram_the_list_is_paged_by_buttons_and_the_guide_brings_its_code() {
    let folder = folder();
    write(folder.path(), "lists/zero.toml", &zero(12));
    let service = Service::with("2026-11-24T09:00:00+08:00", &[("TAXHOME_KNOWLEDGE_DIR", folder.path().to_str().unwrap())]).await;
    service.telegram.private(11, "甲");
    service.telegram.says(11, 11, "哪些业务一次不用跑");
    service.converse().await;
    let first = service.said(11).pop().unwrap();
    assert!(first.contains("共12项，以下是第1项至第10项") && first.contains("癸事核定") && !first.contains("子事撤销"), "{first}");
    let posted = service.telegram.messages(11).pop().unwrap();
    let rows = posted.markup["inline_keyboard"].as_array().unwrap().clone();
    let next = rows.iter().flat_map(|row| row.as_array().unwrap()).find(|button| button["text"] == "零跑事项清单第2页").unwrap();
    service.telegram.taps(11, 11, posted.id, next["callback_data"].as_str().unwrap());
    service.converse().await;
    let second = service.said(11).pop().unwrap();
    assert!(second.contains("第11项至第12项") && second.contains("丑事撤销"), "{second}");
    service.telegram.says(11, 11, "办留抵退税要带什么");
    service.converse().await;
    let guide = service.said(11).pop().unwrap();
    for part in ["《退（抵）税申请表》", "电子税务局", "10个工作日", "办事二维码"] {
        assert!(guide.contains(part), "{part}: {guide}");
    }
}

#[tokio::test]
async fn on_the_web_a_list_has_its_page_and_a_guide_its_picture() {
    let web = serve_configured(|config| {
        let lists = std::path::Path::new(&config.knowledge_dir).join("lists");
        std::fs::create_dir_all(&lists).unwrap();
        std::fs::write(lists.join("zero.toml"), zero(12)).unwrap();
    })
    .await;
    let answer = web.ask("有哪些事项不用跑大厅").await;
    let link = answer["citations"][0]["link"].as_str().unwrap();
    let page = web.page(link.split('#').next().unwrap()).await;
    assert_eq!(page.matches("一次不用跑，办理渠道").count(), 12, "{page}");
    let guide = web.ask("办车辆购置税要带什么材料").await;
    let code = guide["code"].as_str().unwrap();
    let picture = web.client.get(web.url(code)).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/svg+xml");
    assert!(
        web.page("/ask?q=%E5%8A%9E%E8%BD%A6%E8%BE%86%E8%B4%AD%E7%BD%AE%E7%A8%8E%E8%A6%81%E5%B8%A6%E4%BB%80%E4%B9%88%E6%9D%90%E6%96%99")
            .await
            .contains(code)
    );
}
