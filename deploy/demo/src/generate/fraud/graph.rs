//! R25 and R26: loose ends of the graph of lots, and months that are owed.

use anyhow::Result;
use jiff::Span;
use rmd_proto::v1::{InputLot, Lot, OriginatingOperation};
use rmd_reconcile::{
    Rule::{Graph, Reporting},
    Severity::Serious,
    SubjectKind,
};

use super::{begin, tin, usual};
use crate::generate::{
    calendar::{at, month_of, plus},
    chain::{Chain, input, lot},
    label::Told,
    mineral::{KG, Mineral},
    party::{Role, party},
    world::World,
};

/// Rings, children before their parents, parents that are not there, lots that nobody
/// used.
pub(super) fn graph(world: &mut World) -> Result<()> {
    let day = begin(world);
    let mut one = bought(world, at(day, 9, 0), OriginatingOperation::Combination);
    let mut other = bought(world, at(day, 9, 0), OriginatingOperation::Combination);
    one.input_lot = vec![input(&other)];
    other.input_lot = vec![input(&one)];
    for lot in [&one, &other] {
        world.put_lot(lot)?;
        world.on_lot(Graph, Serious, lot)?;
    }
    // Told on one row: the lot stays what it is and changes hands.
    let mut kept = bought(world, at(day, 9, 0), OriginatingOperation::Storage);
    kept.input_lot = vec![input(&kept)];
    world.put_lot(&kept)?;
    world.on_lot(Graph, Told::NOT_SERIOUS, &kept)?;
    for (minutes, is_found) in [(1, true), (0, false)] {
        let mut chain = tin(world)?;
        let before = chain.dug[0].registered_at_us - minutes * 60_000_000;
        chain.bought[0].registered_at_us = before;
        // When it was received is not told: a lorry needs its time.
        chain.bought[0].received_at_us = None;
        chain.file(world)?;
        world.on_lot(Graph, warning(is_found), &chain.bought[0])?;
    }
    for (days, is_found) in [(31, true), (30, false)] {
        let registered = at(world.calendar.days_ago(days), 9, 0);
        let mut lot = bought(world, registered, OriginatingOperation::Purchase);
        lot.input_lot = vec![InputLot {
            lot_number: "CD-NOWHERE".to_owned(),
            creator_identifier: "CD-M-00001".to_owned(),
            contributed_mass_mg: Some(lot.mass_mg),
            ..InputLot::default()
        }];
        world.put_lot(&lot)?;
        world.on_lot(Graph, warning(is_found), &lot)?;
    }
    // After 28 February of the year before, 29 February is a day more than twelve months.
    let year = Span::new().months(12);
    let year_ago = world.calendar.as_of.saturating_sub(year);
    let is_short = year_ago.saturating_add(year) < world.calendar.as_of;
    let year_ago = plus(year_ago, i64::from(is_short));
    for (days, is_found) in [(1, true), (0, false)] {
        let mut plan = usual(world, "CD", Mineral::Tin, 1)?;
        plan.pits[0].day = plus(year_ago, -days);
        let chain = Chain::make(world, &plan);
        world.put_lot(&chain.dug[0])?;
        let told = if is_found { Told::INFORMATION } else { Told::NOT_INFORMATION };
        world.on_lot(Graph, told, &chain.dug[0])?;
    }
    Ok(())
}

/// A warning, or just inside the limit.
const fn warning(is_found: bool) -> Told {
    if is_found { Told::WARNING } else { Told::NOT_WARNING }
}

/// A lot of a trader of COD, of unknown source.
fn bought(world: &mut World, registered_at_us: i64, operation: OriginatingOperation) -> Lot {
    let number = world.number("CD", 'L');
    let made = (Mineral::Tin, 80 * KG, 600_000);
    let trader = party("CD", Role::Trader, 2);
    lot(("CD", number), trader, operation, made, registered_at_us)
}

/// Months that BDI and TZA do not close: the last of which the deadline is over, and the
/// last of which that of the next month is over too.
pub(super) fn reporting(world: &mut World) -> Result<()> {
    // By the fifteenth the month before need not be closed.
    let due = if world.calendar.as_of.day() > 15 { 1 } else { 2 };
    for (country, before, told) in [
        ("TZ", due, Told::ONLY_WARNING),
        ("BI", due + 1, Told::SERIOUS),
        // The deadline of this one is still to come.
        ("UG", due - 1, Told::NOT_WARNING),
    ] {
        let month = world.calendar.month(before);
        world.owed.insert((country, month));
        let key = format!("{country}/{}/transactions", month_of(month));
        world.label(Reporting, told, country, (SubjectKind::Period, key))?;
    }
    Ok(())
}
