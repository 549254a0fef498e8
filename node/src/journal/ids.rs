//! Integer keys of source rows and of records.
//!
//! Owns the layout: the entity in the upper 4 bits, so that the rows of an
//! entity are one range, and 60 bits of a SHA-256 over entity and key. Refuses
//! to decide that two keys are the same: whoever looks a number up compares the
//! key, and goes to [`next`] when it is another's.

use rmd_standard::Entity;
use sha2::{Digest as _, Sha256};

/// Bits below the entity.
const HASH_BITS: u32 = 60;

/// The number under which a key of an entity is looked for first.
pub(crate) fn first(entity: Entity, key: &str) -> i64 {
    let digest = Sha256::new().chain_update(entity.name()).chain_update([0]).chain_update(key);
    let digest = digest.finalize();
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&digest[..8]);
    let hash = u64::from_be_bytes(bytes) >> (u64::BITS - HASH_BITS);
    (base(entity) | hash).cast_signed()
}

/// The number to look at when another key has `id`; stays within the entity.
pub(crate) const fn next(id: i64) -> i64 {
    let id = id.cast_unsigned();
    let mask = (1 << HASH_BITS) - 1;
    ((id & !mask) | (id.wrapping_add(1) & mask)).cast_signed()
}

/// The lowest and the highest number of an entity, both included.
pub(crate) const fn range(entity: Entity) -> (i64, i64) {
    let low = base(entity);
    (low.cast_signed(), (low | ((1 << HASH_BITS) - 1)).cast_signed())
}

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
    code << HASH_BITS
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
                assert_eq!(holders(&first(entity, key)), [entity]);
            }
        }
    }

    #[test]
    fn the_number_after_the_last_is_the_first_of_the_same_entity() {
        let (low, high) = range(Entity::Lot);
        assert_eq!(next(high), low);
        assert_eq!(next(low), low + 1);
    }
}
