//! One page of a list.
//!
//! A list goes state by state in the order of keys. A page is one statement: keys
//! out of an index, records behind them. How many records there are is in the
//! tally; a filtered list is counted once for each state of the tables. A page
//! far away begins at the nearest landmark, and a reader who turns page after
//! page goes on behind the last record that was given.

use std::sync::Arc;

use rmd_api::{Listed, Query};
use rmd_standard::Record;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{
    Api,
    cache::{Counts, Step},
    caller::Caller,
    filter::{self, Filter, Reach},
    record,
    shelf::Shelf,
    table::{self, Table},
};
use crate::store::{Error, bulk::Value, question::Piece};

/// Records that an index finds and that are sorted faster than a walk finds them.
const FEW: u64 = 20_000;

/// One list as it is read.
struct List<'a> {
    query: &'a Query,
    table: &'static Table,
    filter: Filter,
    members: i64,
    /// States with records in the list, in order, and how many.
    countries: Vec<(String, u64)>,
    total: u64,
}

/// Where a page begins.
struct Start {
    /// Place of the state in the list.
    country: usize,
    after: String,
    skip: u64,
    /// Records of the state before the page, if that is known.
    offset: Option<u64>,
}

/// The records of a page and where it ended.
struct Page {
    records: Vec<Record>,
    end: Step,
    has_more: bool,
}

/// One page of what the caller may see.
pub(super) async fn list(api: &Api, caller: &Caller, query: &Query) -> Result<Listed, Error> {
    let mut connection = api.store.acquire().await?;
    let shelf = Shelf::read(&mut connection, query.collection.entity()).await?;
    let filter = filter::make(&mut connection, &api.cache, &shelf, query).await?;
    let Some(filter) = filter else { return Ok(Listed::default()) };
    let counts = counts(api, &mut connection, &shelf, query, &filter).await?;
    let countries: Vec<(String, u64)> = counts
        .iter()
        .filter(|(country, count)| {
            **count > 0
                && caller.sees(country)
                && query.country.as_ref().is_none_or(|wanted| wanted == *country)
        })
        .map(|(country, count)| (country.clone(), *count))
        .collect();
    let total = countries.iter().map(|(_, count)| count).sum();
    let table = table::of(query.collection);
    let list = List { query, table, filter, members: shelf.members, countries, total };
    let reader = list.reader(caller);
    let now = api.clock.now();
    let step = if query.page > 1 { api.cache.step(&reader, query.page, now) } else { None };
    let Some(start) = list.start(api, step) else { return Ok(Listed { records: vec![], total }) };
    let page = list.page(api, &mut connection, start).await?;
    // Records may have come and gone around the reader: what was given, and what
    // is known to follow, counts at least.
    let given = query.offset().unsigned_abs().saturating_add(page.records.len() as u64);
    let total = if page.records.is_empty() {
        total
    } else {
        total.max(given.saturating_add(u64::from(page.has_more)))
    };
    api.cache.keep_step(reader, query.page.saturating_add(1), page.end, now);
    Ok(Listed { records: page.records, total })
}

/// How many records of each state meet the filter.
async fn counts(
    api: &Api,
    connection: &mut AnyConnection,
    shelf: &Shelf,
    query: &Query,
    filter: &Filter,
) -> Result<Arc<Counts>, Error> {
    let table = table::of(query.collection);
    if filter.reach != Reach::All {
        let mut question = Piece::new(table.counts, []);
        question.append(&filter.conditions);
        question.push(table.not_void, []);
        question.push(table.group, []);
        return counted(api, connection, question, shelf.revisions).await;
    }
    if !table.not_void.is_empty() {
        return Ok(Arc::new(shelf.shown.clone()));
    }
    let mut question = Piece::new(table.counts, []);
    question.push(" AND t.void = 1", []);
    question.push(table.group, []);
    let void = counted(api, connection, question, shelf.members).await?;
    let mut counts = shelf.shown.clone();
    for (country, count) in void.iter() {
        *counts.entry(country.clone()).or_default() += count;
    }
    Ok(Arc::new(counts))
}

async fn counted(
    api: &Api,
    connection: &mut AnyConnection,
    question: Piece,
    version: i64,
) -> Result<Arc<Counts>, Error> {
    let name = format!("{question:?}");
    if let Some(counts) = api.cache.counts(&name, version) {
        return Ok(counts);
    }
    let mut counts = Counts::new();
    for row in question.rows(connection).await? {
        let count: i64 = row.try_get(1)?;
        counts.insert(row.try_get(0)?, count.unsigned_abs());
    }
    Ok(api.cache.keep_counts(name, version, counts))
}

