//! A record type's queries as one session understands them.
//!
//! Owns what the server says about result columns: each alias is resolved once,
//! and the type of each key column decides how keys are bound. A plan lives as
//! long as its session. Refuses an alias that is no field, by name.

use std::collections::BTreeMap;

use rmd_standard::{Column, Entity, aliases, column};

use super::fault::{Fault, nearest};
use super::normalisers::Pipeline;
use super::template::{Condition, KeyColumn, Template};
use super::watch::Noted;
use super::{Cursor, Lookup, Mapping, Mode, RecordMap, Watch};
use crate::source::{self, Field, Kind, Session, Statement};

/// Why a record type cannot be read in this session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    /// The mapping does not fit the standard.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Mapping(Vec<Fault>),
    /// The source refused a query or cannot be reached.
    #[error("{fault}")]
    Source {
        /// The query, and what the source said, in words.
        fault: Box<Fault>,
        /// The cause.
        #[source]
        source: source::Error,
    },
}

/// Where a result column goes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target {
    Key,
    AnnulledOn,
    AnnulledReason,
    Field(Column),
}

/// The resolved queries of one record type.
#[derive(Debug)]
pub(crate) struct Plan<'m> {
    pub(super) record: &'m RecordMap,
    pub(super) rows: QueryPlan<'m>,
    /// One per child query, in its order.
    pub(super) children: Vec<QueryPlan<'m>>,
    /// One per watch, in its order; none unless mode cursor.
    watches: Vec<Option<WatchPlan>>,
    /// One per watch, in its order; none where noted values are the record's keys.
    pub(super) lookups: Vec<Option<LookupPlan>>,
}

/// One query of rows.
#[derive(Debug)]
pub(super) struct QueryPlan<'m> {
    pub(super) key: KeyColumn,
    pub(super) fields: Vec<Field>,
    pub(super) targets: Vec<Target>,
    /// One per column; none where nothing is to be done.
    pub(super) pipelines: Vec<Option<&'m Pipeline>>,
}

/// The columns of one query of changed keys.
#[derive(Debug)]
pub(crate) struct WatchPlan {
    /// The changed-at column in the names of the FROM.
    pub(crate) changed_at: KeyColumn,
    /// The alias `_changed_at` in the query around it.
    pub(crate) outer_changed_at: KeyColumn,
    /// The alias `_key` in the query around it.
    pub(crate) outer_key: KeyColumn,
}

/// The columns of one query that looks up keys by noted values.
#[derive(Debug)]
pub(super) struct LookupPlan {
    /// The noted column in the names of the FROM.
    pub(super) noted: KeyColumn,
    /// The alias `_key` in the query around it.
    pub(super) key: KeyColumn,
}

impl<'m> Plan<'m> {
    /// Asks the source to describe every query of a record type.
    pub(crate) async fn new(
        session: &mut Session,
        mapping: &Mapping,
        record: &'m RecordMap,
    ) -> Result<Self, PlanError> {
        let mut planner = Planner { session, mapping, record, faults: Vec::new() };
        let rows = planner.query(None, &record.key, &record.rows, &record.normalise).await?;
        let mut children = Vec::with_capacity(record.children.len());
        for child in &record.children {
            let list = Some(child.list);
            children.push(planner.query(list, &child.key, &child.rows, &child.normalise).await?);
        }
        let mut watches = Vec::with_capacity(record.watches.len());
        let mut lookups = Vec::with_capacity(record.watches.len());
        for watch in &record.watches {
            planner.check_mode(watch);
            watches.push(match &watch.mode {
                Mode::Diff | Mode::Triggers(_) | Mode::Log(_) => None,
                Mode::Cursor(cursor) => Some(planner.watch(&watch.table, cursor).await?),
            });
            lookups.push(match &watch.mode {
                Mode::Triggers(Noted { lookup: Some(lookup), .. })
                | Mode::Log(Noted { lookup: Some(lookup), .. }) => {
                    Some(planner.lookup(&watch.table, lookup).await?)
                }
                _ => None,
            });
        }
        if !planner.faults.is_empty() {
            return Err(PlanError::Mapping(planner.faults));
        }
        Ok(Self { record, rows, children, watches, lookups })
    }

    /// The columns of a watch's query; none for mode diff.
    pub(crate) fn watch(&self, index: usize) -> Option<&WatchPlan> {
        self.watches.get(index).and_then(Option::as_ref)
    }

    /// The record type.
    pub(crate) fn entity(&self) -> Entity {
        self.record.entity
    }
}

struct Planner<'a> {
    session: &'a mut Session,
    mapping: &'a Mapping,
    record: &'a RecordMap,
    faults: Vec<Fault>,
}

