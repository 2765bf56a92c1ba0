//! A page of 100 by cursor, at the beginning and deep in a directory, in the order of ids and in that of an index.

use anyhow::{Context as _, Result};

use crate::database::Kind;
use crate::house::{House, Plot};
use crate::load::send;
use crate::reads::requests;
use crate::report::{Side, compare};

const PEOPLE: usize = 100_000;
/// How many people are before the deep page.
const DEEP: usize = 90_000;
const STEP: usize = 1_000;
const WORKERS: usize = 8;
const PAGES: usize = 500;
const ROUNDS: usize = 4;

const ORDERS: [(&str, &str); 3] = [
    ("id", ""),
    ("userName", "&sortBy=userName"),
    (
        "meta.lastModified, descending",
        "&sortBy=meta.lastModified&sortOrder=descending",
    ),
];

pub async fn run(kind: Kind) -> Result<()> {
    let plot = Plot::new("plain", kind).await?;
    plot.load(PEOPLE).await?;
    let house = plot.serve().await?;
    let mut pages = Vec::new();
    for (order, query) in ORDERS {
        let list = format!("{}/Users?count=100{query}&cursor=", house.scim());
        let first = cursor_behind(&house, &list, 100).await?;
        let deep = cursor_behind(&house, &list, DEEP).await?;
        pages.push((format!("by {order}, behind 100"), format!("{list}{first}")));
        pages.push((format!("by {order}, behind {DEEP}"), format!("{list}{deep}")));
    }
    let mut sides = vec![Side::default(); pages.len()];
    for _ in 0..ROUNDS {
        for ((_, url), side) in pages.iter().zip(&mut sides) {
            let request = requests(&house, vec![url.clone()]);
            side.add(send(&house.server, WORKERS, PAGES, request).await?);
        }
    }
    let rows: Vec<(&str, Side)> = pages.iter().map(|(name, _)| name.as_str()).zip(sides).collect();
    let title = format!(
        "A page of 100 among {PEOPLE} by cursor, {WORKERS} at a time, {}",
        kind.name()
    );
    compare(&title, rows[0], &rows[1..]);
    Ok(())
}

/// Turns pages until so many people are behind one.
pub async fn cursor_behind(house: &House, list: &str, people: usize) -> Result<String> {
    let list = list.replace("count=100", &format!("count={}", people.min(STEP)));
    let (mut cursor, mut passed) = (String::new(), 0);
    while passed < people {
        let page = house.get(&format!("{list}{cursor}&attributes=id")).await?;
        passed += page["Resources"].as_array().map_or(0, Vec::len);
        let next = page["nextCursor"].as_str();
        next.context("there are more pages")?.clone_into(&mut cursor);
    }
    Ok(cursor)
}
