//! `instep app`: the applications that people and groups are provisioned to.

mod add;
mod assign;
mod attributes;
mod connection;
mod credentials;
mod cycles;
mod drift;
pub(super) mod file;
mod filter;
mod import;
mod list;
mod mapping;
mod mappings;
mod person;
mod plan;
mod presets;
mod remove;
mod retry;
mod set;
mod sso;
mod sso_keys;
mod state;
mod status;
mod supposed;
mod sync;
mod synchronization_schema;
mod warned;
mod ways;

use clap::{Args, Subcommand};

use crate::client::{Client, ServerArgs};
use crate::output::Output;
pub(crate) use plan::text as plan_text;

/// Adds apps, says who is in them, and keeps them in step
///
/// An app is named by its id or its name. First `add` it, then `test` the connection, `assign` people or
/// groups, look at the `plan`, and `sync`.
#[derive(Debug, Args)]
pub(crate) struct AppArgs {
    #[command(flatten)]
    server: ServerArgs,

    #[command(subcommand)]
    command: AppCommand,
}

#[derive(Debug, Subcommand)]
enum AppCommand {
    Add(add::AddArgs),
    /// Lists the apps
    List,
    Assign(assign::AssignArgs),
    /// Tests the connection and the token, as the app itself answers
    Test {
        /// Id or name
        app: String,
    },
    Plan(plan::PlanArgs),
    Plans(plan::kept::PlansArgs),
    Preview(person::PreviewArgs),
    /// Says why somebody is in scope, or is not
    Why(person::PersonArgs),
    /// Provisions one person now, and shows every step
    ProvisionOnDemand(person::PersonArgs),
    Sync(sync::SyncArgs),
    Restart(sync::RestartArgs),
    Reconcile(drift::ReconcileArgs),
    Drift(drift::DriftArgs),
    Import(import::ImportArgs),
    /// Shows how the app's target works, as far as is known, and from where
    Ways {
        /// Id or name
        app: String,
    },
    /// Shows how far an app is: the cycle, who waits, who fails and why
    Status {
        /// Id or name
        app: String,
    },
    Cycles(cycles::CyclesArgs),
    Mappings(mappings::MappingsArgs),
    Mapping(mapping::MappingArgs),
    Presets(presets::PresetsArgs),
    Attributes(attributes::AttributesArgs),
    SynchronizationSchema(synchronization_schema::SchemaArgs),
    Filter(filter::FilterArgs),
    /// Stops an app's provisioning until it is resumed; changes wait
    Pause {
        /// Id or name
        app: String,
    },
    /// Lets an app's provisioning go on
    Resume {
        /// Id or name
        app: String,
    },
    /// Ends an app's provisioning; its accounts stay
    Deactivate {
        /// Id or name
        app: String,

        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Begins an app's provisioning anew, with everybody
    Activate {
        /// Id or name
        app: String,
    },
    Retry(retry::RetryArgs),
    Set(set::SetArgs),
    Sso(sso::SsoArgs),
    Remove(remove::RemoveArgs),
}

pub(crate) async fn run(args: AppArgs, output: Output) -> anyhow::Result<()> {
    let client = Client::new(&args.server)?;
    match args.command {
        AppCommand::Add(add_args) => add::run(&client, &add_args, output).await,
        AppCommand::List => list::run(&client, output).await,
        AppCommand::Assign(assign_args) => assign::run(&client, &assign_args, output).await,
        AppCommand::Test { app } => connection::run(&client, &app, output).await,
        AppCommand::Plan(plan_args) => plan::run(&client, &plan_args, output).await,
        AppCommand::Plans(plans_args) => plan::kept::run(&client, &plans_args, output).await,
        AppCommand::Preview(args) => person::preview(&client, &args, output).await,
        AppCommand::Why(args) => person::why(&client, &args, output).await,
        AppCommand::ProvisionOnDemand(args) => person::provision_on_demand(&client, &args, output).await,
        AppCommand::Sync(sync_args) => sync::run(&client, &sync_args, output).await,
        AppCommand::Restart(restart_args) => sync::run(&client, &restart_args.into(), output).await,
        AppCommand::Reconcile(args) => drift::reconcile(&client, &args, output).await,
        AppCommand::Import(args) => import::run(&client, &args, output).await,
        AppCommand::Drift(args) => drift::list(&client, &args, output).await,
        AppCommand::Status { app } => status::run(&client, &app, output).await,
        AppCommand::Cycles(args) => cycles::run(&client, &args, output).await,
        AppCommand::Ways { app } => ways::run(&client, &app, output).await,
        AppCommand::Mappings(mappings_args) => mappings::run(&client, &mappings_args, output).await,
        AppCommand::Mapping(mapping_args) => mapping::run(&client, &mapping_args, output).await,
        AppCommand::Presets(presets_args) => presets::run(&client, &presets_args, output).await,
        AppCommand::Attributes(attributes_args) => attributes::run(&client, &attributes_args, output).await,
        AppCommand::SynchronizationSchema(schema_args) => {
            synchronization_schema::run(&client, &schema_args, output).await
        }
        AppCommand::Filter(filter_args) => filter::run(&client, &filter_args, output).await,
        AppCommand::Pause { app } => state::pause(&client, &app, output).await,
        AppCommand::Resume { app } => state::resume(&client, &app, output).await,
        AppCommand::Deactivate { app, yes } => state::deactivate(&client, &app, yes.into(), output).await,
        AppCommand::Activate { app } => state::activate(&client, &app, output).await,
        AppCommand::Retry(retry_args) => retry::run(&client, &retry_args, output).await,
        AppCommand::Set(set_args) => set::run(&client, &set_args, output).await,
        AppCommand::Sso(sso_args) => sso::run(&client, sso_args, output).await,
        AppCommand::Remove(remove_args) => remove::run(&client, &remove_args, output).await,
    }
}
