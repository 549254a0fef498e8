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
    let barred = || view.lots.iter().flat_map(|one| &one.custody.barred_lots);
    let Some(first) = barred().min() else { return Outcome { missing, ..Outcome::default() } };
    let mass = view.weighed(|custody| custody.barred) / i128::from(WHOLE);
    let share = amount::share_ppm(mass, view.mass_of_lots()).unwrap_or_default();
    let finder = Finder::about_certificate(Rule::ContaminatedAncestry, view, barred().cloned());
    let measures = vec![
        Measure::share("share", share),
        Measure::mass("mass", mass),
        Measure::text("lot", &*first.key),
    ];
    finder
        .raise(Severity::Serious, &SENTENCES[0], measures)
        .and(Outcome { missing, ..Outcome::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{KG, certificate, certificate_view, context, lot, told, traced},
        view::Custody,
    };

    #[test]
    fn one_barred_ancestor_is_enough_however_little_it_gave() {
        let clean =
            || certificate_view(certificate()).with_lot(lot("A", 999 * KG, &[]), traced("RW"));
        assert!(judge(&clean(), &context()).is_passed());
        let far = crate::testing::lot_fact(lot("Z", KG, &[])).named.clone();
        let barred_lots = std::collections::BTreeSet::from([far]);
        let tainted = Custody { barred: 1, barred_lots, ..traced("RW") };
        let view = clean().with_lot(lot("B", KG, &[]), tainted);
        let outcome = judge(&view, &context());
        assert_eq!(told(&outcome), (vec![Severity::Serious], 0));
        let raised = &outcome.raised[0];
        assert_eq!(
            raised.sentence.english(&raised.measures),
            "0 % of the mass, 0 kg, leads back to lots of sites that may not trade, RW/T-1/Z among them",
        );
    }
}
