//! The command line of a node.
//!
//! Owns the names of commands and options, their help in English and French,
//! and the exit codes. What a command does lies in the file of its noun. A
//! command prints its result once, for a person or with `--json` for a program;
//! commands work on the state directory whether the node runs or not.

mod api;
mod audit;
mod brake;
mod bundle;
mod capture;
mod case;
mod config;
mod enrol;
mod entitlement;
mod erase;
mod evidence;
mod failure;
mod inbox;
mod init;
mod journal;
mod mapping;
mod open;
mod preview;
mod quarantine;
mod receipts;
mod recover;
mod reminders;
mod rules;
mod run;
mod sheet;
mod status;
mod verdicts;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use rmd_runtime::{exit, output::Format, progress};

use self::failure::Failure;

/// Where the state directory is named when `--dir` is not given.
const DIR_VARIABLE: &str = "RMD_NODE_DIR";

const AFTER_HELP: &str = "\
Exit codes · Codes de sortie:
  0   done · fait
  1   failed, the message says why · échec, le message dit pourquoi
  64  wrong arguments or configuration · arguments ou configuration erronés
  65  wrong input: mapping, token, stored bytes · donnée erronée : correspondance, jeton, octets
  66  not found: state directory, record · introuvable : répertoire d'état, fiche
  69  source, store or hub do not answer · la source, la base ou le pivot ne répondent pas

Example · Exemple:
  rmd-node init --dir /var/lib/rmd-node --country COD --name cod-mines \\
      --source sqlite:/srv/mines.sqlite --mapping mines.toml --listen 0.0.0.0:7441
  rmd-node --dir /var/lib/rmd-node run";

/// The node of a ministry: its database as signed feeds · Le nœud d'un ministère : sa base en flux signés
#[derive(Debug, Parser)]
#[command(name = "rmd-node", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
struct Global {
    /// State directory of the node; else RMD_NODE_DIR, else `.` · Répertoire d'état du nœud
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print one JSON object for programs · Écrire un objet JSON pour les programmes
    #[arg(long, global = true)]
    json: bool,
}

impl Global {
    fn dir(&self) -> PathBuf {
        let variable = || std::env::var_os(DIR_VARIABLE).map(PathBuf::from);
        self.dir.clone().or_else(variable).unwrap_or_else(|| PathBuf::from("."))
    }

    const fn format(&self) -> Format {
        Format::from_flag(self.json)
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the state directory · Créer le répertoire d'état
    Init(init::InitArgs),
    /// Trade the Secretariat's token for a certificate · Échanger le jeton du Secrétariat contre un certificat
    Enrol(enrol::EnrolArgs),
    /// Hold the mapping against the database · Confronter la correspondance à la base
    #[command(subcommand)]
    Mapping(mapping::MappingCommand),
    /// Show what would leave, before anything does · Montrer ce qui sortirait, avant que rien ne sorte
    Preview(preview::PreviewArgs),
    /// What may leave of each record type · Ce qui peut sortir de chaque type de fiche
    #[command(subcommand)]
    Entitlement(entitlement::EntitlementCommand),
    /// Triggers that note changed rows at the source · Déclencheurs qui notent les lignes modifiées à la source
    #[command(subcommand)]
    Capture(capture::CaptureCommand),
    /// Capture, sign and serve until told to end · Capter, signer et servir jusqu'à l'arrêt
    #[command(after_help = "Example · Exemple:\n  rmd-node run --dir /var/lib/rmd-node")]
    Run,
    /// Sizes, counts and the last passes · Tailles, nombres et derniers passages
    #[command(after_help = "Example · Exemple:\n  rmd-node status --json")]
    Status,
    /// Rows that were refused, with their findings · Lignes refusées, avec leurs constats
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Records that wait because too many changed at once · Fiches qui attendent parce que trop ont changé d'un coup
    #[command(subcommand)]
    Brake(brake::BrakeCommand),
    /// The rules that records are held against · Les règles auxquelles les fiches sont soumises
    #[command(subcommand)]
    Rules(rules::RulesCommand),
    /// Records that people keep in spreadsheets · Fiches que l'on tient dans des tableurs
    #[command(subcommand)]
    Sheet(sheet::SheetCommand),
    /// What the Secretariat sent · Ce que le Secrétariat a envoyé
    #[command(subcommand)]
    Inbox(inbox::InboxCommand),
    /// What the hub finds on the own records · Ce que le pivot constate sur les fiches propres
    #[command(subcommand)]
    Verdicts(verdicts::VerdictsCommand),
    /// Statuses of the own sites and exporters that end soon · Statuts propres qui finissent bientôt
    #[command(subcommand)]
    Reminders(reminders::RemindersCommand),
    /// What the Secretariat asks about records, and what is answered · Ce que le Secrétariat demande sur des fiches, et les réponses
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// The standard's REST API of this node · L'API REST de la norme sur ce nœud
    #[command(subcommand)]
    Api(api::ApiCommand),
    /// Take what a record said out of everything, by order · Effacer partout, sur ordre, ce que disait une fiche
    Erase(erase::EraseArgs),
    /// Exchange by files, where no network reaches · Échanger par fichiers, sans réseau
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
    /// What the hub has signed to hold of the own feeds · Ce que le pivot a signé détenir des flux propres
    #[command(subcommand)]
    Receipts(receipts::ReceiptsCommand),
    /// What left: who pulled which entries, when · Ce qui est sorti : qui a pris quelles entrées, quand
    Audit(audit::AuditArgs),
    /// Prove what was written · Prouver ce qui est écrit
    #[command(subcommand)]
    Journal(journal::JournalCommand),
    /// Get lost entries of the own feeds back · Retrouver les entrées perdues des flux
    Recover(recover::RecoverArgs),
    /// Proofs that somebody rewrote a feed · Preuves qu'un flux a été réécrit
    #[command(subcommand)]
    Evidence(evidence::EvidenceCommand),
    /// Show or check the configuration · Montrer ou vérifier la configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Completions for a shell · Complétions pour un interpréteur
    #[command(
        after_help = "Example · Exemple:\n  rmd-node completions bash > /etc/bash_completion.d/rmd-node"
    )]
    Completions {
        /// The shell · L'interpréteur
        shell: Shell,
    },
}

