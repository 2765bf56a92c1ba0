//! A PostgreSQL server for one run: fresh, on loopback, gone at the end.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::process::{command, output, run, say, works};
use crate::tools;

/// Names the URL of a superuser; set by hand it is used instead of a server of our own.
pub(crate) const VARIABLE: &str = "INSTEP_TEST_POSTGRES";

const USER: &str = "postgres";
const PASSWORD: &str = "instep-tests";

pub(crate) struct Postgres {
    url: String,
    /// Nothing if somebody else runs the server.
    own: Option<Own>,
}

struct Own {
    server: Child,
    directory: PathBuf,
}

/// `cargo xtask postgres COMMAND…`
pub(crate) fn with(words: &[String]) -> Result<ExitCode> {
    let (program, arguments) = words.split_first().context("say which command")?;
    let postgres = Postgres::start(Durability::Lax)?;
    run(command(program).args(arguments).env(VARIABLE, postgres.url()))?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}

impl Postgres {
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn start(durability: Durability) -> Result<Self> {
        if let Ok(url) = std::env::var(VARIABLE)
            && !url.is_empty()
        {
            say(&format!("using the PostgreSQL that {VARIABLE} names"));
            return Ok(Self { url, own: None });
        }
        let programs = tools::postgres_programs()?;
        let directory = std::env::temp_dir().join(format!("instep-postgres-{}", std::process::id()));
        let data = directory.join("data");
        prepare(&programs, &directory, &data)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let server = serve(&programs, &directory, &data, port, durability)?;
        let url = format!("postgres://{USER}:{PASSWORD}@127.0.0.1:{port}/postgres");
        let mut started = Self {
            url,
            own: Some(Own { server, directory }),
        };
        started.wait(&programs, port)?;
        say(&format!("PostgreSQL is up on port {port}"));
        Ok(started)
    }

    fn wait(&mut self, programs: &Path, port: u16) -> Result<()> {
        let Some(own) = &mut self.own else { return Ok(()) };
        let patience = Instant::now();
        let port = port.to_string();
        while !works(command(programs.join("pg_isready")).args(["-q", "-h", "127.0.0.1", "-p", &port])) {
            let log = || fs::read_to_string(own.directory.join("log")).unwrap_or_default();
            if let Some(status) = own.server.try_wait()? {
                bail!("PostgreSQL ended with {status}:\n{}", log());
            }
            if patience.elapsed() > Duration::from_mins(1) {
                bail!("PostgreSQL is not up after a minute:\n{}", log());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        // A fast shutdown: sessions are ended, shared memory is given back.
        let asked = works(command("kill").args(["-INT", &self.server.id().to_string()]));
        let patience = Instant::now();
        while asked && patience.elapsed() < Duration::from_secs(10) {
            if self.server.try_wait().is_ok_and(|status| status.is_some()) {
                break;
            }
            sleep(Duration::from_millis(20));
        }
        let _ = self.server.kill();
        let _ = self.server.wait();
        remove_behind_us(&self.directory);
    }
}

/// Every test has a database of its own, so there are some hundred thousand files by the end, and on some disks it takes
/// minutes until they are gone: nobody waits for that.
fn remove_behind_us(directory: &Path) {
    let mut remove = command("rm");
    remove
        .arg("-rf")
        .arg(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0);
    if remove.spawn().is_err() {
        let _ = fs::remove_dir_all(directory);
    }
}

/// PostgreSQL refuses to run as root: then its programs run as the user that Debian's package makes for it.
fn as_postgres(program: &Path) -> Command {
    let mut setpriv = command("setpriv");
    setpriv.current_dir("/");
    if is_root() {
        setpriv.args(["--reuid", USER, "--regid", USER, "--init-groups"]);
    }
    // The server ends with us, whichever way we end.
    setpriv.args(["--pdeathsig", "INT", "--"]).arg(program);
    setpriv
}

fn prepare(programs: &Path, directory: &Path, data: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(directory);
    fs::create_dir_all(directory)?;
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755))?;
    let password = directory.join("password");
    fs::write(&password, PASSWORD)?;
    if is_root() {
        output(command("chown").args(["-R", USER]).arg(directory))
            .context("is there no user called postgres?")?;
    }
    let mut initdb = as_postgres(&programs.join("initdb"));
    initdb.args([
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--no-sync",
        "--username",
        USER,
    ]);
    initdb
        .arg("--pwfile")
        .arg(&password)
        .arg("--pgdata")
        .arg(data)
        .stdout(Stdio::null());
    run(&mut initdb)
}

/// How much a server does for what it has committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Durability {
    /// Enough for tests: the machine's own crash is not what they are about.
    Lax,
    /// On disk when it is answered, as in earnest.
    Full,
}

impl Durability {
    fn settings(self) -> &'static [&'static str] {
        match self {
            Self::Lax => &["fsync=off", "synchronous_commit=off", "full_page_writes=off"],
            Self::Full => &["shared_buffers=1GB", "max_wal_size=4GB"],
        }
    }
}

fn serve(programs: &Path, directory: &Path, data: &Path, port: u16, durability: Durability) -> Result<Child> {
    let log = fs::File::create(directory.join("log"))?;
    let mut server = as_postgres(&programs.join("postgres"));
    server
        .arg("-D")
        .arg(data)
        .arg("-p")
        .arg(port.to_string())
        .arg("-k")
        .arg(directory);
    let always = ["listen_addresses=127.0.0.1", "max_connections=400"];
    for setting in always.iter().chain(durability.settings()) {
        server.args(["-c", setting]);
    }
    server.stdout(log.try_clone()?).stderr(log);
    server.spawn().context("cannot start postgres")
}
