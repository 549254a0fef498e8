//! The part of the region around some subjects.
//!
//! Loads what [`Wanted`] lists for each kind of subject, and what only the whole region
//! can tell. More may come along; the rest of the region stays in the store.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Span, civil::Date};
use rmd_proto::v1::{ExportCertificate, Lot};
use rmd_reconcile::{
    Fact, Named, Parameter,
    names::Name,
    pairing::{self, Direction, Need},
    part::{Known, Wanted},
    region::Region,
    rules::tag_series,
};
use rmd_standard::{Entity, code, site_id};
use sqlx::{Row as _, any::AnyRow};

use super::{
    Error, Reader,
    directory::Directory,
    ground::Ground,
    lots::{self, Numbers},
    reach::{cells, named, quoted},
    shelf::{self, Held, KeySet},
    sorted::{entity_of, paper_key},
};
use crate::{share::decision, store};

/// A part of the region in the making.
pub(super) struct Part<'a> {
    pub(super) reader: &'a mut Reader,
    pub(super) directory: &'a Directory,
    pub(super) ground: &'a Ground,
    pub(super) region: Region,
    pub(super) known: Known,
}

impl<'a> Part<'a> {
    /// Nothing yet.
    pub(super) fn new(
        reader: &'a mut Reader,
        directory: &'a Directory,
        ground: &'a Ground,
    ) -> Self {
        let (region, known) = (Region::default(), Known::default());
        Self { reader, directory, ground, region, known }
    }

    /// Everything around lots and tags. What lots before them inherit is asked of the
    /// caller first, who may know more than what is kept.
    pub(super) async fn lots(&mut self, wanted: &Wanted) -> Result<(), Error> {
        self.put(Entity::Lot, wanted.lots.iter().cloned()).await?;
        let own: Vec<Arc<Fact<Lot>>> =
            wanted.lots.iter().filter_map(|key| self.region.lots.get(key).cloned()).collect();
        let mut identifiers: BTreeSet<String> =
            wanted.tags.iter().map(|(_, identifier)| identifier.clone()).collect();
        let (mut numbers, mut series) = (Numbers::new(), BTreeSet::new());
        let (mut own_numbers, mut papers, mut sites) =
            (Numbers::new(), BTreeSet::new(), BTreeSet::new());
        for lot in &own {
            own_numbers.insert(number_of(lot));
            numbers.extend(inputs_of(lot));
            let tags = lot.record.tag.iter().filter(|tag| !tag.identifier.is_empty());
            for tag in tags {
                identifiers.insert(tag.identifier.clone());
                series.insert(tag_series(&tag.identifier).to_owned());
            }
            let paper = &lot.record.export_certificate_id;
            if !paper.is_empty() {
                papers.insert(paper_key(&(lot.country().to_owned(), paper.clone())));
            }
        }
        numbers.extend(own_numbers.iter().cloned());
        let identifiers: BTreeSet<&str> = identifiers.iter().map(String::as_str).collect();
        let mut others = lots::of_tags(&mut self.reader.records, &identifiers).await?;
        self.put(Entity::Lot, others.iter().cloned()).await?;
        let has_wanted = |lot: &Fact<Lot>| {
            let tag = |tag: &rmd_proto::v1::Tag| (tag.scheme, tag.identifier.clone());
            lot.record.tag.iter().any(|one| wanted.tags.contains(&tag(one)))
        };
        // The parents of the lots of a tag tell whether it changed hands with them.
        let carriers = others.iter().filter_map(|key| self.region.lots.get(key));
        numbers.extend(carriers.filter(|lot| has_wanted(lot)).flat_map(|lot| inputs_of(lot)));
        others.clear();
        for one in lots::of_numbers(&mut self.reader.records, &numbers).await? {
            others.insert(one.key);
        }
        others.extend(lots::of_inputs(&mut self.reader.records, &own_numbers).await?);
        self.put(Entity::Lot, others).await?;
        let entity = Entity::ExportCertificate;
        papers
            .extend(self.directory.find(&mut self.reader.own, entity, named(&own_numbers)).await?);
        self.put(entity, papers).await?;
        sites.extend(self.region.lots.values().filter_map(|lot| site_of(lot)));
        let series = series.into_iter().map(|series| Name::TagSeries { series });
        sites.extend(self.directory.find(&mut self.reader.own, Entity::MineSite, series).await?);
        self.sites(sites).await
    }

