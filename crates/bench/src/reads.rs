//! GET by id and the filter `userName eq` against a bare handler that returns the same bytes; on PostgreSQL also against
//! one that asks the database the bare question.

use anyhow::Result;
use base::UserId;
use reqwest::{Client, RequestBuilder};

use crate::bare;
use crate::database::Kind;
use crate::house::{House, Plot};
use crate::load::send;
use crate::people::user_name;
use crate::report::{Side, compare};
use crate::server::Server;

const PEOPLE: usize = 1_000;
const REQUESTS: usize = 10_000;
const WORKERS: usize = 32;
const ROUNDS: usize = 6;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    ById,
    ByUserName,
}

impl Read {
    fn title(self) -> &'static str {
        match self {
            Self::ById => "GET /Users/{id}",
            Self::ByUserName => "GET /Users?filter=userName eq \"…\"",
        }
    }

    /// The address of one person, by number and id.
    pub fn url(self, house: &House, at: usize, id: UserId) -> String {
        match self {
            Self::ById => house.user(id),
            Self::ByUserName => format!(
                "{}/Users?filter=userName%20eq%20%22{}%22",
                house.scim(),
                user_name(at)
            ),
        }
    }
}

pub async fn run(read: Read, kind: Kind) -> Result<()> {
    let plot = Plot::new("plain", kind).await?;
    let ids = plot.load(PEOPLE).await?;
    let house = plot.serve().await?;
    let urls: Vec<String> = ids
        .iter()
        .enumerate()
        .map(|(at, id)| read.url(&house, at, *id))
        .collect();
    let bytes = house.get(&urls[0]).await?.to_string();
    let bare = bare::returning(&bytes).await?;
    let asking = match kind {
        Kind::Sqlite => None,
        Kind::Postgres => Some(bare::asking(&house.plot).await?),
    };

    let (mut baseline, mut query, mut ours) = (Side::default(), Side::default(), Side::default());
    for _ in 0..ROUNDS {
        baseline.add(load(&bare, &house, vec![bare.url.clone()]).await?);
        if let Some(asking) = &asking {
            let urls = (0..PEOPLE).map(|at| format!("{}{}", asking.url, user_name(at)));
            query.add(load(asking, &house, urls.collect()).await?);
        }
        ours.add(load(&house.server, &house, urls.clone()).await?);
    }
    let title = format!(
        "{}, {} bytes, {WORKERS} at a time, {}",
        read.title(),
        bytes.len(),
        kind.name()
    );
    let mut sides = vec![("instep", ours)];
    if asking.is_some() {
        sides.insert(0, ("a handler that asks the bare question", query));
    }
    compare(&title, ("a bare handler, the same bytes", baseline), &sides);
    Ok(())
}

async fn load(server: &Server, house: &House, urls: Vec<String>) -> Result<Side> {
    let request = requests(house, urls);
    send(server, WORKERS, REQUESTS, request).await
}

/// Asks for one address after another.
pub fn requests(
    house: &House,
    urls: Vec<String>,
) -> impl Fn(usize) -> RequestBuilder + Clone + Send + 'static {
    let (client, token): (Client, String) = (house.client.clone(), house.token().to_owned());
    move |at| client.get(&urls[at % urls.len()]).bearer_auth(&token)
}
