//! The figures of a closed month, summed again from the entries that were signed.
//!
//! Reads every feed up to the size that was frozen, takes the last revision of each
//! record that was not refused, of the types that counted, and sums as the figures are
//! summed. Neither the regional view nor the frozen figures are looked at. What was erased
//! since cannot be summed again, and neither can what a node published before it began
//! anew: both are said.

use std::collections::{BTreeMap, BTreeSet};

use prost::Message as _;
use rmd_feed::{StoredEntry, frame};
use rmd_proto::v1::{self, Op, Procedure};
use rmd_standard::{Entity, Record, site_id};
use sqlx::{AnyConnection, Row as _};

use crate::{
    calendar::{
        Error,
        closing::{Closing, FeedMark},
    },
    ledger,
    regional::Owner,
    statistics::{
        Figure, Flow,
        figure::{Counted, Sums},
    },
    store::{self, Store},
};

/// How the figures come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Again {
    /// So many, all of them as they were frozen.
    Same(usize),
    /// State, flow and mineral of those that do not.
    Other(Vec<String>),
    /// A record was erased since.
    Erased(String),
    /// A node's feed was in a later epoch than its first.
    NewEpoch(String),
}

/// Where the concentration of a record stands.
enum Grade {
    Stated(Option<u32>),
    OfCertificate(String),
}

struct Dated {
    flow: Flow,
    counted: Counted,
    /// Of production: the site, whose owner stands behind it.
    site: Option<String>,
    grade: Grade,
}

#[derive(Default)]
struct Replayed {
    month: String,
    concentrations: BTreeMap<String, Option<u32>>,
    owners: BTreeMap<String, String>,
    dated: BTreeMap<(Entity, String), Dated>,
    erased: BTreeSet<(Entity, String)>,
}

/// Sums a closed month again.
pub(super) async fn again(store: &Store, closing: &Closing) -> Result<Again, Error> {
    if let Some(mark) = closing.feeds.iter().find(|mark| mark.epoch > 1) {
        return Ok(Again::NewEpoch(format!("{} {}", mark.node_id, mark.feed)));
    }
    let mut replayed = Replayed { month: closing.month.to_string(), ..Replayed::default() };
    for mark in &closing.feeds {
        replay(store, mark, &mut replayed).await?;
    }
    if let Some((entity, key)) = replayed.erased.first() {
        return Ok(Again::Erased(format!("{entity} {key}")));
    }
    let figures = replayed.figures();
    let frozen: BTreeSet<&Figure> = closing.figures.iter().collect();
    let summed: BTreeSet<&Figure> = figures.iter().collect();
    let differing = frozen.symmetric_difference(&summed);
    let named =
        differing.map(|one| format!("{} {} {}", one.country, one.flow.as_str(), one.mineral));
    let named: BTreeSet<String> = named.collect();
    if named.is_empty() {
        return Ok(Again::Same(figures.len()));
    }
    Ok(Again::Other(named.into_iter().collect()))
}

async fn replay(store: &Store, mark: &FeedMark, replayed: &mut Replayed) -> Result<(), Error> {
    let owner = Owner {
        node_id: mark.node_id.clone(),
        country: mark.country.clone(),
        feed: mark.feed.clone(),
        epoch: mark.epoch,
    };
    let refused = refused(&mut *store.acquire().await?, mark).await?;
    let counts = |entry: &StoredEntry| {
        entry.seq() <= mark.size
            && !refused.contains(&entry.seq())
            && mark.levels.contains(&entry.header.entity)
    };
    let mut after = 0;
    while after < mark.size {
        let stored = ledger::next_after(&mut *store.acquire().await?, &owner, after).await?;
        let Some(stored) = stored else { break };
        let frame = v1::Frame::decode(stored.frame.as_slice()).map_err(|_| {
            let id = format!("{} {} {}", mark.node_id, mark.feed, stored.first_seq);
            store::Error::Inconsistent { table: "ledger", column: "frame", id }
        })?;
        for entry in frame::open(&frame)?.iter().filter(|entry| counts(entry)) {
            replayed.take(entry);
        }
        after = stored.first_seq;
    }
    Ok(())
}

async fn refused(connection: &mut AnyConnection, mark: &FeedMark) -> Result<BTreeSet<u64>, Error> {
    let rows = sqlx::query(
        // An entry that was applied after all has its own seq there.
        "SELECT seq FROM quarantine \
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 \
         AND (superseded_by_seq IS NULL OR superseded_by_seq <> seq)",
    )
    .bind(&mark.node_id)
    .bind(&mark.feed)
    .bind(i64::from(mark.epoch))
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get::<i64, _>("seq")?.unsigned_abs())).collect()
}

