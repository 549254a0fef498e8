//! Which record a name means.
//!
//! A lot names its inputs by number, state and, if it is careful, creator. A number
//! alone may be that of several lots, one for each hand that the goods went through;
//! then the one counts that was handed to whoever names it, else the last one before.

use std::{cmp::Reverse, sync::Arc};

use rmd_proto::v1::{InputLot, Lot};

use crate::{
    Fact,
    view::{Parent, creator},
};

/// A lot as it stands in the view.
type LotFact = Arc<Fact<Lot>>;

/// The lot that an input names, out of those that have its number and state.
pub(crate) fn parent(child: &LotFact, input: &InputLot, candidates: &[LotFact]) -> Parent {
    let stated = &input.creator_identifier;
    let of_creator = |one: &&LotFact| stated.is_empty() || creator(&one.record) == stated.as_str();
    let named: Vec<&LotFact> = candidates.iter().filter(of_creator).collect();
    let others: Vec<&LotFact> =
        named.iter().copied().filter(|one| one.key() != child.key()).collect();
    match (&others[..], named.len()) {
        ([], 0) => Parent::Unknown,
        ([], _) => Parent::Itself,
        ([only], _) => Parent::Known(Arc::clone(only)),
        _ => handed_over(child, &others),
    }
}

/// Of several lots of one number the one that was handed to the creator of the child,
/// else the last one registered before it.
fn handed_over(child: &LotFact, others: &[&LotFact]) -> Parent {
    let taker = creator(&child.record);
    let given = others.iter().copied().filter(|one| {
        let recipient = one.record.recipient.as_ref().map_or("", |party| &*party.identifier);
        !taker.is_empty() && recipient == taker
    });
    if let Some(parent) = only(&given.collect::<Vec<_>>()) {
        return Parent::Known(parent);
    }
    let at = child.record.registered_at_us;
    let before = others.iter().copied().filter(|one| one.record.registered_at_us <= at);
    latest(before.collect()).map_or(Parent::Ambiguous, Parent::Known)
}

/// The lot of a certificate, out of those that have the number it names in its state.
pub(crate) fn exported(exporter: &str, candidates: &[LotFact]) -> Option<LotFact> {
    let all: Vec<&LotFact> = candidates.iter().collect();
    let own = all.iter().copied().filter(|one| creator(&one.record) == exporter);
    only(&own.collect::<Vec<_>>()).or_else(|| only(&all)).or_else(|| latest(all))
}

fn only(lots: &[&LotFact]) -> Option<LotFact> {
    match lots {
        [one] => Some(Arc::clone(one)),
        _ => None,
    }
}

/// The last by its instant; none if two share it.
fn latest(mut lots: Vec<&LotFact>) -> Option<LotFact> {
    lots.sort_by_key(|one| Reverse(one.record.registered_at_us));
    match lots[..] {
        [one] => Some(Arc::clone(one)),
        [one, next, ..] if one.record.registered_at_us > next.record.registered_at_us => {
            Some(Arc::clone(one))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{KG, lot, lot_fact};

    fn held(by: &str, at: i64, to: &str) -> LotFact {
        let mut one = lot("L-1", KG, &[]);
        one.creator.get_or_insert_default().identifier = by.to_owned();
        one.registered_at_us += at;
        one.recipient.get_or_insert_default().identifier = to.to_owned();
        lot_fact(one)
    }

    fn named(child: &LotFact, by: &str, candidates: &[LotFact]) -> String {
        let input = InputLot { creator_identifier: by.to_owned(), ..InputLot::default() };
        match parent(child, &input, candidates) {
            Parent::Known(lot) => lot.key().to_owned(),
            Parent::Itself => "itself".to_owned(),
            Parent::Unknown => "unknown".to_owned(),
            Parent::Ambiguous => "ambiguous".to_owned(),
        }
    }

    #[test]
    fn a_stated_creator_decides() {
        let (one, other) = (held("M", 0, ""), held("T", 1, ""));
        let child = held("E", 2, "");
        let all = [one, other, child.clone()];
        assert_eq!(named(&child, "M", &all), "RW/M/L-1");
        assert_eq!(named(&child, "X", &all), "unknown");
        assert_eq!(named(&child, "E", &all), "itself");
    }

    #[test]
    fn a_bare_number_means_the_lot_that_was_handed_over_or_the_last_one_before() {
        let (miner, trader) = (held("M", 0, "T"), held("T", 5, "E"));
        let exporter = held("E", 9, "");
        let all = [miner, trader.clone(), exporter.clone()];
        assert_eq!(named(&exporter, "", &all), "RW/T/L-1");
        assert_eq!(named(&trader, "", &all), "RW/M/L-1");
        let nobody = held("X", 7, "");
        assert_eq!(named(&nobody, "", &all), "RW/T/L-1");
        let first = held("X", -1, "");
        assert_eq!(named(&first, "", &all), "ambiguous");
        assert_eq!(named(&exporter, "", std::slice::from_ref(&exporter)), "itself");
    }

    #[test]
    fn the_exporters_own_lot_is_the_one_of_its_certificate() {
        let all = [held("M", 0, "T"), held("T", 5, "")];
        assert_eq!(exported("M", &all).unwrap().key(), "RW/M/L-1");
        assert_eq!(exported("X", &all).unwrap().key(), "RW/T/L-1");
        assert!(exported("X", &[]).is_none());
    }
}
