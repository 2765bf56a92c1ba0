//! What can go wrong when somebody asks to come in.

/// Why a request was not let in, or a token not made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No token of ours, a revoked one, or one whose owner is gone or disabled: which of them is not told.
    #[error("the access token is not valid")]
    InvalidToken,
    #[error("the access token expired at {at}")]
    ExpiredToken { at: base::Timestamp },
    #[error("a token lives between 1 and 3650 days, not {0}")]
    Lifetime(u32),
    #[error("a token needs a name of 1 to 200 characters")]
    Name,
    #[error("there is no token with this id")]
    UnknownToken,
    #[error("a token is replaced with an overlap of 0 to {most} hours, not {0}", most = crate::MOST_OVERLAP_HOURS)]
    TokenOverlap(u32),
    #[error(
        "a token is replaced by whose it is: make one of your own, and let this one be replaced or revoke it"
    )]
    OthersToken,
    #[error("this token was got by an OAuth client, which gets the next one by itself")]
    ClientsToken,
    #[error("this token opens nothing any more: make another one")]
    TokenOver,
    #[error("there is no grant with this id")]
    UnknownGrant,
    /// Withdrawn, lapsed, somebody else's, another organization's: which of them is not told.
    #[error("there is no partner with this id")]
    UnknownPartner,
    #[error("a userName of 1 to 200 characters that show is needed, in one line")]
    PartnerName,
    #[error("an organization is no partner of itself: give its own people a role")]
    OwnOrganization,
    #[error("this is offered to a person of this name already")]
    AlreadyOffered,
    #[error("there are {most} partners and offers already")]
    TooManyPartners { most: u64 },
    #[error("there is no client with this id")]
    UnknownClient,
    #[error("a client needs a name of 1 to 200 characters that show, in one line")]
    ClientName,
    /// What is wrong with one.
    #[error("{0}")]
    Redirect(String),
    #[error("a client needs a scope")]
    NoScope,
    /// Why a client cannot have these.
    #[error("{0}")]
    GrantTypes(String),
    #[error("the secret before goes on for 0 to {most} hours, not {0}", most = crate::MOST_OVERLAP_HOURS)]
    Overlap(u32),
    #[error("a public client has no secret")]
    NoSecret,
    #[error("there is no such organization")]
    UnknownOrganization,
    /// Or nobody's address, or somebody who is disabled: which of them is not told.
    #[error("the address or the password is wrong")]
    WrongPassword,
    /// It was the right one.
    #[error("this password was made up, and not changed in time")]
    PasswordExpired,
    /// Of this address, or from this network.
    #[error("there were too many attempts; nobody is let try again before {until}")]
    TooManyAttempts { until: base::Timestamp },
    /// Or one that was taken before.
    #[error("the code is wrong")]
    WrongCode,
    /// Of another origin, of somebody else, answered before, with a counter that went back: which of them is not told.
    #[error("the passkey is not good")]
    WrongPasskey,
    #[error("there are too many passkeys")]
    TooManyPasskeys,
    /// On our side.
    #[error("a passkey could not be asked for, or read")]
    Passkey,
    /// In this session neither a password nor a factor was shown lately.
    #[error("who it is must be shown again")]
    NotProved,
    #[error("there is no second factor")]
    NoFactor,
    #[error("the organization demands a second factor")]
    FactorDemanded,
    #[error(transparent)]
    Sealed(#[from] base::SealError),
    #[error(transparent)]
    Weak(#[from] crate::Weakness),
    /// Between the password and what came of it somebody was disabled, or got another password.
    #[error("this sign-in is over: begin anew")]
    SignInOver,
    /// Answered, expired, in another's place, or to an address that the person has no longer: which of them is not told.
    #[error("this invitation is good no more")]
    InvitationOver,
    #[error("there is no session with this id")]
    UnknownSession,
    /// Too many passwords are being compared.
    #[error("too much is going on just now")]
    Busy,
    #[error("the password could not be hashed")]
    Password,
    #[error(transparent)]
    Directory(#[from] directory::Error),
    #[error(transparent)]
    Store(#[from] store::Error),
}