/// Reads the arguments and does what was asked for.
pub(crate) fn main() -> ExitCode {
    match Cli::try_parse() {
        Ok(cli) => run(cli),
        Err(error) => {
            // Help and version are results; anything else is bad usage.
            let code = if error.use_stderr() { exit::USAGE } else { exit::OK };
            // Nobody is left to tell that the terminal is gone.
            let _ = error.print();
            exit::code(code)
        }
    }
}

/// Does what was asked for, and says how it went.
fn run(cli: Cli) -> ExitCode {
    let Cli { global, command } = cli;
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return Failure::from(error).report(global.format()),
    };
    match runtime.block_on(Box::pin(dispatch(&global, command))) {
        Ok(code) => code,
        Err(failure) => failure.report(global.format()),
    }
}

async fn dispatch(global: &Global, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(args) => init::init(global, args).await?,
        Command::Enrol(args) => enrol::enrol(global, args).await?,
        Command::Mapping(command) => return mapping::mapping(global, &command).await,
        Command::Preview(args) => preview::preview(global, args).await?,
        Command::Entitlement(command) => entitlement::entitlement(global, command).await?,
        Command::Capture(command) => capture::capture(global, command).await?,
        Command::Run => return run::run(global).await,
        Command::Status => status::status(global).await?,
        Command::Quarantine(command) => quarantine::quarantine(global, command).await?,
        Command::Brake(command) => brake::brake(global, command).await?,
        Command::Rules(command) => rules::rules(global, &command)?,
        Command::Sheet(command) => sheet::sheet(global, command).await?,
        Command::Inbox(command) => inbox::inbox(global, &command).await?,
        Command::Verdicts(command) => verdicts::verdicts(global, command).await?,
        Command::Reminders(command) => reminders::reminders(global, &command).await?,
        Command::Case(command) => case::case(global, command).await?,
        Command::Api(command) => api::api(global, command).await?,
        Command::Erase(args) => return erase::erase(global, args).await,
        Command::Bundle(command) => return bundle::bundle(global, command).await,
        Command::Receipts(command) => return receipts::receipts(global, &command).await,
        Command::Audit(args) => audit::audit(global, &args).await?,
        Command::Journal(command) => return journal::journal(global, &command).await,
        Command::Recover(args) => recover::recover(global, args).await?,
        Command::Evidence(command) => return evidence::evidence(global, &command).await,
        Command::Config(command) => config::config(global, &command)?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rmd-node", &mut script);
            rmd_runtime::output::line(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(exit::code(exit::OK))
}
