//! Lines by what they are paired by.

use std::{collections::BTreeMap, sync::Arc};

use jiff::civil::Date;

use super::{
    Direction, Export, Import, PAPER_LINES_MAX, Traded,
    line::{paper_of_export, paper_of_import},
};
use crate::Context;

/// A line by its place among those of its direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) direction: Direction,
    pub(super) at: usize,
}

impl Place {
    pub(super) const fn export(at: usize) -> Self {
        Self { direction: Direction::Export, at }
    }

    pub(super) const fn import(at: usize) -> Self {
        Self { direction: Direction::Import, at }
    }
}

/// How a line stands after the first turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// Nobody asked yet.
    Open,
    /// Its certificate gave it no other side.
    Left,
    /// The place of the other side.
    Taken(usize),
}

type Paper<'a> = (&'a str, &'a str);
/// Mineral, from, to.
type Kind = (String, String, String);

/// The places of lines that quote one certificate, or are of one kind, by direction.
#[derive(Clone, Default)]
pub(super) struct Both<T> {
    pub(super) exports: Vec<T>,
    pub(super) imports: Vec<T>,
}

/// Lines that may be paired, in the order of their keys.
pub(crate) struct Lines<'a> {
    pub(super) context: &'a Context,
    pub(super) exports: Vec<&'a Export>,
    pub(super) imports: Vec<&'a Import>,
    papers: BTreeMap<Paper<'a>, Both<usize>>,
    kinds: BTreeMap<Kind, Both<(Date, usize)>>,
    pub(super) of_exports: Vec<Turn>,
    pub(super) of_imports: Vec<Turn>,
}

impl<'a> Lines<'a> {
    /// Lines that are no transits, of states whose declarations count: what else there
    /// is, is the caller's to leave out.
    pub(crate) fn of(
        exports: impl Iterator<Item = &'a Export>,
        imports: impl Iterator<Item = &'a Import>,
        context: &'a Context,
    ) -> Self {
        let (mut exports, mut imports): (Vec<_>, Vec<_>) = (exports.collect(), imports.collect());
        exports.sort_by(|one, other| one.key().cmp(other.key()));
        imports.sort_by(|one, other| one.key().cmp(other.key()));
        let mut papers = BTreeMap::<_, Both<usize>>::new();
        let mut kinds = BTreeMap::<_, Both<(Date, usize)>>::new();
        for (place, export) in exports.iter().enumerate() {
            if let Some(paper) = paper_of_export(export) {
                papers.entry(paper).or_default().exports.push(place);
            }
            if let Some(told) = Traded::of_export(export.country(), &export.record) {
                let kind = (told.mineral, told.from, told.to);
                kinds.entry(kind).or_default().exports.push((told.day, place));
            }
        }
        for (place, import) in imports.iter().enumerate() {
            if let Some(paper) = paper_of_import(import) {
                papers.entry(paper).or_default().imports.push(place);
            }
            if let Some(told) = Traded::of_import(import.country(), &import.record) {
                let kind = (told.mineral, told.from, told.to);
                kinds.entry(kind).or_default().imports.push((told.day, place));
            }
        }
        for kind in kinds.values_mut() {
            kind.exports.sort_unstable();
            kind.imports.sort_unstable();
        }
        let (of_exports, of_imports) =
            (vec![Turn::Open; exports.len()], vec![Turn::Open; imports.len()]);
        Self { context, exports, imports, papers, kinds, of_exports, of_imports }
    }

    /// The places of all lines.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> + use<> {
        let exports = (0..self.exports.len()).map(Place::export);
        exports.chain((0..self.imports.len()).map(Place::import))
    }

    pub(super) fn key(&self, place: Place) -> &'a Arc<str> {
        match place.direction {
            Direction::Export => &self.exports[place.at].named.key,
            Direction::Import => &self.imports[place.at].named.key,
        }
    }

    /// The certificate that a line quotes.
    pub(super) fn quoted(&self, place: Place) -> Option<Paper<'a>> {
        match place.direction {
            Direction::Export => paper_of_export(self.exports[place.at]),
            Direction::Import => paper_of_import(self.imports[place.at]),
        }
    }

    /// The certificate that a line quotes, if it tells a shipment, and all that quote it.
    fn paper(&self, place: Place) -> Option<(Paper<'a>, &Both<usize>)> {
        let paper = self.quoted(place)?;
        let lines = self.papers.get(&paper)?;
        let most = lines.exports.len().max(lines.imports.len());
        (most <= PAPER_LINES_MAX).then_some((paper, lines))
    }

    /// The lines that quote the certificate of a line, itself among them.
    pub(super) fn of_paper(&self, place: Place) -> Both<usize> {
        match (self.paper(place), place.direction) {
            (Some((_, lines)), _) => lines.clone(),
            (None, Direction::Export) => Both { exports: vec![place.at], imports: Vec::new() },
            (None, Direction::Import) => Both { exports: Vec::new(), imports: vec![place.at] },
        }
    }

    pub(super) fn told(&self, place: Place) -> Option<Traded> {
        match place.direction {
            Direction::Export => {
                let one = self.exports[place.at];
                Traded::of_export(one.country(), &one.record)
            }
            Direction::Import => {
                let one = self.imports[place.at];
                Traded::of_import(one.country(), &one.record)
            }
        }
    }

    /// The lines that may be the other side of a line in the second turn, as far as the
    /// lines themselves tell.
    pub(super) fn near(&self, place: Place) -> Vec<Place> {
        let Some(told) = self.told(place) else { return Vec::new() };
        let near = told.near(self.context);
        let Some(lines) = self.kinds.get(&(near.mineral, near.from, near.to)) else {
            return Vec::new();
        };
        let others = match near.direction {
            Direction::Export => &lines.exports,
            Direction::Import => &lines.imports,
        };
        let from = others.partition_point(|(day, _)| *day < near.days.0);
        let to = others.partition_point(|(day, _)| *day <= near.days.1);
        let places = others[from..to.max(from)].iter();
        let places = places.map(|(_, at)| Place { direction: near.direction, at: *at });
        places.filter(|other| self.are_alike(place, *other, &told)).collect()
    }

    /// Whether days and masses may be those of one shipment, and not two certificates
    /// say otherwise.
    fn are_alike(&self, place: Place, other: Place, told: &Traded) -> bool {
        if let (Some((one, _)), Some((another, _))) = (self.paper(place), self.paper(other))
            && one != another
        {
            return false;
        }
        self.told(other).is_some_and(|other| match told.direction {
            Direction::Export => told.is_near(&other, self.context),
            Direction::Import => other.is_near(told, self.context),
        })
    }
}
