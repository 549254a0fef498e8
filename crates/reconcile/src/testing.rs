//! Records and contexts for tests of rules.

use std::sync::Arc;

use jiff::civil::{Date, date};
use rmd_proto::v1::{self, OriginatingOperation};
use rmd_standard::{Entity, effective::SiteHistory};

use crate::{
    Context, Coverage, Fact, Named, Outcome, Parameters, Severity,
    view::{
        CertificateLot, CertificateView, Custody, Input, LotView, Parent, SiteFacts, SiteLink,
        SiteMonthView, SiteView, Use, WHOLE,
    },
};

/// A kilogram in milligrams.
pub(crate) const KG: i64 = 1_000_000;

/// The day on which tests evaluate.
pub(crate) const DAY: Date = date(2026, 10, 15);

/// Every member reports everything in time.
pub(crate) fn context() -> Context {
    let mut coverage = Coverage::default();
    for (country, ..) in rmd_standard::country::MEMBERS {
        for entity in Entity::ALL {
            coverage.set_live(country, entity);
        }
    }
    Context::new(DAY, Parameters::default(), coverage)
}

/// A record under that key.
pub(crate) fn fact<M>(entity: Entity, country: &str, key: &str, record: M) -> Fact<M> {
    let named = Named { entity, key: key.into(), country: country.into(), rev: 1, digest: [0; 32] };
    Fact { named, is_void: false, record }
}

/// A lot of that many milligrams of cassiterite, of Rwanda.
pub(crate) fn lot(number: &str, mass_mg: i64, operations: &[OriginatingOperation]) -> v1::Lot {
    v1::Lot {
        country: "RW".to_owned(),
        lot_number: number.to_owned(),
        registered_at_us: 1_782_900_000_000_000,
        creator: Some(v1::BusinessEntity { identifier: "T-1".to_owned(), ..Default::default() }),
        mineral: "2609.00.00".to_owned(),
        mass_mg,
        originating_operation: operations.iter().map(|one| (*one).into()).collect(),
        ..v1::Lot::default()
    }
}

/// The lot under its key.
pub(crate) fn lot_fact(lot: v1::Lot) -> Arc<Fact<v1::Lot>> {
    let creator = lot.creator.as_ref().map_or("", |creator| &creator.identifier);
    let key = format!("{}/{creator}/{}", lot.country, lot.lot_number);
    Arc::new(fact(Entity::Lot, &lot.country.clone(), &key, lot))
}

/// A view of a lot alone.
pub(crate) fn view(lot: v1::Lot) -> LotView {
    LotView {
        lot: lot_fact(lot),
        inputs: Vec::new(),
        uses: Vec::new(),
        certificates: Vec::new(),
        site: SiteLink::Unnamed,
        allocated_elsewhere: Vec::new(),
        tag_origins: Vec::new(),
        is_in_cycle: false,
    }
}

impl LotView {
    /// With an input of that lot, of which so much went in.
    pub(crate) fn with_input(mut self, parent: v1::Lot, contributed_mg: Option<i64>) -> Self {
        let parent = lot_fact(parent);
        let stated = v1::InputLot {
            lot_number: parent.record.lot_number.clone(),
            contributed_mass_mg: contributed_mg,
            ..v1::InputLot::default()
        };
        let lot = Arc::get_mut(&mut self.lot).expect("nobody else holds it");
        lot.record.input_lot.push(stated.clone());
        let country = parent.country().to_owned();
        self.inputs.push(Input { stated, country, parent: Parent::Known(parent) });
        self
    }

    /// With a lot that takes so much of it.
    pub(crate) fn with_use(mut self, child: v1::Lot, contributed_mg: Option<i64>) -> Self {
        self.uses.push(Use { child: lot_fact(child), contributed_mg });
        self
    }

    /// With the site that it comes from.
    pub(crate) fn with_site(mut self, site: v1::MineSite) -> Self {
        self.site = SiteLink::Known(site_facts(site));
        self
    }
}

/// The site with its history, known from the beginning.
pub(crate) fn site_facts(site: v1::MineSite) -> Arc<SiteFacts> {
    let history = SiteHistory::new(&site, jiff::Timestamp::UNIX_EPOCH);
    let (country, key) = (site.address_country.clone(), site.icglr_id.clone());
    Arc::new(SiteFacts { site: fact(Entity::MineSite, &country, &key, site).into(), history })
}

/// A view of a site alone.
pub(crate) fn site_view(facts: Arc<SiteFacts>) -> SiteView {
    SiteView {
        facts,
        decided_on: Vec::new(),
        applied_tags: 0,
        neighbours: Vec::new(),
        same_national_id: Vec::new(),
    }
}

