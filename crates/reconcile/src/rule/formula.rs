//! The formulas of the rules, out of their own modules.
//!
//! What an analyst reads about a rule is what stands above its code.

use super::Rule;

/// The sources of the rules, in order.
const SOURCES: [&str; 28] = [
    include_str!("../rules/r01_over_allocation.rs"),
    include_str!("../rules/r02_combination_balance.rs"),
    include_str!("../rules/r03_processing_balance.rs"),
    include_str!("../rules/r04_transit_weight.rs"),
    include_str!("../rules/r05_duplicate_tag.rs"),
    include_str!("../rules/r06_tag_out_of_allocation.rs"),
    include_str!("../rules/r07_tag_chronology.rs"),
    include_str!("../rules/r08_site_not_eligible.rs"),
    include_str!("../rules/r09_contaminated_ancestry.rs"),
    include_str!("../rules/r10_untraceable_share.rs"),
    include_str!("../rules/r11_certificate_validity.rs"),
    include_str!("../rules/r12_certificate_reuse.rs"),
    include_str!("../rules/r13_certificate_against_lots.rs"),
    include_str!("../rules/r14_origin_mismatch.rs"),
    include_str!("../rules/r15_export_without_certificate.rs"),
    include_str!("../rules/r16_pairing.rs"),
    include_str!("../rules/r17_mirror_statistics.rs"),
    include_str!("../rules/r18_country_balance.rs"),
    include_str!("../rules/r19_capacity.rs"),
    include_str!("../rules/r20_production_spike.rs"),
    include_str!("../rules/r21_impossible_site.rs"),
    include_str!("../rules/r22_outlier.rs"),
    include_str!("../rules/r23_route.rs"),
    include_str!("../rules/r24_location.rs"),
    include_str!("../rules/r25_graph.rs"),
    include_str!("../rules/r26_reporting.rs"),
    include_str!("../rules/r27_inspection_clock.rs"),
    include_str!("../rules/r28_exporter.rs"),
];

impl Rule {
    /// What the rule finds and by which formula, in English.
    pub fn formula(self) -> String {
        let lines = SOURCES[self as usize].lines();
        let lines = lines.map_while(|line| line.strip_prefix("//!"));
        let lines = lines.map(|line| line.strip_prefix(' ').unwrap_or(line));
        lines.collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_begins_its_formula_with_its_id() {
        for rule in Rule::ALL {
            let formula = rule.formula();
            assert!(formula.starts_with(&format!("{}:", rule.id())), "{formula}");
        }
    }
}
