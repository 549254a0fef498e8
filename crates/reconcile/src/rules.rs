//! The rules, one module each.
//!
//! A module's docstring is the rule's formula; its sentences stand beside it. Each
//! has a function from a view and the context to an [`Outcome`], and the tables
//! below say which rules look at which kind of view.

mod finder;
mod r01_over_allocation;
mod r02_combination_balance;
mod r03_processing_balance;
mod r04_transit_weight;
mod r05_duplicate_tag;
mod r06_tag_out_of_allocation;
mod r07_tag_chronology;
mod r08_site_not_eligible;
mod r09_contaminated_ancestry;
mod r10_untraceable_share;
mod r11_certificate_validity;
mod r12_certificate_reuse;
mod r13_certificate_against_lots;
mod r14_origin_mismatch;
mod r15_export_without_certificate;
mod r16_pairing;
mod r17_mirror_statistics;
mod r18_country_balance;
mod r19_capacity;
mod r20_production_spike;
mod r21_impossible_site;
mod r22_outlier;
mod r23_route;
mod r24_location;
mod r25_graph;
mod r26_reporting;
mod r27_inspection_clock;
mod r28_exporter;

use crate::{
    Context, Outcome, Rule, Sentence,
    pairing::Paired,
    view::{
        BalanceView, CertificateView, ExportView, FeedView, LotView, MirrorView, PeriodView,
        SiteMonthView, SiteView, TagView,
    },
};

pub(crate) use finder::Finder;
pub use r06_tag_out_of_allocation::{is_allocated, tag_series};
pub use r08_site_not_eligible::is_barred;
pub(crate) use r16_pairing::deadline;

/// A rule about one kind of view.
pub type Judge<V> = fn(&V, &Context) -> Outcome;

/// The rules about a lot.
pub const LOT: &[(Rule, Judge<LotView>)] = &[
    (Rule::OverAllocation, r01_over_allocation::judge),
    (Rule::CombinationBalance, r02_combination_balance::judge),
    (Rule::ProcessingBalance, r03_processing_balance::judge),
    (Rule::TransitWeight, r04_transit_weight::judge),
    (Rule::TagOutOfAllocation, r06_tag_out_of_allocation::judge_lot),
    (Rule::TagChronology, r07_tag_chronology::judge),
    (Rule::SiteNotEligible, r08_site_not_eligible::judge),
    (Rule::ImpossibleSite, r21_impossible_site::judge_lot),
    (Rule::Outlier, r22_outlier::judge_lot),
    (Rule::Graph, r25_graph::judge),
];

/// The rules about a tag.
pub const TAG: &[(Rule, Judge<TagView>)] = &[(Rule::DuplicateTag, r05_duplicate_tag::judge)];

/// The rules about a certificate.
pub const CERTIFICATE: &[(Rule, Judge<CertificateView>)] = &[
    (Rule::ContaminatedAncestry, r09_contaminated_ancestry::judge),
    (Rule::UntraceableShare, r10_untraceable_share::judge),
    (Rule::CertificateValidity, r11_certificate_validity::judge),
    (Rule::CertificateReuse, r12_certificate_reuse::judge),
    (Rule::CertificateAgainstLots, r13_certificate_against_lots::judge),
    (Rule::OriginMismatch, r14_origin_mismatch::judge),
    (Rule::Outlier, r22_outlier::judge_certificate),
    (Rule::Route, r23_route::judge),
    (Rule::Exporter, r28_exporter::judge),
];

/// The rules about a line of an export declaration.
pub const EXPORT: &[(Rule, Judge<ExportView>)] =
    &[(Rule::ExportWithoutCertificate, r15_export_without_certificate::judge)];

/// The rules about a pair of declarations.
pub const PAIRED: &[(Rule, Judge<Paired>)] = &[(Rule::Pairing, r16_pairing::judge)];

/// The rules about a site's month.
pub const SITE_MONTH: &[(Rule, Judge<SiteMonthView>)] = &[
    (Rule::Capacity, r19_capacity::judge),
    (Rule::ProductionSpike, r20_production_spike::judge),
    (Rule::ImpossibleSite, r21_impossible_site::judge_month),
];

