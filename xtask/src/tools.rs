//! Installing what the tests need and the machine lacks: Debian's packages, a Python environment, `cargo deny`.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail};

use crate::place;
use crate::process::{cargo, command, run, works};

const DENY_VERSION: &str = "0.20.2";
const REQUIREMENTS: &str = "tests/outside/requirements.txt";

/// One thing is installed at a time; whoever needs it in the meantime waits.
fn in_turn() -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Everything, in the order in which it is needed. What fails here is tried again, and told, by the step that needs it.
pub(crate) fn all() {
    let _ = cargo_deny();
    let _ = xml_security();
    let _ = postgres_programs();
    let _ = python_environment();
    let _ = openssl();
    let _ = chromium();
    let _ = scimmy();
    let _ = saml_node();
    let _ = mellon();
}

/// Debian's PostgreSQL server programs, installed if they are missing.
pub(crate) fn postgres_programs() -> Result<std::path::PathBuf> {
    let _turn = in_turn();
    if let Some(found) = find_postgres() {
        return Ok(found);
    }
    apt_install(&["postgresql"])?;
    find_postgres()
        .context("the package postgresql is installed, but its programs are not below /usr/lib/postgresql")
}

/// The newest `/usr/lib/postgresql/N/bin`.
fn find_postgres() -> Option<std::path::PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse::<u32>().ok()?, path.join("bin"))))
        .filter(|(_, bin)| ["initdb", "postgres"].iter().all(|name| bin.join(name).exists()))
        .max_by_key(|(version, _)| *version)
        .map(|(_, bin)| bin)
}

/// Python with `venv`, installed if it is missing.
fn python() -> Result<()> {
    if !works(command("python3").args(["-c", "import venv, ensurepip"])) {
        apt_install(&["python3", "python3-venv"])?;
    }
    Ok(())
}

/// The Python programs by other authors that we test against, in an environment of their own.
pub(crate) fn python_environment() -> Result<()> {
    let _turn = in_turn();
    python()?;
    let wanted = fs::read_to_string(place::root().join(REQUIREMENTS))
        .with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let venv = place::venv();
    let mark = venv.join("installed.txt");
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted)
        && works(&mut pip(&venv, &["check"]))
    {
        return Ok(());
    }
    run(command("python3").args(["-m", "venv", "--clear"]).arg(&venv))?;
    let quiet = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--requirement",
        REQUIREMENTS,
    ];
    run(&mut pip(&venv, &quiet))?;
    fs::write(mark, wanted)?;
    Ok(())
}

fn pip(venv: &Path, arguments: &[&str]) -> Command {
    let mut pip = command(venv.join("bin/python"));
    pip.args(["-m", "pip"]).args(arguments);
    pip
}

/// The SCIM service for Node by other authors that we test against, with its modules; where it is.
pub(crate) fn scimmy() -> Result<std::path::PathBuf> {
    node_program("scimmy", "server.mjs")
}

/// The same of a SAML service.
pub(crate) fn saml_node() -> Result<std::path::PathBuf> {
    node_program("saml_node", "service.mjs")
}

fn node_program(folder: &str, script: &str) -> Result<std::path::PathBuf> {
    let _turn = in_turn();
    if !works(command("npm").arg("--version")) {
        apt_install(&["nodejs", "npm"])?;
    }
    let from = place::root().join("tests/outside").join(folder);
    let to = place::tools().join(folder);
    fs::create_dir_all(&to)?;
    let lock = fs::read_to_string(from.join("package-lock.json"))?;
    let mark = to.join("installed.json");
    for name in [script, "package.json", "package-lock.json"] {
        fs::copy(from.join(name), to.join(name)).with_context(|| format!("cannot copy {name}"))?;
    }
    if !fs::read_to_string(&mark).is_ok_and(|installed| installed == lock) {
        run(command("npm")
            .args(["ci", "--silent", "--no-audit", "--no-fund", "--ignore-scripts"])
            .current_dir(&to))?;
        fs::write(mark, lock)?;
    }
    Ok(to)
}

/// `cargo deny`, built without optimisation when it is missing: that takes about a minute.
pub(crate) fn cargo_deny() -> Result<Command> {
    let _turn = in_turn();
    let bin = place::tools().join("bin/cargo-deny");
    if works(command("cargo-deny").arg("--version")) {
        return Ok(command("cargo-deny"));
    }
    if !works(command(&bin).arg("--version")) {
        let mut install = cargo();
        install.args([
            "install",
            "--locked",
            "--debug",
            "--quiet",
            "cargo-deny",
            "--version",
            DENY_VERSION,
            "--root",
        ]);
        install
            .arg(place::tools())
            .arg("--target-dir")
            .arg(place::tools().join("build"));
        run(&mut install)?;
        // Only the program is needed: what it was made from is ten times as large.
        let _ = fs::remove_dir_all(place::tools().join("build"));
    }
    Ok(command(bin))
}

/// Debian's Chromium and its driver, installed if they are missing.
pub(crate) fn chromium() -> Result<()> {
    let _turn = in_turn();
    let missing = |program: &str| !works(command(program).arg("--version"));
    if missing("chromium") || missing("chromedriver") {
        apt_install(&["chromium", "chromium-driver"])?;
    }
    Ok(())
}

/// OpenSSL's program, which makes certificates for tests.
pub(crate) fn openssl() -> Result<()> {
    let _turn = in_turn();
    if works(command("openssl").arg("version")) {
        return Ok(());
    }
    apt_install(&["openssl"])
}

/// Apache with mod_auth_mellon.
pub(crate) fn mellon() -> Result<()> {
    let _turn = in_turn();
    let module = "/usr/lib/apache2/modules/mod_auth_mellon.so";
    if Path::new(module).exists() {
        return Ok(());
    }
    apt_install(&["apache2-bin", "libapache2-mod-auth-mellon"])
}

/// Programs for signed and encrypted XML and for schemas, with those of OASIS.
pub(crate) fn xml_security() -> Result<()> {
    let _turn = in_turn();
    let schemas = [
        "/usr/share/xml/opensaml/saml-schema-protocol-2.0.xsd",
        "/usr/share/xml/xmltooling/xmldsig-core-schema.xsd",
    ];
    let there = works(command("xmlsec1").arg("--version"))
        && works(command("xmllint").arg("--version"))
        && schemas.iter().all(|schema| Path::new(schema).exists());
    if there {
        return Ok(());
    }
    apt_install(&[
        "xmlsec1",
        "libxml2-utils",
        "opensaml-schemas",
        "xmltooling-schemas",
    ])
}

/// Installs Debian packages, as root or through `sudo`.
fn apt_install(packages: &[&str]) -> Result<()> {
    let root = crate::postgres::is_root();
    if !root && !works(Command::new("sudo").args(["-n", "true"])) {
        bail!("install these first: apt-get install {}", packages.join(" "));
    }
    let apt = |arguments: &[&str]| {
        let mut apt = if root { command("apt-get") } else { command("sudo") };
        if !root {
            apt.args(["-n", "DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        }
        apt.env("DEBIAN_FRONTEND", "noninteractive")
            .args(["-q", "-y"])
            .args(arguments);
        apt
    };
    let mut install = vec!["install", "--no-install-recommends"];
    install.extend_from_slice(packages);
    // The lists may be missing or old: ask for them only then.
    if run(&mut apt(&install)).is_err() {
        run(&mut apt(&["update"]))?;
        run(&mut apt(&install))?;
    }
    Ok(())
}
