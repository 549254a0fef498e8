//! The made-up parts that states report.

use jiff::ToSpan as _;
use rmd_standard::country::MEMBERS;

use super::{Dice, PARTIES};
use crate::{
    Figure, FindingCount, FindingLine, Findings, Flow, FlowCell, Flows, Lapse, MatchOutcome,
    MatchRow, Matching, Month, Reported, Reporting, StateReporting, Status, StatusCount, Statuses,
    Untested,
};

const MINERALS: [&str; 4] = ["260900", "261100", "261590", "710812"];
/// States that report in the made-up region.
pub(super) const REPORTING: [&str; 7] = ["BI", "CG", "CD", "KE", "RW", "TZ", "UG"];
const KILOGRAM: i64 = 1_000_000;

pub(super) fn reporting(month: Month) -> Reporting {
    let months = month.series(24);
    let mut dice = Dice(7);
    let rows = MEMBERS.iter().map(|member| {
        let since = if REPORTING.contains(&member.0) { dice.up_to(12) } else { 99 };
        let cells = (0_u64..24).map(|place| match (place < since, dice.up_to(12)) {
            (true, _) => Reported::NoDataYet,
            (_, 0..6) => Reported::OnTime,
            (_, 6..8) => Reported::Late,
            (_, 8) => Reported::Missing,
            (_, 9) => Reported::Zero,
            (_, 10) => Reported::Rewritten,
            _ if place == 23 => Reported::NotDue,
            _ => Reported::OnTime,
        });
        StateReporting { country: member.0.to_owned(), cells: cells.collect() }
    });
    Reporting { months, rows: rows.collect() }
}

pub(super) fn no_reporting(month: Month) -> Reporting {
    let months = month.series(1);
    let cells = vec![Reported::NoDataYet];
    let row = |country: &str| StateReporting { country: country.to_owned(), cells: cells.clone() };
    Reporting { months, rows: MEMBERS.iter().map(|member| row(member.0)).collect() }
}

pub(super) fn flows(month: Month, is_public: bool) -> Flows {
    let months = month.series(24);
    let mut dice = Dice(11);
    let mut cells = Vec::new();
    let pairs = REPORTING.iter().flat_map(|country| MINERALS.map(|mineral| (*country, mineral)));
    for (country, mineral) in pairs {
        // Not every state has every mineral, and no state all of them for ever.
        if dice.up_to(4) == 0 {
            continue;
        }
        let since = dice.up_to(14);
        let later = (0..).zip(&months).filter(|(place, _)| *place >= since);
        let wanted = later.flat_map(|(_, month)| Flow::ALL.map(|flow| (*month, flow)));
        cells.extend(
            wanted.filter_map(|(month, flow)| cell(&mut dice, flow, country, mineral, month)),
        );
    }
    for cell in cells.iter_mut().filter(|_| is_public) {
        if dice.up_to(12) == 0 {
            (cell.mass, cell.metal) = (Figure::Suppressed, Figure::Suppressed);
        }
    }
    Flows { months, minerals: MINERALS.map(str::to_owned).to_vec(), cells }
}

fn cell(
    dice: &mut Dice,
    flow: Flow,
    country: &str,
    mineral: &str,
    month: Month,
) -> Option<FlowCell> {
    let is_gold = mineral == "710812";
    let (mass, grade) = if is_gold {
        (dice.mass(120_000, 900_000_000), 900)
    } else {
        (dice.mass(900 * KILOGRAM, 1_900_000 * 1_000_000) / 7 * 7, 640)
    };
    let (mass, metal) = match (flow, dice.up_to(20)) {
        (_, 0) => return None,
        (_, 2) => (Figure::Mg(mass), Figure::Unknown),
        (Flow::Import, 3..13) | (_, 3) => (Figure::Mg(0), Figure::Mg(0)),
        _ => (Figure::Mg(mass), Figure::Mg(mass / 1_000 * grade)),
    };
    let (country, mineral) = (Some(country.to_owned()), mineral.to_owned());
    Some(FlowCell { flow, country, mineral, month, mass, metal })
}

