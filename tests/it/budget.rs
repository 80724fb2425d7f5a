//! Pages stay light where there is much: no page over 300 KB with 10,000 questions and 1,000 chats in the store.

use taxhome::domain::channel::ChannelKind;
use taxhome::domain::inbound::Scope;
use taxhome::domain::staff::Role;
use taxhome::store::channels;
use taxhome::store::questions::{self, NewQuestion};
use taxhome::web::console;

use crate::harness::web::{TestWeb, serve};

const QUESTIONS: usize = 10_000;
const CHATS: usize = 1_000;
/// Uncompressed.
const MOST_BYTES: usize = 300 * 1024;
const PUBLIC: [&str; 9] = [
    "/",
    "/ask?q=%E8%B5%B7%E5%BE%81%E7%82%B9",
    "/policies",
    "/policies/vat-threshold",
    "/bulletins",
    "/classes",
    "/quizzes",
    "/my",
    "/sheets",
];

async fn filled() -> TestWeb {
    let web = serve().await;
    let now = taxhome::clock::Clock::now(&web.clock);
    let mut tx = web.store.begin().await.unwrap();
    for number in 0..CHATS {
        let address = format!("-100{number}");
        let title = format!("第{number}个纳税人之家交流群（城东片区个体工商户和小规模纳税人）");
        let id = channels::ensure(&mut tx, ChannelKind::Telegram, &address, &title, Scope::Group, true, now).await.unwrap();
        channels::set_tags(&mut tx, &id, &["个体户".to_owned(), format!("片区{}", number % 40)]).await.unwrap();
    }
    for number in 0..QUESTIONS {
        let ago = std::time::Duration::from_secs(u64::try_from(number).unwrap() * 120);
        let question = NewQuestion {
            id: format!("ans_{number:06}"),
            channel: "web".to_owned(),
            person: format!("p{}", number % 900),
            scope: "private".to_owned(),
            question: format!("第{}种生意在外地开票需要预缴多少增值税，要带什么材料，到哪个窗口办理", number % 3_000),
            decision: if number % 3 == 0 { "abstained" } else { "answered" }.to_owned(),
            reason: "answered".to_owned(),
            gap: number % 3 == 0,
            document: None,
            score: 1.0,
            suggestions: Vec::new(),
            took_us: 900,
            asked_at: now.minus(ago),
        };
        questions::log(&mut tx, &question).await.unwrap();
    }
    tx.commit().await.unwrap();
    web
}

#[tokio::test]
async fn no_page_is_over_300_kilobytes_with_much_in_the_store() {
    let web = filled().await;
    let console = web.logged_in(Role::Admin).await;
    let own =
        console::guarded().into_iter().filter(|page| page.method == "GET" && !page.path.contains('{')).map(|page| page.path.to_owned());
    let mut heavy = Vec::new();
    let mut seen = 0;
    for path in own {
        let shown = console.get(&path).await;
        assert!(shown.status < 500, "{path}: {}", shown.status);
        seen += 1;
        if shown.text.len() > MOST_BYTES {
            heavy.push(format!("{path}: {} KB", shown.text.len() / 1024));
        }
    }
    for path in PUBLIC {
        let text = web.page(path).await;
        seen += 1;
        if text.len() > MOST_BYTES {
            heavy.push(format!("{path}: {} KB", text.len() / 1024));
        }
    }
    assert!(seen > 25, "only {seen} pages were looked at");
    assert!(heavy.is_empty(), "{}", heavy.join("\n"));
}
