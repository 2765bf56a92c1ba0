//! A large directory against one of a thousand: what a read costs, what memory is held, how long the start takes.

use std::time::{Duration, Instant};

use anyhow::{Result, anyhow};
use base::UserId;

use crate::database::Kind;
use crate::house::{House, Plot};
use crate::load::send;
use crate::page::cursor_behind;
use crate::reads::{Read, requests};
use crate::report::{Side, compare};

const FEW: usize = 1_000;
const REQUESTS: usize = 10_000;
const WORKERS: usize = 32;
const ROUNDS: usize = 6;
/// As many pages are asked for, so many at a time.
const PAGES: usize = 2_000;
const PAGERS: usize = 8;
/// How many different people are asked for in one round: from all over the directory.
const ASKED: usize = 10_000;

pub async fn run(kind: Kind, many: usize) -> Result<()> {
    println!("\n{many} people against {FEW}, {}", kind.name());
    let (few, _) = open(kind, FEW).await?;
    let (large, loading) = open(kind, many).await?;
    println!("  brought in: {many} people in {:.0} s", loading.as_secs_f64());
    for read in [Read::ById, Read::ByUserName] {
        let (mut small, mut big) = (Side::default(), Side::default());
        // The first round warms up.
        few.ask(read, ROUNDS).await?;
        large.ask(read, ROUNDS).await?;
        for round in 0..ROUNDS {
            small.add(few.ask(read, round).await?);
            big.add(large.ask(read, round).await?);
        }
        let (a, b) = (format!("among {FEW}"), format!("among {many}"));
        compare(
            &format!("{read:?}, {WORKERS} at a time, {}", kind.name()),
            (&a, small),
            &[(&b, big)],
        );
    }
    pages(kind, &large.house, many).await?;
    println!();
    for (one, people) in [(&few, FEW), (&large, many)] {
        println!(
            "  {people} people: ready {:.0} ms after its start, {:.1} MB of anonymous memory after these reads",
            one.house.server.start.as_secs_f64() * 1e3,
            megabytes(one.house.server.anonymous_memory()?),
        );
    }
    Ok(())
}

/// A page of 100 near the beginning and one near the end.
async fn pages(kind: Kind, house: &House, people: usize) -> Result<()> {
    let list = format!("{}/Users?count=100&cursor=", house.scim());
    let mut sides = Vec::new();
    for behind in [100, people / 10 * 9] {
        let url = format!("{list}{}", cursor_behind(house, &list, behind).await?);
        let side = send(&house.server, PAGERS, PAGES, requests(house, vec![url])).await?;
        sides.push((format!("behind {behind}"), side));
    }
    let title = format!("A page of 100 by cursor, {PAGERS} at a time, {}", kind.name());
    let [(first, near), (second, deep)] = sides.try_into().map_err(|_| anyhow!("two pages"))?;
    compare(&title, (&first, near), &[(&second, deep)]);
    Ok(())
}

struct Opened {
    house: House,
    ids: Vec<UserId>,
}

async fn open(kind: Kind, people: usize) -> Result<(Opened, Duration)> {
    let plot = Plot::new("plain", kind).await?;
    let began = Instant::now();
    let ids = plot.load(people).await?;
    let loading = began.elapsed();
    let house = plot.serve().await?;
    Ok((Opened { house, ids }, loading))
}

impl Opened {
    async fn ask(&self, read: Read, round: usize) -> Result<Side> {
        // A large prime leads from one end of the directory to the other.
        let people = (0..ASKED).map(|at| (round * ASKED + at) * 7_919_993 % self.ids.len());
        let urls = people.map(|at| read.url(&self.house, at, self.ids[at])).collect();
        send(&self.house.server, WORKERS, REQUESTS, requests(&self.house, urls)).await
    }
}

fn megabytes(bytes: u64) -> f64 {
    f64::from(u32::try_from(bytes / 1024).unwrap_or(u32::MAX)) / 1024.0
}
