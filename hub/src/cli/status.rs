//! `rmd-hub status`: how far every node is.

use rmd_runtime::output;

use super::{Failure, Global, open};
use crate::status::{self, FeedStatus, NodeStatus, Status};

pub(super) async fn status(global: &Global) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let status = status::read(&hub.store, &hub.dir, &hub.config, &hub.clock).await?;
    global.format().print(&status, text)?;
    Ok(())
}

fn text(status: &Status) -> String {
    let mut text = String::new();
    for notice in [&status.notice.en, &status.notice.fr] {
        if !notice.is_empty() {
            text.push_str(&format!("{notice}\n"));
        }
    }
    let running = match status.pid {
        Some(pid) => format!("runs, pid {pid} · en marche"),
        None => "does not run · à l'arrêt".to_owned(),
    };
    text.push_str(&format!(
        "rmd.{}: {running}\nas of · au: {}\nstore · base: {} {}\n\
         bulletins: {} published · publiés, {} delivered · remis, {} applied · appliqués\n\n",
        status.network,
        status.as_of,
        status.store.kind,
        status.store.server_version,
        status.bulletins.published,
        status.bulletins.delivered,
        status.bulletins.applied,
    ));
    let rows: Vec<Vec<String>> = status.nodes.iter().flat_map(rows).collect();
    let heads = [
        "node · nœud",
        "feed · flux",
        "size · taille",
        "last · dernier",
        "verified · vérifié",
        "refused · refusées",
        "held · retenues",
        "fault · faute",
    ];
    text.push_str(&output::table(&heads, &rows));
    text
}

fn rows(node: &NodeStatus) -> Vec<Vec<String>> {
    let fault = node.last_error.as_ref().map(|error| error.code.clone()).unwrap_or_default();
    if node.feeds.is_empty() {
        let none = "no data yet · pas encore de données".to_owned();
        return vec![vec![
            node.id.clone(),
            none,
            "".into(),
            "".into(),
            "".into(),
            "".into(),
            "".into(),
            fault,
        ]];
    }
    node.feeds.iter().map(|feed| row(&node.id, feed, &fault)).collect()
}

fn row(id: &str, feed: &FeedStatus, fault: &str) -> Vec<String> {
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
        fault.to_owned(),
    ]
}
