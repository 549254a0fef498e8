//! Many lots of one number: which of them a name means, without a look at each.
//!
//! Goods that change hands a thousand times under one number are a thousand lots with
//! that number. Says the same as [`resolve::parent`](super::resolve::parent), which is
//! tested, in the time that a few lots take.

use std::{collections::HashMap, sync::Arc};

use rmd_proto::v1::InputLot;

use super::{index::LotFact, resolve};
use crate::view::{Parent, creator};

/// Lots by the identifier of a party.
type Named<'a> = HashMap<&'a str, Vec<&'a LotFact>>;

/// Lots of one number from which on they are looked up; fewer are looked through.
pub(super) const CROWD: usize = 32;

/// The lots of one number in one state.
pub(super) struct Crowd<'a> {
    creators: Named<'a>,
    recipients: Named<'a>,
    /// By the instant of registration.
    in_time: Vec<&'a LotFact>,
}

impl<'a> Crowd<'a> {
    pub(super) fn of(lots: impl IntoIterator<Item = &'a LotFact>) -> Self {
        let mut in_time: Vec<&'a LotFact> = lots.into_iter().collect();
        in_time.sort_by_key(|lot| lot.record.registered_at_us);
        let (mut creators, mut recipients) = (Named::new(), Named::new());
        for lot in in_time.iter().copied() {
            creators.entry(creator(&lot.record)).or_default().push(lot);
            let recipient = lot.record.recipient.as_ref().map_or("", |party| &*party.identifier);
            recipients.entry(recipient).or_default().push(lot);
        }
        Self { creators, recipients, in_time }
    }

    /// The lot that an input names.
    pub(super) fn parent(&self, child: &LotFact, input: &InputLot) -> Parent {
        if !input.creator_identifier.is_empty() {
            // One, as keys are made.
            let named = self.creators.get(&*input.creator_identifier);
            let named: Vec<LotFact> = named.into_iter().flatten().copied().cloned().collect();
            return resolve::parent(child, input, &named);
        }
        let is_other = |one: &&LotFact| one.key() != child.key();
        let taker = creator(&child.record);
        let given = self.recipients.get(taker).filter(|_| !taker.is_empty());
        let mut given = given.into_iter().flatten().copied().filter(is_other);
        if let (Some(only), None) = (given.next(), given.next()) {
            return Parent::Known(Arc::clone(only));
        }
        let at = child.record.registered_at_us;
        let count = self.in_time.partition_point(|one| one.record.registered_at_us <= at);
        let mut before = self.in_time[..count].iter().rev().copied().filter(is_other);
        let Some(last) = before.next() else { return Parent::Ambiguous };
        let last_at = last.record.registered_at_us;
        if before.next().is_some_and(|next| next.record.registered_at_us == last_at) {
            return Parent::Ambiguous;
        }
        Parent::Known(Arc::clone(last))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{KG, lot, lot_fact};

    /// Lots of one number, each of a creator of its own, some handed to others, some
    /// registered at one instant.
    fn made(count: i64) -> Vec<LotFact> {
        let of = |place: i64| {
            let mut one = lot("L-1", KG, &[]);
            one.creator.get_or_insert_default().identifier = format!("H-{place}");
            one.registered_at_us += (place * 37 % 101) / 2;
            if place % 3 == 0 {
                let taker = format!("H-{}", (place * 7 + 1) % count);
                one.recipient.get_or_insert_default().identifier = taker;
            }
            lot_fact(one)
        };
        (0..count).map(of).collect()
    }

    fn key(parent: &Parent) -> String {
        match parent {
            Parent::Known(lot) => lot.key().to_owned(),
            Parent::Itself => "itself".to_owned(),
            Parent::Unknown => "unknown".to_owned(),
            Parent::Ambiguous => "ambiguous".to_owned(),
        }
    }

    #[test]
    fn a_crowd_says_what_a_look_at_each_says() {
        let lots = made(90);
        let crowd = Crowd::of(&lots);
        let mut said = std::collections::BTreeSet::new();
        for child in &lots {
            for by in ["", "H-0", "H-7", "H-89", "X", creator(&child.record)] {
                let input = InputLot { creator_identifier: by.to_owned(), ..InputLot::default() };
                let one = key(&crowd.parent(child, &input));
                assert_eq!(
                    one,
                    key(&resolve::parent(child, &input, &lots)),
                    "{by} {}",
                    child.key()
                );
                said.insert(one);
            }
        }
        assert!(
            ["itself", "unknown", "ambiguous"].iter().all(|one| said.contains(*one)),
            "{said:?}"
        );
    }
}
