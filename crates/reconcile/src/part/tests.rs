//! A part comes out as the whole, and a day as every day up to the next that is due.

mod affected;
mod changed;
mod loader;
mod sample;

use jiff::{Span, civil::date};
use proptest::prelude::*;

use super::*;
use crate::{
    Context, SubjectKind,
    region::Region,
    testing::{DAY, context},
};
use changed::is_among;
use loader::{Loader, known};
use sample::Dice;

/// Everything about a region on the day of the context.
fn whole(region: &Region, context: &Context) -> (Wanted, Judgement) {
    let known = Known::of(region, context);
    let wanted = Wanted::all(region, &known);
    let judgement = region.judge_part(&wanted, &known, context);
    (wanted, judgement)
}

/// With what a region reports, and now and then a clock of its own.
fn context_of(region: &Region, dice: &mut Dice) -> Context {
    let mut context = context();
    if dice.once_in(2) {
        context.coverage = region.coverage(&context);
    }
    context
}

/// Shares what is wanted out among so many, at random.
fn shared_out(wanted: &Wanted, shares: usize, dice: &mut Dice) -> Vec<Wanted> {
    fn deal<T: Ord + Clone>(
        from: &BTreeSet<T>,
        out: &mut [Wanted],
        dice: &mut Dice,
        to: impl Fn(&mut Wanted) -> &mut BTreeSet<T>,
    ) {
        for one in from {
            let share = dice.roll(out.len());
            to(&mut out[share]).insert(one.clone());
        }
    }
    let mut out = vec![Wanted::default(); shares];
    deal(&wanted.lots, &mut out, dice, |to| &mut to.lots);
    deal(&wanted.tags, &mut out, dice, |to| &mut to.tags);
    deal(&wanted.certificates, &mut out, dice, |to| &mut to.certificates);
    deal(&wanted.exports, &mut out, dice, |to| &mut to.exports);
    deal(&wanted.imports, &mut out, dice, |to| &mut to.imports);
    deal(&wanted.sites, &mut out, dice, |to| &mut to.sites);
    deal(&wanted.productions, &mut out, dice, |to| &mut to.productions);
    deal(&wanted.balances, &mut out, dice, |to| &mut to.balances);
    deal(&wanted.mirrors, &mut out, dice, |to| &mut to.mirrors);
    out[dice.roll(shares)].periods = true;
    out[dice.roll(shares)].feeds = true;
    out
}

/// What is wanted with every lot of the rings that it touches.
fn with_rings(wanted: &Wanted, of: &Judgement) -> Wanted {
    let mut wanted = wanted.clone();
    let touched = of.rings.iter().filter(|ring| !ring.is_disjoint(&wanted.lots));
    let lots: Vec<Arc<str>> = touched.flatten().cloned().collect();
    wanted.lots.extend(lots);
    wanted
}

/// The judgement of shares, each with no more than what it takes, put together.
fn in_parts(region: &Region, shares: &[Wanted], of: &Judgement, context: &Context) -> Judgement {
    let mut all = Judgement::default();
    for wanted in shares {
        let wanted = &with_rings(wanted, of);
        let part = Loader::load(region, wanted, context);
        let judgement = part.judge_part(wanted, &known(region, of, wanted, context), context);
        all.judged.extend(judgement.judged);
        all.custody.extend(judgement.custody);
        all.waiting.extend(judgement.waiting);
        for (subject, due) in judgement.due {
            let earliest = all.due.entry(subject).or_insert(due);
            *earliest = due.min(*earliest);
        }
    }
    all.judged.sort_by(|one, other| (one.rule, &one.subject).cmp(&(other.rule, &other.subject)));
    // A ring is in every share that touches it.
    all.judged.dedup();
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn parts_with_what_they_take_and_no_more_come_out_as_the_whole(
        seed in any::<u64>(),
        records in 20_usize..160,
        shares in 1_usize..5,
    ) {
        let mut dice = Dice::of(seed);
        let region = sample::region(&mut dice, records);
        let context = context_of(&region, &mut dice);
        let (wanted, judgement) = whole(&region, &context);
        let shares = shared_out(&wanted, shares, &mut dice);
        let parts = in_parts(&region, &shares, &judgement, &context);
        prop_assert!(parts.waiting.is_empty(), "{:?}", parts.waiting);
        prop_assert_eq!(parts.judged, judgement.judged);
        prop_assert_eq!(parts.custody, judgement.custody);
        prop_assert_eq!(parts.due, judgement.due);
    }

    #[test]
    fn one_change_reaches_no_further_than_its_names(
        seed in any::<u64>(),
        records in 20_usize..160,
    ) {
        let mut dice = Dice::of(seed);
        let before = sample::region(&mut dice, records);
        let context = context();
        let mut after = before.clone();
        let mut reached = BTreeSet::new();
        let record = sample::record(&mut dice);
        let changed = sample::take(&mut after, record, 2, &mut dice);
        for region in [&before, &after] {
            reached.extend(affected::names_in(region, &changed));
        }
        let (old, new) = (whole(&before, &context).1, whole(&after, &context).1);
        let wanted = affected::affected(&after, &changed, &reached, &context);
        let inherited = changed::inherited(&old, &new);
        for lot in inherited.iter().filter(|lot| new.custody.contains_key(*lot)) {
            prop_assert!(changed::is_followed(lot, &after, &wanted, &inherited), "{}", lot);
        }
        for subject in changed::changed(&old, &new) {
            prop_assert!(
                is_among(&wanted, &after, &subject, &inherited),
                "{} after {:?} with {:?}", subject, changed, reached
            );
        }
    }
}

