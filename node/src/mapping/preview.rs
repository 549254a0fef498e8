//! What the rows of given keys would become, for a person to look at.
//!
//! Reads and normalises, and writes nothing anywhere.

use std::collections::HashSet;

use rmd_standard::{Context, Entity};

use super::check::CheckError;
use super::normalise::{Normaliser, Output};
use super::plan::Plan;
use super::{KEYS_MAX, Mapping};
use crate::source::Source;

/// What a preview shows.
#[derive(Debug)]
pub(crate) struct Preview {
    /// One per row that the source has.
    pub(crate) outputs: Vec<Output>,
    /// Keys that were asked for and that the source does not have.
    pub(crate) missing: Vec<String>,
}

/// Reads the rows of these source keys, or the first `limit` rows when no key is
/// given, and maps them.
///
/// At most [`KEYS_MAX`] rows; the rest of a longer list of keys is ignored.
pub(crate) async fn preview(
    source: &Source,
    mapping: &Mapping,
    context: &Context,
    entity: Entity,
    keys: &[String],
    limit: usize,
) -> Result<Preview, CheckError> {
    let record = mapping
        .records
        .iter()
        .find(|record| record.entity == entity)
        .ok_or(CheckError::NotMapped { entity, file: mapping.file.clone() })?;
    let mut session = source.connect().await?;
    let plan = Plan::new(&mut session, mapping, record).await?;
    session.begin().await?;
    let keys = &keys[..keys.len().min(KEYS_MAX)];
    let read = if keys.is_empty() {
        plan.read_after(&mut session, None, limit.clamp(1, KEYS_MAX)).await?
    } else {
        plan.read_among(&mut session, keys).await?
    };
    session.end().await?;
    let outputs = Normaliser { plan: &plan, codes: &mapping.codes, context }.outputs(&read);
    session.close().await;
    let found: HashSet<&str> = outputs.iter().map(|output| output.source_key.as_str()).collect();
    let missing = keys.iter().filter(|key| !found.contains(key.as_str())).cloned().collect();
    Ok(Preview { outputs, missing })
}
