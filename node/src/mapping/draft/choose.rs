//! Which table holds which record type, and which its lists.

use rmd_standard::Entity;

use super::fields::{Guess, matches};
use super::lexicon::{fields_of, fields_of_list, tables_of, tables_of_list};
use super::looks::Looks;
use super::names::best_fit;
use super::study::Studied;

/// The least fit of a table's name.
const FIT_MIN: u32 = 56;

/// One record type and what it is made of.
#[derive(Debug)]
pub(super) struct Record {
    pub(super) entity: Entity,
    /// Place of its table.
    pub(super) table: usize,
    pub(super) key: Key,
    pub(super) children: Vec<Child>,
    /// Columns of the table and of what it refers to.
    pub(super) guesses: Vec<Guess>,
    /// Tables that it refers to.
    pub(super) joins: Vec<Join>,
    /// Whether the table is a guess for want of a better one.
    pub(super) is_forced: bool,
}

/// The column that names a row.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) column: String,
    pub(super) is_indexed: bool,
    /// Whether every row has another one, as far as is known.
    pub(super) is_unique: bool,
}

/// A list and its table.
#[derive(Debug)]
pub(super) struct Child {
    pub(super) list: &'static str,
    pub(super) table: usize,
    /// The column that names the parent.
    pub(super) link: Link,
    pub(super) guesses: Vec<Guess>,
}

/// How a row names a row of another table.
#[derive(Debug, Clone)]
pub(super) struct Link {
    /// The column here.
    pub(super) column: String,
    /// The column there.
    pub(super) target: String,
    /// Whether the database says so.
    pub(super) is_declared: bool,
}

/// A table that a record refers to.
#[derive(Debug)]
pub(super) struct Join {
    /// Its name in the query.
    pub(super) alias: String,
    pub(super) table: usize,
    pub(super) link: Link,
}

impl Record {
    /// Every table that the record is made of.
    pub(super) fn tables(&self) -> Vec<usize> {
        let children = self.children.iter().map(|child| child.table);
        let joins = self.joins.iter().map(|join| join.table);
        std::iter::once(self.table).chain(children).chain(joins).collect()
    }
}

/// The record types that the tables hold, in the order of the standard; at least
/// one, be it a bad guess.
pub(super) fn records(tables: &[Studied], entities: &[Entity]) -> Vec<Record> {
    let mut scores: Vec<(u32, Entity, usize)> = Vec::new();
    for entity in entities {
        for (place, table) in tables.iter().enumerate() {
            let score = score(table, *entity);
            if score > 0 {
                scores.push((score, *entity, place));
            }
        }
    }
    // The best first; among equals the earlier record type and table.
    scores.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let mut chosen: Vec<(Entity, usize, bool)> = Vec::new();
    for (_, entity, place) in scores {
        if !chosen.iter().any(|(known, taken, _)| *known == entity || *taken == place) {
            chosen.push((entity, place, false));
        }
    }
    if chosen.is_empty() {
        let largest = tables.iter().enumerate().max_by_key(|(_, table)| table.table.rows.number());
        chosen
            .extend(largest.zip(entities.first()).map(|(found, entity)| (*entity, found.0, true)));
    }
    chosen.sort();
    let mains: Vec<usize> = chosen.iter().map(|(_, place, _)| *place).collect();
    chosen
        .iter()
        .map(|(entity, place, is_forced)| Record {
            entity: *entity,
            table: *place,
            key: key_of(&tables[*place]),
            children: children(tables, *entity, *place, &mains),
            guesses: Vec::new(),
            joins: Vec::new(),
            is_forced: *is_forced,
        })
        .collect()
}

/// How much a table looks like a record type.
fn score(table: &Studied, entity: Entity) -> u32 {
    let name = best_fit(&table.words, tables_of(entity));
    let guesses = matches(table, fields_of(entity), (entity, None, ""), &[]);
    let certain = guesses.iter().filter(|guess| guess.is_certain).count();
    let is_placed = entity == Entity::MineSite
        && ["latitude", "longitude"]
            .iter()
            .all(|end| guesses.iter().any(|guess| guess.is_certain && guess.alias.ends_with(end)));
    if name < FIT_MIN && !is_placed {
        return 0;
    }
    name + 6 * u32::try_from(certain.min(10)).unwrap_or(10)
}

