//! The servers that ours is compared with: a bare handler that returns the same bytes, and one that asks the database
//! the bare question for them.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use axum::routing::get;
use http::StatusCode;
use tokio::net::TcpListener;
use tokio_postgres::{Client, NoTls, Statement};

use crate::house::Plot;
use crate::server::Server;

/// The variables in which these servers are told what to do.
const BYTES: &str = "INSTEP_BENCH_BYTES";
const DATABASE: &str = "INSTEP_BENCH_DATABASE";
const ORG: &str = "INSTEP_BENCH_ORG";

const HEADERS: [(&str, &str); 2] = [("content-type", "application/scim+json"), ("etag", "W/\"1\"")];

/// A server that answers everything with these bytes.
pub async fn returning(bytes: &str) -> Result<Server> {
    Server::of_our_own("bare", &[(BYTES, bytes)]).await
}

/// A server that answers `/{userName}` with the document of that person, on PostgreSQL.
pub async fn asking(plot: &Plot) -> Result<Server> {
    let environment = [(DATABASE, plot.fresh.url.as_str()), (ORG, plot.org.as_str())];
    Server::of_our_own("bare-query", &environment).await
}

/// `bench bare`
pub async fn serve_bytes() -> Result<()> {
    let bytes: &'static str = std::env::var(BYTES)?.leak();
    let router = Router::new().route("/", get(move || async move { (HEADERS, bytes) }));
    serve(router).await
}

struct Question {
    client: Client,
    statement: Statement,
    org: Vec<u8>,
}

/// `bench bare-query`
pub async fn serve_query() -> Result<()> {
    let (client, connection) = tokio_postgres::connect(&std::env::var(DATABASE)?, NoTls).await?;
    tokio::spawn(connection);
    let sql = "SELECT doc FROM users WHERE org = $1 AND user_name_key = $2";
    let statement = client.prepare(sql).await?;
    let org: base::OrgId = std::env::var(ORG)?.parse().context("an organization's id")?;
    let question = Arc::new(Question {
        client,
        statement,
        org: org.as_bytes().to_vec(),
    });
    serve(Router::new().route("/{name}", get(answer)).with_state(question)).await
}

async fn answer(State(question): State<Arc<Question>>, Path(name): Path<String>) -> impl IntoResponse {
    let Question {
        client,
        statement,
        org,
    } = &*question;
    match client.query_one(statement, &[org, &name]).await {
        Ok(row) => Ok((HEADERS, row.get::<_, String>(0))),
        Err(error) => Err((StatusCode::INTERNAL_SERVER_ERROR, error.to_string())),
    }
}

async fn serve(router: Router) -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    eprintln!("listening on http://{}/", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
