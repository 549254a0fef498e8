//! `rmd-hub status`: how far every node is.

mod auditors;

use rmd_runtime::output;

use super::{Failure, Global, open, standing};
use crate::{
    status::{self, ErrorStatus, FeedStatus, NodeStatus, Status},
    verdict,
};

const HEADS: [&str; 8] = [
    "node · nœud",
    "feed · flux",
    "size · taille",
    "last · dernier",
    "verified · vérifié",
    "refused · refusées",
    "held · retenues",
    "captured · captées",
];

const VERDICT_HEADS: [&str; 7] = [
    "node · nœud",
    "verdicts",
    "applied · appliqués",
    "refused · refusées",
    "incomplete · incomplètes",
    "reference missing · référence absente",
    "parked · en attente",
];

pub(super) async fn status(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let status = status::read(&hub.store, &hub.dir, &hub.config, &hub.clock).await?;
    global.format().print(&status, text)?;
    Ok(())
}

fn text(status: &Status) -> String {
    let notices = [&status.notice.en, &status.notice.fr].into_iter().cloned();
    let mut lines: Vec<String> = notices.filter(|notice| !notice.is_empty()).collect();
    let running = match status.pid {
        Some(pid) => format!("runs, pid {pid} · en marche"),
        None => "does not run · à l'arrêt".to_owned(),
    };
    lines.push(format!(
        "rmd.{}: {running}\nas of · au: {}\nstore · base: {} {}\n\
         bulletins: {} published · publiés, {} delivered · remis, {} applied · appliqués\n\
         API: {}, {} keys · clés\n",
        status.network,
        status.as_of,
        status.store.kind,
        status.store.server_version,
        status.bulletins.published,
        status.bulletins.delivered,
        status.bulletins.applied,
        status.api.listen,
        status.api.keys.active,
    ));
    let rows: Vec<Vec<String>> = status.nodes.iter().flat_map(rows).collect();
    lines.push(output::table(&HEADS, &rows));
    let verdicts: Vec<Vec<String>> = status.nodes.iter().map(verdicts).collect();
    lines.push(format!("\n{}", output::table(&VERDICT_HEADS, &verdicts)));
    lines.extend(auditors::lines(&status.audit));
    lines.extend(status.nodes.iter().filter_map(kept_out));
    lines.extend(status.nodes.iter().filter_map(pause));
    lines.extend(status.nodes.iter().flat_map(faults));
    lines.join("\n")
}

/// A node that an officer keeps out.
fn kept_out(node: &NodeStatus) -> Option<String> {
    node.standing.is_out().then(|| format!("\n{}", standing::text(&node.id, &node.standing)))
}

/// A node outside of its state's hours: no fault.
fn pause(node: &NodeStatus) -> Option<String> {
    let until = open::instant(Some(node.pauses_until_us?));
    Some(format!("\n{}: sends nothing before {until} · n'envoie rien avant", node.id))
}

/// What keeps a node from being followed, or the bulletins from it.
fn faults(node: &NodeStatus) -> Vec<String> {
    let followed = node.last_error.iter().map(|error| ("exchange · échange", error));
    let pushed = node.shared.last_error.iter().map(|error| ("bulletins", error));
    let judged = node.verdicts.delivery.last_error.iter().map(|error| ("verdicts", error));
    let line = |(what, error): (&str, &ErrorStatus)| {
        format!("\n{}: {what}: {}\n{}", node.id, error.code, error.message)
    };
    followed.chain(pushed).chain(judged).map(line).collect()
}

fn rows(node: &NodeStatus) -> Vec<Vec<String>> {
    if node.feeds.is_empty() {
        let absent = "no data yet · pas encore de données".to_owned();
        let mut row = vec![String::new(); HEADS.len()];
        (row[0], row[1]) = (node.id.clone(), absent);
        return vec![row];
    }
    node.feeds.iter().map(|feed| row(&node.id, feed)).collect()
}

fn verdicts(node: &NodeStatus) -> Vec<String> {
    let verdict::Standing { refuse, incomplete, parked } = &node.verdicts.standing;
    vec![
        node.id.clone(),
        (refuse + incomplete + parked).to_string(),
        node.verdicts.delivery.applied.to_string(),
        refuse.to_string(),
        incomplete.to_string(),
        parked.to_string(),
        node.parked.to_string(),
    ]
}

fn row(id: &str, feed: &FeedStatus) -> Vec<String> {
    let verified = match (feed.state.as_str(), feed.verified) {
        ("frozen", _) => "frozen · gelé",
        (_, true) => "yes · oui",
        _ => "-",
    };
    vec![
        id.to_owned(),
        feed.feed.clone(),
        format!("{}/{}", feed.cursor, feed.owner_size),
        open::instant(feed.last_exchange_us),
        verified.to_owned(),
        format!("{} + {}", feed.refused_by_owner, feed.refused),
        feed.held.to_string(),
        feed.captured.to_string(),
    ]
}
