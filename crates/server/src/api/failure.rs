//! From the errors of the rooms below to problem details.

use directory::DomainError;
use directory::licences::LicenceError;
use federation::identity_provider::SsoError;
use http::StatusCode;

use super::Problem;

impl From<directory::Error> for Problem {
    fn from(error: directory::Error) -> Self {
        use directory::Error;
        let detail = error.to_string();
        match &error {
            Error::UnknownUser { .. } => Self::not_found("person.unknown", detail),
            Error::UnknownGroup { .. } => Self::not_found("group.unknown", detail),
            Error::UnknownOrganization => Self::not_found("organization.unknown", detail),
            Error::UserNameTaken { .. } => Self::conflict("person.user_name_taken", detail),
            Error::LastAdmin { .. } => Self::conflict("person.last_admin", detail),
            Error::HigherRole { .. } => Self::new(StatusCode::FORBIDDEN, "person.higher_role", detail),
            Error::AttributeOwned { attribute, .. } => {
                Self::conflict("person.owned", detail).param("attribute", attribute)
            }
            Error::PersonOwned { .. } => Self::conflict("person.owned", detail),
            Error::GroupAttributeOwned { attribute, .. } => {
                Self::conflict("group.owned", detail).param("attribute", attribute)
            }
            Error::GroupOwned { .. } => Self::conflict("group.owned", detail),
            Error::NoMailServer => Self::conflict("invitation.no_mail_server", detail),
            Error::InviteeInactive { .. } => Self::conflict("invitation.inactive", detail),
            Error::InviteeWithoutAddress { .. } => Self::conflict("invitation.no_address", detail),
            Error::NothingToInviteTo { .. } => Self::conflict("invitation.not_needed", detail),
            Error::UserNameNotEmail { .. } => Self::bad_request("person.user_name_not_email", detail),
            Error::UnknownMember { .. } => Self::bad_request("group.unknown_member", detail),
            Error::CircularGroup { .. } => Self::bad_request("group.circular", detail),
            Error::Name => Self::bad_request("name", detail),
            Error::Setting(_) => Self::bad_request("setting", detail),
            Error::Scim(inner) if inner.status < 500 => {
                Self::bad_request("person.invalid", inner.detail.clone())
            }
            Error::VersionMismatch { .. } => Self::new(StatusCode::PRECONDITION_FAILED, "version", detail),
            Error::UnknownSchema { .. } => Self::not_found("schema.unknown", detail),
            Error::SchemaClash { .. } => Self::conflict("schema.clash", detail),
            Error::TooManySchemas => Self::conflict("schema.too_many", detail),
            Error::SchemaInUse { resources, .. } => {
                Self::conflict("schema.in_use", detail).param("resources", resources)
            }
            Error::SchemaIncompatible { resources, error, .. } => {
                let pointer = format!("/schema{}", error.pointer);
                Self::conflict("schema.incompatible", detail)
                    .param("pointer", pointer)
                    .param("resources", resources)
            }
            Error::ValueTaken { attribute } => {
                Self::conflict("value_taken", detail).param("attribute", attribute)
            }
            Error::Licence(error) => of_licences(error, detail),
            Error::Domain(error) => of_domains(error, detail),
            Error::Contended => Self::new(StatusCode::SERVICE_UNAVAILABLE, "contended", detail),
            Error::SchemasChanged => Self::new(StatusCode::SERVICE_UNAVAILABLE, "schemas_changed", detail),
            Error::Store(store::Error::Busy | store::Error::Unavailable(_)) => Self::unavailable(&error),
            Error::Scim(_) | Error::Damaged { .. } | Error::DamagedSchema { .. } | Error::Store(_) => {
                Self::internal(&error)
            }
        }
    }
}

