//! `rmd-hub auditor …`: who may audit, and the auditor's own tool.
//!
//! `invite`, `list` and `revoke` work on the hub of `--dir`. Everything else works on
//! a folder of the auditor's own, where no hub is.

mod own;
mod registry;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use rmd_runtime::exit;

use super::{Failure, Global};

const FOLLOWING: &str = "Example · Exemple:
  rmd-hub auditor follow --dir /srv/audit
  rmd-hub auditor follow --once --dir /srv/audit --json

Exit codes · Codes de sortie:
  0   nothing contradicts what was signed · rien ne contredit ce qui est signé
  65  something does; see the findings · une contradiction ; voyez les constats
  66  no auditor in the folder · pas d'auditeur dans ce répertoire
  69  the hub does not answer · le pivot ne répond pas
  77  the hub refuses this auditor · le pivot refuse cet auditeur";

/// What can be done about and by auditors.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditorCommand {
    /// Make a single-use token for an auditor · Créer un jeton à usage unique pour un auditeur
    #[command(after_help = "Example · Exemple:\n  rmd-hub auditor invite audit-office --json")]
    Invite {
        /// Name of the auditor: a-z, 0-9, `-` · Nom de l'auditeur
        name: String,
    },
    /// List the auditors and how far each is · Lister les auditeurs et où en est chacun
    #[command(after_help = "Example · Exemple:\n  rmd-hub auditor list")]
    List,
    /// Revoke an auditor's certificates and invitations · Révoquer certificats et invitations d'un auditeur
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub auditor revoke audit-office --by \"A. Officer\" --reason \"The mandate ended\""
    )]
    Revoke {
        /// Name of the auditor · Nom de l'auditeur
        name: String,
        /// Who decides · Qui décide
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why · Pourquoi
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Auditor: trade the token for a certificate · Auditeur : échanger le jeton contre un certificat
    Enrol(EnrolArgs),
    /// Auditor: follow the checkpoints and prove them · Auditeur : suivre et prouver les points de contrôle
    Follow(FollowArgs),
    /// Auditor: what is kept and was found, without a network · Auditeur : ce qui est gardé et constaté, sans réseau
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub auditor show --dir /srv/audit --json\n\nExit code 65 if a finding is grave · Code 65 si un constat est grave"
    )]
    Show,
    /// Auditor: write the evidence of a finding · Auditeur : écrire la preuve d'un constat
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub auditor export 3 --dir /srv/audit > evidence.txt\n  rmd-hub evidence verify evidence.txt --vkey KEY"
    )]
    Export {
        /// Number of the finding, as `show` lists it · Numéro du constat
        finding: i64,
    },
    /// Compare what two were shown, without a network · Comparer ce que deux ont vu, sans réseau
    Compare(CompareArgs),
}

/// What `auditor enrol` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-hub auditor enrol --token-file token.txt --dir /srv/audit\n  rmd-hub auditor enrol - --dir /srv/audit < token.txt"
)]
pub(crate) struct EnrolArgs {
    /// `-` for standard input; arguments can be seen by other users · `-` pour l'entrée standard
    #[arg(required_unless_present = "token_file", conflicts_with = "token_file")]
    token: Option<String>,
    /// File that holds the token · Fichier qui contient le jeton
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

/// What `auditor follow` is told.
#[derive(Debug, Args)]
#[command(after_help = FOLLOWING)]
pub(crate) struct FollowArgs {
    /// Take and prove what there is now, then end · Prendre et prouver ce qu'il y a, puis finir
    #[arg(long)]
    once: bool,
    /// Where the hub answers auditors; else what it said · Où le pivot répond aux auditeurs
    #[arg(long, value_name = "HOST:PORT")]
    hub: Option<String>,
}

/// What `auditor compare` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-hub auditor compare /srv/audit-a /srv/audit-b --evidence found/\n  rmd-hub auditor compare /srv/audit receipts.txt\n\nExit code 0 if they agree, 65 if not · Code 0 s'ils s'accordent, 65 sinon"
)]
pub(crate) struct CompareArgs {
    /// An auditor's folder, or a file of signed notes · Répertoire d'un auditeur, ou fichier de notes signées
    one: PathBuf,
    /// The other one · L'autre
    other: PathBuf,
    /// Key of a node, where neither side has seen it; may be repeated · Clé d'un nœud
    #[arg(long, value_name = "VKEY")]
    vkey: Vec<String>,
    /// Folder for the evidence, a file each · Répertoire pour les preuves
    #[arg(long, value_name = "DIR")]
    evidence: Option<PathBuf>,
}

pub(super) async fn auditor(global: &Global, command: AuditorCommand) -> Result<ExitCode, Failure> {
    match command {
        AuditorCommand::Invite { name } => registry::invite(global, &name).await?,
        AuditorCommand::List => registry::list(global).await?,
        AuditorCommand::Revoke { name, by, reason } => {
            registry::revoke(global, &name, &by, &reason).await?;
        }
        AuditorCommand::Enrol(args) => own::enrol(global, &args).await?,
        AuditorCommand::Follow(args) => return own::follow(global, args).await,
        AuditorCommand::Show => return own::show(global).await,
        AuditorCommand::Export { finding } => own::export(global, finding).await?,
        AuditorCommand::Compare(args) => return own::compare(global, &args).await,
    }
    Ok(exit::code(exit::OK))
}
