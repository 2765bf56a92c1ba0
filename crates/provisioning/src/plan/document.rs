//! The body of a new account, or of a new group.

use scim::Object;
use serde_json::{Map, Value, json};
use store::assignments::SubjectKind;

use super::operation::fill;
use crate::account::{Known, TargetPath, member};
use crate::desired::Want;

fn core(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::User => "urn:ietf:params:scim:schemas:core:2.0:User",
        SubjectKind::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
    }
}

/// The resource to be created, and what is then known of it.
pub(super) fn document(kind: SubjectKind, wants: &[Want<'_>]) -> (Object, Known) {
    let mut resource = Object::new();
    let mut known = Known::default();
    let mut schemas = vec![core(kind).to_owned()];
    for want in wants {
        let Some(value) = &want.on_create else { continue };
        if let Some(schema) = extension(kind, want.path)
            && !schemas.iter().any(|known| known.eq_ignore_ascii_case(schema))
        {
            schemas.push(schema.to_owned());
        }
        put(&mut resource, (kind, want.path), value);
        known.set(want.path, Some(value.clone()));
    }
    let mut body = Object::new();
    body.insert("schemas".to_owned(), json!(schemas));
    body.append(&mut resource);
    (body, known)
}

fn extension(kind: SubjectKind, path: &TargetPath) -> Option<&str> {
    path.schema
        .as_deref()
        .filter(|schema| !schema.eq_ignore_ascii_case(core(kind)))
}

/// Puts a value at its place.
pub(crate) fn put(resource: &mut Object, (kind, path): (SubjectKind, &TargetPath), value: &Value) {
    let holder = match extension(kind, path) {
        Some(schema) => object(resource.entry(schema).or_insert_with(|| json!({}))),
        None => resource,
    };
    if path.in_element() {
        let elements = array(holder.entry(&path.attribute).or_insert_with(|| json!([])));
        let at = elements.iter().position(|element| is_labelled(element, path));
        let at = at.unwrap_or_else(|| {
            elements.push(json!({}));
            elements.len() - 1
        });
        fill(object(&mut elements[at]), path, Some(value));
        return;
    }
    match &path.sub {
        Some(sub) => {
            object(holder.entry(&path.attribute).or_insert_with(|| json!({})))
                .insert(sub.clone(), value.clone());
        }
        None => {
            holder.insert(path.attribute.clone(), value.clone());
        }
    }
}

fn is_labelled(element: &Value, path: &TargetPath) -> bool {
    element.as_object().is_some_and(|element| {
        path.element
            .iter()
            .all(|(label, literal)| member(element, label) == Some(literal))
    })
}

fn object(value: &mut Value) -> &mut Map<String, Value> {
    if !value.is_object() {
        *value = json!({});
    }
    value.as_object_mut().expect("made an object above")
}

fn array(value: &mut Value) -> &mut Vec<Value> {
    if !value.is_array() {
        *value = json!([]);
    }
    value.as_array_mut().expect("made an array above")
}
