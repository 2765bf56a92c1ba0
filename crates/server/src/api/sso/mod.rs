//! `/api/v1/sso`: signing in through identity providers.

mod keys;
mod organization;
mod providers;
mod routes;
mod subjects;

use access::Permission::{ManageOrganization, ProbeApps, ReadAll};
use federation::service_provider::{Addresses, Error};
use http::Method;

use super::Problem;
use crate::State;
use crate::doors::Doors;
use crate::middleware::context::Caller;

pub use organization::SettingsChange;
pub use providers::{Activation, ConfigurationImport, NewCertificate, NewProvider, ProviderChange};
pub use routes::Routes;

pub fn open(doors: &mut Doors) {
    let write = ManageOrganization;
    doors.api(Method::GET, "/sso", ReadAll, organization::read);
    doors.api(Method::PATCH, "/sso", write, organization::update);
    doors.api(Method::POST, "/sso/activate", write, organization::activate);
    doors.api(Method::POST, "/sso/deactivate", write, organization::deactivate);
    doors.api(Method::GET, "/sso/metadata", ReadAll, organization::metadata);

    let one = "/sso/providers/{provider}";
    let at = |rest: &str| format!("{one}{rest}");
    doors.api(Method::GET, "/sso/providers", ReadAll, providers::list);
    doors.api(Method::POST, "/sso/providers", write, providers::add);
    doors.api(Method::GET, one, ReadAll, providers::read);
    doors.api(Method::PATCH, one, write, providers::update);
    doors.api(Method::DELETE, one, write, providers::remove);
    // It changes nothing: what is tested is told when somebody has signed in.
    doors.api(Method::POST, &at("/test"), ProbeApps, providers::test);
    doors.api(Method::POST, &at("/activate"), write, providers::activate);
    doors.api(Method::POST, &at("/deactivate"), write, providers::deactivate);
    doors.api(
        Method::GET,
        &at("/configuration"),
        ReadAll,
        providers::configuration,
    );
    doors.api(
        Method::PUT,
        &at("/configuration"),
        write,
        providers::import_configuration,
    );
    doors.api(
        Method::POST,
        &at("/certificates"),
        write,
        providers::add_certificate,
    );
    doors.api(
        Method::DELETE,
        &at("/certificates/{certificate}"),
        write,
        providers::remove_certificate,
    );

    doors.api(Method::GET, "/sso/routes", ReadAll, routes::list);
    doors.api(Method::PUT, "/sso/routes", write, routes::replace);

    let names = "/people/{person}/sso-subjects";
    doors.api(Method::GET, names, ReadAll, subjects::list);
    let name = "/people/{person}/sso-subjects/{provider}";
    doors.api(Method::DELETE, name, write, subjects::remove);

    doors.api(Method::GET, "/sso/keys", ReadAll, keys::list);
    doors.api(Method::POST, "/sso/keys", write, keys::add);
    doors.api(Method::POST, "/sso/keys/{sso_key}/promote", write, keys::promote);
    doors.api(Method::DELETE, "/sso/keys/{sso_key}", write, keys::remove);
}

fn addresses(state: &State, caller: &Caller) -> Addresses {
    Addresses::new(&state.config.public_url, caller.principal.org)
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::UnknownProvider { .. } => Self::not_found("sso.provider_unknown", detail),
            Error::UnknownSubject => Self::not_found("sso.subject_unknown", detail),
            Error::UnknownCertificate => Self::not_found("sso.certificate_unknown", detail),
            Error::NameTaken { .. } => Self::conflict("sso.name_taken", detail),
            Error::EntityTaken { .. } => Self::conflict("sso.entity_taken", detail),
            Error::TooManyProviders { .. } | Error::TooManyCertificates { .. } => {
                Self::conflict("sso.too_many", detail)
            }
            Error::NoCertificate => Self::conflict("sso.no_certificate", detail),
            Error::NotTested => Self::conflict("sso.not_tested", detail),
            Error::NothingActive => Self::conflict("sso.nothing_active", detail),
            Error::Name => Self::bad_request("name", detail),
            Error::Setting(wrong) => Self::bad_request("sso.setting", detail).param("setting", wrong.field),
            Error::Route(_) => Self::bad_request("sso.route", detail),
            Error::Metadata(_) => Self::bad_request("sso.metadata", detail),
            Error::Configuration(_) => Self::bad_request("sso.configuration", detail),
            Error::Certificate(_) => Self::bad_request("sso.certificate", detail),
            Error::WrongCode | Error::RecoveryOver => Self::bad_request("sso.code", detail),
            Error::Federation(error) => error.into(),
            Error::Directory(error) => error.into(),
            Error::Store(error) => directory::Error::from(error).into(),
        }
    }
}
