//! Why something about licences was refused.

/// Why a change or a look-up failed; a failed change left nothing behind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LicenceError {
    #[error("There is no licence {name:?}")]
    Unknown { name: String },
    #[error("There is a licence {name:?} already")]
    NameTaken { name: String },
    #[error(
        "None of the {total} licences {name:?} is left: take one away from somebody, or raise the total, first"
    )]
    NoneLeft { name: String, total: i64 },
    #[error("The licence {name:?} is used: {}. Take it away first", uses(*.given, *.waiting, *.templates))]
    InUse {
        name: String,
        given: u64,
        waiting: u64,
        templates: u64,
    },
    #[error("An organization can have up to {} licences", super::MAX_LICENCES)]
    TooMany,
    #[error("{of} has no licence template")]
    UnknownTemplate { of: String },
    #[error("There is no licence run {name:?}")]
    UnknownRun { name: String },
}

/// `2 people have it, 1 person waits for it, 1 template gives it`
fn uses(given: u64, waiting: u64, templates: u64) -> String {
    let said = |count: u64, one: &str, more: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        many => Some(format!("{many} {more}")),
    };
    let parts = [
        said(given, "person has it", "people have it"),
        said(waiting, "person waits for it", "people wait for it"),
        said(templates, "template gives it", "templates give it"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

impl LicenceError {
    /// Ends a write.
    pub(super) fn refusal(self) -> store::Error {
        store::Error::refuse(crate::Error::from(self))
    }
}