    /// Everything around certificates.
    pub(super) async fn certificates(&mut self, wanted: &KeySet) -> Result<(), Error> {
        self.put(Entity::ExportCertificate, wanted.iter().cloned()).await?;
        let (mut numbers, mut papers) = (Numbers::new(), Numbers::new());
        let (mut statuses, mut exporters) = (BTreeSet::new(), BTreeSet::new());
        for one in wanted.iter().filter_map(|key| self.region.certificates.get(key)) {
            let (state, record) = (one.country().to_owned(), &one.record);
            numbers.extend(record.lot_number.iter().map(|number| (state.clone(), number.clone())));
            papers.insert((state.clone(), record.identifier.clone()));
            let exporter = record.exporter.as_ref().map_or("", |party| &party.identifier);
            statuses.insert(paper_key(&(state.clone(), exporter.to_owned())));
            let identifier = exporter.to_owned();
            exporters.insert(Name::Exporter { country: state, identifier });
        }
        let mut lots = lots::of_papers(&mut self.reader.records, &papers).await?;
        for one in lots::of_numbers(&mut self.reader.records, &numbers).await? {
            lots.insert(one.key);
        }
        self.put(Entity::Lot, lots.iter().cloned()).await?;
        self.custody(&lots).await?;
        for entity in [Entity::ExportDeclaration, Entity::ImportDeclaration] {
            let lines = self.directory.find(&mut self.reader.own, entity, quoted(&papers)).await?;
            self.put(entity, lines).await?;
        }
        self.put(Entity::ExporterStatus, statuses).await?;
        let audits = self.directory.find(&mut self.reader.own, Entity::Audit, exporters).await?;
        self.put(Entity::Audit, audits).await?;
        self.prices(wanted).await
    }

    /// What certificates are worth that these are compared with; nothing where it is
    /// known of all.
    async fn prices(&mut self, wanted: &KeySet) -> Result<(), Error> {
        if let Some(prices) = &self.reader.prices {
            self.known.prices = prices.clone();
            return Ok(());
        }
        let papers = wanted.iter().filter_map(|key| self.region.certificates.get(key));
        let days: Vec<Date> =
            papers.filter_map(|one| one.record.date_of_issuance.parse().ok()).collect();
        let (Some(first), Some(last)) = (days.iter().min(), days.iter().max()) else {
            return Ok(());
        };
        let before = self.ground.most(Parameter::ValueDays).clamp(0, 36_500);
        let first = first.saturating_sub(Span::new().days(before));
        let rows = sqlx::query(WORTH)
            .bind(first.to_string())
            .bind(last.to_string())
            .fetch_all(&mut *self.reader.records)
            .await?;
        for row in &rows {
            self.known.prices.take(&worth(row)?);
        }
        Ok(())
    }

    /// Lines of exports with the certificates that they quote.
    pub(super) async fn exports(&mut self, wanted: &KeySet) -> Result<(), Error> {
        self.put(Entity::ExportDeclaration, wanted.iter().cloned()).await?;
        let lines = wanted.iter().filter_map(|key| self.region.exports.get(key));
        let papers: KeySet = lines
            .filter(|line| !line.record.certificate_identifier.is_empty())
            .map(|line| {
                let stated = &line.record.certificate_country;
                let state = if stated.is_empty() { line.country() } else { stated };
                paper_key(&(state.to_owned(), line.record.certificate_identifier.clone()))
            })
            .collect();
        Ok(self.put(Entity::ExportCertificate, papers).await?)
    }

    /// Everything that hangs together with some lines, whose pairing may be another.
    pub(super) async fn pairing(
        &mut self,
        (exports, imports): (&KeySet, &KeySet),
    ) -> Result<(KeySet, KeySet), Error> {
        self.put(Entity::ExportDeclaration, exports.iter().cloned()).await?;
        self.put(Entity::ImportDeclaration, imports.iter().cloned()).await?;
        let is_seed = |direction, key: &str| match direction {
            Direction::Export => exports.contains(key),
            Direction::Import => imports.contains(key),
        };
        let mut met = BTreeSet::new();
        loop {
            let component = {
                let exports: Vec<_> = self.region.exports.values().cloned().collect();
                let imports: Vec<_> = self.region.imports.values().cloned().collect();
                pairing::component(&exports, &imports, is_seed, &self.ground.context)
            };
            let needs: Vec<Need> = component.needs.difference(&met).cloned().collect();
            if needs.is_empty() {
                return Ok((component.exports, component.imports));
            }
            self.meet(&needs).await?;
            met.extend(needs);
        }
    }

