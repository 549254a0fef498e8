//! Certificates with their lots, their declarations and their peers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::{Span, civil::Date, tz::TimeZone};
use rmd_proto::v1::ExportCertificate;
use rmd_standard::{Record, Valid, mineral};

use super::{
    index::{LotFact, key_in_state},
    lots::Around,
};
use crate::{
    Context, Fact, Lack, Missing, Parameter,
    part::Prices,
    view::{CertificateLot, CertificateView, Custody, Priced, day},
};

impl Around<'_> {
    /// A view of a certificate; none while it is not known what one of its lots inherits.
    pub(super) fn certificate<'c>(
        &self,
        paper: &Arc<Fact<ExportCertificate>>,
        custody: impl Fn(&str) -> Option<&'c Custody>,
        prices: &Prices,
        context: &Context,
    ) -> Option<CertificateView> {
        let record = &paper.record;
        let lots = self.lots_of(paper).into_values().map(|lot| {
            let custody = custody(lot.key())?.clone();
            Some(CertificateLot { lot, custody })
        });
        let lots: Vec<CertificateLot> = lots.collect::<Option<_>>()?;
        let name = (paper.country(), &*record.identifier);
        let exporter = record.exporter.as_ref().map_or("", |party| &*party.identifier);
        let standing = self.region.exporters.get(&*key_in_state(paper.country(), exporter));
        let audits = self.index.audits.get(&(paper.country(), exporter));
        Some(CertificateView {
            certificate: Arc::clone(paper),
            unresolved: self.unresolved(paper),
            exports: self.index.exports.get(&name).cloned().unwrap_or_default(),
            imports: self.index.imports.get(&name).cloned().unwrap_or_default(),
            peers: peers(paper, prices, context),
            exporter: standing.filter(|one| !one.is_void).cloned(),
            audits: audits.cloned().unwrap_or_default(),
            incomplete: incomplete(paper),
            lots,
        })
    }

    /// The lots that a certificate names, and those that name it, by key.
    pub(super) fn lots_of(
        &self,
        certificate: &Fact<ExportCertificate>,
    ) -> BTreeMap<Arc<str>, LotFact> {
        let numbers: BTreeSet<&String> = certificate.record.lot_number.iter().collect();
        let named = numbers.into_iter().filter_map(|number| self.exported(certificate, number).0);
        let paper = (certificate.country(), &*certificate.record.identifier);
        let naming = self.index.of_certificate.get(&paper).into_iter().flatten();
        let all = named.chain(naming.map(|lot| Arc::clone(lot)));
        all.map(|lot| (Arc::clone(&lot.named.key), lot)).collect()
    }

    /// Numbers that lead to no lot, or to none of several.
    pub(super) fn unresolved(&self, paper: &Fact<ExportCertificate>) -> Vec<Missing> {
        let lacking = paper.record.lot_number.iter().filter_map(|number| {
            let lack = match self.exported(paper, number) {
                (Some(_), _) => return None,
                (None, 0) => Lack::Unresolved,
                (None, _) => Lack::Ambiguous,
            };
            Some(Missing::new("Lot", format!("{}//{number}", paper.country()), lack))
        });
        lacking.collect()
    }
}

/// Other certificates of the mineral of the days up to its issuance.
fn peers(paper: &Fact<ExportCertificate>, prices: &Prices, context: &Context) -> Vec<Priced> {
    let mineral = mineral::hs6(&paper.record.type_of_ore).unwrap_or_default();
    let Some(issued) = day(&paper.record.date_of_issuance) else { return Vec::new() };
    let days = context.limit(Parameter::ValueDays, paper.country(), &mineral).clamp(0, 36_500);
    let first = issued.saturating_sub(Span::new().days(days));
    let others = prices.within(&mineral, first, issued);
    others.filter(|(key, _)| ***key != *paper.key()).map(|(_, worth)| worth.clone()).collect()
}

/// Paths of what the standard asks for and the certificate lacks.
fn incomplete(paper: &Fact<ExportCertificate>) -> Vec<String> {
    let checking = rmd_standard::Context {
        country: paper.country().to_owned(),
        // What it lacks does not depend on the day.
        today: Date::MAX,
        zone: TimeZone::UTC,
    };
    let record = Record::ExportCertificate(Box::new(paper.record.clone()));
    // What the hub shows has passed this check before.
    let Ok(valid) = Valid::check(record, &checking) else { return Vec::new() };
    let findings = valid.brief().into_iter();
    findings.filter(|one| one.rule.ends_with("-REQUIRED")).map(|one| one.path).collect()
}
