//! What the description says of fields and types, in Chinese. Docstrings are English; the tables beside this file have the Chinese for each,
//! by its exact words, so that a docstring that is changed asks for its Chinese again.

use std::collections::HashMap;

use serde_json::{Map, Value};

/// Chinese by the English of a docstring.
const TEXTS: [&str; 7] = [
    include_str!("texts-answers.toml"),
    include_str!("texts-bulletins.toml"),
    include_str!("texts-campaigns.toml"),
    include_str!("texts-classes.toml"),
    include_str!("texts-common.toml"),
    include_str!("texts-desk.toml"),
    include_str!("texts-quizzes.toml"),
];
/// Chinese for fields without a docstring, by `field`, or by `Schema.field` where a name means another thing there; for parameters by
/// `parameter.name`.
const FIELDS: &str = include_str!("fields.toml");

type Table = HashMap<String, String>;

struct Words {
    texts: Table,
    fields: Table,
}

/// The description as JSON, all of it in Chinese.
///
/// # Panics
/// Where a table beside this file is no TOML table of texts; the tests read them all.
pub fn in_chinese(description: &utoipa::openapi::OpenApi) -> Value {
    let words = Words::read();
    let mut all = serde_json::to_value(description).expect("a description is JSON");
    for (name, schema) in all.pointer_mut("/components/schemas").and_then(Value::as_object_mut).into_iter().flatten() {
        // The page of a list holds its items as they are.
        words.translate(schema, name.strip_prefix("Page_").unwrap_or(name));
    }
    words.translate(&mut all["paths"], "");
    all
}

impl Words {
    fn read() -> Self {
        let texts = TEXTS.into_iter().flat_map(|table| toml::from_str::<Table>(table).expect("the tables of texts are TOML")).collect();
        Self { texts, fields: toml::from_str(FIELDS).expect("the table of fields is TOML") }
    }

    /// Everything under `value`, which belongs to a schema.
    fn translate(&self, value: &mut Value, schema: &str) {
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.translate(item, schema)),
            Value::Object(parts) => {
                if let Some(Value::String(text)) = parts.get_mut("description")
                    && let Some(chinese) = self.texts.get(text.as_str())
                {
                    text.clone_from(chinese);
                }
                if let Some(Value::Object(fields)) = parts.get_mut("properties") {
                    self.name(fields, schema);
                }
                if let Some(Value::Array(parameters)) = parts.get_mut("parameters") {
                    parameters.iter_mut().for_each(|parameter| self.name_parameter(parameter));
                }
                parts.values_mut().for_each(|part| self.translate(part, schema));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// Says of a parameter that says nothing itself what it is.
    fn name_parameter(&self, parameter: &mut Value) {
        let words = parameter["name"].as_str().and_then(|name| self.fields.get(&format!("parameter.{name}")));
        if let (Some(words), Some(parameter)) = (words, parameter.as_object_mut()) {
            parameter.entry("description").or_insert_with(|| words.as_str().into());
        }
    }

    /// Says of fields that say nothing themselves what they are. What refers to a type is described there.
    fn name(&self, fields: &mut Map<String, Value>, schema: &str) {
        for (name, field) in fields {
            let words = self.fields.get(&format!("{schema}.{name}")).or_else(|| self.fields.get(name));
            if let (Value::Object(field), Some(words)) = (field, words)
                && !field.contains_key("$ref")
            {
                field.entry("description").or_insert_with(|| words.as_str().into());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use utoipa::OpenApi;
    use utoipa_axum::router::OpenApiRouter;
    use utoipa_axum::routes;

    use super::*;
    use crate::web::openapi::Api;
    use crate::web::{api, health, metrics};

    /// The other way round, that nothing lacks its Chinese, is seen from outside.
    #[test]
    fn no_table_has_words_for_what_is_gone() {
        let (_, description) = OpenApiRouter::with_openapi(Api::openapi())
            .routes(routes!(health::healthz))
            .routes(routes!(health::readyz))
            .routes(routes!(metrics::metrics))
            .merge(api::routes())
            .split_for_parts();
        let all = description.to_json().expect("a description is JSON");
        let words = Words::read();
        let texts = words.texts.keys().filter(|text| !all.contains(&format!("\"description\":{}", Value::from(text.as_str()))));
        assert_eq!(texts.collect::<Vec<&String>>(), Vec::<&String>::new());
        let named = |key: &str| all.contains(&format!("\"{}\"", key.rsplit_once('.').map_or(key, |(_, field)| field)));
        assert_eq!(words.fields.keys().filter(|key| !named(key)).collect::<Vec<&String>>(), Vec::<&String>::new());
    }
}
