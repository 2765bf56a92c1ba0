//! Request bodies, of a bounded size.

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Why a body was not read.
#[derive(Debug)]
pub enum Unreadable {
    /// More than so many bytes.
    TooLarge(usize),
    Broken(String),
}

/// The whole body, if it has no more than `most` bytes.
pub async fn read(request: Request, most: usize) -> Result<Bytes, Unreadable> {
    let body: Body = request.into_body();
    if body.size_hint().lower() > most as u64 {
        return Err(Unreadable::TooLarge(most));
    }
    match Limited::new(body, most).collect().await {
        Ok(read) => Ok(read.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Unreadable::TooLarge(most)),
        Err(error) => Err(Unreadable::Broken(error.to_string())),
    }
}
