//! The made-up cases and changes of statuses.

use jiff::ToSpan as _;

use super::{Dice, PARTIES, parts::REPORTING};
use crate::{
    CaseCount, CaseState, CaseStep, CaseSteps, Cases, Status, StatusChange, StatusReason, Whose,
    words::CAUSES,
};

pub(super) fn cases() -> Cases {
    let mut dice = Dice(29);
    let mut cases = Cases::default();
    for (country, cause) in REPORTING.iter().flat_map(|one| CAUSES.map(|cause| (*one, cause))) {
        if dice.up_to(4) > 0 {
            continue;
        }
        let country = Some(country.to_owned());
        let cause = cause.code.to_owned();
        let severity = u8::try_from(1 + dice.up_to(3)).unwrap_or(1);
        for state in CaseState::ALL {
            let count = dice.up_to(9);
            let overdue = if state == CaseState::Sent { dice.up_to(count + 1) } else { 0 };
            let (country, cause) = (country.clone(), cause.clone());
            let one = CaseCount { country, cause, severity, state, count, overdue };
            cases.standing.extend((count > 0).then_some(one));
        }
        for step in CaseStep::ALL {
            let count = dice.up_to(5);
            let (country, cause) = (country.clone(), cause.clone());
            let one = CaseSteps { country, cause, severity, step, count };
            cases.steps.extend((count > 0).then_some(one));
        }
    }
    cases
}

pub(super) fn changes() -> Vec<StatusChange> {
    use StatusReason as Why;
    let mut changes: Vec<StatusChange> = (0..54_usize)
        .map(|number| {
            let country = REPORTING[number % REPORTING.len()].to_owned();
            let whose = if number % 6 == 0 { Whose::Exporter } else { Whose::Site };
            let (from, to, reason) = match number % 5 {
                0 => (Status::Green, Status::Red, Why::Decision),
                1 => (Status::Blue, Status::Red, Why::Overdue),
                2 => (Status::Unknown, Status::Green, Why::Declaration),
                3 => (Status::Yellow, Status::Green, Why::Inspection),
                _ => (Status::Green, Status::Blue, Why::Lapse),
            };
            let id = match whose {
                Whose::Exporter => format!("{country}/{}", PARTIES[number % PARTIES.len()]),
                Whose::Site => {
                    format!("{country}-1.{:04}+28.{:04}-{number:05}", number * 7, number)
                }
            };
            let days = i64::try_from(number % 31).unwrap_or_default();
            let on = jiff::civil::date(2026, 10, 1).saturating_add(days.days());
            StatusChange { whose, country, id, on, from, to, reason }
        })
        .collect();
    changes.sort_by(|one, other| (one.on, &one.id).cmp(&(other.on, &other.id)));
    changes
}
