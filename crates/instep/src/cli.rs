//! What can be typed: the global flags, the commands, and the environment variable behind each flag.

use clap::builder::BoolishValueParser;
use clap::error::ErrorKind;
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands::{
    app::AppArgs, client::ClientArgs, demo::DemoArgs, domain::DomainArgs, grant::GrantArgs, group::GroupArgs,
    key::KeyArgs, licence::LicenceArgs, log::LogArgs, org::OrgArgs, partner::PartnerArgs, schema::SchemaArgs,
    serve::ServeArgs, sso::SsoArgs, token::TokenArgs, user::UserArgs,
};
use crate::output::Format;

/// Keeps every app in step with your directory.
///
/// People and groups come in over SCIM, from CSV files or by hand, live in one directory per
/// organization, and go out to the apps they are assigned to.
#[derive(Debug, Parser)]
#[command(name = "instep", version, arg_required_else_help = true, after_help = AFTER_HELP)]
pub(crate) struct Cli {
    /// How to print the result: for people, or as JSON with nothing else on stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Table, value_name = "FORMAT", display_order = 900)]
    pub(crate) output: Format,

    #[command(subcommand)]
    pub(crate) command: Command,
}

const AFTER_HELP: &str = "\
Every flag can also be given as an environment variable: INSTEP_ and the flag's name, \
such as INSTEP_URL for --url.

Exit status: 0 done, 1 failed, 2 wrong usage.

Start here:
  instep demo                 a directory and a hub, kept in step before your eyes
  instep serve --data DIR     the server";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Serve(ServeArgs),
    Demo(DemoArgs),
    Org(OrgArgs),
    Token(TokenArgs),
    User(UserArgs),
    Client(ClientArgs),
    Grant(GrantArgs),
    Partner(PartnerArgs),
    Group(GroupArgs),
    Licence(LicenceArgs),
    Schema(SchemaArgs),
    Domain(DomainArgs),
    Sso(Box<SsoArgs>),
    App(Box<AppArgs>),
    Log(LogArgs),
    Key(KeyArgs),
}

/// Two flags of which one is meant: where one is typed and the other comes from the environment, the
/// typed one holds; both typed is wrong usage; both from the environment, the first holds.
const ALTERNATIVES: [(&str, &str); 5] = [
    ("token", "token_file"),
    ("target_token", "target_token_file"),
    ("client_secret", "client_secret_file"),
    ("database", "database_file"),
    ("base_url", "org_id"),
];

