//! A record as its owner released it, and single records by name.
//!
//! The bytes are decoded as they came. An annulment is the owner's own word, but
//! stands beside the record: of a certificate it is written into the record, as
//! revoked from the day on which the annulment holds.

use rmd_api::{Collection, Name};
use rmd_proto::v1::CertificateState;
use rmd_runtime::clock::calendar_day;
use rmd_standard::{Entity, Record};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{caller::Caller, filter, shelf::Shelf, table};
use crate::store::{Error, bulk::Value, question::Piece};

/// Records of one name: a lot's number is unique for its creator only, and more
/// than a few are told apart by no person.
const NAMESAKES_MAX: i64 = 100;

/// The record of a row that holds key, payload, op and event time; none while
/// its bytes still have to be read again from the ledger.
pub(super) fn read(entity: Entity, row: &AnyRow) -> Result<Option<Record>, Error> {
    let Some(payload) = row.try_get::<Option<&[u8]>, _>(1)? else { return Ok(None) };
    let Ok(mut record) = Record::decode(entity, payload) else {
        let id = row.try_get(0)?;
        return Err(Error::Inconsistent { table: "record", column: "payload", id });
    };
    if entity == Entity::ExportCertificate && row.try_get::<&str, _>(2)? == "annul" {
        annul(&mut record, row.try_get(3)?);
    }
    Ok(Some(record))
}

/// Writes an annulment into a certificate, where it says nothing of its own.
fn annul(record: &mut Record, event_time_us: Option<i64>) {
    let Record::ExportCertificate(certificate) = record else { return };
    let state = certificate.state();
    if !matches!(state, CertificateState::Revoked | CertificateState::Replaced) {
        certificate.set_state(CertificateState::Revoked);
    }
    let instant = event_time_us.and_then(|us| jiff::Timestamp::from_microsecond(us).ok());
    if let Some(instant) = instant.filter(|_| certificate.void_date.is_empty()) {
        certificate.void_date = calendar_day(instant).to_string();
    }
}

/// The collection to which a name belongs.
pub(super) const fn collection(name: &Name) -> Collection {
    match name {
        Name::MineSite { .. } => Collection::MineSites,
        Name::ExportCertificate { .. } => Collection::ExportCertificates,
        Name::Lot { .. } => Collection::Lots,
    }
}

/// The records of a name that the caller may see.
pub(super) async fn of_name(
    connection: &mut AnyConnection,
    caller: &Caller,
    name: &Name,
) -> Result<Vec<Record>, Error> {
    let collection = collection(name);
    let table = table::of(collection);
    let mut question = Piece::new(table.records, []);
    if !conditions(&mut question, name) {
        return Ok(Vec::new());
    }
    if !caller.countries.is_empty() {
        question.push_in(table.of_countries, caller.countries.iter().map(Value::required));
    }
    let shelf = Shelf::read(connection, collection.entity()).await?;
    question.append(&filter::barred(&shelf));
    question.push(table.not_void, []);
    question.push(" ORDER BY r.record_key LIMIT ?", [Value::integer(NAMESAKES_MAX)]);
    let rows = question.rows(connection).await?;
    rows.iter().filter_map(|row| read(collection.entity(), row).transpose()).collect()
}

/// Adds what a name says; false if nothing can have that name. Names are
/// compared exactly; the look-up without case is what the index has.
fn conditions(question: &mut Piece, name: &Name) -> bool {
    let mut is_possible = true;
    let mut add = |sql, text: &str, times: usize| {
        is_possible &= filter::is_text(text);
        question.push(sql, std::iter::repeat_n(Value::required(text), times));
    };
    match name {
        Name::MineSite { key } => add(" AND t.record_key = ?", key, 1),
        Name::ExportCertificate { country, identifier } => {
            add(" AND LOWER(t.identifier) = LOWER(?) AND t.identifier = ?", identifier, 2);
            add(" AND (t.issuing_country || '') = ?", country, 1);
        }
        Name::Lot { number, country, creator } => {
            add(" AND LOWER(t.lot_number) = LOWER(?) AND t.lot_number = ?", number, 2);
            if let Some(country) = country {
                add(" AND (t.country || '') = ?", country, 1);
            }
            if let Some(creator) = creator {
                add(" AND t.creator_identifier = ?", creator, 1);
            }
        }
    }
    is_possible
}

#[cfg(test)]
mod tests {
    use rmd_proto::v1::ExportCertificate;

    use super::*;

    fn annulled(certificate: ExportCertificate, event_time_us: Option<i64>) -> (i32, String) {
        let mut record = Record::ExportCertificate(Box::new(certificate));
        annul(&mut record, event_time_us);
        let Record::ExportCertificate(certificate) = record else {
            panic!("it stays a certificate")
        };
        (certificate.state, certificate.void_date)
    }

    #[test]
    fn an_annulment_adds_what_the_certificate_does_not_say() {
        let (revoked, replaced) =
            (CertificateState::Revoked.into(), CertificateState::Replaced.into());
        // 22:30 UTC is the next day in UTC+2.
        let instant = Some(1_514_759_400_000_000);
        let plain = ExportCertificate::default();
        assert_eq!(annulled(plain.clone(), instant), (revoked, "2018-01-01".to_owned()));
        assert_eq!(annulled(plain, None), (revoked, String::new()));
        let own = ExportCertificate {
            state: replaced,
            void_date: "2017-05-05".to_owned(),
            ..ExportCertificate::default()
        };
        assert_eq!(annulled(own, instant), (replaced, "2017-05-05".to_owned()));
    }
}
