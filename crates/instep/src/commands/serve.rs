//! `instep serve`: the server.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use outbound::DnsServer;
use url::Url;

use super::database::DatabaseArgs;
use crate::arguments::{DEFAULT_LISTEN, DEFAULT_REQUESTS_PER_MINUTE};
use crate::client::server_url;
use crate::config::Config;
use crate::logs;
use crate::serve::{self, Doorway};
use crate::wiring::House;

/// Serves SCIM and the admin API, and keeps the apps in step
///
/// Prints `listening on http://ADDR` on stderr when it is ready. Ctrl-C or SIGTERM ends it; work that is
/// under way is taken up again at the next start.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) database: DatabaseArgs,

    /// The address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,

    /// The address under which others reach this server [default: http:// and --listen]
    #[arg(long, value_name = "URL", value_parser = server_url)]
    pub(crate) public_url: Option<Url>,

    /// A TOML file with settings of the server; what is also given as a flag, the flag says
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Serve plain HTTP on an address that others can reach, as a proxy in front of it does TLS
    #[arg(long)]
    pub(crate) behind_proxy: bool,

    /// How many requests one token may send a minute; 0: any number [default: 600000]
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_minute: Option<u32>,

    /// The DNS server that is asked whether domains are an organization's [default: those that this machine uses]
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) dns_server: Option<SocketAddr>,
}

pub(crate) async fn run(args: ServeArgs) -> anyhow::Result<()> {
    logs::start();
    let config = args
        .config
        .as_deref()
        .map(Config::read)
        .transpose()?
        .unwrap_or_default();
    let mailer = config.mailer()?;
    let dns_server = args.dns_server.or(config.dns_server);
    let dns = dns_server.map_or(DnsServer::System, DnsServer::At);
    let house = House::open_with(&args.database.place()?, config.outbound, mailer, dns).await?;
    let doorway = Doorway {
        listen: args.listen.or(config.listen).unwrap_or(DEFAULT_LISTEN),
        public_url: args.public_url.map(String::from).or(config.public_url),
        behind_proxy: args.behind_proxy || config.behind_proxy,
        requests_per_minute: args
            .requests_per_minute
            .or(config.requests_per_minute)
            .unwrap_or(DEFAULT_REQUESTS_PER_MINUTE),
    };
    let running = serve::start(&house, &doorway).await?;
    if let Some(warning) = running.warning {
        tracing::warn!("{warning}");
    }
    eprintln!("listening on http://{}", running.address);
    serve::told_to_stop().await?;
    running.stop().await
}
