//! `rmd-node status`: sizes, counts, pauses and the last passes.

mod alarm;
mod pause;

use rmd_runtime::output;
use serde::Serialize;

use self::pause::Pauses;
use super::{Failure, Global, open};
use crate::{
    api, inbox,
    journal::{
        audit, boot,
        brake::report as brake,
        clock, enrolment,
        marks::{self, Pass, Source},
        report::{self, EntityReport, FeedReport},
        revocation::{self, Revocation},
    },
    server::{self, RunLock},
    sheets::ledger,
};

#[derive(Debug, Serialize)]
struct Status {
    /// None before the enrolment.
    identity: Option<String>,
    country: String,
    name: String,
    /// None while the node does not run.
    pid: Option<i64>,
    as_of: String,
    source: Option<Source>,
    /// None when the mapping cannot be read.
    mapping_id: Option<String>,
    boot_number: i64,
    /// The hub as it last said hello.
    peer: Option<audit::SeenPeer>,
    certificate_until_us: Option<i64>,
    /// That the certificate was refused as revoked; none if nobody did.
    revoked: Option<Revocation>,
    /// Why nothing is appended and nobody dialled; none under a sound clock.
    clock_fault: Option<String>,
    /// Hours and cap, and until when they hold something up.
    pauses: Pauses,
    feeds: Vec<FeedReport>,
    entities: Vec<EntityReport>,
    /// Open trips of the brake.
    brake: Vec<brake::Braking>,
    capture: Vec<Pass>,
    sheets: ledger::Counts,
    inbox: InboxStatus,
    /// What the API holds; none if it was never used.
    api: Option<Vec<api::report::EntityReport>>,
}

#[derive(Debug, Serialize)]
struct InboxStatus {
    cursor: i64,
    bulletins: i64,
    /// What the hub finds on the own records.
    verdicts: inbox::verdict::Counts,
    feeds: Vec<inbox::report::Followed>,
}

pub(super) async fn status(global: &Global) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    let store = &opened.store;
    let enrolment = enrolment::load(store).await?;
    let boot = boot::last(store).await?;
    let is_running = RunLock::is_taken(&opened.directory);
    let mapping = server::load_mapping(&opened.directory, &opened.config).ok();
    let zone = opened.config.clock.zone().ok().flatten();
    let zone = zone.or_else(|| mapping.as_ref().map(|mapping| mapping.zone.clone()));
    let pauses = Pauses::at(store.clock().now(), &opened.config, zone.as_ref());
    let (cursor, bulletins) = inbox::report::counts(store).await?;
    let status = Status {
        identity: enrolment.as_ref().map(|enrolment| enrolment.identity.clone()),
        country: opened.config.node.country.alpha3().to_owned(),
        name: opened.config.node.name.clone(),
        pid: boot.filter(|_| is_running).map(|boot| boot.pid),
        as_of: store.clock().today().to_string(),
        source: marks::source(store).await?,
        mapping_id: mapping.map(|mapping| mapping.id),
        boot_number: boot.map_or(0, |boot| boot.number),
        peer: audit::last_hub(store).await?,
        certificate_until_us: enrolment.map(|enrolment| enrolment.not_after_us),
        revoked: revocation::find(store).await?,
        clock_fault: clock::check(store).await.err().map(|error| error.to_string()),
        pauses,
        feeds: report::feeds(store).await?,
        entities: report::entities(store).await?,
        brake: brake::trips(store, false, None).await?,
        capture: marks::passes(store).await?,
        sheets: ledger::counts(store).await?,
        api: api::report::entities(&opened.directory.api_store(), store.clock().clone()).await?,
        inbox: InboxStatus {
            cursor,
            bulletins,
            verdicts: inbox::verdict::counts(store).await?,
            feeds: inbox::report::feeds(store).await?,
        },
    };
    global.format().print(&status, text)?;
    Ok(())
}

