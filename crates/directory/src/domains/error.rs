//! Why something about domains was refused.

/// Why a change or a look-up failed; a failed change left nothing behind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DomainError {
    #[error("{name:?} cannot be an organization's domain: {why}")]
    Name { name: String, why: String },
    #[error("The organization has not asked for the domain {name}: add it first")]
    Unknown { name: String },
    #[error("The organization has the domain {name} already")]
    Exists { name: String },
    #[error("An organization can have up to {} domains", super::MOST)]
    TooMany,
    #[error("The DNS was asked often enough for now; try again in {seconds} seconds")]
    TooSoon { seconds: u64 },
    /// Not who that is.
    #[error(
        "The domain {name} is verified elsewhere on this server, and can be verified in one organization only"
    )]
    Taken { name: String },
    #[error("The domain {name} is not verified: verify it first")]
    NotVerified { name: String },
    #[error("The domain {name} is claimed: release it first")]
    Claimed { name: String },
    #[error("The domain {name} is not claimed")]
    NotClaimed { name: String },
    #[error("The record that is to be looked for was changed at the same moment; try again")]
    Renewed,
    #[error("{problem}")]
    Record { problem: Problem },
    #[error(
        "The address is in a domain that another organization of this server has claimed: nobody can have it in this one"
    )]
    ClaimedElsewhere,
}

/// What the DNS said instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    #[error("The DNS does not know the name {name}: is it spelt right, and registered?")]
    NoSuchName { name: String },
    #[error(
        "{name} has no TXT record that begins with {}: add it, and give the DNS some minutes",
        super::PREFIX
    )]
    NoRecord { name: String },
    #[error(
        "{name} has a TXT record that begins with {}, but with another token: put the one of this organization there, \
         beside others or in their place",
        super::PREFIX
    )]
    OtherToken { name: String },
    #[error("The DNS server could not answer for {name} ({reason}): does the domain's own server work?")]
    ServerFailed { name: String, reason: String },
    #[error("No DNS server answered for {name} in time; try again later")]
    TimedOut { name: String },
    #[error("This server cannot ask the DNS: {reason}")]
    Unusable { reason: String },
}

impl Problem {
    /// The word that is kept.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NoSuchName { .. } => "no_such_name",
            Self::NoRecord { .. } => "no_record",
            Self::OtherToken { .. } => "other_token",
            Self::ServerFailed { .. } => "server_failed",
            Self::TimedOut { .. } => "timed_out",
            Self::Unusable { .. } => "no_dns",
        }
    }

    /// Has the DNS said that the record is not there? (Or has it said nothing?)
    pub const fn is_certain(&self) -> bool {
        matches!(
            self,
            Self::NoSuchName { .. } | Self::NoRecord { .. } | Self::OtherToken { .. }
        )
    }
}