    async fn meet(&mut self, needs: &[Need]) -> Result<(), Error> {
        let mut papers = Numbers::new();
        for need in needs {
            match need {
                Need::Certificate { country, identifier } => {
                    papers.insert((country.clone(), identifier.clone()));
                }
                Need::Near(near) => {
                    let entity = entity_of(near.direction);
                    let own = &mut self.reader.own;
                    let lines = self.directory.traded(own, entity, near).await?;
                    self.put(entity, lines).await?;
                }
            }
        }
        for entity in [Entity::ExportDeclaration, Entity::ImportDeclaration] {
            let lines = self.directory.find(&mut self.reader.own, entity, quoted(&papers)).await?;
            self.put(entity, lines).await?;
        }
        Ok(())
    }

    /// Sites with what lies around them.
    pub(super) async fn around_sites(&mut self, wanted: &KeySet) -> Result<(), Error> {
        self.sites(wanted.clone()).await?;
        let sites = wanted.iter().filter_map(|key| self.region.sites.get(key));
        let mut names = BTreeSet::new();
        for name in sites.flat_map(|site| Held::MineSite(Arc::clone(site)).names()) {
            match name {
                Name::Place { row, column } => names.extend(cells((row, column), 1)),
                Name::NationalId { .. } => drop(names.insert(name)),
                _ => {}
            }
        }
        let others = self.directory.find(&mut self.reader.own, Entity::MineSite, names).await?;
        self.sites(others).await?;
        self.known.applied_tags = super::feeds::applied_tags(self.reader, wanted).await?;
        Ok(())
    }

    /// Productions with their sites, their past, their peers and what fell near them.
    pub(super) async fn productions(&mut self, wanted: &KeySet) -> Result<(), Error> {
        let entity = Entity::ProductionDeclaration;
        self.put(entity, wanted.iter().cloned()).await?;
        let (mut yields, mut names, mut sites) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        let own = wanted.iter().filter_map(|key| self.region.productions.get(key));
        let of_one = |one: &Arc<_>| Held::ProductionDeclaration(Arc::clone(one)).names();
        for name in own.flat_map(of_one) {
            let Name::Yield { site, mineral, month } = name else { continue };
            sites.insert(Arc::from(site.as_str()));
            names.extend(months_before(&site, &mineral, &month));
            yields.insert((site, mineral, month));
        }
        names.extend(super::province::peers(self.reader, self.directory, &yields).await?);
        let others = self.directory.find(&mut self.reader.own, entity, names).await?;
        self.put(entity, others).await?;
        let of_peers = self.region.productions.values();
        sites.extend(
            of_peers.filter_map(|one| site_id::key_of(&one.record.mine_site_id)).map(Arc::from),
        );
        self.sites(sites).await?;
        let near = rmd_reconcile::region::cells_for(self.ground.most(Parameter::SpikeNeighbour));
        let places = self.region.sites.values().filter_map(|site| shelf::place(site));
        let around: BTreeSet<Name> = places.flat_map(|at| cells(at, near)).collect();
        let others = self.directory.find(&mut self.reader.own, Entity::MineSite, around).await?;
        self.sites(others).await
    }

    /// Sites with the decisions about them.
    async fn sites(&mut self, keys: KeySet) -> Result<(), Error> {
        let new: KeySet =
            keys.into_iter().filter(|key| !self.region.sites.contains_key(key)).collect();
        self.put(Entity::MineSite, new.iter().cloned()).await?;
        if !self.reader.has_decisions {
            return Ok(());
        }
        let texts: Vec<&str> = new.iter().map(|key| &**key).collect();
        for (key, decisions) in decision::of_sites(&mut self.reader.records, &texts).await? {
            let events = decisions.iter().map(decision::Decision::event).collect();
            self.region.decisions.insert(key.into(), events);
        }
        Ok(())
    }

