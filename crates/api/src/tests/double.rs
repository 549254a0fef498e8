//! A store in memory that stands for a node's or the hub's.

use std::{
    num::NonZeroU32,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::Router;
use jiff::{civil::date, tz::TimeZone};
use rmd_runtime::clock::ManualClock;
use rmd_standard::{Context, National, Record, Valid, icglr, mineral, site_id};
use serde_json::Value;

use crate::{
    Access, Backend, Collection, Credential, Denied, Fault, Listed, LotFilter, LotSums, Mineral,
    MineralSum, Name, OperationSum, Query, Scope, Settings, StatusCount, TaxSum, Verb, Written,
    openapi::examples,
};

/// Records in the order in which they came.
#[derive(Clone)]
pub(super) struct Store {
    records: Arc<Mutex<Vec<Record>>>,
    is_broken: Arc<AtomicBool>,
    writes: bool,
    pub(super) settings: Settings,
}

impl Store {
    pub(super) fn empty() -> Self {
        let now = "2018-01-31T08:00:00Z".parse().unwrap();
        Self {
            records: Arc::default(),
            is_broken: Arc::default(),
            writes: true,
            settings: Settings::new("1.2.3", Arc::new(ManualClock::new(now))),
        }
    }

    /// A store with the record of the document's example in each collection.
    pub(super) fn with_examples() -> Self {
        let store = Self::empty();
        for collection in Collection::ALL {
            store.put(collection, &examples::record(collection));
        }
        store
    }

    pub(super) fn put(&self, collection: Collection, document: &Value) {
        let record = icglr::read(collection.entity(), document, &self.context()).unwrap();
        self.records.lock().unwrap().push(record.record().clone());
    }

    /// Puts a record as it left its state.
    pub(super) fn put_released(&self, collection: Collection, document: &Value) {
        let record = icglr::read(collection.entity(), document, &self.context()).unwrap();
        self.records.lock().unwrap().push(record.release().into_record());
    }

    pub(super) fn read_only(mut self) -> Self {
        self.writes = false;
        self
    }

    pub(super) fn with_rate(mut self, per_minute: u32) -> Self {
        self.settings.requests_per_minute = NonZeroU32::new(per_minute);
        self
    }

    pub(super) fn break_down(&self) {
        self.is_broken.store(true, Ordering::Relaxed);
    }

    pub(super) fn count(&self) -> usize {
        self.records.lock().unwrap().len()
    }

    pub(super) fn router(&self) -> Router {
        crate::router(self.clone(), self.settings.clone())
    }

    fn all(&self) -> Result<Vec<Record>, Fault> {
        if self.is_broken.load(Ordering::Relaxed) {
            let cause = std::io::Error::other("SELECT secret FROM ledger");
            return Err(Fault::Internal(Box::new(cause)));
        }
        Ok(self.records.lock().unwrap().clone())
    }
}

impl Backend for Store {
    fn writes(&self) -> bool {
        self.writes
    }

    fn context(&self) -> Context {
        Context {
            country: "CD".into(),
            today: date(2018, 1, 31),
            zone: TimeZone::fixed(jiff::tz::offset(2)),
        }
    }

    fn usage(&self) -> icglr::Usage {
        icglr::Usage::Icglr
    }

    async fn authorise(&self, credential: Option<&Credential>, scope: Scope) -> Result<(), Denied> {
        match credential.map(Credential::secret) {
            None => Err(Denied::Missing),
            Some("writer") => Ok(()),
            Some("reader") if scope.access == Access::Read => Ok(()),
            Some("lots") if scope == Scope::read(Collection::Lots) => Ok(()),
            Some("reader" | "lots") => Err(Denied::Forbidden(scope)),
            Some("locked") => Err(Denied::Unavailable(Box::new(std::io::Error::other("locked")))),
            Some("panic") => panic!("as the test wants it"),
            Some(_) => Err(Denied::Invalid),
        }
    }

    async fn list(&self, query: &Query) -> Result<Listed, Fault> {
        let all: Vec<Record> =
            self.all()?.into_iter().filter(|record| fits(query, record)).collect();
        let from = usize::try_from(query.offset()).unwrap();
        let total = all.len() as u64;
        Ok(Listed {
            records: all.into_iter().skip(from).take(query.limit as usize).collect(),
            total,
        })
    }

    async fn get(&self, name: &Name) -> Result<Vec<Record>, Fault> {
        Ok(self.all()?.into_iter().filter(|record| is_named(name, record)).collect())
    }

    async fn write(&self, verb: Verb, record: Valid<Record, National>) -> Result<Written, Fault> {
        let mut records = self.records.lock().unwrap();
        let same = |known: &Record| {
            known.entity() == record.record().entity() && known.key().unwrap() == record.key()
        };
        match (records.iter().position(same), verb) {
            (Some(_), Verb::Create) => Err(Fault::Exists),
            (None, Verb::Replace(_)) => Err(Fault::Missing),
            (None, Verb::Create) => {
                records.push(record.record().clone());
                Ok(Written::Created)
            }
            (Some(at), Verb::Replace(_)) => {
                records[at] = record.record().clone();
                Ok(Written::Replaced)
            }
        }
    }

    async fn count_by_status(&self, country: Option<&str>) -> Result<Vec<StatusCount>, Fault> {
        let records = self.all()?;
        let count = |status| {
            let sites = records.iter().filter(|record| match record {
                Record::MineSite(site) => {
                    site.certification_status == status
                        && country.is_none_or(|country| site.address_country == country)
                }
                _ => false,
            });
            StatusCount { status, count: sites.count() as u64 }
        };
        Ok((1..=4).map(count).filter(|count| count.count > 0).collect())
    }

    async fn lot_sums(&self, filter: &LotFilter) -> Result<LotSums, Fault> {
        let mut sums = LotSums::default();
        for record in self.all()? {
            let Record::Lot(lot) = record else { continue };
            if filter.registered_from_us.is_some_and(|from| lot.registered_at_us < from)
                || filter.registered_before_us.is_some_and(|before| lot.registered_at_us >= before)
            {
                continue;
            }
            sums.count += 1;
            sums.mass_mg += lot.mass_mg;
            let tax: Vec<TaxSum> = lot
                .tax_paid
                .iter()
                .map(|tax| TaxSum {
                    currency: tax.currency.clone(),
                    amount_minor: tax.tax_amount_minor.unwrap(),
                })
                .collect();
            sums.tax.extend(tax.clone());
            sums.by_mineral.push(MineralSum {
                mineral: lot.mineral.clone(),
                mass_mg: lot.mass_mg,
                tax,
            });
            for operation in lot.originating_operation {
                sums.by_operation.push(OperationSum { operation, count: 1, mass_mg: lot.mass_mg });
            }
        }
        Ok(sums)
    }
}

fn fits(query: &Query, record: &Record) -> bool {
    let text = |asked: &Option<String>, value: &str| {
        asked.as_ref().is_none_or(|asked| asked.eq_ignore_ascii_case(value))
    };
    let ore = |asked: &Option<Mineral>, value: &str| {
        asked.as_ref().is_none_or(|asked| match asked {
            Mineral::Hs6(hs6) => mineral::hs6(value).as_ref() == Some(hs6),
            Mineral::Text(text) => text.eq_ignore_ascii_case(value),
        })
    };
    if record.entity() != query.collection.entity() || !text(&query.country, record.country()) {
        return false;
    }
    match record {
        Record::MineSite(site) => {
            query.certification_status.is_none_or(|status| status == site.certification_status)
                && query.activity_status.is_none_or(|status| status == site.activity_status)
                && site.mineral.iter().any(|code| ore(&query.mineral, code))
        }
        Record::ExportCertificate(certificate) => {
            let issued: jiff::civil::Date = certificate.date_of_issuance.parse().unwrap();
            text(&query.identifier, &certificate.identifier)
                && certificate.lot_number.iter().any(|number| text(&query.lot_number, number))
                && ore(&query.mineral, &certificate.type_of_ore)
                && query.issued_from.is_none_or(|from| issued >= from)
                && query.issued_to.is_none_or(|to| issued <= to)
        }
        Record::Lot(lot) => {
            let creator = lot.creator.as_ref().map_or("", |creator| &creator.identifier);
            text(&query.lot_number, &lot.lot_number)
                && text(&query.creator_identifier, creator)
                && text(&query.mine_site, &site_id::key_of(&lot.mine_site_id).unwrap_or_default())
                && ore(&query.mineral, &lot.mineral)
                && query.creator_role.is_none_or(|role| lot.creator_role.contains(&role))
                && query
                    .originating_operation
                    .is_none_or(|operation| lot.originating_operation.contains(&operation))
                && query.registered_from_us.is_none_or(|from| lot.registered_at_us >= from)
                && query.registered_before_us.is_none_or(|before| lot.registered_at_us < before)
        }
        _ => false,
    }
}

fn is_named(name: &Name, record: &Record) -> bool {
    match (name, record) {
        (Name::MineSite { .. }, Record::MineSite(_)) => {
            matches!(name, Name::MineSite { key } if record.key().unwrap() == *key)
        }
        (
            Name::ExportCertificate { country, identifier },
            Record::ExportCertificate(certificate),
        ) => certificate.issuing_country == *country && certificate.identifier == *identifier,
        (Name::Lot { number, country, creator }, Record::Lot(lot)) => {
            let made_by = lot.creator.as_ref().map_or("", |creator| &creator.identifier);
            lot.lot_number == *number
                && country.as_ref().is_none_or(|country| *country == lot.country)
                && creator.as_ref().is_none_or(|creator| *creator == made_by)
        }
        _ => false,
    }
}
