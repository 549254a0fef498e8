//! What can be done with a site and with an exporter alike: history, reminders,
//! decisions.

use std::path::{Path, PathBuf};

use jiff::{SignedDuration, Timestamp, civil::Date, tz::Offset};
use rmd_runtime::output;
use rmd_standard::{Entity, effective::Policy};

use super::{Failure, Global, open};
use crate::{
    share::{self, Publisher, decision, exporter, site},
    standing::{
        intake,
        reminder::{self, Reminder},
        timeline::{self, Answer, Asked, Span},
    },
};

/// Which point of the history is asked for.
#[derive(Debug, Clone, clap::Args)]
// Commands that take it have its name.
#[group(skip)]
pub(crate) struct History {
    /// Only what held on this day · Seulement ce qui valait ce jour
    #[arg(long, value_name = "DAY")]
    day: Option<Date>,
    /// As known at this instant, or at the end of this day; else now · Tel que su à cet instant
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    known_at: Option<Timestamp>,
}

/// Which reminders are meant.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Reminders {
    /// Also those that were replaced or taken back · Aussi ceux remplacés ou repris
    #[arg(long)]
    all: bool,
    /// At most so many · Au plus autant
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
}

/// A decision as an officer states it.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Decide {
    /// The status decided · Le statut décidé
    status: decision::Status,
    #[command(flatten)]
    stated: Stated,
    /// Also overrides a worse declared status · Lève aussi un statut déclaré pire
    #[arg(long)]
    lifts: bool,
}

/// Who says something, why, and on which document it rests.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Stated {
    /// Who says it · Qui le dit
    #[arg(long, value_name = "WHO")]
    pub(super) by: String,
    /// Ground · Motif
    #[arg(long, value_name = "TEXT")]
    pub(super) reason: String,
    /// Document on which it rests; its SHA-256 is kept · Document ; son SHA-256 est conservé
    #[arg(long, value_name = "FILE")]
    pub(super) document: PathBuf,
}

/// An instant, or the last one of a day in UTC+2.
fn instant(text: &str) -> Result<Timestamp, String> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return Ok(instant);
    }
    let wrong = || {
        format!(
            "`{text}` is neither a day as 2026-03-31 nor an instant as 2026-03-31T12:00:00Z / \
             n'est ni un jour comme 2026-03-31 ni un instant comme 2026-03-31T12:00:00Z"
        )
    };
    let day: Date = text.parse().map_err(|_| wrong())?;
    let next = day.tomorrow().map_err(|_| wrong())?.to_datetime(jiff::civil::Time::midnight());
    let next = Offset::constant(2).to_timestamp(next).map_err(|_| wrong())?;
    next.checked_sub(SignedDuration::from_micros(1)).map_err(|_| wrong())
}

pub(super) async fn publisher(hub: &open::Opened) -> Result<Publisher, Failure> {
    let policy = policy(hub);
    let (store, clock) = (hub.store.clone(), hub.clock.clone());
    Ok(Publisher::open(store, &hub.dir, clock, policy).await?)
}

pub(super) fn policy(hub: &open::Opened) -> Policy {
    hub.config.share.policy()
}

/// Prints the history of a status.
pub(super) async fn history(
    global: &Global,
    entity: Entity,
    (key, id): (&str, &str),
    asked: History,
) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    // The running hub reads what comes; what it has not read yet is read now.
    while intake::step(&hub.store).await? {}
    let mut connection = hub.store.acquire().await?;
    let asked = Asked {
        entity,
        record_key: key,
        day: asked.day,
        known_at: asked.known_at.unwrap_or_else(|| hub.clock.now()),
        today: hub.clock.today(),
    };
    let Some(answer) = timeline::read(&mut connection, asked, &policy(&hub)).await? else {
        return Err(match entity {
            Entity::ExporterStatus => exporter::unknown(&mut connection, id).await?.into(),
            _ => site::unknown(&mut connection, id).await?.into(),
        });
    };
    global.format().print(&answer, history_text)?;
    Ok(())
}

fn history_text(answer: &Answer) -> String {
    let mut lines = vec![format!(
        "{} ({}), as known at · tel que su à {}",
        answer.record_key, answer.country, answer.known_at
    )];
    if let (Some(day), Some(held)) = (&answer.day, &answer.held) {
        lines.push(format!("{day}: {}", span_text(held)));
    }
    lines.push("course · évolution:".to_owned());
    lines.extend(answer.course.iter().map(|span| format!("  {}", span_text(span))));
    lines.push("revisions · révisions:".to_owned());
    for said in &answer.revisions {
        lines.push(format!(
            "  {} {} rev {} ({}): {} {} [{}]",
            said.known_at,
            said.op,
            said.rev,
            said.node_id,
            said.status,
            said.since,
            said.inspections.join(", ")
        ));
    }
    for decided in &answer.decisions {
        lines.push(format!(
            "decided · décidé: {} {} {} ({}){}: {}",
            decided.decided_on,
            decided.decision_id,
            decided.status,
            decided.decided_by,
            if decided.lifts { " lifts · lève" } else { "" },
            decided.ground
        ));
    }
    for appeal in &answer.appeals {
        lines.push(format!(
            "appeal · recours: {} {} → {}, deadline · délai {}",
            appeal.id, appeal.decision_id, appeal.state, appeal.deadline
        ));
    }
    lines.join("\n")
}

fn span_text(span: &Span) -> String {
    let until = span.until.as_deref().unwrap_or("…");
    let expected = if span.is_expected { " expected · attendu" } else { "" };
    format!("{} {} → {until} ({}){expected}", span.status, span.since, span.reason)
}

/// Prints the reminders of one record type.
pub(super) async fn reminders(
    global: &Global,
    entity: Entity,
    which: Reminders,
) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let sent = reminder::list(&mut connection, entity, which.all, which.limit).await?;
    global.format().print(&serde_json::json!({"reminders": sent}), |_| {
        let row = |one: &Reminder| {
            vec![
                one.record_key.clone(),
                format!("{} → {}", one.status, one.next_status),
                one.until.clone(),
                one.days.to_string(),
                one.node_id.clone(),
                one.sent_on.clone(),
                one.cleared_on.clone().unwrap_or_default(),
            ]
        };
        let heads = [
            "key · clé",
            "status · statut",
            "until · jusqu'au",
            "days · jours",
            "node · nœud",
            "sent · envoyé",
            "over · levé",
        ];
        output::table(&heads, &sent.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(())
}

/// Records a decision and prints what it led to.
pub(super) async fn set_status(
    global: &Global,
    entity: Entity,
    id: &str,
    decide: Decide,
) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let Decide { status, stated, lifts } = decide;
    let (document_name, document_sha256) = digest(&stated.document)?;
    let new = decision::NewDecision {
        status,
        decided_by: stated.by,
        ground: stated.reason,
        document_name,
        document_sha256,
        lifts,
    };
    let published = publisher(&hub).await?.decide_about(entity, id, new).await?;
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

/// Builds the history again and prints whether it is the same.
pub(super) async fn rebuild(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let rebuilt = intake::rebuild(&hub.store).await?;
    global.format().print(&rebuilt, |rebuilt| {
        let same = if rebuilt.is_same { "the same · identiques" } else { "changed · modifiées" };
        format!("{} → {} revisions · révisions, {same}", rebuilt.before, rebuilt.after)
    })?;
    Ok(())
}

/// Name and SHA-256 of a document.
pub(super) fn digest(path: &Path) -> Result<(String, [u8; 32]), Failure> {
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
