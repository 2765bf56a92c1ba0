//! Every answer of the admin API in these tests, held against the document that describes it; and every body that was
//! taken.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

use crate::client::Answer;

pub(crate) static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(server::openapi()).expect("the document is JSON"));

static VALIDATORS: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);

/// Fails if the document says otherwise.
#[track_caller]
pub(crate) fn judge(answer: &Answer) {
    let asked = &answer.asked;
    let path = asked.path.split('?').next().unwrap_or_default();
    let path = path.strip_suffix('/').unwrap_or(path);
    let Some(template) = template(path) else {
        return;
    };
    let method = asked.method.as_str().to_lowercase();
    let operation = &DOCUMENT["paths"][template][&method];
    if operation.is_null() {
        return;
    }
    let what = format!("{} {} {}", asked.method, asked.path, answer.status);
    let response = &operation["responses"][answer.status.to_string()];
    assert!(
        !response.is_null(),
        "the document has no such answer: {what} {}",
        answer.text
    );
    let response = resolved(response);
    let media_type = answer.header("content-type");
    let Some(contents) = response["content"].as_object() else {
        assert_eq!(answer.text, "", "the document has no body: {what}");
        return;
    };
    let content = contents.get(media_type);
    let content = content.unwrap_or_else(|| panic!("the document has no {media_type}: {what}"));
    if media_type.ends_with("json") && media_type != "application/x-ndjson" {
        hold(&content["schema"], &answer.json(), &what);
    }
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let body = asked.body.as_deref().unwrap_or_default().trim();
    if (200..300).contains(&answer.status) && !schema.is_null() && !body.is_empty() {
        let body = serde_json::from_str(body).expect("JSON was taken");
        hold(schema, &body, &format!("the body of {what}"));
    }
}

fn resolved(response: &Value) -> &Value {
    match response["$ref"].as_str() {
        Some(place) => {
            let pointer = place.trim_start_matches('#');
            DOCUMENT.pointer(pointer).expect("what is referred to is there")
        }
        None => response,
    }
}

/// The path of the document that has this one in it; one without places if there is such a one.
fn template(path: &str) -> Option<&'static String> {
    let paths = DOCUMENT["paths"].as_object()?;
    let fits = |template: &&String| {
        let (mut wanted, mut given) = (template.split('/'), path.split('/'));
        loop {
            match (wanted.next(), given.next()) {
                (None, None) => return true,
                (Some(wanted), Some(given)) if wanted == given || wanted.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    let places = |template: &&String| template.matches('{').count();
    paths.keys().filter(fits).min_by_key(places)
}

#[track_caller]
fn hold(schema: &Value, instance: &Value, what: &str) {
    let validator = validator(schema);
    let errors: Vec<_> = validator
        .iter_errors(instance)
        .map(|error| format!("{error} at {}", error.instance_path()))
        .collect();
    assert!(
        errors.is_empty(),
        "{what}: the document says otherwise: {errors:#?}\n{instance:#}"
    );
}

fn validator(schema: &Value) -> Arc<Validator> {
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let made = || {
        let schema = json!({ "allOf": [schema], "components": DOCUMENT["components"] });
        let validator = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft202012)
            .should_validate_formats(true)
            .build(&schema);
        Arc::new(validator.expect("the document holds schemas"))
    };
    Arc::clone(validators.entry(schema.to_string()).or_insert_with(made))
}
