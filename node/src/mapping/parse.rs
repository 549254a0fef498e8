//! From the text of a mapping file to a [`Mapping`].
//!
//! Owns everything that can be told without a database. Each record, list and
//! table is read by itself, so that one fault does not hide the next.

mod normalise;
mod queries;
mod raw;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use jiff::tz::TimeZone;
use rmd_standard::{CodeListError, CodeLists, Entity};
use serde::de::DeserializeOwned;
use toml::{Table, Value};

use self::raw::{RawChild, RawFile, RawHead, RawRecord};
use super::fault::{Fault, Faults, nearest};
use super::{ChildMap, Mapping, RecordMap, mapping_id};

pub(super) fn mapping(file: &str, text: &str) -> Result<Mapping, Faults> {
    let mut parser = Parser { file, record: String::new(), faults: Vec::new() };
    let Some(raw) = parser.file(text) else { return Err(Faults(parser.faults)) };
    let head: Option<RawHead> = parser.read(raw.mapping, "mapping");
    let zone = head.as_ref().and_then(|head| parser.zone(&head.zone));
    let codes = parser.codes(raw.codes);
    let records: Vec<_> = raw.record.into_iter().filter_map(|table| parser.record(table)).collect();
    parser.record.clear();
    let mut seen = BTreeSet::new();
    for record in &records {
        if !seen.insert(record.entity.name()) {
            parser.fault(
                "entity",
                &format!(
                    "{} stands twice; join its tables in one query with UNION ALL",
                    record.entity.name()
                ),
                &format!(
                    "{} figure deux fois ; réunissez ses tables en une requête avec UNION ALL",
                    record.entity.name()
                ),
            );
        }
    }
    if records.is_empty() && parser.faults.is_empty() {
        parser.fault(
            "record",
            "no record is mapped; add a [[record]]",
            "aucun enregistrement n'est mis en correspondance ; ajoutez un [[record]]",
        );
    }
    match (head, zone) {
        (Some(head), Some(zone)) if parser.faults.is_empty() => Ok(Mapping {
            id: mapping_id(text),
            name: head.name,
            file: file.to_owned(),
            zone,
            records,
            codes,
        }),
        _ => Err(Faults(parser.faults)),
    }
}

struct Parser<'a> {
    file: &'a str,
    record: String,
    faults: Vec<Fault>,
}

