//! The demo: a directory and a hub on this machine, kept in step over real HTTP.

mod compare;
mod day;
mod http;
mod staff;
mod story;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use access::{NewToken, Owner, Scope, Scopes};
use anyhow::Result;
use base::{Actor, OrgId, Secret};
use directory::{Admin, NewOrganization, Preset};

use crate::arguments::DEFAULT_LISTEN;
use crate::output::Output;
use crate::serve::{self, Doorway, Running};
use crate::wiring::{House, Place};

/// What is asked of the demo.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wanted {
    pub(crate) users: usize,
    pub(crate) listen: SocketAddr,
    /// Leave when the day is over?
    pub(crate) leave: bool,
}

/// Builds both organizations in a folder of their own, tells the story, and cleans up.
pub(crate) async fn run(wanted: Wanted, output: Output) -> Result<()> {
    let folder = Folder::new()?;
    let house = House::open(&Place::new(&folder.0, None)?).await?;
    let running = open_doors(&house, wanted.listen).await?;
    let told = tell(&house, &running, wanted, output).await;
    if told.is_ok() && !wanted.leave {
        serve::told_to_stop().await?;
    }
    running.stop().await?;
    told
}

/// Another program may well be on the usual port: any other does too, unless one was asked for.
async fn open_doors(house: &House, listen: SocketAddr) -> Result<Running> {
    let doorway = |listen| Doorway {
        listen,
        public_url: None,
        behind_proxy: false,
        requests_per_minute: 0,
    };
    match serve::start(house, &doorway(listen)).await {
        Err(_) if listen == DEFAULT_LISTEN => {
            serve::start(house, &doorway(SocketAddr::new(listen.ip(), 0))).await
        }
        other => other,
    }
}

async fn tell(house: &House, running: &Running, wanted: Wanted, output: Output) -> Result<()> {
    let directory = organization(house, "Aldermoor Instruments", Preset::Plain).await?;
    let hub = organization(house, "Webex of Aldermoor", Preset::Webex).await?;
    let admin = Scopes::new([Scope::InstepAdmin, Scope::IdentityScim]);
    let cast = story::Cast {
        url: running.public_url.clone(),
        hub: hub.0,
        directory_token: token(house, directory.0, "demo", admin).await?,
        hub_token: token(house, hub.0, "Webex app", Scopes::for_provisioning()).await?,
        directory: directory.0,
        admin: directory.1,
    };
    story::tell(&cast, wanted, output).await
}

/// An organization with its first admin's address.
async fn organization(house: &House, name: &str, preset: Preset) -> Result<(OrgId, String)> {
    let password = access::generate_password(&house.ambient);
    let email = "admin@aldermoor.example".to_owned();
    let admin = Admin {
        email: email.clone(),
        password_hash: access::hash_password(&house.ambient, &password)?,
        must_change_password: true,
    };
    let cause = house.ambient.cause(Actor::operator());
    let new = NewOrganization {
        name: name.to_owned(),
        preset,
        admin,
    };
    Ok((house.directory.create_organization(&cause, new).await?.id, email))
}

async fn token(house: &House, org: OrgId, name: &str, scopes: Scopes) -> Result<Secret> {
    let cause = house.ambient.cause(Actor::operator());
    let new = NewToken {
        org,
        name: name.to_owned(),
        owner: Owner::Operator,
        scopes,
        days: 1,
    };
    Ok(house.access.create_token(&cause, new).await?.token)
}

/// A folder that goes when the demo goes.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self> {
        let name = format!(
            "instep-demo-{}-{}",
            std::process::id(),
            base::Ambient::system().now().as_micros()
        );
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Left behind at worst, in a place that is cleaned up anyway.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// How long between two looks at how far a cycle is.
const POLL: Duration = Duration::from_millis(20);
