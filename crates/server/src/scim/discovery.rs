//! Discovery documents (RFC 7643 §5–7, RFC 7644 §4).

use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use directory::PublishedSchemas;
use http::header::CONTENT_TYPE;
use scim::discovery::{self, Features};
use serde_json::Value;

use super::failure::{Failure, MEDIA_TYPE};
use super::list::{DEFAULT_COUNT, MAX_COUNT};
use super::location::Base;
use super::{bulk, cursor};
use crate::middleware::context::{Caller, Params};

#[derive(Debug, serde::Deserialize)]
pub struct Name {
    name: String,
}

#[derive(Debug, serde::Deserialize)]
pub struct Urn {
    urn: String,
}

/// `GET /ServiceProviderConfig`: the same for every organization, there or not, so that it may be read without a token
/// (RFC 7643 §5).
pub async fn service_provider_config(base: Base, params: Params) -> Result<Response, Failure> {
    refuse_filter(&params)?;
    Ok(json(&discovery::service_provider_config(&base.url, &features())))
}

fn features() -> Features {
    Features {
        bulk: Some(bulk::LIMITS),
        change_password: false,
        sort: true,
        max_results: MAX_COUNT.into(),
        default_page_size: DEFAULT_COUNT.into(),
        cursor_timeout: Some(cursor::TIMEOUT.as_secs()),
        ..Features::default()
    }
}

/// `GET /ResourceTypes`.
pub async fn resource_types(caller: Caller, base: Base, params: Params) -> Result<Response, Failure> {
    refuse_filter(&params)?;
    Ok(json(&discovery::resource_types(&base.url, &caller.types)))
}

/// `GET /ResourceTypes/{name}`.
pub async fn resource_type(
    caller: Caller,
    base: Base,
    params: Params,
    Path(Name { name }): Path<Name>,
) -> Result<Response, Failure> {
    refuse_filter(&params)?;
    let found = discovery::resource_type(&base.url, &caller.types, &name);
    found
        .map(|found| json(&found))
        .ok_or_else(|| missing("resource type", &name))
}

/// `GET /Schemas`.
pub async fn schemas(caller: Caller, base: Base, params: Params) -> Result<Response, Failure> {
    refuse_filter(&params)?;
    Ok(json(&discovery::schemas(
        &base.url,
        &caller.types,
        audience(&caller),
    )))
}

/// `GET /Schemas/{urn}`.
pub async fn schema(
    caller: Caller,
    base: Base,
    params: Params,
    Path(Urn { urn }): Path<Urn>,
) -> Result<Response, Failure> {
    refuse_filter(&params)?;
    let found = discovery::schema(&base.url, &caller.types, &urn, audience(&caller));
    found
        .map(|found| json(&found))
        .ok_or_else(|| missing("schema", &urn))
}

fn audience(caller: &Caller) -> discovery::Audience {
    match caller.settings.schemas {
        PublishedSchemas::Full => discovery::Audience::Everyone,
        PublishedSchemas::Entra => discovery::Audience::EntraId,
    }
}

/// RFC 7644 §4: a filter here is answered 403.
fn refuse_filter(params: &Params) -> Result<(), Failure> {
    match params.get("filter") {
        None => Ok(()),
        Some(_) => Err(Failure(scim::Error::new(
            403,
            "Discovery documents cannot be filtered",
        ))),
    }
}

fn missing(what: &str, name: &str) -> Failure {
    Failure(scim::Error::not_found(format!("There is no {what} {name}")))
}

fn json(document: &Value) -> Response {
    ([(CONTENT_TYPE, MEDIA_TYPE)], document.to_string()).into_response()
}
