//! Records made out of the tables, for tests.

use crate::{
    Context, Entity, Record,
    model::{self, Class, Form, Items, Part, Value},
};

/// The day of every date in a sample, so that all are in order.
pub(crate) const DAY: &str = "2018-01-15";

/// The context in which samples are checked.
pub(crate) fn context() -> Context {
    Context {
        country: "CD".to_owned(),
        today: "2018-02-01".parse().unwrap(),
        zone: jiff::tz::TimeZone::fixed(jiff::tz::offset(2)),
    }
}

/// A record with every field, breaking no rule.
pub(crate) fn complete(entity: Entity) -> Record {
    let mut record = Record::empty(entity);
    Fill { seed: None, serial: 0 }.part(model::part_of(&mut record));
    record
}

/// A record with the vital fields and any of the others, breaking no rule of severity refuse.
pub(crate) fn random(entity: Entity, seed: u64) -> Record {
    let mut record = Record::empty(entity);
    Fill { seed: Some(seed | 1), serial: 0 }.part(model::part_of(&mut record));
    // Part of the key, and below a part that need not be complete.
    match &mut record {
        Record::Lot(one) => one.creator.get_or_insert_default().identifier = "TR-7".to_owned(),
        Record::ExporterStatus(one) => {
            one.exporter.get_or_insert_default().identifier = "EX-7".to_owned();
        }
        _ => {}
    }
    record
}

/// Every national text of a record, and how many national fields it has.
pub(crate) fn national_values(record: &Record) -> (Vec<String>, usize) {
    let mut copy = record.clone();
    let mut found = (Vec::new(), 0);
    collect(model::part_of(&mut copy), &mut found);
    found
}

fn collect(part: &mut dyn Part, found: &mut (Vec<String>, usize)) {
    for index in 0..part.len() {
        let class = part.spec(index).class;
        match part.value(index) {
            Value::Part(slot) => slot.get().into_iter().for_each(|part| collect(part, found)),
            Value::List(items) => {
                for element in 0..items.len() {
                    items.get(element).into_iter().for_each(|part| collect(part, found));
                }
            }
            value if class == Class::National && !value.is_absent() => {
                found.1 += 1;
                match value {
                    Value::Text(text) => found.0.push(text.clone()),
                    Value::Texts(texts) => found.0.extend(texts.iter().cloned()),
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

struct Fill {
    /// None fills everything.
    seed: Option<u64>,
    serial: u32,
}

impl Fill {
    /// True two times out of three, or always without a seed.
    fn chance(&mut self) -> bool {
        let Some(seed) = &mut self.seed else { return true };
        *seed ^= *seed << 13;
        *seed ^= *seed >> 7;
        *seed ^= *seed << 17;
        !seed.is_multiple_of(3)
    }

    fn part(&mut self, part: &mut dyn Part) {
        for index in 0..part.len() {
            let spec = part.spec(index);
            let vital = part.need_at_most(index) == Some(crate::Severity::Refuse);
            if !vital && !self.chance() {
                continue;
            }
            match part.value(index) {
                Value::Part(slot) => self.part(slot.ensure()),
                Value::List(items) => self.list(items),
                value => self.leaf(value, spec.form, spec.class),
            }
        }
    }

    fn list(&mut self, items: &mut dyn Items) {
        let more = if self.seed.is_some() { usize::from(self.chance()) * 2 } else { 0 };
        for index in 0..=more {
            items.push();
            self.part(items.get(index).unwrap());
        }
    }

    fn leaf(&mut self, value: Value<'_>, form: Form, class: Class) {
        self.serial += 1;
        match value {
            Value::Text(text) => *text = self.text(form, class),
            Value::Texts(texts) => *texts = vec![self.text(form, class)],
            Value::Code(code) => *code = first(form),
            Value::Codes(codes) => *codes = vec![first(form)],
            Value::Degrees(degrees) => {
                *degrees =
                    if matches!(form, Form::Degrees { max: 90 }) { 3_318_800 } else { 287_125_800 }
            }
            Value::Height(height) => *height = Some(120_000),
            Value::Whole(whole) => *whole = 1_514_764_800_000_000,
            Value::MaybeWhole(whole) => *whole = Some(700_000),
            Value::Small(small) => *small = 3,
            Value::MaybeSmall(small) => *small = Some(612_500),
            Value::MaybeCount(count) => *count = Some(0),
            Value::Part(_) | Value::List(_) => unreachable!("filled by their fields"),
        }
    }

    fn text(&self, form: Form, class: Class) -> String {
        let serial = self.serial;
        match form {
            Form::Country | Form::Origin => "CD".to_owned(),
            Form::Subdivision => "CD-NK".to_owned(),
            Form::Date => DAY.to_owned(),
            Form::Time => "07:05:09".to_owned(),
            Form::Month => "2018-01".to_owned(),
            Form::Mineral => "2609.00.00".to_owned(),
            Form::Currency if class == Class::National => "XAF".to_owned(),
            Form::Currency => "USD".to_owned(),
            Form::Polygon => {
                r#"{"type":"Polygon","coordinates":[[[28,1],[29,1],[29,2],[28,1]]]}"#.to_owned()
            }
            Form::SiteId | Form::SiteReference => "CD-+0.3319+28.7126-191".to_owned(),
            Form::Phone => format!("+2438{serial:08}"),
            Form::Email => format!("personne{serial}@exemple.cd"),
            Form::Json => format!(r#"{{"valeur":"Personne-Étoilée-{serial}"}}"#),
            Form::Feed => "transactions".to_owned(),
            _ if class == Class::National => format!("Personne-Étoilée-{serial}"),
            _ => format!("Valeur-{serial}"),
        }
    }
}

fn first(form: Form) -> i32 {
    let Form::Code(list) = form else { unreachable!("codes have a list") };
    list.codes[0].number
}