/// A month of one site, of cassiterite.
pub(crate) fn month(period: &str, mass_mg: Option<i64>, workers: Option<u32>) -> SiteMonthView {
    let declared = v1::ProductionDeclaration {
        country: "RW".to_owned(),
        mineral: "2609.00.00".to_owned(),
        period: period.to_owned(),
        mass_mg,
        workers_declared: workers,
        ..v1::ProductionDeclaration::default()
    };
    let key = format!("RW-1/260900/{period}");
    SiteMonthView {
        production: Arc::new(fact(Entity::ProductionDeclaration, "RW", &key, declared)),
        site: None,
        peers: Vec::new(),
        before: Vec::new(),
        fallen: Vec::new(),
        border_m: None,
    }
}

/// Months of 2025, from January on, of so many kilograms each.
pub(crate) fn months(masses_kg: &[i64]) -> Vec<Arc<Fact<v1::ProductionDeclaration>>> {
    let one = |(at, mass): (usize, &i64)| {
        month(&format!("2025-{:02}", at + 1), Some(mass * KG), None).production
    };
    masses_kg.iter().enumerate().map(one).collect()
}

/// A certificate of Rwanda for a ton of cassiterite, in order in itself.
pub(crate) fn certificate() -> v1::ExportCertificate {
    v1::ExportCertificate {
        issuing_country: "RW".to_owned(),
        identifier: "C-1".to_owned(),
        exporter: Some(v1::BusinessEntity { identifier: "T-1".to_owned(), ..Default::default() }),
        type_of_ore: "2609.00.00".to_owned(),
        lot_weight_mg: 1_000 * KG,
        mineral_origin: vec!["RW".to_owned()],
        date_of_verification: "2026-07-02".to_owned(),
        date_of_issuance: "2026-07-03".to_owned(),
        date_of_expiration: "2026-10-01".to_owned(),
        ..v1::ExportCertificate::default()
    }
}

/// A view of a certificate alone.
pub(crate) fn certificate_view(certificate: v1::ExportCertificate) -> CertificateView {
    let (country, key) = ("RW", format!("RW/{}", certificate.identifier));
    CertificateView {
        certificate: Arc::new(fact(Entity::ExportCertificate, country, &key, certificate)),
        lots: Vec::new(),
        unresolved: Vec::new(),
        exports: Vec::new(),
        imports: Vec::new(),
        peers: Vec::new(),
        exporter: None,
        audits: Vec::new(),
        incomplete: Vec::new(),
    }
}

impl CertificateView {
    /// With a lot of cassiterite that inherits that.
    pub(crate) fn with_lot(mut self, lot: v1::Lot, custody: Custody) -> Self {
        self.lots.push(CertificateLot { lot: lot_fact(lot), custody });
        self
    }
}

/// All traced, to that state.
pub(crate) fn traced(origin: &str) -> Custody {
    let origins = std::collections::BTreeSet::from([origin.to_owned()]);
    Custody { traced: WHOLE, origins, ..Custody::default() }
}

/// A line of an export of cassiterite from Rwanda to Uganda.
pub(crate) fn export(
    key: &str,
    exit_date: &str,
    net_mass_mg: i64,
    certificate: &str,
) -> Arc<Fact<v1::ExportDeclaration>> {
    let line = v1::ExportDeclaration {
        country: "RW".to_owned(),
        mineral: "2609.00.00".to_owned(),
        net_mass_mg,
        destination_country: "UG".to_owned(),
        exit_date: exit_date.to_owned(),
        procedure: v1::Procedure::Normal.into(),
        certificate_identifier: certificate.to_owned(),
        ..v1::ExportDeclaration::default()
    };
    Arc::new(fact(Entity::ExportDeclaration, "RW", key, line))
}

/// A line of an import of cassiterite from Rwanda into Uganda.
pub(crate) fn import(
    key: &str,
    entry_date: &str,
    net_mass_mg: i64,
    certificate: &str,
) -> Arc<Fact<v1::ImportDeclaration>> {
    let line = v1::ImportDeclaration {
        country: "UG".to_owned(),
        mineral: "260900".to_owned(),
        net_mass_mg,
        consignor_country: "RW".to_owned(),
        entry_date: entry_date.to_owned(),
        procedure: v1::Procedure::Normal.into(),
        certificate_identifier: certificate.to_owned(),
        ..v1::ImportDeclaration::default()
    };
    Arc::new(fact(Entity::ImportDeclaration, "UG", key, line))
}

/// The weights of what was found, and how much was missing. Every name in a sentence
/// has a measure.
pub(crate) fn told(outcome: &Outcome) -> (Vec<Severity>, usize) {
    for raised in &outcome.raised {
        for text in [raised.sentence.en, raised.sentence.fr] {
            let names = text.split('{').skip(1).filter_map(|part| part.split('}').next());
            let is_measured =
                |name: &str| raised.measures.iter().any(|measure| measure.name == name);
            let unmeasured: Vec<_> = names.filter(|name| !is_measured(name)).collect();
            assert!(unmeasured.is_empty(), "{text}: {unmeasured:?}");
        }
    }
    (outcome.raised.iter().map(|one| one.severity).collect(), outcome.missing.len())
}
