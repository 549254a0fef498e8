//! R06: mine tags come from the range that was allocated to the site.
//!
//! A mine tag on a production lot that is in no range of its site, or in a range of
//! another site: serious. A tag without a kind on a production lot is a mine tag.
//! More tags applied than allocated is a finding about the site. On lots further
//! down the same tag makes no other finding.

mod range;

use rmd_proto::v1::{Tag, TagAllocation, TagKind};

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Rule, Sentence, Severity, Unit,
    view::{LotView, SiteLink, SiteView, nature},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R06-OUTSIDE",
        en: "the tag {tag} is in no range that was allocated to the site {site}",
        fr: "l'étiquette {tag} n'est dans aucune plage allouée au site {site}",
    },
    Sentence {
        id: "R06-ELSEWHERE",
        en: "the tag {tag} was allocated to another site, {other}, than the lot's, {site}",
        fr: "l'étiquette {tag} a été allouée à un autre site, {other}, que celui du lot, {site}",
    },
    Sentence {
        id: "R06-COUNT",
        en: "{applied} mine tags are on lots of the site, {allocated} were allocated to it",
        fr: "{applied} étiquettes de mine sont sur des lots du site, {allocated} lui ont été allouées",
    },
];

/// Whether a tag lies in an allocation.
pub fn is_allocated(tag: &Tag, allocation: &TagAllocation) -> bool {
    tag.scheme == allocation.scheme
        && range::holds(&allocation.from_identifier, &allocation.to_identifier, &tag.identifier)
}

/// The series of a tag: tags of one range have one.
pub fn tag_series(identifier: &str) -> &str {
    range::split(identifier).0
}

pub(super) fn judge_lot(view: &LotView, _context: &Context) -> Outcome {
    let SiteLink::Known(facts) = &view.site else { return Outcome::passed() };
    let lot = &view.lot;
    if !nature::is_production(&lot.record) {
        return Outcome::passed();
    }
    let site = &facts.site;
    let is_of_mine = |tag: &&Tag| matches!(tag.kind(), TagKind::Mine | TagKind::Unspecified);
    lot.record.tag.iter().filter(is_of_mine).fold(Outcome::passed(), |outcome, tag| {
        if site.record.tag_allocation.iter().any(|one| is_allocated(tag, one)) {
            return outcome;
        }
        let id = &site.record.icglr_id;
        let mut measures = vec![Measure::text("tag", &tag.identifier), Measure::text("site", id)];
        let elsewhere = view.allocated_elsewhere.iter().filter(|one| one.tag == tag.identifier);
        if let Some(other) = elsewhere.min_by(|one, other| one.site.cmp(&other.site)) {
            let named = [site.named.clone(), other.site.clone()];
            let finder = Finder::about_lot(Rule::TagOutOfAllocation, view, named);
            measures.push(Measure::text("other", &*other.site.key));
            let raised = finder.raise(Severity::Serious, &SENTENCES[1], measures);
            return outcome.and(raised.about(&tag.identifier));
        }
        if site.record.tag_allocation.is_empty() {
            let what = Missing::new("MineSite.tag_allocation", site.key(), Lack::Absent);
            return outcome.and(Outcome::lacking(what));
        }
        let finder = Finder::about_lot(Rule::TagOutOfAllocation, view, [site.named.clone()]);
        let raised = finder.raise(Severity::Serious, &SENTENCES[0], measures);
        outcome.and(raised.about(&tag.identifier))
    })
}

pub(super) fn judge_site(view: &SiteView, _context: &Context) -> Outcome {
    let allocations = &view.facts.site.record.tag_allocation;
    let counts: Option<Vec<u64>> =
        allocations.iter().map(|one| one.tag_count.map(u64::from)).collect();
    // What is allocated without a count is checked tag by tag alone.
    let Some(allocated) = counts.filter(|counts| !counts.is_empty()) else {
        return Outcome::passed();
    };
    let allocated: u64 = allocated.iter().sum();
    if view.applied_tags <= allocated {
        return Outcome::passed();
    }
    let finder = Finder::about_site(Rule::TagOutOfAllocation, view, []);
    let count = |name, number: u64| {
        Measure::number(name, Unit::Count, i64::try_from(number).unwrap_or(i64::MAX))
    };
    let measures = vec![count("applied", view.applied_tags), count("allocated", allocated)];
    finder.raise(Severity::Serious, &SENTENCES[2], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{Lot, MineSite, OriginatingOperation::Production, TagScheme};
    use rmd_standard::Entity;

    use super::*;
    use crate::{
        Named,
        testing::{KG, context, lot, site_facts, site_view, told, view},
        view::Elsewhere,
    };

    fn site(ranges: &[(&str, &str)]) -> MineSite {
        let allocation = |(from, to): &(&str, &str)| TagAllocation {
            scheme: TagScheme::Itsci.into(),
            from_identifier: (*from).to_owned(),
            to_identifier: (*to).to_owned(),
            tag_count: None,
        };
        MineSite {
            icglr_id: "RW-1.9403+29.8739-00001".to_owned(),
            address_country: "RW".to_owned(),
            tag_allocation: ranges.iter().map(allocation).collect(),
            ..MineSite::default()
        }
    }

    fn tagged(identifier: &str, kind: TagKind, ranges: &[(&str, &str)]) -> LotView {
        let tag = Tag {
            identifier: identifier.to_owned(),
            scheme: TagScheme::Itsci.into(),
            kind: kind.into(),
            ..Tag::default()
        };
        view(Lot { tag: vec![tag], ..lot("A", KG, &[Production]) }).with_site(site(ranges))
    }

    #[test]
    fn tags_inside_the_range_pass_and_its_ends_are_inside() {
        let range = [("RW0001000", "RW0001999")];
        for (tag, weights) in [
            ("RW0001000", vec![]),
            ("RW0001999", vec![]),
            ("RW0002000", vec![Severity::Serious]),
            ("RW0000999", vec![Severity::Serious]),
            ("CD0001500", vec![Severity::Serious]),
        ] {
            let outcome = judge_lot(&tagged(tag, TagKind::Mine, &range), &context());
            assert_eq!(told(&outcome), (weights, 0), "{tag}");
        }
    }

    #[test]
    fn a_site_without_a_range_leaves_open_what_no_other_site_claims() {
        let mut view = tagged("RW0001500", TagKind::Mine, &[]);
        assert_eq!(told(&judge_lot(&view, &context())), (vec![], 1));
        let site = Named {
            entity: Entity::MineSite,
            key: "RW-1".into(),
            country: "RW".into(),
            rev: 1,
            digest: [0; 32],
        };
        view.allocated_elsewhere.push(Elsewhere { tag: "RW0001500".to_owned(), site });
        assert_eq!(told(&judge_lot(&view, &context())), (vec![Severity::Serious], 0));
    }

    #[test]
    fn tags_of_traders_are_not_of_the_mine() {
        let view = tagged("T-1", TagKind::Trader, &[("RW0001000", "RW0001999")]);
        assert!(judge_lot(&view, &context()).is_passed());
    }

    #[test]
    fn no_more_tags_are_applied_than_were_allocated() {
        let applied = |applied_tags| {
            let mut site = site(&[("A1", "A5"), ("B1", "B5")]);
            site.tag_allocation.iter_mut().for_each(|one| one.tag_count = Some(5));
            let view = SiteView { applied_tags, ..site_view(site_facts(site)) };
            told(&judge_site(&view, &context())).0
        };
        assert_eq!(applied(10), []);
        assert_eq!(applied(11), [Severity::Serious]);
    }
}
