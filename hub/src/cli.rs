//! The command line of the hub.
//!
//! Owns the names of commands and options, their help in English and French,
//! and the exit codes. What a command does lies in the file of its noun. A
//! command prints its result once, for a person or with `--json` for a program;
//! secrets are neither arguments nor output, with one exception: `node invite`
//! prints the token that it made, because that is its result.

mod appeal;
mod auditor;
mod bulletin;
mod bundle;
mod calendar;
mod case;
mod config;
mod custody;
mod erasures;
mod evidence;
mod exporter;
mod failure;
mod finding;
mod init;
mod key;
mod ledger;
mod migrate;
mod month;
mod node;
mod open;
mod parameter;
mod parked;
mod partner;
mod quarantine;
mod reapply;
mod reconcile;
mod recover;
mod report;
mod run;
mod show;
mod site;
mod standing;
mod statistics;
mod status;
mod subject;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;
use rmd_runtime::{exit, output::Format};

use self::failure::Failure;

/// Where the state directory is named when `--dir` is not given.
const DIR_VARIABLE: &str = "RMD_HUB_DIR";

const AFTER_HELP: &str = "\
Exit codes · Codes de sortie:
  0   done · fait
  1   failed, the message says why · échec, le message dit pourquoi
  64  wrong arguments or configuration · arguments ou configuration erronés
  65  wrong input, as a document · donnée erronée, un document par exemple
  66  not found: hub, site, node · introuvable : pivot, site, nœud
  69  the store does not answer · la base ne répond pas

Example · Exemple:
  rmd-hub init --dir /var/lib/rmd-hub --network net --enrol-listen 0.0.0.0:7401 \\
      --advertise-enrol hub.example.org:7401
  rmd-hub --dir /var/lib/rmd-hub run";

/// The hub of the Secretariat: the regional view · Le pivot du Secrétariat : la vue régionale
#[derive(Debug, Parser)]
#[command(name = "rmd-hub", version, after_help = AFTER_HELP, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// State directory of the hub; else RMD_HUB_DIR, else `.` · Répertoire d'état du pivot
    #[arg(long, global = true, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Print one JSON object for programs · Écrire un objet JSON pour les programmes
    #[arg(long, global = true)]
    json: bool,
}

impl Global {
    /// The state directory.
    pub(crate) fn dir(&self) -> PathBuf {
        let variable = || std::env::var_os(DIR_VARIABLE).map(PathBuf::from);
        self.dir.clone().or_else(variable).unwrap_or_else(|| PathBuf::from("."))
    }

    /// For whom results are printed.
    pub(crate) const fn format(&self) -> Format {
        Format::from_flag(self.json)
    }
}