/// Reads the command line; prints help or what is wrong with it, and exits, if there is nothing to run.
pub(crate) fn parse() -> Cli {
    let matches = command(&[]).get_matches();
    let mut unwanted = Vec::new();
    for (first, second) in ALTERNATIVES {
        match (source(&matches, first), source(&matches, second)) {
            (Some(ValueSource::CommandLine), Some(ValueSource::CommandLine)) => {
                let message = format!("give either {} or {}, not both", flag(first), flag(second));
                command(&[]).error(ErrorKind::ArgumentConflict, message).exit()
            }
            (Some(ValueSource::EnvVariable), Some(ValueSource::CommandLine)) => unwanted.push(first),
            (Some(_), Some(ValueSource::EnvVariable)) => unwanted.push(second),
            _ => {}
        }
    }
    match door(&matches) {
        Ok(Door::Meant) => {}
        Ok(Door::Server) => unwanted.push("org"),
        Err(message) => command(&[]).error(ErrorKind::ArgumentConflict, message).exit(),
    }
    let matches = if unwanted.is_empty() {
        matches
    } else {
        command(&unwanted).get_matches()
    };
    Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// The whole tree of commands, each flag bound to its environment variable save those named.
fn command(without_variable: &[&str]) -> clap::Command {
    bind_environment(Cli::command(), without_variable)
}

fn bind_environment(command: clap::Command, without_variable: &[&str]) -> clap::Command {
    command
        .mut_args(|arg| match variable(&arg) {
            Some(name) if !without_variable.contains(&arg.get_id().as_str()) => bind(arg, name),
            _ => arg,
        })
        .mut_subcommands(|sub| bind_environment(sub, without_variable))
}

fn bind(arg: Arg, variable: String) -> Arg {
    let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
    let arg = arg.env(variable).hide_env_values(true);
    if is_switch {
        arg.value_parser(BoolishValueParser::new())
    } else {
        arg
    }
}

/// `INSTEP_TOKEN_FILE` for `--token-file`; nothing for positional arguments, help and version.
fn variable(arg: &Arg) -> Option<String> {
    if matches!(
        arg.get_action(),
        ArgAction::Help | ArgAction::HelpShort | ArgAction::HelpLong | ArgAction::Version
    ) {
        return None;
    }
    let flag = arg.get_long()?;
    Some(format!("INSTEP_{}", flag.replace('-', "_").to_uppercase()))
}

/// Which door a command goes through that can open the database or ask a server.
enum Door {
    /// The one that its arguments say, or there is only one.
    Meant,
    /// That of the server: a variable that names an organization is not for this time.
    Server,
}

/// An organization that is named is looked for in the database, and a server speaks of the token's own: flags of both that are
/// typed are wrong usage.
fn door(matches: &ArgMatches) -> Result<Door, String> {
    let chosen_command = chosen_command(matches);
    // Asked of the definition: what was matched knows in builds for development only which arguments there are.
    let has = |id: &str| chosen_command.get_arguments().any(|arg| arg.get_id() == id);
    if !(has("data") && has("token")) {
        return Ok(Door::Meant);
    }
    let first_typed = |ids: [&'static str; 3]| {
        let is_typed = |id: &&str| source(matches, id) == Some(ValueSource::CommandLine);
        ids.into_iter().find(is_typed).map(flag)
    };
    let words = chosen(matches).try_get_many::<String>("settings").ok().flatten();
    let first_word = words.and_then(|mut words| words.next());
    let of_variable = source(matches, "org") == Some(ValueSource::EnvVariable);
    let is_named = source(matches, "org") == Some(ValueSource::CommandLine)
        || source(matches, "id").is_some()
        || first_word.is_some_and(|word| !word.contains('='));
    let of_server = first_typed(["token", "token_file", "url"]);
    let of_database = first_typed(["data", "database", "database_file"]);
    match (is_named, of_server, of_database) {
        (true, Some(flag), _) => Err(format!(
            "with an organization's id the database is opened, and {flag} is for a server: leave one of the two out"
        )),
        (false, Some(_), Some(flag)) => Err(format!(
            "{flag} opens a database: say by its id which organization is meant, and leave out what is for a server"
        )),
        (false, None, Some(flag)) if !of_variable => Err(format!(
            "{flag} opens a database: say by its id which organization is meant"
        )),
        (false, Some(_), None) if of_variable => Ok(Door::Server),
        _ => Ok(Door::Meant),
    }
}

/// The definition of the command that was chosen, with the arguments that it shares with others above it.
fn chosen_command(mut matches: &ArgMatches) -> clap::Command {
    let mut command = Cli::command();
    command.build();
    while let Some((name, sub)) = matches.subcommand() {
        let Some(found) = command.find_subcommand(name).cloned() else {
            break;
        };
        (command, matches) = (found, sub);
    }
    command
}

/// The matches of the command that was chosen.
fn chosen(matches: &ArgMatches) -> &ArgMatches {
    let mut chosen = matches;
    while let Some((_, sub)) = chosen.subcommand() {
        chosen = sub;
    }
    chosen
}

/// Where the value of an argument of the command that was chosen came from, if it has one.
fn source(matches: &ArgMatches, id: &str) -> Option<ValueSource> {
    let chosen = chosen(matches);
    if chosen.try_contains_id(id).is_err() {
        return None;
    }
    chosen.value_source(id)
}

fn flag(id: &str) -> String {
    format!("--{}", id.replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(command: &clap::Command, path: &str, check: &mut dyn FnMut(&str, &clap::Command)) {
        check(path, command);
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            each(sub, &format!("{path} {}", sub.get_name()), check);
        }
    }

    #[test]
    fn the_tree_is_well_formed() {
        command(&[]).debug_assert();
    }

    #[test]
    fn every_flag_has_its_environment_variable() {
        let mut seen = 0;
        let mut built = command(&[]);
        built.build();
        each(&built, "instep", &mut |path, command| {
            for arg in command.get_arguments() {
                let Some(long) = arg.get_long().filter(|long| !["help", "version"].contains(long)) else {
                    continue;
                };
                let expected = format!("INSTEP_{}", long.to_uppercase().replace('-', "_"));
                let found = arg.get_env().and_then(|name| name.to_str());
                assert_eq!(found, Some(expected.as_str()), "{path} --{long}");
                assert!(
                    arg.is_hide_env_values_set(),
                    "{path} --{long} would show its value in the help"
                );
                seen += 1;
            }
        });
        assert!(seen > 50, "only {seen} flags seen");
    }

    #[test]
    fn every_command_and_flag_says_what_it_does() {
        each(&command(&[]), "instep", &mut |path, command| {
            assert!(command.get_about().is_some(), "{path} has no help");
            for arg in command.get_arguments() {
                let is_builtin = matches!(arg.get_id().as_str(), "help" | "version");
                assert!(
                    is_builtin || arg.get_help().is_some(),
                    "{path}: {} has no help",
                    arg.get_id()
                );
            }
        });
    }

    #[test]
    fn secrets_given_as_flags_can_come_from_a_file() {
        each(&command(&[]), "instep", &mut |path, command| {
            let flags: Vec<_> = command.get_arguments().filter_map(Arg::get_long).collect();
            for secret in ["token", "target-token", "database"] {
                let file = format!("{secret}-file");
                assert!(
                    !flags.contains(&secret) || flags.contains(&file.as_str()),
                    "{path} lacks --{file}"
                );
            }
        });
    }

    #[test]
    fn switches_understand_the_usual_words() {
        let parsed = command(&[]).try_get_matches_from(["instep", "user", "delete", "anna", "--yes"]);
        let cli = Cli::from_arg_matches(&parsed.expect("parses")).expect("fits");
        assert!(format!("{cli:?}").contains("yes: true"));
    }

    #[test]
    fn tokens_are_never_shown() {
        let parsed = command(&[]).try_get_matches_from(["instep", "user", "list", "--token", "very-secret"]);
        let cli = Cli::from_arg_matches(&parsed.expect("parses")).expect("fits");
        assert!(!format!("{cli:?}").contains("very-secret"));
    }
}
