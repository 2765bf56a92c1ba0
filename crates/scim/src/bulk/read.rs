//! Reading the operations of a bulk request.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{Operation, Request, Verb};
use crate::{Error, Object, ResourceType, dialect};

pub(super) fn fail_on_errors(body: &Object) -> Result<Option<u64>, Error> {
    let number = match dialect::key(body, "failOnErrors") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => number.as_u64(),
        Some(Value::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let number = number.filter(|number| *number > 0);
    number.map_or_else(
        || {
            Err(Error::invalid_value(
                "failOnErrors must be a whole number above 0",
            ))
        },
        |number| Ok(Some(number)),
    )
}

pub(super) fn operation(value: Value) -> Result<Operation, Error> {
    let Value::Object(members) = value else {
        return Err(Error::invalid_syntax("Each of the Operations must be an object"));
    };
    let text = |key| match dialect::key(&members, key) {
        Some(Value::String(text)) if !text.is_empty() => Some(text.clone()),
        _ => None,
    };
    let method = text("method").unwrap_or_default().to_ascii_uppercase();
    let verb = match method.as_str() {
        "POST" => Verb::Create,
        "PUT" => Verb::Replace,
        "PATCH" => Verb::Patch,
        "DELETE" => Verb::Delete,
        // Its answer would have to name the method: such a message is none.
        _ => {
            let detail =
                format!("method is POST, PUT, PATCH or DELETE in each of the Operations, not {method:?}");
            return Err(Error::invalid_syntax(detail));
        }
    };
    let (path, data) = (
        text("path").unwrap_or_default(),
        dialect::key(&members, "data").cloned(),
    );
    let request = dialect::refuse_twins(&members).and_then(|()| request(verb, &method, &path, data));
    Ok(Operation {
        bulk_id: dialect::key(&members, "bulkId").and_then(name),
        version: text("version"),
        method,
        path,
        request,
    })
}

/// A name that may have been sent as a number.
fn name(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn request(verb: Verb, method: &str, path: &str, data: Option<Value>) -> Result<Request, Error> {
    if path.is_empty() {
        return Err(Error::invalid_syntax(format!("A {method} has a path")));
    }
    let place = path.trim_matches('/');
    let (endpoint, id) = place.split_once('/').unwrap_or((place, ""));
    let found = ResourceType::all()
        .into_iter()
        .find(|known| known.endpoint.trim_start_matches('/') == endpoint);
    let Some(resource_type) = found.filter(|_| !id.contains('/')) else {
        return Err(Error::not_found(format!("There is nothing at {path:?}")));
    };
    if (verb == Verb::Create) != id.is_empty() {
        return Err(Error::new(405, format!("{method} is not possible at {path}")));
    }
    let data = match data {
        // The RFC's own example of a PATCH has the bare list.
        Some(Value::Array(operations)) if verb == Verb::Patch => json!({ "Operations": operations }),
        Some(data) => data,
        None if verb == Verb::Delete => Value::Null,
        None => return Err(Error::invalid_syntax(format!("A {method} has data"))),
    };
    Ok(Request {
        verb,
        resource_type,
        id: id.to_owned(),
        data,
    })
}

pub(super) fn refuse_second_bulk_ids(operations: &mut [Operation]) {
    let mut seen = HashSet::new();
    for operation in operations {
        let name = operation.bulk_id.clone().filter(|_| operation.creates());
        if let Some(name) = name.filter(|name| !seen.insert(name.clone())) {
            let detail = format!("The bulkId {name:?} is there twice");
            operation.request = Err(Error::invalid_value(detail));
        }
    }
}
