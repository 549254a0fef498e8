//! Two sides hold what they were shown against each other, without a network.
//!
//! A side is an auditor's folder or a file of signed notes, as `rmd-node receipts
//! export` writes them. Two auditors compare the hub's own feed leaf by leaf, at any
//! size, and every checkpoint of a node that both saw; a file has checkpoints alone.
//! Nothing is believed that is not signed, and two sizes of a node's feed of which
//! only one side saw each cannot be compared here: that takes a proof of the hub.

use std::{collections::BTreeMap, path::Path};

use rmd_feed::{Checkpoint, FeedVerifier, Origin, notes};
use rmd_runtime::SharedClock;
use serde::Serialize;

use super::{
    Error, STORE, check,
    finding::Finding,
    store::{Enrolment, FEED, Store},
};

/// What was found between two sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Compared {
    /// Epochs of the hub's feed that both followed, and to which size they agree.
    pub(crate) hub: Vec<Agreed>,
    /// Checkpoints of nodes that both saw.
    pub(crate) checkpoints: usize,
    /// Notes of which no signature could be checked: their origin is unknown here.
    pub(crate) unknown: usize,
    pub(crate) sound: bool,
    pub(crate) contradictions: Vec<Contradiction>,
}

/// An epoch of the hub's feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Agreed {
    pub(crate) epoch: u32,
    /// Entries that both have.
    pub(crate) common: u64,
    /// The first entry that differs; none if all agree.
    pub(crate) first_differing_seq: Option<u64>,
}

/// Two things that cannot both be true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Contradiction {
    pub(crate) what: &'static str,
    pub(crate) origin: String,
    pub(crate) en: String,
    pub(crate) fr: String,
    /// A statement that others can check; empty where there is none.
    pub(crate) evidence: String,
}

impl From<Finding> for Contradiction {
    fn from(finding: Finding) -> Self {
        let Finding { what, origin, en, fr, evidence, .. } = finding;
        Self { what, origin, en, fr, evidence }
    }
}

/// One side.
#[derive(Debug, Default)]
struct Side {
    enrolment: Option<Enrolment>,
    /// The hub's feed by epoch: its leaves and its last checkpoint.
    hub: BTreeMap<u32, (Vec<[u8; 32]>, String)>,
    keys: BTreeMap<String, String>,
    /// Notes by origin and size.
    notes: BTreeMap<(String, u64), Vec<(Checkpoint, String)>>,
}

impl Side {
    async fn read(path: &Path, clock: &SharedClock) -> Result<Self, Error> {
        if path.join(STORE).is_file() {
            return Self::of_auditor(path, clock).await;
        }
        let text = std::fs::read_to_string(path).map_err(|_| Error::NoSide(path.to_owned()))?;
        let mut side = Self::default();
        for note in notes(&text) {
            let (origin, checkpoint) =
                Checkpoint::claimed(&note).ok_or_else(|| Error::NoSide(path.to_owned()))?;
            side.add(origin.as_str(), checkpoint, note);
        }
        if side.notes.is_empty() {
            return Err(Error::NoSide(path.to_owned()));
        }
        Ok(side)
    }

    async fn of_auditor(path: &Path, clock: &SharedClock) -> Result<Self, Error> {
        let store = Store::open(path, clock.clone(), false).await?;
        let enrolment = store.enrolment().await?;
        let mut side =
            Self { enrolment, keys: store.keys().await?.into_iter().collect(), ..Self::default() };
        for followed in store.followed().await? {
            let leaves = store.leaves(followed.epoch).await?.into_iter().map(|(leaf, _)| {
                leaf.try_into().map_err(|_| Error::Inconsistent("a leaf has not 32 bytes"))
            });
            let leaves = leaves.collect::<Result<Vec<[u8; 32]>, Error>>()?;
            side.hub.insert(followed.epoch, (leaves, followed.checkpoint));
        }
        for seen in store.seen().await? {
            let claimed = Checkpoint::claimed(&seen.note);
            let (_, checkpoint) = claimed.ok_or(Error::Inconsistent("a note is none"))?;
            side.add(&seen.origin, checkpoint, seen.note);
        }
        Ok(side)
    }

    fn add(&mut self, origin: &str, checkpoint: Checkpoint, note: String) {
        let key = (origin.to_owned(), checkpoint.size);
        self.notes.entry(key).or_default().push((checkpoint, note));
    }
}

