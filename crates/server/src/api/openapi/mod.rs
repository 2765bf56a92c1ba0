//! `GET /api/v1/openapi.json`: the admin API as OpenAPI 3.1 has it.
//!
//! Methods, paths, permissions and parameters come from the register of doors; what bodies are read into describes
//! itself; what is answered is described here, a file for each family, and tests hold every answer against it.

mod apps;
mod apps_sso;
mod assemble;
mod book;
mod directory;
mod domains;
mod entrance;
pub mod given;
mod licences;
mod query;
mod records;
mod saml;
pub mod shape;
mod sso;
pub mod words;
mod work;

use std::sync::LazyLock;

use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use book::Book;

/// Everything that is said of the endpoints.
fn book() -> Book {
    let mut book = Book::default();
    directory::describe(&mut book);
    licences::describe(&mut book);
    domains::describe(&mut book);
    saml::describe(&mut book);
    sso::describe(&mut book);
    entrance::describe(&mut book);
    apps::describe(&mut book);
    apps_sso::describe(&mut book);
    work::describe(&mut book);
    records::describe(&mut book);
    book
}

/// The document, made once.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| {
    let document = assemble::document(&crate::endpoints(), book());
    // Maps with text keys, texts and numbers: nothing that JSON could not hold.
    document.to_json().unwrap_or_default()
});

/// The document's text.
pub fn text() -> &'static str {
    &DOCUMENT
}

/// `GET /api/v1/openapi.json`: the same for everybody, so everybody may read it.
pub async fn read() -> Response {
    let headers = [
        (CONTENT_TYPE, "application/json"),
        (CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, DOCUMENT.as_str()).into_response()
}

#[cfg(test)]
mod tests;
