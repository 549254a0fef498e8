//! R10: what a certificate covers leads back to production lots.
//!
//! traced(L) = 1 for a production lot; else Σ contributionᵢ·traced(parentᵢ) /
//! max(Σ contributions, m(L)): losses of processing count as traced. Of the
//! certificate: weighed by mass over its lots, against its own mass or theirs,
//! whichever is more. 1 − traced beyond the limits: a warning, then serious.
//!
//! What leads to states whose lots do not count yet is open: only what is beyond
//! a limit without it is found, and what would be beyond with it cannot be tested.

use rmd_standard::Entity;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity,
    amount::MILLION,
    view::{CertificateView, WHOLE},
};

pub(super) const SENTENCES: &[Sentence] = &[Sentence {
    id: "R10",
    en: "{share} of what the certificate covers, {mass}, leads back to no production lot",
    fr: "{share} de ce que couvre le certificat, {mass}, ne remonte à aucun lot de production",
}];

pub(super) fn judge(view: &CertificateView, context: &Context) -> Outcome {
    let certificate = &view.certificate;
    if let Some(missing) = context.coverage.lacks(certificate.country(), Entity::Lot) {
        return Outcome::lacking(missing);
    }
    let of_lots = view.mass_of_lots();
    let whole = of_lots.max(i128::from(certificate.record.lot_weight_mg));
    if whole == 0 {
        let what = "ExportCertificate.lot_weight_mg";
        return Outcome::lacking(Missing::new(what, certificate.key(), Lack::Absent));
    }
    let billionths = whole * i128::from(WHOLE);
    let untraced = billionths - view.weighed(|custody| custody.traced);
    let surely = untraced - view.weighed(|custody| custody.open);
    let hs6 = view.hs6();
    let beyond = |untraced: i128, parameter| {
        let limit = context.limit(parameter, certificate.country(), &hs6);
        untraced * i128::from(MILLION) > billionths * i128::from(limit)
    };
    let severity = if beyond(surely, Parameter::UntracedSerious) {
        Severity::Serious
    } else if beyond(surely, Parameter::UntracedWarning) {
        Severity::Warning
    } else if beyond(untraced, Parameter::UntracedWarning) {
        let what = Missing::new("Lot.input_lot", certificate.key(), Lack::NotLive);
        return Outcome::lacking(what);
    } else {
        return Outcome::passed();
    };
    let finder = Finder::about_certificate(Rule::UntraceableShare, view, view.named_lots());
    let share = i64::try_from(surely * i128::from(MILLION) / billionths).unwrap_or(MILLION);
    let mass = Measure::mass("mass", surely / i128::from(WHOLE));
    finder.raise(severity, &SENTENCES[0], vec![Measure::share("share", share), mass])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{KG, certificate, certificate_view, context, lot, told, traced},
        view::Custody,
    };

    fn with(custody: Custody) -> Outcome {
        let view = certificate_view(certificate()).with_lot(lot("A", 1_000 * KG, &[]), custody);
        judge(&view, &context())
    }

    #[test]
    fn two_percent_may_be_untraced_and_twenty_are_serious() {
        for (share, weights) in [
            (980_000_000, vec![]),
            (979_999_999, vec![Severity::Warning]),
            (800_000_000, vec![Severity::Warning]),
            (799_999_999, vec![Severity::Serious]),
        ] {
            let outcome = with(Custody { traced: share, ..traced("RW") });
            assert_eq!(told(&outcome), (weights, 0), "{share}");
        }
    }

    #[test]
    fn mass_that_no_lot_of_the_certificate_holds_is_untraced() {
        let view = certificate_view(certificate()).with_lot(lot("A", 970 * KG, &[]), traced("RW"));
        assert_eq!(told(&judge(&view, &context())), (vec![Severity::Warning], 0));
    }

    #[test]
    fn what_leads_to_states_that_do_not_report_yet_stays_open() {
        let open = |traced_share, open| Custody { traced: traced_share, open, ..traced("RW") };
        assert_eq!(told(&with(open(900_000_000, 100_000_000))), (vec![], 1));
        let outcome = with(open(500_000_000, 100_000_000));
        assert_eq!(told(&outcome), (vec![Severity::Serious], 0));
    }
}
