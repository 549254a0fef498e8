//! Two lines that may be one shipment.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rmd_standard::mineral;

use super::{Export, Import};
use crate::{
    Context, Parameter,
    amount::{self, MILLION},
    view::nature,
};

/// An export and an import, by their places, that may be a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Place of the export among the exports, by key.
    pub export: usize,
    /// Place of the import among the imports, by key.
    pub import: usize,
    /// Difference of masses in parts per million of the export's.
    pub mass_ppm: i64,
    /// Days between exit and entry.
    pub days: i64,
}

/// What both lines must say alike: mineral, from, to.
type Kind = (String, String, String);

/// Lines that quote the same certificate.
pub(super) fn by_certificate(
    exports: &[Export],
    imports: &[Import],
    _context: &Context,
) -> Vec<Candidate> {
    let mut by_paper = BTreeMap::new();
    for (place, import) in imports.iter().enumerate() {
        let Some(paper) = paper_of_import(import) else { continue };
        by_paper.entry(paper).or_insert_with(Vec::new).push(place);
    }
    let quoting = |export| paper_of_export(export).and_then(|paper| by_paper.get(&paper));
    let places = exports.iter().enumerate().flat_map(|(place, export)| {
        quoting(export).into_iter().flatten().map(move |import| (place, *import))
    });
    places.map(|(export, import)| of(exports, imports, export, import)).collect()
}

/// Lines of one mineral between the same states, near enough in days and mass.
pub(super) fn by_kind(exports: &[Export], imports: &[Import], context: &Context) -> Vec<Candidate> {
    let mut by_kind = BTreeMap::new();
    for (place, import) in imports.iter().enumerate() {
        let Some((kind, entry)) = kind_of_import(import) else { continue };
        by_kind.entry(kind).or_insert_with(Vec::new).push((entry, place));
    }
    for entries in by_kind.values_mut() {
        entries.sort_unstable();
    }
    let mut found = Vec::new();
    for (place, export) in exports.iter().enumerate() {
        let Some((kind, exit)) = kind_of_export(export) else { continue };
        let entries = by_kind.get(&kind).map_or(&[][..], Vec::as_slice);
        let near = within(entries, exit, &kind, export, context).iter();
        let near = near.filter(|(_, import)| are_alike(export, &imports[*import], &kind, context));
        found.extend(near.map(|(_, import)| of(exports, imports, place, *import)));
    }
    found
}

/// Entries within the window around an exit.
fn within<'a>(
    entries: &'a [(Date, usize)],
    exit: Date,
    kind: &Kind,
    export: &Export,
    context: &Context,
) -> &'a [(Date, usize)] {
    let limit = |parameter| context.limit(parameter, export.country(), &kind.0);
    let days = |days: i64| jiff::Span::new().days(days.clamp(0, 3_650));
    let first = exit.saturating_sub(days(limit(Parameter::PairDaysBefore)));
    let last = exit.saturating_add(days(limit(Parameter::PairDaysAfter)));
    let from = entries.partition_point(|(entry, _)| *entry < first);
    let to = entries.partition_point(|(entry, _)| *entry <= last);
    &entries[from..to]
}

/// Whether the masses may be those of one shipment, and not two certificates say otherwise.
fn are_alike(export: &Export, import: &Import, kind: &Kind, context: &Context) -> bool {
    if let (Some(one), Some(other)) = (paper_of_export(export), paper_of_import(import))
        && one != other
    {
        return false;
    }
    let limit = context.limit(Parameter::PairMass, export.country(), &kind.0);
    let (out, into) = (export.record.net_mass_mg, import.record.net_mass_mg);
    !amount::deviates(out.into(), into.into(), out.into(), limit)
}

fn of(exports: &[Export], imports: &[Import], export: usize, import: usize) -> Candidate {
    let (out, into) = (&exports[export], &imports[import]);
    let days = nature::day(&out.record.exit_date).zip(nature::day(&into.record.entry_date));
    let days = days.map_or(0, |(exit, entry)| i64::from((entry - exit).get_days()).abs());
    Candidate { export, import, mass_ppm: mass_ppm(out, into), days }
}

/// Difference of masses in parts per million of the export's; at most a million times it.
fn mass_ppm(export: &Export, import: &Import) -> i64 {
    let (out, into) =
        (i128::from(export.record.net_mass_mg), i128::from(import.record.net_mass_mg));
    let most = i128::from(MILLION) * i128::from(MILLION);
    let ppm = (out - into).abs() * i128::from(MILLION) / out.max(1);
    i64::try_from(ppm.min(most)).unwrap_or(i64::MAX)
}

fn paper(country: &str, identifier: &str) -> Option<(String, String)> {
    (!identifier.is_empty()).then(|| (country.to_owned(), identifier.to_owned()))
}

/// The certificate that an export quotes; of its own state where none is told.
fn paper_of_export(export: &Export) -> Option<(String, String)> {
    let record = &export.record;
    let named = Some(record.certificate_country.as_str()).filter(|country| !country.is_empty());
    paper(named.unwrap_or(export.country()), &record.certificate_identifier)
}

/// The certificate that an import quotes; of the consignor's state where none is told.
fn paper_of_import(import: &Import) -> Option<(String, String)> {
    let record = &import.record;
    let named = Some(record.certificate_country.as_str()).filter(|country| !country.is_empty());
    paper(named.unwrap_or(&record.consignor_country), &record.certificate_identifier)
}

fn kind_of_export(export: &Export) -> Option<(Kind, Date)> {
    let record = &export.record;
    let mineral = mineral::hs6(&record.mineral)?;
    let day = nature::day(&record.exit_date)?;
    Some(((mineral, export.country().to_owned(), record.destination_country.clone()), day))
}

fn kind_of_import(import: &Import) -> Option<(Kind, Date)> {
    let record = &import.record;
    let mineral = mineral::hs6(&record.mineral)?;
    let day = nature::day(&record.entry_date)?;
    Some(((mineral, record.consignor_country.clone(), import.country().to_owned()), day))
}
