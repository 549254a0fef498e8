//! Picks out of a whole region what each field of [`Wanted`] says that it takes.

use std::collections::BTreeSet;

use jiff::{Span, civil::Date};
use rmd_proto::v1::{ExportCertificate, Lot, ProductionDeclaration};
use rmd_standard::{mineral, site_id};

use crate::{
    Context, Fact, Parameter,
    geography::distance_m,
    pairing::{Direction, Need, Traded, component},
    part::{Known, Wanted},
    region::{Region, cell, or, place, province},
    rules::tag_series,
    view::{day, is_production},
};

/// Records taken over from the whole.
pub(super) struct Loader<'a> {
    pub(super) whole: &'a Region,
    pub(super) part: Region,
    pub(super) context: &'a Context,
}

fn key_in(country: &str, identifier: &str) -> String {
    format!("{country}/{identifier}")
}

impl<'a> Loader<'a> {
    pub(super) fn load(whole: &'a Region, wanted: &Wanted, context: &'a Context) -> Region {
        let part = Region { feeds: whole.feeds.clone(), ..Region::default() };
        let mut loader = Self { whole, part, context };
        for key in &wanted.lots {
            loader.around_lot(&whole.lots[key].clone());
        }
        for (scheme, identifier) in &wanted.tags {
            for lot in loader.carriers(*scheme, identifier) {
                loader.parents(&lot.record, lot.country());
            }
        }
        for key in &wanted.certificates {
            loader.around_certificate(&whole.certificates[key].clone());
        }
        for key in &wanted.exports {
            let line = &whole.exports[key];
            loader.part.exports.insert(key.clone(), line.clone());
            let country = or(&line.record.certificate_country, line.country());
            loader.certificate(&key_in(country, &line.record.certificate_identifier));
        }
        for key in &wanted.imports {
            loader.part.imports.insert(key.clone(), whole.imports[key].clone());
        }
        loader.pairing(wanted);
        for key in &wanted.sites {
            loader.around_site(key);
        }
        for key in &wanted.productions {
            loader.around_production(&whole.productions[key].clone());
        }
        loader.part
    }

    fn lots(&mut self, is_meant: impl Fn(&Fact<Lot>) -> bool) -> Vec<std::sync::Arc<Fact<Lot>>> {
        let found: Vec<_> = self.whole.lots.values().filter(|lot| is_meant(lot)).cloned().collect();
        self.part.lots.extend(found.iter().map(|lot| (lot.named.key.clone(), lot.clone())));
        found
    }

    fn numbered(&mut self, country: &str, number: &str) {
        self.lots(|lot| lot.country() == country && lot.record.lot_number == number);
    }

    fn parents(&mut self, lot: &Lot, country: &str) {
        for input in &lot.input_lot {
            self.numbered(or(&input.country, country), &input.lot_number);
        }
    }

    fn carriers(&mut self, scheme: i32, identifier: &str) -> Vec<std::sync::Arc<Fact<Lot>>> {
        let carries = |lot: &Fact<Lot>| {
            let mut tags = lot.record.tag.iter();
            tags.any(|tag| tag.scheme == scheme && tag.identifier == identifier)
        };
        self.lots(carries)
    }

    fn certificate(&mut self, key: &str) {
        if let Some((key, one)) = self.whole.certificates.get_key_value(key) {
            self.part.certificates.insert(key.clone(), one.clone());
        }
    }

    fn site(&mut self, key: &str, with_decisions: bool) {
        if let Some((key, one)) = self.whole.sites.get_key_value(key) {
            self.part.sites.insert(key.clone(), one.clone());
        }
        if let Some(decisions) = self.whole.decisions.get(key).filter(|_| with_decisions) {
            self.part.decisions.insert(key.into(), decisions.clone());
        }
    }

    fn around_lot(&mut self, lot: &Fact<Lot>) {
        let (country, number) = (lot.country(), &lot.record.lot_number);
        self.numbered(country, number);
        self.parents(&lot.record, country);
        self.lots(|other| {
            let mut inputs = other.record.input_lot.iter();
            inputs.any(|input| {
                or(&input.country, other.country()) == country && input.lot_number == *number
            })
        });
        let certificates: Vec<&Fact<ExportCertificate>> = self
            .whole
            .certificates
            .values()
            .map(|one| &**one)
            .filter(|one| one.country() == country && one.record.lot_number.contains(number))
            .collect();
        for one in certificates {
            self.certificate(one.key());
        }
        self.certificate(&key_in(country, &lot.record.export_certificate_id));
        if let Some(site) = site_id::key_of(&lot.record.mine_site_id) {
            self.site(&site, true);
        }
        for tag in &lot.record.tag {
            if is_production(&lot.record) {
                self.allocated(tag_series(&tag.identifier));
            }
            let carriers = self.carriers(tag.scheme, &tag.identifier);
            let produced = carriers.iter().filter(|carrier| is_production(&carrier.record));
            for site in produced.filter_map(|lot| site_id::key_of(&lot.record.mine_site_id)) {
                self.site(&site, false);
            }
        }
    }

    fn allocated(&mut self, series: &str) {
        for (key, site) in &self.whole.sites {
            let mut ranges = site.record.tag_allocation.iter();
            if ranges.any(|range| tag_series(&range.from_identifier) == series) {
                self.site(key, false);
            }
        }
    }