/// The rules about a site.
pub const SITE: &[(Rule, Judge<SiteView>)] = &[
    (Rule::TagOutOfAllocation, r06_tag_out_of_allocation::judge_site),
    (Rule::Location, r24_location::judge),
    (Rule::InspectionClock, r27_inspection_clock::judge),
];

/// The rules about a state's trade with a partner.
pub const MIRROR: &[(Rule, Judge<MirrorView>)] =
    &[(Rule::MirrorStatistics, r17_mirror_statistics::judge)];

/// The rules about a state's balance.
pub const BALANCE: &[(Rule, Judge<BalanceView>)] =
    &[(Rule::CountryBalance, r18_country_balance::judge)];

/// The rules about a reporting month.
pub const PERIOD: &[(Rule, Judge<PeriodView>)] = &[(Rule::Reporting, r26_reporting::judge_period)];

/// The rules about a feed.
pub const FEED: &[(Rule, Judge<FeedView>)] = &[(Rule::Reporting, r26_reporting::judge_feed)];

/// Every sentence of every rule.
pub const SENTENCES: &[&[Sentence]] = &[
    r01_over_allocation::SENTENCES,
    r02_combination_balance::SENTENCES,
    r03_processing_balance::SENTENCES,
    r04_transit_weight::SENTENCES,
    r05_duplicate_tag::SENTENCES,
    r06_tag_out_of_allocation::SENTENCES,
    r07_tag_chronology::SENTENCES,
    r08_site_not_eligible::SENTENCES,
    r09_contaminated_ancestry::SENTENCES,
    r10_untraceable_share::SENTENCES,
    r11_certificate_validity::SENTENCES,
    r12_certificate_reuse::SENTENCES,
    r13_certificate_against_lots::SENTENCES,
    r14_origin_mismatch::SENTENCES,
    r15_export_without_certificate::SENTENCES,
    r16_pairing::SENTENCES,
    r17_mirror_statistics::SENTENCES,
    r18_country_balance::SENTENCES,
    r19_capacity::SENTENCES,
    r20_production_spike::SENTENCES,
    r21_impossible_site::SENTENCES,
    r22_outlier::SENTENCES,
    r23_route::SENTENCES,
    r24_location::SENTENCES,
    r25_graph::SENTENCES,
    r26_reporting::SENTENCES,
    r27_inspection_clock::SENTENCES,
    r28_exporter::SENTENCES,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn rules<V>(table: &[(Rule, Judge<V>)]) -> Vec<Rule> {
        table.iter().map(|(rule, _)| *rule).collect()
    }

    #[test]
    fn every_rule_looks_at_something_and_says_something() {
        let tables = [
            rules(LOT),
            rules(TAG),
            rules(CERTIFICATE),
            rules(EXPORT),
            rules(PAIRED),
            rules(SITE_MONTH),
            rules(SITE),
            rules(MIRROR),
            rules(BALANCE),
            rules(PERIOD),
            rules(FEED),
        ];
        let looking: BTreeSet<Rule> = tables.into_iter().flatten().collect();
        assert_eq!(looking.into_iter().collect::<Vec<_>>(), Rule::ALL);
        let sentences = SENTENCES.iter().copied().flatten();
        let speaking: BTreeSet<&str> = sentences.map(|sentence| &sentence.id[..3]).collect();
        assert_eq!(speaking, Rule::ALL.iter().map(|rule| rule.id()).collect());
    }

    #[test]
    fn sentences_have_ids_of_their_own_and_name_the_same_measures_in_both_languages() {
        let mut ids = BTreeSet::new();
        for sentence in SENTENCES.iter().copied().flatten() {
            assert!(ids.insert(sentence.id), "{}", sentence.id);
            let names = |text: &'static str| -> BTreeSet<&str> {
                text.split('{').skip(1).filter_map(|part| part.split('}').next()).collect()
            };
            assert_eq!(names(sentence.en), names(sentence.fr), "{}", sentence.id);
        }
    }
}
