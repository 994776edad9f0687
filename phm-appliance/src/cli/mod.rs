//! The command line `phm`.
//!
//! Every command does its work through phm-core as the operator: whoever holds the vault's secret. With `--json` exactly
//! one document goes to standard output and progress to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage,
//! 3 wrong secret or vault in use, 4 damaged. While the appliance serves the vault, commands run inside it, with the same
//! output and exit codes (see `control`).

mod audit;
mod backups;
mod care;
mod control;
mod door;
mod erase;
mod given;
mod grant;
mod keys;
mod output;
mod people;
mod plugin;
mod records;
mod secrets;
mod serve;
mod site;

use std::cell::OnceCell;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use phm_core::crypto::secret::Secret;
use phm_core::store::Engine;
use serde::{Deserialize, Serialize};

pub use output::Answer;

use given::Given;
use output::Failure;
use site::Site;

/// Health records of a family or a small clinic, on your own box.
#[derive(Debug, Parser)]
#[command(name = "phm", version, about, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes, before or after its name.
#[derive(Args, Clone, Debug)]
pub struct Place {
    /// The folder of the vault [default: $XDG_DATA_HOME/phm]
    #[arg(long, global = true, env = "PHM_DATA_DIR", value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Answer with one JSON document on standard output
    #[arg(long, global = true)]
    json: bool,
    /// A file with the vault's key: 64 hex digits
    #[arg(long, global = true, env = "PHM_KEY_FILE", value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// A file with the vault's passphrase
    #[arg(long, global = true, env = "PHM_PASSPHRASE_FILE", value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    /// A file with the vault's recovery code, for when everything else is lost
    #[arg(long, global = true, env = "PHM_RECOVERY_CODE_FILE", value_name = "FILE")]
    recovery_code_file: Option<PathBuf>,
    #[arg(skip)]
    site: Site,
    /// The secret once it was read: what comes from a pipe can be read once only.
    #[arg(skip)]
    read: OnceCell<Option<Secret>>,
}

#[derive(Clone, Debug, Deserialize, Serialize, Subcommand)]
enum Command {
    /// Make a vault
    Init {
        /// The storage engine: redb or sled
        #[arg(long, default_value = Engine::default().name())]
        engine: String,
        /// Make one even where another vault, or its disk, is missing
        #[arg(long)]
        new: bool,
    },
    /// Manage the ways to unlock the vault
    #[command(subcommand)]
    Key(keys::Key),
    /// Run the appliance: web app and API
    Serve(serve::Serve),
    /// Manage accounts
    #[command(subcommand)]
    User(people::User),
    /// Manage people
    #[command(subcommand)]
    Profile(people::Profile),
    /// Manage who may see whose records
    #[command(subcommand)]
    Grant(grant::Grant),
    /// Import FHIR files, folders or standard input (`-`)
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Import(records::Import),
    /// Export a person's records
    Export(records::Export),
    /// Erase a person: every record, document and key of theirs, beyond recall
    Erase(erase::Erase),
    /// Destroy what one record said, in every version, beyond recall
    Rectify(erase::Rectify),
    /// Prove that every record and every audit entry is whole
    Verify {
        /// A checkpoint kept elsewhere that the audit log must continue
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<Given>,
    },
    /// Checkpoints, proofs and exports of the audit log, for people who hold no key
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Write a backup, or try one out
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Backup(backups::Backup),
    /// Restore a backup into an empty folder
    Restore {
        /// The backup; an increment finds those it continues beside it. Or a full backup and its increments in their
        /// order, or a folder, whose newest backup is meant
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Given>,
        /// Restore even where the disk that belongs there is missing
        #[arg(long)]
        new: bool,
    },
    /// Check the machine and the vault's folder
    Doctor,
    /// Ask a running appliance whether it is well
    Healthcheck {
        /// Where it listens
        #[arg(long, default_value = "http://127.0.0.1:8080", value_name = "URL")]
        url: String,
    },
    /// Show every setting, its value and where it comes from
    Settings,
    /// Print the OpenAPI document
    Openapi,
    /// Show how much the vault holds
    Stats,
    /// Make, install and call plugins
    #[command(subcommand)]
    Plugin(plugin::Plugin),
    /// Fill the vault with an invented household
    Demo(people::Demo),
    /// Save what can still be read of a damaged vault, or of backups that do not restore any more
    Salvage {
        /// The folder to write to
        out: Given,
        /// Backups to read instead of the vault, a full one with its increments; or a folder with all of them
        #[arg(long = "backup", value_name = "FILE", num_args = 1..)]
        backups: Vec<Given>,
    },
    /// Give the disk space of replaced and deleted rows back
    Compact,
    /// Move the vault to another storage engine, while nothing serves it
    MigrateStore {
        /// The storage engine: redb or sled
        #[arg(long)]
        to: String,
    },
}

