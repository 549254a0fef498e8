//! Turns the items of a batch into what may be published of them.
//!
//! Owns the release: national fields are removed here, before any byte is kept.
//! Refuses what no feed would take: an oversized record, a key that is too
//! long, a source key that came twice.

use std::collections::HashMap;

use jiff::tz::{Offset, TimeZone};
use rmd_feed::limits::{HEADER_BYTES_MAX, PAYLOAD_BYTES_MAX};
use rmd_proto::v1::Op;
use rmd_standard::{Entity, Finding, National, Record, Refusal, Severity, Valid};

use super::super::{Annulment, Item, state::Revision};

/// Most bytes of a record key: a header holds it and, in the reason of a
/// renaming, another one, with room for everything else.
const KEY_BYTES_MAX: usize = HEADER_BYTES_MAX / 4;

/// Most bytes of the ground of an annulment.
const REASON_BYTES_MAX: usize = HEADER_BYTES_MAX / 4;

/// One item after its release.
#[derive(Debug)]
pub(crate) struct Released {
    pub(in crate::journal) source_key: String,
    pub(in crate::journal) outcome: Outcome,
}

/// What is left of an item.
#[derive(Debug)]
pub(in crate::journal) enum Outcome {
    /// A record in its regional form.
    Valid { record_key: String, revision: Revision },
    /// No record.
    Refused { record_key: Option<String>, findings: Vec<Finding> },
    /// Nothing.
    Gone,
}

/// Releases every item. Beside what is left of them: for each item its place
/// there and whether the row is present at the source.
pub(super) fn release(
    entity: Entity,
    mapping_id: &str,
    items: Vec<Item>,
) -> (Vec<Released>, Vec<(usize, bool)>) {
    let mut times: HashMap<String, usize> = HashMap::with_capacity(items.len());
    for item in &items {
        *times.entry(item.source_key().to_owned()).or_default() += 1;
    }
    let mut doubles: HashMap<String, usize> = HashMap::new();
    let mut released = Vec::with_capacity(items.len());
    let mut places = Vec::with_capacity(items.len());
    for item in items {
        let is_present = !matches!(item, Item::Gone { .. });
        let source_key = item.source_key();
        let place = doubles.get(source_key).copied().unwrap_or(released.len());
        if place == released.len() {
            match times.get(source_key) {
                Some(times) if *times > 1 => {
                    let source_key = source_key.to_owned();
                    doubles.insert(source_key.clone(), place);
                    let findings = vec![doubled(entity, &source_key, *times)];
                    let outcome = Outcome::Refused { record_key: None, findings };
                    released.push(Released { source_key, outcome });
                }
                _ => released.push(release_one(entity, mapping_id, item)),
            }
        }
        places.push((place, is_present));
    }
    (released, places)
}

/// Releases one item by itself.
pub(in crate::journal) fn release_one(entity: Entity, mapping_id: &str, item: Item) -> Released {
    match item {
        Item::Released(released) => released,
        Item::Gone { source_key } => Released { source_key, outcome: Outcome::Gone },
        Item::Present { source_key, outcome: Err(refusal), .. } => {
            let Refusal { key, findings } = refusal;
            Released { source_key, outcome: Outcome::Refused { record_key: key, findings } }
        }
        Item::Present { source_key, outcome: Ok(valid), annulled } => {
            let outcome = publishable(entity, mapping_id, valid, annulled);
            Released { source_key, outcome }
        }
    }
}

fn publishable(
    entity: Entity,
    mapping_id: &str,
    valid: Valid<Record, National>,
    annulled: Option<Annulment>,
) -> Outcome {
    let regional = valid.release();
    let record_key = regional.key().to_owned();
    let payload = regional.record().encode();
    if record_key.len() > KEY_BYTES_MAX {
        let finding = oversized(entity, "_key", "KEY-SIZE", record_key.len(), KEY_BYTES_MAX);
        return Outcome::Refused { record_key: None, findings: vec![finding] };
    }
    if payload.len() > PAYLOAD_BYTES_MAX {
        let finding = oversized(entity, "", "RECORD-SIZE", payload.len(), PAYLOAD_BYTES_MAX);
        return Outcome::Refused { record_key: Some(record_key), findings: vec![finding] };
    }
    let (op, reason, event_time_us) = match annulled {
        None => (Op::Upsert, String::new(), 0),
        Some(Annulment { on, reason }) => (Op::Annul, cut(reason), start_of_day_us(on)),
    };
    let mapping_id = mapping_id.to_owned();
    Outcome::Valid {
        record_key,
        revision: Revision { payload, op, reason, event_time_us, mapping_id },
    }
}

/// The beginning of a calendar day in UTC+2, the day of the network; 0 beyond
/// the range of instants.
fn start_of_day_us(day: jiff::civil::Date) -> i64 {
    let zone = TimeZone::fixed(Offset::constant(2));
    day.to_zoned(zone).map_or(0, |start| start.timestamp().as_microsecond())
}

fn cut(mut reason: String) -> String {
    let mut end = reason.len().min(REASON_BYTES_MAX);
    while !reason.is_char_boundary(end) {
        end -= 1;
    }
    reason.truncate(end);
    reason
}

fn doubled(entity: Entity, source_key: &str, times: usize) -> Finding {
    const RULE: &str = "ROW-DOUBLED";
    Finding {
        rule: RULE.to_owned(),
        severity: Severity::Refuse,
        path: "_key".to_owned(),
        value: source_key.to_owned(),
        en: format!(
            "{entity} row {source_key}: field _key comes {times} times (rule {RULE}). \
             Change the joins of the rows query so that each key comes once."
        ),
        fr: format!(
            "{entity} ligne {source_key} : la donnée _key vient {times} fois (règle {RULE}). \
             Modifiez les jointures de la requête rows pour que chaque clé vienne une seule fois."
        ),
    }
}

fn oversized(entity: Entity, path: &str, rule: &str, bytes: usize, max: usize) -> Finding {
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Refuse,
        path: path.to_owned(),
        value: bytes.to_string(),
        en: format!(
            "{entity}: {} with {bytes} bytes is too long, at most {max} can be sent \
             (rule {rule}). Shorten the longest texts or the polygon at the source.",
            if path.is_empty() { "the whole record" } else { "field _key" }
        ),
        fr: format!(
            "{entity} : {} de {bytes} octets est trop longue, {max} au plus peuvent \
             être envoyés (règle {rule}). Raccourcissez les textes les plus longs ou le polygone \
             à la source.",
            if path.is_empty() { "la fiche entière" } else { "la donnée _key" }
        ),
    }
}
