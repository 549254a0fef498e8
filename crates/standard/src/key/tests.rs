use rmd_proto::v1::{
    Audit, BusinessEntity, ExportCertificate, ExportDeclaration, ExporterStatus, ImportDeclaration,
    Incident, Lot, MineSite, ProductionDeclaration, ReportingPeriod, StockDeclaration,
};

use super::*;

#[test]
fn every_entity_has_the_key_of_the_design() {
    let site = MineSite { icglr_id: "UG-0.3476+32.5825-0042".into(), ..Default::default() };
    let creator = Some(BusinessEntity { identifier: "RW/7".into(), ..Default::default() });
    let lot = Lot { country: "RW".into(), lot_number: "L%1".into(), creator, ..Default::default() };
    let certificate = ExportCertificate {
        issuing_country: "CD".into(),
        identifier: "C1".into(),
        ..Default::default()
    };
    let export = ExportDeclaration {
        country: "CD".into(),
        declaration_number: "E 1".into(),
        line: 2,
        ..Default::default()
    };
    let import = ImportDeclaration {
        country: "RW".into(),
        declaration_number: "I1".into(),
        line: 1,
        ..Default::default()
    };
    let period = ReportingPeriod {
        country: "RW".into(),
        period: "2018-01".into(),
        feed: "transactions".into(),
        ..Default::default()
    };
    let rows = [
        (Record::MineSite(Box::new(site)), "UG-0.3476-32.5825-42"),
        (Record::Lot(Box::new(lot)), "RW/RW%2F7/L%251"),
        (Record::ExportCertificate(Box::new(certificate)), "CD/C1"),
        (Record::ExportDeclaration(Box::new(export)), "CD/E 1/2"),
        (Record::ImportDeclaration(Box::new(import)), "RW/I1/1"),
        (Record::ReportingPeriod(Box::new(period)), "RW/2018-01/transactions"),
    ];
    for (record, key) in rows {
        assert_eq!(record.key().unwrap(), key);
    }
}

#[test]
fn what_a_state_declares_has_the_key_of_the_design() {
    let exporter = Some(BusinessEntity { identifier: "EXP 9".into(), ..Default::default() });
    let status = ExporterStatus { country: "RW".into(), exporter, ..Default::default() };
    let production = ProductionDeclaration {
        country: "UG".into(),
        mine_site_id: "UG-+0.3476+32.5825-0042".into(),
        mineral: "IMA1960-A".into(),
        period: "2018-01".into(),
        ..Default::default()
    };
    let stock = StockDeclaration {
        country: "RW".into(),
        party_identifier: "P/1".into(),
        mineral: "2609.00.00".into(),
        period: "2018-01".into(),
        ..Default::default()
    };
    let audit = Audit { country: "RW".into(), audit_number: "A-1".into(), ..Default::default() };
    let incident =
        Incident { country: "RW".into(), incident_number: "I-1".into(), ..Default::default() };
    let rows = [
        (Record::ExporterStatus(Box::new(status)), "RW/EXP 9"),
        (
            Record::ProductionDeclaration(Box::new(production)),
            "UG-0.3476-32.5825-42/710812/2018-01",
        ),
        (Record::StockDeclaration(Box::new(stock)), "RW/P%2F1/260900/2018-01"),
        (Record::Audit(Box::new(audit)), "RW/A-1"),
        (Record::Incident(Box::new(incident)), "RW/I-1"),
    ];
    for (record, key) in rows {
        assert_eq!(record.key().unwrap(), key);
    }
}

#[test]
fn record_without_its_key_names_the_missing_part() {
    for entity in Entity::ALL {
        let finding = Record::empty(entity).key().unwrap_err();
        assert_eq!(finding.severity, Severity::Refuse);
        assert!(finding.rule.ends_with("-REQUIRED"), "{}", finding.rule);
        assert!(finding.en.contains(&finding.path) && finding.fr.contains(&finding.path));
    }
    let site = MineSite { icglr_id: "mine 7".into(), ..Default::default() };
    let finding = Record::MineSite(Box::new(site)).key().unwrap_err();
    assert_eq!((finding.rule.as_str(), finding.value.as_str()), ("MD01-ICGLR-ID-FORM", "mine 7"));
}

#[test]
fn part_that_is_no_identifier_makes_no_key() {
    let lot = |creator: usize, number: usize| {
        let creator =
            Some(BusinessEntity { identifier: "c".repeat(creator), ..Default::default() });
        let lot_number = "7".repeat(number);
        Record::Lot(Box::new(Lot {
            country: "RW".into(),
            lot_number,
            creator,
            ..Default::default()
        }))
    };
    assert!(lot(128, 128).key().is_ok());
    assert_eq!(lot(129, 1).key().unwrap_err().rule, "MD04-IDENTIFIER-RANGE");
    assert_eq!(lot(1, 129).key().unwrap_err().rule, "MD12-LOT-NUMBER-RANGE");
}
