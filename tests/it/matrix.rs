//! Route × role: every route of the API, read from its own description, answers each role as the list of who may says: 401 without a token,
//! 403 before anything is read, and never 403 to whoever may. A route without a line in the list fails here.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use taxhome::domain::staff::{ROLES, Role};
use taxhome::web::api::access::{Who, who};

use crate::harness::web::serve;

#[tokio::test]
async fn every_route_answers_every_role_as_the_list_says() {
    let web = serve().await;
    let description: Value = web.client.get(web.url("/openapi.json")).send().await.unwrap().json().await.unwrap();
    let mut clients = BTreeMap::new();
    for role in ROLES {
        clients.insert(role.word(), (role, web.staff(role).await));
    }
    let (mut wrong, mut cells) = (Vec::new(), 0);
    for (path, operations) in description["paths"].as_object().unwrap() {
        let Some(relative) = path.strip_prefix("/api/v1") else { continue };
        for (method, operation) in operations.as_object().unwrap() {
            let method = method.to_uppercase();
            let Some(who) = who(&method, relative) else {
                wrong.push(format!("{method} {relative}: say in src/web/api/access.rs who may"));
                continue;
            };
            let declared = operation["security"].as_array().is_some_and(|schemes| !schemes.is_empty());
            if declared != matches!(who, Who::Staff(_)) {
                wrong.push(format!("{method} {relative}: security in the description is {declared}, the list says {who:?}"));
            }
            let url = web.url(&path.replace(['{', '}'], ""));
            let send = |client: &reqwest::Client| {
                let request = client.request(method.parse().unwrap(), &url);
                if method == "GET" || method == "DELETE" { request } else { request.json(&json!({ "no_such_field": 1 })) }.send()
            };
            let Who::Staff(any_of) = who else {
                let status = send(&web.client).await.unwrap().status().as_u16();
                if matches!(status, 401 | 403) {
                    wrong.push(format!("{method} {relative}: everybody may, and got {status}"));
                }
                continue;
            };
            let nobody = send(&web.client).await.unwrap().status().as_u16();
            if nobody != 401 {
                wrong.push(format!("{method} {relative} without a token: {nobody}"));
            }
            for (role, client) in clients.values() {
                let status = send(client).await.unwrap().status().as_u16();
                let may = any_of.iter().any(|permission| role.may(*permission));
                cells += 1;
                if may == matches!(status, 401 | 403) || status >= 500 {
                    wrong.push(format!("{method} {relative} as {}: {status}", role.word()));
                }
                if *role == Role::Auditor && may && !matches!(method.as_str(), "GET") && !relative.ends_with("/answers") {
                    wrong.push(format!("{method} {relative}: an auditor writes nothing"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cells > 300, "only {cells} cells");
}
