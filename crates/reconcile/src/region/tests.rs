//! A small region in which everything is in order, and what one change to it does.

use std::collections::BTreeSet;

use proptest::prelude::*;
use rmd_proto::v1::{
    ActivityStatus, BusinessEntity, CertificationStatus, ExportCertificate, ExportDeclaration,
    ExporterStatus, GeoPoint, ImportDeclaration, InputLot, Inspection, License, LicenseType,
    Location, Lot, MineSite, OriginatingOperation, Procedure, ReportingPeriod, Tag, TagScheme,
    UnitOfMeasurement,
};
use rmd_standard::Record;

use super::*;
use crate::{
    Named, Severity,
    testing::{DAY, KG, context},
};

/// Noon of a day of 2026 in UTC+2, UTC microseconds.
fn noon(month: i8, day: i8) -> i64 {
    let at = jiff::civil::date(2026, month, day).at(10, 0, 0, 0);
    jiff::tz::Offset::UTC.to_timestamp(at).unwrap().as_microsecond()
}

fn party(identifier: &str) -> BusinessEntity {
    let (identifier, name) = (identifier.to_owned(), "A party".to_owned());
    BusinessEntity { identifier, name, ..BusinessEntity::default() }
}

fn site() -> MineSite {
    MineSite {
        icglr_id: "RW-1.9403+29.8739-00001".to_owned(),
        address_country: "RW".to_owned(),
        national_id: "N-1".to_owned(),
        certification_status: CertificationStatus::Green.into(),
        certification_status_since: "2026-02-01".to_owned(),
        activity_status: ActivityStatus::Active.into(),
        mine_site_location: Some(Location {
            geolocalization: Some(GeoPoint { latitude_e7: -19_403_000, longitude_e7: 298_739_000 }),
            ..Location::default()
        }),
        mineral: vec!["2609.00.00".to_owned()],
        license: vec![License {
            license_type: LicenseType::MiningLicense.into(),
            covered_commodities: vec!["2609.00.00".to_owned()],
            ..License::default()
        }],
        owner: Some(party("O-1")),
        inspection: vec![Inspection {
            inspection_date: "2026-02-01".to_owned(),
            inspection_result: CertificationStatus::Green.into(),
            ..Inspection::default()
        }],
        ..MineSite::default()
    }
}

fn lot(
    creator: &str,
    number: &str,
    (month, day): (i8, i8),
    operation: OriginatingOperation,
    kg: i64,
) -> Lot {
    Lot {
        country: "RW".to_owned(),
        lot_number: number.to_owned(),
        registered_at_us: noon(month, day),
        creator: Some(party(creator)),
        mineral: "2609.00.00".to_owned(),
        concentration_ppm: Some(600_000),
        mass_mg: kg * KG,
        originating_operation: vec![operation.into()],
        ..Lot::default()
    }
}

fn produced(number: &str, kg: i64) -> Lot {
    Lot {
        mine_site_id: site().icglr_id,
        tag: vec![Tag {
            identifier: format!("RW-{number}"),
            scheme: TagScheme::Itsci.into(),
            ..Tag::default()
        }],
        ..lot("M", number, (7, 1), OriginatingOperation::Production, kg)
    }
}

fn input(number: &str, kg: i64) -> InputLot {
    InputLot {
        lot_number: number.to_owned(),
        contributed_mass_mg: Some(kg * KG),
        ..InputLot::default()
    }
}

fn certificate() -> ExportCertificate {
    ExportCertificate {
        issuing_country: "RW".to_owned(),
        identifier: "P-1".to_owned(),
        exporter: Some(party("T")),
        importer: Some(party("U")),
        lot_number: vec!["C".to_owned()],
        lot_weight_uom: UnitOfMeasurement::Kgm.into(),
        lot_grade: "60 %".to_owned(),
        customs_value_minor: Some(1_000_000),
        customs_value_currency: "USD".to_owned(),
        date_of_shipment: "2026-07-10".to_owned(),
        member_state_issuing_authority: "RMB".to_owned(),
        name_of_verifier: "V".to_owned(),
        position_of_verifier: "Inspector".to_owned(),
        name_of_validator: "W".to_owned(),
        certificate_file: "P-1.pdf".to_owned(),
        type_of_ore: "2609.00.00".to_owned(),
        lot_weight_mg: 1_000 * KG,
        mineral_origin: vec!["RW".to_owned()],
        date_of_verification: "2026-07-06".to_owned(),
        date_of_issuance: "2026-07-07".to_owned(),
        date_of_expiration: "2026-09-07".to_owned(),
        ..ExportCertificate::default()
    }
}

