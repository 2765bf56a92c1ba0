//! An organization's service provider: `/idb/saml2/{org}/…` and the address where answers come in.

mod arrival;
mod consumer;
mod faults;
mod landing;
mod login;
mod logout;
mod metadata;
mod recovery;

use axum::response::Response;
use base::OrgId;
use federation::service_provider::Addresses;
use http::{Method, StatusCode};

use crate::State;
use crate::doors::Doors;
use crate::pages::page;

pub use login::{login_path, test_address};
pub use logout::path as logout_path;

const RECOVER: &str = "/idb/saml2/{org}/recover";

pub fn open(doors: &mut Doors) {
    let consumer = "/idb/Consumer/metaAlias/{org}/sp";
    doors.message(Method::POST, consumer, consumer::consume);
    doors.message(Method::GET, consumer, consumer::only_post);
    doors.message(Method::GET, "/idb/saml2/{org}/login", login::begin);
    doors.message(Method::GET, "/idb/saml2/{org}/landing", landing::land);
    doors.message(Method::GET, "/idb/saml2/{org}/tested", landing::tested);
    doors.message(Method::GET, "/idb/saml2/{org}/refused", faults::refused);
    doors.message(Method::GET, "/idb/saml2/{org}/target", landing::target);
    let logout = "/idb/saml2/{org}/logout";
    doors.message(Method::GET, logout, logout::pass);
    doors.message(Method::POST, logout, logout::receive);
    doors.message(Method::GET, "/idb/saml2/{org}/metadata", metadata::show);
    doors.page(Method::GET, RECOVER, recovery::show);
    doors.page(Method::POST, RECOVER, recovery::recover);
}

/// Is it where metadata are pasted in?
pub fn takes_metadata(path: &str) -> bool {
    path.starts_with("/idb/saml2/") && path.ends_with("/recover")
}

/// The organization of an address, with the addresses of its doors; a page, if there is none.
async fn organization(state: &State, org: &str) -> Result<(OrgId, Addresses), Box<Response>> {
    let unknown = || {
        let text = "There is no such address here.";
        Box::new(page::failure(StatusCode::NOT_FOUND, text))
    };
    let org: OrgId = org.parse().map_err(|_| unknown())?;
    match state.directory.organization(org).await {
        Ok(_) => Ok((org, Addresses::new(&state.config.public_url, org))),
        Err(directory::Error::UnknownOrganization) => Err(unknown()),
        Err(error) => Err(Box::new(page::troubled(&error.into()))),
    }
}

/// What went wrong on our side, or is not to be told more exactly.
pub fn troubled(error: federation::service_provider::Error) -> Response {
    use federation::service_provider::Error;
    match error {
        Error::Store(error) => page::troubled(&error.into()),
        Error::Directory(error) => page::troubled(&error.into()),
        other => {
            tracing::error!(error = %other, "a sign-in through an identity provider failed on our side");
            let text = "Something went wrong on our side. It has been logged.";
            page::failure(StatusCode::INTERNAL_SERVER_ERROR, text)
        }
    }
}
