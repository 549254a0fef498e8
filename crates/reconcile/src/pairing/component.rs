//! Which lines hang together with some, and what must be loaded to know it.

use std::{collections::BTreeSet, sync::Arc};

use rmd_proto::v1::Procedure;
use rmd_standard::Entity;

use super::{Direction, Export, Import, Lines, Near, lines::Place};
use crate::Context;

/// Lines that must be there before a component is whole. Those that are void, transits,
/// or of states whose declarations do not count may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Need {
    /// Every line, of both directions, that quotes the certificate. Where a line tells no
    /// state it is an export's own, and the consignor's of an import.
    Certificate {
        /// The state that issued it, alpha-2.
        country: String,
        /// Its number.
        identifier: String,
    },
    /// Every line that may be the other side of one.
    Near(Near),
}

/// Lines that hang together, by their keys.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// Lines of exports.
    pub exports: BTreeSet<Arc<str>>,
    /// Lines of imports.
    pub imports: BTreeSet<Arc<str>>,
    /// What the answer rests on. It is whole once every need was loaded, and asked for
    /// again since.
    pub needs: BTreeSet<Need>,
}

/// The lines whose pairing may be another because of some lines, those among them.
///
/// For lines that came, changed or went away: take as `seeds` the lines that quote the
/// certificates that they quote or quoted, and those near what they tell or told
/// ([`Traded::near`](super::Traded::near)); load what is needed, and ask again, until
/// nothing new is needed. Then the component is what is wanted. To judge one line again
/// that did not change, it is the seed, and what is needed is loaded around it.
pub fn component(
    exports: &[Export],
    imports: &[Import],
    seeds: impl Fn(Direction, &str) -> bool,
    context: &Context,
) -> Component {
    let exports = exports.iter().filter(|one| is_paired_export(one, context));
    let imports = imports.iter().filter(|one| is_paired_import(one, context));
    let mut lines = Lines::of(exports, imports, context);
    let mut stirred = BTreeSet::new();
    for place in lines.places().filter(|place| seeds(place.direction, lines.key(*place))) {
        // One that came or went may have left, or taken, another of its certificate.
        let quoting = lines.of_paper(place);
        stirred.insert(place);
        stirred.extend(quoting.exports.into_iter().map(Place::export));
        stirred.extend(quoting.imports.into_iter().map(Place::import));
    }
    let mut found = Component::default();
    for place in lines.reach(&stirred, &stirred, |_| {}) {
        let key = Arc::clone(lines.key(place));
        match place.direction {
            Direction::Export => found.exports.insert(key),
            Direction::Import => found.imports.insert(key),
        };
        found.needs.extend(need(&lines, place));
        if stirred.contains(&place) || lines.is_left(place) {
            found.needs.extend(lines.told(place).map(|told| Need::Near(told.near(context))));
            // Whether a line near by is left is told by the lines of its certificate.
            let near = lines.near(place).into_iter();
            found.needs.extend(near.filter_map(|near| need(&lines, near)));
        }
    }
    found
}

/// The lines of the certificate that a line quotes.
fn need(lines: &Lines<'_>, place: Place) -> Option<Need> {
    let (country, identifier) = lines.quoted(place)?;
    Some(Need::Certificate { country: country.to_owned(), identifier: identifier.to_owned() })
}

/// Whether an export may be paired: not void, no transit, between states whose
/// declarations count.
pub(crate) fn is_paired_export(one: &Export, context: &Context) -> bool {
    let live = |country: &str, entity| context.coverage.is_live(country, entity);
    !one.is_void
        && one.record.procedure() != Procedure::Transit
        && live(one.country(), Entity::ExportDeclaration)
        && live(&one.record.destination_country, Entity::ImportDeclaration)
}

/// Whether an import may be paired.
pub(crate) fn is_paired_import(one: &Import, context: &Context) -> bool {
    let live = |country: &str, entity| context.coverage.is_live(country, entity);
    !one.is_void
        && one.record.procedure() != Procedure::Transit
        && live(one.country(), Entity::ImportDeclaration)
        && live(&one.record.consignor_country, Entity::ExportDeclaration)
}
