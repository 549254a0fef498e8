//! What partners outside the region say that they imported.
//!
//! Owns the table `partner_statistic`. Reads a file in the column layout of UN Comtrade
//! that its user downloaded; none comes with this program. Takes the yearly totals of
//! imports of designated minerals from members, by partners that are none. Refuses, by
//! row, what says no mass or says it twice.
//!
//! Invariant: a file is taken as a whole or not at all, and the same file twice changes
//! nothing.

mod layout;
mod row;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use rmd_runtime::exit;
use rmd_sheet::{Grid, Row};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, FromRow};

use self::{
    layout::Layout,
    row::{Key, Read},
};
use crate::store::{self, expect_rows};

/// Refused rows that are named; of more, the count.
const NAMED_MAX: usize = 100;

/// Why a file was not loaded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It cannot be read.
    #[error(transparent)]
    Sheet(#[from] rmd_sheet::Error),
    /// It is not there, or not to be read.
    #[error("{} cannot be read\n{} est illisible", path.display(), path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A column is missing.
    #[error(
        "the file has no column {0}: download it from UN Comtrade with all columns, as CSV\n\
         le fichier n'a pas de colonne {0} : téléchargez-le depuis UN Comtrade avec toutes les \
         colonnes, en CSV"
    )]
    Column(&'static str),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// The exit code of a command that met it; none if the cause decides.
    pub(crate) const fn exit_code(&self) -> Option<u8> {
        match self {
            Self::Sheet(_) | Self::File { .. } | Self::Column(_) => Some(exit::DATA),
            Self::Store(_) => None,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Refused {
    /// Its number in the file.
    pub(crate) row: u32,
    /// The column.
    pub(crate) field: &'static str,
    /// What stands there.
    pub(crate) value: String,
    /// Why, and what to do.
    pub(crate) en: &'static str,
    /// The same in French.
    pub(crate) fr: &'static str,
}

/// What a file held.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Loaded {
    /// Name of the file.
    pub(crate) file: String,
    /// Its SHA-256, lower-case hexadecimal.
    pub(crate) sha256: String,
    /// Totals that were taken.
    pub(crate) taken: u64,
    /// Rows about something else: exports, parts of a total, other goods or countries.
    pub(crate) passed_over: u64,
    /// Rows that were refused.
    pub(crate) refused: u64,
    /// The first of them.
    pub(crate) findings: Vec<Refused>,
}

/// One total as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Statistic {
    /// The member, alpha-2.
    pub(crate) country: String,
    /// The partner, alpha-2.
    pub(crate) partner: String,
    /// HS6.
    pub(crate) mineral: String,
    /// The year.
    pub(crate) year: i64,
    /// Milligrams.
    pub(crate) mass_mg: i64,
    /// The file that says it.
    pub(crate) source_file: String,
    /// Its SHA-256.
    pub(crate) source_sha256: String,
}

/// Reads a file and keeps its totals, in place of those of the same year.
pub(crate) async fn load(
    connection: &mut AnyConnection,
    path: &Path,
    now: Timestamp,
) -> Result<Loaded, Error> {
    let (mut loaded, totals) = read(path)?;
    for (key, mass_mg) in &totals {
        keep(connection, key, *mass_mg, &loaded, now).await?;
    }
    loaded.taken = totals.len() as u64;
    Ok(loaded)
}

/// Every total.
pub(crate) async fn list(connection: &mut AnyConnection) -> Result<Vec<Statistic>, Error> {
    Ok(sqlx::query_as(
        "SELECT country, partner, mineral, year, mass_mg, source_file, source_sha256
         FROM partner_statistic
         ORDER BY country, partner, mineral, year",
    )
    .fetch_all(connection)
    .await?)
}

fn read(path: &Path) -> Result<(Loaded, BTreeMap<Key, i64>), Error> {
    let of = |source| Error::File { path: path.to_owned(), source };
    let mut hasher = Sha256::new();
    std::fs::File::open(path)
        .and_then(|mut file| std::io::copy(&mut file, &mut hasher))
        .map_err(of)?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut loaded = Loaded { file, sha256: hex::encode(hasher.finalize()), ..Loaded::default() };
    let mut grid = Grid::open(path)?;
    grid.separate_by(b',');
    let sheet = grid.sheets().into_iter().next().unwrap_or_default();
    let mut rows = grid.rows(&sheet)?;
    let (mut row, mut totals) = (Row::default(), BTreeMap::new());
    if !rows.next(&mut row)? {
        return Err(Error::Sheet(rmd_sheet::Error::Format { found: "empty · vide".to_owned() }));
    }
    let layout = Layout::of(&row)?;
    while rows.next(&mut row)? {
        let refused = match layout.read(&row) {
            Read::Other => {
                loaded.passed_over += 1;
                continue;
            }
            Read::Total(key, mass_mg) => match totals.insert(key.clone(), mass_mg) {
                None => continue,
                Some(before) => {
                    totals.insert(key, before);
                    row::doubled(row.number, mass_mg)
                }
            },
            Read::Refused(refused) => refused,
        };
        loaded.refused += 1;
        if loaded.findings.len() < NAMED_MAX {
            loaded.findings.push(refused);
        }
    }
    Ok((loaded, totals))
}

async fn keep(
    connection: &mut AnyConnection,
    key: &Key,
    mass_mg: i64,
    loaded: &Loaded,
    now: Timestamp,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO partner_statistic
             (country, partner, mineral, year, mass_mg, source_file, source_sha256, loaded_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (country, partner, mineral, year) DO UPDATE SET
             mass_mg = excluded.mass_mg,
             source_file = excluded.source_file,
             source_sha256 = excluded.source_sha256,
             loaded_at_us = excluded.loaded_at_us",
    )
    .bind(&key.country)
    .bind(&key.partner)
    .bind(&key.mineral)
    .bind(key.year)
    .bind(mass_mg)
    .bind(&loaded.file)
    .bind(&loaded.sha256)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("partner_statistic", 1, affected)?)
}