/// The column that names the rows of a table.
fn key_of(table: &Studied) -> Key {
    let schema = &table.table;
    let of = |column: &str, is_unique: bool| Key {
        column: column.to_owned(),
        is_indexed: schema.is_indexed(column),
        is_unique,
    };
    if let [column] = schema.primary_key.as_slice() {
        return of(column, true);
    }
    if let Some(column) = table.columns.iter().find(|column| schema.is_unique(&column.name)) {
        return of(&column.name, true);
    }
    let names = "id|code|numero|identifiant|reference|matricule|pcode";
    let is_named = |column: &&super::study::Column| best_fit(&column.words, names) >= FIT_MIN;
    let distinct = || table.columns.iter().filter(|column| column.profile.is_distinct());
    let is_indexed = |column: &&super::study::Column| schema.is_indexed(&column.name);
    let best = distinct().find(is_indexed).or_else(|| distinct().find(is_named));
    let best = best.or_else(|| table.columns.iter().find(is_indexed));
    let best = best.or_else(|| distinct().next()).or_else(|| table.columns.iter().find(is_named));
    let best = best.or_else(|| table.columns.first());
    best.map_or_else(|| of("", false), |column| of(&column.name, column.profile.is_distinct()))
}

fn children(tables: &[Studied], entity: Entity, main: usize, mains: &[usize]) -> Vec<Child> {
    let mut children: Vec<Child> = Vec::new();
    for list in entity.lists() {
        let best = tables
            .iter()
            .enumerate()
            .filter(|(place, _)| !mains.contains(place))
            .filter(|(place, _)| !children.iter().any(|child| child.table == *place))
            .filter_map(|(place, table)| {
                let fit = best_fit(&table.words, tables_of_list(list));
                let link = (fit >= FIT_MIN).then(|| link(table, &tables[main], entity))??;
                Some((fit, place, link))
            })
            .max_by_key(|(fit, place, _)| (*fit, std::cmp::Reverse(*place)));
        let Some((_, table, link)) = best else { continue };
        let taken = [link.column.clone()];
        let guesses =
            matches(&tables[table], fields_of_list(list), (entity, Some(list), ""), &taken);
        if guesses.iter().any(|guess| guess.is_certain) {
            children.push(Child { list, table, link, guesses });
        }
    }
    children
}

/// How a table names the rows of another: as the database says, or by a column
/// with the name and the values of a key there.
pub(super) fn link(from: &Studied, to: &Studied, entity: Entity) -> Option<Link> {
    let declared = from.table.foreign_keys.iter().find(|key| key.table == to.table.name);
    if let Some(key) = declared {
        let target = if key.target.is_empty() {
            to.table.primary_key.first().cloned()?
        } else {
            key.target.clone()
        };
        let to_place = to.place(&target)?;
        let target = to.columns[to_place].name.clone();
        return Some(Link { column: key.column.clone(), target, is_declared: true });
    }
    let key = key_of(to).column;
    let target = to.columns.iter().find(|column| column.name == key)?;
    let is_name = |column: &&super::study::Column| {
        column.name.eq_ignore_ascii_case(&key) && column.words.len() > 1
            || column
                .words
                .iter()
                .any(|word| best_fit(std::slice::from_ref(word), tables_of(entity)) == 100)
            || to.words.iter().any(|word| column.words.contains(word))
    };
    let shares = |column: &&super::study::Column| {
        column.samples.iter().any(|value| target.samples.contains(value))
            && column.profile.looks != Looks::Nothing
    };
    let column = from.columns.iter().filter(is_name).find(shares)?;
    Some(Link { column: column.name.clone(), target: key, is_declared: false })
}