fn of_domains(error: &DomainError, detail: String) -> Problem {
    match error {
        DomainError::Name { .. } => Problem::bad_request("domain.name", detail),
        DomainError::Unknown { .. } => Problem::not_found("domain.unknown", detail),
        DomainError::Exists { .. } => Problem::conflict("domain.exists", detail),
        DomainError::TooMany => Problem::conflict("domain.too_many", detail),
        DomainError::TooSoon { seconds } => Problem::too_soon("domain.too_soon", detail, *seconds),
        DomainError::Taken { .. } => Problem::conflict("domain.taken", detail),
        DomainError::NotVerified { .. } => Problem::conflict("domain.not_verified", detail),
        DomainError::Claimed { .. } => Problem::conflict("domain.claimed", detail),
        DomainError::NotClaimed { .. } => Problem::conflict("domain.not_claimed", detail),
        DomainError::Renewed => Problem::conflict("domain.renewed", detail),
        DomainError::ClaimedElsewhere => Problem::conflict("domain.claimed_elsewhere", detail),
        DomainError::Record { problem } => {
            let code = format!("domain.{}", problem.code());
            let status = if problem.is_certain() {
                StatusCode::CONFLICT
            } else {
                StatusCode::SERVICE_UNAVAILABLE
            };
            Problem::new(status, &code, detail)
        }
    }
}

fn of_licences(error: &LicenceError, detail: String) -> Problem {
    match error {
        LicenceError::Unknown { .. } => Problem::not_found("licence.unknown", detail),
        LicenceError::NameTaken { .. } => Problem::conflict("licence.name_taken", detail),
        LicenceError::NoneLeft { name, total } => Problem::conflict("licence.none_left", detail)
            .param("licence", name)
            .param("total", total),
        LicenceError::InUse {
            given,
            waiting,
            templates,
            ..
        } => Problem::conflict("licence.in_use", detail)
            .param("given", given)
            .param("waiting", waiting)
            .param("templates", templates),
        LicenceError::TooMany => Problem::conflict("licence.too_many", detail),
        LicenceError::UnknownTemplate { .. } => Problem::not_found("licence_template.unknown", detail),
        LicenceError::UnknownRun { .. } => Problem::not_found("licence_run.unknown", detail),
    }
}

impl From<access::Error> for Problem {
    fn from(error: access::Error) -> Self {
        use access::Error;
        let detail = error.to_string();
        match &error {
            Error::UnknownToken => Self::not_found("token.unknown", detail),
            Error::TokenOverlap(_) => Self::bad_request("token.overlap", detail),
            Error::OthersToken => Self::new(StatusCode::FORBIDDEN, "token.anothers", detail),
            Error::ClientsToken => Self::conflict("token.of_client", detail),
            Error::TokenOver => Self::conflict("token.over", detail),
            Error::UnknownGrant => Self::not_found("grant.unknown", detail),
            Error::GrantTypes(_) => Self::bad_request("client.grant_types", detail),
            Error::Overlap(_) => Self::bad_request("client.overlap", detail),
            Error::NoSecret => Self::conflict("client.public", detail),
            Error::UnknownClient => Self::not_found("client.unknown", detail),
            Error::UnknownPartner => Self::not_found("partner.unknown", detail),
            Error::PartnerName => Self::bad_request("partner.user_name", detail),
            Error::OwnOrganization => Self::bad_request("partner.own_organization", detail),
            Error::AlreadyOffered => Self::conflict("partner.offered", detail),
            Error::TooManyPartners { .. } => Self::conflict("partner.too_many", detail),
            Error::Redirect(_) => Self::bad_request("client.redirect", detail),
            Error::NoScope => Self::bad_request("client.scope", detail),
            Error::UnknownSession => Self::not_found("session.unknown", detail),
            Error::UnknownOrganization => Self::not_found("organization.unknown", detail),
            Error::Name | Error::ClientName => Self::bad_request("name", detail),
            Error::Lifetime(_) => Self::bad_request("days", detail),
            Error::Busy | Error::Store(store::Error::Busy | store::Error::Unavailable(_)) => {
                Self::unavailable(&error)
            }
            Error::Directory(directory::Error::HigherRole { .. }) => {
                Self::new(StatusCode::FORBIDDEN, "person.higher_role", detail)
            }
            // Of signing in there is nothing in the API.
            Error::Directory(_)
            | Error::WrongPassword
            | Error::PasswordExpired
            | Error::TooManyAttempts { .. }
            | Error::Weak(_)
            | Error::SignInOver
            | Error::InvitationOver
            | Error::WrongCode
            | Error::WrongPasskey
            | Error::TooManyPasskeys
            | Error::Passkey
            | Error::NotProved
            | Error::NoFactor
            | Error::FactorDemanded
            | Error::Sealed(_)
            | Error::InvalidToken
            | Error::ExpiredToken { .. }
            | Error::Password
            | Error::Store(_) => Self::internal(&error),
        }
    }
}

