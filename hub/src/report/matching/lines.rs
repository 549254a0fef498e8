//! The lines that hang together with those of a month.
//!
//! Read step by step, as the pairing asks for them: whoever quotes the same certificate,
//! and the days in which the other side of a line may be. So memory grows with the lines
//! of the month and what they may be paired with, and not with the years that are kept.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use rmd_proto::v1::{ExportDeclaration, ImportDeclaration};
use rmd_reconcile::{
    Context, Fact, Named,
    pairing::{self, Component, Direction, Export, Import, Need, Paired},
};
use rmd_standard::{Entity, country::alpha3_of};
use sqlx::{AnyConnection, FromRow};

use super::{Error, Occasion};
use crate::store::bulk;

/// Lines by their keys.
#[derive(Debug)]
pub(super) struct Lines {
    exports: BTreeMap<Arc<str>, Export>,
    imports: BTreeMap<Arc<str>, Import>,
    /// Days of which every line was read, the first to the last.
    days: (Date, Date),
    /// Certificates of which every line was read.
    papers: BTreeSet<(String, String)>,
    /// What hangs together with the lines of the month.
    component: Component,
    /// As days begin.
    month: String,
}

impl Lines {
    /// The lines of the month of a report, and what hangs together with them.
    pub(super) async fn of_month(
        connection: &mut AnyConnection,
        occasion: &Occasion,
        context: &Context,
    ) -> Result<Self, Error> {
        let days = (occasion.month.first_day(), occasion.month.last_day());
        let mut lines = Self {
            exports: BTreeMap::new(),
            imports: BTreeMap::new(),
            days,
            papers: BTreeSet::new(),
            component: Component::default(),
            month: occasion.month.to_string(),
        };
        lines.read_days(connection, days).await?;
        loop {
            lines.component = lines.find(context);
            if !lines.meet(connection).await? {
                return Ok(lines);
            }
        }
    }

    /// What is paired together with the lines of the month.
    pub(super) fn whole(&self) -> (Vec<Export>, Vec<Import>) {
        let exports = self.component.exports.iter().filter_map(|key| self.exports.get(key));
        let imports = self.component.imports.iter().filter_map(|key| self.imports.get(key));
        (exports.cloned().collect(), imports.cloned().collect())
    }

    /// The lines of the month itself, each alone.
    pub(super) fn of_own_month(&self) -> impl Iterator<Item = Paired> {
        let exports = self.exports.values().filter(|one| self.is_own(&one.record.exit_date));
        let imports = self.imports.values().filter(|one| self.is_own(&one.record.entry_date));
        let exports = exports.map(|one| Paired::Export(Arc::clone(one)));
        exports.chain(imports.map(|one| Paired::Import(Arc::clone(one))))
    }

    fn is_own(&self, day: &str) -> bool {
        day.starts_with(&self.month)
    }

    fn find(&self, context: &Context) -> Component {
        let exports: Vec<Export> = self.exports.values().cloned().collect();
        let imports: Vec<Import> = self.imports.values().cloned().collect();
        let is_seed = |direction, key: &str| {
            let day = match direction {
                Direction::Export => self.exports.get(key).map(|one| &one.record.exit_date),
                Direction::Import => self.imports.get(key).map(|one| &one.record.entry_date),
            };
            day.is_some_and(|day| self.is_own(day))
        };
        pairing::component(&exports, &imports, is_seed, context)
    }

    /// Reads what is still needed; whether anything was.
    async fn meet(&mut self, connection: &mut AnyConnection) -> Result<bool, Error> {
        let mut papers = BTreeMap::<String, Vec<String>>::new();
        let (mut first, mut last) = self.days;
        for need in std::mem::take(&mut self.component.needs) {
            let (country, identifier) = match need {
                Need::Certificate { country, identifier } => (country, identifier),
                Need::Near(near) => {
                    (first, last) = (first.min(near.days.0), last.max(near.days.1));
                    continue;
                }
            };
            if self.papers.insert((country.clone(), identifier.clone())) {
                papers.entry(country).or_default().push(identifier);
            }
        }
        let mut is_any = !papers.is_empty();
        for (country, identifiers) in papers {
            self.read_papers(connection, &country, &identifiers).await?;
        }
        let before = (first < self.days.0).then_some((first, self.days.0));
        let after = (last > self.days.1).then_some((self.days.1, last));
        for days in [before, after].into_iter().flatten() {
            is_any = true;
            self.read_days(connection, days).await?;
        }
        self.days = (first, last);
        Ok(is_any)
    }

