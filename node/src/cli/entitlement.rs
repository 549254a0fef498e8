//! `rmd-node entitlement`: what may leave of each record type.

use clap::{Args, Subcommand};
use rmd_runtime::output;
use rmd_standard::Entity;
use serde::Serialize;

use super::{Failure, Global, open, preview::entity_named, progress};
use crate::journal::{
    ANSWERS, FEEDS,
    entitlement::{self, Change, Level},
    report::{self, EntityReport},
};

/// What can be done with entitlements.
#[derive(Debug, Subcommand)]
pub(super) enum EntitlementCommand {
    /// Show what may leave · Montrer ce qui peut sortir
    #[command(after_help = "Example · Exemple:\n  rmd-node entitlement show --json")]
    Show,
    /// Let a feed, or one record type of it, leave · Laisser sortir un flux, ou un de ses types
    #[command(
        after_help = "Example · Exemple:\n  rmd-node entitlement grant transactions\n  rmd-node entitlement grant transactions Lot --level shadow"
    )]
    Grant {
        #[command(flatten)]
        scope: Scope,
        /// shadow or live · shadow ou live
        #[arg(long, default_value = "live")]
        level: Level,
    },
    /// Withdraw a feed, or one record type of it · Retirer un flux, ou un de ses types
    #[command(
        after_help = "Example · Exemple:\n  rmd-node entitlement revoke transactions ExportDeclaration"
    )]
    Revoke {
        #[command(flatten)]
        scope: Scope,
    },
}

/// A feed, and a record type of it.
#[derive(Debug, Args)]
pub(super) struct Scope {
    /// master-data or transactions · master-data ou transactions
    feed: String,
    /// One record type; without it, all of the feed · Un type ; sinon tous ceux du flux
    entity: Option<String>,
}

#[derive(Debug, Serialize)]
struct Shown {
    entitlements: Vec<EntityReport>,
}

#[derive(Debug, Serialize)]
struct Changed {
    changes: Vec<Change>,
}

pub(super) async fn entitlement(
    global: &Global,
    command: EntitlementCommand,
) -> Result<(), Failure> {
    let (scope, level) = match command {
        EntitlementCommand::Show => return show(global).await,
        EntitlementCommand::Grant { level: Level::Off, .. } => {
            return Err(Failure::usage(
                "--level off grants nothing; use `entitlement revoke` / utilisez `entitlement revoke`",
            ));
        }
        EntitlementCommand::Grant { scope, level } => (scope, level),
        EntitlementCommand::Revoke { scope } => (scope, Level::Off),
    };
    let entities = scope.entities()?;
    let opened = open::open(global).await?;
    let owner = open::owner(&opened).await?;
    let spinner = progress::spinner("withdrawing · retrait");
    let changes = entitlement::set(&opened.store, owner.as_ref(), &entities, level, &|withdrawn| {
        spinner.set_position(withdrawn);
    })
    .await;
    spinner.finish_and_clear();
    global.format().print(&Changed { changes: changes? }, changed_text)?;
    Ok(())
}

async fn show(global: &Global) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    let entitlements = report::entities(&opened.store).await?;
    global.format().print(&Shown { entitlements }, |shown| {
        let row = |report: &EntityReport| {
            vec![
                report.feed.to_owned(),
                report.entity.to_owned(),
                report.entitlement.to_string(),
                report.published.to_string(),
                report.off.to_string(),
            ]
        };
        let heads =
            ["feed · flux", "record", "level · niveau", "published · publiées", "kept · gardées"];
        output::table(&heads, &shown.entitlements.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(())
}

impl Scope {
    fn entities(&self) -> Result<Vec<Entity>, Failure> {
        let feeds: Vec<&str> = FEEDS.into_iter().filter(|feed| *feed != ANSWERS).collect();
        if !feeds.contains(&self.feed.as_str()) {
            return Err(Failure::usage(format!(
                "`{}` is no feed of a node; expected {} / flux inconnu",
                self.feed,
                feeds.join(", ")
            )));
        }
        let Some(name) = &self.entity else {
            return Ok(Entity::ALL.into_iter().filter(|e| e.feed() == self.feed).collect());
        };
        let entity = entity_named(name)?;
        if entity.feed() != self.feed {
            return Err(Failure::usage(format!(
                "{entity} is in feed {}, not in {} / ce type est dans un autre flux",
                entity.feed(),
                self.feed
            )));
        }
        Ok(vec![entity])
    }
}

fn changed_text(changed: &Changed) -> String {
    let row = |change: &Change| {
        vec![
            change.feed.to_owned(),
            change.entity.to_owned(),
            format!("{} → {}", change.before, change.after),
            change.withdrawn.to_string(),
        ]
    };
    let heads = ["feed · flux", "record", "level · niveau", "withdrawn · retirées"];
    output::table(&heads, &changed.changes.iter().map(row).collect::<Vec<_>>())
}
