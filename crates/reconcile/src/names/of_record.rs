//! The names of a record.

use std::collections::BTreeSet;

use rmd_proto::v1::{self, Procedure};
use rmd_standard::{Record, mineral, site_id};

use super::Name;
use crate::{
    Named,
    pairing::Traded,
    region::{cell, or},
    rules::tag_series,
    view::{Priced, day, is_production},
};

/// What a record answers to, and what it mentions, void or not: a certificate that is void
/// is still read, and of other records it does no harm.
pub fn names(named: &Named, record: &Record) -> BTreeSet<Name> {
    let country = &*named.country;
    let mut told = Names { country, found: BTreeSet::new() };
    match record {
        Record::MineSite(site) => told.of_site(named, site),
        Record::Lot(lot) => told.of_lot(lot),
        Record::ExportCertificate(certificate) => told.of_certificate(certificate),
        Record::ExportDeclaration(line) => told.of_export(line),
        Record::ImportDeclaration(line) => told.of_import(line),
        Record::ProductionDeclaration(production) => told.of_production(production),
        Record::StockDeclaration(stock) => told.balance(&stock.mineral),
        Record::ExporterStatus(status) => {
            let exporter = status.exporter.as_ref();
            told.exporter(exporter.map_or("", |party| &party.identifier));
        }
        Record::Audit(audit) => told.exporter(&audit.exporter_identifier),
        // Months are judged together, and no rule reads what was reported by people.
        Record::ReportingPeriod(_) | Record::Incident(_) => {}
    }
    told.found
}

/// The same of a lot, of which there are a great many.
pub fn names_of_lot(named: &Named, lot: &v1::Lot) -> BTreeSet<Name> {
    let mut told = Names { country: &named.country, found: BTreeSet::new() };
    told.of_lot(lot);
    told.found
}

struct Names<'a> {
    country: &'a str,
    found: BTreeSet<Name>,
}

impl Names<'_> {
    fn add(&mut self, name: Name) {
        self.found.insert(name);
    }

    fn of_lot(&mut self, lot: &v1::Lot) {
        let country = self.country.to_owned();
        self.add(Name::Lot { country: country.clone(), number: lot.lot_number.clone() });
        for input in &lot.input_lot {
            let country = or(&input.country, &country).to_owned();
            self.add(Name::LotNamed { country, number: input.lot_number.clone() });
        }
        for tag in lot.tag.iter().filter(|tag| !tag.identifier.is_empty()) {
            self.add(Name::Tag { scheme: tag.scheme, identifier: tag.identifier.clone() });
        }
        let paper = &lot.export_certificate_id;
        if !paper.is_empty() {
            self.add(Name::CertificateNamed { country, identifier: paper.clone() });
        }
        if let Some(key) = site_id::key_of(&lot.mine_site_id).filter(|_| is_production(lot)) {
            self.add(Name::SiteNamed { key });
        }
    }

    fn of_certificate(&mut self, certificate: &v1::ExportCertificate) {
        let country = self.country.to_owned();
        let identifier = certificate.identifier.clone();
        self.add(Name::Certificate { country: country.clone(), identifier });
        for number in &certificate.lot_number {
            self.add(Name::LotNamed { country: country.clone(), number: number.clone() });
        }
        let issued = day(&certificate.date_of_issuance);
        let mineral = mineral::hs6(&certificate.type_of_ore);
        if let (Some(mineral), Some(issued), Some(_)) = (mineral, issued, Priced::of(certificate)) {
            self.add(Name::Worth { mineral, issued });
        }
    }

    fn of_export(&mut self, line: &v1::ExportDeclaration) {
        let country = self.country.to_owned();
        self.quoted(or(&line.certificate_country, &country), &line.certificate_identifier);
        if line.procedure() == Procedure::Transit {
            return;
        }
        self.found.extend(Traded::of_export(&country, line).map(Name::Traded));
        self.balance(&line.mineral);
        let (mineral, exit) = (mineral::hs6(&line.mineral), day(&line.exit_date));
        if let (Some(mineral), Some(exit)) = (mineral, exit) {
            let partner = line.destination_country.clone();
            self.add(Name::Mirror { country, partner, mineral, year: exit.year() });
        }
    }

    fn of_import(&mut self, line: &v1::ImportDeclaration) {
        let country = or(&line.certificate_country, &line.consignor_country);
        self.quoted(country, &line.certificate_identifier);
        if line.procedure() == Procedure::Transit {
            return;
        }
        self.found.extend(Traded::of_import(self.country, line).map(Name::Traded));
        self.balance(&line.mineral);
    }

    fn quoted(&mut self, country: &str, identifier: &str) {
        if !identifier.is_empty() {
            let (country, identifier) = (country.to_owned(), identifier.to_owned());
            self.add(Name::CertificateNamed { country, identifier });
        }
    }

    fn of_production(&mut self, production: &v1::ProductionDeclaration) {
        let site = site_id::key_of(&production.mine_site_id);
        self.add(Name::Yield {
            site: site.unwrap_or_else(|| production.mine_site_id.clone()),
            mineral: mineral::hs6(&production.mineral).unwrap_or_default(),
            month: production.period.clone(),
        });
        self.balance(&production.mineral);
    }

    fn of_site(&mut self, named: &Named, site: &v1::MineSite) {
        let country = self.country.to_owned();
        self.add(Name::Site { key: named.key.to_string() });
        for range in &site.tag_allocation {
            self.add(Name::TagSeries { series: tag_series(&range.from_identifier).to_owned() });
        }
        if !site.national_id.is_empty() {
            self.add(Name::NationalId { country: country.clone(), id: site.national_id.clone() });
        }
        if let Some(at) = crate::region::place(site) {
            let (row, column) = cell(at);
            self.add(Name::Place { row, column });
        }
        if let Some(province) = crate::region::province(site) {
            self.add(Name::Province { country, province: province.to_owned() });
        }
    }

    fn balance(&mut self, code: &str) {
        if let Some(mineral) = mineral::hs6(code) {
            self.add(Name::Balance { country: self.country.to_owned(), mineral });
        }
    }

    fn exporter(&mut self, identifier: &str) {
        let (country, identifier) = (self.country.to_owned(), identifier.to_owned());
        self.add(Name::Exporter { country, identifier });
    }
}
