//! The two turns, as far as somebody asks for their outcome.

use std::collections::BTreeSet;

use super::{
    Direction, Paired,
    candidate::{Candidate, components},
    lines::{Lines, Place, Turn},
    solve,
};

impl Lines<'_> {
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
            let near = self.near(place);
            let candidates: Vec<Place> =
                near.iter().copied().filter(|other| is_left && self.is_left(*other)).collect();
            for other in &candidates {
                found(self.candidate(place, *other));
            }
            let next = if is_stirred { near } else { candidates };
            waiting.extend(next.into_iter().filter(|other| reached.insert(*other)));
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
            self.take_first_turn(place);
        }
        self.turn(place) == Turn::Left
    }

    fn take_first_turn(&mut self, place: Place) {
        let quoting = self.of_paper(place);
        let mut candidates = Vec::new();
        for export in &quoting.exports {
            self.of_exports[*export] = Turn::Left;
            let imports = quoting.imports.iter().map(|import| Place::import(*import));
            let export = Place::export(*export);
            candidates.extend(imports.map(|import| self.candidate(export, import)));
        }
        for import in &quoting.imports {
            self.of_imports[*import] = Turn::Left;
        }
        self.settle(solve::best(&candidates));
    }

    fn settle(&mut self, pairs: Vec<(usize, usize)>) {
        for (export, import) in pairs {
            self.of_exports[export] = Turn::Taken(import);
            self.of_imports[import] = Turn::Taken(export);
        }
    }
}
