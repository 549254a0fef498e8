//! Where lots lead, as rules read it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rmd_proto::v1::ExportCertificate;

use super::{Region, lots::Around};
use crate::{Fact, Missing, view::Input};

/// The lots of a certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Covered {
    /// Those that it names, and those that name it, by their keys.
    pub lots: BTreeSet<Arc<str>>,
    /// Numbers that lead to no lot, or to none of several.
    pub unresolved: Vec<Missing>,
}

impl Region {
    /// Every input of every lot that is not void, with the lot that it leads to. Of each
    /// name the lots that have it must be here.
    pub fn inputs(&self) -> BTreeMap<Arc<str>, Vec<Input>> {
        let around = Around::of(self);
        let lots = self.lots.values().filter(|lot| !lot.is_void);
        lots.map(|lot| (Arc::clone(&lot.named.key), around.inputs(lot))).collect()
    }

    /// The lots of a certificate. The lots that have its numbers, and those that name it,
    /// must be here.
    pub fn covered(&self, certificate: &Fact<ExportCertificate>) -> Covered {
        let around = Around::of(self);
        let lots = around.lots_of(certificate).into_keys().collect();
        Covered { lots, unresolved: around.unresolved(certificate) }
    }
}
