//! The tables of a source with what their first rows hold.

use super::looks::Profile;
use super::names::{is_party, is_personal, words};
use crate::source::schema::Table;
use crate::source::{Error, Session};

/// Rows of each table that are looked at.
const SAMPLES_MAX: usize = 200;

/// A table with its samples.
#[derive(Debug)]
pub(super) struct Studied {
    pub(super) table: Table,
    /// The words of its name.
    pub(super) words: Vec<String>,
    pub(super) columns: Vec<Column>,
}

/// A column with its samples.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) type_name: String,
    /// The words of its name.
    pub(super) words: Vec<String>,
    pub(super) profile: Profile,
    /// All sample values, to compare keys.
    pub(super) samples: Vec<String>,
}

impl Studied {
    pub(super) fn name(&self) -> String {
        self.table.name.clone()
    }

    /// The place of a column.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Whether its rows are persons or firms.
    pub(super) fn is_party(&self) -> bool {
        is_party(&self.words)
    }

    /// Whether the values of a column may be of a person.
    pub(super) fn is_personal(&self, column: &Column) -> bool {
        let is_name = ["nom", "name", "denomination", "libelle"]
            .iter()
            .any(|word| column.words.iter().any(|known| known == word));
        is_personal(&column.words)
            || is_name && self.is_party()
            || matches!(
                column.profile.looks,
                super::looks::Looks::Phone | super::looks::Looks::Email
            )
    }
}

/// Reads every table that the account may read. The names of those that cannot be
/// read come apart: a broken or endless view says nothing of the other tables.
pub(super) async fn study(session: &mut Session) -> Result<(Vec<Studied>, Vec<String>), Error> {
    let tables = session.schema().await?;
    let (mut studied, mut unread) = (Vec::with_capacity(tables.len()), Vec::new());
    for table in tables {
        if table.columns.is_empty() {
            unread.push(table.name);
            continue;
        }
        let rows = match session.samples(&table, SAMPLES_MAX).await {
            Err(Error::Query { .. }) => {
                unread.push(table.name);
                continue;
            }
            rows => rows?,
        };
        let columns = table
            .columns
            .iter()
            .enumerate()
            .map(|(place, column)| {
                let values =
                    || rows.iter().map(move |row| row.get(place).and_then(Option::as_deref));
                Column {
                    name: column.name.clone(),
                    type_name: column.type_name.clone(),
                    words: words(&column.name),
                    profile: Profile::of(values()),
                    samples: values().flatten().map(str::to_owned).collect(),
                }
            })
            .collect();
        studied.push(Studied { words: words(&table.name), table, columns });
    }
    Ok((studied, unread))
}
