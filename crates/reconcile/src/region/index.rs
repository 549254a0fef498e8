//! Where records name each other.

use std::{collections::BTreeMap, sync::Arc};

use rmd_proto::v1::{
    Audit, ExportCertificate, ExportDeclaration, ImportDeclaration, InputLot, Lot, Procedure,
};
use rmd_standard::site_id;

use super::{
    Region,
    crowd::{CROWD, Crowd},
    resolve,
};
use crate::{
    Fact,
    view::{Parent, is_production, is_void},
};

pub(super) type LotFact = Arc<Fact<Lot>>;

/// A state and a number or identifier in it.
pub(super) type InState<'a> = (&'a str, &'a str);

/// Records by what they name. Void ones are not in it.
#[derive(Default)]
pub(super) struct Index<'a> {
    /// Lots by state and number.
    pub(super) by_number: BTreeMap<InState<'a>, Vec<LotFact>>,
    /// The same where there are many of them.
    crowds: BTreeMap<InState<'a>, Crowd<'a>>,
    /// Inputs, as the lot and the place among its inputs, by the state and the number
    /// that they name.
    pub(super) naming: BTreeMap<InState<'a>, Vec<(&'a LotFact, usize)>>,
    /// Lots by state and the certificate that they name.
    pub(super) of_certificate: BTreeMap<InState<'a>, Vec<&'a LotFact>>,
    /// Certificates by state and each lot number that they name.
    pub(super) of_number: BTreeMap<InState<'a>, Vec<&'a Arc<Fact<ExportCertificate>>>>,
    /// Export declarations by state and number of the certificate that they quote.
    pub(super) exports: BTreeMap<InState<'a>, Vec<Arc<Fact<ExportDeclaration>>>>,
    /// Import declarations, likewise.
    pub(super) imports: BTreeMap<InState<'a>, Vec<Arc<Fact<ImportDeclaration>>>>,
    /// Audits by state and exporter.
    pub(super) audits: BTreeMap<InState<'a>, Vec<Arc<Fact<Audit>>>>,
    /// Lots by scheme and identifier of a tag, each once.
    pub(super) tags: BTreeMap<(i32, &'a str), Vec<&'a LotFact>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(region: &'a Region) -> Self {
        let mut index = Self::default();
        for lot in region.lots.values().filter(|lot| !lot.is_void) {
            index.take_lot(lot);
        }
        index.take_crowds(region);
        for certificate in region.certificates.values().filter(|one| !is_void(one)) {
            for number in &certificate.record.lot_number {
                let found = index.of_number.entry((certificate.country(), number)).or_default();
                found.push(certificate);
            }
        }
        for export in region.exports.values().filter(|one| !one.is_void) {
            let record = &export.record;
            let country = or(&record.certificate_country, export.country());
            let paper = (country, &*record.certificate_identifier);
            index.exports.entry(paper).or_default().push(Arc::clone(export));
        }
        for import in region.imports.values().filter(|one| !one.is_void) {
            let record = &import.record;
            let country = or(&record.certificate_country, &record.consignor_country);
            let paper = (country, &*record.certificate_identifier);
            index.imports.entry(paper).or_default().push(Arc::clone(import));
        }
        for audit in region.audits.values().filter(|audit| !audit.is_void) {
            let exporter = (audit.country(), &*audit.record.exporter_identifier);
            index.audits.entry(exporter).or_default().push(Arc::clone(audit));
        }
        index
    }

    fn take_lot(&mut self, lot: &'a LotFact) {
        let (country, record) = (lot.country(), &lot.record);
        self.by_number.entry((country, &record.lot_number)).or_default().push(Arc::clone(lot));
        for (place, input) in record.input_lot.iter().enumerate() {
            let name = (or(&input.country, country), &*input.lot_number);
            self.naming.entry(name).or_default().push((lot, place));
        }
        if !record.export_certificate_id.is_empty() {
            let paper = (country, &*record.export_certificate_id);
            self.of_certificate.entry(paper).or_default().push(lot);
        }
        for tag in record.tag.iter().filter(|tag| !tag.identifier.is_empty()) {
            let carriers = self.tags.entry((tag.scheme, &tag.identifier)).or_default();
            if carriers.last().is_none_or(|last| last.key() != lot.key()) {
                carriers.push(lot);
            }
        }
    }

    fn take_crowds(&mut self, region: &'a Region) {
        let crowded = self.by_number.iter().filter(|(_, lots)| lots.len() >= CROWD);
        let of = |lots: &[LotFact]| {
            Crowd::of(lots.iter().filter_map(|lot| region.lots.get(&lot.named.key)))
        };
        self.crowds = crowded.map(|(name, lots)| (*name, of(lots))).collect();
    }

    /// The lot that an input of a lot means, by its name.
    pub(super) fn parent(&self, lot: &LotFact, stated: &InputLot, name: InState<'_>) -> Parent {
        match self.crowds.get(&name) {
            Some(crowd) => crowd.parent(lot, stated),
            None => resolve::parent(lot, stated, self.candidates(name)),
        }
    }

    /// The lots of that number in that state.
    pub(super) fn candidates<'s>(&'s self, name: InState<'s>) -> &'s [LotFact] {
        self.by_number.get(&name).map_or(&[], Vec::as_slice)
    }
}

/// The first, or the second where the first says nothing.
pub(crate) fn or<'a>(stated: &'a str, usual: &'a str) -> &'a str {
    if stated.is_empty() { usual } else { stated }
}

/// Whether a declaration is of goods that stay or leave for good.
pub(super) fn is_normal(procedure: Procedure) -> bool {
    procedure != Procedure::Transit
}

/// The key of a certificate by its state and number.
pub(super) fn key_in_state(country: &str, identifier: &str) -> String {
    let part = |text: &str| text.replace('%', "%25").replace('/', "%2F");
    format!("{country}/{}", part(identifier))
}

/// How many mine tags are on the production lots of each site, each counted once.
pub(crate) fn applied_tags(region: &Region) -> BTreeMap<Arc<str>, u64> {
    use rmd_proto::v1::TagKind::{Mine, Unspecified};
    let mut found = BTreeMap::<String, std::collections::BTreeSet<(i32, &str)>>::new();
    for lot in region.lots.values().filter(|lot| !lot.is_void && is_production(&lot.record)) {
        let Some(site) = site_id::key_of(&lot.record.mine_site_id) else { continue };
        let tags = lot.record.tag.iter().filter(|tag| matches!(tag.kind(), Mine | Unspecified));
        found.entry(site).or_default().extend(tags.map(|tag| (tag.scheme, &*tag.identifier)));
    }
    found.into_iter().map(|(site, tags)| (site.into(), tags.len() as u64)).collect()
}
