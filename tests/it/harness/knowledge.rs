//! A small library of our own making, so that tests of answering do not depend on what clerks write.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::NaiveDate;
use taxhome::answering::{Answering, Ask, Outcome};
use taxhome::knowledge::{self, Source};
use taxhome::search::{Cutting, Place, Search};
use tempfile::TempDir;

/// A folder with policies, a guide, two versions of a made-up law, calendar and glossary.
pub fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in FILES {
        write(folder.path(), name, text);
    }
    folder
}

/// Writes one file of a knowledge folder.
pub fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// Answers from a folder, index in memory.
pub fn answering(folder: &Path) -> Answering {
    let library = knowledge::load(&Source::Folder(folder.to_path_buf())).unwrap();
    Answering::new(Arc::new(Search::open(Place::Memory, library, Cutting::Passages).unwrap()), "12366")
}

/// The date all tests of answering stand on, unless they say otherwise.
pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 23).unwrap()
}

/// Asks one question.
pub fn ask(answering: &Answering, question: &str) -> Outcome {
    answering.answer(&Ask { question: question.to_owned(), as_of: None, today: today(), topic: None })
}

const FILES: [(&str, &str); 10] = [
    (
        "policies/threshold.md",
        "+++\ntitle = \"小规模纳税人增值税起征点\"\nnumber = \"财政部 税务总局公告2026年第10号\"\nkind = \"notice\"\npublished = 2026-01-30\n\
         effective_from = 2026-01-01\neffective_to = 2027-12-31\nsupersedes = [\"财政部 税务总局公告2023年第19号\"]\ntopics = [\"增值税\", \"小规模纳税人\"]\n\
         audience = [\"小规模纳税人\", \"个体工商户\"]\nlink = \"https://example.gov.cn/10\"\nquestions = [\"小店一个月卖多少不用交税\", \"季度不到30万要交税吗\"]\n+++\n\n\
         ## 月销售额不到10万元免征增值税\n\n- 小规模纳税人月销售额没有达到10万元的，免征增值税。（第一条）\n\
         - 小规模纳税人按季申报的，季度销售额没有达到30万元的，免征增值税。（第一条）\n\n## 减按1%征收\n\n\
         - 小规模纳税人适用3%征收率的，减按1%征收增值税，执行到2027年12月31日。（第三条）\n",
    ),
    (
        "policies/x-2023-19.md",
        "+++\ntitle = \"小规模纳税人减免增值税（旧）\"\nnumber = \"财政部 税务总局公告2023年第19号\"\nkind = \"notice\"\neffective_from = 2023-01-01\n\
         effective_to = 2025-12-31\nstatus = \"repealed\"\nsuperseded_by = \"财政部 税务总局公告2026年第10号\"\ntopics = [\"增值税\", \"小规模纳税人\"]\n\
         questions = [\"小规模减免增值税以前是哪个文件\"]\n+++\n\n## 旧规定\n\n\
         - 原规定（2025年12月31日止，已废止）：小规模纳税人月销售额10万元以下免征增值税，依据是财政部 税务总局公告2023年第19号。\n",
    ),
    (
        "policies/car-now.md",
        "+++\ntitle = \"新能源汽车减半征收车辆购置税\"\nnumber = \"财政部 税务总局 工业和信息化部公告2023年第10号\"\nkind = \"notice\"\n\
         effective_from = 2026-01-01\neffective_to = 2027-12-31\ntopics = [\"车辆购置税\", \"新能源汽车\"]\nquestions = [\"买电车购置税怎么交\"]\n+++\n\n\
         ## 减半征收\n\n- 购置新能源汽车（电车）的，减半征收车辆购置税，每辆减税额不超过1.5万元。\n",
    ),
    (
        "policies/car-before.md",
        "+++\ntitle = \"新能源汽车免征车辆购置税（已到期）\"\nnumber = \"财政部公告2023年第10号附一\"\nkind = \"notice\"\neffective_from = 2024-01-01\n\
         effective_to = 2025-12-31\nstatus = \"expired\"\ntopics = [\"车辆购置税\", \"新能源汽车\"]\nquestions = [\"以前买电车免购置税吗\"]\n+++\n\n\
         ## 免征\n\n- 原规定（2025年12月31日止，已到期）：购置新能源汽车（电车）免征车辆购置税，每辆免税额不超过3万元。\n",
    ),
    (
        "policies/late-fee.md",
        "+++\ntitle = \"滞纳金\"\nnumber = \"税收征收管理法第三十二条\"\nkind = \"law\"\neffective_from = 2001-05-01\ntopics = [\"税收征管\", \"滞纳金\"]\n\
         questions = [\"税交晚了怎么算钱\", \"滞纳金一天多少\"]\n+++\n\n## 滞纳金怎么算\n\n\
         - 纳税人没有按期缴税的，从滞纳之日起按日加收滞纳税款万分之五的滞纳金。（税收征收管理法第三十二条）\n",
    ),
    (
        "policies/foreign-2027.md",
        "+++\ntitle = \"滞纳金加收率调整（2027年起）\"\nnumber = \"财政部 税务总局公告2026年第99号\"\nkind = \"notice\"\neffective_from = 2027-01-01\n\
         topics = [\"税收征管\", \"滞纳金\"]\nquestions = [\"滞纳金一天多少\"]\n+++\n\n## 新的加收率\n\n\
         - 纳税人没有按期缴税的，自2027年1月1日起按日加收滞纳税款万分之三的滞纳金。（第一条）\n",
    ),
    (
        "guides/refund.md",
        "+++\ntitle = \"留抵退税申请\"\nnumber = \"国家税务总局公告2025年第20号\"\nkind = \"guide\"\nmatter = \"留抵退税\"\neffective_from = 2025-09-01\n\
         topics = [\"增值税\", \"留抵退税\"]\nquestions = [\"办留抵退税要带什么\", \"留抵退税在哪办\"]\n+++\n\n## 办理材料\n\n\
         - 纳税人申请留抵退税，应当提交《退（抵）税申请表》。\n\n## 办理渠道\n\n- 留抵退税可以在电子税务局办理，也可以到办税服务厅办理。\n\n\
         ## 办理时限\n\n- 留抵退税申请没有疑点的，税务机关自受理之日起10个工作日内完成审核。\n",
    ),
    (
        "calendar/filing-2026.toml",
        "year = 2026\ntitle = \"2026年度申报纳税期限\"\nnumber = \"税总办征科函〔2025〕64号\"\nsource = \"测试\"\n\
         [[deadlines]]\nmonth = 2\ndate = 2026-02-24\n[[deadlines]]\nmonth = 11\ndate = 2026-11-16\n[[deadlines]]\nmonth = 12\ndate = 2026-12-15\n",
    ),
    (
        "calendar/workdays-2026.toml",
        "year = 2026\nholidays = [{ name = \"春节\", from = 2026-02-15, to = 2026-02-23 }]\nmakeup_workdays = [2026-02-14]\n",
    ),
    (
        "glossary.tsv",
        "term\tofficial_term\tkind\n个税\t个人所得税\tabbrev\n小店\t小规模纳税人\tcolloquial\n征管法\t税收征收管理法\tabbrev\n\
         增值睡\t增值税\ttypo\n晚交\t滞纳金\tcolloquial\n电车\t新能源汽车\tcolloquial\n购置税\t车辆购置税\tabbrev\n",
    ),
];
