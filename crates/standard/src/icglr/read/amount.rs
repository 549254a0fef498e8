//! Masses with their units, amounts with their currencies.

use rmd_proto::v1::UnitOfMeasurement;
use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::{
    At, Fault, Given, Part, Plan, Reader, Role, Severity, Value, field_of, leaf, path_of, rules,
    text_field,
};
use crate::{
    code::UNIT_OF_MEASUREMENT,
    icglr::{
        shape::{Paid, Shape, Weighed},
        write::DOLLAR,
    },
    unit,
};

/// Two statements of one number differ by less than a double can tell apart.
const SAME: f64 = 1e-12;

impl Reader<'_> {
    /// The unit of the record, with the unit of the source where JSON has no word for it.
    pub(super) fn unit(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &Given<'_>,
        at: &At,
    ) {
        let member = &plan.members[index];
        let trail = at.trail_of(member);
        let Value::Code(field) = part.value(index) else { return };
        for role in [Role::Main, Role::Source] {
            let Some(value) = given.get(role) else { continue };
            match (unit_of(value), value) {
                (Some(unit), _) => *field = unit as i32,
                (None, Json::String(_)) => {
                    self.blame(field_of(plan, index), Fault::Unlisted, trail, value);
                }
                (None, _) => self.mistyped(member.spec, trail, value),
            }
        }
        if let (Some(_), None) = (given.get(Role::Source), given.get(Role::Main)) {
            // Kilograms and grams differ by a thousand: which was written must be said.
            self.fault(&rules::TWICE, path_of(&at.path, "sourceUnitOfMeasurement"), String::new());
        }
    }

    pub(super) fn mass(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        (index, weighed): (usize, Weighed),
        given: &[Given<'_>],
        at: &At,
    ) {
        let here = &given[index];
        let unit = match weighed {
            Weighed::Here(unit) => given[unit].get(Role::Main),
            Weighed::Record | Weighed::Stated => here.get(Role::Unit),
        };
        if let Weighed::Here(_) = weighed
            && at.path.is_empty()
        {
            self.unit = unit.and_then(unit_of).map_or(0, |unit| unit as i32);
        }
        let unit = match (unit, weighed) {
            (Some(unit), _) => unit_of(unit),
            (None, Weighed::Record) => UnitOfMeasurement::try_from(self.unit).ok(),
            (None, _) => None,
        };
        let (main, raw) = (here.get(Role::Main), here.get(Role::Raw));
        let Some(given) = raw.or(main) else { return };
        let read = match raw {
            Some(raw) => whole(raw),
            None => leaf::decimal_of(given, leaf::Digits::Exact)
                .and_then(|mass| milligrams(mass, unit.unwrap_or_default(), plan, index)),
        };
        let milligrams = self.amount(plan, index, read, given, at);
        if let (Some(milligrams), Some(_), Some(main)) = (milligrams, raw, main) {
            let factor = match unit.unwrap_or_default() {
                UnitOfMeasurement::Tne => 1e9,
                UnitOfMeasurement::Grm => 1e3,
                _ => 1e6,
            };
            self.same(plan, index, (milligrams, factor), main, at);
        }
        if let Some(milligrams) = milligrams {
            put(part.value(index), milligrams);
        }
    }

    pub(super) fn money(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        (index, currency, paid): (usize, usize, Paid),
        given: &[Given<'_>],
        at: &At,
    ) {
        let (here, beside) = (&given[index], given[currency].get(Role::Main));
        let price = here.get(Role::Price);
        let main = here.get(Role::Main).or(price);
        let Some(value) = here.get(Role::Raw).or(main) else {
            if let (Some(beside), Shape::Currency) = (beside, plan.members[currency].shape) {
                self.main(plan, part, currency, beside, at);
            }
            return;
        };
        let (said, number) = match main.and_then(Json::as_str).and_then(with_currency) {
            Some((currency, number)) => (Some(currency.to_owned()), Json::from(number)),
            None => (None, main.unwrap_or(value).clone()),
        };
        let dollars = paid == Paid::Joined && main.is_some()
            || price.is_some() && here.get(Role::Main).is_none();
        if let Some(beside) = beside.filter(|beside| !beside.is_string()) {
            let member = &plan.members[currency];
            self.mistyped(member.spec, at.trail_of(member), beside);
        }
        let beside = beside.and_then(Json::as_str).map(|text| text.trim().to_owned());
        if let (Some(said), Some(beside)) = (&said, &beside)
            && said != beside
        {
            self.fault(
                &rules::TWICE,
                path_of(&at.path, &plan.members[currency].name),
                String::new(),
            );
        }
        let code =
            said.or(beside).or_else(|| dollars.then(|| DOLLAR.to_owned())).unwrap_or_default();
        let read = match here.get(Role::Raw) {
            Some(raw) => whole(raw),
            None => leaf::decimal_of(&number, leaf::Digits::Exact)
                .and_then(|money| unit::minor_units(money, &code)),
        };
        let minor = self.amount(plan, index, read, value, at);
        if let (Some(minor), Some(_), Some(_)) = (minor, here.get(Role::Raw), main) {
            let places = unit::currency(&code)
                .and_then(iso_currency::Currency::exponent)
                .unwrap_or_default();
            self.same(plan, index, (minor, 10_f64.powi(i32::from(places))), &number, at);
        }
        if let (Some(price), Some(main)) = (price, here.get(Role::Main))
            && (leaf::decimal_of(price, leaf::Digits::Measured).ok()
                != leaf::decimal_of(main, leaf::Digits::Measured).ok()
                || code != DOLLAR)
        {
            self.fault(&rules::TWICE, path_of(&at.path, "price"), String::new());
        }
        if let Some(minor) = minor {
            put(part.value(index), minor);
        }
        if let Some(field) = text_field(part, currency)
            && (minor.is_some() || unit::currency(&code).is_none())
        {
            // A code that is none stands there for the check to name.
            *field = code;
        }
    }

    /// What was read; what was not is blamed, and kept where the record lives on.
    fn amount(
        &mut self,
        plan: &'static Plan,
        index: usize,
        read: Result<i64, Fault>,
        value: &Json,
        at: &At,
    ) -> Option<i64> {
        let (member, field) = (&plan.members[index], field_of(plan, index));
        match read {
            Ok(amount) => Some(amount),
            Err(fault) => {
                let trail = at.trail_of(member);
                if leaf::is_scalar(value) {
                    self.blame(field, fault, trail, value);
                    self.keep_unread(plan, index, fault, value, at);
                } else {
                    self.mistyped(member.spec, trail, value);
                }
                None
            }
        }
    }

    /// Keeps what could not be read of a record that is published all the same.
    pub(super) fn keep_unread(
        &mut self,
        plan: &'static Plan,
        index: usize,
        fault: Fault,
        value: &Json,
        at: &At,
    ) {
        let member = &plan.members[index];
        if member.spec.form.severity(fault) == Severity::Incomplete && self.keeps_extensions {
            self.keep(path_of(&at.path, &member.name), value);
        }
    }

    /// The number and the integer that we store must say the same.
    fn same(
        &mut self,
        plan: &'static Plan,
        index: usize,
        (stored, factor): (i64, f64),
        main: &Json,
        at: &At,
    ) {
        let said = main.as_f64().or_else(|| main.as_str()?.trim().parse().ok());
        #[expect(
            clippy::cast_precision_loss,
            reason = "compared within what a double can tell apart"
        )]
        let stored = stored as f64 / factor;
        if said.is_none_or(|said| (said - stored).abs() > stored.abs() * SAME) {
            self.fault(&rules::TWICE, path_of(&at.path, &plan.members[index].name), String::new());
        }
    }
}

