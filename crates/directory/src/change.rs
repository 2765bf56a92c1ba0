//! Who changes something, and by which door it came.

use base::Cause;
use scim::ResourceTypes;

use crate::Settings;

/// The door by which a change came in: what an attribute's provenance names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Scim,
    Csv,
    Api,
    /// An account of an app.
    Import,
    /// What an identity provider said of somebody who signed in.
    Saml,
    /// The command line on the machine itself.
    Operator,
    /// What was kept as long as the organization wants.
    Retention,
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scim => "scim",
            Self::Csv => "csv",
            Self::Api => "api",
            Self::Import => "import",
            Self::Saml => "saml",
            Self::Operator => "operator",
            Self::Retention => "retention",
        }
    }
}

/// What goes with every change.
#[derive(Debug, Clone, Copy)]
pub struct Change<'a> {
    pub cause: &'a Cause,
    pub source: Source,
    /// What the organization's resources are; the change was read by them.
    pub types: &'a ResourceTypes,
    /// The organization's settings as of when the change came in.
    pub settings: Settings,
}
