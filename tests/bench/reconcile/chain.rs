//! Lots as they hang together: six out of the ground, combined by three, processed into
//! one, exported under a certificate with its line at customs. All is in order.

use jiff::{Span, Timestamp, civil::Date, tz::TimeZone};
use rand::rngs::StdRng;
use rmd_proto::v1::{
    BusinessEntity, ExportCertificate, ExportDeclaration, InputLot, Lot, OriginatingOperation,
    Procedure, UnitOfMeasurement,
};
use rmd_standard::Record;

use super::lots;

/// Lots in a chain.
pub(super) const LOTS: u64 = 10;

const MINERALS: [&str; 3] = ["260900", "261590", "261100"];
const PPM: u32 = 400_000;

/// The records of a chain, parents first.
pub(super) fn records(chain: u64, rng: &mut StdRng) -> Vec<Record> {
    let mut index = chain * LOTS;
    let mineral = MINERALS[usize::try_from(chain % 3).unwrap_or(0)];
    let mut lot = |operation, inputs: &[&Lot]| {
        let made = made(lots::lot(index, rng), mineral, operation, inputs);
        index += 1;
        made
    };
    let produced: Vec<Lot> = (0..6).map(|_| lot(OriginatingOperation::Production, &[])).collect();
    let combined: Vec<Lot> = produced
        .chunks(3)
        .map(|parents| lot(OriginatingOperation::Combination, &parents.iter().collect::<Vec<_>>()))
        .collect();
    let processed = lot(OriginatingOperation::Processing, &combined.iter().collect::<Vec<_>>());
    let mut exported = lot(OriginatingOperation::Export, &[&processed]);
    exported.export_certificate_id = format!("CD-{chain:08}");
    let (paper, line) = (certificate(&exported), declaration(&exported));
    let all = produced.into_iter().chain(combined).chain([processed, exported]);
    let mut records: Vec<Record> = all.map(|lot| Record::Lot(Box::new(lot))).collect();
    records.push(Record::ExportCertificate(Box::new(paper)));
    records.push(Record::ExportDeclaration(Box::new(line)));
    records
}

fn made(record: Record, mineral: &str, operation: OriginatingOperation, inputs: &[&Lot]) -> Lot {
    let mut lot = match record {
        Record::Lot(lot) => *lot,
        _ => Lot::default(),
    };
    mineral.clone_into(&mut lot.mineral);
    lot.concentration_ppm = Some(PPM);
    lot.originating_operation = vec![operation.into()];
    if !inputs.is_empty() {
        lot.mass_mg = inputs.iter().map(|input| input.mass_mg).sum();
        lot.mine_site_id.clear();
        lot.tag.clear();
        lot.input_lot = inputs
            .iter()
            .map(|input| InputLot {
                lot_number: input.lot_number.clone(),
                contributed_mass_mg: Some(input.mass_mg),
                contributed_concentration_ppm: Some(PPM),
                ..InputLot::default()
            })
            .collect();
    }
    lot
}

/// The day on which a lot was registered, and so many days later.
fn day(lot: &Lot, later: i64) -> String {
    let registered = Timestamp::from_microsecond(lot.registered_at_us).unwrap_or_default();
    let day: Date = registered.to_zoned(TimeZone::UTC).date();
    day.saturating_add(Span::new().days(later)).to_string()
}

fn certificate(lot: &Lot) -> ExportCertificate {
    let worth = lot.mass_mg / 1_000 * i64::from(PPM) / 1_000_000;
    ExportCertificate {
        issuing_country: "CD".to_owned(),
        identifier: lot.export_certificate_id.clone(),
        exporter: lot.creator.clone(),
        importer: Some(BusinessEntity {
            identifier: "UG-IMPORTER".to_owned(),
            name: "Importer".to_owned(),
            ..BusinessEntity::default()
        }),
        lot_number: vec![lot.lot_number.clone()],
        type_of_ore: lot.mineral.clone(),
        lot_weight_mg: lot.mass_mg,
        lot_weight_uom: UnitOfMeasurement::Kgm.into(),
        lot_grade: "40 %".to_owned(),
        concentration_ppm: Some(PPM),
        mineral_origin: vec!["CD".to_owned()],
        customs_value_minor: Some(worth),
        customs_value_currency: "USD".to_owned(),
        date_of_shipment: day(lot, 2),
        member_state_issuing_authority: "CEEC".to_owned(),
        name_of_verifier: "Verifier".to_owned(),
        position_of_verifier: "Inspector".to_owned(),
        name_of_validator: "Validator".to_owned(),
        date_of_verification: day(lot, 1),
        date_of_issuance: day(lot, 1),
        date_of_expiration: day(lot, 61),
        certificate_file: "certificate.pdf".to_owned(),
        ..ExportCertificate::default()
    }
}

fn declaration(lot: &Lot) -> ExportDeclaration {
    ExportDeclaration {
        country: "CD".to_owned(),
        declaration_number: format!("X-{}", lot.export_certificate_id),
        line: 1,
        exporter_identifier: "CD-PARTY-0001".to_owned(),
        mineral: lot.mineral.clone(),
        net_mass_mg: lot.mass_mg,
        destination_country: "UG".to_owned(),
        exit_date: day(lot, 3),
        procedure: Procedure::Normal.into(),
        certificate_country: "CD".to_owned(),
        certificate_identifier: lot.export_certificate_id.clone(),
        ..ExportDeclaration::default()
    }
}
