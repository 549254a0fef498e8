//! Which exports of the month arrived as which imports.
//!
//! Pairs are made here as the rule makes them, out of the lines of the month and of the
//! year before it, because a pair that agrees leaves no finding; how a pair differs is
//! what the findings say. Lines to and from other regions, and transits, are in none.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use jiff::ToSpan as _;
use rmd_proto::v1::{ExportDeclaration, ImportDeclaration};
use rmd_reconcile::{
    Fact, Named,
    pairing::{self, Export, Import, Paired},
};
use rmd_report::{Figure, MatchOutcome, MatchRow, Matching};
use rmd_standard::{Entity, country::alpha3_of};
use sqlx::{AnyConnection, FromRow, Row as _};

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
    let exports: Vec<Export> =
        lines(connection, occasion, EXPORTS).await?.into_iter().map(export).collect();
    let imports: Vec<Import> =
        lines(connection, occasion, IMPORTS).await?.into_iter().map(import).collect();
    let context = reconcile::context(connection, occasion.day, &occasion.policy).await?;
    let told = Told::read(connection).await?;
    let month = occasion.month.to_string();
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
        if let Paired::Pair(export, _) | Paired::Export(export) = &one {
            paired.insert(Arc::clone(&export.named.key));
        }
    }
    // Of a state whose declarations do not count, or to one.
    for export in exports.iter().filter(|one| one.record.exit_date.starts_with(&month)) {
        if !paired.contains(&export.named.key) {
            tally.add(MatchOutcome::NotTestable, &Paired::Export(Arc::clone(export)));
        }
    }
    let rows = tally.rows();
    Ok((!rows.is_empty()).then_some(Matching { rows }))
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

#[derive(FromRow)]
struct Row {
    record_key: String,
    country: String,
    mineral: Option<String>,
    net_mass_mg: Option<i64>,
    partner: Option<String>,
    day: Option<String>,
    certificate_country: Option<String>,
    certificate_identifier: Option<String>,
}

const EXPORTS: &str = "SELECT record_key, country, mineral, net_mass_mg,
            destination_country AS partner, exit_date AS day,
            certificate_country, certificate_identifier
     FROM export_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
     AND exit_date >= $1 AND exit_date <= $2
     ORDER BY record_key";

const IMPORTS: &str = "SELECT record_key, country, mineral, net_mass_mg,
            consignor_country AS partner, entry_date AS day,
            certificate_country, certificate_identifier
     FROM import_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
     AND entry_date >= $1 AND entry_date <= $2
     ORDER BY record_key";

/// The lines between members, from a year before the month to the day of evaluation.
async fn lines(
    connection: &mut AnyConnection,
    occasion: &Occasion,
    query: &'static str,
) -> Result<Vec<Row>, Error> {
    let from = occasion.month.first_day().saturating_sub(1.year());
    let rows: Vec<Row> = sqlx::query_as(query)
        .bind(from.to_string())
        .bind(occasion.day.to_string())
        .fetch_all(connection)
        .await?;
    let is_between = |row: &Row| row.partner.as_deref().is_some_and(|one| alpha3_of(one).is_some());
    Ok(rows.into_iter().filter(is_between).collect())
}

fn named(entity: Entity, row: &Row) -> Named {
    Named {
        entity,
        key: row.record_key.as_str().into(),
        country: row.country.as_str().into(),
        // Neither is read by what makes pairs.
        rev: 0,
        digest: [0; 32],
    }
}

fn export(row: Row) -> Export {
    Arc::new(Fact {
        named: named(Entity::ExportDeclaration, &row),
        is_void: false,
        record: ExportDeclaration {
            mineral: row.mineral.unwrap_or_default(),
            net_mass_mg: row.net_mass_mg.unwrap_or_default(),
            destination_country: row.partner.unwrap_or_default(),
            exit_date: row.day.unwrap_or_default(),
            certificate_country: row.certificate_country.unwrap_or_default(),
            certificate_identifier: row.certificate_identifier.unwrap_or_default(),
            ..ExportDeclaration::default()
        },
    })
}

fn import(row: Row) -> Import {
    Arc::new(Fact {
        named: named(Entity::ImportDeclaration, &row),
        is_void: false,
        record: ImportDeclaration {
            mineral: row.mineral.unwrap_or_default(),
            net_mass_mg: row.net_mass_mg.unwrap_or_default(),
            consignor_country: row.partner.unwrap_or_default(),
            entry_date: row.day.unwrap_or_default(),
            certificate_country: row.certificate_country.unwrap_or_default(),
            certificate_identifier: row.certificate_identifier.unwrap_or_default(),
            ..ImportDeclaration::default()
        },
    })
}
