//! Records as rules read them, out of the store.
//!
//! Reads the table of all records and decodes what it holds: what is withdrawn, in
//! shadow or not there is absent. Keeps a bounded number in memory, of one moment of the
//! store: whoever reads from another moment begins with an empty shelf.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use rmd_proto::v1;
use rmd_reconcile::{
    Fact, Named,
    names::{Name, names, names_of_lot},
    region::Region,
};
use rmd_standard::{Entity, Record};
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use crate::store::{self, bulk};

/// Keys of records of one type.
pub(super) type KeySet = BTreeSet<Arc<str>>;

/// One record in memory.
#[derive(Debug, Clone)]
pub(super) enum Held {
    MineSite(Arc<Fact<v1::MineSite>>),
    ExporterStatus(Arc<Fact<v1::ExporterStatus>>),
    Lot(Arc<Fact<v1::Lot>>),
    ExportCertificate(Arc<Fact<v1::ExportCertificate>>),
    ExportDeclaration(Arc<Fact<v1::ExportDeclaration>>),
    ImportDeclaration(Arc<Fact<v1::ImportDeclaration>>),
    ProductionDeclaration(Arc<Fact<v1::ProductionDeclaration>>),
    StockDeclaration(Arc<Fact<v1::StockDeclaration>>),
    ReportingPeriod(Arc<Fact<v1::ReportingPeriod>>),
    Audit(Arc<Fact<v1::Audit>>),
}

impl Held {
    /// None of a type that no rule reads.
    fn of(named: Named, is_void: bool, record: Record) -> Option<Self> {
        fn fact<M>(named: Named, is_void: bool, record: M) -> Arc<Fact<M>> {
            Arc::new(Fact { named, is_void, record })
        }
        Some(match record {
            Record::MineSite(one) => Self::MineSite(fact(named, is_void, *one)),
            Record::ExporterStatus(one) => Self::ExporterStatus(fact(named, is_void, *one)),
            Record::Lot(one) => Self::Lot(fact(named, is_void, *one)),
            Record::ExportCertificate(one) => Self::ExportCertificate(fact(named, is_void, *one)),
            Record::ExportDeclaration(one) => Self::ExportDeclaration(fact(named, is_void, *one)),
            Record::ImportDeclaration(one) => Self::ImportDeclaration(fact(named, is_void, *one)),
            Record::ProductionDeclaration(one) => {
                Self::ProductionDeclaration(fact(named, is_void, *one))
            }
            Record::StockDeclaration(one) => Self::StockDeclaration(fact(named, is_void, *one)),
            Record::ReportingPeriod(one) => Self::ReportingPeriod(fact(named, is_void, *one)),
            Record::Audit(one) => Self::Audit(fact(named, is_void, *one)),
            Record::Incident(_) => return None,
        })
    }

    /// What names it.
    pub(super) fn named(&self) -> &Named {
        match self {
            Self::MineSite(one) => &one.named,
            Self::ExporterStatus(one) => &one.named,
            Self::Lot(one) => &one.named,
            Self::ExportCertificate(one) => &one.named,
            Self::ExportDeclaration(one) => &one.named,
            Self::ImportDeclaration(one) => &one.named,
            Self::ProductionDeclaration(one) => &one.named,
            Self::StockDeclaration(one) => &one.named,
            Self::ReportingPeriod(one) => &one.named,
            Self::Audit(one) => &one.named,
        }
    }

    /// What it answers to and mentions.
    pub(super) fn names(&self) -> BTreeSet<Name> {
        let record = match self {
            Self::MineSite(one) => Record::MineSite(Box::new(one.record.clone())),
            Self::ExporterStatus(one) => Record::ExporterStatus(Box::new(one.record.clone())),
            Self::Lot(one) => return names_of_lot(&one.named, &one.record),
            Self::ExportCertificate(one) => Record::ExportCertificate(Box::new(one.record.clone())),
            Self::ExportDeclaration(one) => Record::ExportDeclaration(Box::new(one.record.clone())),
            Self::ImportDeclaration(one) => Record::ImportDeclaration(Box::new(one.record.clone())),
            Self::ProductionDeclaration(one) => {
                Record::ProductionDeclaration(Box::new(one.record.clone()))
            }
            Self::StockDeclaration(one) => Record::StockDeclaration(Box::new(one.record.clone())),
            Self::ReportingPeriod(one) => Record::ReportingPeriod(Box::new(one.record.clone())),
            Self::Audit(one) => Record::Audit(Box::new(one.record.clone())),
        };
        names(self.named(), &record)
    }

