//! What had to wait for another cell: masses for units, amounts for
//! currencies, days for times, one coordinate for the other, and the id for
//! the point.

use jiff::civil::{DateTime, Time};
use rmd_proto::v1::UnitOfMeasurement;
use rust_decimal::Decimal;

use super::{
    Cell, Column, Draft, Role, field_at,
    moment::{Moment, day_of, moment},
    put,
    site::Site,
    trail_of,
};
use crate::{
    CodeLists, Context, Record,
    code::UNIT_OF_MEASUREMENT,
    code_lists::Meaning,
    finding::{Ground, Issue},
    model::{Fault, Form, Value, local_time, shortened},
    rules::TIME_REGISTRATION,
    unit,
};

/// Cells of the record or of one element that wait for others.
#[derive(Debug, Default)]
pub(super) struct Held {
    mass: Option<(Column, Decimal)>,
    unit: Option<UnitOfMeasurement>,
    money: Option<(Column, Decimal)>,
    /// The currency that stood in the cell of the amount: `USD 85000.00`.
    money_currency: Option<String>,
    day: Option<(Column, Moment)>,
    time: Option<(Time, Option<jiff::tz::Offset>)>,
    pub(super) site: Site,
}

/// What waits until the whole record has come.
#[derive(Debug)]
pub(super) struct Late {
    column: Column,
    index: Option<usize>,
    wait: Wait,
}

#[derive(Debug)]
enum Wait {
    /// A contribution may be in the unit of the lot.
    Mass(Decimal, Option<UnitOfMeasurement>),
    /// A local time is in the zone of the source.
    Moment(Moment),
}

impl Draft {
    /// Keeps a cell until what it waits for has come.
    pub(super) fn hold(
        &mut self,
        column: Column,
        role: Role,
        cell: &Cell,
        codes: &CodeLists,
    ) -> Result<(), (Fault, String)> {
        let index = self.index_of(column);
        let held = if column.list().is_some() { &mut self.element } else { &mut self.held };
        let wrong = |fault| (fault, shortened(&cell.text()));
        match role {
            Role::Plain(_) | Role::Degrees => {}
            Role::Mass => {
                let mass = cell.decimal().ok_or_else(|| wrong(Fault::Unreadable))?;
                held.mass = Some((column, mass));
            }
            Role::Unit => match put::number(codes, &UNIT_OF_MEASUREMENT, cell, &cell.text()) {
                Meaning::Known(number) => held.unit = UnitOfMeasurement::try_from(number).ok(),
                Meaning::Absent => {}
                Meaning::Unknown => return Err(wrong(Fault::NoUnit)),
            },
            Role::Money => {
                let (currency, number) = amount(cell).ok_or_else(|| wrong(Fault::Unreadable))?;
                held.money = Some((column, number));
                held.money_currency = currency;
            }
            Role::Moment => {
                let moment = moment(&cell.text()).ok_or_else(|| wrong(Fault::Unreadable))?;
                let bare = matches!(column.field().1.form, Form::Moment) && moment.is_day();
                if bare {
                    return Err(wrong(Fault::Unreadable));
                }
                self.late.push(Late { column, index, wait: Wait::Moment(moment) });
            }
            Role::MomentDay => {
                let day = day_of(&cell.text()).ok_or_else(|| wrong(Fault::Unreadable))?;
                held.day = Some((column, Moment::Day(day)));
            }
            Role::MomentTime => {
                let time = local_time(&cell.text()).ok_or_else(|| wrong(Fault::Unreadable))?;
                held.time = Some(time);
            }
            Role::Site(part) => held.site.put(part, cell)?,
        }
        Ok(())
    }

    /// Ends the open element.
    pub(super) fn settle_element(&mut self) {
        let Some((_, index)) = self.open.take() else { return };
        // Nothing else of an element waits for a cell of the same element.
        let unit = self.element.unit.take();
        if let Some((column, mass)) = self.element.mass.take() {
            let wait = Wait::Mass(mass, unit);
            self.late.push(Late { column, index: Some(index), wait });
        }
        if let Some((column, money)) = self.element.money.take() {
            let currency = self.element.money_currency.take();
            self.settle_money(column, Some(index), money, currency);
        }
    }

