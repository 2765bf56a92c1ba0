//! Values that must not be shown (the function `Redact`): they go to the target, and something else stands in plans and
//! logs.

use serde_json::{Map, Value};

use super::path::{TargetPath, member_mut};

/// What is shown in place of a value, as Entra ID's provisioning log does.
pub(crate) const REDACTED: &str = "[Redact]";

/// The places of an account whose values must not be shown.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Secrets {
    paths: Vec<TargetPath>,
}

impl Secrets {
    pub(crate) fn new(paths: Vec<TargetPath>) -> Self {
        Self { paths }
    }

    pub(crate) fn contains(&self, path: &TargetPath) -> bool {
        self.paths.contains(path)
    }

    /// Takes the values out of a body: a resource, a list of them, or a PATCH request. What was taken out.
    pub(crate) fn mask(&self, body: &mut Value) -> Vec<String> {
        let mut taken = Vec::new();
        if !self.paths.is_empty() {
            self.mask_body(body, &mut taken);
        }
        taken
    }

    fn mask_body(&self, body: &mut Value, taken: &mut Vec<String>) {
        let Value::Object(object) = body else { return };
        self.mask_resource(object, taken);
        if let Some(Value::Array(resources)) = member_mut(object, "Resources") {
            for resource in resources {
                if let Value::Object(resource) = resource {
                    self.mask_resource(resource, taken);
                }
            }
        }
        if let Some(Value::Array(operations)) = member_mut(object, "Operations") {
            for operation in operations {
                if let Value::Object(operation) = operation {
                    self.mask_operation(operation, taken);
                }
            }
        }
    }

    fn mask_resource(&self, resource: &mut Map<String, Value>, taken: &mut Vec<String>) {
        for path in &self.paths {
            if let Some(value) = path.get_mut(resource) {
                mask_value(value, taken);
            }
        }
    }

    fn mask_operation(&self, operation: &mut Map<String, Value>, taken: &mut Vec<String>) {
        let path = member_mut(operation, "path").and_then(|path| path.as_str().map(str::to_owned));
        let Some(value) = member_mut(operation, "value") else {
            return;
        };
        let Some(path) = path else {
            if let Value::Object(resource) = value {
                self.mask_resource(resource, taken);
            }
            return;
        };
        for secret in &self.paths {
            if path == secret.written() {
                mask_value(value, taken);
            } else if path == secret.attribute_path()
                && let Some(value) = secret.get_mut_in(value)
            {
                mask_value(value, taken);
            }
        }
    }
}

fn mask_value(value: &mut Value, taken: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) => return,
        Value::String(text) => taken.push(std::mem::take(text)),
        Value::Array(items) => taken.extend(items.iter().filter_map(|item| item.as_str().map(str::to_owned))),
        Value::Number(_) | Value::Object(_) => {}
    }
    *value = Value::from(REDACTED);
}

/// Takes values that were masked elsewhere out of a text, such as the sentence of an error. Values of one or two
/// characters could be anything and are left.
pub(crate) fn mask_text(text: &mut String, taken: &[String]) {
    for value in taken.iter().filter(|value| value.chars().count() > 2) {
        if text.contains(value.as_str()) {
            *text = text.replace(value.as_str(), REDACTED);
        }
    }
}

/// The same in every text of a body.
pub(crate) fn mask_texts(body: &mut Value, taken: &[String]) {
    if taken.is_empty() {
        return;
    }
    match body {
        Value::String(text) => mask_text(text, taken),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_texts(item, taken)),
        Value::Object(object) => object.values_mut().for_each(|value| mask_texts(value, taken)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn secrets() -> Secrets {
        let paths = [
            "nickName",
            "name.familyName",
            r#"phoneNumbers[type eq "work"].value"#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter",
        ];
        Secrets::new(
            paths
                .iter()
                .map(|path| TargetPath::parse(path).expect(path))
                .collect(),
        )
    }

    fn masked(mut body: Value) -> (Value, usize) {
        let taken = secrets().mask(&mut body);
        (body, taken.len())
    }

    #[test]
    fn resources_and_lists_of_them() {
        let anna = json!({
            "userName": "anna", "nickName": "n", "name": {"familyName": "f", "givenName": "g"},
            "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "fax", "value": "2"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"costCenter": "c", "department": "d"},
        });
        let shown = json!({
            "userName": "anna", "nickName": "[Redact]", "name": {"familyName": "[Redact]", "givenName": "g"},
            "phoneNumbers": [{"type": "work", "value": "[Redact]"}, {"type": "fax", "value": "2"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"costCenter": "[Redact]", "department": "d"},
        });
        assert_eq!(masked(anna.clone()), (shown.clone(), 4));
        assert_eq!(
            masked(json!({"Resources": [anna]})),
            (json!({"Resources": [shown]}), 4)
        );
        assert_eq!(masked(json!("text")), (json!("text"), 0));
    }

    #[test]
    fn operations() {
        let body = json!({"Operations": [
            {"op": "replace", "path": "nickName", "value": "n"},
            {"op": "remove", "path": "nickName"},
            {"op": "add", "path": "phoneNumbers", "value": [{"type": "work", "value": "1"}]},
            {"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "1"},
            {"op": "replace", "path": "title", "value": "t"},
            {"op": "replace", "value": {"nickName": "n"}},
        ]});
        let shown = json!({"Operations": [
            {"op": "replace", "path": "nickName", "value": "[Redact]"},
            {"op": "remove", "path": "nickName"},
            {"op": "add", "path": "phoneNumbers", "value": [{"type": "work", "value": "[Redact]"}]},
            {"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "[Redact]"},
            {"op": "replace", "path": "title", "value": "t"},
            {"op": "replace", "value": {"nickName": "[Redact]"}},
        ]});
        assert_eq!(masked(body), (shown, 4));
    }

    #[test]
    fn what_an_answer_repeats_goes_too() {
        let taken = ["secret".to_owned(), "x".to_owned()];
        let mut answer = json!({"detail": "secret is taken, x too", "status": 409});
        mask_texts(&mut answer, &taken);
        assert_eq!(
            answer,
            json!({"detail": "[Redact] is taken, x too", "status": 409})
        );
    }
}
