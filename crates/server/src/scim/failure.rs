//! SCIM errors (RFC 7644 §3.12), made only here.

use axum::response::{IntoResponse, Response};
use directory::DomainError;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};

pub const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/scim+json");

/// A SCIM error on its way out.
#[derive(Debug)]
pub struct Failure(pub scim::Error);

impl From<scim::Error> for Failure {
    fn from(error: scim::Error) -> Self {
        Self(error)
    }
}

impl From<directory::Error> for Failure {
    fn from(error: directory::Error) -> Self {
        use directory::Error;
        Self(match error {
            Error::Scim(error) => error,
            Error::UserNameTaken { .. } | Error::ValueTaken { .. } => {
                scim::Error::uniqueness(error.to_string())
            }
            Error::UserNameNotEmail { .. } | Error::UnknownMember { .. } | Error::CircularGroup { .. } => {
                scim::Error::invalid_value(error.to_string())
            }
            Error::UnknownUser { .. } | Error::UnknownGroup { .. } | Error::UnknownOrganization => {
                scim::Error::not_found(error.to_string())
            }
            Error::LastAdmin { .. }
            | Error::HigherRole { .. }
            | Error::AttributeOwned { .. }
            | Error::PersonOwned { .. }
            | Error::GroupAttributeOwned { .. }
            | Error::GroupOwned { .. }
            // No 409, by which clients would look for an account to link.
            | Error::Domain(DomainError::ClaimedElsewhere) => scim::Error::new(403, error.to_string()),
            Error::VersionMismatch { .. } => scim::Error::new(412, error.to_string()),
            Error::Contended | Error::SchemasChanged => scim::Error::new(503, error.to_string()),
            Error::Store(store::Error::Busy) => {
                scim::Error::new(503, "Too much is being changed here at the same time; try again")
            }
            Error::Store(store::Error::Unavailable(_)) => {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the database did not serve a request"
                );
                scim::Error::new(503, "The database is not available just now; try again")
            }
            Error::Setting(_)
            | Error::Damaged { .. }
            | Error::DamagedSchema { .. }
            | Error::UnknownSchema { .. }
            | Error::SchemaClash { .. }
            | Error::TooManySchemas
            | Error::SchemaIncompatible { .. }
            | Error::SchemaInUse { .. }
            | Error::Licence(_)
            | Error::Domain(_)
            | Error::NoMailServer
            | Error::InviteeInactive { .. }
            | Error::InviteeWithoutAddress { .. }
            | Error::NothingToInviteTo { .. }
            | Error::Store(_)
            | Error::Name => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a SCIM request failed on our side"
                );
                scim::Error::new(500, "Something went wrong on our side; it has been logged")
            }
        })
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, self.0.to_json().to_string()).into_response();
        response.headers_mut().insert(CONTENT_TYPE, MEDIA_TYPE);
        // For the door whose clients want it in another form.
        response.extensions_mut().insert(self.0);
        response
    }
}
