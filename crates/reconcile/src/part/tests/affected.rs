//! What [`Name`] says that a change affects, looked up in a whole region.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Span, civil::Date};
use rmd_proto::v1::Lot;
use rmd_standard::{Record, mineral, site_id};

use crate::{
    Context, Fact, Named, Parameter,
    names::{Name, names},
    pairing::{Direction, Traded, component},
    part::Wanted,
    region::{Region, cell, cells_for, or, place, province},
    rules::tag_series,
    view::{day, is_production},
};

/// The names of a record as it stands in a region.
pub(super) fn names_in(region: &Region, named: &Named) -> BTreeSet<Name> {
    use rmd_standard::Entity::{
        Audit, ExportCertificate, ExportDeclaration, ExporterStatus, ImportDeclaration, Incident,
        Lot, MineSite, ProductionDeclaration, ReportingPeriod, StockDeclaration,
    };
    fn of<M: Clone>(
        fact: Option<&Arc<Fact<M>>>,
        record: impl Fn(Box<M>) -> Record,
    ) -> BTreeSet<Name> {
        fact.map(|fact| names(&fact.named, &record(Box::new(fact.record.clone()))))
            .unwrap_or_default()
    }
    let key = &named.key;
    match named.entity {
        MineSite => of(region.sites.get(key), Record::MineSite),
        Lot => of(region.lots.get(key), Record::Lot),
        ExportCertificate => of(region.certificates.get(key), Record::ExportCertificate),
        ExportDeclaration => of(region.exports.get(key), Record::ExportDeclaration),
        ImportDeclaration => of(region.imports.get(key), Record::ImportDeclaration),
        ProductionDeclaration => of(region.productions.get(key), Record::ProductionDeclaration),
        StockDeclaration => of(region.stocks.get(key), Record::StockDeclaration),
        ReportingPeriod => of(region.periods.get(key), Record::ReportingPeriod),
        ExporterStatus => of(region.exporters.get(key), Record::ExporterStatus),
        Audit => of(region.audits.get(key), Record::Audit),
        Incident => BTreeSet::new(),
    }
}

/// The subjects that are reached from names.
pub(super) fn affected(
    region: &Region,
    changed: &Named,
    names: &BTreeSet<Name>,
    context: &Context,
) -> Wanted {
    let mut reach = Reach { region, context, wanted: Wanted::default(), lines: BTreeSet::new() };
    reach.itself(changed);
    for name in names {
        reach.take(name, changed);
    }
    let seeds = |direction, key: &str| reach.lines.contains(&(direction, key.to_owned()));
    let exports: Vec<_> = region.exports.values().cloned().collect();
    let imports: Vec<_> = region.imports.values().cloned().collect();
    let lines = component(&exports, &imports, seeds, context);
    reach.wanted.exports.extend(lines.exports);
    reach.wanted.imports.extend(lines.imports);
    reach.wanted
}

struct Reach<'a> {
    region: &'a Region,
    context: &'a Context,
    wanted: Wanted,
    lines: BTreeSet<(Direction, String)>,
}

pub(super) fn names_input(lot: &Fact<Lot>, country: &str, number: &str) -> bool {
    let mut inputs = lot.record.input_lot.iter();
    inputs.any(|input| or(&input.country, lot.country()) == country && input.lot_number == number)
}