fn put(field: Value<'_>, amount: i64) {
    match field {
        Value::Whole(field) => *field = amount,
        Value::MaybeWhole(field) => *field = Some(amount),
        _ => {}
    }
}

fn milligrams(
    mass: Decimal,
    unit: UnitOfMeasurement,
    plan: &Plan,
    index: usize,
) -> Result<i64, Fault> {
    let zero_counts = matches!(plan.members[index].spec.form, crate::model::Form::MassOrZero);
    if zero_counts && mass.is_zero() && unit != UnitOfMeasurement::Unspecified {
        return Ok(0);
    }
    unit::milligrams(mass, unit)
}

fn unit_of(value: &Json) -> Option<UnitOfMeasurement> {
    let number = UNIT_OF_MEASUREMENT.number_of(value.as_str()?)?;
    UnitOfMeasurement::try_from(number).ok()
}

/// The integer that we store, as a number or as text.
pub(super) fn whole(value: &Json) -> Result<i64, Fault> {
    let read = value.as_i64().or_else(|| value.as_str()?.trim().parse().ok());
    read.ok_or(Fault::Unreadable)
}

/// `USD 85000.00`, or the other way round.
fn with_currency(text: &str) -> Option<(&str, &str)> {
    let (first, second) = text.trim().split_once(' ')?;
    let second = second.trim();
    let is_code =
        |word: &str| word.len() == 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    match (is_code(first), is_code(second)) {
        (true, false) => Some((first, second)),
        (false, true) => Some((second, first)),
        _ => None,
    }
}
