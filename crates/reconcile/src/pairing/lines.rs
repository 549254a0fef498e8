//! Lines by what they are paired by, and the two turns.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use jiff::civil::Date;
use petgraph::unionfind::UnionFind;

use super::{
    Direction, Export, Import, PAPER_LINES_MAX, Paired, Traded,
    line::{paper_of_export, paper_of_import},
    solve,
};
use crate::{Context, amount::MILLION, view::nature};

/// An export and an import, by their places, that may be a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    /// Difference of masses in parts per million of the export's.
    pub(crate) mass_ppm: i64,
    /// Days between exit and entry.
    pub(crate) days: i64,
    /// Place of the export among the exports, by key.
    pub(crate) export: usize,
    /// Place of the import among the imports, by key.
    pub(crate) import: usize,
}

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
enum Turn {
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
    of_exports: Vec<Turn>,
    of_imports: Vec<Turn>,
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

    /// How the lines came out that somebody asks for.
    pub(crate) fn pair(mut self, is_asked: impl Fn(Direction, &str) -> bool) -> Vec<Paired> {
        let asked: BTreeSet<Place> =
            self.places().filter(|place| is_asked(place.direction, self.key(*place))).collect();
        let mut candidates = BTreeSet::new();
        self.reach(&asked, &BTreeSet::new(), |candidate| {
            candidates.insert(candidate);
        });
        let (exports, imports) = (self.exports.len(), self.imports.len());
        for component in components(exports, imports, candidates) {
            self.settle(solve::best(&component));
        }
        asked.iter().filter_map(|place| self.paired(*place, &asked)).collect()
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

    fn turn(&self, place: Place) -> Turn {
        match place.direction {
            Direction::Export => self.of_exports[place.at],
            Direction::Import => self.of_imports[place.at],
        }
    }

    /// A pair stands with its export, where that is asked for.
    fn paired(&self, place: Place, asked: &BTreeSet<Place>) -> Option<Paired> {
        let as_pair = |export: usize, import: usize| {
            Paired::Pair(self.exports[export].clone(), self.imports[import].clone())
        };
        match (place.direction, self.turn(place)) {
            (Direction::Export, Turn::Taken(import)) => Some(as_pair(place.at, import)),
            (Direction::Export, _) => Some(Paired::Export(self.exports[place.at].clone())),
            (Direction::Import, Turn::Taken(export)) => {
                let is_told = asked.contains(&Place::export(export));
                (!is_told).then(|| as_pair(export, place.at))
            }
            (Direction::Import, _) => Some(Paired::Import(self.imports[place.at].clone())),
        }
    }

    /// Every line that hangs together with some: by its certificate in the first turn,
    /// and in the second with those that are left, one by one. Around lines that are
    /// stirred all that is near counts, whether it is left or not.
    pub(super) fn reach(
        &mut self,
        from: &BTreeSet<Place>,
        stirred: &BTreeSet<Place>,
        mut found: impl FnMut(Candidate),
    ) -> BTreeSet<Place> {
        let mut reached = from.clone();
        let mut waiting: Vec<Place> = from.iter().copied().collect();
        while let Some(place) = waiting.pop() {
            let (is_left, is_stirred) = (self.is_left(place), stirred.contains(&place));
            if !is_left && !is_stirred {
                continue;
            }
            for other in self.near(place) {
                let is_candidate = is_left && self.is_left(other);
                if is_candidate {
                    found(self.candidate(place, other));
                }
                if (is_candidate || is_stirred) && reached.insert(other) {
                    waiting.push(other);
                }
            }
        }
        reached
    }

    fn candidate(&self, one: Place, other: Place) -> Candidate {
        let (export, import) = match one.direction {
            Direction::Export => (one.at, other.at),
            Direction::Import => (other.at, one.at),
        };
        Candidate::of(export, import, self.exports[export], self.imports[import])
    }

    /// Whether the first turn left the line, which solves its certificate's lines.
    pub(super) fn is_left(&mut self, place: Place) -> bool {
        if self.turn(place) == Turn::Open {
            let quoting = self.of_paper(place);
            let mut candidates = Vec::new();
            for export in &quoting.exports {
                self.of_exports[*export] = Turn::Left;
                let of = |import: &usize| {
                    Candidate::of(*export, *import, self.exports[*export], self.imports[*import])
                };
                candidates.extend(quoting.imports.iter().map(of));
            }
            for import in &quoting.imports {
                self.of_imports[*import] = Turn::Left;
            }
            self.settle(solve::best(&candidates));
        }
        self.turn(place) == Turn::Left
    }

    fn settle(&mut self, pairs: Vec<(usize, usize)>) {
        for (export, import) in pairs {
            self.of_exports[export] = Turn::Taken(import);
            self.of_imports[import] = Turn::Taken(export);
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

impl Candidate {
    pub(crate) fn of(export: usize, import: usize, out: &Export, into: &Import) -> Self {
        let days = nature::day(&out.record.exit_date).zip(nature::day(&into.record.entry_date));
        let days = days.map_or(0, |(exit, entry)| i64::from((entry - exit).get_days()).abs());
        let mass_ppm = mass_ppm(out.record.net_mass_mg, into.record.net_mass_mg);
        Self { mass_ppm, days, export, import }
    }
}

/// Difference of masses in parts per million of the export's; at most a million times it.
fn mass_ppm(out: i64, into: i64) -> i64 {
    let (out, into) = (i128::from(out), i128::from(into));
    let most = i128::from(MILLION) * i128::from(MILLION);
    let ppm = (out - into).abs() * i128::from(MILLION) / out.max(1);
    i64::try_from(ppm.min(most)).unwrap_or(i64::MAX)
}

/// Candidates that hang together, by component.
fn components(
    exports: usize,
    imports: usize,
    candidates: BTreeSet<Candidate>,
) -> Vec<Vec<Candidate>> {
    let mut together = UnionFind::new(exports + imports);
    for one in &candidates {
        together.union(one.export, exports + one.import);
    }
    let mut by_component = BTreeMap::<usize, Vec<Candidate>>::new();
    for one in candidates {
        by_component.entry(together.find(one.export)).or_default().push(one);
    }
    by_component.into_values().collect()
}