impl From<federation::Error> for Problem {
    fn from(error: federation::Error) -> Self {
        use federation::Error;
        let detail = error.to_string();
        match error {
            Error::UnknownKey { .. } => Self::not_found("key.unknown", detail),
            Error::KeyInUse { .. } => Self::conflict("key.in_use", detail),
            Error::KeyEnds { .. } => Self::conflict("key.ends", detail),
            Error::KeyAlgorithm { .. } => Self::conflict("key.algorithm", detail),
            Error::TooManyKeys { .. } => Self::conflict("key.too_many", detail),
            Error::Days => Self::bad_request("days", detail),
            Error::Metadata(_) => Self::bad_request("saml.metadata", detail),
            Error::Sso(error) => of_sso(&error, detail),
            Error::Directory(error) => error.into(),
            Error::Store(ref inner @ (store::Error::Busy | store::Error::Unavailable(_))) => {
                Self::unavailable(inner)
            }
            Error::Key(_) | Error::Unsignable(_) | Error::Store(_) => Self::internal(&error),
        }
    }
}

fn of_sso(error: &SsoError, detail: String) -> Problem {
    let code = error.code();
    match error {
        SsoError::UnknownApp | SsoError::Unset => Problem::not_found(code, detail),
        SsoError::AlreadySet
        | SsoError::SlugTaken { .. }
        | SsoError::SlugFixed { .. }
        | SsoError::Incomplete { .. }
        | SsoError::OfBookmark { .. }
        | SsoError::OfSaml { .. } => Problem::conflict(code, detail),
        SsoError::Setting { setting, .. } => Problem::bad_request(code, detail).param("setting", setting),
        SsoError::Attribute { row, .. } => Problem::bad_request(code, detail)
            .param("setting", "attributes")
            .param("row", row),
        SsoError::Slug { .. }
        | SsoError::NoService
        | SsoError::NoConsumer
        | SsoError::Expired { .. }
        | SsoError::OneSource => Problem::bad_request(code, detail),
    }
}

impl From<provisioning::Error> for Problem {
    fn from(error: provisioning::Error) -> Self {
        use provisioning::Error;
        let (code, detail) = (error.code(), error.to_string());
        match &error {
            Error::UnknownApp
            | Error::UnknownLogEntry
            | Error::UnknownCycle
            | Error::UnknownPlan
            | Error::UnknownJob
            | Error::UnknownSubject { .. }
            | Error::UnknownMapping { .. } => Self::not_found(code, detail),
            Error::WrongCount { count } | Error::WrongStayingCount { count } => {
                Self::conflict(code, detail).param("count", count)
            }
            Error::ImportRuns { job } => Self::conflict(code, detail).param("import", job),
            Error::PlanChanged { revision } => Self::conflict(code, detail).param("revision", revision),
            Error::NameTaken { .. }
            | Error::Paused { .. }
            | Error::NotStarted
            | Error::NoProvisioning { .. }
            | Error::Removing
            | Error::PlanNotOpen { .. } => Self::conflict(code, detail),
            Error::Store(store::Error::Busy | store::Error::Unavailable(_)) => Self::unavailable(&error),
            Error::Store(_) => Self::internal(&error),
            Error::Mapping(inner) => {
                let problem = Self::bad_request(code, detail).param("row", inner.row);
                match inner.position {
                    Some(position) => problem.param("position", position),
                    None => problem,
                }
            }
            Error::UnknownSource(inner) => {
                let problem = Self::bad_request(code, detail).param("row", inner.row);
                match inner.position {
                    Some(position) => problem.param("position", position),
                    None => problem,
                }
            }
            Error::SynchronizationSchema(inner) => {
                Self::bad_request(code, detail).param("pointer", &inner.pointer)
            }
            Error::UnknownTarget(inner) => Self::bad_request(code, detail).param("row", inner.row),
            Error::Filter(inner) => Self::bad_request(code, detail)
                .param("group", inner.group)
                .param("clause", inner.clause),
            _ => Self::bad_request(code, detail),
        }
    }
}