    /// What these lots may inherit from others than themselves.
    pub(super) async fn inherited(&mut self, lots: &KeySet) -> Result<(), Error> {
        let wanted = lots.iter().filter_map(|key| self.region.lots.get(key));
        let named: Numbers = wanted.flat_map(|lot| inputs_of(lot)).collect();
        let others = self.region.lots.iter().filter(|(key, lot)| {
            !lots.contains(*key) && !lot.is_void && named.contains(&number_of(lot))
        });
        let others: KeySet = others.map(|(key, _)| Arc::clone(key)).collect();
        self.custody(&others).await
    }

    /// What lots inherit, as it is kept.
    async fn custody(&mut self, lots: &KeySet) -> Result<(), Error> {
        let known = self.reader.custody(lots).await?;
        self.known.custody.extend(known);
        Ok(())
    }

    async fn put(
        &mut self,
        entity: Entity,
        keys: impl IntoIterator<Item = Arc<str>>,
    ) -> Result<(), store::Error> {
        let reader = &mut *self.reader;
        for held in reader.shelf.fetch(&mut reader.records, entity, keys).await? {
            held.put(&mut self.region);
        }
        Ok(())
    }
}

/// State and number of a lot.
pub(super) fn number_of(lot: &Fact<Lot>) -> (String, String) {
    (lot.country().to_owned(), lot.record.lot_number.clone())
}

/// States and numbers that the inputs of a lot name.
pub(super) fn inputs_of(lot: &Fact<Lot>) -> Vec<(String, String)> {
    let own = lot.country();
    let named = lot.record.input_lot.iter().map(|input| {
        let country = if input.country.is_empty() { own } else { &input.country };
        (country.to_owned(), input.lot_number.clone())
    });
    named.collect()
}

fn site_of(lot: &Fact<Lot>) -> Option<Arc<str>> {
    site_id::key_of(&lot.record.mine_site_id).map(Arc::from)
}

/// What a site yielded of a mineral in the twelve months before one.
fn months_before(site: &str, mineral: &str, month: &str) -> impl Iterator<Item = Name> {
    let first: Option<Date> = format!("{month}-01").parse().ok();
    let (site, mineral) = (site.to_owned(), mineral.to_owned());
    (1..=12).filter_map(move |months| {
        let date = first?.checked_sub(Span::new().months(months)).ok()?;
        let month = format!("{:04}-{:02}", date.year(), date.month());
        Some(Name::Yield { site: site.clone(), mineral: mineral.clone(), month })
    })
}

/// Certificates of some days with what tells their worth.
const WORTH: &str = "SELECT record_key, issuing_country, void, type_of_ore, lot_weight_mg,
            concentration_ppm, customs_value_minor, customs_value_currency, date_of_issuance,
            state, void_date
     FROM export_certificate
     WHERE date_of_issuance >= $1 AND date_of_issuance <= $2";

/// What tells the worth of a certificate, and nothing else of it.
fn worth(row: &AnyRow) -> Result<Fact<ExportCertificate>, store::Error> {
    let text =
        |column: &str| row.try_get::<Option<String>, _>(column).map(Option::unwrap_or_default);
    let number = |column: &str| row.try_get::<Option<i64>, _>(column);
    let word = text("state")?;
    let state = code::CERTIFICATE_STATE.number_of(&word).unwrap_or_default();
    let record = ExportCertificate {
        type_of_ore: text("type_of_ore")?,
        lot_weight_mg: number("lot_weight_mg")?.unwrap_or_default(),
        concentration_ppm: number("concentration_ppm")?.and_then(|ppm| u32::try_from(ppm).ok()),
        customs_value_minor: number("customs_value_minor")?,
        customs_value_currency: text("customs_value_currency")?,
        date_of_issuance: text("date_of_issuance")?,
        state,
        void_date: text("void_date")?,
        ..ExportCertificate::default()
    };
    let named = Named {
        entity: Entity::ExportCertificate,
        key: text("record_key")?.into(),
        country: text("issuing_country")?.into(),
        rev: 0,
        digest: [0; 32],
    };
    Ok(Fact { named, is_void: number("void")? != Some(0), record })
}

/// What every certificate is worth.
pub(super) async fn all_prices(reader: &mut Reader) -> Result<rmd_reconcile::part::Prices, Error> {
    let rows =
        sqlx::query(WORTH).bind("").bind("9999-12-31").fetch_all(&mut *reader.records).await?;
    let mut prices = rmd_reconcile::part::Prices::default();
    for row in &rows {
        prices.take(&worth(row)?);
    }
    Ok(prices)
}
