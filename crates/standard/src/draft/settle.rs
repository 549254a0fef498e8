//! What had to wait for another cell: masses for units, amounts for
//! currencies, days for times, and the id for the point.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
};
use rmd_proto::v1::{GeoPoint, Lot, MineSite, UnitOfMeasurement};
use rust_decimal::Decimal;

use super::{Cell, Column, Draft, Role, column::SitePart, put};
use crate::{
    CodeLists, Context, Record, Severity,
    code::UNIT_OF_MEASUREMENT,
    code_lists::Meaning,
    finding::{Ground, Issue},
    model::{Fault, Message, Spec, Trail, day, shortened, time_of_day},
    rules::TIME_REGISTRATION,
    site_id, unit,
};

/// Cells of one element that wait for others.
#[derive(Debug, Default)]
pub(super) struct Held {
    mass: Option<Decimal>,
    unit: Option<UnitOfMeasurement>,
    money: Option<Decimal>,
    /// The currency that stood in the cell of the amount: `USD 85000.00`.
    money_currency: Option<String>,
    moment: Option<Moment>,
    day: Option<Date>,
    time: Option<Time>,
    site: Site,
}

/// The site of a lot, as far as the state names it.
#[derive(Debug, Default)]
struct Site {
    national_id: Option<String>,
    latitude_e7: Option<i32>,
    longitude_e7: Option<i32>,
}

#[derive(Debug, Clone, Copy)]
enum Moment {
    Instant(Timestamp),
    Local(DateTime),
    Day(Date),
}

