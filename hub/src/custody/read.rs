//! Lots, and what names them, out of the typed tables.
//!
//! Reads of a lot what decides where it leads and what is shown of it; names of persons
//! are not read.

use std::{collections::BTreeSet, sync::Arc};

use rmd_proto::v1::{BusinessEntity, ExportCertificate, InputLot, Lot};
use rmd_reconcile::{Fact, Named, region::Region};
use rmd_standard::{Entity, Record, code};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::Error;
use crate::store::{self, bulk};

/// Lots with which a question may begin; of more the first by their keys.
const BEGIN_MAX: usize = 10_000;

/// What a question begins with.
#[derive(Debug)]
pub(super) enum Start {
    /// A lot, by its key.
    Lot(BTreeSet<Arc<str>>),
    /// A certificate, with the lots that may be its own.
    Certificate { fact: Box<Fact<ExportCertificate>>, lots: BTreeSet<Arc<str>> },
}

impl Start {
    pub(super) const fn lots(&self) -> &BTreeSet<Arc<str>> {
        match self {
            Self::Lot(lots) | Self::Certificate { lots, .. } => lots,
        }
    }
}

/// The lot or the certificate of that key; none if there is neither.
pub(super) async fn start(
    connection: &mut AnyConnection,
    key: &str,
) -> Result<Option<Start>, Error> {
    let lot = sqlx::query("SELECT record_key FROM lot WHERE record_key = $1 AND void = 0")
        .bind(key)
        .fetch_optional(&mut *connection)
        .await?;
    if lot.is_some() {
        return Ok(Some(Start::Lot(BTreeSet::from([key.into()]))));
    }
    let row = sqlx::query(
        "SELECT record_key, rev, issuing_country, identifier, exporter_identifier, lot_number
         FROM export_certificate
         WHERE record_key = $1 AND void = 0",
    )
    .bind(key)
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let fact = Box::new(certificate(&row)?);
    let mut lots = of_numbers(connection, &fact).await?;
    let naming = sqlx::query(
        "SELECT record_key FROM lot
         WHERE export_certificate_id = $1 AND country = $2 AND void = 0",
    )
    .bind(fact.record.identifier.clone())
    .bind(fact.country().to_owned())
    .fetch_all(&mut *connection)
    .await?;
    for row in &naming {
        lots.insert(row.try_get::<String, _>(0)?.into());
    }
    while lots.len() > BEGIN_MAX {
        lots.pop_last();
    }
    Ok(Some(Start::Certificate { fact, lots }))
}

fn certificate(row: &AnyRow) -> Result<Fact<ExportCertificate>, Error> {
    let country: String = row.try_get("issuing_country")?;
    let numbers = text(row, "lot_number")?;
    let identifier = text(row, "exporter_identifier")?;
    let record = ExportCertificate {
        issuing_country: country.clone(),
        identifier: row.try_get("identifier")?,
        exporter: Some(BusinessEntity { identifier, ..BusinessEntity::default() }),
        lot_number: numbers.split(';').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        ..ExportCertificate::default()
    };
    let named = named(Entity::ExportCertificate, row, &country)?;
    Ok(Fact { named, is_void: false, record })
}

