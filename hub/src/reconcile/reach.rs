//! Which subjects a change affects.
//!
//! Takes the names of what changed, before and after, to the subjects that each affects,
//! as [`Name`] says of each. What is reached may be more than what really changes; it is
//! never less.

use std::{collections::BTreeSet, sync::Arc};

use jiff::{Span, civil::Date};
use rmd_reconcile::{Parameter, names::Name, part::Wanted};
use rmd_standard::{Entity, mineral};
use sqlx::Row as _;

use super::{
    Reader,
    directory::Directory,
    ground::Ground,
    lots,
    shelf::KeySet,
    sorted::{Sorted, entity_of, paper_key},
};
use crate::store::{self, bulk};

/// Subjects that a change affects.
#[derive(Debug, Default)]
pub(super) struct Reached {
    pub(super) wanted: Wanted,
    /// Lines whose pairing may have changed.
    pub(super) seeds: (KeySet, KeySet),
    pub(super) has_balances: bool,
    pub(super) has_mirrors: bool,
}

/// Everything that these changes affect.
pub(super) async fn reached(
    reader: &mut Reader,
    directory: &Directory,
    sorted: &Sorted,
    ground: &Ground,
) -> Result<Reached, store::Error> {
    let mut reached = Reached {
        has_balances: sorted.has_balances,
        has_mirrors: sorted.has_mirrors,
        ..Reached::default()
    };
    reached.take_own(sorted);
    reached.take_lots(reader, directory, sorted).await?;
    reached.take_papers(reader, directory, sorted).await?;
    reached.take_peers(reader, sorted, ground).await?;
    reached.take_sites(reader, directory, sorted).await?;
    reached.take_productions(reader, directory, sorted, ground).await?;
    reached.take_lines(reader, directory, sorted, ground).await?;
    Ok(reached)
}

impl Reached {
    fn take_own(&mut self, sorted: &Sorted) {
        let wanted = &mut self.wanted;
        wanted.lots = sorted.own(Entity::Lot);
        wanted.certificates = sorted.own(Entity::ExportCertificate);
        wanted.exports = sorted.own(Entity::ExportDeclaration);
        wanted.imports = sorted.own(Entity::ImportDeclaration);
        wanted.sites = sorted.own(Entity::MineSite);
        wanted.productions = sorted.own(Entity::ProductionDeclaration);
    }

    async fn take_lots(
        &mut self,
        reader: &mut Reader,
        directory: &Directory,
        sorted: &Sorted,
    ) -> Result<(), store::Error> {
        let numbers = sorted.lots.union(&sorted.lots_named).cloned().collect();
        for one in lots::of_numbers(&mut reader.records, &numbers).await? {
            if let Some(paper) = one.paper {
                let state = one.key.split('/').next().unwrap_or_default().to_owned();
                self.wanted.certificates.insert(paper_key(&(state, paper)));
            }
            self.wanted.lots.insert(one.key);
        }
        self.wanted.lots.extend(lots::of_inputs(&mut reader.records, &sorted.lots).await?);
        let entity = Entity::ExportCertificate;
        let papers = directory.find(&mut reader.own, entity, named(&sorted.lots)).await?;
        self.wanted.certificates.extend(papers);
        let identifiers = sorted.tags.iter().map(|(_, identifier)| identifier.as_str()).collect();
        self.wanted.lots.extend(lots::of_tags(&mut reader.records, &identifiers).await?);
        self.wanted.tags.extend(sorted.tags.iter().cloned());
        for series in &sorted.series {
            self.wanted.lots.extend(lots::of_series(&mut reader.records, series).await?);
        }
        Ok(())
    }

    async fn take_papers(
        &mut self,
        reader: &mut Reader,
        directory: &Directory,
        sorted: &Sorted,
    ) -> Result<(), store::Error> {
        let papers = sorted.papers.union(&sorted.papers_named);
        self.wanted.certificates.extend(papers.map(paper_key));
        self.wanted.lots.extend(lots::of_papers(&mut reader.records, &sorted.papers).await?);
        let entity = Entity::ExportDeclaration;
        let lines = directory.find(&mut reader.own, entity, quoted(&sorted.papers)).await?;
        self.wanted.exports.extend(lines);
        Ok(())
    }

    /// Certificates that are compared with one that changed, and those of an exporter.
    async fn take_peers(
        &mut self,
        reader: &mut Reader,
        sorted: &Sorted,
        ground: &Ground,
    ) -> Result<(), store::Error> {
        let days = ground.most(Parameter::ValueDays).clamp(0, 36_500);
        for (mineral, (first, last)) in &sorted.worths {
            let last = last.saturating_add(Span::new().days(days));
            let issued = issued(reader, *first, last).await?.into_iter();
            let of_mineral = issued.filter(|(_, of)| of.as_ref() == Some(mineral));
            self.wanted.certificates.extend(of_mineral.map(|(key, _)| key));
        }
        let head = "SELECT record_key, issuing_country, exporter_identifier \
                    FROM export_certificate WHERE exporter_identifier IN (";
        let identifiers: BTreeSet<&str> =
            sorted.exporters.iter().map(|(_, identifier)| identifier.as_str()).collect();
        let identifiers: Vec<&str> = identifiers.into_iter().collect();
        let rows = bulk::select_in(&mut reader.records, (head, None), &identifiers, ")").await?;
        for row in rows {
            let exporter: (String, String) = (row.try_get(1)?, row.try_get(2)?);
            if sorted.exporters.contains(&exporter) {
                self.wanted.certificates.insert(row.try_get::<String, _>(0)?.into());
            }
        }
        Ok(())
    }

