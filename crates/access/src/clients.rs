//! Clients that come with the program.

use crate::Scope;

/// A client that can keep no secret (RFC 6749 §2.1).
#[derive(Debug)]
pub struct PublicClient {
    pub id: &'static str,
    /// What people are told.
    pub name: &'static str,
    /// Where it may be answered.
    pub redirects: &'static [&'static str],
    /// What it may ask for.
    pub scopes: &'static [Scope],
}

/// The one that the guides of the Webex integrations name: nothing listens at its address, the token is read off the
/// browser's address bar. It can ask for what provisioning needs, and for nothing of the admin API.
pub const GUIDE_CLIENT: PublicClient = PublicClient {
    id: "C4ca14fe00b0e51efb414ebd45aa88c1858c3bfb949b2405dba10b0ca4bc37402",
    name: "client of the Webex guides",
    redirects: &["http://localhost:3000/auth/code"],
    scopes: &[
        Scope::IdentityScim,
        Scope::SparkPeopleRead,
        Scope::SparkPeopleWrite,
        Scope::IdentityPeopleRead,
        Scope::IdentityPeopleRw,
        Scope::IdentityGroupsRead,
        Scope::IdentityGroupsRw,
    ],
};