fn text(status: &Status) -> String {
    let identity = status.identity.as_deref().unwrap_or("not enrolled · non inscrit");
    let running = match status.pid {
        Some(pid) => format!("runs, pid {pid} · en marche"),
        None => "does not run · à l'arrêt".to_owned(),
    };
    let source = status.source.as_ref().map_or_else(
        || "not read yet · pas encore lue".to_owned(),
        |source| format!("{} {}", source.kind, source.server_version),
    );
    let hub = status.peer.as_ref().map_or_else(
        || "has not called yet · n'a pas encore appelé".to_owned(),
        |peer| {
            format!(
                "{} ({}, {})",
                peer.identity,
                peer.tls_version,
                open::instant(Some(peer.last_seen_us))
            )
        },
    );
    [
        format!(
            "{identity}: {running}, boot {}\nas of · au: {}{}",
            status.boot_number,
            status.as_of,
            alarm::lines(status.revoked.as_ref(), status.clock_fault.as_deref()),
        ),
        [format!("source: {source}\nhub · pivot: {hub}")]
            .into_iter()
            .chain(status.pauses.lines())
            .chain([String::new()])
            .collect::<Vec<_>>()
            .join("\n"),
        feeds(&status.feeds),
        String::new(),
        entities(&status.entities),
        braked(&status.brake),
        String::new(),
        passes(&status.capture),
        sheets(&status.sheets),
        format!(
            "\ninbox · réception: {} sites, cursor {}; verdicts: {} records · fiches{}",
            status.inbox.bulletins,
            status.inbox.cursor,
            status.inbox.verdicts.records,
            frozen(&status.inbox.feeds)
        ),
        posted(status.api.as_deref().unwrap_or_default()),
    ]
    .join("\n")
}

fn feeds(feeds: &[FeedReport]) -> String {
    let row = |feed: &FeedReport| {
        vec![feed.feed.to_owned(), feed.epoch.to_string(), feed.size.to_string(), feed.root.clone()]
    };
    output::table(
        &["feed · flux", "epoch", "size · taille", "root · racine"],
        &feeds.iter().map(row).collect::<Vec<_>>(),
    )
}

fn entities(entities: &[EntityReport]) -> String {
    let row = |report: &EntityReport| {
        let rules: Vec<String> =
            report.refused_by_rule.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
        vec![
            report.entity.to_owned(),
            report.entitlement.to_string(),
            report.published.to_string(),
            report.off.to_string(),
            report.refused.to_string(),
            report.held.to_string(),
            report.captured.to_string(),
            rules.join(", "),
        ]
    };
    output::table(
        &[
            "record",
            "level · niveau",
            "published · publiées",
            "kept · gardées",
            "refused · refusées",
            "held · retenues",
            "captured · captées",
            "rules · règles",
        ],
        &entities.iter().map(row).collect::<Vec<_>>(),
    )
}

/// What an operator has to look at; nothing where the brake holds nothing.
fn braked(trips: &[brake::Braking]) -> String {
    let line = |trip: &brake::Braking| {
        format!(
            "\nbrake · frein: {} {} held · retenues, see · voir `rmd-node brake show {}`",
            trip.held, trip.entity, trip.trip_id
        )
    };
    trips.iter().map(line).collect()
}

fn passes(passes: &[Pass]) -> String {
    let row = |pass: &Pass| {
        vec![
            pass.entity.clone(),
            pass.table.clone(),
            pass.mode.clone(),
            pass.passes.to_string(),
            pass.rows_read.to_string(),
            open::instant(pass.last_finished_us),
            pass.last_error.clone().unwrap_or_default(),
        ]
    };
    output::table(
        &[
            "record",
            "table",
            "mode",
            "passes · passages",
            "rows · lignes",
            "last · dernier",
            "fault · faute",
        ],
        &passes.iter().map(row).collect::<Vec<_>>(),
    )
}

fn sheets(counts: &ledger::Counts) -> String {
    let last = counts.last_file.as_deref().map_or_else(String::new, |file| {
        format!(", last · dernier: {file} ({})", open::instant(counts.last_at_us))
    });
    format!(
        "\nsheets · feuilles: {} files · fichiers, {} failed · en échec, {} refused rows waiting · lignes refusées en attente{last}",
        counts.files, counts.failed, counts.refused_waiting
    )
}

fn posted(entities: &[api::report::EntityReport]) -> String {
    if entities.is_empty() {
        return "api: not used yet · pas encore utilisée".to_owned();
    }
    let row = |report: &api::report::EntityReport| {
        vec![
            report.entity.to_owned(),
            report.posted.to_string(),
            report.published.to_string(),
            report.pending.to_string(),
        ]
    };
    let heads = ["api", "posted · reçues", "published · publiées", "pending · en attente"];
    output::table(&heads, &entities.iter().map(row).collect::<Vec<_>>())
}

fn frozen(feeds: &[inbox::report::Followed]) -> String {
    let mut lines = vec![String::new()];
    for feed in feeds.iter().filter(|feed| feed.state == "frozen") {
        lines.push(format!("{} frozen · gelé: {}", feed.feed, feed.frozen_message));
    }
    lines.join("\n")
}
