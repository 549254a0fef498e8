//! The lots of a consignment.

use jiff::civil::Date;
use rmd_proto::v1::{
    BusinessEntity, CreatorRole, InputLot, Lot, OriginatingOperation, Tag, TagKind, TagScheme,
    TagState, UnitOfMeasurement,
};

use super::{Arrival, Pit, Plan};
use crate::generate::{
    calendar::{at, plus},
    mineral::{Mineral, holding, share},
    party::{Role, party},
    world::{World, day_of},
};

/// A lot of a company, without inputs and tags.
pub(crate) fn lot(
    (country, number): (&str, String),
    creator: BusinessEntity,
    operation: OriginatingOperation,
    (mineral, mass, ppm): (Mineral, i64, u32),
    registered_at_us: i64,
) -> Lot {
    let role = match operation {
        OriginatingOperation::Production => CreatorRole::Miner,
        OriginatingOperation::Processing => CreatorRole::Processor,
        OriginatingOperation::Import => CreatorRole::Importer,
        _ => CreatorRole::Trader,
    };
    Lot {
        country: country.to_owned(),
        lot_number: number,
        registered_at_us,
        creator: Some(creator),
        mineral: mineral.code().to_owned(),
        concentration_ppm: Some(ppm),
        mass_mg: mass,
        unit_of_measurement: UnitOfMeasurement::Kgm.into(),
        creator_role: vec![role.into()],
        originating_operation: vec![operation.into()],
        analyte: mineral.analyte().into(),
        ..Lot::default()
    }
}

/// How another lot names this one as its input: all of it.
pub(crate) fn input(lot: &Lot) -> InputLot {
    InputLot {
        lot_number: lot.lot_number.clone(),
        creator_identifier: lot
            .creator
            .as_ref()
            .map(|one| one.identifier.clone())
            .unwrap_or_default(),
        contributed_mass_mg: Some(lot.mass_mg),
        ..InputLot::default()
    }
}

/// A tag that was issued the day before it was applied.
pub(super) fn tag(
    identifier: String,
    kind: TagKind,
    country: &'static str,
    applied_at_us: i64,
) -> Tag {
    Tag {
        identifier,
        issuer: Some(super::papers::authority(country)),
        issue_date: plus(day_of(applied_at_us), -1).to_string(),
        issue_time: "09:00:00".to_owned(),
        scheme: TagScheme::Itsci.into(),
        kind: kind.into(),
        state: TagState::Applied.into(),
        state_since_us: Some(applied_at_us),
        applied_at_us: Some(applied_at_us),
    }
}

/// A lot out of a pit, with a tag of its site.
pub(super) fn dug(world: &mut World, plan: &Plan, pit: Pit) -> Lot {
    let number = world.number(plan.country, 'L');
    let minute = i8::try_from(world.draw.within(0..=59)).unwrap_or_default();
    let site = &mut world.sites[pit.site];
    let registered = at(pit.day, 8, minute);
    let miner = site.record.owner.clone().unwrap_or_default();
    let of = (plan.mineral, pit.mass, site.ppm);
    let mut lot =
        lot((plan.country, number), miner, OriginatingOperation::Production, of, registered);
    site.id().clone_into(&mut lot.mine_site_id);
    lot.tag = vec![tag(site.next_tag(), TagKind::Mine, plan.country, registered)];
    lot.recipient = Some(party(plan.country, Role::Trader, plan.trader));
    lot.date_sealed = pit.day.to_string();
    lot.date_shipped = plus(pit.day, 1).to_string();
    lot
}

/// The same in the hands of the trader: number and tags stay.
pub(super) fn bought(world: &mut World, plan: &Plan, dug: &Lot) -> Lot {
    let day = plus(day_of(dug.registered_at_us), 2 + world.draw.within(0..=2));
    let registered = at(day, 15, 0);
    let trader = party(plan.country, Role::Trader, plan.trader);
    let mass = share(dug.mass_mg, plan.passed_ppm);
    let of = (plan.mineral, mass, dug.concentration_ppm.unwrap_or_default());
    let name = (plan.country, dug.lot_number.clone());
    let mut lot = lot(name, trader, OriginatingOperation::Purchase, of, registered);
    lot.input_lot = vec![input(dug)];
    lot.tag.clone_from(&dug.tag);
    lot.received_at_us = Some(registered);
    lot.purchase_number = format!("PO-{}", dug.lot_number);
    lot.purchase_date = day.to_string();
    lot
}

/// All of them in one, under a tag of the trader.
pub(super) fn combined(world: &mut World, plan: &Plan, bought: &[Lot]) -> Lot {
    let last = bought.iter().map(|one| one.registered_at_us).max().unwrap_or_default();
    let registered = at(plus(day_of(last), 1), 10, 0);
    let number = world.number(plan.country, 'L');
    let tagged = format!("{number}-T");
    let mass: i64 = bought.iter().map(|one| one.mass_mg).sum();
    let ppm = metal(bought.iter()) / i128::from(mass.max(1));
    let of = (plan.mineral, share(mass, plan.combined_ppm), u32::try_from(ppm).unwrap_or_default());
    let trader = party(plan.country, Role::Trader, plan.trader);
    let name = (plan.country, number);
    let mut lot = lot(name, trader, OriginatingOperation::Combination, of, registered);
    lot.input_lot = bought.iter().map(input).collect();
    lot.tag = vec![tag(tagged, TagKind::Trader, plan.country, registered)];
    lot
}

/// What came over the border, in the hands of the exporter who will process it.
pub(super) fn imported(world: &mut World, plan: &Plan, arrival: &Arrival) -> Lot {
    let number = world.number(plan.country, 'L');
    let of = (plan.mineral, arrival.mass, arrival.ppm);
    let taker = party(plan.country, Role::Exporter, plan.exporter);
    let registered = at(arrival.day, 16, 0);
    let mut lot = lot((plan.country, number), taker, OriginatingOperation::Import, of, registered);
    lot.input_lot = vec![arrival.from.clone()];
    lot
}

/// What is shipped: processed out of all that went in.
pub(super) fn shipped(
    world: &mut World,
    plan: &Plan,
    combined: &Lot,
    imported: Option<&Lot>,
) -> Lot {
    let parts: Vec<&Lot> = [combined].into_iter().chain(imported).collect();
    let last = parts.iter().map(|one| day_of(one.registered_at_us)).max().unwrap_or_default();
    let day: Date = plus(last, 2 + world.draw.within(0..=2));
    let number = world.number(plan.country, 'L');
    let tagged = format!("{number}-P");
    let recovered = metal(parts.iter().copied()) * i128::from(plan.recovery_ppm) / 1_000_000;
    let went_in = parts.iter().map(|one| one.mass_mg).sum();
    let mass = match plan.gain_ppm {
        Some(gain) => share(went_in, gain),
        None => holding(recovered, plan.shipped_ppm),
    };
    let of = (plan.mineral, mass, plan.shipped_ppm);
    let exporter = party(plan.country, Role::Exporter, plan.exporter);
    let registered = at(day, 11, 0);
    let name = (plan.country, number);
    let mut lot = lot(name, exporter, OriginatingOperation::Processing, of, registered);
    lot.input_lot = parts.iter().map(|one| input(one)).collect();
    lot.tag = vec![tag(tagged, TagKind::Processor, plan.country, registered)];
    lot
}

/// Milligrams times parts per million of lots.
fn metal<'a>(lots: impl Iterator<Item = &'a Lot>) -> i128 {
    lots.map(|one| i128::from(one.mass_mg) * i128::from(one.concentration_ppm.unwrap_or_default()))
        .sum()
}
