//! What is known of a record type before the first record.
//!
//! A dictionary is what zstd (RFC 8878, section 5) trained on made-up records of one
//! type, packed by column as blocks are. It stands in the repository as data: stored
//! blocks name theirs by its id for ever, so one that was ever written with is never
//! changed nor taken out. A new one gets an id of its own. Each is prepared once, when
//! it is first used, for all threads.

use std::sync::OnceLock;

use rmd_proto::v1;
use zstd::zstd_safe::{CDict, CompressionLevel, DDict};

use crate::packing;

/// One dictionary.
pub(crate) struct Dictionary {
    id: u32,
    entity: &'static str,
    bytes: &'static [u8],
    packs: OnceLock<CDict<'static>>,
    unpacks: OnceLock<DDict<'static>>,
}

/// All of them; the last one of a record type is the one to write with. Ids are of the
/// range that RFC 8878 leaves to everybody, and below 65 536, so that they take two
/// bytes. Any two differ in both, so that no damaged byte names another dictionary.
static ALL: [Dictionary; 11] = [
    Dictionary::new(33_025, "MineSite", include_bytes!("../dictionaries/MineSite")),
    Dictionary::new(33_282, "ExporterStatus", include_bytes!("../dictionaries/ExporterStatus")),
    Dictionary::new(33_539, "Lot", include_bytes!("../dictionaries/Lot")),
    Dictionary::new(
        33_796,
        "ExportCertificate",
        include_bytes!("../dictionaries/ExportCertificate"),
    ),
    Dictionary::new(
        34_053,
        "ExportDeclaration",
        include_bytes!("../dictionaries/ExportDeclaration"),
    ),
    Dictionary::new(
        34_310,
        "ImportDeclaration",
        include_bytes!("../dictionaries/ImportDeclaration"),
    ),
    Dictionary::new(34_567, "ReportingPeriod", include_bytes!("../dictionaries/ReportingPeriod")),
    Dictionary::new(
        34_824,
        "ProductionDeclaration",
        include_bytes!("../dictionaries/ProductionDeclaration"),
    ),
    Dictionary::new(35_081, "StockDeclaration", include_bytes!("../dictionaries/StockDeclaration")),
    Dictionary::new(35_338, "Audit", include_bytes!("../dictionaries/Audit")),
    Dictionary::new(35_595, "Incident", include_bytes!("../dictionaries/Incident")),
];

impl Dictionary {
    const fn new(id: u32, entity: &'static str, bytes: &'static [u8]) -> Self {
        Self { id, entity, bytes, packs: OnceLock::new(), unpacks: OnceLock::new() }
    }

    /// Ready to pack with; the level is that of the first call.
    pub(crate) fn packs(&self, level: CompressionLevel) -> &CDict<'static> {
        self.packs.get_or_init(|| CDict::create(self.bytes, level))
    }

    /// Ready to unpack with.
    pub(crate) fn unpacks(&self) -> &DDict<'static> {
        self.unpacks.get_or_init(|| DDict::create(self.bytes))
    }
}

/// The dictionary with that id.
pub(crate) fn by_id(id: u32) -> Option<&'static Dictionary> {
    ALL.iter().find(|dictionary| dictionary.id == id)
}

/// The dictionary to write blocks of that record type with.
pub(crate) fn by_entity(entity: &str) -> Option<&'static Dictionary> {
    ALL.iter().rev().find(|dictionary| dictionary.entity == entity)
}

/// The ids of all, for whoever asks for frames.
pub(crate) fn ids() -> impl Iterator<Item = u32> {
    ALL.iter().map(|dictionary| dictionary.id)
}

/// What zstd sees of a block, for training: its columns. None where it stays in rows.
pub fn sample(block: &v1::EntryBlock) -> Option<Vec<u8>> {
    packing::columns_of(block)
}