/// Two lots of a mine, put together by a trader, exported by him to Uganda.
fn records() -> Vec<Record> {
    let combined = Lot {
        input_lot: vec![input("A", 600), input("B", 400)],
        ..lot("T", "C", (7, 5), OriginatingOperation::Combination, 1_000)
    };
    let export = ExportDeclaration {
        country: "RW".to_owned(),
        declaration_number: "X-1".to_owned(),
        line: 1,
        exporter_identifier: "T".to_owned(),
        mineral: "2609.00.00".to_owned(),
        net_mass_mg: 1_000 * KG,
        destination_country: "UG".to_owned(),
        exit_date: "2026-07-10".to_owned(),
        procedure: Procedure::Normal.into(),
        certificate_identifier: "P-1".to_owned(),
        ..ExportDeclaration::default()
    };
    let import = ImportDeclaration {
        country: "UG".to_owned(),
        declaration_number: "I-1".to_owned(),
        line: 1,
        mineral: "2609.00.00".to_owned(),
        net_mass_mg: 1_000 * KG,
        consignor_country: "RW".to_owned(),
        entry_date: "2026-07-12".to_owned(),
        procedure: Procedure::Normal.into(),
        certificate_country: "RW".to_owned(),
        certificate_identifier: "P-1".to_owned(),
        ..ImportDeclaration::default()
    };
    let status = ExporterStatus {
        country: "RW".to_owned(),
        exporter: Some(party("T")),
        certification_status: CertificationStatus::Green.into(),
        license_expiring_date: "2027-01-01".to_owned(),
        last_audit_date: "2026-01-01".to_owned(),
        ..ExporterStatus::default()
    };
    let mut records = vec![
        Record::MineSite(Box::new(site())),
        Record::Lot(Box::new(produced("A", 600))),
        Record::Lot(Box::new(produced("B", 400))),
        Record::Lot(Box::new(combined)),
        Record::ExportCertificate(Box::new(certificate())),
        Record::ExportDeclaration(Box::new(export)),
        Record::ImportDeclaration(Box::new(import)),
        Record::ExporterStatus(Box::new(status)),
    ];
    for (country, month) in [("RW", 7), ("RW", 8), ("RW", 9), ("UG", 7), ("UG", 8), ("UG", 9)] {
        records.push(Record::ReportingPeriod(Box::new(ReportingPeriod {
            country: country.to_owned(),
            period: format!("2026-{month:02}"),
            feed: "transactions".to_owned(),
            record_count: Some(9),
            ..ReportingPeriod::default()
        })));
    }
    records
}

fn region(records: &[Record]) -> Region {
    let mut region = Region::default();
    for record in records {
        let named = Named {
            entity: record.entity(),
            key: record.key().unwrap().into(),
            country: record.country().into(),
            rev: 1,
            digest: [0; 32],
        };
        region.take(named, false, record.clone());
    }
    region
}

fn judged(region: &Region) -> Vec<Judged> {
    let mut context = context();
    context.coverage = region.coverage(&context);
    region.judge(&context)
}

/// Rule and weight of what was found.
fn found(region: &Region) -> Vec<(&'static str, u8)> {
    let judged = judged(region);
    let raised = judged.iter().flat_map(|one| &one.outcome.raised);
    raised.map(|one| (one.rule.id(), one.severity.number())).collect()
}

/// What is found after one change of one record.
fn after(change: impl Fn(&mut Record)) -> Vec<(&'static str, u8)> {
    let mut records = records();
    records.iter_mut().for_each(change);
    found(&region(&records))
}

#[test]
fn what_is_in_order_gives_no_findings() {
    assert_eq!(found(&region(&records())), Vec::new());
}

#[test]
fn a_site_that_was_red_bars_its_lots_and_the_certificate_down_the_line() {
    let told = after(|record| {
        let Record::MineSite(site) = record else { return };
        site.certification_status = CertificationStatus::Red.into();
        site.certification_status_since = "2026-06-01".to_owned();
        site.inspection.clear();
    });
    let serious = [("R08", 3), ("R08", 3), ("R09", 3)];
    assert_eq!(told.into_iter().filter(|one| one.0 != "R27").collect::<Vec<_>>(), serious);
}

#[test]
fn a_lot_used_twice_and_a_lot_without_a_parent_are_found_where_they_are() {
    let told = after(|record| {
        let Record::Lot(lot) = record else { return };
        if lot.lot_number == "C" {
            lot.input_lot[0].lot_number = "B".to_owned();
        }
    });
    // B gives 1 000 of 400 kg.
    assert_eq!(told, [("R01", 3)]);
    let told = after(|record| {
        let Record::Lot(lot) = record else { return };
        if lot.lot_number == "C" {
            lot.input_lot[0].lot_number = "Z".to_owned();
        }
    });
    assert_eq!(told, [("R10", 3), ("R25", 2)]);
}

