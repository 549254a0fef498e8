//! Where records name each other.

use std::{collections::BTreeMap, sync::Arc};

use rmd_proto::v1::{ExportDeclaration, ImportDeclaration, Lot, Procedure};
use rmd_standard::site_id;

use super::{Region, resolve};
use crate::{
    Fact,
    view::{Input, Parent},
};

/// Key of a lot that took of another, and the milligrams it took, if it says so.
type Taken = (Arc<str>, Option<i64>);

/// Keys of records by what they name.
pub(super) struct Index {
    /// Lots that are not void by state and number.
    pub(super) by_number: BTreeMap<(String, String), Vec<Arc<Fact<Lot>>>>,
    /// Inputs of lots with what they name, by the key of the lot.
    pub(super) inputs: BTreeMap<Arc<str>, Vec<Input>>,
    /// Lots that name a lot as an input, and how much they took, by its key.
    pub(super) uses: BTreeMap<Arc<str>, Vec<Taken>>,
    /// Keys of lots by state and the certificate that they name.
    pub(super) of_certificate: BTreeMap<(String, String), Vec<Arc<str>>>,
    /// Export declarations by state and number of the certificate that they quote.
    pub(super) exports: BTreeMap<(String, String), Vec<Arc<Fact<ExportDeclaration>>>>,
    /// Import declarations, likewise.
    pub(super) imports: BTreeMap<(String, String), Vec<Arc<Fact<ImportDeclaration>>>>,
    /// Lots by scheme and identifier of a tag.
    pub(super) tags: BTreeMap<(i32, String), Vec<Arc<str>>>,
    /// Production lots by the key of their site.
    pub(super) of_site: BTreeMap<String, Vec<Arc<str>>>,
}

impl Index {
    pub(super) fn of(region: &Region) -> Self {
        let mut index = Self {
            by_number: BTreeMap::new(),
            inputs: BTreeMap::new(),
            uses: BTreeMap::new(),
            of_certificate: BTreeMap::new(),
            exports: BTreeMap::new(),
            imports: BTreeMap::new(),
            tags: BTreeMap::new(),
            of_site: BTreeMap::new(),
        };
        let lots: Vec<_> = region.lots.values().filter(|lot| !lot.is_void).collect();
        for lot in &lots {
            let name = (lot.country().to_owned(), lot.record.lot_number.clone());
            index.by_number.entry(name).or_default().push(Arc::clone(lot));
        }
        for lot in &lots {
            index.take_lot(lot);
        }
        for export in region.exports.values().filter(|one| !one.is_void) {
            let record = &export.record;
            let country = or(&record.certificate_country, export.country());
            let paper = (country, record.certificate_identifier.clone());
            index.exports.entry(paper).or_default().push(Arc::clone(export));
        }
        for import in region.imports.values().filter(|one| !one.is_void) {
            let record = &import.record;
            let country = or(&record.certificate_country, &record.consignor_country);
            let paper = (country, record.certificate_identifier.clone());
            index.imports.entry(paper).or_default().push(Arc::clone(import));
        }
        index
    }

    fn take_lot(&mut self, lot: &Arc<Fact<Lot>>) {
        let key = &lot.named.key;
        let inputs: Vec<Input> =
            lot.record.input_lot.iter().map(|stated| self.input(lot, stated)).collect();
        for input in &inputs {
            if let Parent::Known(parent) = &input.parent {
                let taken = (Arc::clone(key), input.stated.contributed_mass_mg);
                self.uses.entry(Arc::clone(&parent.named.key)).or_default().push(taken);
            }
        }
        self.inputs.insert(Arc::clone(key), inputs);
        if !lot.record.export_certificate_id.is_empty() {
            let paper = (lot.country().to_owned(), lot.record.export_certificate_id.clone());
            self.of_certificate.entry(paper).or_default().push(Arc::clone(key));
        }
        for tag in lot.record.tag.iter().filter(|tag| !tag.identifier.is_empty()) {
            let name = (tag.scheme, tag.identifier.clone());
            self.tags.entry(name).or_default().push(Arc::clone(key));
        }
        if let Some(site) = site_id::key_of(&lot.record.mine_site_id) {
            self.of_site.entry(site).or_default().push(Arc::clone(key));
        }
    }

    fn input(&self, lot: &Arc<Fact<Lot>>, stated: &rmd_proto::v1::InputLot) -> Input {
        let country = or(&stated.country, lot.country());
        let name = (country.clone(), stated.lot_number.clone());
        let candidates = self.by_number.get(&name).map_or(&[][..], Vec::as_slice);
        let parent = resolve::parent(lot, stated, candidates);
        Input { stated: stated.clone(), country, parent }
    }
}

/// The first, or the second where the first says nothing.
pub(super) fn or(stated: &str, usual: &str) -> String {
    if stated.is_empty() { usual.to_owned() } else { stated.to_owned() }
}

/// Whether a declaration is of goods that stay or leave for good.
pub(super) fn is_normal(procedure: Procedure) -> bool {
    procedure != Procedure::Transit
}
