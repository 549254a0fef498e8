//! Rings of lots, and what each lot inherits, parents first.

use std::{collections::BTreeMap, sync::Arc};

use petgraph::{algo::tarjan_scc, graph::DiGraph};

use crate::{
    Context,
    rules::is_barred,
    view::{Custody, Inherited, LotView, Parent},
};

/// Views of lots by key.
pub(super) type Views = BTreeMap<Arc<str>, LotView>;

/// Marks the lots that are among their own ancestors.
pub(super) fn mark_rings(views: &mut Views) {
    let rings: Vec<Arc<str>> =
        groups(views).into_iter().filter(|one| one.len() > 1).flatten().collect();
    for key in rings {
        if let Some(view) = views.get_mut(&key) {
            view.is_in_cycle = true;
        }
    }
}

/// What each lot inherits.
pub(super) fn of(views: &Views, context: &Context) -> BTreeMap<Arc<str>, Custody> {
    let mut custody = BTreeMap::<Arc<str>, Custody>::new();
    for key in groups(views).into_iter().flatten() {
        let view = &views[&key];
        let parents: Vec<Inherited<'_>> = view
            .inputs
            .iter()
            .map(|input| match &input.parent {
                Parent::Known(parent) => {
                    custody.get(&parent.named.key).map_or(Inherited::Nothing, Inherited::From)
                }
                Parent::Unknown
                    if !context.coverage.is_live(&input.country, rmd_standard::Entity::Lot) =>
                {
                    Inherited::Open
                }
                Parent::Unknown | Parent::Itself | Parent::Ambiguous => Inherited::Nothing,
            })
            .collect();
        let inherited = Custody::of(view, is_barred(view, context), &parents);
        custody.insert(key, inherited);
    }
    custody
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
    // Edges lead to the parents, so that they are found first.
    let groups = tarjan_scc(&graph);
    groups
        .into_iter()
        .map(|group| group.into_iter().map(|at| graph[at].clone()).collect())
        .collect()
}
