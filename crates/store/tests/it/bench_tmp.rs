use crate::house::{Closure, House, person};
use base::*;
use std::time::Instant;
use store::*;

async fn creates(house: &House, n: usize, conc: usize) -> f64 {
    let t = Instant::now();
    let mut tasks = Vec::new();
    for c in 0..conc {
        let writes: Vec<_> = (0..n / conc)
            .map(|k| {
                let (org, id, draft, cause) = (
                    house.org,
                    house.store.ambient().id::<UserId>(),
                    person(&format!("u{conc}-{c}-{k}")),
                    house.cause(),
                );
                Closure::new(move |tx: &mut Tx<'_>| {
                    let (draft, cause) = (draft.clone(), cause.clone());
                    Box::pin(async move {
                        let u = users::insert(tx, org, id, &draft, &cause).await?;
                        events::append(
                            tx,
                            org,
                            &events::NewEvent {
                                event_type: "user_create".into(),
                                outcome: events::Outcome::Succeeded,
                                resource_kind: "user".into(),
                                resource_id: None,
                                doc: "{}".into(),
                            },
                            &cause,
                        )
                        .await?;
                        Ok(u)
                    }) as crate::house::Run<'_, users::User>
                })
            })
            .collect();
        let store = house.store.clone();
        tasks.push(tokio::spawn(async move {
            for w in writes {
                store.write(w).await.unwrap();
            }
        }));
    }
    for t in tasks {
        t.await.unwrap();
    }
    n as f64 / t.elapsed().as_secs_f64()
}
async fn reads(house: &House) -> f64 {
    let page = users::page(&mut house.q(), house.org, &Lookup::All, Start::FIRST, 1000)
        .await
        .unwrap();
    let t = Instant::now();
    let n = 50_000;
    let mut q = house.q();
    for k in 0..n {
        users::by_id(&mut q, house.org, page[k % page.len()].id)
            .await
            .unwrap()
            .unwrap();
    }
    n as f64 / t.elapsed().as_secs_f64()
}
#[tokio::test(flavor = "multi_thread")]
#[ignore]
async fn bench_sqlite() {
    let house = House::sqlite().await;
    for conc in [256, 64, 8, 1] {
        let before = house.store.stats();
        let rate = creates(&house, if conc == 1 { 2000 } else { 20_000 }, conc).await;
        let after = house.store.stats();
        println!(
            "sqlite creates conc {conc}: {rate:.0}/s, {} commits, {} statements",
            after.commits - before.commits,
            after.statements - before.statements
        );
    }
    println!("sqlite reads {:.0}/s", reads(&house).await);
    // raw: the same rows by plain rusqlite, one transaction per 64
    let Database::Sqlite(path) = &house.database else {
        panic!()
    };
    let p2 = path.with_file_name("raw.db");
    let raw = Store::open(&Database::Sqlite(p2.clone()), Ambient::system())
        .await
        .unwrap();
    drop(raw);
    let c = rusqlite::Connection::open(&p2).unwrap();
    c.execute_batch("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA wal_autocheckpoint=4096").unwrap();
    c.set_prepared_statement_cache_capacity(64);
    for (group, sp) in [(64usize, false), (64, true), (256, false), (256, true)] {
        let n = if group == 1 { 2000 } else { 20_000usize };
        let amb = Ambient::system();
        let org: OrgId = amb.id();
        let actor = "{\"kind\":\"operator\"}";
        let t = Instant::now();
        for k in 0..n {
            if k % group == 0 {
                c.prepare_cached("BEGIN IMMEDIATE").unwrap().execute([]).unwrap();
            }
            if sp {
                c.prepare_cached("SAVEPOINT one").unwrap().execute([]).unwrap();
            }
            let id: UserId = amb.id();
            let ev: EventId = amb.id();
            let corr: CorrelationId = amb.id();
            let d = person(&format!("r{group}{sp}-{}-{}", k % group, k / group));
            let now = amb.now().as_micros();
            c.prepare_cached("INSERT INTO users (org, id, version, created, modified, active, user_name, user_name_key, display_name, doc, rendering, provenance) VALUES (?1, ?2, 1, ?3, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)").unwrap()
            .execute(rusqlite::params![org.as_bytes(), id.as_bytes(), now, 1, d.user_name, d.user_name, d.display_name, d.doc, 1, "{}"]).unwrap();
            for key in &d.keys {
                c.prepare_cached("INSERT INTO user_keys (org, attribute, value, user_id) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING").unwrap().execute(rusqlite::params![org.as_bytes(), key.attribute.as_str(), key.value, id.as_bytes()]).unwrap();
            }
            c.prepare_cached("INSERT INTO changes (org, kind, id, related, what, at, actor, correlation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)").unwrap().execute(rusqlite::params![org.as_bytes(), "user", id.as_bytes(), None::<i64>, "created", now, actor, corr.as_bytes()]).unwrap();
            c.prepare_cached("INSERT INTO events (org, id, at, type, success, resource_kind, resource_id, doc, actor, correlation) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)").unwrap().execute(rusqlite::params![org.as_bytes(), ev.as_bytes(), now, "user_create", 1, "user", None::<i64>, "{}", actor, corr.as_bytes()]).unwrap();
            if sp {
                c.prepare_cached("RELEASE one").unwrap().execute([]).unwrap();
            }
            if k % group == group - 1 {
                c.prepare_cached("COMMIT").unwrap().execute([]).unwrap();
            }
        }
        if !c.is_autocommit() {
            c.execute_batch("COMMIT").unwrap();
        }
        println!(
            "raw, sp {sp} {group} per commit: {:.0}/s",
            n as f64 / t.elapsed().as_secs_f64()
        );
    }
}
#[tokio::test(flavor = "multi_thread")]
#[ignore]
async fn bench_postgres() {
    let house = House::postgres().await;
    for conc in [1, 8, 64] {
        println!(
            "pg creates conc {conc}: {:.0}/s",
            creates(&house, if conc == 1 { 1000 } else { 5_000 }, conc).await
        );
    }
    println!("pg reads {:.0}/s", reads(&house).await);
}
