//! The bare handler: axum and nothing else, the same bytes each time.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;
use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use bytes::Bytes;
use tokio::net::TcpListener;

pub(crate) async fn serve(listen: SocketAddr, body: &Path) -> Result<()> {
    let body = Bytes::from(tokio::fs::read(body).await?);
    let answer = move || std::future::ready(([(CONTENT_TYPE, "application/scim+json")], body.clone()));
    let router = Router::new().route("/v1/scim/{org}/Users/{id}", get(answer));
    let listener = TcpListener::bind(listen).await?;
    eprintln!("listening on http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
