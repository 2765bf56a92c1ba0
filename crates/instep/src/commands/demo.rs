//! `instep demo`: the main job before your eyes.

use std::net::SocketAddr;

use clap::Args;

use crate::arguments::DEFAULT_LISTEN;
use crate::demo::{self, Wanted};
use crate::output::Output;

/// Shows a directory and a hub being kept in step, on this machine and with made-up people
///
/// Builds a directory organization from a staff list and a hub organization, serves both, plans, applies
/// the plan over real HTTP, then lets a day of changes happen and applies those. Nothing needs to be
/// installed, and nothing is left behind.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// How many people there are
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) users: u32,

    /// The address and port to serve on
    #[arg(long, value_name = "ADDR", default_value_t = DEFAULT_LISTEN)]
    pub(crate) listen: SocketAddr,

    /// Leave when the day is over, instead of staying up to be looked at
    #[arg(long)]
    pub(crate) exit: bool,
}

pub(crate) async fn run(args: DemoArgs, output: Output) -> anyhow::Result<()> {
    let wanted = Wanted {
        users: usize::try_from(args.users)?,
        listen: args.listen,
        leave: args.exit,
    };
    demo::run(wanted, output).await
}