impl Replayed {
    fn take(&mut self, entry: &StoredEntry) {
        let Some(entity) = Entity::from_name(&entry.header.entity) else { return };
        if !is_read(entity) {
            return;
        }
        let name = (entity, entry.header.key.clone());
        let op = entry.header.op();
        // An order to erase takes the record away; an annulment may carry one, and is void.
        let (is_gone, is_void) = (matches!(op, Op::Tombstone | Op::Erase), op == Op::Annul);
        if is_gone || is_void {
            self.dated.remove(&name);
            self.erased.remove(&name);
        }
        if is_gone {
            self.concentrations.remove(&name.1);
            self.owners.remove(&name.1);
        }
        let is_bare = entry.payload().is_some_and(<[u8]>::is_empty);
        if !(op == Op::Upsert || is_void) || is_bare {
            return;
        }
        let Some(payload) = entry.payload() else {
            self.erased.insert(name);
            return;
        };
        self.erased.remove(&name);
        if let Ok(record) = Record::decode(entity, payload) {
            self.read(name, &record, is_void);
        }
    }

    fn read(&mut self, name: (Entity, String), record: &Record, is_void: bool) {
        match record {
            Record::ExportCertificate(one) => {
                self.concentrations.insert(name.1, one.concentration_ppm);
            }
            Record::MineSite(one) => {
                let owner = one.owner.as_ref().map(|owner| owner.identifier.clone());
                self.owners.insert(name.1, owner.unwrap_or_default());
            }
            other => {
                let dated = dated(other).filter(|one| one.counted.month == self.month && !is_void);
                match dated {
                    Some(dated) => self.dated.insert(name, dated),
                    None => self.dated.remove(&name),
                };
            }
        }
    }

    fn figures(self) -> Vec<Figure> {
        let mut sums: BTreeMap<Flow, Sums> = BTreeMap::new();
        for mut one in self.dated.into_values() {
            let ppm = match one.grade {
                Grade::Stated(ppm) => ppm,
                Grade::OfCertificate(key) => self.concentrations.get(&key).copied().flatten(),
            };
            one.counted.concentration_ppm = ppm.map(i64::from);
            let owner = one.site.as_ref().and_then(|site| self.owners.get(site));
            if let Some(owner) = owner.filter(|owner| !owner.is_empty()) {
                one.counted.contributor = Some(owner.clone());
            }
            sums.entry(one.flow).or_default().add(one.counted);
        }
        let mut figures: Vec<Figure> =
            sums.into_iter().flat_map(|(flow, sums)| sums.figures(flow)).collect();
        figures.sort();
        figures
    }
}

const fn is_read(entity: Entity) -> bool {
    matches!(
        entity,
        Entity::MineSite
            | Entity::ExportCertificate
            | Entity::ExportDeclaration
            | Entity::ImportDeclaration
            | Entity::ProductionDeclaration
            | Entity::StockDeclaration
    )
}

/// What a record says of a month; none of one that counts in none.
fn dated(record: &Record) -> Option<Dated> {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let counted = |country: &str, mineral: &str, month: &str, who: &str, mass: i64| Counted {
        country: country.to_owned(),
        mineral: some(mineral),
        month: month.get(..7).unwrap_or_default().to_owned(),
        contributor: some(who),
        mass_mg: Some(mass),
        concentration_ppm: None,
    };
    let certificate = |country: &str, usual: &str, identifier: &str| {
        let country = if country.is_empty() { usual } else { country };
        let part = identifier.replace('%', "%25").replace('/', "%2F");
        Grade::OfCertificate(format!("{country}/{part}"))
    };
    let (flow, counted, site, grade) = match record {
        Record::ExportDeclaration(one) if one.procedure() != Procedure::Transit => (
            Flow::Export,
            counted(
                &one.country,
                &one.mineral,
                &one.exit_date,
                &one.exporter_identifier,
                one.net_mass_mg,
            ),
            None,
            certificate(&one.certificate_country, &one.country, &one.certificate_identifier),
        ),
        Record::ImportDeclaration(one) if one.procedure() != Procedure::Transit => (
            Flow::Import,
            counted(
                &one.country,
                &one.mineral,
                &one.entry_date,
                &one.importer_identifier,
                one.net_mass_mg,
            ),
            None,
            certificate(
                &one.certificate_country,
                &one.consignor_country,
                &one.certificate_identifier,
            ),
        ),
        Record::ProductionDeclaration(one) => {
            let site = site_id::key_of(&one.mine_site_id);
            let who = site.as_deref().unwrap_or(&one.mine_site_id);
            (
                Flow::Production,
                counted(&one.country, &one.mineral, &one.period, who, one.mass_mg?),
                site,
                Grade::Stated(one.concentration_ppm),
            )
        }
        Record::StockDeclaration(one) => (
            Flow::Stock,
            counted(
                &one.country,
                &one.mineral,
                &one.period,
                &one.party_identifier,
                one.closing_mass_mg?,
            ),
            None,
            Grade::Stated(one.concentration_ppm),
        ),
        _ => return None,
    };
    Some(Dated { flow, counted, site, grade })
}
