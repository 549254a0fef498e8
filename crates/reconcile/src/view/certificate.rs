//! A certificate with its lots and the declarations that quote it.

use std::sync::Arc;

use jiff::civil::Date;
use rmd_proto::v1::{self, CertificateState};
use rmd_standard::mineral;

use super::{Custody, nature};
use crate::{Fact, Missing, Named};

/// A certificate and what is around it.
#[derive(Debug, Clone)]
pub struct CertificateView {
    /// The certificate.
    pub certificate: Arc<Fact<v1::ExportCertificate>>,
    /// The lots that it names, and those that name it.
    pub lots: Vec<CertificateLot>,
    /// Lots that it names and that lead to no lot, or to more than one.
    pub unresolved: Vec<Missing>,
    /// Lines of export declarations that quote it, of any state.
    pub exports: Vec<Arc<Fact<v1::ExportDeclaration>>>,
    /// Lines of import declarations that quote it, of any state.
    pub imports: Vec<Arc<Fact<v1::ImportDeclaration>>>,
    /// Other certificates of the mineral, of the days up to its issuance.
    pub peers: Vec<Priced>,
    /// The standing of its exporter; none if no state lists it.
    pub exporter: Option<Arc<ExporterFact>>,
    /// Audits of its exporter.
    pub audits: Vec<Arc<Fact<v1::Audit>>>,
    /// Paths of the fields that the standard asks for and that it lacks; those that
    /// its owner keeps back are not among them.
    pub incomplete: Vec<String>,
}

/// The standing of an exporter.
pub type ExporterFact = Fact<v1::ExporterStatus>;

/// A lot of a certificate.
#[derive(Debug, Clone)]
pub struct CertificateLot {
    /// The lot.
    pub lot: Arc<Fact<v1::Lot>>,
    /// What it inherits.
    pub custody: Custody,
}

/// What a certificate says a kilogram of contained metal is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Priced {
    /// ISO 4217 code of the currency.
    pub currency: String,
    /// Millionths of minor units for a kilogram.
    pub per_kilogram: i128,
}

impl Priced {
    /// The worth, if the certificate tells value, mass and concentration.
    pub fn of(certificate: &v1::ExportCertificate) -> Option<Self> {
        // A kilogram in milligrams, parts per million, and millionths of the answer.
        const SCALE: i128 = 1_000_000_000_000_000_000;
        let concentration = i128::from(certificate.concentration_ppm?);
        let metal = i128::from(certificate.lot_weight_mg) * concentration;
        let value = i128::from(certificate.customs_value_minor?);
        let per_kilogram = (value * SCALE).checked_div(metal)?;
        Some(Self { currency: certificate.customs_value_currency.clone(), per_kilogram })
    }
}

impl CertificateView {
    /// The code by which minerals are compared, HS6; empty if unreadable.
    pub(crate) fn hs6(&self) -> String {
        mineral::hs6(&self.certificate.record.type_of_ore).unwrap_or_default()
    }

    /// Milligrams of all its lots.
    pub(crate) fn mass_of_lots(&self) -> i128 {
        self.lots.iter().map(|one| i128::from(one.lot.record.mass_mg)).sum()
    }

    /// A share of its lots, weighed by their masses, in billionths of milligrams.
    pub(crate) fn weighed(&self, share: impl Fn(&Custody) -> i64) -> i128 {
        let weighed = |one: &CertificateLot| {
            i128::from(one.lot.record.mass_mg) * i128::from(share(&one.custody))
        };
        self.lots.iter().map(weighed).sum()
    }

    /// The names of its lots.
    pub(crate) fn named_lots(&self) -> impl Iterator<Item = Named> {
        self.lots.iter().map(|one| one.lot.named.clone())
    }
}

/// Whether the certificate holds on a day: issued, not yet expired, and not void.
/// What is not said is not held against it.
pub(crate) fn holds_on(fact: &Fact<v1::ExportCertificate>, day: Date) -> bool {
    let certificate = &fact.record;
    let issued = nature::day(&certificate.date_of_issuance);
    let expires = nature::day(&certificate.date_of_expiration);
    !is_void_on(fact, day)
        && issued.is_none_or(|issued| issued <= day)
        && expires.is_none_or(|expires| day <= expires)
}

/// Whether the certificate is void, from whatever day on.
pub(crate) fn is_void(fact: &Fact<v1::ExportCertificate>) -> bool {
    is_void_on(fact, Date::MAX)
}

/// Whether the certificate is void on a day. One that is said to be revoked,
/// replaced or void, without the day on which it became so, always was.
pub(crate) fn is_void_on(fact: &Fact<v1::ExportCertificate>, day: Date) -> bool {
    let certificate = &fact.record;
    let ended = fact.is_void
        || matches!(certificate.state(), CertificateState::Revoked | CertificateState::Replaced);
    match nature::day(&certificate.void_date) {
        Some(void) => void <= day,
        None => ended,
    }
}
