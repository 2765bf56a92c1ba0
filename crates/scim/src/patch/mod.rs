//! PATCH (RFC 7644 §3.5.2): all operations or none, and no change where nothing would differ.

mod apply;
mod flip;
mod members;
mod operation;
mod parts;
mod seed;
mod stated;
mod values;

use serde_json::{Value, json};

pub use crate::resource::{Member, MemberKind};
pub use apply::apply;
pub(crate) use members::is_members;
pub use members::{MemberOp, is_chosen, split_members};

use crate::message;
use crate::path::AttributePath;

/// A PATCH body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PatchRequest {
    pub operations: Vec<Operation>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    pub op: Op,
    /// Without one, `value` holds attributes of the resource itself.
    pub path: Option<AttributePath>,
    pub value: Option<Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Op {
    Add,
    Replace,
    Remove,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PatchOptions {
    pub missing_target: MissingTarget,
}

/// What add and replace do on `emails[type eq "work"].value` when there is no such element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MissingTarget {
    /// Make it, as Entra ID expects.
    #[default]
    Create,
    /// 400 `noTarget`, as RFC 7644 §3.5.2.3 and Webex have it.
    Error,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the resource differs from what it was.
    pub changed: bool,
}

impl Op {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Replace => "replace",
            Self::Remove => "remove",
        }
    }
}

impl Operation {
    pub fn add(path: AttributePath, value: impl Into<Value>) -> Self {
        Self {
            op: Op::Add,
            path: Some(path),
            value: Some(value.into()),
        }
    }

    pub fn replace(path: AttributePath, value: impl Into<Value>) -> Self {
        Self {
            op: Op::Replace,
            path: Some(path),
            value: Some(value.into()),
        }
    }

    pub fn remove(path: AttributePath) -> Self {
        Self {
            op: Op::Remove,
            path: Some(path),
            value: None,
        }
    }

    pub fn to_json(&self) -> Value {
        let mut operation = json!({"op": self.op.as_str()});
        if let Some(path) = &self.path {
            operation["path"] = path.to_string().into();
        }
        if let Some(value) = &self.value {
            operation["value"] = value.clone();
        }
        operation
    }
}

impl PatchRequest {
    /// The body as it is sent.
    pub fn to_json(&self) -> Value {
        let operations: Vec<Value> = self.operations.iter().map(Operation::to_json).collect();
        json!({"schemas": [message::PATCH_OP], "Operations": operations})
    }
}