pub(super) fn matching() -> Matching {
    let mut dice = Dice(13);
    let mut rows = Vec::new();
    for country in REPORTING {
        for outcome in MatchOutcome::ALL {
            let most = if outcome == MatchOutcome::Matched { 900 } else { 9 };
            let count = dice.up_to(most);
            if count == 0 {
                continue;
            }
            let mass = dice.mass(20 * KILOGRAM, 40_000 * 1_000_000) * count.cast_signed();
            let exported = (outcome != MatchOutcome::ImportUnmatched).then_some(Figure::Mg(mass));
            let imported = (!matches!(
                outcome,
                MatchOutcome::ExportUnmatched | MatchOutcome::Awaited | MatchOutcome::NotTestable
            ))
            .then_some(Figure::Mg(mass / 100 * 98));
            rows.push(MatchRow { country: country.to_owned(), outcome, count, exported, imported });
        }
    }
    Matching { rows }
}

pub(super) fn findings() -> Findings {
    let mut dice = Dice(17);
    let mut counts = Vec::new();
    let places = (1..=28).flat_map(|rule| {
        REPORTING
            .iter()
            .flat_map(move |country| [3, 2, 1].map(|severity| (rule, country, severity)))
    });
    for (rule, country, severity) in places {
        if dice.up_to(5) > 1 {
            continue;
        }
        let (open, opened) = (dice.up_to(40), dice.up_to(12));
        let (rule, country) = (format!("R{rule:02}"), (*country).to_owned());
        let closed = dice.up_to(9);
        counts.push(FindingCount { rule, country, severity, open, opened, closed });
    }
    let list = (0..70).map(|number: usize| line(&mut dice, number));
    let untested = [("R07", 812), ("R16", 41), ("R19", 1_204)];
    let untested = untested.map(|(rule, subjects)| Untested { rule: rule.to_owned(), subjects });
    Findings { counts, untested: untested.to_vec(), list: list.collect() }
}

fn line(dice: &mut Dice, number: usize) -> FindingLine {
    let party = PARTIES[number % PARTIES.len()];
    let severity = if number < 45 { 3 } else { 2 };
    let days = i64::try_from(dice.up_to(60)).unwrap_or_default();
    FindingLine {
        id: format!("{:016x}", dice.up_to(u64::MAX)).repeat(4),
        rule: format!("R{:02}", 1 + number % 28),
        severity,
        country: REPORTING[number % REPORTING.len()].to_owned(),
        subject_kind: "Lot".to_owned(),
        subject_key: format!("{}|{party}|LOT-2026-{number:05}-A", REPORTING[number % 7]),
        opened_on: jiff::civil::date(2026, 11, 22).saturating_sub(days.days()),
        en: format!(
            "{party} is named by a lot of 1234.5 kg of which 1300.25 kg left, 5.3 % more than it holds."
        ),
        fr: format!(
            "{party} est nommé par un lot de 1234,5 kg dont 1300,25 kg sont sortis : 5,3 % de plus qu'il ne contient."
        ),
    }
}

pub(super) fn statuses() -> Statuses {
    let mut dice = Dice(19);
    let mut counts = |most: u64| -> Vec<StatusCount> {
        let of_state = REPORTING
            .into_iter()
            .flat_map(|country| Status::ALL.map(|status| (country.to_owned(), status)));
        of_state
            .map(|(country, status)| StatusCount { country, status, count: dice.up_to(most) })
            .filter(|count| count.count > 0)
            .collect()
    };
    let (sites, exporters) = (counts(900), counts(30));
    let lapses = (0..90_i64).map(|number| {
        let country = REPORTING[usize::try_from(number).unwrap_or_default() % REPORTING.len()];
        let (status, then) = match number % 5 {
            0 => (Status::Blue, Status::Red),
            1 => (Status::Yellow, Status::Red),
            _ => (Status::Green, Status::Blue),
        };
        Lapse {
            country: country.to_owned(),
            icglr_id: format!(
                "{country}-{}.{:04}+28.{:04}-{:05}",
                number % 9,
                number * 71,
                number * 97,
                number + 100
            ),
            status,
            until: jiff::civil::date(2026, 11, 22).saturating_add(number.days()),
            then,
        }
    });
    let changes = super::followed::changes();
    let lapses = lapses.collect();
    let mut statuses = Statuses { sites, exporters, changes, changed: Vec::new(), lapses };
    statuses.count_changes();
    statuses
}
