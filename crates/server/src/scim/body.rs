//! Request bodies: `application/scim+json` or `application/json` (RFC 7644 §3.1, §8.1), of a bounded size.

use axum::extract::{FromRequest, Request};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::Value;

use super::Failure;
use crate::body::Unreadable;

/// The largest body that is read, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;

/// A JSON body.
#[derive(Debug)]
pub struct Body(pub Value);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Failure;

    async fn from_request(request: Request, _: &S) -> Result<Self, Failure> {
        refuse_other_media_types(&request)?;
        let read = crate::body::read(request, MAX_BODY).await;
        let bytes = read.map_err(|unreadable| match unreadable {
            Unreadable::TooLarge(most) => {
                scim::Error::new(413, format!("The body is larger than {most} bytes"))
            }
            Unreadable::Slow => scim::Error::new(408, "The body did not come in time"),
            Unreadable::Broken(why) => {
                scim::Error::invalid_syntax(format!("The body could not be read: {why}"))
            }
        })?;
        scim::message::parse(&bytes).map(Self).map_err(Failure)
    }
}

fn refuse_other_media_types(request: &Request) -> Result<(), scim::Error> {
    if let Some(coding) = request
        .headers()
        .get(CONTENT_ENCODING)
        .filter(|coding| *coding != "identity")
    {
        return Err(scim::Error::new(
            415,
            format!("Send the body as it is, not in the content coding {coding:?}"),
        ));
    }
    let Some(sent) = request.headers().get(CONTENT_TYPE) else {
        return Ok(());
    };
    let essence = sent
        .to_str()
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if ["application/scim+json", "application/json"]
        .iter()
        .any(|known| known.eq_ignore_ascii_case(essence))
    {
        return Ok(());
    }
    Err(scim::Error::new(
        415,
        format!("Send application/scim+json or application/json, not {essence:?}"),
    ))
}
