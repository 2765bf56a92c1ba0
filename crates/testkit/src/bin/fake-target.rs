//! The fake SCIM target as a process of its own; `POST /control` steers it.

use std::net::SocketAddr;

use clap::Parser;
use testkit::target::{Chaos, FakeTarget, Options};

/// A SCIM 2.0 target that misbehaves on demand.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "one for each flag")]
struct Arguments {
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// The bearer token that it asks for.
    #[arg(long, default_value = "fake-target-token")]
    token: String,
    /// Takes the same userName twice.
    #[arg(long)]
    no_uniqueness: bool,
    /// Understands what vendors' clients send.
    #[arg(long)]
    lenient: bool,
    /// Answers 501 to PATCH.
    #[arg(long)]
    no_patch: bool,
    /// Answers PATCH with 204.
    #[arg(long)]
    silent_patch: bool,
    /// Refuses filters on externalId.
    #[arg(long)]
    no_external_id_filter: bool,
    /// Answers 400 noTarget to add and remove on a filtered path without a match, too.
    #[arg(long)]
    strictest: bool,
    /// A bad day, drawn from this seed.
    #[arg(long)]
    chaos: Option<u64>,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut options = Options {
        token: arguments.token,
        unique_user_names: !arguments.no_uniqueness,
        patch: !arguments.no_patch,
        patch_answers_resource: !arguments.silent_patch,
        external_id_filter: !arguments.no_external_id_filter,
        add_creates: !arguments.strictest,
        remove_ignores: !arguments.strictest,
        ..Options::default()
    };
    if arguments.lenient {
        options = options.lenient();
    }
    let target = FakeTarget::start_at(arguments.listen, options).await?;
    if let Some(seed) = arguments.chaos {
        target.chaos(Chaos::bad_day(seed));
    }
    eprintln!("listening on {}", target.base_url());
    tokio::signal::ctrl_c().await?;
    Ok(())
}
