//! The lots that really stand in the line, step by step.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use rmd_proto::v1::Lot;
use rmd_reconcile::{
    Fact,
    region::{Covered, Region},
    view::{Input, Parent},
};
use rmd_standard::{code, effective::calendar_day};
use serde::Serialize;

use super::{Asked, Behind, Way};

/// What was asked about, and every lot before or after it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Lineage {
    /// Key of what was asked about.
    pub(crate) of: String,
    pub(crate) way: Way,
    /// Lots with which it begins: the lot itself, or those of the certificate.
    pub(crate) begins_with: Vec<Arc<str>>,
    #[serde(serialize_with = "list")]
    pub(crate) nodes: BTreeMap<Arc<str>, Node>,
    /// From lot to lot, as goods went.
    pub(crate) edges: Vec<Link>,
    /// Names that lead to no lot, or to none of several.
    pub(crate) unresolved: Vec<Unresolved>,
    /// Lots that feed each other, ring by ring.
    pub(crate) rings: Vec<Vec<Arc<str>>>,
    /// The worst status of a site behind all of it.
    pub(crate) worst: Option<Behind>,
    /// There are more lots than were read, or deeper ones than were asked for.
    pub(crate) is_cut: bool,
}

/// One lot.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Node {
    pub(crate) key: Arc<str>,
    pub(crate) country: String,
    pub(crate) lot_number: String,
    pub(crate) creator: String,
    pub(crate) mineral: String,
    /// The standard's words.
    pub(crate) operations: Vec<&'static str>,
    /// Day of registration.
    pub(crate) registered_on: Option<String>,
    pub(crate) mass_mg: i64,
    pub(crate) concentration_ppm: Option<u32>,
    /// Fewest steps from where it begins.
    pub(crate) depth: u32,
    /// It names itself: the goods changed hands on one row.
    pub(crate) names_itself: bool,
    pub(crate) is_in_ring: bool,
    /// Share that leads back to production lots, in parts per million.
    pub(crate) traced_ppm: i64,
    /// Share that leads to states whose lots are not there yet.
    pub(crate) open_ppm: i64,
    /// States of the production lots behind it.
    pub(crate) origins: Vec<String>,
    /// The site that it names, with its status on the day of the lot.
    pub(crate) site: Option<Behind>,
    /// The worst status among the sites behind it.
    pub(crate) worst: Option<Behind>,
    pub(crate) certificate: Option<String>,
}

/// How goods went from one lot to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Step {
    /// Into another lot.
    Input,
    /// Into other hands, under the same number.
    CustodyChange,
}

/// What went from a lot into another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Link {
    pub(crate) from: Arc<str>,
    pub(crate) to: Arc<str>,
    pub(crate) step: Step,
    pub(crate) contributed_mass_mg: Option<i64>,
    pub(crate) contributed_concentration_ppm: Option<u32>,
}

/// A name that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Unresolved {
    /// The lot or the certificate that names it.
    pub(crate) named_by: String,
    /// The name, as state and number.
    pub(crate) name: String,
    /// `unresolved`: there is none; `ambiguous`: there are several.
    pub(crate) why: &'static str,
}

fn list<S: serde::Serializer>(
    nodes: &BTreeMap<Arc<str>, Node>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(nodes.values())
}

/// Every input of every lot of the part, by the lot.
type Inputs = BTreeMap<Arc<str>, Vec<Input>>;

/// The lots that are reached, and what went between them.
pub(super) fn follow(
    region: &Region,
    inputs: &Inputs,
    covered: Covered,
    asked: &Asked<'_>,
) -> Lineage {
    let children = children(inputs);
    let depths = reached(&covered, inputs, &children, asked);
    let goes_on = |key| {
        let mut next = children.get(key).into_iter().flatten();
        asked.way == Way::Descendants && next.any(|child| !depths.contains_key(child))
    };
    let mut lineage = Lineage {
        of: asked.key.to_owned(),
        way: asked.way,
        begins_with: covered.lots.into_iter().collect(),
        nodes: BTreeMap::new(),
        edges: Vec::new(),
        unresolved: Vec::new(),
        rings: Vec::new(),
        worst: None,
        is_cut: depths.keys().any(goes_on),
    };
    lineage.unresolved.extend(covered.unresolved.into_iter().map(|missing| Unresolved {
        named_by: asked.key.to_owned(),
        name: missing.of.replacen("//", "/", 1),
        why: if missing.lack == rmd_reconcile::Lack::Ambiguous { AMBIGUOUS } else { UNKNOWN },
    }));
    for (key, depth) in &depths {
        let Some(lot) = region.lots.get(key) else { continue };
        lineage.nodes.insert(Arc::clone(key), node(lot, *depth));
        for input in inputs.get(key).into_iter().flatten() {
            lineage.take(lot, input, &depths);
        }
    }
    lineage
}

