//! R09: a certificate leads back to sites that may trade.
//!
//! A certificate with a lot of R08 among all ancestors of its lots: serious. It
//! tells the share of the lots' mass that leads back to such lots.

use super::Finder;
use crate::{
    Context, Measure, Outcome, Rule, Sentence, Severity, amount,
    view::{CertificateView, WHOLE},
};

pub(super) const SENTENCES: &[Sentence] = &[Sentence {
    id: "R09",
    en: "{share} of the mass, {mass}, leads back to lots of sites that may not trade, {lot} among them",
    fr: "{share} de la masse, {mass}, remonte à des lots de sites qui ne peuvent pas commercer, dont {lot}",
}];

pub(super) fn judge(view: &CertificateView, _context: &Context) -> Outcome {
    let mut missing = view.unresolved.clone();
    missing.sort_unstable();
    let first = view.lots.iter().flat_map(|one| &one.custody.barred_lots).min();
    let Some(first) = first else { return Outcome { missing, ..Outcome::default() } };
    let mass = view.weighed(|custody| custody.barred) / i128::from(WHOLE);
    let share = amount::share_ppm(mass, view.mass_of_lots()).unwrap_or_default();
    let finder = Finder::about_certificate(Rule::ContaminatedAncestry, view, view.barred.clone());
    let measures = vec![
        Measure::share("share", share),
        Measure::mass("mass", mass),
        Measure::text("lot", &**first),
    ];
    finder
        .raise(Severity::Serious, &SENTENCES[0], measures)
        .and(Outcome { missing, ..Outcome::default() })
}