impl Command {
    /// Whether it can run inside the appliance that serves the vault. Others need the vault to themselves.
    fn runs_inside(&self) -> bool {
        !matches!(
            self,
            Self::Init { .. }
                | Self::Serve(_)
                | Self::Restore { .. }
                | Self::Salvage { .. }
                | Self::MigrateStore { .. }
        )
    }
}

/// Runs the command line and says how the process should end.
pub fn run() -> ExitCode {
    let cli = match parse() {
        Ok(cli) => cli,
        Err(error) => return output::usage(&error),
    };
    let place = cli.place;
    let done = match dispatch(&place, cli.command.clone()) {
        Err(failure) if failure.code() == "in-use" && cli.command.runs_inside() => {
            match place.dir().and_then(|dir| Ok((dir, place.known_secret()?))) {
                Ok((dir, secret)) => match control::ask(&dir, &secret, cli.command, place.json) {
                    Some(Ok(code)) => return code,
                    Some(Err(failure)) => Err(failure),
                    // Nobody listens: whoever holds the vault is no appliance.
                    None => Err(failure),
                },
                Err(why) => Err(why),
            }
        }
        done => done,
    };
    ExitCode::from(match done {
        Ok(answer) => answer.print(&place),
        Err(failure) => failure.print(&place),
    })
}

/// The command line of this process.
fn parse() -> Result<Cli, clap::Error> {
    let matches = Cli::command().try_get_matches()?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.format(&mut Cli::command()))?;
    // A new vault takes all that are named.
    if !matches!(cli.command, Command::Init { .. }) {
        cli.place.as_typed(&matches);
    }
    Ok(cli)
}

fn dispatch(place: &Place, command: Command) -> Result<Answer, Failure> {
    match command {
        Command::Init { engine, new } => secrets::init(place, &engine, new),
        Command::Key(key) => keys::key(place, &key),
        Command::Serve(serve) => serve::run(place, &serve),
        Command::User(user) => people::user(place, &user),
        Command::Profile(profile) => people::profile(place, &profile),
        Command::Grant(grant) => grant::grant(place, &grant),
        Command::Import(import) => records::import(place, &import),
        Command::Export(export) => records::export(place, &export),
        Command::Erase(command) => erase::erase(place, &command),
        Command::Rectify(command) => erase::rectify(place, &command),
        Command::Verify { checkpoint } => care::verify(place, checkpoint.as_deref()),
        Command::Audit(audit) => audit::audit(place, &audit),
        Command::Backup(backup) => backups::backup(place, &backup),
        Command::Restore { files, new } => backups::restore(place, &files, new),
        Command::Doctor => care::doctor(place),
        Command::Healthcheck { url } => care::healthcheck(place, &url),
        Command::Settings => care::settings(place),
        Command::Openapi => care::openapi(),
        Command::Stats => care::stats(place),
        Command::Plugin(plugin) => plugin::plugin(place, &plugin),
        Command::Demo(demo) => people::demo(place, &demo),
        Command::Salvage { out, backups } => care::salvage(place, &out, &backups),
        Command::Compact => care::compact(place),
        Command::MigrateStore { to } => care::migrate_store(place, &to),
    }
}
