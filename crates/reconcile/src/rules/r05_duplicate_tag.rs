//! R05: a tag is on one lot, as that lot changes hands.
//!
//! The same (scheme, tag) on two lots that no chain of custody changes links, in
//! one state or in several: serious. A tag that travels with a legal import is
//! linked by the import lot's input.

use std::collections::BTreeMap;

use petgraph::unionfind::UnionFind;

use super::Finder;
use crate::{
    Context, Measure, Outcome, Rule, Sentence, Severity, Subject, SubjectKind,
    view::{TagView, TaggedLot},
};

pub(super) const SENTENCES: &[Sentence] = &[Sentence {
    id: "R05",
    en: "the tag {tag} is on {lots} lots that no change of custody links: {one} and {other} among them",
    fr: "l'étiquette {tag} est sur {lots} lots qu'aucun changement de détenteur ne relie : dont {one} et {other}",
}];

pub(super) fn judge(view: &TagView, _context: &Context) -> Outcome {
    let mut lots: Vec<&TaggedLot> = view.lots.iter().collect();
    lots.sort_by(|one, other| one.lot.key().cmp(other.lot.key()));
    let heads = unlinked(&lots);
    let [one, other, ..] = heads[..] else { return Outcome::passed() };
    let finder = Finder {
        rule: Rule::DuplicateTag,
        subject: Subject::new(SubjectKind::Tag, view.key()),
        country: one.lot.country().to_owned(),
        evidence: heads.iter().map(|head| head.lot.named.clone()).collect(),
    };
    let measures = vec![
        Measure::text("tag", &view.identifier),
        Measure::number("lots", crate::Unit::Count, i64::try_from(heads.len()).unwrap_or(i64::MAX)),
        Measure::text("one", one.lot.key()),
        Measure::text("other", other.lot.key()),
    ];
    finder.raise(Severity::Serious, &SENTENCES[0], measures)
}

/// Of each chain of custody changes the lot with the first key.
fn unlinked<'a>(lots: &[&'a TaggedLot]) -> Vec<&'a TaggedLot> {
    let places: BTreeMap<&str, usize> =
        lots.iter().enumerate().map(|(place, one)| (one.lot.key(), place)).collect();
    let mut chains = UnionFind::new(lots.len());
    for (place, one) in lots.iter().enumerate().filter(|(_, one)| one.keeps_tags()) {
        for parent in one.parents.iter().filter_map(|key| places.get(&**key)) {
            chains.union(place, *parent);
        }
    }
    let mut heads = BTreeMap::new();
    for (place, one) in lots.iter().enumerate() {
        heads.entry(chains.find(place)).or_insert(*one);
    }
    let mut heads: Vec<_> = heads.into_values().collect();
    heads.sort_by(|one, other| one.lot.key().cmp(other.lot.key()));
    heads
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{
        InputLot, Lot,
        OriginatingOperation::{self, Import, Production, Purchase},
        TagScheme,
    };

    use super::*;
    use crate::testing::{KG, context, lot, lot_fact, told};

    fn tagged(
        country: &str,
        creator: &str,
        number: &str,
        made_by: OriginatingOperation,
    ) -> TaggedLot {
        let mut one = Lot { country: country.to_owned(), ..lot(number, KG, &[made_by]) };
        one.creator.get_or_insert_default().identifier = creator.to_owned();
        TaggedLot { lot: lot_fact(one), parents: Vec::new() }
    }

    /// The lot, out of that one.
    fn after(parent: &TaggedLot, child: &TaggedLot) -> TaggedLot {
        let mut record = child.lot.record.clone();
        let lot_number = parent.lot.record.lot_number.clone();
        record.input_lot.push(InputLot { lot_number, ..InputLot::default() });
        TaggedLot { lot: lot_fact(record), parents: vec![parent.lot.named.key.clone()] }
    }

    fn told_of(lots: &[TaggedLot]) -> Vec<Severity> {
        let identifier = "RW0012345".to_owned();
        let view = TagView { scheme: TagScheme::Itsci, identifier, lots: lots.to_vec() };
        told(&judge(&view, &context())).0
    }

    #[test]
    fn a_tag_on_two_lots_is_found_in_one_state_and_in_two() {
        let one = || tagged("RW", "M", "A", Production);
        assert_eq!(told_of(&[one()]), []);
        let same = tagged("RW", "M", "B", Production);
        assert_eq!(told_of(&[one(), same]), [Severity::Serious]);
        let abroad = tagged("CD", "M", "A", Production);
        assert_eq!(told_of(&[one(), abroad]), [Severity::Serious]);
    }

    #[test]
    fn a_tag_stays_on_a_lot_that_changes_hands_and_crosses_a_border() {
        let one = tagged("RW", "M", "A", Production);
        let bought = after(&one, &tagged("RW", "T", "A", Purchase));
        let imported = after(&bought, &tagged("UG", "I", "U-7", Import));
        assert_eq!(told_of(&[imported.clone(), one.clone(), bought.clone()]), []);
        let unlinked = tagged("UG", "I", "U-8", Import);
        assert_eq!(told_of(&[imported, unlinked, one, bought]), [Severity::Serious]);
    }

    #[test]
    fn a_new_number_is_a_new_lot_and_wants_a_new_tag() {
        let one = tagged("RW", "M", "A", Production);
        let renamed = after(&one, &tagged("RW", "T", "B", Purchase));
        assert_eq!(told_of(&[one, renamed]), [Severity::Serious]);
    }
}
