//! Reading a PATCH body.

use serde_json::Value;

use super::{Op, Operation, PatchRequest};
use crate::path::{self, AttributePath};
use crate::{Error, Object, dialect, message};

/// Operations of one request at most: each may have to look at every value of an attribute.
const MAX_OPERATIONS: usize = 1_000;

impl PatchRequest {
    /// From a body's bytes.
    pub fn from_slice(body: &[u8]) -> Result<Self, Error> {
        Self::parse(message::parse(body)?)
    }

    /// From a body. Names and `op` are read in any case; keys that the RFC does not have are left aside.
    pub fn parse(body: Value) -> Result<Self, Error> {
        let Value::Object(mut body) = body else {
            return Err(Error::invalid_syntax("The body must be a JSON object"));
        };
        let operations = match take(&mut body, "Operations")? {
            Some(Value::Array(operations)) if !operations.is_empty() => operations,
            _ => {
                return Err(Error::invalid_syntax(
                    "Operations must be a list of one or more operations",
                ));
            }
        };
        if operations.len() > MAX_OPERATIONS {
            let detail = format!(
                "A PATCH has up to {MAX_OPERATIONS} operations, not {}",
                operations.len()
            );
            return Err(Error::new(413, detail));
        }
        let operations = operations
            .into_iter()
            .enumerate()
            .map(operation)
            .collect::<Result<_, _>>()?;
        Ok(Self { operations })
    }
}

/// Takes a key out, whatever its case.
fn take(object: &mut Object, name: &str) -> Result<Option<Value>, Error> {
    dialect::refuse_twins(object)?;
    let key = object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned();
    Ok(key.and_then(|key| object.shift_remove(&key)))
}

fn operation((index, operation): (usize, Value)) -> Result<Operation, Error> {
    let Value::Object(mut operation) = operation else {
        return Err(Error::invalid_syntax(format!(
            "Operations[{index}] must be an object"
        )));
    };
    let op = match take(&mut operation, "op")? {
        Some(Value::String(name)) => op(&name),
        _ => None,
    };
    let Some(op) = op else {
        return Err(Error::invalid_syntax(format!(
            "Operations[{index}].op must be add, replace or remove"
        )));
    };
    let path = match take(&mut operation, "path")? {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) if text.trim().is_empty() => None,
        Some(Value::String(text)) => Some(read_path(&text)?),
        Some(_) => {
            return Err(Error::invalid_path(format!(
                "Operations[{index}].path must be a string"
            )));
        }
    };
    let value = take(&mut operation, "value")?;
    Ok(Operation { op, path, value })
}

fn op(name: &str) -> Option<Op> {
    [Op::Add, Op::Replace, Op::Remove]
        .into_iter()
        .find(|op| op.as_str().eq_ignore_ascii_case(name.trim()))
}

fn read_path(text: &str) -> Result<AttributePath, Error> {
    path::parse(text).map_err(|error| Error::path_syntax(text, &error))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ScimType;

    #[test]
    fn reads_what_clients_send() {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "id": "1",
            "operations": [
                {"OP": "Add", "Path": "nickName", "Value": "Babs", "name": "addName"},
                {"op": "replace", "path": "", "value": {"active": false}},
                {"op": "REMOVE", "path": "title"},
            ],
        });
        let request = PatchRequest::parse(body).expect("a request");
        assert_eq!(
            request.to_json()["Operations"],
            json!([
                {"op": "add", "path": "nickName", "value": "Babs"},
                {"op": "replace", "value": {"active": false}},
                {"op": "remove", "path": "title"},
            ])
        );
    }

    #[test]
    fn what_is_no_patch_is_refused() {
        for (body, kind) in [
            (json!([]), ScimType::InvalidSyntax),
            (json!({}), ScimType::InvalidSyntax),
            (json!({"Operations": []}), ScimType::InvalidSyntax),
            (json!({"Operations": {}}), ScimType::InvalidSyntax),
            (json!({"Operations": [1]}), ScimType::InvalidSyntax),
            (
                json!({"Operations": [{"op": "move", "path": "title"}]}),
                ScimType::InvalidSyntax,
            ),
            (
                json!({"Operations": [{"path": "title"}]}),
                ScimType::InvalidSyntax,
            ),
            (
                json!({"Operations": [{"op": "add", "OP": "remove", "path": "title"}]}),
                ScimType::InvalidSyntax,
            ),
            (
                json!({"Operations": [{"op": "add", "path": 1}]}),
                ScimType::InvalidPath,
            ),
            (
                json!({"Operations": [{"op": "add", "path": "a b"}]}),
                ScimType::InvalidPath,
            ),
        ] {
            let error = PatchRequest::parse(body.clone()).expect_err("no patch");
            assert_eq!((error.status, error.scim_type), (400, Some(kind)), "{body}");
        }
        let error = PatchRequest::from_slice(b"{").expect_err("no JSON");
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
    }
}