    async fn take_sites(
        &mut self,
        reader: &mut Reader,
        directory: &Directory,
        sorted: &Sorted,
    ) -> Result<(), store::Error> {
        let sites = sorted.sites.union(&sorted.sites_named);
        self.wanted.sites.extend(sites.map(|key| Arc::from(key.as_str())));
        let own = lots::of_sites(&mut reader.records, &sorted.sites).await?;
        let identifiers = lots::identifiers(&mut reader.records, &own).await?;
        let identifiers = identifiers.iter().map(String::as_str).collect();
        self.wanted.lots.extend(lots::of_tags(&mut reader.records, &identifiers).await?);
        self.wanted.lots.extend(own);
        let around = sorted.places.iter().flat_map(|at| cells(*at, 1));
        let names = sorted.national_ids.iter().cloned().chain(around);
        self.wanted.sites.extend(directory.find(&mut reader.own, Entity::MineSite, names).await?);
        Ok(())
    }

    async fn take_productions(
        &mut self,
        reader: &mut Reader,
        directory: &Directory,
        sorted: &Sorted,
        ground: &Ground,
    ) -> Result<(), store::Error> {
        let near = rmd_reconcile::region::cells_for(ground.most(Parameter::SpikeNeighbour));
        let around = sorted.places.iter().flat_map(|at| cells(*at, near));
        let names = sorted.provinces.iter().cloned().chain(around).collect::<BTreeSet<_>>();
        let mut sites = directory.find(&mut reader.own, Entity::MineSite, names).await?;
        sites.extend(sorted.sites.iter().map(|key| Arc::from(key.as_str())));
        for site in &sites {
            let found = directory.yields_of(&mut reader.own, site).await?;
            self.wanted.productions.extend(found);
        }
        let entity = Entity::ProductionDeclaration;
        let after = sorted.yields.iter().flat_map(months_after);
        let after = directory.find(&mut reader.own, entity, after).await?;
        self.wanted.productions.extend(after);
        let peers = super::province::peers(reader, directory, &sorted.yields).await?;
        self.wanted.productions.extend(directory.find(&mut reader.own, entity, peers).await?);
        Ok(())
    }

    /// Lines from which the pairing is to be looked at again.
    async fn take_lines(
        &mut self,
        reader: &mut Reader,
        directory: &Directory,
        sorted: &Sorted,
        ground: &Ground,
    ) -> Result<(), store::Error> {
        let (exports, imports) = &mut self.seeds;
        exports.extend(sorted.own(Entity::ExportDeclaration));
        imports.extend(sorted.own(Entity::ImportDeclaration));
        for (entity, seeds) in
            [(Entity::ExportDeclaration, &mut *exports), (Entity::ImportDeclaration, &mut *imports)]
        {
            let names = quoted(&sorted.papers_quoted);
            seeds.extend(directory.find(&mut reader.own, entity, names).await?);
        }
        for traded in &sorted.traded {
            let near = traded.near(&ground.context);
            let entity = entity_of(near.direction);
            let found = directory.traded(&mut reader.own, entity, &near).await?;
            if entity == Entity::ExportDeclaration { &mut *exports } else { &mut *imports }
                .extend(found);
        }
        Ok(())
    }
}

/// Certificates issued from a day to a day, with their minerals.
async fn issued(
    reader: &mut Reader,
    first: Date,
    last: Date,
) -> Result<Vec<(Arc<str>, Option<String>)>, store::Error> {
    let rows = sqlx::query(
        "SELECT record_key, type_of_ore
         FROM export_certificate
         WHERE date_of_issuance >= $1 AND date_of_issuance <= $2",
    )
    .bind(first.to_string())
    .bind(last.to_string())
    .fetch_all(&mut *reader.records)
    .await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let (key, ore): (String, Option<String>) = (row.try_get(0)?, row.try_get(1)?);
        found.push((key.into(), ore.and_then(|ore| mineral::hs6(&ore))));
    }
    Ok(found)
}

/// The names with which certificates name lots.
pub(super) fn named(numbers: &lots::Numbers) -> impl Iterator<Item = Name> {
    numbers.iter().cloned().map(|(country, number)| Name::LotNamed { country, number })
}

/// The names with which lines quote certificates.
pub(super) fn quoted(papers: &lots::Numbers) -> impl Iterator<Item = Name> {
    papers
        .iter()
        .cloned()
        .map(|(country, identifier)| Name::CertificateNamed { country, identifier })
}

/// The cells within so many of one.
pub(super) fn cells((row, column): (i32, i32), near: i32) -> impl Iterator<Item = Name> {
    (row - near..=row + near).flat_map(move |row| {
        (column - near..=column + near).map(move |column| Name::Place { row, column })
    })
}

/// What a site yielded of a mineral in a month and in the twelve after it.
fn months_after((site, mineral, month): &(String, String, String)) -> impl Iterator<Item = Name> {
    let written = std::iter::once(month.clone());
    let first: Option<Date> = format!("{month}-01").parse().ok();
    let later = (1..=12).filter_map(move |months| {
        let date = first?.checked_add(Span::new().months(months)).ok()?;
        Some(format!("{:04}-{:02}", date.year(), date.month()))
    });
    let (site, mineral) = (site.clone(), mineral.clone());
    written.chain(later).map(move |month| Name::Yield {
        site: site.clone(),
        mineral: mineral.clone(),
        month,
    })
}
