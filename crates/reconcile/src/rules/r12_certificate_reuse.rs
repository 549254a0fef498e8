//! R12: a certificate covers one shipment, once.
//!
//! Per flow, Σ mass of the declarations that quote one certificate > its mass·(1 +
//! limit): serious. A flow is one direction and one procedure of one state, so that
//! an export, the transits on its way and the import never add up. Two declarations
//! of one direction that give the certificate another mineral, or two exports that
//! give it another exporter: serious.

use std::collections::{BTreeMap, BTreeSet};

use rmd_proto::v1::Procedure;
use rmd_standard::mineral;

use super::Finder;
use crate::{
    Context, Measure, Named, Outcome, Parameter, Rule, Sentence, Severity, amount,
    view::CertificateView,
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R12-MASS",
        en: "the declarations of {country} that quote the certificate add up to {sum}; it covers {mass}",
        fr: "les déclarations de {country} qui citent le certificat totalisent {sum} ; il couvre {mass}",
    },
    Sentence {
        id: "R12-FIELDS",
        en: "the declarations that quote the certificate give it different values of {field}: {values}",
        fr: "les déclarations qui citent le certificat lui donnent des valeurs différentes de {field} : {values}",
    },
];

/// A line that quotes the certificate, of either direction.
struct Line<'a> {
    named: &'a Named,
    mass_mg: i64,
    mineral: &'a str,
    exporter: Option<&'a str>,
    is_transit: bool,
}

pub(super) fn judge(view: &CertificateView, context: &Context) -> Outcome {
    let exports = view.exports.iter().map(|export| Line {
        named: &export.named,
        mass_mg: export.record.net_mass_mg,
        mineral: &export.record.mineral,
        exporter: Some(&*export.record.exporter_identifier),
        is_transit: export.record.procedure() == Procedure::Transit,
    });
    let imports = view.imports.iter().map(|import| Line {
        named: &import.named,
        mass_mg: import.record.net_mass_mg,
        mineral: &import.record.mineral,
        exporter: None,
        is_transit: import.record.procedure() == Procedure::Transit,
    });
    let (exports, imports): (Vec<_>, Vec<_>) = (exports.collect(), imports.collect());
    [&exports, &imports].into_iter().fold(Outcome::passed(), |outcome, lines| {
        let minerals = |line: &Line<'_>| mineral::hs6(line.mineral);
        let exporters = |line: &Line<'_>| {
            line.exporter.filter(|exporter| !exporter.is_empty()).map(str::to_owned)
        };
        outcome
            .and(of_masses(view, lines, context))
            .and(of_values(view, lines, "mineral", minerals))
            .and(of_values(view, lines, "exporter_identifier", exporters))
    })
}

fn of_masses(view: &CertificateView, lines: &[Line<'_>], context: &Context) -> Outcome {
    let certificate = &view.certificate;
    let mass = i128::from(certificate.record.lot_weight_mg);
    let limit = context.limit(Parameter::CertificateReuse, certificate.country(), &view.hs6());
    let mut flows: BTreeMap<(&str, bool), Vec<&Line<'_>>> = BTreeMap::new();
    for line in lines {
        flows.entry((&*line.named.country, line.is_transit)).or_default().push(line);
    }
    flows.into_iter().fold(Outcome::passed(), |outcome, ((country, _), lines)| {
        let sum: i128 = lines.iter().map(|line| i128::from(line.mass_mg)).sum();
        if !amount::exceeds(sum, mass, limit) {
            return outcome;
        }
        let lines = lines.iter().map(|line| line.named.clone());
        let finder = Finder::about_certificate(Rule::CertificateReuse, view, lines);
        let measures = vec![
            Measure::text("country", country),
            Measure::mass("sum", sum),
            Measure::mass("mass", mass),
        ];
        outcome.and(finder.raise(Severity::Serious, &SENTENCES[0], measures))
    })
}

fn of_values(
    view: &CertificateView,
    lines: &[Line<'_>],
    field: &str,
    value: impl Fn(&Line<'_>) -> Option<String>,
) -> Outcome {
    // Goods on their way through belong to whoever carries them there.
    let own: Vec<_> = lines.iter().filter(|line| !line.is_transit).collect();
    let values: BTreeSet<String> = own.iter().filter_map(|line| value(line)).collect();
    if values.len() < 2 {
        return Outcome::passed();
    }
    let finder = Finder::about_certificate(
        Rule::CertificateReuse,
        view,
        own.iter().map(|line| line.named.clone()),
    );
    let values = values.into_iter().collect::<Vec<_>>().join(", ");
    let measures = vec![Measure::text("field", field), Measure::text("values", values)];
    finder.raise(Severity::Serious, &SENTENCES[1], measures).about(field)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{KG, certificate, certificate_view, context, export, import, told};

    fn weights(view: &CertificateView) -> (Vec<Severity>, usize) {
        told(&judge(view, &context()))
    }

    #[test]
    fn a_shipment_in_parts_may_add_up_to_the_mass_and_one_percent() {
        let parts = |second: i64| {
            let mut view = certificate_view(certificate());
            view.exports = vec![
                export("E1", "2026-07-05", 600 * KG, "C-1"),
                export("E2", "2026-07-06", second, "C-1"),
            ];
            view
        };
        assert_eq!(weights(&parts(410 * KG)), (vec![], 0));
        assert_eq!(weights(&parts(410 * KG + 1)), (vec![Severity::Serious], 0));
    }

    #[test]
    fn exports_imports_and_transits_do_not_add_up() {
        let mut view = certificate_view(certificate());
        view.exports = vec![export("E", "2026-07-05", 1_000 * KG, "C-1")];
        view.imports = vec![import("I", "2026-07-09", 1_000 * KG, "C-1")];
        let mut transit = (*export("T", "2026-07-07", 1_000 * KG, "C-1")).clone();
        transit.record.procedure = Procedure::Transit.into();
        transit.record.exporter_identifier = "CARRIER".to_owned();
        view.exports.push(transit.into());
        assert_eq!(weights(&view), (vec![], 0));
    }

    #[test]
    fn two_exporters_or_two_minerals_under_one_certificate_are_found() {
        let line = |key, exporter: &str, mineral: &str| {
            let mut one = (*export(key, "2026-07-05", KG, "C-1")).clone();
            one.record.exporter_identifier = exporter.to_owned();
            one.record.mineral = mineral.to_owned();
            one.into()
        };
        let mut view = certificate_view(certificate());
        view.exports = vec![line("E1", "A", "260900"), line("E2", "A", "2609.00.00")];
        assert_eq!(weights(&view), (vec![], 0));
        view.exports.push(line("E3", "B", "260900"));
        assert_eq!(weights(&view), (vec![Severity::Serious], 0));
        view.exports.push(line("E4", "B", "261100"));
        assert_eq!(weights(&view), (vec![Severity::Serious; 2], 0));
    }
}
