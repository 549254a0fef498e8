//! The sentences and labels of the pages, in English and French.
//!
//! One that lacks in a language does not compile. What is counted has its words in
//! `rmd_report::words`. Names in braces are filled in by the view.

mod english;
mod french;

use rmd_report::Lang;
use serde::Serialize;

/// Every text of the pages in one language.
#[derive(Debug, Serialize)]
pub(crate) struct Prose {
    pub(crate) title: &'static str,
    pub(crate) subtitle: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) page: &'static str,
    pub(crate) evaluated: &'static str,
    pub(crate) network: &'static str,
    pub(crate) figures: &'static str,
    pub(crate) closed: &'static str,
    pub(crate) provisional: &'static str,
    pub(crate) limits: &'static str,
    pub(crate) limits_version: &'static str,
    pub(crate) limits_default: &'static str,
    pub(crate) not_evaluated: &'static str,
    pub(crate) edition_full: &'static str,
    pub(crate) edition_public: &'static str,
    pub(crate) no_data: &'static str,
    pub(crate) state: &'static str,
    pub(crate) region: &'static str,
    pub(crate) total: &'static str,
    pub(crate) more_rows: &'static str,

    pub(crate) tile_reported: &'static str,
    pub(crate) tile_reported_note: &'static str,
    pub(crate) tile_matched: &'static str,
    pub(crate) tile_matched_note: &'static str,
    pub(crate) tile_serious: &'static str,
    pub(crate) tile_serious_note: &'static str,
    pub(crate) tile_red: &'static str,
    pub(crate) tile_red_note: &'static str,

    pub(crate) reporting: &'static str,
    pub(crate) reporting_intro: &'static str,
    pub(crate) reporting_sum: &'static str,
    pub(crate) reporting_none: &'static str,
    pub(crate) reported_states: &'static str,

    pub(crate) flows: &'static str,
    pub(crate) flows_intro: &'static str,
    pub(crate) flows_signs: &'static str,
    pub(crate) flows_suppressed: &'static str,
    pub(crate) flows_internal: &'static str,
    pub(crate) flows_none: &'static str,
    pub(crate) flows_absent: &'static str,
    pub(crate) flows_plot: &'static str,
    pub(crate) flows_plot_alt: &'static str,
    pub(crate) most: &'static str,
    pub(crate) mass: &'static str,
    pub(crate) contained: &'static str,
    pub(crate) suppressed_sign: &'static str,
    pub(crate) unknown_sign: &'static str,

    pub(crate) matching: &'static str,
    pub(crate) matching_intro: &'static str,
    pub(crate) matching_none: &'static str,
    pub(crate) matching_counts: &'static str,
    pub(crate) matching_masses: &'static str,
    pub(crate) matching_share: &'static str,

    pub(crate) findings: &'static str,
    pub(crate) findings_intro: &'static str,
    pub(crate) findings_none: &'static str,
    pub(crate) by_rule: &'static str,
    pub(crate) by_state: &'static str,
    pub(crate) rule: &'static str,
    pub(crate) open: &'static str,
    pub(crate) in_month: &'static str,
    pub(crate) opened: &'static str,
    pub(crate) closed_count: &'static str,
    pub(crate) untested: &'static str,
    pub(crate) single: &'static str,
    pub(crate) single_intro: &'static str,
    pub(crate) single_none: &'static str,
    pub(crate) finding: &'static str,
    pub(crate) since: &'static str,
    pub(crate) says: &'static str,

    pub(crate) cases: &'static str,
    pub(crate) cases_intro: &'static str,
    pub(crate) cases_none: &'static str,
    pub(crate) cases_by_cause: &'static str,
    pub(crate) cases_public: &'static str,
    pub(crate) cause: &'static str,
    pub(crate) standing: &'static str,
    pub(crate) overdue: &'static str,

    pub(crate) statuses: &'static str,
    pub(crate) statuses_intro: &'static str,
    pub(crate) statuses_none: &'static str,
    pub(crate) sites: &'static str,
    pub(crate) exporters: &'static str,
    pub(crate) exporters_none: &'static str,
    pub(crate) proportion: &'static str,
    pub(crate) changes: &'static str,
    pub(crate) changes_intro: &'static str,
    pub(crate) changes_public: &'static str,
    pub(crate) changes_none: &'static str,
    pub(crate) changes_single: &'static str,
    pub(crate) changed_sites: &'static str,
    pub(crate) changed_exporters: &'static str,
    pub(crate) whose: &'static str,
    pub(crate) site_or_exporter: &'static str,
    pub(crate) on: &'static str,
    pub(crate) was: &'static str,
    pub(crate) became: &'static str,
    pub(crate) why: &'static str,
    pub(crate) lapses: &'static str,
    pub(crate) lapses_intro: &'static str,
    pub(crate) lapses_none: &'static str,
    pub(crate) lapses_first: &'static str,
    pub(crate) within: &'static str,
    pub(crate) site: &'static str,
    pub(crate) status: &'static str,
    pub(crate) until: &'static str,
    pub(crate) then: &'static str,

    pub(crate) method: &'static str,
    pub(crate) method_days: &'static str,
    pub(crate) method_no_data: &'static str,
    pub(crate) method_suppression: &'static str,
    pub(crate) method_findings: &'static str,
    pub(crate) method_observations: &'static str,
    pub(crate) method_proof: &'static str,
    pub(crate) rules: &'static str,
    pub(crate) rules_intro: &'static str,
    pub(crate) version: &'static str,
    pub(crate) limits_in_force: &'static str,
    pub(crate) feeds: &'static str,
    pub(crate) feeds_intro: &'static str,
    pub(crate) feeds_none: &'static str,
    pub(crate) feed: &'static str,
    pub(crate) entries: &'static str,
    pub(crate) root: &'static str,
    pub(crate) checked: &'static str,
    pub(crate) last_exchange: &'static str,
    pub(crate) yes: &'static str,
    pub(crate) no: &'static str,
    pub(crate) frozen: &'static str,
}

impl Prose {
    pub(crate) const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::En => &english::PROSE,
            Lang::Fr => &french::PROSE,
        }
    }
}

/// A sentence with its names in braces filled in.
pub(crate) fn filled(text: &str, values: &[(&str, &str)]) -> String {
    values
        .iter()
        .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("{{{name}}}"), value))
}