/// Lots of the state that have one of the numbers of a certificate.
async fn of_numbers(
    connection: &mut AnyConnection,
    certificate: &Fact<ExportCertificate>,
) -> Result<BTreeSet<Arc<str>>, Error> {
    let numbers: BTreeSet<&str> =
        certificate.record.lot_number.iter().map(String::as_str).collect();
    // What small letters are outside of ASCII depends on how the database was made.
    let small: BTreeSet<String> = numbers
        .iter()
        .flat_map(|number| [number.to_ascii_lowercase(), number.to_lowercase()])
        .collect();
    let small: Vec<&str> = small.iter().map(String::as_str).collect();
    let head = "SELECT record_key, lot_number FROM lot
         WHERE void = 0 AND country = $1 AND LOWER(lot_number) IN (";
    let first = Some(certificate.country());
    let mut found = BTreeSet::new();
    for row in bulk::select_in(connection, (head, first), &small, ")").await? {
        let (key, number): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        if numbers.contains(&*number) {
            found.insert(key.into());
        }
    }
    Ok(found)
}

/// The lots of these keys with their inputs.
pub(super) async fn region(
    connection: &mut AnyConnection,
    keys: &BTreeSet<Arc<str>>,
) -> Result<Region, Error> {
    let keys: Vec<&str> = keys.iter().map(|key| &**key).collect();
    let mut region = Region::default();
    let mut inputs = std::collections::HashMap::<String, Vec<InputLot>>::new();
    let head = "SELECT record_key, lot_number, country, creator_identifier, \
                contributed_mass_mg, contributed_concentration_ppm \
                FROM lot_input WHERE record_key IN (";
    let tail = ") ORDER BY record_key, position";
    for row in bulk::select_in(connection, (head, None), &keys, tail).await? {
        inputs.entry(row.try_get("record_key")?).or_default().push(InputLot {
            lot_number: text(&row, "lot_number")?,
            country: text(&row, "country")?,
            creator_identifier: text(&row, "creator_identifier")?,
            contributed_mass_mg: row.try_get("contributed_mass_mg")?,
            contributed_concentration_ppm: ppm(&row, "contributed_concentration_ppm")?,
        });
    }
    let head = "SELECT record_key, rev, country, lot_number, registered_at_us, \
                creator_identifier, recipient_identifier, mineral, concentration_ppm, mass_mg, \
                originating_operation, mine_site_id, export_certificate_id \
                FROM lot WHERE void = 0 AND record_key IN (";
    for row in bulk::select_in(connection, (head, None), &keys, ")").await? {
        let country: String = row.try_get("country")?;
        let named = named(Entity::Lot, &row, &country)?;
        let input_lot = inputs.remove(&*named.key).unwrap_or_default();
        let record = Lot { input_lot, ..lot(&row, country)? };
        region.take(named, false, Record::Lot(Box::new(record)));
    }
    Ok(region)
}

fn lot(row: &AnyRow, country: String) -> Result<Lot, Error> {
    let party = |column| {
        let identifier = text(row, column)?;
        let is_told = !identifier.is_empty();
        let party = BusinessEntity { identifier, ..BusinessEntity::default() };
        Ok::<_, Error>(is_told.then_some(party))
    };
    let operations = text(row, "originating_operation")?;
    Ok(Lot {
        country,
        lot_number: row.try_get("lot_number")?,
        registered_at_us: row.try_get::<Option<i64>, _>("registered_at_us")?.unwrap_or_default(),
        creator: party("creator_identifier")?,
        recipient: party("recipient_identifier")?,
        mineral: text(row, "mineral")?,
        concentration_ppm: ppm(row, "concentration_ppm")?,
        mass_mg: row.try_get::<Option<i64>, _>("mass_mg")?.unwrap_or_default(),
        originating_operation: operations
            .split(';')
            .filter_map(|word| code::ORIGINATING_OPERATION.number_of(word))
            .collect(),
        mine_site_id: text(row, "mine_site_id")?,
        export_certificate_id: text(row, "export_certificate_id")?,
        ..Lot::default()
    })
}

/// States and record types of which something is shown.
pub(super) async fn live(connection: &mut AnyConnection) -> Result<Vec<(String, Entity)>, Error> {
    let rows = sqlx::query("SELECT DISTINCT country, entity FROM record_tally WHERE shown > 0")
        .fetch_all(connection)
        .await?;
    let mut live = Vec::with_capacity(rows.len());
    for row in rows {
        let entity: String = row.try_get(1)?;
        live.extend(Entity::from_name(&entity).map(|entity| Ok((row.try_get(0)?, entity))));
    }
    live.into_iter().collect()
}

/// What names a record. Its bytes are not read here, so their digest is not told.
fn named(entity: Entity, row: &AnyRow, country: &str) -> Result<Named, Error> {
    let (key, rev): (String, i64) = (row.try_get("record_key")?, row.try_get("rev")?);
    let rev = u64::try_from(rev).map_err(|_| store::Error::Inconsistent {
        table: "record",
        column: "rev",
        id: key.clone(),
    })?;
    Ok(Named { entity, key: key.into(), country: country.into(), rev, digest: [0; 32] })
}

fn text(row: &AnyRow, column: &str) -> Result<String, Error> {
    Ok(row.try_get::<Option<String>, _>(column)?.unwrap_or_default())
}

fn ppm(row: &AnyRow, column: &str) -> Result<Option<u32>, Error> {
    let told: Option<i64> = row.try_get(column)?;
    Ok(told.and_then(|told| u32::try_from(told).ok()))
}