    /// Puts it where rules find it.
    pub(super) fn put(&self, region: &mut Region) {
        let key = Arc::clone(&self.named().key);
        match self {
            Self::MineSite(one) => drop(region.sites.insert(key, Arc::clone(one))),
            Self::ExporterStatus(one) => drop(region.exporters.insert(key, Arc::clone(one))),
            Self::Lot(one) => drop(region.lots.insert(key, Arc::clone(one))),
            Self::ExportCertificate(one) => drop(region.certificates.insert(key, Arc::clone(one))),
            Self::ExportDeclaration(one) => drop(region.exports.insert(key, Arc::clone(one))),
            Self::ImportDeclaration(one) => drop(region.imports.insert(key, Arc::clone(one))),
            Self::ProductionDeclaration(one) => {
                drop(region.productions.insert(key, Arc::clone(one)));
            }
            Self::StockDeclaration(one) => drop(region.stocks.insert(key, Arc::clone(one))),
            Self::ReportingPeriod(one) => drop(region.periods.insert(key, Arc::clone(one))),
            Self::Audit(one) => drop(region.audits.insert(key, Arc::clone(one))),
        }
    }
}

/// Records by type and key; none where there is no such record. Those that were asked
/// for last are kept.
#[derive(Debug)]
pub(super) struct Shelf {
    young: HashMap<(Entity, Arc<str>), Option<Held>>,
    old: HashMap<(Entity, Arc<str>), Option<Held>>,
    /// Records in each half.
    limit: usize,
}

impl Shelf {
    /// An empty shelf for about so many records.
    pub(super) fn new(records: usize) -> Self {
        Self { young: HashMap::new(), old: HashMap::new(), limit: records.div_ceil(2) }
    }

    /// These records of one type, without those that are not there.
    pub(super) async fn fetch(
        &mut self,
        connection: &mut AnyConnection,
        entity: Entity,
        keys: impl IntoIterator<Item = Arc<str>>,
    ) -> Result<Vec<Held>, store::Error> {
        let (mut found, mut absent) = (Vec::new(), Vec::new());
        for key in keys {
            match self.take((entity, key)) {
                Ok(held) => found.extend(held),
                Err((_, key)) => absent.push(key),
            }
        }
        let texts: Vec<&str> = absent.iter().map(|key| &**key).collect();
        for held in read(connection, entity, &texts).await? {
            self.put((entity, Arc::clone(&held.named().key)), Some(held.clone()));
            found.push(held);
        }
        for key in absent {
            if !self.young.contains_key(&(entity, Arc::clone(&key))) {
                self.put((entity, key), None);
            }
        }
        Ok(found)
    }

    /// Keeps records that were read in another way.
    pub(super) fn keep(&mut self, held: &Held) {
        let named = held.named();
        self.put((named.entity, Arc::clone(&named.key)), Some(held.clone()));
    }

    fn take(&mut self, name: (Entity, Arc<str>)) -> Result<Option<Held>, (Entity, Arc<str>)> {
        if let Some(held) = self.young.get(&name) {
            return Ok(held.clone());
        }
        let Some(held) = self.old.remove(&name) else { return Err(name) };
        self.put(name, held.clone());
        Ok(held)
    }

    fn put(&mut self, name: (Entity, Arc<str>), held: Option<Held>) {
        if self.young.len() >= self.limit {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(name, held);
    }
}

async fn read(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<Vec<Held>, store::Error> {
    let head = "SELECT record_key, country, rev, op, payload FROM record \
                WHERE shadow = 0 AND op <> 'tombstone' AND payload IS NOT NULL \
                AND entity = $1 AND record_key IN (";
    let rows = bulk::select_in(connection, (head, Some(entity.name())), keys, ")").await?;
    let records = rows.iter().map(|row| held(entity, row));
    Ok(records.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

/// A record out of its row: key, state, revision, op and bytes.
pub(super) fn held(entity: Entity, row: &AnyRow) -> Result<Option<Held>, store::Error> {
    let key: String = row.try_get("record_key")?;
    let country: String = row.try_get("country")?;
    let rev: i64 = row.try_get("rev")?;
    let op: String = row.try_get("op")?;
    let payload: Vec<u8> = row.try_get("payload")?;
    let digest = Sha256::digest(&payload).into();
    let Ok(record) = Record::decode(entity, &payload) else {
        // It was read when it was accepted, and by the same function.
        return Err(store::Error::Inconsistent { table: "record", column: "payload", id: key });
    };
    let rev = rev.unsigned_abs();
    let named = Named { entity, key: key.into(), country: country.into(), rev, digest };
    Ok(Held::of(named, op == "annul", record))
}

/// The cell of the map in which a site lies.
pub(super) fn place(site: &Fact<v1::MineSite>) -> Option<(i32, i32)> {
    let location = site.record.mine_site_location.as_ref()?;
    location.geolocalization.map(rmd_reconcile::region::cell)
}
