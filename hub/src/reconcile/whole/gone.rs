//! Subjects that are no longer there, of which findings are still open.
//!
//! Everything that is there was judged before: of the rest, findings close.

use std::collections::{BTreeMap, BTreeSet};

use rmd_reconcile::{Subject, SubjectKind};
use rmd_standard::Entity;

use crate::reconcile::{Reader, finding, kept, lots, told};
use crate::store;

/// Open findings that are looked at together.
const FINDINGS: i64 = 4_000;

/// The subjects of the next open findings whose record, or tag, is gone; none after the
/// last finding.
pub(super) async fn next(
    reader: &mut Reader,
    last: &mut String,
) -> Result<Option<Vec<Subject>>, store::Error> {
    let open = finding::open_after(&mut reader.own, last, FINDINGS).await?;
    let Some((end, _)) = open.last() else { return Ok(None) };
    last.clone_from(end);
    let mut of_kind = BTreeMap::<SubjectKind, BTreeSet<String>>::new();
    for (_, subject) in open {
        of_kind.entry(subject.kind).or_default().insert(subject.key);
    }
    let mut gone = Vec::new();
    for (kind, mut keys) in of_kind {
        for there in there(reader, kind, &keys).await? {
            keys.remove(&there);
        }
        gone.extend(keys.into_iter().map(|key| Subject::new(kind, key)));
    }
    Ok(Some(gone))
}

/// Which of these subjects of one kind are there. What is about states always is: it was
/// judged as a whole.
async fn there(
    reader: &mut Reader,
    kind: SubjectKind,
    keys: &BTreeSet<String>,
) -> Result<BTreeSet<String>, store::Error> {
    if kind == SubjectKind::Tag {
        let identifiers = keys.iter().filter_map(|key| Some(key.split_once('/')?.1)).collect();
        let tags = lots::standing_tags(&mut reader.records, &identifiers).await?;
        return Ok(tags.iter().map(|tag| told::tag(tag).key).collect());
    }
    let Some(entity) = entity(kind) else { return Ok(keys.clone()) };
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let records = kept::records(&mut reader.own, entity, &keys).await?;
    Ok(records.into_keys().collect())
}

/// The type of the records that these subjects are.
const fn entity(kind: SubjectKind) -> Option<Entity> {
    match kind {
        SubjectKind::Lot => Some(Entity::Lot),
        SubjectKind::Certificate => Some(Entity::ExportCertificate),
        SubjectKind::Export => Some(Entity::ExportDeclaration),
        SubjectKind::Import => Some(Entity::ImportDeclaration),
        SubjectKind::MineSite => Some(Entity::MineSite),
        SubjectKind::SiteMonth => Some(Entity::ProductionDeclaration),
        SubjectKind::Tag
        | SubjectKind::Balance
        | SubjectKind::Mirror
        | SubjectKind::Period
        | SubjectKind::Feed
        | SubjectKind::Exporter => None,
    }
}