/// Compares two sides; each is an auditor's folder or a file of notes. Keys of nodes
/// come from the auditors, or from `keys`.
pub(crate) async fn compare(
    one: &Path,
    other: &Path,
    keys: &[FeedVerifier],
    clock: &SharedClock,
) -> Result<Compared, Error> {
    let (one, other) = (Side::read(one, clock).await?, Side::read(other, clock).await?);
    let mut compared = Compared {
        hub: Vec::new(),
        checkpoints: 0,
        unknown: 0,
        sound: true,
        contradictions: Vec::new(),
    };
    if let (Some(a), Some(b)) = (&one.enrolment, &other.enrolment) {
        if a.hub_feed_vkey == b.hub_feed_vkey {
            compare_hub(&one, &other, a, &mut compared)?;
        } else {
            let (en, fr) = (
                format!("the hub gave two keys: {} and {}", a.hub_feed_vkey, b.hub_feed_vkey),
                format!("le pivot a donné deux clés : {} et {}", a.hub_feed_vkey, b.hub_feed_vkey),
            );
            let told = Finding::told("two-keys", true, &a.hub_identity, (en, fr));
            compared.contradictions.push(told.into());
        }
    }
    compare_keys(&one, &other, &mut compared);
    compare_notes(&one, &other, keys, &mut compared);
    compared.sound = compared.contradictions.is_empty();
    Ok(compared)
}

/// The hub's own feed, leaf by leaf.
fn compare_hub(
    one: &Side,
    other: &Side,
    enrolment: &Enrolment,
    compared: &mut Compared,
) -> Result<(), Error> {
    let key = FeedVerifier::parse(&enrolment.hub_feed_vkey)?;
    for (epoch, (leaves, note)) in &one.hub {
        let Some((others, other_note)) = other.hub.get(epoch) else { continue };
        let common = leaves.len().min(others.len()) as u64;
        let differing = leaves.iter().zip(others).position(|(a, b)| a != b);
        let first_differing_seq = differing.map(|at| at as u64 + 1);
        compared.hub.push(Agreed { epoch: *epoch, common, first_differing_seq });
        let Some(seq) = first_differing_seq else { continue };
        let origin = Origin::new(key.name(), FEED, *epoch);
        let larger = if leaves.len() > others.len() { leaves } else { others };
        let extension = if leaves.len() == others.len() {
            None
        } else {
            Some(check::extension(larger, larger.len() as u64, common)?)
        };
        let pair = (note.as_str(), other_note.as_str());
        let proven = Finding::proven("split-view", origin.as_str(), &key, pair, extension);
        let finding = proven.unwrap_or_else(|| {
            let en = format!("entry {seq} of {origin} differs, and the signed checkpoints do not say so: a folder was changed");
            let fr = format!("l'écriture {seq} de {origin} diffère sans que les points de contrôle signés le disent : un répertoire a été modifié");
            Finding::told("split-view", true, origin.as_str(), (en, fr))
        });
        compared.contradictions.push(finding.into());
    }
    Ok(())
}

/// The keys that each was told for the same feed.
fn compare_keys(one: &Side, other: &Side, compared: &mut Compared) {
    for (origin, vkey) in &one.keys {
        let Some(told) = other.keys.get(origin).filter(|told| *told != vkey) else { continue };
        let en = format!("two keys are named for {origin}: {vkey} and {told}");
        let fr = format!("deux clés sont nommées pour {origin} : {vkey} et {told}");
        compared.contradictions.push(Finding::told("two-keys", true, origin, (en, fr)).into());
    }
}

/// Every checkpoint of a node of which both have the size.
fn compare_notes(one: &Side, other: &Side, keys: &[FeedVerifier], compared: &mut Compared) {
    for ((origin, size), notes) in &one.notes {
        let Some(others) = other.notes.get(&(origin.clone(), *size)) else { continue };
        let told = one.keys.get(origin).or_else(|| other.keys.get(origin));
        let told = told.and_then(|vkey| FeedVerifier::parse(vkey).ok());
        let named = || {
            let of_owner = |key: &&FeedVerifier| {
                origin.strip_prefix(key.name()).is_some_and(|rest| rest.starts_with('/'))
            };
            keys.iter().find(of_owner).cloned()
        };
        let Some(key) = told.or_else(named) else {
            compared.unknown += 1;
            continue;
        };
        compared.checkpoints += 1;
        for (checkpoint, note) in notes {
            let differing = others.iter().filter(|(other, _)| other.root != checkpoint.root);
            for (_, other) in differing {
                compared.contradictions.push(two_roots(origin, *size, &key, (note, other)));
            }
        }
    }
}

fn two_roots(
    origin: &str,
    size: u64,
    key: &FeedVerifier,
    pair: (&String, &String),
) -> Contradiction {
    let proven = Finding::proven("split-view", origin, key, (pair.0, pair.1), None);
    let finding = proven.unwrap_or_else(|| {
        let en = format!("two checkpoints of {origin} at size {size} differ, and one is not signed by its key: it was forged");
        let fr = format!("deux points de contrôle de {origin} à la taille {size} diffèrent, et l'un n'est pas signé par sa clé : il est forgé");
        Finding::told("forged", true, origin, (en, fr))
    });
    finding.into()
}