impl Parser<'_> {
    fn fault(&mut self, key: &str, en: &str, fr: &str) {
        self.faults.push(Fault::new(self.file, &self.record, key).says(en, fr));
    }

    fn file(&mut self, text: &str) -> Option<RawFile> {
        toml::from_str(text)
            .inspect_err(|error: &toml::de::Error| {
                let place = error.span().map_or(0, |span| line_of(text, span.start));
                self.fault(
                    &format!("line {place}"),
                    &format!("not understood: {}; correct the line", error.message()),
                    &format!("incompris : {} ; corrigez la ligne", error.message()),
                );
            })
            .ok()
    }

    fn read<T: DeserializeOwned>(&mut self, table: Table, key: &str) -> Option<T> {
        Value::Table(table)
            .try_into()
            .inspect_err(|error: &toml::de::Error| {
                let said = error.message();
                self.fault(
                    key,
                    &format!("not understood: {said}; correct or remove it"),
                    &format!("incompris : {said} ; corrigez-le ou supprimez-le"),
                );
            })
            .ok()
    }

    fn zone(&mut self, name: &str) -> Option<TimeZone> {
        TimeZone::get(name)
            .inspect_err(|_| {
                self.fault(
                    "mapping.zone",
                    &format!("`{name}` is no time zone; write one such as Africa/Lubumbashi"),
                    &format!("`{name}` n'est pas un fuseau horaire ; écrivez par exemple Africa/Lubumbashi"),
                );
            })
            .ok()
    }

    /// Reads the code lists; each word is tried by itself, so that all faults are told.
    fn codes(&mut self, tables: BTreeMap<String, BTreeMap<String, String>>) -> CodeLists {
        let words = tables
            .iter()
            .flat_map(|(list, words)| words.iter().map(move |(word, target)| (list, word, target)));
        for (list, word, target) in words {
            let one = BTreeMap::from([(word.clone(), target.clone())]);
            if let Err(error) = CodeLists::from_tables(BTreeMap::from([(list.clone(), one)])) {
                self.code_fault(list, word, &error);
            }
        }
        // What could not be used was told word by word.
        CodeLists::from_tables(tables).unwrap_or_default()
    }

    fn code_fault(&mut self, list: &str, word: &str, error: &CodeListError) {
        let key = format!("codes.{list}.\"{word}\"");
        match error {
            CodeListError::UnknownList { allowed, .. } => self.fault(
                &key,
                &format!("`{list}` is no code list; known are {allowed}"),
                &format!("`{list}` n'est pas une liste de codes ; connues : {allowed}"),
            ),
            CodeListError::UnknownTarget { target, allowed, .. } => self.fault(
                &key,
                &format!("`{target}` is not in the list; write one of {allowed}"),
                &format!(
                    "`{target}` n'est pas dans la liste ; écrivez l'une de ces valeurs : {allowed}"
                ),
            ),
        }
    }

    fn record(&mut self, table: Table) -> Option<RecordMap> {
        table
            .get("entity")
            .and_then(Value::as_str)
            .unwrap_or("record")
            .clone_into(&mut self.record);
        let raw: RawRecord = self.read(table, "record")?;
        let entity = self.entity(&raw.entity)?;
        let rows = self.keyed_query(&raw.key, &raw.rows);
        let normalise = self.pipelines(entity, None, &raw.normalise);
        let children: Vec<_> =
            raw.child.into_iter().map(|child| self.child(entity, child)).collect();
        entity.name().clone_into(&mut self.record);
        let watches: Vec<_> = raw.watch.into_iter().map(|watch| self.watch(watch)).collect();
        entity.name().clone_into(&mut self.record);
        self.check_modes(&watches);
        if watches.is_empty() {
            self.fault(
                "watch",
                "no table is watched, so no change would be seen; add a [[record.watch]] for each table of the queries",
                "aucune table n'est surveillée, aucun changement ne serait vu ; ajoutez un [[record.watch]] pour chaque table des requêtes",
            );
        }
        Some(RecordMap {
            entity,
            key: raw.key,
            rows: rows?,
            scan: raw.scan,
            normalise,
            children: children.into_iter().collect::<Option<_>>()?,
            watches: watches.into_iter().collect::<Option<_>>()?,
        })
    }

    fn entity(&mut self, name: &str) -> Option<Entity> {
        let entity = Entity::from_name(name);
        if entity.is_none() {
            let known: Vec<_> = Entity::ALL.iter().map(|entity| entity.name()).collect();
            let hint = nearest(name, known.iter().copied()).unwrap_or(known[0]);
            let all = known.join(", ");
            self.fault(
                "entity",
                &format!("`{name}` is no record type; did you mean {hint}? Known are {all}"),
                &format!("`{name}` n'est pas un type d'enregistrement ; vouliez-vous dire {hint} ? Connus : {all}"),
            );
        }
        entity
    }

    fn child(&mut self, entity: Entity, table: Table) -> Option<ChildMap> {
        let named = table.get("list").and_then(Value::as_str).unwrap_or("child").to_owned();
        self.record = format!("{} {named}", entity.name());
        let raw: RawChild = self.read(table, "child")?;
        let lists = [entity.lists(), entity.values()].concat();
        let list = lists.iter().find(|known| **known == raw.list).copied();
        if list.is_none() {
            let all = lists.join(", ");
            self.fault(
                "list",
                &format!("`{}` is no list of {}; known are {all}", raw.list, entity.name()),
                &format!(
                    "`{}` n'est pas une liste de {} ; connues : {all}",
                    raw.list,
                    entity.name()
                ),
            );
        }
        let rows = self.keyed_query(&raw.key, &raw.rows);
        let normalise = list.map(|list| self.pipelines(entity, Some(list), &raw.normalise));
        Some(ChildMap { list: list?, key: raw.key, rows: rows?, normalise: normalise? })
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}
