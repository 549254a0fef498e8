//! A tag with every lot that carries it.

use std::sync::Arc;

use rmd_proto::v1::{self, TagScheme};

use super::nature;
use crate::Fact;

/// A tag and the lots that carry it, of whatever states.
#[derive(Debug, Clone)]
pub struct TagView {
    /// Who runs the tags.
    pub scheme: TagScheme,
    /// The tag's identifier.
    pub identifier: String,
    /// The lots that carry it and are not void.
    pub lots: Vec<TaggedLot>,
}

/// A lot that carries a tag.
#[derive(Debug, Clone)]
pub struct TaggedLot {
    /// The lot.
    pub lot: Arc<Fact<v1::Lot>>,
    /// Keys of the lots that its inputs name.
    pub parents: Vec<Arc<str>>,
}

impl TagView {
    /// Scheme and identifier: what names the subject.
    pub(crate) fn key(&self) -> String {
        let scheme = self.scheme.as_str_name().trim_start_matches("TAG_SCHEME_");
        format!("{scheme}/{}", self.identifier)
    }
}

impl TaggedLot {
    /// Whether a tag comes along from the lot's only parent: the lot changed hands
    /// under its number, or entered another state.
    pub(crate) fn keeps_tags(&self) -> bool {
        let lot = &self.lot.record;
        nature::is_custody_change(lot) || (nature::is_import(lot) && nature::is_passed_on(lot))
    }
}