#[test]
fn a_tag_on_both_lots_and_lots_in_a_ring_are_found() {
    let told = after(|record| {
        let Record::Lot(lot) = record else { return };
        lot.tag.iter_mut().for_each(|tag| tag.identifier = "RW-A".to_owned());
    });
    assert_eq!(told, [("R05", 3)]);
    let told = after(|record| {
        let Record::Lot(lot) = record else { return };
        if lot.lot_number == "A" {
            lot.originating_operation = vec![OriginatingOperation::Storage.into()];
            lot.registered_at_us = noon(7, 5);
            lot.mine_site_id.clear();
            lot.input_lot = vec![input("C", 600)];
        }
    });
    assert_eq!(told.iter().filter(|one| **one == ("R25", 3)).count(), 2);
}

#[test]
fn an_import_of_less_and_an_import_that_never_came_are_found() {
    let told = after(|record| {
        let Record::ImportDeclaration(import) = record else { return };
        import.net_mass_mg = 800 * KG;
    });
    assert_eq!(told, [("R16", 3)]);
    let records: Vec<Record> = records()
        .into_iter()
        .map(|record| match record {
            Record::ImportDeclaration(mut import) => {
                import.consignor_country = "CD".to_owned();
                import.certificate_identifier = String::new();
                Record::ImportDeclaration(import)
            }
            other => other,
        })
        .collect();
    assert_eq!(found(&region(&records)), [("R16", 2)]);
}

#[test]
fn a_month_that_is_owed_is_found_and_leaves_absence_open() {
    let mut records = records();
    records.retain(|record| {
        !matches!(record, Record::ReportingPeriod(one)
        if one.country == "UG" && one.period == "2026-08")
    });
    assert_eq!(found(&region(&records)), [("R26", 2)]);
    records.retain(|record| {
        !matches!(record, Record::ReportingPeriod(one)
        if one.country == "UG" && one.period == "2026-09")
    });
    // September is due on the day itself.
    assert_eq!(DAY, jiff::civil::date(2026, 10, 15));
    assert_eq!(found(&region(&records)), [("R26", 2)]);
}

#[test]
fn two_sites_with_one_national_id_are_found_at_both() {
    let mut records = records();
    let other = MineSite { icglr_id: "RW-1.9500+29.8800-00002".to_owned(), ..site() };
    let location = Location {
        geolocalization: Some(GeoPoint { latitude_e7: -19_500_000, longitude_e7: 298_800_000 }),
        ..Location::default()
    };
    let other = MineSite { mine_site_location: Some(location), ..other };
    records.push(Record::MineSite(Box::new(other)));
    assert_eq!(found(&region(&records)), [("R24", 3), ("R24", 3)]);
}

proptest! {
    #[test]
    fn neither_the_order_of_records_nor_of_their_lists_matters(
        order in Just((0..14).collect::<Vec<usize>>()).prop_shuffle(),
        turn in any::<bool>(),
    ) {
        let mut records = records();
        for record in &mut records {
            let Record::Lot(lot) = record else { continue };
            lot.tag.iter_mut().for_each(|tag| tag.identifier = "RW-A".to_owned());
            lot.mass_mg += KG / 2 * 100;
        }
        let first = judged(&region(&records));
        prop_assert!(!first.is_empty());
        let mut shuffled: Vec<Record> = order.iter().map(|at| records[*at].clone()).collect();
        for record in &mut shuffled {
            if let (Record::Lot(lot), true) = (record, turn) {
                lot.input_lot.reverse();
            }
        }
        prop_assert_eq!(judged(&region(&shuffled)), first);
    }
}

#[test]
fn every_finding_has_an_id_of_its_own() {
    let mut records = records();
    for record in &mut records {
        if let Record::Lot(lot) = record {
            lot.mass_mg *= 3;
            lot.tag.iter_mut().for_each(|tag| tag.identifier = "RW-A".to_owned());
        }
    }
    let judged = judged(&region(&records));
    let ids: Vec<_> =
        judged.iter().flat_map(|one| &one.outcome.raised).map(crate::Raised::id).collect();
    assert!(ids.len() > 2, "{judged:?}");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len());
    assert!(
        judged.iter().any(|one| one
            .outcome
            .raised
            .iter()
            .any(|one| one.severity == Severity::Serious))
    );
}
