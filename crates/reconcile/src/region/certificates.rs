//! Certificates with their lots, their declarations and their peers.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Span, civil::Date, tz::TimeZone};
use rmd_proto::v1::ExportCertificate;
use rmd_standard::{Record, Valid, mineral};

use super::{custody::Views, lots::Around};
use crate::{
    Context, Fact, Lack, Missing, Parameter,
    view::{CertificateLot, CertificateView, Custody, Priced, day, is_void},
};

impl Around<'_> {
    /// A view of every certificate that is not void.
    pub(super) fn certificates(
        &self,
        views: &Views,
        custody: &BTreeMap<Arc<str>, Custody>,
        context: &Context,
    ) -> Vec<CertificateView> {
        let papers = self.region.certificates.values().filter(|one| !is_void(one));
        let prices = self.prices();
        let view = |paper: &Arc<Fact<ExportCertificate>>| CertificateView {
            peers: peers(paper, &prices, context),
            incomplete: incomplete(paper, context),
            ..self.certificate_view(paper, views, custody)
        };
        papers.map(view).collect()
    }

    fn certificate_view(
        &self,
        paper: &Arc<Fact<ExportCertificate>>,
        views: &Views,
        custody: &BTreeMap<Arc<str>, Custody>,
    ) -> CertificateView {
        let record = &paper.record;
        let lots: Vec<CertificateLot> = self
            .keys_of_lots(paper)
            .iter()
            .filter_map(|key| {
                let (view, custody) = (views.get(key)?, custody.get(key)?);
                Some(CertificateLot { lot: Arc::clone(&view.lot), custody: custody.clone() })
            })
            .collect();
        let barred = lots.iter().flat_map(|one| &one.custody.barred_lots);
        let barred = barred.filter_map(|key| self.region.lots.get(key));
        let name = (paper.country().to_owned(), record.identifier.clone());
        let exporter = record.exporter.as_ref().map_or("", |party| &*party.identifier);
        let part = exporter.replace('%', "%25").replace('/', "%2F");
        let key = format!("{}/{part}", paper.country());
        let audits = self.region.audits.values().filter(|audit| {
            !audit.is_void
                && audit.country() == paper.country()
                && audit.record.exporter_identifier == exporter
        });
        CertificateView {
            certificate: Arc::clone(paper),
            barred: barred.map(|lot| lot.named.clone()).collect(),
            unresolved: self.unresolved(paper),
            exports: self.index.exports.get(&name).cloned().unwrap_or_default(),
            imports: self.index.imports.get(&name).cloned().unwrap_or_default(),
            peers: Vec::new(),
            exporter: self.region.exporters.get(&*key).filter(|one| !one.is_void).cloned(),
            audits: audits.cloned().collect(),
            incomplete: Vec::new(),
            lots,
        }
    }

    /// Numbers that lead to no lot, or to none of several.
    fn unresolved(&self, paper: &Fact<ExportCertificate>) -> Vec<Missing> {
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

    /// What certificates are worth, by mineral.
    fn prices(&self) -> Prices {
        let mut prices = Prices::new();
        for paper in self.region.certificates.values().filter(|one| !is_void(one)) {
            let of_mineral = mineral::hs6(&paper.record.type_of_ore);
            let issued = day(&paper.record.date_of_issuance);
            let (Some(mineral), Some(issued), Some(worth)) =
                (of_mineral, issued, Priced::of(paper))
            else {
                continue;
            };
            let key = Arc::clone(&paper.named.key);
            prices.entry(mineral).or_default().push((issued, key, worth));
        }
        for of_mineral in prices.values_mut() {
            of_mineral.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
        }
        prices
    }
}

/// Day of issuance, key and worth, by mineral, in the order of days.
type Prices = BTreeMap<String, Vec<(Date, Arc<str>, Priced)>>;

/// Other certificates of the mineral of the days up to its issuance.
fn peers(paper: &Fact<ExportCertificate>, prices: &Prices, context: &Context) -> Vec<Priced> {
    let mineral = mineral::hs6(&paper.record.type_of_ore).unwrap_or_default();
    let Some(of_mineral) = prices.get(&mineral) else { return Vec::new() };
    let Some(issued) = day(&paper.record.date_of_issuance) else { return Vec::new() };
    let days = context.limit(Parameter::ValueDays, paper.country(), &mineral).clamp(0, 36_500);
    let first = issued.saturating_sub(Span::new().days(days));
    let from = of_mineral.partition_point(|one| one.0 < first);
    let to = of_mineral.partition_point(|one| one.0 <= issued);
    let others = of_mineral[from..to].iter().filter(|one| *one.1 != *paper.key());
    others.map(|one| one.2.clone()).collect()
}

/// Paths of what the standard asks for and the certificate lacks.
fn incomplete(paper: &Fact<ExportCertificate>, context: &Context) -> Vec<String> {
    let checking = rmd_standard::Context {
        country: paper.country().to_owned(),
        today: context.day,
        zone: TimeZone::UTC,
    };
    let record = Record::ExportCertificate(Box::new(paper.record.clone()));
    // What the hub shows has passed this check before.
    let Ok(valid) = Valid::check(record, &checking) else { return Vec::new() };
    let findings = valid.brief().into_iter();
    findings.filter(|one| one.rule.ends_with("-REQUIRED")).map(|one| one.path).collect()
}
