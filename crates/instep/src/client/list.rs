//! Lists that come in pages.

use serde::Deserialize;
use serde_json::Value;

use super::{Client, Error, Query};

/// As many items as a page is asked to hold.
const PAGE: usize = 500;

/// The beginning of a list.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) items: Vec<Value>,
    /// How many there are in all, where the server says so.
    pub(crate) total: Option<u64>,
    /// Whether the list goes on, as far as the server lets on.
    pub(crate) has_more: bool,
}

#[derive(Deserialize)]
struct Page {
    items: Vec<Value>,
    #[serde(default)]
    next: Option<String>,
    #[serde(default)]
    total: Option<u64>,
}

impl Client {
    /// The first `limit` items of a list, in as many pages as it takes.
    pub(crate) async fn list(&self, path: &[&str], query: Query<'_>, limit: usize) -> Result<Listing, Error> {
        let mut listing = Listing {
            items: Vec::new(),
            total: None,
            has_more: false,
        };
        let mut after: Option<String> = None;
        loop {
            let size = (limit - listing.items.len()).min(PAGE).to_string();
            let mut query = query.to_vec();
            query.push(("limit", &size));
            query.extend(after.as_deref().map(|after| ("after", after)));
            let page = self.page(path, &query).await?;
            listing.total = page.total.or(listing.total);
            let is_stuck = page.items.is_empty();
            listing.items.extend(page.items);
            listing.items.truncate(limit);
            listing.has_more = match listing.total {
                Some(total) => total > listing.items.len() as u64,
                None => page.next.is_some(),
            };
            if page.next.is_none() || is_stuck || listing.items.len() == limit {
                return Ok(listing);
            }
            after = page.next;
        }
    }

    /// The whole list.
    pub(crate) async fn list_all(&self, path: &[&str], query: Query<'_>) -> Result<Vec<Value>, Error> {
        Ok(self.list(path, query, usize::MAX).await?.items)
    }

    async fn page(&self, path: &[&str], query: Query<'_>) -> Result<Page, Error> {
        let answer = self.get(path, query).await?;
        serde_json::from_value(answer).map_err(|_| Error::Strange {
            server: self.server.clone(),
            status: reqwest::StatusCode::OK,
        })
    }
}