impl Reach<'_> {
    fn itself(&mut self, changed: &Named) {
        use rmd_standard::Entity;
        let (key, wanted) = (changed.key.clone(), &mut self.wanted);
        let to = match changed.entity {
            Entity::Lot => &mut wanted.lots,
            Entity::MineSite => &mut wanted.sites,
            Entity::ExportCertificate => &mut wanted.certificates,
            Entity::ExportDeclaration => {
                self.lines.insert((Direction::Export, key.to_string()));
                &mut wanted.exports
            }
            Entity::ImportDeclaration => {
                self.lines.insert((Direction::Import, key.to_string()));
                &mut wanted.imports
            }
            Entity::ProductionDeclaration => &mut wanted.productions,
            _ => return,
        };
        to.insert(key);
    }

    fn lots(&mut self, is_meant: impl Fn(&Fact<Lot>) -> bool) -> Vec<Arc<Fact<Lot>>> {
        let found: Vec<_> =
            self.region.lots.values().filter(|lot| is_meant(lot)).cloned().collect();
        self.wanted.lots.extend(found.iter().map(|lot| lot.named.key.clone()));
        found
    }

    fn productions(&mut self, is_meant: impl Fn(&str, &str, &str) -> bool) {
        let found = self.region.productions.iter().filter(|(_, one)| {
            let record = &one.record;
            let site = site_id::key_of(&record.mine_site_id).unwrap_or_default();
            is_meant(&site, &mineral::hs6(&record.mineral).unwrap_or_default(), &record.period)
        });
        self.wanted.productions.extend(found.map(|(key, _)| key.clone()));
    }

    fn certificate(&mut self, country: &str, identifier: &str) {
        self.wanted.certificates.insert(format!("{country}/{identifier}").into());
    }

    fn take(&mut self, name: &Name, changed: &Named) {
        use rmd_standard::Entity::{ExportDeclaration, ImportDeclaration};
        match name {
            Name::Lot { country, number } => self.of_number(country, number),
            Name::LotNamed { country, number } => {
                self.lots(|lot| lot.country() == country && lot.record.lot_number == *number);
            }
            Name::Tag { scheme, identifier } => {
                self.wanted.tags.insert((*scheme, identifier.clone()));
                self.lots(|lot| {
                    let mut tags = lot.record.tag.iter();
                    tags.any(|tag| tag.scheme == *scheme && tag.identifier == *identifier)
                });
            }
            Name::Certificate { country, identifier } => self.of_paper(country, identifier),
            Name::CertificateNamed { country, identifier } => {
                self.certificate(country, identifier);
                if matches!(changed.entity, ExportDeclaration | ImportDeclaration) {
                    self.stir(country, identifier);
                }
            }
            Name::Site { key } => self.of_site(key),
            Name::SiteNamed { key } => {
                self.wanted.sites.insert(key.as_str().into());
            }
            Name::TagSeries { series } => {
                self.lots(|lot| {
                    let mut tags = lot.record.tag.iter();
                    is_production(&lot.record)
                        && tags.any(|tag| tag_series(&tag.identifier) == series)
                });
            }
            Name::NationalId { country, id } => self.of_national_id(country, id),
            Name::Place { row, column } => self.of_place((*row, *column)),
            Name::Province { country, province } => self.of_province(country, province),
            Name::Yield { site, mineral, month } => self.of_yield(site, mineral, month),
            Name::Exporter { country, identifier } => self.of_exporter(country, identifier),
            Name::Worth { mineral, issued } => self.of_worth(mineral, *issued),
            Name::Traded(told) => self.of_line(told),
            Name::Balance { country, mineral } => {
                self.wanted.balances.insert((country.clone(), mineral.clone()));
            }
            Name::Mirror { country, partner, mineral, year } => {
                for year in [*year, year + 1] {
                    let key = (country.clone(), partner.clone(), mineral.clone(), year);
                    self.wanted.mirrors.insert(key);
                }
            }
        }
    }

    fn stir(&mut self, country: &str, identifier: &str) {
        self.quoting(country, identifier, |reach, direction, _, key| {
            reach.lines.insert((direction, key.to_owned()));
        });
    }

    fn of_national_id(&mut self, country: &str, id: &str) {
        let alike = self
            .region
            .sites
            .iter()
            .filter(|(_, site)| site.country() == country && site.record.national_id == id);
        self.wanted.sites.extend(alike.map(|(key, _)| key.clone()));
    }

    fn of_province(&mut self, country: &str, name: &str) {
        let sites = &self.region.sites;
        self.productions(|key, _, _| {
            let site = sites.get(key).filter(|site| site.country() == country);
            site.is_some_and(|site| province(&site.record) == Some(name))
        });
    }

    fn of_exporter(&mut self, country: &str, identifier: &str) {
        let of_exporter = self.region.certificates.iter().filter(|(_, one)| {
            let exporter = one.record.exporter.as_ref();
            one.country() == country && exporter.is_some_and(|one| one.identifier == identifier)
        });
        self.wanted.certificates.extend(of_exporter.map(|(key, _)| key.clone()));
    }

    fn of_worth(&mut self, mineral: &str, issued: Date) {
        let days = self.context.limit(Parameter::ValueDays, "", "");
        let last = issued + Span::new().days(days);
        let later = self.region.certificates.iter().filter(|(_, one)| {
            let on = day(&one.record.date_of_issuance);
            mineral::hs6(&one.record.type_of_ore).as_deref() == Some(mineral)
                && on.is_some_and(|on| (issued..=last).contains(&on))
        });
        self.wanted.certificates.extend(later.map(|(key, _)| key.clone()));
    }

    fn of_number(&mut self, country: &str, number: &str) {
        let lots = self.lots(|lot| {
            lot.country() == country && lot.record.lot_number == number
                || names_input(lot, country, number)
        });
        for lot in lots {
            let tags = lot.record.tag.iter().map(|tag| (tag.scheme, tag.identifier.clone()));
            self.wanted.tags.extend(tags);
            let named = &lot.record.export_certificate_id;
            if lot.country() == country && lot.record.lot_number == number && !named.is_empty() {
                self.certificate(country, named);
            }
        }
        let naming = self.region.certificates.iter().filter(|(_, one)| {
            one.country() == country && one.record.lot_number.iter().any(|one| one == number)
        });
        self.wanted.certificates.extend(naming.map(|(key, _)| key.clone()));
    }

    /// Lines that quote a certificate: what they declare, and their keys.
    fn quoting(
        &mut self,
        country: &str,
        identifier: &str,
        mut each: impl FnMut(&mut Self, Direction, (&str, &str), &str),
    ) {
        for one in self.region.exports.values() {
            let record = &one.record;
            if or(&record.certificate_country, one.country()) == country
                && record.certificate_identifier == identifier
            {
                each(self, Direction::Export, (one.country(), &record.mineral), one.key());
            }
        }
        for one in self.region.imports.values() {
            let record = &one.record;
            if or(&record.certificate_country, &record.consignor_country) == country
                && record.certificate_identifier == identifier
            {
                each(self, Direction::Import, (one.country(), &record.mineral), one.key());
            }
        }
    }

    fn of_paper(&mut self, country: &str, identifier: &str) {
        self.certificate(country, identifier);
        self.lots(|lot| lot.country() == country && lot.record.export_certificate_id == identifier);
        self.quoting(country, identifier, |reach, direction, (country, mineral), key| {
            if direction == Direction::Export {
                reach.wanted.exports.insert(key.into());
            }
            let mineral = mineral::hs6(mineral).unwrap();
            reach.wanted.balances.insert((country.to_owned(), mineral));
        });
    }

    fn of_site(&mut self, key: &str) {
        self.wanted.sites.insert(key.into());
        let is_of = |lot: &Fact<Lot>| {
            site_id::key_of(&lot.record.mine_site_id).is_some_and(|site| site == key)
        };
        let lots = self.lots(is_of);
        let produced = lots.iter().filter(|lot| is_production(&lot.record));
        let tags: BTreeSet<_> = produced
            .flat_map(|lot| &lot.record.tag)
            .map(|tag| (tag.scheme, tag.identifier.clone()))
            .collect();
        self.lots(|lot| {
            let mut own = lot.record.tag.iter();
            own.any(|tag| tags.contains(&(tag.scheme, tag.identifier.clone())))
        });
        self.productions(|site, _, _| site == key);
    }

    fn of_place(&mut self, at: (i32, i32)) {
        let region = self.region;
        let is_within = |key: &str, cells: i32| {
            let site = region.sites.get(key).and_then(|site| place(&site.record)).map(cell);
            site.is_some_and(|of| (of.0 - at.0).abs() <= cells && (of.1 - at.1).abs() <= cells)
        };
        let around = region.sites.keys().filter(|key| is_within(key, 1));
        self.wanted.sites.extend(around.cloned());
        let cells = cells_for(self.context.limit(Parameter::SpikeNeighbour, "", ""));
        self.productions(|site, _, _| is_within(site, cells));
    }

    fn of_yield(&mut self, site: &str, mineral: &str, month: &str) {
        let region = self.region;
        let of = |key: &str| region.sites.get(key).and_then(|site| province(&site.record));
        let first = |month: &str| day(&format!("{month}-01")).unwrap();
        let (from, last) = (first(month), first(month) + Span::new().months(12));
        self.productions(|other, hs6, period| {
            let is_later = other == site && (from..=last).contains(&first(period));
            let is_peer = of(site).is_some() && of(other) == of(site) && period == month;
            hs6 == mineral && (is_later || is_peer)
        });
    }

    fn of_line(&mut self, told: &Traded) {
        let near = told.near(self.context);
        for one in self.region.exports.values() {
            let other = Traded::of_export(one.country(), &one.record);
            if other.is_some_and(|other| near.holds(&other)) {
                self.lines.insert((Direction::Export, one.key().to_owned()));
            }
        }
        for one in self.region.imports.values() {
            let other = Traded::of_import(one.country(), &one.record);
            if other.is_some_and(|other| near.holds(&other)) {
                self.lines.insert((Direction::Import, one.key().to_owned()));
            }
        }
    }
}
