//! PostgreSQL for tests: the server that `INSTEP_TEST_POSTGRES` names, or one of our own that ends with the process.
//!
//! Our own is started from the Debian package's binaries, once per test process, in a temporary directory, without
//! fsync. A watchdog kills it when the test process ends, however that happens: it reads from a pipe that nobody
//! writes to and that closes with us.

use std::io;
use std::net::TcpListener;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::sync::OnceCell;
use tokio_postgres::NoTls;

/// The address of a server where databases may be created, such as `postgres://postgres@127.0.0.1:5432/postgres`.
pub const VARIABLE: &str = "INSTEP_TEST_POSTGRES";

const DEBIAN: &str = "/usr/lib/postgresql";
const START_ATTEMPTS: usize = 5;
const START_PATIENCE: Duration = Duration::from_mins(1);

/// A running PostgreSQL.
#[derive(Debug)]
pub struct PostgresServer {
    url: String,
    /// Holds the watchdog's pipe open.
    _watchdog: Option<Child>,
}

impl PostgresServer {
    /// The server of this test process, started when first asked for.
    ///
    /// # Panics
    /// If there is none and none can be started; the message says what to install.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<PostgresServer> = OnceCell::const_new();
        SHARED
            .get_or_init(|| async {
                match std::env::var(VARIABLE) {
                    Ok(url) if !url.is_empty() => Self { url, _watchdog: None },
                    _ => Self::start().await.unwrap_or_else(|why| {
                        panic!(
                            "PostgreSQL is needed for this test, and could not be started: {why}. Install it \
                             (apt-get install postgresql), or set {VARIABLE} to the address of a server where \
                             databases may be created"
                        )
                    }),
                }
            })
            .await
    }

    /// The address of the server's own database.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Makes an empty database and returns its address.
    ///
    /// # Panics
    /// If the server refuses.
    pub async fn fresh_database(&self) -> String {
        let name = fresh_name();
        self.order(&format!("CREATE DATABASE {name}")).await;
        with_database(&self.url, &name)
    }

    /// Makes a copy of a database that `prepare` has put its tables into, and returns its address. The first test of a
    /// process prepares the model, given the address of an empty database: to copy it takes a fraction of the time.
    ///
    /// # Panics
    /// If the server refuses.
    pub async fn database_like<P: Future<Output = ()>>(&self, prepare: impl FnOnce(String) -> P) -> String {
        static MODEL: OnceCell<String> = OnceCell::const_new();
        let prepared = || async {
            let model = fresh_name();
            self.order(&format!("CREATE DATABASE {model}")).await;
            prepare(with_database(&self.url, &model)).await;
            // What others are connected to cannot be copied.
            self.order(&format!("ALTER DATABASE {model} ALLOW_CONNECTIONS false"))
                .await;
            let end = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname";
            self.order(&format!("{end} = '{model}'")).await;
            model
        };
        let model = MODEL.get_or_init(prepared).await;
        let name = fresh_name();
        self.order(&format!("CREATE DATABASE {name} TEMPLATE {model}"))
            .await;
        with_database(&self.url, &name)
    }

    async fn order(&self, statement: &str) {
        run(&self.url, statement).await.expect("databases may be created");
    }

    async fn start() -> Result<Self, String> {
        let bin = binaries().ok_or_else(|| format!("there is no {DEBIAN}/*/bin/postgres"))?;
        let owner = Owner::find()?;
        let home = tempfile::Builder::new()
            .prefix("instep-pg-")
            .tempdir()
            .map_err(|error| error.to_string())?
            .keep();
        owner.own(&home).map_err(|error| error.to_string())?;
        initialize(&bin, &home, &owner)?;
        let mut why = String::new();
        for _ in 0..START_ATTEMPTS {
            // Somebody may take the port before the server does: then try another.
            let port = free_port().map_err(|error| error.to_string())?;
            let watchdog = launch(&bin, &home, port, &owner).map_err(|error| error.to_string())?;
            let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            match ready(&url, &home).await {
                Ok(()) => {
                    return Ok(Self {
                        url,
                        _watchdog: Some(watchdog),
                    });
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }
}

/// The newest version's binaries.
fn binaries() -> Option<PathBuf> {
    let versions = std::fs::read_dir(DEBIAN).ok()?.flatten();
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    versions
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/postgres").exists())
        .max_by_key(version)
        .map(|path| path.join("bin"))
}

/// As whom the server runs: it refuses to run as root.
struct Owner(Option<(u32, u32)>);

impl Owner {
    fn find() -> Result<Self, String> {
        let own = std::fs::metadata("/proc/self").map_err(|error| error.to_string())?;
        if std::os::unix::fs::MetadataExt::uid(&own) != 0 {
            return Ok(Self(None));
        }
        let users = std::fs::read_to_string("/etc/passwd").map_err(|error| error.to_string())?;
        let ids = |name: &str| {
            let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
            let mut fields = line.split(':').skip(2);
            Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
        };
        let found = ids("postgres").or_else(|| ids("nobody"));
        found
            .map(|ids| Self(Some(ids)))
            .ok_or_else(|| "it does not run as root, and there is no user named postgres".to_owned())
    }

    fn own(&self, path: &Path) -> io::Result<()> {
        self.0
            .map_or(Ok(()), |(user, group)| chown(path, Some(user), Some(group)))
    }

    fn command(&self, program: &Path, home: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(home).env("LC_ALL", "C");
        if let Some((user, group)) = self.0 {
            command.uid(user).gid(group);
        }
        command
    }
}

fn initialize(bin: &Path, home: &Path, owner: &Owner) -> Result<(), String> {
    let made = owner
        .command(&bin.join("initdb"), home)
        .args([
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ])
        .args(["--pgdata", "data"])
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if made.status.success() {
        Ok(())
    } else {
        Err(format!(
            "initdb: {}",
            String::from_utf8_lossy(&made.stderr).trim()
        ))
    }
}

fn launch(bin: &Path, home: &Path, port: u16, owner: &Owner) -> io::Result<Child> {
    // Ends the server at once and removes its files when standard input closes.
    let script = r#"home=$1; shift; "$@" >"$home/log" 2>&1 & server=$!; read -r _; kill -QUIT $server; wait $server; rm -rf "$home""#;
    owner
        .command(Path::new("/bin/sh"), home)
        .args(["-c", script, "watchdog"])
        .arg(home)
        .arg(bin.join("postgres"))
        .arg("-D")
        .arg(home.join("data"))
        .arg("-k")
        .arg(home)
        .args(["-h", "127.0.0.1", "-p", &port.to_string()])
        .args([
            "-c",
            "fsync=off",
            "-c",
            "full_page_writes=off",
            "-c",
            "max_connections=400",
        ])
        .args(["-c", "deadlock_timeout=200ms"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

async fn ready(url: &str, home: &Path) -> Result<(), String> {
    let asked = async {
        while run(url, "SELECT 1").await.is_err() {
            let log = std::fs::read_to_string(home.join("log")).unwrap_or_default();
            if log.contains("FATAL:  could not") {
                return Err(log);
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        Ok(())
    };
    let answered = tokio::time::timeout(START_PATIENCE, asked).await;
    answered.map_err(|_| "it did not answer in a minute".to_owned())?
}

fn fresh_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    format!("instep_{:x}_{:x}_{count}", std::process::id(), now.as_micros())
}

async fn run(url: &str, sql: &str) -> Result<(), tokio_postgres::Error> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
    let driver = tokio::spawn(connection);
    let done = client.batch_execute(sql).await;
    drop(client);
    let _ended = driver.await;
    done
}

/// The same server's address with another database.
fn with_database(url: &str, name: &str) -> String {
    let (address, options) = url
        .split_once('?')
        .map_or((url, String::new()), |(address, options)| {
            (address, format!("?{options}"))
        });
    let start = address.find("://").map_or(0, |at| at + 3);
    let end = address[start..].find('/').map_or(address.len(), |at| start + at);
    format!("{}/{name}{options}", &address[..end])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        for (url, expected) in [
            ("postgres://a@h:1/b", "postgres://a@h:1/x"),
            ("postgres://a@h", "postgres://a@h/x"),
            (
                "postgres://h/b?connect_timeout=3",
                "postgres://h/x?connect_timeout=3",
            ),
        ] {
            assert_eq!(with_database(url, "x"), expected);
        }
    }
}
