//! Keeps a hostile record from growing in memory.
//!
//! An empty element of a list takes two bytes on the wire and several hundred as
//! a message, so a payload of half a megabyte could take a hundred times as much
//! before any check sees it. Elements beyond the limit of a list are dropped here
//! from the copy that is decoded; one too many is left, by which the check
//! refuses the record. The bytes of the payload itself are nobody's to change.

use std::borrow::Cow;

use prost::{
    DecodeError,
    bytes::Buf as _,
    encoding::{DecodeContext, decode_key, skip_field},
};

use crate::{Entity, model::ELEMENTS_MAX};

/// An element takes at least two bytes: shorter payloads cannot have too many.
const HARMLESS_BYTES: usize = 2 * ELEMENTS_MAX;

/// The numbers of the fields that are lists of messages.
const fn lists(entity: Entity) -> &'static [u32] {
    match entity {
        Entity::MineSite => &[8, 10, 11, 12, 27, 28, 90],
        Entity::Lot => &[15, 16, 17, 90],
        Entity::ExportCertificate => &[90],
        Entity::ExporterStatus
        | Entity::ExportDeclaration
        | Entity::ImportDeclaration
        | Entity::ProductionDeclaration
        | Entity::StockDeclaration
        | Entity::ReportingPeriod
        | Entity::Audit
        | Entity::Incident => &[],
    }
}

/// The bytes of a record without the elements that no check would read.
pub(super) fn cut(entity: Entity, bytes: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    let lists = lists(entity);
    if bytes.len() <= HARMLESS_BYTES || lists.is_empty() {
        return Ok(Cow::Borrowed(bytes));
    }
    let mut counts = vec![0; lists.len()];
    let mut kept = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while rest.has_remaining() {
        let field = rest;
        let (tag, wire_type) = decode_key(&mut rest)?;
        skip_field(wire_type, tag, &mut rest, DecodeContext::default())?;
        let count = lists.iter().position(|list| *list == tag).map(|list| &mut counts[list]);
        let is_kept = count.is_none_or(|count| {
            *count += 1;
            *count <= ELEMENTS_MAX + 1
        });
        if is_kept {
            kept.extend_from_slice(&field[..field.len() - rest.len()]);
        }
    }
    Ok(Cow::Owned(kept))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Record, Regional, Valid,
        model::{self, Value},
        sample,
    };

    /// How many elements each list of a record has.
    fn lengths(record: &mut Record) -> Vec<usize> {
        let part = model::part_of(record);
        let mut lengths = Vec::new();
        for index in 0..part.len() {
            if let Value::List(items) = part.value(index) {
                lengths.push(items.len());
            }
        }
        lengths
    }

    #[test]
    fn elements_beyond_the_limit_are_not_decoded_and_the_record_is_refused() {
        for entity in [Entity::MineSite, Entity::Lot, Entity::ExportCertificate] {
            let mut bytes = sample::complete(entity).encode();
            for list in lists(entity) {
                let mut element = Vec::new();
                let wire_type = prost::encoding::WireType::LengthDelimited;
                prost::encoding::encode_key(*list, wire_type, &mut element);
                element.push(0);
                bytes.extend(element.repeat(100_000));
            }
            let mut record = Record::decode(entity, &bytes).unwrap();
            let limit = ELEMENTS_MAX + 1;
            assert_eq!(lengths(&mut record), vec![limit; lists(entity).len()]);
            let refusal = Valid::<_, Regional>::check(record, &sample::context()).unwrap_err();
            assert!(refusal.findings.iter().any(|finding| finding.rule.ends_with("-RANGE")));
        }
    }

    #[test]
    fn long_records_within_the_limit_are_read_whole() {
        let Record::Lot(mut lot) = sample::complete(Entity::Lot) else { unreachable!() };
        lot.tag = vec![lot.tag[0].clone(); ELEMENTS_MAX];
        let record = Record::Lot(lot);
        let bytes = record.encode();
        assert!(bytes.len() > HARMLESS_BYTES);
        assert_eq!(Record::decode(Entity::Lot, &bytes).unwrap(), record);
        assert!(Record::decode(Entity::Lot, &bytes[..bytes.len() - 1]).is_err());
    }
}
