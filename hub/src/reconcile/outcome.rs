//! What a step came to, ready to be written.

use rmd_reconcile::{Subject, SubjectKind};

use super::{
    Error, Reader,
    finding::{self, Changes, Finding, Occasion},
    kept::Notes,
    told::{self, STATES, Told},
};
use crate::store::Transaction;

/// Changes of findings, and of what is kept beside them.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) changes: Changes,
    pub(super) notes: Notes,
    /// Subjects that were judged.
    pub(super) subjects: u64,
}

/// Of which subjects findings are kept from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Of none.
    Nothing,
    /// Of those that were told.
    Told,
    /// Of those, and what is about states was judged as a whole.
    States,
}

impl Outcome {
    /// Notes alone.
    pub(super) fn of_notes(notes: Notes) -> Self {
        Self { notes, ..Self::default() }
    }

    /// What follows for the findings that are kept of the subjects that were told.
    pub(super) async fn of(
        reader: &mut Reader,
        (told, mut notes): (Told, Notes),
        before: Before,
        occasion: Occasion,
    ) -> Result<Self, Error> {
        let kept = match before {
            Before::Nothing => Vec::new(),
            Before::Told => kept(reader, &told).await?,
            Before::States => {
                let mut kept = kept(reader, &told).await?;
                kept.retain(|one| !STATES.iter().any(|kind| kind.as_str() == one.subject_kind));
                for kind in STATES {
                    kept.extend(finding::of_kind(&mut reader.own, kind).await?);
                }
                notes.kinds = STATES.to_vec();
                kept
            }
        };
        let changes = Changes::between(kept, told.findings(), occasion);
        let subjects = told.said.len() as u64;
        notes.subjects = told.said;
        Ok(Self { changes, notes, subjects })
    }

    /// Writes it, within the turn.
    pub(super) async fn write(
        &self,
        transaction: &mut Transaction,
        occasion: Occasion,
        is_new: bool,
    ) -> Result<(), Error> {
        self.changes.write(transaction, occasion).await?;
        Ok(self.notes.write(transaction, is_new).await?)
    }
}

/// Findings that are kept of subjects that were told.
async fn kept(reader: &mut Reader, told: &Told) -> Result<Vec<Finding>, Error> {
    let keys: Vec<&str> = told::keys(&told.said).into_iter().collect();
    let mut kept = finding::of_subjects(&mut reader.own, &keys).await?;
    kept.retain(|one| {
        let kind = SubjectKind::of(&one.subject_kind);
        let subject = kind.map(|kind| Subject::new(kind, one.subject_key.as_str()));
        subject.is_some_and(|subject| told.said.contains_key(&subject))
    });
    Ok(kept)
}
