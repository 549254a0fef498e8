//! `rmd-hub site show|set-status`: one mine site and the Secretariat's decision.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use rmd_standard::effective::Policy;

use super::{Failure, Global, open, show};
use crate::share::{self, decision, site};

#[derive(Debug, Subcommand)]
pub(crate) enum SiteCommand {
    /// Declared, decided and effective status of a site · Statuts déclaré, décidé et effectif
    #[command(after_help = "Example · Exemple:\n  rmd-hub site show CD-1.5234+28.9000-1234")]
    Show {
        /// Regional identifier of the site · Identifiant régional du site
        icglr_id: String,
    },
    /// Record a decision of the Secretariat and publish it · Enregistrer et publier une décision
    #[command(after_help = SET_STATUS_EXAMPLE)]
    SetStatus(SetStatus),
}

const SET_STATUS_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub site set-status CD-1.5234+28.9000-1234 red --by 'Executive Secretary' \\
      --reason 'Annex II abuses confirmed' --document decision-12.pdf

Without --lifts the worse of the declared and the decided status counts.
Sans --lifts, le pire des statuts déclaré et décidé compte.";

#[derive(Debug, clap::Args)]
pub(crate) struct SetStatus {
    /// Regional identifier of the site · Identifiant régional du site
    icglr_id: String,
    /// The status decided · Le statut décidé
    status: decision::Status,
    /// Who decided · Qui a décidé
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Ground of the decision · Motif de la décision
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Document on which it rests; its SHA-256 is published · Document ; son SHA-256 est publié
    #[arg(long, value_name = "FILE")]
    document: PathBuf,
    /// Also overrides a worse declared status · Lève aussi un statut déclaré pire
    #[arg(long)]
    lifts: bool,
}

pub(super) async fn site(global: &Global, command: SiteCommand) -> Result<(), Failure> {
    match command {
        SiteCommand::Show { icglr_id } => {
            let hub = open::open(global).await?;
            let mut connection = hub.store.acquire().await?;
            let found = site::find(&mut connection, &icglr_id).await?;
            let shown = show::site(&mut connection, &hub, found).await?;
            global.format().print(&shown, show::site_text)?;
        }
        SiteCommand::SetStatus(args) => set_status(global, args).await?,
    }
    Ok(())
}

async fn set_status(global: &Global, args: SetStatus) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let (document_name, document_sha256) = digest(&args.document)?;
    let new = decision::NewDecision {
        status: args.status,
        decided_by: args.by,
        ground: args.reason,
        document_name,
        document_sha256,
        lifts: args.lifts,
    };
    let shared = share::Publisher::open(
        hub.store.clone(),
        &hub.dir,
        hub.clock.clone(),
        Policy { yellow_months: hub.config.share.yellow_months },
    )
    .await?;
    let published = shared.decide(&args.icglr_id, new).await?;
    global.format().print(&published, |published| {
        format!(
            "decision {0} recorded · décision {0} enregistrée\n{1}: effective · effectif = {2} ({3})\n\
             bulletin {4}, sent by `rmd-hub run` · bulletin {4}, envoyé par `rmd-hub run`",
            published.decision_id,
            published.icglr_id,
            published.effective_status,
            published.effective_reason,
            published.seq,
        )
    })?;
    Ok(())
}

/// Name and SHA-256 of the document on which a decision rests.
fn digest(path: &Path) -> Result<(String, [u8; 32]), Failure> {
    use sha2::Digest as _;
    let mut hasher = sha2::Sha256::new();
    let read = std::fs::File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut hasher));
    let bytes = read.map_err(|error| share::Error::Document { path: path.to_owned(), error })?;
    if bytes == 0 {
        return Err(share::Error::DocumentEmpty(path.to_owned()).into());
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((name, hasher.finalize().into()))
}
