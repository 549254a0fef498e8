//! R14: a certificate declares the states out of whose ground its lots come.
//!
//! The declared origins against the states of all production sites that the lots
//! lead back to: one omitted: serious. One added, or UNKNOWN declared, where all is
//! traced: a warning. Mass that is not traced need not be declared UNKNOWN. All is
//! traced where what is not stays within the limit of R10 that warns.

use std::collections::BTreeSet;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity,
    amount::MILLION,
    view::{CertificateView, WHOLE},
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R14-OMITTED",
        en: "the lots come from {found}; the certificate declares {declared}",
        fr: "les lots viennent de {found} ; le certificat déclare {declared}",
    },
    Sentence {
        id: "R14-ADDED",
        en: "the certificate declares {declared}; all of its lots come from {found}",
        fr: "le certificat déclare {declared} ; tous ses lots viennent de {found}",
    },
];

/// What a certificate declares where it does not know.
const UNKNOWN: &str = "UNKNOWN";

pub(super) fn judge(view: &CertificateView, context: &Context) -> Outcome {
    let certificate = &view.certificate;
    let declared: BTreeSet<&str> =
        certificate.record.mineral_origin.iter().map(String::as_str).collect();
    if declared.is_empty() {
        let what = "ExportCertificate.mineral_origin";
        return Outcome::lacking(Missing::new(what, certificate.key(), Lack::Absent));
    }
    let found: BTreeSet<&str> =
        view.lots.iter().flat_map(|one| &one.custody.origins).map(String::as_str).collect();
    let written = |set: &BTreeSet<&str>| set.iter().copied().collect::<Vec<_>>().join(", ");
    let measures = || {
        vec![Measure::text("found", written(&found)), Measure::text("declared", written(&declared))]
    };
    let finder = || Finder::about_certificate(Rule::OriginMismatch, view, view.named_lots());
    if found.difference(&declared).next().is_some() {
        return finder().raise(Severity::Serious, &SENTENCES[0], measures());
    }
    if declared.difference(&found).next().is_none() {
        return Outcome::passed();
    }
    if is_all_traced(view, context) {
        return finder().raise(Severity::Warning, &SENTENCES[1], measures());
    }
    if declared.difference(&found).all(|origin| *origin == UNKNOWN) {
        return Outcome::passed();
    }
    // The rest may come from there.
    Outcome::lacking(Missing::new("Lot.input_lot", certificate.key(), Lack::Unresolved))
}

fn is_all_traced(view: &CertificateView, context: &Context) -> bool {
    let certificate = &view.certificate;
    let limit = context.limit(Parameter::UntracedWarning, certificate.country(), &view.hs6());
    let whole = view.mass_of_lots() * i128::from(WHOLE);
    let untraced = whole - view.weighed(|custody| custody.traced);
    view.unresolved.is_empty()
        && !view.lots.is_empty()
        && untraced * i128::from(MILLION) <= whole * i128::from(limit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        testing::{KG, certificate, certificate_view, context, lot, told, traced},
        view::Custody,
    };

    fn declared(origins: &[&str], custody: Custody) -> (Vec<Severity>, usize) {
        let mut certificate = certificate();
        certificate.mineral_origin = origins.iter().map(|one| (*one).to_owned()).collect();
        let view = certificate_view(certificate).with_lot(lot("A", 1_000 * KG, &[]), custody);
        told(&judge(&view, &context()))
    }

    fn partly(share: i64) -> Custody {
        Custody { traced: share, ..traced("RW") }
    }

    #[test]
    fn an_origin_omitted_is_serious_and_one_added_warns() {
        assert_eq!(declared(&["RW"], traced("RW")), (vec![], 0));
        assert_eq!(declared(&["RW"], traced("CD")), (vec![Severity::Serious], 0));
        assert_eq!(declared(&["RW", "CD"], traced("RW")), (vec![Severity::Warning], 0));
        assert_eq!(declared(&["RW", "UNKNOWN"], traced("RW")), (vec![Severity::Warning], 0));
    }

    #[test]
    fn what_is_not_traced_may_be_unknown_or_from_elsewhere() {
        assert_eq!(declared(&["RW"], partly(500_000_000)), (vec![], 0));
        assert_eq!(declared(&["RW", "UNKNOWN"], partly(979_999_999)), (vec![], 0));
        assert_eq!(declared(&["RW", "UNKNOWN"], partly(980_000_000)), (vec![Severity::Warning], 0));
        assert_eq!(declared(&["RW", "CD"], partly(500_000_000)), (vec![], 1));
    }
}