    async fn read_days(
        &mut self,
        connection: &mut AnyConnection,
        (first, last): (Date, Date),
    ) -> Result<(), Error> {
        for (direction, query) in [(Direction::Export, EXPORTS), (Direction::Import, IMPORTS)] {
            let rows: Vec<Row> = sqlx::query_as(query)
                .bind(first.to_string())
                .bind(last.to_string())
                .fetch_all(&mut *connection)
                .await?;
            self.put(direction, rows);
        }
        Ok(())
    }

    /// Reads the lines that quote certificates of a state; an export that tells no state
    /// quotes one of its own, an import one of the consignor's.
    async fn read_papers(
        &mut self,
        connection: &mut AnyConnection,
        country: &str,
        identifiers: &[String],
    ) -> Result<(), Error> {
        let identifiers: Vec<&str> = identifiers.iter().map(String::as_str).collect();
        for (direction, head) in [
            (Direction::Export, EXPORTS_STATED),
            (Direction::Export, EXPORTS_OWN),
            (Direction::Import, IMPORTS_STATED),
            (Direction::Import, IMPORTS_OWN),
        ] {
            let head = (head, Some(country));
            let rows = bulk::select_in(connection, head, &identifiers, ")").await?;
            let rows = rows.iter().map(Row::from_row).collect::<Result<Vec<Row>, _>>()?;
            self.put(direction, rows);
        }
        Ok(())
    }

    /// Keeps the lines between members.
    fn put(&mut self, direction: Direction, rows: Vec<Row>) {
        let is_member =
            |row: &Row| row.partner.as_deref().is_some_and(|one| alpha3_of(one).is_some());
        for row in rows.into_iter().filter(is_member) {
            match direction {
                Direction::Export => {
                    let one = export(row);
                    self.exports.insert(Arc::clone(&one.named.key), one);
                }
                Direction::Import => {
                    let one = import(row);
                    self.imports.insert(Arc::clone(&one.named.key), one);
                }
            }
        }
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
     AND exit_date >= $1 AND exit_date <= $2";

const IMPORTS: &str = "SELECT record_key, country, mineral, net_mass_mg,
            consignor_country AS partner, entry_date AS day,
            certificate_country, certificate_identifier
     FROM import_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
     AND entry_date >= $1 AND entry_date <= $2";

const EXPORTS_STATED: &str = "SELECT record_key, country, mineral, net_mass_mg,
            destination_country AS partner, exit_date AS day,
            certificate_country, certificate_identifier
     FROM export_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
     AND certificate_country = $1 AND certificate_identifier IN (";

const EXPORTS_OWN: &str = "SELECT record_key, country, mineral, net_mass_mg,
            destination_country AS partner, exit_date AS day,
            certificate_country, certificate_identifier
     FROM export_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
     AND country = $1 AND certificate_country IS NULL AND certificate_identifier IN (";

const IMPORTS_STATED: &str = "SELECT record_key, country, mineral, net_mass_mg,
            consignor_country AS partner, entry_date AS day,
            certificate_country, certificate_identifier
     FROM import_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
     AND certificate_country = $1 AND certificate_identifier IN (";

const IMPORTS_OWN: &str = "SELECT record_key, country, mineral, net_mass_mg,
            consignor_country AS partner, entry_date AS day,
            certificate_country, certificate_identifier
     FROM import_declaration
     WHERE void = 0 AND COALESCE(procedure, '') <> 'transit'
     AND consignor_country = $1 AND certificate_country IS NULL
     AND certificate_identifier IN (";

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