    /// Ends the record itself.
    pub(super) fn settle_record(&mut self, context: &Context) {
        let held = std::mem::take(&mut self.held);
        let own = self.own_unit().or(held.unit);
        if let Some((column, mass)) = held.mass {
            self.settle_mass(column, None, mass, own);
        }
        if let Some((column, money)) = held.money {
            self.settle_money(column, None, money, held.money_currency);
        }
        let lot = matches!(self.record, Record::Lot(_));
        for Late { column, index, wait } in std::mem::take(&mut self.late) {
            match wait {
                // No other list has masses in the unit of its record.
                Wait::Mass(mass, unit) => {
                    self.settle_mass(column, index, mass, unit.or(own.filter(|_| lot)));
                }
                Wait::Moment(moment) => self.settle_moment(column, index, moment, context),
            }
        }
        if let (Some((column, day)), false) = (held.day, self.is_registered()) {
            self.settle_moment(column, None, day.at(held.time), context);
        }
        self.settle_points();
        self.settle_site(held.site);
    }

    /// The unit that the record itself has as a field.
    fn own_unit(&self) -> Option<UnitOfMeasurement> {
        match &self.record {
            Record::Lot(lot) => Some(lot.unit_of_measurement()),
            Record::ExportCertificate(one) => Some(one.lot_weight_uom()),
            _ => None,
        }
    }

    fn is_registered(&self) -> bool {
        matches!(&self.record, Record::Lot(lot) if lot.registered_at_us != 0)
    }

    fn settle_mass(
        &mut self,
        column: Column,
        index: Option<usize>,
        mass: Decimal,
        unit: Option<UnitOfMeasurement>,
    ) {
        let unit = unit.unwrap_or_default();
        let milligrams = match column.field().1.form {
            Form::MassOrZero => unit::milligrams_or_zero(mass, unit),
            _ => unit::milligrams(mass, unit),
        };
        self.settle_whole(column, index, milligrams, mass);
    }

    fn settle_money(
        &mut self,
        column: Column,
        index: Option<usize>,
        money: Decimal,
        given: Option<String>,
    ) {
        let path = column.currency();
        let Some(Value::Text(currency)) = field_at(&mut self.record, column, index, path) else {
            return;
        };
        let amount = minor_units(money, given, currency);
        self.settle_whole(column, index, amount, money);
    }

    /// Writes a number of milligrams or minor units. A unit or currency that
    /// could not be read has its own finding already.
    fn settle_whole(
        &mut self,
        column: Column,
        index: Option<usize>,
        number: Result<i64, Fault>,
        given: Decimal,
    ) {
        match number {
            Ok(number) => self.write(column, index, number),
            Err(fault) => {
                let trail = trail_of(column, index);
                if self.issues.iter().all(|issue| issue.trail != trail) {
                    self.blame_field(column.field(), trail, fault, given.to_string());
                }
            }
        }
    }

    fn write(&mut self, column: Column, index: Option<usize>, number: i64) {
        match field_at(&mut self.record, column, index, column.path()) {
            Some(Value::Whole(field)) => *field = number,
            Some(Value::MaybeWhole(field)) => *field = Some(number),
            _ => {}
        }
    }

    fn settle_moment(
        &mut self,
        column: Column,
        index: Option<usize>,
        moment: Moment,
        context: &Context,
    ) {
        let local = |local: DateTime| context.zone.to_timestamp(local).ok();
        let instant = match moment {
            Moment::Instant(instant) => Some(instant),
            Moment::Local(time) => local(time),
            Moment::Day(day) => local(day.to_datetime(Time::midnight())),
        };
        let Some(instant) = instant else { return };
        self.write(column, index, instant.as_microsecond());
        if moment.is_day() && matches!(self.record, Record::Lot(_)) {
            let ground = Ground::Rule(&TIME_REGISTRATION);
            let trail = trail_of(column, index);
            let severity = TIME_REGISTRATION.severity;
            self.issues.push(Issue { ground, severity, trail, value: String::new() });
        }
    }
}

fn minor_units(money: Decimal, given: Option<String>, currency: &mut String) -> Result<i64, Fault> {
    match given {
        Some(given) if currency.is_empty() => *currency = given,
        Some(given) if given != *currency => return Err(Fault::Unreadable),
        _ => {}
    }
    unit::minor_units(money, currency)
}

/// A number, or an ISO 4217 code and a number.
fn amount(cell: &Cell) -> Option<(Option<String>, Decimal)> {
    if let Some(number) = cell.decimal() {
        return Some((None, number));
    }
    let text = cell.text();
    let (currency, number) = text.split_once(' ')?;
    unit::currency(currency)?;
    Some((Some(currency.to_owned()), unit::decimal(number.trim())?))
}