const UNKNOWN: &str = "unresolved";
const AMBIGUOUS: &str = "ambiguous";

impl Lineage {
    /// One input of a lot of the line. What is not in the line is not shown, so that
    /// what was asked for stays what is told.
    fn take(&mut self, lot: &Fact<Lot>, input: &Input, depths: &BTreeMap<Arc<str>, u32>) {
        let key = &lot.named.key;
        let why = match &input.parent {
            Parent::Known(parent) if depths.contains_key(&parent.named.key) => {
                self.edges.push(Link {
                    from: Arc::clone(&parent.named.key),
                    to: Arc::clone(key),
                    step: step(&lot.record),
                    contributed_mass_mg: input.stated.contributed_mass_mg,
                    contributed_concentration_ppm: input.stated.contributed_concentration_ppm,
                });
                return;
            }
            Parent::Known(_) => {
                self.is_cut |= self.way == Way::Ancestors;
                return;
            }
            Parent::Itself => {
                if let Some(node) = self.nodes.get_mut(key) {
                    node.names_itself = true;
                }
                return;
            }
            Parent::Unknown => UNKNOWN,
            Parent::Ambiguous => AMBIGUOUS,
        };
        let name = format!("{}/{}", input.country, input.stated.lot_number);
        self.unresolved.push(Unresolved { named_by: key.to_string(), name, why });
    }
}

/// Lots that an input of theirs leads to, turned round.
pub(super) fn children(inputs: &Inputs) -> BTreeMap<Arc<str>, Vec<Arc<str>>> {
    let mut children = BTreeMap::<Arc<str>, Vec<Arc<str>>>::new();
    for (child, inputs) in inputs {
        for parent in inputs.iter().filter_map(known) {
            children.entry(parent).or_default().push(Arc::clone(child));
        }
    }
    children
}

fn known(input: &Input) -> Option<Arc<str>> {
    match &input.parent {
        Parent::Known(parent) => Some(Arc::clone(&parent.named.key)),
        Parent::Itself | Parent::Unknown | Parent::Ambiguous => None,
    }
}

/// Lots with the fewest steps to them.
fn reached(
    covered: &Covered,
    inputs: &Inputs,
    children: &BTreeMap<Arc<str>, Vec<Arc<str>>>,
    asked: &Asked<'_>,
) -> BTreeMap<Arc<str>, u32> {
    let mut depths: BTreeMap<Arc<str>, u32> =
        covered.lots.iter().map(|key| (Arc::clone(key), 0)).collect();
    let mut waiting: VecDeque<(Arc<str>, u32)> =
        covered.lots.iter().map(|key| (Arc::clone(key), 0)).collect();
    while let Some((key, depth)) = waiting.pop_front() {
        if asked.depth.is_some_and(|most| depth >= most) {
            continue;
        }
        let next: Vec<Arc<str>> = match asked.way {
            Way::Ancestors => inputs.get(&key).into_iter().flatten().filter_map(known).collect(),
            Way::Descendants => children.get(&key).cloned().unwrap_or_default(),
        };
        for other in next {
            if !depths.contains_key(&other) {
                depths.insert(Arc::clone(&other), depth + 1);
                waiting.push_back((other, depth + 1));
            }
        }
    }
    depths
}

/// The same number, one input, and nothing done to it: only other hands.
fn step(lot: &Lot) -> Step {
    use rmd_proto::v1::OriginatingOperation::{Combination, Processing, Production};
    let is_made = [Production, Combination, Processing]
        .iter()
        .any(|one| lot.originating_operation.contains(&(*one).into()));
    match &lot.input_lot[..] {
        [only] if !is_made && only.lot_number == lot.lot_number => Step::CustodyChange,
        _ => Step::Input,
    }
}

fn node(lot: &Fact<Lot>, depth: u32) -> Node {
    let record = &lot.record;
    let operations = record.originating_operation.iter();
    let registered = jiff::Timestamp::from_microsecond(record.registered_at_us).ok();
    let registered = registered.filter(|_| record.registered_at_us > 0).map(calendar_day);
    let certificate = &record.export_certificate_id;
    Node {
        key: Arc::clone(&lot.named.key),
        country: lot.country().to_owned(),
        lot_number: record.lot_number.clone(),
        creator: record.creator.as_ref().map_or_else(String::new, |one| one.identifier.clone()),
        mineral: record.mineral.clone(),
        operations: operations
            .filter_map(|one| code::ORIGINATING_OPERATION.word_of(*one))
            .collect(),
        registered_on: registered.map(|day| day.to_string()),
        mass_mg: record.mass_mg,
        concentration_ppm: record.concentration_ppm,
        depth,
        names_itself: false,
        is_in_ring: false,
        traced_ppm: 0,
        open_ppm: 0,
        origins: Vec::new(),
        site: None,
        worst: None,
        certificate: (!certificate.is_empty()).then(|| certificate.clone()),
    }
}
