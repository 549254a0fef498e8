//! Integer keys of source rows and of records, and hashes of their keys.
//!
//! Owns the layout: the entity in the upper 4 bits, so that the rows of an
//! entity are one range, and 60 bits below: a number by arrival for an id, the
//! begin of a SHA-256 over entity and key for a hash. Refuses to decide that two
//! keys are the same: whoever looks a hash up compares the key.

use rmd_standard::Entity;
use sha2::{Digest as _, Sha256};

/// Bits below the entity.
const LOW_BITS: u32 = 60;

/// The hash under which a key of an entity is looked for.
pub(crate) fn hash(entity: Entity, key: &str) -> i64 {
    let digest = Sha256::new().chain_update(entity.name()).chain_update([0]).chain_update(key);
    let digest = digest.finalize();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    let hash = u64::from_be_bytes(bytes) >> (u64::BITS - LOW_BITS);
    (base(entity) | hash).cast_signed()
}

/// The id of the n-th row or record of a file; n is far below 2^60.
pub(crate) const fn numbered(entity: Entity, number: u64) -> i64 {
    (base(entity) | (number & LOW_MASK)).cast_signed()
}

/// The lowest and the highest number of an entity, both included.
pub(crate) const fn range(entity: Entity) -> (i64, i64) {
    let low = base(entity);
    (low.cast_signed(), (low | LOW_MASK).cast_signed())
}

const LOW_MASK: u64 = (1 << LOW_BITS) - 1;

/// Stays as it is for ever: the numbers lie in the files of ministries.
const fn base(entity: Entity) -> u64 {
    let code: u64 = match entity {
        Entity::MineSite => 1,
        Entity::Lot => 2,
        Entity::ExportCertificate => 3,
        Entity::ExportDeclaration => 4,
        Entity::ImportDeclaration => 5,
        Entity::ReportingPeriod => 6,
        // Not 8: its lowest number is the least of all, after which listings begin.
        Entity::ExporterStatus => 7,
        Entity::ProductionDeclaration => 9,
        Entity::StockDeclaration => 10,
        Entity::Audit => 11,
        Entity::Incident => 12,
    };
    code << LOW_BITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_id_lies_in_the_range_of_its_entity_and_of_no_other() {
        let holders = |id: &i64| {
            let holds = |entity: &Entity| (range(*entity).0..=range(*entity).1).contains(id);
            Entity::ALL.into_iter().filter(holds).collect::<Vec<_>>()
        };
        for entity in Entity::ALL {
            for key in ["", "1", "CD-001", "é"] {
                assert_eq!(holders(&hash(entity, key)), [entity]);
            }
            for number in [0, 1, 10_000_000_000] {
                assert_eq!(holders(&numbered(entity, number)), [entity]);
            }
        }
    }
}
