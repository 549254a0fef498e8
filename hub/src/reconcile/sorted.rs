//! The names of what changed, kind by kind.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use rmd_reconcile::{
    names::Name,
    pairing::{Direction, Traded},
};
use rmd_standard::Entity;

use super::{lots::Numbers, shelf::KeySet};

/// A record that came, changed or went, with its names before and after.
#[derive(Debug, Clone)]
pub(super) struct Changed {
    pub(super) entity: Entity,
    pub(super) key: Arc<str>,
    pub(super) names: BTreeSet<Name>,
}

/// Names by their kinds.
#[derive(Debug, Default)]
pub(super) struct Sorted {
    /// The records themselves.
    pub(super) own: BTreeMap<Entity, KeySet>,
    pub(super) lots: Numbers,
    pub(super) lots_named: Numbers,
    pub(super) tags: BTreeSet<(i32, String)>,
    pub(super) papers: Numbers,
    pub(super) papers_named: Numbers,
    /// Certificates that lines of declarations quote.
    pub(super) papers_quoted: Numbers,
    pub(super) sites: BTreeSet<String>,
    pub(super) sites_named: BTreeSet<String>,
    pub(super) series: BTreeSet<String>,
    pub(super) national_ids: BTreeSet<Name>,
    pub(super) places: BTreeSet<(i32, i32)>,
    pub(super) provinces: BTreeSet<Name>,
    /// Site, mineral and month.
    pub(super) yields: BTreeSet<(String, String, String)>,
    pub(super) exporters: Numbers,
    /// By mineral, the first and the last day of issuance.
    pub(super) worths: BTreeMap<String, (Date, Date)>,
    pub(super) traded: BTreeSet<Traded>,
    pub(super) has_balances: bool,
    pub(super) has_mirrors: bool,
}

impl Sorted {
    pub(super) fn of(changed: &[Changed]) -> Self {
        let mut sorted = Self::default();
        for one in changed {
            sorted.own.entry(one.entity).or_default().insert(Arc::clone(&one.key));
            for name in &one.names {
                sorted.take(one.entity, name.clone());
            }
        }
        sorted
    }

    fn take(&mut self, entity: Entity, name: Name) {
        let is_line = matches!(entity, Entity::ExportDeclaration | Entity::ImportDeclaration);
        match name {
            Name::Lot { country, number } => drop(self.lots.insert((country, number))),
            Name::LotNamed { country, number } => drop(self.lots_named.insert((country, number))),
            Name::Tag { scheme, identifier } => drop(self.tags.insert((scheme, identifier))),
            Name::Certificate { country, identifier } => {
                self.papers.insert((country, identifier));
                self.has_balances = true;
            }
            Name::CertificateNamed { country, identifier } => {
                if is_line {
                    self.papers_quoted.insert((country.clone(), identifier.clone()));
                }
                self.papers_named.insert((country, identifier));
            }
            Name::Site { key } => drop(self.sites.insert(key)),
            Name::SiteNamed { key } => drop(self.sites_named.insert(key)),
            Name::TagSeries { series } => drop(self.series.insert(series)),
            Name::NationalId { .. } => drop(self.national_ids.insert(name)),
            Name::Place { row, column } => drop(self.places.insert((row, column))),
            Name::Province { .. } => drop(self.provinces.insert(name)),
            Name::Yield { site, mineral, month } => {
                self.yields.insert((site, mineral, month));
            }
            Name::Exporter { country, identifier } => {
                self.exporters.insert((country, identifier));
            }
            Name::Worth { mineral, issued } => {
                let days = self.worths.entry(mineral).or_insert((issued, issued));
                *days = (days.0.min(issued), days.1.max(issued));
            }
            Name::Traded(traded) => drop(self.traded.insert(traded)),
            Name::Balance { .. } => self.has_balances = true,
            Name::Mirror { .. } => self.has_mirrors = true,
        }
    }

    /// The records themselves of one type.
    pub(super) fn own(&self, entity: Entity) -> KeySet {
        self.own.get(&entity).cloned().unwrap_or_default()
    }
}

/// The record type of lines of a direction.
pub(super) const fn entity_of(direction: Direction) -> Entity {
    match direction {
        Direction::Export => Entity::ExportDeclaration,
        Direction::Import => Entity::ImportDeclaration,
    }
}

/// The key of a certificate.
pub(super) fn paper_key((country, identifier): &(String, String)) -> Arc<str> {
    let part = |part: &str| part.replace('%', "%25").replace('/', "%2F");
    format!("{}/{}", part(country), part(identifier)).into()
}
