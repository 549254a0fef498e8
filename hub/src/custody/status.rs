//! The status of the sites behind lots.
//!
//! Of a production lot the status of its site on the lot's day counts, as in R08, out of
//! what is known now; its status today stands beside it. The worst of all behind a lot is
//! carried down to it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};

use jiff::civil::Date;
use rmd_proto::v1::{CertificationStatus, OriginatingOperation};
use rmd_reconcile::{Fact, region::Region, view::Input};
use rmd_standard::{effective::calendar_day, site_id};
use serde::Serialize;
use sqlx::AnyConnection;

use super::{Asked, Error, Lineage};
use crate::share::{
    decision::{self, Decision, word},
    site::{self, Site},
};

/// A site behind a lot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Behind {
    /// The production lot.
    pub(crate) lot: Arc<str>,
    /// The site, as the lot names it.
    pub(crate) site: String,
    /// Its status on the day of the lot; `unknown` if no state has the site.
    pub(crate) status: &'static str,
    /// The day of the lot.
    pub(crate) day: Option<String>,
    /// Its status today.
    pub(crate) today: &'static str,
}

const UNKNOWN: &str = "unknown";

/// From good to bad.
const RANKS: [&str; 6] = ["-", "green", "blue", "yellow", UNKNOWN, "red"];

/// Statuses of the sites of all lots of the part, and the worst behind each lot shown.
pub(super) async fn tell(
    connection: &mut AnyConnection,
    region: &Region,
    inputs: &BTreeMap<Arc<str>, Vec<Input>>,
    lineage: &mut Lineage,
    asked: &Asked<'_>,
) -> Result<(), Error> {
    let produced = region.lots.values().filter(|lot| {
        lot.record.originating_operation.contains(&OriginatingOperation::Production.into())
            && !lot.record.mine_site_id.is_empty()
    });
    let produced: Vec<_> = produced.collect();
    let keys: BTreeSet<String> =
        produced.iter().filter_map(|lot| site_id::key_of(&lot.record.mine_site_id)).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let sites = site::of_keys(connection, &keys).await?;
    let sites: HashMap<&str, &Site> =
        sites.iter().map(|site| (site.record_key.as_str(), site)).collect();
    let decisions = decision::of_sites(connection, &keys).await?;
    let behind: Vec<Behind> =
        produced.iter().map(|lot| of_lot(lot, &sites, &decisions, asked)).collect();
    let worst = carried(&behind, inputs);
    for one in behind {
        if let Some(node) = lineage.nodes.get_mut(&one.lot) {
            node.site = Some(one);
        }
    }
    for (key, node) in &mut lineage.nodes {
        node.worst = worst.get(key).cloned();
    }
    let of_all = lineage.nodes.values().filter_map(|node| node.worst.clone());
    lineage.worst = of_all.max_by_key(rank);
    Ok(())
}

fn of_lot(
    lot: &Fact<rmd_proto::v1::Lot>,
    sites: &HashMap<&str, &Site>,
    decisions: &HashMap<String, Vec<Decision>>,
    asked: &Asked<'_>,
) -> Behind {
    let record = &lot.record;
    let key = site_id::key_of(&record.mine_site_id).unwrap_or_default();
    let site = sites.get(&*key).filter(|site| !site.is_void);
    let decided = decisions.get(&key).map_or(&[][..], Vec::as_slice);
    let on = |day: Date| {
        let status = site.map(|site| site.effective(decided, day, asked.now, asked.policy).status);
        match status {
            Some(CertificationStatus::Unspecified) => RANKS[0],
            Some(status) => word(status),
            None => UNKNOWN,
        }
    };
    let registered = jiff::Timestamp::from_microsecond(record.registered_at_us).ok();
    let day = registered.filter(|_| record.registered_at_us > 0).map(calendar_day);
    Behind {
        lot: Arc::clone(&lot.named.key),
        site: record.mine_site_id.clone(),
        status: day.map_or(RANKS[0], on),
        day: day.map(|day| day.to_string()),
        today: on(asked.day),
    }
}

fn rank(behind: &Behind) -> usize {
    RANKS.iter().position(|one| *one == behind.status).unwrap_or_default()
}

/// The worst behind every lot: from the worst on, each is carried down to whatever no
/// worse one has reached. A lot is reached once, so that rings end.
fn carried(
    behind: &[Behind],
    inputs: &BTreeMap<Arc<str>, Vec<Input>>,
) -> HashMap<Arc<str>, Behind> {
    let children = super::graph::children(inputs);
    let mut sorted: Vec<&Behind> = behind.iter().collect();
    sorted.sort_by(|one, other| (rank(other), &one.lot).cmp(&(rank(one), &other.lot)));
    let mut worst = HashMap::<Arc<str>, Behind>::new();
    for one in sorted {
        let mut waiting = vec![Arc::clone(&one.lot)];
        while let Some(key) = waiting.pop() {
            if worst.contains_key(&key) {
                continue;
            }
            waiting.extend(children.get(&key).into_iter().flatten().cloned());
            worst.insert(key, one.clone());
        }
    }
    worst
}
