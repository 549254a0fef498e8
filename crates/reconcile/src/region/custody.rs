//! Rings of lots, and what each lot inherits, parents first.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use petgraph::{algo::kosaraju_scc, graph::DiGraph};
use rmd_standard::Entity;

use crate::{
    Context,
    part::Known,
    rules::is_barred,
    view::{Custody, Inherited, LotView, Parent},
};

/// Views of lots by key.
pub(super) type Views = BTreeMap<Arc<str>, LotView>;

/// What lots inherit, and what was seen on the way.
#[derive(Default)]
pub(super) struct Inheritance {
    pub(super) custody: BTreeMap<Arc<str>, Custody>,
    pub(super) rings: Vec<BTreeSet<Arc<str>>>,
    /// Lots before which something is not known.
    pub(super) waiting: BTreeSet<Arc<str>>,
}

/// Marks the lots that are among their own ancestors, and tells what each inherits.
pub(super) fn inherit(views: &mut Views, known: &Known, context: &Context) -> Inheritance {
    let groups = groups(views);
    let mut found = Inheritance::default();
    for group in groups {
        let ring: BTreeSet<Arc<str>> = match &group[..] {
            [_] => BTreeSet::new(),
            lots => lots.iter().cloned().collect(),
        };
        for key in &ring {
            if let Some(view) = views.get_mut(key) {
                view.is_in_cycle = true;
            }
        }
        let rank = rank_of(&ring, views, &found.custody, known);
        for key in group {
            let custody = rank.and_then(|rank| {
                let own = of(&key, views, &found.custody, known, context)?;
                Some(Custody { rank: own.rank.max(rank), ..own })
            });
            match custody {
                Some(custody) => drop(found.custody.insert(key, custody)),
                None => drop(found.waiting.insert(key)),
            }
        }
        if !ring.is_empty() {
            found.rings.push(ring);
        }
    }
    found.rings.sort();
    found
}

/// What a lot before others inherits, if that is known.
fn told<'a>(
    key: &Arc<str>,
    views: &Views,
    custody: &'a BTreeMap<Arc<str>, Custody>,
    known: &'a Known,
) -> Option<&'a Custody> {
    if views.contains_key(key) { custody.get(key) } else { known.custody.get(key) }
}

/// The rank of all lots of a ring, over every lot before it: so that one that joins a ring,
/// or is joined by it, is followed like any other; none if a lot before it is not known.
fn rank_of(
    ring: &BTreeSet<Arc<str>>,
    views: &Views,
    custody: &BTreeMap<Arc<str>, Custody>,
    known: &Known,
) -> Option<u32> {
    let parents = ring.iter().filter_map(|key| views.get(key)).flat_map(LotView::parents);
    let before = parents.map(|parent| &parent.named.key).filter(|key| !ring.contains(*key));
    let mut ranks =
        before.map(|key| Some(told(key, views, custody, known)?.rank.saturating_add(1)));
    ranks.try_fold(0, |most, rank| Some(rank?.max(most)))
}

/// What a lot inherits; none if what is before it is not known.
fn of(
    key: &str,
    views: &Views,
    custody: &BTreeMap<Arc<str>, Custody>,
    known: &Known,
    context: &Context,
) -> Option<Custody> {
    let view = views.get(key)?;
    let inputs = if view.is_in_cycle { &[] } else { &view.inputs[..] };
    let parents = inputs.iter().map(|input| match &input.parent {
        Parent::Known(parent) => {
            told(&parent.named.key, views, custody, known).map(Inherited::From)
        }
        Parent::Unknown if !context.coverage.is_live(&input.country, Entity::Lot) => {
            Some(Inherited::Open)
        }
        Parent::Unknown | Parent::Itself | Parent::Ambiguous => Some(Inherited::Nothing),
    });
    let parents: Vec<Inherited<'_>> = parents.collect::<Option<_>>()?;
    Some(Custody::of(view, is_barred(view, context), &parents))
}

/// Lots in groups that reach each other, parents before children.
fn groups(views: &Views) -> Vec<Vec<Arc<str>>> {
    let mut graph = DiGraph::<Arc<str>, ()>::new();
    let nodes: BTreeMap<&Arc<str>, _> =
        views.keys().map(|key| (key, graph.add_node(Arc::clone(key)))).collect();
    for (key, view) in views {
        for parent in view.parents().filter_map(|parent| nodes.get(&parent.named.key)) {
            graph.add_edge(nodes[key], *parent, ());
        }
    }
    // Edges lead to the parents, so that they are found first. No recursion: a chain may
    // be as long as it likes.
    let groups = kosaraju_scc(&graph);
    groups
        .into_iter()
        .map(|group| group.into_iter().map(|at| graph[at].clone()).collect())
        .collect()
}
