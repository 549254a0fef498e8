//! What came out in another way, and whether it was reached.

use std::{collections::BTreeSet, sync::Arc};

use rmd_proto::v1::TagScheme;

use super::affected::names_input;
use crate::{
    Subject, SubjectKind,
    part::{Judgement, Wanted},
    region::Region,
    view::TagView,
};

/// Subjects that came out in another way, or are due on another day.
pub(super) fn changed(old: &Judgement, new: &Judgement) -> BTreeSet<Subject> {
    let told = |judgement: &Judgement, subject: &Subject| {
        let of = judgement.judged.iter().filter(|one| one.subject == *subject);
        (of.cloned().collect::<Vec<_>>(), judgement.due.get(subject).copied())
    };
    let judged = old.judged.iter().chain(&new.judged).map(|one| &one.subject);
    let due = old.due.keys().chain(new.due.keys());
    let all: BTreeSet<&Subject> = judged.chain(due).collect();
    let differs = |one: &&&Subject| told(old, one) != told(new, one);
    all.iter().filter(differs).map(|one| (*one).clone()).collect()
}

/// Lots that inherit another thing than before.
pub(super) fn inherited(old: &Judgement, new: &Judgement) -> BTreeSet<Arc<str>> {
    let keys = old.custody.keys().chain(new.custody.keys());
    keys.filter(|key| old.custody.get(*key) != new.custody.get(*key)).cloned().collect()
}

/// State and number of lots by their keys.
fn numbers(region: &Region, lots: &BTreeSet<Arc<str>>) -> BTreeSet<(String, String)> {
    let lots = lots.iter().filter_map(|key| region.lots.get(key));
    lots.map(|lot| (lot.country().to_owned(), lot.record.lot_number.clone())).collect()
}

/// Whether what a lot inherits changed for a reason that is followed: a name, or a lot
/// before it.
pub(super) fn is_followed(
    lot: &Arc<str>,
    region: &Region,
    wanted: &Wanted,
    inherited: &BTreeSet<Arc<str>>,
) -> bool {
    let inputs = &region.lots[lot];
    wanted.lots.contains(lot)
        || numbers(region, inherited)
            .iter()
            .any(|(country, number)| names_input(inputs, country, number))
}

/// Whether a subject is judged again: by a name, or because of what its lots inherit.
pub(super) fn is_among(
    wanted: &Wanted,
    region: &Region,
    subject: &Subject,
    inherited: &BTreeSet<Arc<str>>,
) -> bool {
    let key = &*subject.key;
    match subject.kind {
        SubjectKind::Lot => wanted.lots.contains(key) || inherited.contains(key),
        SubjectKind::Tag => wanted.tags.iter().any(|(scheme, identifier)| {
            let scheme = TagScheme::try_from(*scheme).unwrap();
            let (identifier, lots) = (identifier.clone(), Vec::new());
            TagView { scheme, identifier, lots }.key() == key
        }),
        SubjectKind::Certificate => {
            let Some(paper) = region.certificates.get(key) else { return false };
            let numbers = numbers(region, inherited);
            let mut lots = paper.record.lot_number.iter();
            let mut naming = inherited.iter().filter_map(|key| region.lots.get(key));
            wanted.certificates.contains(key)
                || lots.any(|one| numbers.contains(&(paper.country().to_owned(), one.clone())))
                || naming.any(|lot| {
                    lot.record.export_certificate_id == paper.record.identifier
                        && lot.country() == paper.country()
                })
        }
        SubjectKind::Export => wanted.exports.contains(key),
        SubjectKind::Import => wanted.imports.contains(key),
        SubjectKind::MineSite => wanted.sites.contains(key),
        SubjectKind::SiteMonth => wanted.productions.contains(key),
        SubjectKind::Balance => {
            wanted.balances.iter().any(|(country, mineral)| format!("{country}/{mineral}") == key)
        }
        SubjectKind::Mirror => wanted
            .mirrors
            .iter()
            .any(|(one, other, mineral, year)| format!("{one}/{other}/{mineral}/{year}") == key),
        // They are judged every day.
        SubjectKind::Period | SubjectKind::Feed | SubjectKind::Exporter => true,
    }
}