proptest! {
    // Each judges a region on a hundred days.
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn until_it_is_due_a_subject_comes_out_the_same_and_then_it_is_judged_again(
        seed in any::<u64>(),
        records in 20_usize..60,
    ) {
        let mut dice = Dice::of(seed);
        let region = sample::region(&mut dice, records);
        let mut context = context_of(&region, &mut dice);
        let mut last = whole(&region, &context).1;
        for days in 1..100 {
            let day = DAY.saturating_add(Span::new().days(days));
            context = context.on(day);
            let now = whole(&region, &context).1;
            let is_due = |subject: &Subject| last.due.get(subject).is_some_and(|due| *due <= day);
            let subjects = now.judged.iter().chain(&last.judged).map(|one| &one.subject);
            // Months come with the calendar, whoever waits for them.
            let waits = subjects.filter(|one| one.kind != SubjectKind::Period && !is_due(one));
            for subject in waits {
                let of = |judgement: &Judgement| {
                    let told = judgement.judged.iter().filter(|one| one.subject == *subject);
                    told.cloned().collect::<Vec<_>>()
                };
                prop_assert_eq!(of(&last), of(&now), "{} on {}", subject, day);
            }
            // What was not due keeps its day.
            for (subject, due) in &last.due {
                let kept = now.due.get(subject).or((*due <= day).then_some(due));
                prop_assert!(*due <= day || kept == Some(due), "{} on {}", subject, day);
            }
            last = now;
        }
    }
}

#[test]
fn regions_made_up_at_random_have_something_of_almost_every_rule() {
    let mut dice = Dice::of(11);
    let region = sample::region(&mut dice, 600);
    let judgement = whole(&region, &context()).1;
    let found = judgement.judged.iter().filter(|one| !one.outcome.raised.is_empty());
    let found: BTreeSet<&str> = found.map(|one| one.rule.id()).collect();
    assert!(found.len() >= 20, "{found:?}");
    let due: BTreeSet<SubjectKind> = judgement.due.keys().map(|subject| subject.kind).collect();
    assert!(due.len() >= 5, "{due:?}");
}

#[test]
fn a_lot_whose_parent_nobody_tells_waits_and_its_certificate_with_it() {
    let mut dice = Dice::of(7);
    let region = sample::region(&mut dice, 400);
    let context = context();
    let (wanted, judgement) = whole(&region, &context);
    let mut held_up = 0;
    for key in &wanted.lots {
        let one = Wanted { lots: BTreeSet::from([key.clone()]), ..Wanted::default() };
        let part = Loader::load(&region, &one, &context);
        let alone = part.judge_part(&one, &Known::default(), &context);
        let subject = Subject::new(SubjectKind::Lot, &**key);
        let rank = judgement.custody[key].rank;
        if alone.waiting.contains(&subject) {
            held_up += 1;
            assert!(alone.judged.is_empty() && alone.custody.is_empty());
        } else {
            assert_eq!(alone.custody[key].rank, 0);
            assert_eq!(rank, 0, "{key}");
        }
    }
    assert!(held_up > 20, "{held_up}");
}

#[test]
fn a_long_chain_of_lots_is_followed_to_its_end() {
    use rmd_proto::v1::{InputLot, OriginatingOperation};
    let mut region = Region::default();
    for at in 0..20_000 {
        let operation =
            if at == 0 { OriginatingOperation::Production } else { OriginatingOperation::Storage };
        let mut lot = crate::testing::lot(&format!("L{at}"), crate::testing::KG, &[operation]);
        if at > 0 {
            let lot_number = format!("L{}", at - 1);
            lot.input_lot = vec![InputLot { lot_number, ..InputLot::default() }];
        }
        let fact = crate::testing::lot_fact(lot);
        region.lots.insert(fact.named.key.clone(), fact);
    }
    let context = context().on(date(2026, 7, 3));
    let (_, judgement) = whole(&region, &context);
    assert_eq!(judgement.custody["RW/T-1/L19999"].rank, 19_999);
    assert_eq!(judgement.custody["RW/T-1/L19999"].traced, crate::view::WHOLE);
}