impl Planner<'_> {
    /// Only one kind of server has a log that can be read.
    fn check_mode(&mut self, watch: &Watch) {
        if !matches!(watch.mode, Mode::Log(_)) || self.session.kind() == Kind::Postgres {
            return;
        }
        let place = format!("{} watch {}", self.record.entity.name(), watch.table);
        let fault = Fault::new(&self.mapping.file, &place, "mode").says(
            "mode log reads the log of a PostgreSQL server, and the source is none; write mode = \"triggers\" or \"diff\"",
            "le mode log lit le journal d'un serveur PostgreSQL, et la source n'en est pas un ; écrivez mode = \"triggers\" ou \"diff\"",
        );
        self.faults.push(fault);
    }

    async fn describe(
        &mut self,
        place: &str,
        key: &str,
        query: &Template,
    ) -> Result<Vec<Field>, PlanError> {
        let mut statement = Statement::new(self.session.kind());
        statement.push("SELECT * FROM (\n");
        query.write(&mut statement, Condition::All);
        statement.push("\n) AS rmd_rows");
        self.session.describe(&statement).await.map_err(|source| PlanError::Source {
            fault: Box::new(refused(&self.mapping.file, place, key, &source)),
            source,
        })
    }

    async fn query<'m>(
        &mut self,
        list: Option<&str>,
        key: &str,
        query: &Template,
        normalise: &'m BTreeMap<String, Pipeline>,
    ) -> Result<QueryPlan<'m>, PlanError> {
        let entity = self.record.entity;
        let place = list
            .map_or_else(|| entity.name().to_owned(), |list| format!("{} {list}", entity.name()));
        let fields = self.describe(&place, "rows", query).await?;
        let mut targets = Vec::with_capacity(fields.len());
        for field in &fields {
            match target(entity, list, &field.name) {
                Some(target) => targets.push(target),
                None => self.faults.push(unknown(&self.mapping.file, &place, entity, list, field)),
            }
        }
        let key_field = fields.iter().find(|field| field.name == "_key");
        let kind = self.session.kind();
        let key = KeyColumn::new(kind, key, key_field.unwrap_or(&Field::unknown("_key")));
        let unselected =
            normalise.keys().filter(|alias| !fields.iter().any(|field| field.name == **alias));
        for alias in unselected {
            self.faults.push(not_selected(&self.mapping.file, &place, alias));
        }
        let pipelines = fields.iter().map(|field| normalise.get(&field.name)).collect();
        Ok(QueryPlan { key, fields, targets, pipelines })
    }

    async fn watch(&mut self, table: &str, cursor: &Cursor) -> Result<WatchPlan, PlanError> {
        let place = format!("{} watch {table}", self.record.entity.name());
        let fields = self.describe(&place, "keys", &cursor.keys).await?;
        Ok(WatchPlan {
            changed_at: self.column(&place, &fields, "_changed_at", &cursor.changed_at),
            outer_changed_at: self.column(&place, &fields, "_changed_at", "\"_changed_at\""),
            outer_key: self.column(&place, &fields, "_key", "\"_key\""),
        })
    }

    async fn lookup(&mut self, table: &str, lookup: &Lookup) -> Result<LookupPlan, PlanError> {
        let place = format!("{} watch {table}", self.record.entity.name());
        let fields = self.describe(&place, "keys", &lookup.keys).await?;
        Ok(LookupPlan {
            noted: self.column(&place, &fields, "_noted", &lookup.noted),
            key: self.column(&place, &fields, "_key", "\"_key\""),
        })
    }

    /// A column of a query of keys, by its alias.
    fn column(&mut self, place: &str, fields: &[Field], alias: &str, column: &str) -> KeyColumn {
        let field = fields.iter().find(|field| field.name == alias);
        if field.is_none() {
            let fault = Fault::new(&self.mapping.file, place, "keys").says(
                &format!("the query has no column \"{alias}\"; select it under this alias"),
                &format!(
                    "la requête n'a pas de colonne « {alias} » ; sélectionnez-la sous cet alias"
                ),
            );
            self.faults.push(fault);
        }
        let unknown = Field::unknown(alias);
        KeyColumn::new(self.session.kind(), column, field.unwrap_or(&unknown))
    }
}

fn target(entity: Entity, list: Option<&str>, alias: &str) -> Option<Target> {
    match alias {
        "_key" => Some(Target::Key),
        "_annulled_on" if list.is_none() => Some(Target::AnnulledOn),
        "_annulled_reason" if list.is_none() => Some(Target::AnnulledReason),
        _ => column(entity, list, alias).map(Target::Field),
    }
}

fn unknown(file: &str, place: &str, entity: Entity, list: Option<&str>, field: &Field) -> Fault {
    let alias = &field.name;
    let hint = nearest(alias, aliases(entity, list));
    let (en, fr) = hint.map_or_else(
        || ("; remove the column".to_owned(), " ; supprimez la colonne".to_owned()),
        |hint| {
            (format!("; did you mean \"{hint}\"?"), format!(" ; vouliez-vous dire « {hint} » ?"))
        },
    );
    Fault::new(file, place, "rows").says(
        &format!("the alias \"{alias}\" is no field of {place}{en}"),
        &format!("l'alias « {alias} » n'est pas un champ de {place}{fr}"),
    )
}

fn not_selected(file: &str, place: &str, alias: &str) -> Fault {
    Fault::new(file, place, &format!("normalise.\"{alias}\"")).says(
        &format!("the query does not select \"{alias}\"; select it, or remove the line"),
        &format!(
            "la requête ne sélectionne pas « {alias} » ; sélectionnez-la, ou supprimez la ligne"
        ),
    )
}

/// A query that the source refused, in words.
pub(crate) fn refused(file: &str, place: &str, key: &str, error: &source::Error) -> Fault {
    let [en, fr] = error.words();
    Fault::new(file, place, key).says(&en, &fr)
}