impl List<'_> {
    /// What makes two requests pages of one reading.
    fn reader(&self, caller: &Caller) -> String {
        let Query { collection, limit, country, .. } = self.query;
        let conditions = &self.filter.conditions;
        format!("{} {collection:?} {limit} {country:?} {conditions:?}", caller.name)
    }

    /// Where the page begins; none behind the last one.
    fn start(&self, api: &Api, step: Option<Step>) -> Option<Start> {
        if let Some(Step { country, after, exact }) = step {
            let offset = exact.filter(|exact| exact.1 == self.members).map(|exact| exact.0);
            let place = self.countries.iter().position(|(own, _)| *own >= country)?;
            let is_there = self.countries[place].0 == country;
            return Some(Start {
                country: place,
                after: if is_there { after } else { String::new() },
                skip: 0,
                offset: if is_there { offset } else { Some(0) },
            });
        }
        let mut offset = self.query.offset().unsigned_abs();
        if offset >= self.total {
            return None;
        }
        for (place, (country, count)) in self.countries.iter().enumerate() {
            if offset >= *count {
                offset -= count;
                continue;
            }
            let (before, after) = if self.filter.reach == Reach::All {
                api.cache.landmark((self.query.collection, country), self.members, offset)
            } else {
                (0, String::new())
            };
            let skip = offset - before;
            return Some(Start { country: place, after, skip, offset: Some(offset) });
        }
        None
    }

    async fn page(
        &self,
        api: &Api,
        connection: &mut AnyConnection,
        start: Start,
    ) -> Result<Page, Error> {
        let limit = self.query.limit as usize;
        let Start { mut country, mut after, mut skip, mut offset } = start;
        let mut rows: Vec<AnyRow> = Vec::with_capacity(limit + 1);
        let has_more = loop {
            let wanted = limit - rows.len() + 1;
            let mut some = self.rows(connection, country, (&after, skip), wanted).await?;
            let is_cut = some.len() == wanted;
            some.truncate(wanted - 1);
            if let Some(last) = some.last() {
                after = last.try_get(0)?;
                offset = offset.map(|offset| offset + some.len() as u64);
                self.keep_landmark(api, country, offset, &after);
            }
            rows.extend(some);
            if is_cut || country + 1 == self.countries.len() || rows.len() == limit {
                break is_cut || country + 1 < self.countries.len();
            }
            country += 1;
            (after, skip, offset) = (String::new(), 0, Some(0));
        };
        let exact = offset.map(|offset| (offset, self.members));
        let end = Step { country: self.countries[country].0.clone(), after, exact };
        let entity = self.query.collection.entity();
        let records = rows.iter().filter_map(|row| record::read(entity, row).transpose());
        Ok(Page { records: records.collect::<Result<_, _>>()?, end, has_more })
    }

    /// Keeps where a page of an unfiltered list ended.
    fn keep_landmark(&self, api: &Api, country: usize, offset: Option<u64>, key: &str) {
        let Some(offset) = offset.filter(|_| self.filter.reach == Reach::All) else { return };
        let place = (self.query.collection, self.countries[country].0.as_str());
        api.cache.keep_landmark(place, self.members, (offset, key));
    }

    /// Some records of one state, behind a key.
    async fn rows(
        &self,
        connection: &mut AnyConnection,
        country: usize,
        (after, skip): (&str, u64),
        limit: usize,
    ) -> Result<Vec<AnyRow>, Error> {
        let (name, count) = &self.countries[country];
        let is_few = self.filter.reach == Reach::Few && *count <= FEW;
        let is_led = is_few || self.filter.reach == Reach::Seek;
        let (behind, in_order) = if is_few {
            (" AND (t.record_key || '') > ?", " ORDER BY (t.record_key || '')")
        } else {
            (" AND t.record_key > ?", " ORDER BY t.record_key")
        };
        let number = |number: u64| Value::integer(i64::try_from(number).unwrap_or(i64::MAX));
        let mut question = Piece::new(table::PAGE, []);
        question.push(self.table.keys, []);
        match self.table.in_country {
            _ if is_led => question.push(self.table.also_in_country, [Value::required(name)]),
            Some(in_country) => question.push(in_country, [Value::required(name)]),
            // Keys of a state are those between `CD/` and `CD0`, the next character.
            None => question.push("t.record_key < ?", [Value::required(format!("{name}0"))]),
        }
        if !after.is_empty() {
            question.push(behind, [Value::required(after)]);
        } else if !is_led && self.table.in_country.is_none() {
            question.push(behind, [Value::required(format!("{name}/"))]);
        }
        question.append(if is_led { &self.filter.conditions } else { &self.filter.aside });
        question.push(self.table.not_void, []);
        question.push(in_order, []);
        question.push(" LIMIT ? OFFSET ?", [number(limit as u64), number(skip)]);
        let entity = self.query.collection.entity().name();
        question.push(table::PAGE_RECORDS, [Value::required(entity)]);
        question.rows(connection).await
    }
}