/// The contribution of an input lot, which may be in the unit of the lot.
#[derive(Debug)]
pub(super) struct Input {
    index: usize,
    mass: Decimal,
    unit: Option<UnitOfMeasurement>,
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
        let held = if column.list().is_some() { &mut self.element } else { &mut self.held };
        let wrong = |fault| (fault, shortened(&cell.text()));
        match role {
            Role::Plain(_) => {}
            Role::Mass => held.mass = Some(cell.decimal().ok_or_else(|| wrong(Fault::Unreadable))?),
            Role::Unit => match put::number(codes, &UNIT_OF_MEASUREMENT, cell, &cell.text()) {
                Meaning::Known(number) => held.unit = UnitOfMeasurement::try_from(number).ok(),
                Meaning::Absent => {}
                Meaning::Unknown => return Err(wrong(Fault::NoUnit)),
            },
            Role::Money => {
                let (currency, number) = amount(cell).ok_or_else(|| wrong(Fault::Unreadable))?;
                held.money = Some(number);
                held.money_currency = currency;
            }
            Role::Moment => {
                held.moment = Some(moment(&cell.text()).ok_or_else(|| wrong(Fault::Unreadable))?);
            }
            Role::MomentDay => {
                let given = cell.text();
                held.day = Some(day_of(&given).ok_or_else(|| wrong(Fault::Unreadable))?);
            }
            Role::Site(SitePart::NationalId) => {
                held.site.national_id = Some(cell.text().into_owned());
            }
            Role::Site(SitePart::Latitude) => held.site.latitude_e7 = Some(put::degrees(cell)?),
            Role::Site(SitePart::Longitude) => held.site.longitude_e7 = Some(put::degrees(cell)?),
            Role::MomentTime => {
                held.time =
                    Some(time_of_day(&cell.text()).ok_or_else(|| wrong(Fault::Unreadable))?);
            }
        }
        Ok(())
    }

    /// Ends the open element.
    pub(super) fn settle_element(&mut self) {
        let held = std::mem::take(&mut self.element);
        let Some((list, index)) = self.open.take() else { return };
        let Record::Lot(lot) = &mut self.record else { return };
        if let (Some(mass), "input_lot") = (held.mass, list) {
            self.inputs.push(Input { index, mass, unit: held.unit });
        }
        if let (Some(money), "tax_paid", Some(tax)) =
            (held.money, list, lot.tax_paid.get_mut(index))
        {
            match minor_units(money, held.money_currency, &mut tax.currency) {
                Ok(amount) => tax.tax_amount_minor = Some(amount),
                Err(fault) => {
                    let trail = Trail::ROOT.element("tax_paid", index).field("tax_amount_minor");
                    let field = field_of::<rmd_proto::v1::Tax>("tax_amount_minor");
                    self.blame_field(field, trail, fault, money.to_string());
                }
            }
        }
    }

    /// Ends the record itself.
    pub(super) fn settle_record(&mut self, context: &Context) {
        match self.record.entity() {
            crate::Entity::MineSite => self.settle_site(),
            crate::Entity::Lot => {
                self.settle_inputs();
                self.settle_site_of_lot();
            }
            _ => {}
        }
        self.settle_mass();
        self.settle_money();
        self.settle_moment(context);
    }

    fn settle_mass(&mut self) {
        let Some(mass) = self.held.mass else { return };
        let held = self.held.unit.unwrap_or_default();
        let (unit, field) = match &mut self.record {
            Record::Lot(lot) => (lot.unit_of_measurement(), &mut lot.mass_mg),
            Record::ExportCertificate(one) => (one.lot_weight_uom(), &mut one.lot_weight_mg),
            Record::ExportDeclaration(one) => (held, &mut one.net_mass_mg),
            Record::ImportDeclaration(one) => (held, &mut one.net_mass_mg),
            _ => return,
        };
        match unit::milligrams(mass, unit) {
            Ok(milligrams) => *field = milligrams,
            Err(fault) => {
                let field = match self.record {
                    Record::Lot(_) => field_of::<Lot>("mass_mg"),
                    Record::ExportCertificate(_) => {
                        field_of::<rmd_proto::v1::ExportCertificate>("lot_weight_mg")
                    }
                    Record::ExportDeclaration(_) => {
                        field_of::<rmd_proto::v1::ExportDeclaration>("net_mass_mg")
                    }
                    _ => field_of::<rmd_proto::v1::ImportDeclaration>("net_mass_mg"),
                };
                self.blame_once(field, Trail::ROOT.field(field.1.name), fault, mass.to_string());
            }
        }
    }

    fn settle_inputs(&mut self) {
        let Record::Lot(lot) = &mut self.record else { return };
        let own = lot.unit_of_measurement();
        let mut faults = Vec::new();
        for input in std::mem::take(&mut self.inputs) {
            let Some(field) = lot.input_lot.get_mut(input.index) else { continue };
            match unit::milligrams(input.mass, input.unit.unwrap_or(own)) {
                Ok(milligrams) => field.contributed_mass_mg = Some(milligrams),
                Err(fault) => faults.push((input.index, fault, input.mass)),
            }
        }
        for (index, fault, mass) in faults {
            let trail = Trail::ROOT.element("input_lot", index).field("contributed_mass_mg");
            let field = field_of::<rmd_proto::v1::InputLot>("contributed_mass_mg");
            self.blame_once(field, trail, fault, mass.to_string());
        }
    }

    fn settle_money(&mut self) {
        let Some(money) = self.held.money else { return };
        let given = self.held.money_currency.take();
        let (currency, field) = match &mut self.record {
            Record::Lot(one) => (&mut one.price_currency, &mut one.price_per_kg_minor),
            Record::ExportCertificate(one) => {
                (&mut one.customs_value_currency, &mut one.customs_value_minor)
            }
            Record::ExportDeclaration(one) => {
                (&mut one.customs_value_currency, &mut one.customs_value_minor)
            }
            Record::ImportDeclaration(one) => {
                (&mut one.customs_value_currency, &mut one.customs_value_minor)
            }
            _ => return,
        };
        match minor_units(money, given, currency) {
            Ok(amount) => *field = Some(amount),
            Err(fault) => {
                let field = match self.record {
                    Record::Lot(_) => field_of::<Lot>("price_per_kg_minor"),
                    Record::ExportCertificate(_) => {
                        field_of::<rmd_proto::v1::ExportCertificate>("customs_value_minor")
                    }
                    Record::ExportDeclaration(_) => {
                        field_of::<rmd_proto::v1::ExportDeclaration>("customs_value_minor")
                    }
                    _ => field_of::<rmd_proto::v1::ImportDeclaration>("customs_value_minor"),
                };
                self.blame_once(field, Trail::ROOT.field(field.1.name), fault, money.to_string());
            }
        }
    }

    fn settle_moment(&mut self, context: &Context) {
        let moment = match (self.held.moment, self.held.day, self.held.time) {
            (Some(moment), _, _) => moment,
            (None, Some(day), Some(time)) => Moment::Local(day.to_datetime(time)),
            (None, Some(day), None) => Moment::Day(day),
            (None, None, _) => return,
        };
        let local = |local: DateTime| context.zone.to_timestamp(local).ok();
        let (instant, day_only) = match moment {
            Moment::Instant(instant) => (Some(instant), false),
            Moment::Local(time) => (local(time), false),
            Moment::Day(day) => (local(day.to_datetime(Time::midnight())), true),
        };
        let Some(instant) = instant else { return };
        match &mut self.record {
            Record::Lot(lot) => lot.registered_at_us = instant.as_microsecond(),
            Record::ReportingPeriod(period) => period.closed_at_us = instant.as_microsecond(),
            _ => return,
        }
        if day_only && matches!(self.record, Record::Lot(_)) {
            let ground = Ground::Rule(&TIME_REGISTRATION);
            let trail = Trail::ROOT.field(TIME_REGISTRATION.field);
            let severity = TIME_REGISTRATION.severity;
            self.issues.push(Issue { ground, severity, trail, value: String::new() });
        }
    }

    /// Mints the id where the state has none, and names a point with one coordinate.
    fn settle_site(&mut self) {
        let (latitude, longitude) = (self.latitude, self.longitude);
        let Record::MineSite(site) = &mut self.record else { return };
        let point = site.mine_site_location.as_ref().and_then(|location| location.geolocalization);
        if let (Some(point), true, true) = (point, latitude, longitude)
            && site.icglr_id.is_empty()
            && crate::country::is_country(&site.address_country)
            && !site.national_id.is_empty()
        {
            site.icglr_id = site_id::mint(&site.address_country, point, &site.national_id);
        }
        if latitude != longitude {
            let name = if latitude { "longitude_e7" } else { "latitude_e7" };
            let field = field_of::<rmd_proto::v1::GeoPoint>(name);
            let trail =
                Trail::ROOT.field("mine_site_location").field("geolocalization").field(name);
            let ground = Ground::Field { code: field.0, spec: field.1, fault: Fault::Missing };
            if !self.issues.iter().any(|issue| issue.trail == trail) {
                let severity = Severity::Refuse;
                self.issues.push(Issue { ground, severity, trail, value: String::new() });
            }
        }
        if let (false, Record::MineSite(site)) = (latitude && longitude, &mut self.record) {
            drop_half_point(site);
        }
    }

    /// Mints the id of the lot's site as the site's own record has it minted.
    fn settle_site_of_lot(&mut self) {
        let site = std::mem::take(&mut self.held.site);
        let Record::Lot(lot) = &mut self.record else { return };
        if let (true, Some(national_id), Some(latitude_e7), Some(longitude_e7)) =
            (lot.mine_site_id.is_empty(), site.national_id, site.latitude_e7, site.longitude_e7)
        {
            let point = GeoPoint { latitude_e7, longitude_e7 };
            lot.mine_site_id = site_id::mint(&lot.country, point, &national_id);
        }
    }

    /// A unit or currency that could not be read has its own finding already.
    fn blame_once(
        &mut self,
        field: (&'static str, &'static Spec),
        trail: Trail,
        fault: Fault,
        value: String,
    ) {
        if self.issues.iter().all(|issue| issue.trail != trail) {
            self.blame_field(field, trail, fault, value);
        }
    }
}

/// A point with one coordinate is no point.
fn drop_half_point(site: &mut MineSite) {
    if let Some(location) = &mut site.mine_site_location {
        location.geolocalization = None;
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

/// The day of an ISO date or timestamp.
fn day_of(text: &str) -> Option<Date> {
    match moment(text)? {
        Moment::Day(day) => Some(day),
        Moment::Local(local) => Some(local.date()),
        // The day as the source wrote it, whatever its offset.
        Moment::Instant(_) => text.get(..10).and_then(day),
    }
}

fn moment(text: &str) -> Option<Moment> {
    if let Some(day) = day(text) {
        return Some(Moment::Day(day));
    }
    // What says its offset does so behind the day. Looking first is worth it:
    // a parser that fails writes a message that nobody reads.
    if text.get(10..).unwrap_or_default().contains(['Z', 'z', '+', '-']) {
        return text.parse::<Timestamp>().ok().map(Moment::Instant);
    }
    text.parse::<DateTime>().ok().map(Moment::Local)
}

fn field_of<M: Message>(name: &str) -> (&'static str, &'static Spec) {
    let field = M::FIELDS.iter().find(|field| field.spec.name == name);
    (M::CODE, &field.expect("the name is a row of the table, which a test reads").spec)
}
