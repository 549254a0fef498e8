//! `rmd-hub appeal`: appeals against decisions, and what became of them.

use clap::Subcommand;
use jiff::civil::Date;
use rmd_runtime::output;

use super::{
    Failure, Global, open,
    subject::{self, Stated},
};
use crate::{
    share::decision::Status,
    standing::appeal::{self, Appeal, Outcome, Statement},
};

#[derive(Debug, Subcommand)]
pub(crate) enum AppealCommand {
    /// Record an appeal; the decision stays in force · Enregistrer un recours ; la décision reste en vigueur
    #[command(after_help = OPEN_EXAMPLE)]
    Open {
        /// Number of the decision, as 2026-0012 · Numéro de la décision
        decision_id: String,
        #[command(flatten)]
        stated: Stated,
        /// Last day for the ruling · Dernier jour pour trancher
        #[arg(long, value_name = "DAY")]
        deadline: Date,
    },
    /// Open appeals, with their deadlines · Recours en cours, avec leurs délais
    #[command(after_help = "Example · Exemple:\n  rmd-hub appeal list --all --json")]
    List {
        /// Also those that were ruled on · Aussi ceux déjà tranchés
        #[arg(long)]
        all: bool,
    },
    /// Everything about one appeal · Tout sur un recours
    #[command(after_help = "Example · Exemple:\n  rmd-hub appeal show A-2026-0001")]
    Show {
        /// Number of the appeal · Numéro du recours
        appeal_id: String,
    },
    /// Rule on an appeal; upheld, it lifts the decision · Trancher ; accueilli, il lève la décision
    #[command(after_help = DECIDE_EXAMPLE)]
    Decide {
        /// Number of the appeal · Numéro du recours
        appeal_id: String,
        /// What becomes of it · Ce qu'il en advient
        outcome: Outcome,
        /// The status that holds once it is upheld · Le statut qui vaut s'il est accueilli
        #[arg(long)]
        status: Option<Status>,
        #[command(flatten)]
        stated: Stated,
    },
}

const OPEN_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub appeal open 2026-0012 --by 'Ministry of Mines' --reason 'Site inspected since' \\
      --document appeal.pdf --deadline 2026-12-31";

const DECIDE_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub appeal decide A-2026-0001 upheld --status green --by 'Executive Secretary' \\
      --reason 'The report is conclusive' --document ruling.pdf
  rmd-hub appeal decide A-2026-0002 dismissed --by 'Executive Secretary' \\
      --reason 'Nothing new' --document ruling-2.pdf";

pub(super) async fn appeal(global: &Global, command: AppealCommand) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let today = hub.clock.today();
    let appeal = match command {
        AppealCommand::Open { decision_id, stated, deadline } => {
            let publisher = subject::publisher(&hub).await?;
            appeal::lodge(&publisher, &decision_id, &statement(stated)?, deadline).await?
        }
        AppealCommand::List { all } => {
            let appeals = appeal::list(&mut *hub.store.acquire().await?, all, today).await?;
            global
                .format()
                .print(&serde_json::json!({"appeals": appeals}), |_| list_text(&appeals))?;
            return Ok(());
        }
        AppealCommand::Show { appeal_id } => {
            appeal::find(&mut *hub.store.acquire().await?, &appeal_id, today).await?
        }
        AppealCommand::Decide { appeal_id, outcome, status, stated } => {
            let publisher = subject::publisher(&hub).await?;
            let statement = statement(stated)?;
            appeal::rule(&publisher, &appeal_id, outcome, status, &statement).await?
        }
    };
    global.format().print(&appeal, text)?;
    Ok(())
}

fn statement(stated: Stated) -> Result<Statement, Failure> {
    let (document_name, document_sha256) = subject::digest(&stated.document)?;
    Ok(Statement { by: stated.by, ground: stated.reason, document_name, document_sha256 })
}

fn text(appeal: &Appeal) -> String {
    let mut lines = vec![format!(
        "appeal · recours {}: {}{}\n{} {}, decision · décision {} ({})\ndeadline · délai: {}",
        appeal.id,
        appeal.state,
        if appeal.is_overdue { ", overdue · en retard" } else { "" },
        appeal.entity,
        appeal.record_key,
        appeal.decision_id,
        appeal.decided_status,
        appeal.deadline,
    )];
    for step in &appeal.history {
        lines.push(format!(
            "{} {} ({}): {} [{} {}]",
            step.on, step.event, step.by, step.ground, step.document_name, step.document_sha256
        ));
    }
    if let Some(lifting) = &appeal.lifting_decision_id {
        lines.push(format!("lifted by decision · levée par la décision {lifting}"));
    }
    lines.join("\n")
}

fn list_text(appeals: &[Appeal]) -> String {
    let row = |appeal: &Appeal| {
        vec![
            appeal.id.clone(),
            appeal.decision_id.clone(),
            appeal.record_key.clone(),
            appeal.history.first().map(|step| step.by.clone()).unwrap_or_default(),
            appeal.deadline.clone(),
            if appeal.is_overdue { "overdue · en retard" } else { appeal.state }.to_owned(),
        ]
    };
    let heads = [
        "appeal · recours",
        "decision · décision",
        "about · au sujet de",
        "by · par",
        "deadline · délai",
        "state · état",
    ];
    output::table(&heads, &appeals.iter().map(row).collect::<Vec<_>>())
}
