//! Which export arrived as which import.
//!
//! Two turns. In the first, lines are candidates for a pair where they quote the same
//! certificate; in the second, of those that are left, where mineral, both countries
//! and, within the limits, the days and the masses agree. Of all ways to pair them
//! one-to-one the best is taken: as many pairs as can be, then the least sum of
//! differences of mass in parts per million, then of days, then the order of the keys.
//!
//! Lines that are candidates for each other, directly or through others, form a
//! component. Each is solved alone, so that a new line touches its own component only:
//! [`component`] tells which lines that are, and what is still to be loaded for it. A
//! certificate that more than [`PAPER_LINES_MAX`] lines of one direction quote covers no
//! shipment: lines that quote it are paired as if they quoted none.
//!
//! Invariant: the answer does not depend on the order of the lines, nor on lines that
//! are not of the component.

mod candidate;
mod component;
mod line;
mod lines;
mod solve;
mod turns;

use std::sync::Arc;

use rmd_proto::v1;

pub use component::{Component, Need, component};
pub(crate) use component::{is_paired_export, is_paired_import};
pub use line::{Direction, Near, Traded};
pub(crate) use lines::Lines;

use crate::{Context, Fact};

/// A line of an export declaration.
pub type Export = Arc<Fact<v1::ExportDeclaration>>;
/// A line of an import declaration.
pub type Import = Arc<Fact<v1::ImportDeclaration>>;

/// Lines of one direction that a certificate may have and still tell a shipment.
pub const PAPER_LINES_MAX: usize = 256;

/// How one line came out.
#[derive(Debug, Clone, PartialEq)]
pub enum Paired {
    /// An export and the import as which it arrived.
    Pair(Export, Import),
    /// An export for which there is no import.
    Export(Export),
    /// An import for which there is no export.
    Import(Import),
}

