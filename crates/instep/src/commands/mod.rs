//! The commands, one file per resource.

pub(crate) mod app;
pub(crate) mod client;
mod conflicts;
mod database;
pub(crate) mod demo;
pub(crate) mod domain;
mod events;
pub(crate) mod grant;
pub(crate) mod group;
pub(crate) mod key;
pub(crate) mod licence;
pub(crate) mod log;
mod mails;
pub(crate) mod org;
pub(crate) mod partner;
mod reset_factors;
mod reset_password;
mod saml_certificate;
mod saml_keys;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod sso;
pub(crate) mod token;
pub(crate) mod user;

use crate::cli::{Cli, Command};
use crate::output::Output;

pub(crate) async fn run(cli: Cli) -> anyhow::Result<()> {
    let output = Output::new(cli.output);
    match cli.command {
        Command::Serve(args) => serve::run(args).await,
        Command::Demo(args) => demo::run(args, output).await,
        Command::Org(args) => org::run(args, output).await,
        Command::Token(args) => token::run(args, output).await,
        Command::User(args) => user::run(args, output).await,
        Command::Client(args) => client::run(args, output).await,
        Command::Grant(args) => grant::run(args, output).await,
        Command::Partner(args) => partner::run(args, output).await,
        Command::Key(args) => key::run(args, output).await,
        Command::Group(args) => group::run(args, output).await,
        Command::Licence(args) => licence::run(args, output).await,
        Command::App(args) => app::run(*args, output).await,
        Command::Domain(args) => domain::run(args, output).await,
        Command::Sso(args) => sso::run(*args, output).await,
        Command::Schema(args) => schema::run(args, output).await,
        Command::Log(args) => log::run(args, output).await,
    }
}
