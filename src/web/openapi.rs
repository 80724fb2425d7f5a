//! The description of the API, made from the handlers themselves: `/openapi.json`, and `/docs` to read and try it without a network.

mod words;

use std::collections::BTreeMap;

use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Components, Content, OpenApi as Description, Ref, RefOr, Response, Schema};
use utoipa::{Modify, OpenApi};

use super::problem::{PROBLEM_JSON, Problem};
pub use words::in_chinese;

/// Name of the bearer scheme; handlers for staff say `security(("token" = []))`.
pub const SCHEME: &str = "token";

/// What the description begins with; the routes add themselves.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "纳税人之家 taxhome",
        description = "涉税解答、政策通知、纳税人学堂和税收宣传月的接口，地址都以 /api/v1 开头。\n\n\
                       **令牌**：工作人员接口要带 `Authorization: Bearer 令牌`。管理员在服务器上运行 `taxhome token create --user 姓名`，\
                       或用 POST /api/v1/tokens 生成；令牌只显示一次。\n\n\
                       **重复提交**：每个 POST 都可以带 `Idempotency-Key`，同一个键得到同一个结果。\n\n\
                       **出错**：返回 application/problem+json，detail 用中文说明要改什么，field 是哪个字段。\n\n\
                       **时间**：一律写带时区的时间，例如 2026-12-01T09:00:00+08:00。",
        license(name = "MIT", identifier = "MIT")
    ),
    components(schemas(Problem, super::api::progress::Progress)),
    tags(
        (name = "questions", description = "提问与评价（公开）"),
        (name = "gaps", description = "没有答好的问题，以及由它整理的审定答复"),
        (name = "ledger", description = "意见建议台账与服务评价"),
        (name = "documents", description = "政策文件与办事指南"),
        (name = "channels", description = "群聊与其他发送对象"),
        (name = "bulletins", description = "通知。顺序：写草稿 POST /bulletins（宣传人员）→ 加附件（可选）→ 预览 → 提交审核 submit → \
                                            另一位审核人员 approve → send 或 schedule → 看每个群的结果 deliveries → 需要时 correct 或 recall"),
        (name = "calendar", description = "工作日历：放假、调休和申报期限"),
        (name = "classes", description = "纳税人学堂"),
        (name = "campaigns", description = "税收宣传月"),
        (name = "codes", description = "二维码与扫码次数"),
        (name = "quizzes", description = "题库、每季一考与有奖答题"),
        (name = "staff", description = "人员与令牌"),
        (name = "service", description = "运行状态")
    ),
    modifiers(&Bearer)
)]
pub struct Api;

/// What any request may be refused with, and the words for it; a handler describes what is particular to it.
const REFUSALS: [(&str, &str); 12] = [
    ("400", "请求无法识别"),
    ("401", "需要身份验证"),
    ("403", "没有权限"),
    ("404", "没有找到"),
    ("405", "请求方法不支持"),
    ("408", "处理超时"),
    ("409", "当前状态不允许"),
    ("413", "内容太大"),
    ("415", "内容类型不支持"),
    ("422", "内容不符合要求"),
    ("429", "请求太频繁"),
    ("500", "服务出错"),
];

/// Describes every refusal of every operation as the problem it is, and what is shown with more beside it as what it is then.
pub fn complete(description: &mut Description) {
    if let Some(components) = &mut description.components {
        open_shown_parts(components);
    }
    for item in description.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.patch, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            for parameter in operation.parameters.iter_mut().flatten() {
                if let RefOr::T(parameter) = parameter
                    && let Some(schema) = &mut parameter.schema
                {
                    empty_is_unsaid(schema);
                }
            }
            for (status, words) in REFUSALS {
                let known = operation.responses.responses.entry(status.to_owned());
                let response = known.or_insert_with(|| RefOr::T(Response::new(words)));
                if let RefOr::T(response) = response {
                    response.content = std::iter::once((PROBLEM_JSON.to_owned(), RefOr::T(problem()))).collect();
                }
            }
        }
    }
}

/// A part that takes no other fields when it is sent stands among others when it is shown: there it is described without that rule.
fn open_shown_parts(components: &mut Components) {
    let strict: BTreeMap<String, RefOr<Schema>> = components
        .schemas
        .iter()
        .filter_map(|(name, schema)| {
            let RefOr::T(Schema::Object(object)) = schema else { return None };
            let mut open = object.clone();
            open.additional_properties.take().map(|_| (format!("#/components/schemas/{name}"), RefOr::T(Schema::Object(open))))
        })
        .collect();
    for schema in components.schemas.values_mut() {
        let RefOr::T(Schema::AllOf(parts)) = schema else { continue };
        for part in &mut parts.items {
            if let RefOr::Ref(reference) = part
                && let Some(open) = strict.get(&reference.ref_location)
            {
                *part = open.clone();
            }
        }
    }
}

/// The name of the word that stands for an empty text among those a parameter takes.
const UNSAID: &str = "unsaid";

/// A name cannot be empty in the code; the word it stands for is.
fn empty_is_unsaid(schema: &mut RefOr<Schema>) {
    let RefOr::T(Schema::Object(object)) = schema else { return };
    for word in object.enum_values.iter_mut().flatten().filter(|word| **word == UNSAID) {
        *word = "".into();
    }
}

fn problem() -> Content {
    Content::new(Some(Ref::from_schema_name("Problem")))
}

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, description: &mut Description) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("taxhome token create 生成的令牌")).build();
        description.components.get_or_insert_with(Components::new).add_security_scheme(SCHEME, SecurityScheme::Http(scheme));
    }
}
