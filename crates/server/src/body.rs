//! Request bodies, of a bounded size and within a bounded time.

use std::time::Duration;

use axum::body::{Body, HttpBody as _};
use axum::extract::Request;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// Why a body was not read.
#[derive(Debug)]
pub enum Unreadable {
    /// More than so many bytes.
    TooLarge(usize),
    /// It did not end in time.
    Slow,
    Broken(String),
}

/// How long a small body may take in all, and how long each further MiB that it may have.
const PATIENCE: Duration = Duration::from_mins(1);

/// The whole body, if it has no more than `most` bytes: a client that sends one byte now and then must not stay for ever.
pub async fn read(request: Request, most: usize) -> Result<Bytes, Unreadable> {
    let more = u32::try_from(most >> 20).unwrap_or(u32::MAX);
    read_within(
        request,
        most,
        PATIENCE.saturating_add(PATIENCE.saturating_mul(more)),
    )
    .await
}

async fn read_within(request: Request, most: usize, patience: Duration) -> Result<Bytes, Unreadable> {
    let body: Body = request.into_body();
    if body.size_hint().lower() > most as u64 {
        return Err(Unreadable::TooLarge(most));
    }
    let reading = Limited::new(body, most).collect();
    match tokio::time::timeout(patience, reading).await {
        Err(_) => Err(Unreadable::Slow),
        Ok(Ok(read)) => Ok(read.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Unreadable::TooLarge(most)),
        Ok(Err(error)) => Err(Unreadable::Broken(error.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_body_that_drips_is_not_waited_for() {
        let drops = futures_util::stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(5)).await;
            Some((Ok::<_, std::convert::Infallible>(Bytes::from_static(b" ")), ()))
        });
        let request = Request::new(Body::from_stream(drops));
        let read = read_within(request, usize::MAX, Duration::from_millis(50)).await;
        assert!(matches!(read, Err(Unreadable::Slow)), "{read:?}");
    }

    #[tokio::test]
    async fn a_body_that_ends_is_read() {
        let read = read(Request::new(Body::from("abc")), 3).await;
        assert_eq!(read.expect("a body"), "abc");
    }
}
