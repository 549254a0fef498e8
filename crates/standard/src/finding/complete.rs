//! Messages that were left out, written again.
//!
//! A registry with thousands of incomplete records has few rules that they break.
//! Who keeps findings by the million keeps them without their messages, which
//! follow from rule, field, value and record.

use std::{collections::HashMap, sync::LazyLock};

use super::{Finding, Ground, issue::messages};
use crate::{Entity, rules};

static GROUNDS: LazyLock<HashMap<String, Ground>> = LazyLock::new(|| {
    let grounds = Entity::ALL.into_iter().flat_map(rules::grounds);
    grounds.map(|ground| (ground.id(), ground)).collect()
});

impl Finding {
    /// Writes the messages, if they were left out. A finding of a rule that this
    /// version does not know stays without.
    pub fn complete(&mut self, entity: Entity, key: &str) {
        if !self.en.is_empty() || !self.fr.is_empty() {
            return;
        }
        if let Some(ground) = GROUNDS.get(&self.rule) {
            let (path, value) = (&self.path, &self.value);
            (self.en, self.fr) = messages(ground, &self.rule, path, value, entity, Some(key));
        }
    }
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1;

    use crate::{Context, Record, Regional, Valid};

    #[test]
    fn messages_that_were_left_out_come_back_as_they_were() {
        let context = Context {
            country: "CD".to_owned(),
            today: jiff::civil::date(2018, 1, 1),
            zone: jiff::tz::TimeZone::UTC,
        };
        let lot = v1::Lot {
            country: "CD".to_owned(),
            lot_number: "L-1".to_owned(),
            registered_at_us: 1_483_228_800_000_000,
            creator: Some(v1::BusinessEntity {
                identifier: "CD-T-1".to_owned(),
                name: "Négociant".to_owned(),
                ..Default::default()
            }),
            mineral: "260900".to_owned(),
            mass_mg: 1_000_000,
            unit_of_measurement: v1::UnitOfMeasurement::Kgm.into(),
            creator_role: vec![v1::CreatorRole::Trader.into()],
            originating_operation: vec![v1::OriginatingOperation::Purchase.into()],
            tag: vec![v1::Tag { identifier: "T-1".to_owned(), ..Default::default() }],
            ..Default::default()
        };
        let record = Record::Lot(Box::new(lot));
        let entity = record.entity();
        let valid = Valid::<Record, Regional>::check(record, &context).unwrap();
        let mut brief = valid.brief();
        assert!(brief.len() > 5 && brief.iter().all(|finding| finding.en.is_empty()));
        for finding in &mut brief {
            finding.complete(entity, valid.key());
        }
        assert_eq!(brief, valid.findings());
    }
}
