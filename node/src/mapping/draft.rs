//! A first mapping out of the schema of an unknown database.
//!
//! Owns the guesses and the text. A guess is made of the names of tables and
//! columns and of what the first rows hold; one that is not certain is a comment
//! with its reason. Values that may be of a person are masked. Invariant: the
//! text parses, and its queries run on the source that it was drafted from.

mod choose;
mod codes;
mod fields;
mod lexicon;
mod looks;
mod names;
mod study;
#[cfg(test)]
mod tests;
mod write;

use rmd_standard::Entity;

use crate::source::{self, Source};

/// Why no mapping can be drafted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DraftError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// There is nothing to be mapped.
    #[error(
        "the account sees no table; grant it SELECT on the tables of the mapping / le compte ne voit aucune table ; accordez-lui SELECT sur les tables de la correspondance"
    )]
    NoTable,
}

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    /// The state, ISO 3166-1 alpha-2.
    pub(crate) country: &'a str,
    /// The same in three letters, for the name of the mapping.
    pub(crate) alpha3: &'a str,
    /// Record types; empty = whatever is there.
    pub(crate) entities: &'a [Entity],
}

/// A drafted mapping.
#[derive(Debug)]
pub(crate) struct Draft {
    /// The file.
    pub(crate) text: String,
    /// Record types with the table that each was guessed to be in.
    pub(crate) records: Vec<(Entity, String)>,
    /// Tables that no record type uses.
    pub(crate) unused: Vec<String>,
}

/// Reads the schema and samples, and writes a mapping.
pub(crate) async fn draft(source: &Source, wanted: &Wanted<'_>) -> Result<Draft, DraftError> {
    let mut session = source.connect().await?;
    let (tables, unread) = study::study(&mut session).await?;
    if tables.is_empty() {
        return Err(DraftError::NoTable);
    }
    let all = Entity::ALL.to_vec();
    let entities = if wanted.entities.is_empty() { &all } else { wanted.entities };
    let mut records = choose::records(&tables, entities);
    for record in &mut records {
        fields::fill(record, &tables);
    }
    let codes = codes::lists(&mut session, &tables, &records).await?;
    let server = session.server().clone();
    session.close().await;
    let text = write::mapping(&tables, &unread, &records, &codes, wanted, &server);
    Ok(Draft {
        text,
        records: records.iter().map(|of| (of.entity, tables[of.table].name())).collect(),
        unused: unused(&tables, &records),
    })
}

fn unused(tables: &[study::Studied], records: &[choose::Record]) -> Vec<String> {
    let uses = |place: usize| records.iter().any(|record| record.tables().contains(&place));
    let unused = tables.iter().enumerate().filter(|(place, _)| !uses(*place));
    unused.map(|(_, table)| table.name()).collect()
}