    fn around_certificate(&mut self, paper: &Fact<ExportCertificate>) {
        let (country, number) = (paper.country(), &paper.record.identifier);
        self.certificate(paper.key());
        for of_lot in &paper.record.lot_number {
            self.numbered(country, of_lot);
        }
        self.lots(|lot| lot.country() == country && lot.record.export_certificate_id == *number);
        let need = Need::Certificate { country: country.to_owned(), identifier: number.clone() };
        self.need(&need);
        let exporter = &paper.record.exporter.as_ref().unwrap().identifier;
        let key = key_in(country, exporter);
        let standing = self.whole.exporters.get_key_value(&*key);
        self.part.exporters.extend(standing.map(|(key, one)| (key.clone(), one.clone())));
        let audits = self.whole.audits.iter().filter(|(_, one)| {
            one.country() == country && one.record.exporter_identifier == *exporter
        });
        self.part.audits.extend(audits.map(|(key, one)| (key.clone(), one.clone())));
    }

    /// The lines of a need.
    fn need(&mut self, need: &Need) {
        let exports = self.whole.exports.iter().filter(|(_, one)| {
            let record = &one.record;
            match need {
                Need::Certificate { country, identifier } => {
                    or(&record.certificate_country, one.country()) == country
                        && record.certificate_identifier == *identifier
                }
                Need::Near(near) => {
                    Traded::of_export(one.country(), record).is_some_and(|told| near.holds(&told))
                }
            }
        });
        self.part.exports.extend(exports.map(|(key, one)| (key.clone(), one.clone())));
        let imports = self.whole.imports.iter().filter(|(_, one)| {
            let record = &one.record;
            match need {
                Need::Certificate { country, identifier } => {
                    or(&record.certificate_country, &record.consignor_country) == country
                        && record.certificate_identifier == *identifier
                }
                Need::Near(near) => {
                    Traded::of_import(one.country(), record).is_some_and(|told| near.holds(&told))
                }
            }
        });
        self.part.imports.extend(imports.map(|(key, one)| (key.clone(), one.clone())));
    }

    fn pairing(&mut self, wanted: &Wanted) {
        let seeds = |direction, key: &str| match direction {
            Direction::Export => wanted.exports.contains(key),
            Direction::Import => wanted.imports.contains(key),
        };
        let mut loaded = BTreeSet::new();
        loop {
            let exports: Vec<_> = self.part.exports.values().cloned().collect();
            let imports: Vec<_> = self.part.imports.values().cloned().collect();
            let needs = component(&exports, &imports, seeds, self.context).needs;
            let new: Vec<Need> = needs.difference(&loaded).cloned().collect();
            if new.is_empty() {
                return;
            }
            for need in &new {
                self.need(need);
            }
            loaded.extend(new);
        }
    }

    fn around_site(&mut self, key: &str) {
        self.site(key, true);
        let own = &self.whole.sites[key];
        let near = |one: (i32, i32), other: (i32, i32)| {
            (one.0 - other.0).abs() <= 1 && (one.1 - other.1).abs() <= 1
        };
        for (key, site) in &self.whole.sites {
            let id = &site.record.national_id;
            let is_alike = *id == own.record.national_id && site.country() == own.country();
            let cells = place(&own.record).map(cell).zip(place(&site.record).map(cell));
            if is_alike || cells.is_some_and(|(one, other)| near(one, other)) {
                self.site(key, false);
            }
        }
    }

    fn around_production(&mut self, one: &Fact<ProductionDeclaration>) {
        let whole = self.whole;
        let hs6 = |other: &Fact<ProductionDeclaration>| mineral::hs6(&other.record.mineral);
        let site_of = |other: &Fact<ProductionDeclaration>| {
            whole.sites.get(&*site_id::key_of(&other.record.mine_site_id)?)
        };
        let first = |period: &str| -> Date { day(&format!("{period}-01")).unwrap() };
        let own = site_of(one);
        let month = first(&one.record.period);
        for (key, other) in whole.productions.iter().filter(|(_, other)| hs6(other) == hs6(one)) {
            let of_other = first(&other.record.period);
            let is_before = site_id::key_of(&other.record.mine_site_id)
                == site_id::key_of(&one.record.mine_site_id)
                && (month - Span::new().months(12)..=month).contains(&of_other);
            let provinces = own.zip(site_of(other));
            let is_peer = other.record.period == one.record.period
                && provinces.is_some_and(|(own, of_other)| {
                    province(&own.record).is_some()
                        && province(&own.record) == province(&of_other.record)
                });
            if is_peer && let Some(site) = site_of(other) {
                self.site(site.key(), false);
            }
            if is_before || is_peer {
                self.part.productions.insert(key.clone(), other.clone());
            }
        }
        let Some(own) = own else { return };
        self.site(own.key(), true);
        let limit = self.context.limit(Parameter::SpikeNeighbour, own.country(), "");
        for (key, site) in &whole.sites {
            let places = place(&own.record).zip(place(&site.record));
            if places.is_some_and(|(one, other)| distance_m(one, other) <= limit) {
                self.site(key, true);
            }
        }
    }
}

/// What is known of a whole region, without what is wanted.
pub(super) fn known(
    whole: &Region,
    judgement: &crate::part::Judgement,
    wanted: &Wanted,
    context: &Context,
) -> Known {
    let mut known = Known::of(whole, context);
    let custody = judgement.custody.iter().filter(|(key, _)| !wanted.lots.contains(*key));
    known.custody = custody.map(|(key, one)| (key.clone(), one.clone())).collect();
    known
}