/// How every line comes out, for whoever has them all at hand; transits and lines of
/// states whose declarations do not count are in none.
pub fn pairs(exports: &[Export], imports: &[Import], context: &Context) -> Vec<Paired> {
    let exports = exports.iter().filter(|one| is_paired_export(one, context));
    let imports = imports.iter().filter(|one| is_paired_import(one, context));
    Lines::of(exports, imports, context).pair(|_, _| true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmd_standard::Entity;

    use super::{candidate::Candidate, *};
    use crate::Context;
    use crate::testing::{KG, context, export, fact, import};

    fn told(paired: &[Paired]) -> Vec<(String, String)> {
        let mut told: Vec<_> = paired
            .iter()
            .map(|one| match one {
                Paired::Pair(export, import) => (export.key().to_owned(), import.key().to_owned()),
                Paired::Export(export) => (export.key().to_owned(), String::new()),
                Paired::Import(import) => (String::new(), import.key().to_owned()),
            })
            .collect();
        told.sort();
        told
    }

    fn pairs(exports: &[Export], imports: &[Import]) -> Vec<(String, String)> {
        let context = context();
        told(&Lines::of(exports.iter(), imports.iter(), &context).pair(|_, _| true))
    }

    fn two(one: &str, other: &str) -> (String, String) {
        (one.to_owned(), other.to_owned())
    }

    #[test]
    fn days_and_masses_on_the_limit_are_inside() {
        let exports = [export("E", "2026-03-10", 1_000 * KG, "")];
        for (entry, mass, is_pair) in [
            ("2026-03-07", 1_000 * KG, true),
            ("2026-03-06", 1_000 * KG, false),
            ("2026-05-09", 950 * KG, true),
            ("2026-05-10", 1_000 * KG, false),
            ("2026-03-12", 950 * KG - 1, false),
            ("2026-03-12", 1_050 * KG, true),
        ] {
            let told = pairs(&exports, &[import("I", entry, mass, "")]);
            assert_eq!(told == [two("E", "I")], is_pair, "{entry} {mass}");
        }
    }

    #[test]
    fn a_certificate_pairs_what_nothing_else_would_and_two_of_them_part() {
        let exports = [export("E", "2026-03-10", 1_000 * KG, "C-1")];
        let quoting = import("I", "2026-09-01", 10 * KG, "C-1");
        assert_eq!(pairs(&exports, &[quoting]), [two("E", "I")]);
        let other = import("I", "2026-03-11", 1_000 * KG, "C-2");
        assert_eq!(pairs(&exports, &[other]), [two("", "I"), two("E", "")]);
    }

    #[test]
    fn more_pairs_count_before_better_ones_and_the_nearest_mass_before_the_day() {
        let exports = [
            export("E1", "2026-03-10", 1_000 * KG, ""),
            export("E2", "2026-03-10", 1_040 * KG, ""),
        ];
        // I1 is best for E1, but only E1 can take I2.
        let imports =
            [import("I1", "2026-03-12", 1_000 * KG, ""), import("I2", "2026-03-12", 960 * KG, "")];
        assert_eq!(pairs(&exports, &imports), [two("E1", "I2"), two("E2", "I1")]);
        let near = [
            import("I1", "2026-03-11", 1_001 * KG, ""),
            import("I2", "2026-04-11", 1_000 * KG, ""),
        ];
        assert_eq!(pairs(&exports[..1], &near), [two("", "I1"), two("E1", "I2")]);
    }

    /// Every export with every import that is near it.
    fn candidates(exports: &[Export], imports: &[Import], context: &Context) -> Vec<Candidate> {
        let told = |export: &Export| Traded::of_export(export.country(), &export.record).unwrap();
        let other = |import: &Import| Traded::of_import(import.country(), &import.record).unwrap();
        let all = exports.iter().enumerate().flat_map(|out| {
            let into = imports.iter().enumerate();
            into.filter(move |into| told(out.1).is_near(&other(into.1), context))
                .map(move |into| Candidate::of(out.0, into.0, out.1, into.1))
        });
        all.collect()
    }

    /// Pairs, differences of mass, of days.
    type Sums = (usize, i64, i64);

    fn better(one: Sums, other: Sums) -> Sums {
        let rank = |(pairs, ppm, days): Sums| (std::cmp::Reverse(pairs), ppm, days);
        if rank(other) < rank(one) { other } else { one }
    }

    /// Every way to pair the exports from a place on, tried.
    fn exhaustive(at: usize, exports: usize, taken: u32, found: &[Candidate]) -> Sums {
        if at == exports {
            return (0, 0, 0);
        }
        let mine = found.iter().filter(|one| one.export == at && taken & (1 << one.import) == 0);
        mine.fold(exhaustive(at + 1, exports, taken, found), |best, one| {
            let rest = exhaustive(at + 1, exports, taken | (1 << one.import), found);
            better(best, (rest.0 + 1, rest.1 + one.mass_ppm, rest.2 + one.days))
        })
    }

    proptest! {
        #[test]
        fn the_pairing_is_the_best_whatever_the_order(
            out in prop::collection::vec((1_u8..28, 0_i64..60), 0..6),
            into in prop::collection::vec((1_u8..28, 0_i64..60), 0..6),
            turn in 0_usize..6,
        ) {
            let mut exports: Vec<_> = out.iter().enumerate().map(|(at, (day, kg))| {
                export(&format!("E{at}"), &format!("2026-03-{day:02}"), (1_000 + kg) * KG, "")
            }).collect();
            let mut imports: Vec<_> = into.iter().enumerate().map(|(at, (day, kg))| {
                import(&format!("I{at}"), &format!("2026-04-{day:02}"), (1_000 + kg) * KG, "")
            }).collect();
            let context = context();
            let found = candidates(&exports, &imports, &context);
            let best = exhaustive(0, exports.len(), 0, &found);
            let told_first = pairs(&exports, &imports);
            let chosen: Vec<_> = found.iter().filter(|one| {
                told_first.contains(&two(exports[one.export].key(), imports[one.import].key()))
            }).collect();
            let sums = (
                chosen.len(),
                chosen.iter().map(|one| one.mass_ppm).sum(),
                chosen.iter().map(|one| one.days).sum(),
            );
            prop_assert_eq!(sums, best);
            let (of_exports, of_imports) = (exports.len().max(1), imports.len().max(1));
            exports.rotate_left(turn % of_exports);
            imports.rotate_left(turn % of_imports);
            prop_assert_eq!(pairs(&exports, &imports), told_first);
        }
    }

    #[test]
    fn another_mineral_or_state_is_no_candidate() {
        let exports = [export("E", "2026-03-10", 1_000 * KG, "")];
        let mut gold = import("I", "2026-03-12", 1_000 * KG, "").record.clone();
        gold.mineral = "7108.12.00".to_owned();
        let gold = Arc::new(fact(Entity::ImportDeclaration, "UG", "I", gold));
        assert_eq!(pairs(&exports, &[gold]), [two("", "I"), two("E", "")]);
    }
}
