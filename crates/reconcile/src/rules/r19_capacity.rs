//! R19: a site yields what it can.
//!
//! Declared production of a site's month beyond its capacity times the limits: a
//! warning, then serious. Where no capacity is told: production per worker beyond
//! the limit times the 95th percentile of the peers of that month (same mineral and
//! province, the site itself left out): a warning; too few peers are not testable.

use rmd_standard::mineral;

use super::Finder;
use crate::{
    Context, Lack, Measure, Missing, Outcome, Parameter, Rule, Sentence, Severity, amount::MILLION,
    view::SiteMonthView,
};

pub(super) const SENTENCES: &[Sentence] = &[
    Sentence {
        id: "R19-CAPACITY",
        en: "{mass} declared for {month}, of a capacity of {capacity} a month",
        fr: "{mass} déclarés pour {month}, pour une capacité de {capacity} par mois",
    },
    Sentence {
        id: "R19-PEERS",
        en: "{mass} a worker declared for {month}; of {peers} other sites of the province 95 % declare at most {most}",
        fr: "{mass} par travailleur déclarés pour {month} ; 95 % de {peers} autres sites de la province déclarent au plus {most}",
    },
];

pub(super) fn judge(view: &SiteMonthView, context: &Context) -> Outcome {
    let production = &view.production;
    let Some(mass) = production.record.mass_mg else {
        let what = "ProductionDeclaration.mass_mg";
        return Outcome::lacking(Missing::new(what, production.key(), Lack::Absent));
    };
    let hs6 = mineral::hs6(&production.record.mineral).unwrap_or_default();
    let capacity = view.site.as_ref().and_then(|facts| {
        let mut of_mineral = facts.site.record.capacity.iter();
        of_mineral.find(|one| mineral::hs6(&one.mineral).as_ref() == Some(&hs6))
    });
    match capacity {
        Some(capacity) => of_capacity(view, mass, capacity.monthly_mass_mg, &hs6, context),
        None => of_peers(view, mass, &hs6, context),
    }
}

fn of_capacity(
    view: &SiteMonthView,
    mass: i64,
    capacity: i64,
    hs6: &str,
    context: &Context,
) -> Outcome {
    let beyond = |parameter| {
        let limit = context.limit(parameter, view.production.country(), hs6);
        i128::from(mass) * i128::from(MILLION) > i128::from(capacity) * i128::from(limit)
    };
    let severity = if beyond(Parameter::CapacitySerious) {
        Severity::Serious
    } else if beyond(Parameter::CapacityWarning) {
        Severity::Warning
    } else {
        return Outcome::passed();
    };
    let named = view.site.iter().map(|facts| facts.site.named.clone());
    let finder = Finder::about_month(Rule::Capacity, view, named);
    let measures = vec![
        Measure::mass("mass", i128::from(mass)),
        Measure::text("month", &view.production.record.period),
        Measure::mass("capacity", i128::from(capacity)),
    ];
    finder.raise(severity, &SENTENCES[0], measures)
}

fn of_peers(view: &SiteMonthView, mass: i64, hs6: &str, context: &Context) -> Outcome {
    let production = &view.production;
    let workers = production.record.workers_declared.filter(|workers| *workers > 0);
    let Some(workers) = workers else {
        let what = "ProductionDeclaration.workers_declared";
        return Outcome::lacking(Missing::new(what, production.key(), Lack::Absent));
    };
    let mut yields: Vec<i128> = view
        .peers
        .iter()
        .filter_map(|peer| {
            let workers = peer.record.workers_declared.filter(|workers| *workers > 0)?;
            Some(i128::from(peer.record.mass_mg?) / i128::from(workers))
        })
        .collect();
    let least = context.limit(Parameter::PeersLeast, production.country(), hs6);
    if i64::try_from(yields.len()).unwrap_or(i64::MAX) < least.max(1) {
        let what = "MineSite.capacity";
        return Outcome::lacking(Missing::new(what, production.key(), Lack::Absent));
    }
    yields.sort_unstable();
    // The smallest value that 95 % of the values do not exceed.
    let most = yields[(yields.len() * 95).div_ceil(100) - 1];
    let own = i128::from(mass) / i128::from(workers);
    let limit = context.limit(Parameter::PeersYield, production.country(), hs6);
    if own * i128::from(MILLION) <= most * i128::from(limit) {
        return Outcome::passed();
    }
    let finder = Finder::about_month(Rule::Capacity, view, []);
    let peers = i64::try_from(yields.len()).unwrap_or(i64::MAX);
    let measures = vec![
        Measure::mass("mass", own),
        Measure::text("month", &production.record.period),
        Measure::number("peers", crate::Unit::Count, peers),
        Measure::mass("most", most),
    ];
    finder.raise(Severity::Warning, &SENTENCES[1], measures)
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::{Capacity, MineSite};

    use super::*;
    use crate::testing::{KG, context, month, site_facts, told};

    fn with_capacity(mass_kg: i64) -> Outcome {
        let mut view = month("2026-09", Some(mass_kg * KG), None);
        let capacity = Capacity { mineral: "260900".to_owned(), monthly_mass_mg: 100 * KG };
        view.site = Some(site_facts(MineSite { capacity: vec![capacity], ..MineSite::default() }));
        judge(&view, &context())
    }

    #[test]
    fn beyond_the_capacity_it_warns_and_beyond_twice_it_is_serious() {
        for (mass, weights) in [
            (120, vec![]),
            (121, vec![Severity::Warning]),
            (200, vec![Severity::Warning]),
            (201, vec![Severity::Serious]),
        ] {
            assert_eq!(told(&with_capacity(mass)), (weights, 0), "{mass}");
        }
    }

    fn among(peers: usize, mass_kg: i64) -> Outcome {
        let mut view = month("2026-09", Some(mass_kg * KG), Some(10));
        let peer = |number: i64| month("2026-09", Some(number * 10 * KG), Some(10)).production;
        view.peers = (1..).take(peers).map(peer).collect();
        judge(&view, &context())
    }

    #[test]
    fn without_a_capacity_peers_are_the_measure() {
        // Peers yield 1 to 20 kg a worker; the 95th percentile is 19.
        assert_eq!(told(&among(20, 285)), (vec![], 0));
        assert_eq!(told(&among(20, 286)), (vec![Severity::Warning], 0));
        assert_eq!(told(&among(19, 900)), (vec![], 1));
    }

    #[test]
    fn without_workers_there_is_no_yield() {
        let view = month("2026-09", Some(KG), Some(0));
        assert_eq!(told(&judge(&view, &context())), (vec![], 1));
    }
}
