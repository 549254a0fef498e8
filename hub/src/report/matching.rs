//! Which exports of the month arrived as which imports.
//!
//! Pairs are made here as the rule makes them, because a pair that agrees leaves no
//! finding; how a pair differs is what the findings say. A pair, or an export without
//! one, belongs to the month of the export, and an import without an export to its own.
//! Whatever hangs together with a line of the month is read with it, of whatever month it
//! is, and nothing else. Lines to and from other regions, and transits, are in none.

mod lines;

use std::collections::{BTreeMap, HashMap, HashSet};

use rmd_reconcile::pairing::{self, Direction, Paired};
use rmd_report::{Figure, MatchOutcome, MatchRow, Matching};
use sqlx::{AnyConnection, Row as _};

use self::lines::Lines;
use super::{Error, Occasion};
use crate::reconcile;

/// The bit of the rule that pairs, R16, among those of what could not be tested.
const PAIRING_BIT: i64 = 1 << 15;

/// Lines as they came out; none before the first evaluation, or where no line crossed a
/// border between two members in the month.
pub(super) async fn read(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Option<Matching>, Error> {
    if !occasion.is_evaluated {
        return Ok(None);
    }
    let context = reconcile::context(connection, occasion.day, &occasion.policy).await?;
    let lines = Lines::of_month(connection, occasion, &context).await?;
    let told = Told::read(connection).await?;
    let month = occasion.month.to_string();
    let (exports, imports) = lines.whole();
    let mut tally = Tally::default();
    let mut paired = HashSet::new();
    for one in pairing::pairs(&exports, &imports, &context) {
        let (day, outcome) = match &one {
            Paired::Pair(export, _) => (&export.record.exit_date, told.pair(export.key())),
            Paired::Export(export) => (&export.record.exit_date, told.export(export.key())),
            Paired::Import(import) => (&import.record.entry_date, told.import(import.key())),
        };
        if day.starts_with(&month) {
            tally.add(outcome, &one);
        }
        paired.extend(keys(&one).map(|(direction, key)| (direction, key.to_owned())));
    }
    // Of a state whose declarations do not count, or to one.
    for one in lines.of_own_month() {
        if !keys(&one).any(|(direction, key)| paired.contains(&(direction, key.to_owned()))) {
            tally.add(MatchOutcome::NotTestable, &one);
        }
    }
    let rows = tally.rows();
    Ok((!rows.is_empty()).then_some(Matching { rows }))
}

/// The keys of the lines: an export and an import may have the same number.
fn keys(one: &Paired) -> impl Iterator<Item = (Direction, &str)> {
    let (export, import) = match one {
        Paired::Pair(export, import) => (Some(export), Some(import)),
        Paired::Export(export) => (Some(export), None),
        Paired::Import(import) => (None, Some(import)),
    };
    let export = export.map(|one| (Direction::Export, one.key()));
    export.into_iter().chain(import.map(|one| (Direction::Import, one.key())))
}

/// What the findings say of lines.
#[derive(Debug, Default)]
struct Told {
    /// Sentence by kind and key of the subject.
    findings: HashMap<(String, String), String>,
    untested: HashSet<(String, String)>,
}

impl Told {
    async fn read(connection: &mut AnyConnection) -> Result<Self, Error> {
        let rows = sqlx::query(
            "SELECT subject_kind, subject_key, sentence
             FROM finding
             WHERE state = 'open' AND rule = 'R16'
             ORDER BY sentence",
        )
        .fetch_all(&mut *connection)
        .await?;
        let mut told = Self::default();
        for row in rows {
            // The last of a line counts: a weight that differs tells more than a value.
            told.findings.insert((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?);
        }
        let rows = sqlx::query(
            "SELECT kind, subject_key, untested
             FROM judged_subject
             WHERE kind IN ('export', 'import') AND untested <> 0",
        )
        .fetch_all(connection)
        .await?;
        for row in rows {
            if row.try_get::<i64, _>(2)? & PAIRING_BIT != 0 {
                told.untested.insert((row.try_get(0)?, row.try_get(1)?));
            }
        }
        Ok(told)
    }

    fn sentence(&self, kind: &str, key: &str) -> Option<&str> {
        self.findings.get(&(kind.to_owned(), key.to_owned())).map(String::as_str)
    }

    fn pair(&self, key: &str) -> MatchOutcome {
        match self.sentence("export", key) {
            Some("R16-WEIGHT") => MatchOutcome::WeightDifference,
            Some("R16-VALUE") => MatchOutcome::ValueDifference,
            Some("R16-MINERAL") => MatchOutcome::MineralDifference,
            _ => MatchOutcome::Matched,
        }
    }

    fn export(&self, key: &str) -> MatchOutcome {
        self.alone("export", key, MatchOutcome::ExportUnmatched)
    }

    fn import(&self, key: &str) -> MatchOutcome {
        self.alone("import", key, MatchOutcome::ImportUnmatched)
    }

    /// A line without a partner.
    fn alone(&self, kind: &str, key: &str, unmatched: MatchOutcome) -> MatchOutcome {
        if self.sentence(kind, key).is_some() {
            return unmatched;
        }
        let is_untested = self.untested.contains(&(kind.to_owned(), key.to_owned()));
        if is_untested { MatchOutcome::NotTestable } else { MatchOutcome::Awaited }
    }
}

/// Lines and masses by state and outcome.
#[derive(Debug, Default)]
struct Tally(BTreeMap<(String, MatchOutcome), Sum>);

#[derive(Debug, Default, Clone, Copy)]
struct Sum {
    count: u64,
    exported: Option<i64>,
    imported: Option<i64>,
}

impl Tally {
    fn add(&mut self, outcome: MatchOutcome, paired: &Paired) {
        let (country, exported, imported) = match paired {
            Paired::Pair(export, import) => {
                let masses = (export.record.net_mass_mg, import.record.net_mass_mg);
                (export.country(), Some(masses.0), Some(masses.1))
            }
            Paired::Export(export) => (export.country(), Some(export.record.net_mass_mg), None),
            Paired::Import(import) => (import.country(), None, Some(import.record.net_mass_mg)),
        };
        let sum = self.0.entry((country.to_owned(), outcome)).or_default();
        sum.count += 1;
        let add = |to: &mut Option<i64>, mg: Option<i64>| {
            if let Some(mg) = mg {
                *to = Some(to.unwrap_or(0).saturating_add(mg));
            }
        };
        add(&mut sum.exported, exported);
        add(&mut sum.imported, imported);
    }

    fn rows(self) -> Vec<MatchRow> {
        let row = |((country, outcome), sum): ((String, MatchOutcome), Sum)| MatchRow {
            country,
            outcome,
            count: sum.count,
            exported: sum.exported.map(Figure::Mg),
            imported: sum.imported.map(Figure::Mg),
        };
        self.0.into_iter().map(row).collect()
    }
}
