//! What PUT leaves of the stored resource (RFC 7644 §3.5.1).

use super::{refuse_changed_immutable, tree};
use crate::schema::{Mutability, ResourceType};
use crate::{Error, Object};

/// The stored resource replaced by one that [`read`](super::read) made of a PUT's body: readWrite attributes that
/// the body leaves out are cleared, readOnly and immutable ones stay, and so does `active`.
pub fn replace(stored: &Object, body: Object, resource_type: &ResourceType) -> Result<Object, Error> {
    let mut next = body;
    for attribute in resource_type.top_level() {
        let stays = attribute.name == "active" || stays_by_itself(attribute.mutability);
        if let Some(value) = stored.get(&attribute.name).filter(|_| stays) {
            next.entry(attribute.name.as_str())
                .or_insert_with(|| value.clone());
        }
    }
    for extension in resource_type.extension_schemas() {
        let Some(stored) = tree::container(stored, Some(extension)) else {
            continue;
        };
        for attribute in extension
            .attributes
            .iter()
            .filter(|attribute| stays_by_itself(attribute.mutability))
        {
            if let Some(value) = stored.get(&attribute.name) {
                tree::container_mut(&mut next, Some(extension))
                    .entry(attribute.name.as_str())
                    .or_insert_with(|| value.clone());
            }
        }
    }
    tree::settle(&mut next, resource_type);
    refuse_changed_immutable(stored, &next, resource_type)?;
    Ok(next)
}

fn stays_by_itself(mutability: Mutability) -> bool {
    matches!(mutability, Mutability::ReadOnly | Mutability::Immutable)
}
