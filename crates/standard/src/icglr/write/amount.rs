//! Masses in their units, amounts in their currencies.

use rmd_proto::v1::UnitOfMeasurement;

use super::{DOLLAR, Member, Paid, Part, Usage, Value, Weighed, Writer, number};
use crate::{model::Form, unit};

impl Writer<'_> {
    pub(super) fn mass(
        &mut self,
        member: &Member,
        weighed: Weighed,
        part: &mut dyn Part,
        index: usize,
    ) {
        let milligrams = match part.value(index) {
            Value::Whole(mass) if *mass != 0 => *mass,
            Value::MaybeWhole(Some(mass)) => *mass,
            _ => return,
        };
        let unit = match weighed {
            Weighed::Here(unit) => match part.value(unit) {
                Value::Code(unit) => *unit,
                _ => 0,
            },
            Weighed::Record => self.unit,
            Weighed::Stated => UnitOfMeasurement::Kgm as i32,
        };
        let places = match UnitOfMeasurement::try_from(unit) {
            Ok(UnitOfMeasurement::Tne) => 9,
            Ok(UnitOfMeasurement::Kgm | UnitOfMeasurement::Grm) => 6,
            // Without its unit a number means nothing.
            _ => return self.raw(member, milligrams),
        };
        self.key(member);
        number::decimal(milligrams, places, self.out);
        if !number::is_safe(milligrams) {
            self.raw(member, milligrams);
        }
        if let Weighed::Stated = weighed {
            self.name("unitOfMeasurement");
            self.string("KGM");
        }
    }

    pub(super) fn money(
        &mut self,
        member: &Member,
        paid: Paid,
        part: &mut dyn Part,
        (index, currency): (usize, usize),
    ) {
        let Value::MaybeWhole(Some(minor)) = part.value(index) else { return };
        let minor = *minor;
        let Value::Text(currency) = part.value(currency) else { return };
        let Some(known) = unit::currency(currency) else { return self.raw(member, minor) };
        let places = known.exponent().map_or(0, u32::from);
        match paid {
            Paid::Joined => {
                self.key(member);
                self.out.push(b'"');
                // Letters of a known currency.
                self.out.extend_from_slice(currency.as_bytes());
                self.out.push(b' ');
                number::fixed(minor, places, self.out);
                self.out.push(b'"');
                return;
            }
            Paid::Price if self.usage == Usage::Rwanda && *currency == DOLLAR => self.name("price"),
            Paid::Price | Paid::Plain => self.key(member),
        }
        number::decimal(minor, places, self.out);
        if !number::is_safe(minor) {
            self.raw(member, minor);
        }
    }

    /// A currency that no amount carries.
    pub(super) fn currency(&mut self, member: &Member, part: &mut dyn Part, index: usize) {
        let amount = (0..part.len()).any(|index| {
            matches!(part.spec(index).form, Form::Money) && !part.value(index).is_absent()
        });
        if let Value::Text(currency) = part.value(index)
            && !currency.is_empty()
            && (!amount || unit::currency(currency).is_none())
        {
            self.key(member);
            self.string(currency);
        }
    }

    /// Whether this is the currency of a price that Rwanda's name already says.
    pub(super) fn is_price_in_dollars(&self, member: &Member, part: &mut dyn Part) -> bool {
        if self.usage != Usage::Rwanda || member.spec.name != "price_currency" {
            return false;
        }
        let mut has_price = false;
        let mut in_dollars = false;
        for index in 0..part.len() {
            match (part.spec(index).name, part.value(index)) {
                ("price_per_kg_minor", value) => has_price = !value.is_absent(),
                ("price_currency", Value::Text(currency)) => in_dollars = *currency == DOLLAR,
                _ => {}
            }
        }
        has_price && in_dollars
    }
}
