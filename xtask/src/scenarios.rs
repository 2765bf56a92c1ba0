//! The steps that run a script of `tests/outside`.

use anyhow::Result;

use crate::outside::{Database, script};
use crate::steps::Machine;
use crate::tally::Tally;
use crate::tools;

pub(crate) fn in_step_sqlite(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("keep_in_step.py", Database::Sqlite, &[])
}

pub(crate) fn in_step_postgres(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("keep_in_step.py", Database::Postgres(&machine.postgres()?), &[])
}

pub(crate) fn in_step_alone(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("keep_in_step.py", Database::Sqlite, &["--alone"])
}

pub(crate) fn kills_sqlite(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("kills.py", Database::Sqlite, &[])
}

pub(crate) fn two_nodes(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("two_nodes.py", Database::Postgres(&machine.postgres()?), &[])
}

pub(crate) fn kills_postgres(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("kills.py", Database::Postgres(&machine.postgres()?), &[])
}

pub(crate) fn licence_kills_sqlite(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("licence_kills.py", Database::Sqlite, &[])
}

pub(crate) fn licence_kills_postgres(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("licence_kills.py", Database::Postgres(&machine.postgres()?), &[])
}

pub(crate) fn soak_sqlite(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("soak.py", Database::Sqlite, &[])
}

pub(crate) fn soak_postgres(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("soak.py", Database::Postgres(&machine.postgres()?), &[])
}

pub(crate) fn soak_sqlite_long(machine: &Machine) -> Result<Tally> {
    soak_long(&machine.release()?, Database::Sqlite)
}

pub(crate) fn soak_postgres_long(machine: &Machine) -> Result<Tally> {
    soak_long(&machine.release()?, Database::Postgres(&machine.postgres()?))
}

fn soak_long(instep: &str, database: Database<'_>) -> Result<Tally> {
    script("soak.py", database, &["--instep", instep, "--seconds", "60"])
}

pub(crate) fn post(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("post.py", Database::Sqlite, &[])
}

pub(crate) fn post_postgres(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("post.py", Database::Postgres(&machine.postgres()?), &[])
}

pub(crate) fn post_tls(machine: &Machine) -> Result<Tally> {
    tools::openssl()?;
    machine.programs()?;
    script("post_tls.py", Database::Sqlite, &[])
}

pub(crate) fn domains(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("domains.py", Database::Sqlite, &[])
}

pub(crate) fn bad_input(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("bad_input.py", Database::Sqlite, &[])
}

pub(crate) fn in_step_long(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script(
        "keep_in_step.py",
        Database::Sqlite,
        &["--people", "5000", "--rounds", "5"],
    )
}

pub(crate) fn foreign_target(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("scim2_server_target.py", Database::Sqlite, &[])
}

pub(crate) fn foreign_target_node(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    let modules = tools::scimmy()?;
    script(
        "scimmy_target.py",
        Database::Sqlite,
        &["--modules", &modules.to_string_lossy()],
    )
}

pub(crate) fn foreign_target_long(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script(
        "scim2_server_target.py",
        Database::Sqlite,
        &["--people", "2000", "--changes", "500"],
    )
}

pub(crate) fn foreign_client_sqlite(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("scim2_tester.py", Database::Sqlite, &[])
}

pub(crate) fn foreign_client_postgres(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("scim2_tester.py", Database::Postgres(&machine.postgres()?), &[])
}

pub(crate) fn ritual(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    tools::chromium()?;
    script("ritual.py", Database::Sqlite, &[])
}

pub(crate) fn console(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    tools::chromium()?;
    script("console.py", Database::Sqlite, &[])
}

pub(crate) fn oauth_client(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("oauth_client.py", Database::Sqlite, &[])
}

pub(crate) fn saml_idp(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    tools::openssl()?;
    tools::xml_security()?;
    tools::chromium()?;
    script("saml_idp.py", Database::Sqlite, &[])
}

pub(crate) fn saml_both_ends(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    tools::openssl()?;
    tools::xml_security()?;
    script("saml_both_ends.py", Database::Sqlite, &[])
}

pub(crate) fn saml_pysaml2(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    tools::openssl()?;
    tools::xml_security()?;
    tools::chromium()?;
    script("saml_pysaml2.py", Database::Sqlite, &[])
}

pub(crate) fn saml_node(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    tools::openssl()?;
    tools::xml_security()?;
    let node = tools::saml_node()?;
    let node = node.to_string_lossy();
    script("saml_node.py", Database::Sqlite, &["--node", &node])
}

pub(crate) fn saml_mellon(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    tools::openssl()?;
    tools::xml_security()?;
    tools::chromium()?;
    tools::mellon()?;
    script("saml_mellon.py", Database::Sqlite, &[])
}

pub(crate) fn schemathesis(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("schemathesis_api.py", Database::Sqlite, &[])
}

pub(crate) fn webex_client_sqlite(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("wxc_sdk_client.py", Database::Sqlite, &[])
}

pub(crate) fn webex_client_postgres(machine: &Machine) -> Result<Tally> {
    machine.programs()?;
    script("wxc_sdk_client.py", Database::Postgres(&machine.postgres()?), &[])
}