/// What the hub can be asked to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Create a network: authority, keys, store · Créer un réseau : autorité, clés, base
    Init(init::InitArgs),
    /// Bring the tables of the store up to date · Mettre à jour les tables de la base
    #[command(after_help = "Example · Exemple:\n  rmd-hub migrate --dir /var/lib/rmd-hub")]
    Migrate,
    /// Invite, list and admit nodes · Inviter, lister et admettre les nœuds
    #[command(subcommand)]
    Node(node::NodeCommand),
    /// Say who may read the REST API · Dire qui peut lire l'API REST
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Follow the nodes, push bulletins, serve the pages · Suivre les nœuds, envoyer les bulletins, servir les pages
    #[command(after_help = "Example · Exemple:\n  rmd-hub run --dir /var/lib/rmd-hub")]
    Run,
    /// How far every node is · Où en est chaque nœud
    #[command(after_help = "Example · Exemple:\n  rmd-hub status --json")]
    Status,
    /// Show a mine site, decide its status · Montrer un site minier, décider de son statut
    #[command(subcommand)]
    Site(site::SiteCommand),
    /// Show an exporter, decide its status · Montrer un exportateur, décider de son statut
    #[command(subcommand)]
    Exporter(exporter::ExporterCommand),
    /// Appeals against decisions · Recours contre les décisions
    #[command(subcommand)]
    Appeal(appeal::AppealCommand),
    /// What was published to the nodes · Ce qui a été publié aux nœuds
    #[command(subcommand)]
    Bulletin(bulletin::BulletinCommand),
    /// Exchange by files, where no network reaches · Échanger par fichiers, sans réseau
    #[command(subcommand)]
    Bundle(bundle::BundleCommand),
    /// What states are asked about findings, and what they answer · Ce que l'on demande aux États sur des constats
    #[command(subcommand)]
    Case(case::CaseCommand),
    /// From where a lot or a certificate comes, and where it went · D'où vient un lot ou un certificat, et où il est allé
    #[command(subcommand)]
    Custody(custody::CustodyCommand),
    /// Which state reported which month · Quel État a déclaré quel mois
    Calendar(calendar::CalendarArgs),
    /// Close months, and prove what was closed · Clore des mois, et prouver ce qui fut clos
    #[command(subcommand)]
    Month(month::MonthCommand),
    /// Production, exports, imports and stocks · Production, exportations, importations et stocks
    Statistics(statistics::StatisticsArgs),
    /// Records that were refused, with their findings · Fiches refusées, avec leurs constats
    #[command(subcommand)]
    Quarantine(quarantine::QuarantineCommand),
    /// Apply again what was refused, after an upgrade · Réappliquer ce qui fut refusé, après une mise à jour
    Reapply(reapply::ReapplyArgs),
    /// Records that name another one which never came · Fiches qui en nomment une autre jamais venue
    #[command(subcommand)]
    Parked(parked::ParkedCommand),
    /// Limits of the rules, and who changed them · Limites des règles, et qui les a changées
    #[command(subcommand)]
    Parameter(parameter::ParameterCommand),
    /// Trade statistics of partners outside · Statistiques commerciales de partenaires extérieurs
    #[command(subcommand)]
    Partner(partner::PartnerCommand),
    /// What states had erased, by order · Ce que les États ont fait effacer, sur ordre
    #[command(subcommand)]
    Erasures(erasures::ErasuresCommand),
    /// Prove what was kept · Prouver ce qui est conservé
    #[command(subcommand)]
    Ledger(ledger::LedgerCommand),
    /// Judge what states say about each other · Juger ce que les États disent les uns des autres
    #[command(subcommand)]
    Reconcile(reconcile::ReconcileCommand),
    /// What was found, and everything behind it · Les constats, et tout ce qui est derrière
    #[command(subcommand)]
    Finding(finding::FindingCommand),
    /// What was restored, cloned or rewritten · Ce qui a été restauré, cloné ou réécrit
    #[command(subcommand)]
    Recover(recover::RecoverCommand),
    /// The monthly report: pages, workbook, text files · Le rapport mensuel : pages, classeur, fichiers texte
    Report(report::ReportArgs),
    /// Proofs that somebody rewrote a feed · Preuves qu'un flux a été réécrit
    #[command(subcommand)]
    Evidence(evidence::EvidenceCommand),
    /// Who audits from outside, and the auditor's own tool · Qui audite de l'extérieur, et l'outil de l'auditeur
    #[command(subcommand)]
    Auditor(auditor::AuditorCommand),
    /// Show or check the configuration · Montrer ou vérifier la configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Completions for a shell · Complétions pour un interpréteur
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub completions bash > /etc/bash_completion.d/rmd-hub"
    )]
    Completions {
        /// The shell · L'interpréteur
        shell: Shell,
    },
}

/// Reads the command line and does what it asks for.
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
    let result = runtime.block_on(Box::pin(dispatch(&global, command)));
    match result {
        Ok(code) => code,
        Err(failure) => failure.report(global.format()),
    }
}

async fn dispatch(global: &Global, command: Command) -> Result<ExitCode, Failure> {
    match command {
        Command::Init(args) => init::init(global, args).await?,
        Command::Migrate => migrate::migrate(global).await?,
        Command::Node(command) => node::node(global, command).await?,
        Command::Key(command) => key::key(global, command).await?,
        Command::Run => return run::run(global).await,
        Command::Status => status::status(global).await?,
        Command::Site(command) => site::site(global, command).await?,
        Command::Exporter(command) => exporter::exporter(global, command).await?,
        Command::Appeal(command) => appeal::appeal(global, command).await?,
        Command::Bulletin(command) => bulletin::bulletin(global, command).await?,
        Command::Bundle(command) => return bundle::bundle(global, command).await,
        Command::Case(command) => case::case(global, command).await?,
        Command::Custody(command) => custody::custody(global, &command).await?,
        Command::Calendar(args) => calendar::calendar(global, args).await?,
        Command::Month(command) => return month::month(global, command).await,
        Command::Statistics(args) => statistics::statistics(global, args).await?,
        Command::Quarantine(command) => quarantine::quarantine(global, command).await?,
        Command::Reapply(args) => reapply::reapply(global, args).await?,
        Command::Parked(command) => parked::parked(global, command).await?,
        Command::Parameter(command) => parameter::parameter(global, command).await?,
        Command::Partner(command) => return partner::partner(global, command).await,
        Command::Erasures(command) => return erasures::erasures(global, command).await,
        Command::Ledger(command) => return ledger::ledger(global, command).await,
        Command::Reconcile(command) => reconcile::reconcile(global, command).await?,
        Command::Finding(command) => finding::finding(global, command).await?,
        Command::Recover(command) => recover::recover(global, command).await?,
        Command::Report(args) => report::report(global, args).await?,
        Command::Evidence(command) => return evidence::evidence(global, &command).await,
        Command::Auditor(command) => return auditor::auditor(global, command).await,
        Command::Config(command) => config::config(global, &command)?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rmd-hub", &mut script);
            rmd_runtime::output::line(&String::from_utf8_lossy(&script))?;
        }
    }
    Ok(exit::code(exit::OK))
}

#[cfg(test)]
mod tests;
