//! What the tables hold of records, on SQLite and on PostgreSQL.

mod payload;

use rmd_proto::v1;
use rmd_standard::Record;
use sqlx::Row as _;

use crate::{
    follow::testing::{Publisher, Receiver, lot, site, upsert},
    registry::entitlement::Level,
    store::{Store, testing::on_each_store},
};

const MASTER: &str = "master-data";
const TRADE: &str = "transactions";

/// The columns of the only row, as one text.
async fn row(store: &Store, query: &'static str) -> String {
    let rows = sqlx::query(query).fetch_all(&mut *store.acquire().await.unwrap()).await.unwrap();
    let [row] = rows.as_slice() else { panic!("{} rows: {query}", rows.len()) };
    let text = |column: usize| {
        row.try_get::<Option<String>, _>(column)
            .unwrap_or_else(|_| row.get::<Option<i64>, _>(column).map(|number| number.to_string()))
    };
    (0..row.len())
        .map(|column| text(column).unwrap_or_else(|| "-".to_owned()))
        .collect::<Vec<_>>()
        .join("|")
}

fn party(identifier: &str) -> v1::BusinessEntity {
    v1::BusinessEntity {
        identifier: identifier.to_owned(),
        name: format!("Name of {identifier}"),
        legal_address: Some(v1::Address {
            country: "CD".to_owned(),
            address_locality_code: "L1".to_owned(),
            ..Default::default()
        }),
        physical_address: Some(v1::Address {
            address_locality_text: "Quai 2".to_owned(),
            ..Default::default()
        }),
        premises: Some(v1::GeoPoint { latitude_e7: -16_000_000, longitude_e7: 292_000_000 }),
        ..Default::default()
    }
}

#[tokio::test]
async fn a_site_stands_in_its_tables_with_place_capacity_and_tags() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let mut full = site(1, "Nzibira", &[]);
        full.mine_site_location.as_mut().unwrap().local_geographic_designation =
            Some(v1::Address {
                country: "CD".to_owned(),
                subnational_division_l4: "Groupement".to_owned(),
                address_locality_text: "Colline".to_owned(),
                ..Default::default()
            });
        full.list_of_minerals = "cassitérite, coltan".to_owned();
        full.owner = Some(party("CD-O-1"));
        full.license = vec![v1::License {
            license_id: "PE-1".to_owned(),
            license_location: "CD-SK".to_owned(),
            owner: Some(party("CD-O-2")),
            ..Default::default()
        }];
        full.operator = vec![party("CD-O-3")];
        full.capacity =
            vec![v1::Capacity { mineral: "260900".to_owned(), monthly_mass_mg: 5_000_000 }];
        full.tag_allocation = vec![v1::TagAllocation {
            scheme: v1::TagScheme::Itsci.into(),
            from_identifier: "100".to_owned(),
            to_identifier: "199".to_owned(),
            tag_count: Some(100),
        }];
        full.status_change = vec![v1::StatusChange {
            date_of_change: "2017-06-01".to_owned(),
            new_status: v1::CertificationStatus::Green.into(),
            cause: v1::StatusCause::Inspection.into(),
            inspection_id: "I-1-1".to_owned(),
        }];
        assert_eq!(hub.land(&cod.publish([upsert(full)])).await.refused, 0);
        let place = "SELECT local_geographic_designation_country, \
                     local_geographic_designation_subnational_division_l4, \
                     local_geographic_designation_address_locality_text, list_of_minerals, \
                     owner_identifier, owner_legal_address_address_locality_code, \
                     owner_physical_address_address_locality_text, owner_premises_latitude_e7, \
                     owner_premises_longitude_e7, site_name FROM mine_site";
        assert_eq!(
            row(&store, place).await,
            "CD|Groupement|Colline|cassitérite, coltan|CD-O-1|L1|Quai 2|-16000000|292000000|Nzibira"
        );
        let license = "SELECT license_id, owner_name, owner_premises_latitude_e7, \
                       license_location FROM mine_site_license";
        assert_eq!(row(&store, license).await, "PE-1|Name of CD-O-2|-16000000|CD-SK");
        let operator = "SELECT identifier, premises_longitude_e7 FROM mine_site_operator";
        assert_eq!(row(&store, operator).await, "CD-O-3|292000000");
        let capacity = "SELECT position, mineral, monthly_mass_mg FROM mine_site_capacity";
        assert_eq!(row(&store, capacity).await, "0|260900|5000000");
        let tags = "SELECT scheme, from_identifier, to_identifier, tag_count \
                    FROM mine_site_tag_allocation";
        assert_eq!(row(&store, tags).await, "itsci|100|199|100");
        let change = "SELECT new_status, cause, inspection_id FROM mine_site_status_change";
        assert_eq!(row(&store, change).await, "green|inspection|I-1-1");
    })
    .await;
}

#[tokio::test]
async fn a_lot_stands_in_its_tables_with_its_site_and_tags() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let mut full = lot(1, 0);
        full.analyte = v1::Analyte::Sno2.into();
        full.concentration_ppm = Some(612_500);
        full.nr_of_packages_e3 = Some(12_500);
        // The published form; the key is another spelling of the same id.
        full.mine_site_id = site(1, "", &[]).icglr_id;
        full.received_at_us = Some(1_514_764_700_000_000);
        full.tag = vec![v1::Tag {
            identifier: "T-1".to_owned(),
            issuer: Some(party("CD-SAEMAPE")),
            issue_date: "2017-05-01".to_owned(),
            issue_time: "08:00:00".to_owned(),
            scheme: v1::TagScheme::National.into(),
            kind: v1::TagKind::Mine.into(),
            state: v1::TagState::Applied.into(),
            state_since_us: Some(2),
            applied_at_us: Some(1),
        }];
        let expected = Record::MineSite(Box::new(site(1, "", &[]))).key().unwrap();
        assert_eq!(hub.land(&cod.publish([upsert(full)])).await.refused, 0);
        let columns = "SELECT analyte, concentration_ppm, nr_of_packages_e3, received_at_us, \
                       mine_site_key FROM lot";
        assert_eq!(
            row(&store, columns).await,
            format!("SnO2|612500|12500|1514764700000000|{expected}")
        );
        let tag = "SELECT identifier, issuer_identifier, issuer_premises_latitude_e7, issue_date, \
                   scheme, kind, state, state_since_us, applied_at_us FROM lot_tag";
        assert_eq!(
            row(&store, tag).await,
            "T-1|CD-SAEMAPE|-16000000|2017-05-01|national|mine|applied|2|1"
        );
    })
    .await;
}

#[tokio::test]
async fn an_exporter_status_stands_in_its_table() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", MASTER);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let status = Record::ExporterStatus(Box::new(v1::ExporterStatus {
            country: "CD".to_owned(),
            exporter: Some(party("CD-EXP-3")),
            certification_status: v1::CertificationStatus::Yellow.into(),
            certification_status_since: "2017-02-01".to_owned(),
            license_id: "EXP/3".to_owned(),
            license_expiring_date: "2019-01-31".to_owned(),
            suspended_since: "2017-03-01".to_owned(),
            last_audit_date: "2016-12-01".to_owned(),
            ..Default::default()
        }));
        assert_eq!(hub.land(&cod.publish([upsert(status)])).await.refused, 0);
        let columns = "SELECT country, exporter_identifier, certification_status, \
                       certification_status_since, license_id, license_expiring_date, \
                       suspended_since, last_audit_date FROM exporter_status";
        assert_eq!(
            row(&store, columns).await,
            "CD|CD-EXP-3|yellow|2017-02-01|EXP/3|2019-01-31|2017-03-01|2016-12-01"
        );
    })
    .await;
}

#[tokio::test]
async fn declarations_stand_in_their_tables_and_zero_is_a_statement() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let site = site(1, "", &[]);
        let production = Record::ProductionDeclaration(Box::new(v1::ProductionDeclaration {
            country: "CD".to_owned(),
            mine_site_id: site.icglr_id.clone(),
            mineral: "2609.00.00".to_owned(),
            period: "2017-11".to_owned(),
            mass_mg: Some(0),
            workers_declared: Some(0),
            ..Default::default()
        }));
        let stock = Record::StockDeclaration(Box::new(v1::StockDeclaration {
            country: "CD".to_owned(),
            party_identifier: "CD-EXP-3".to_owned(),
            mineral: "2609.00.00".to_owned(),
            period: "2017-11".to_owned(),
            closing_mass_mg: Some(7),
            concentration_ppm: Some(600_000),
            analyte: v1::Analyte::Sn.into(),
            ..Default::default()
        }));
        let site_key = Record::MineSite(Box::new(site)).key().unwrap();
        assert_eq!(hub.land(&cod.publish([upsert(production), upsert(stock)])).await.refused, 0);
        let columns = "SELECT mine_site_key, mineral, period, mass_mg, concentration_ppm, \
                       analyte, workers_declared FROM production_declaration";
        assert_eq!(row(&store, columns).await, format!("{site_key}|2609.00.00|2017-11|0|-|-|0"));
        let columns = "SELECT party_identifier, mineral, period, closing_mass_mg, \
                       concentration_ppm, analyte FROM stock_declaration";
        assert_eq!(row(&store, columns).await, "CD-EXP-3|2609.00.00|2017-11|7|600000|Sn");
    })
    .await;
}

#[tokio::test]
async fn audits_and_incidents_stand_in_their_tables() {
    on_each_store(async |store| {
        let mut cod = Publisher::new("COD/cod-mines", TRADE);
        let mut hub = Receiver::take(&store, &cod, Level::Live).await;
        let audit = Record::Audit(Box::new(v1::Audit {
            country: "CD".to_owned(),
            audit_number: "A-1".to_owned(),
            audit_type: v1::AuditType::ThirdParty.into(),
            exporter_identifier: "CD-EXP-3".to_owned(),
            audit_date: "2017-11-30".to_owned(),
            auditor: "Assurance".to_owned(),
            conclusion: v1::AuditConclusion::CorrectiveAction.into(),
            report_reference: "a-1.pdf".to_owned(),
            ..Default::default()
        }));
        let incident = Record::Incident(Box::new(v1::Incident {
            country: "CD".to_owned(),
            incident_number: "N-1".to_owned(),
            risk: v1::AnnexRisk::ArmedGroups.into(),
            level: 3,
            incident_date: "2017-11-15".to_owned(),
            mine_site_id: "no id".to_owned(),
            state: v1::IncidentState::UnderReview.into(),
            summary: "Barrière illégale".to_owned(),
            ..Default::default()
        }));
        assert_eq!(hub.land(&cod.publish([upsert(audit), upsert(incident)])).await.refused, 0);
        let columns = "SELECT country, audit_number, audit_type, exporter_identifier, \
                       mine_site_id, audit_date, auditor, conclusion, report_reference FROM audit";
        assert_eq!(
            row(&store, columns).await,
            "CD|A-1|third_party|CD-EXP-3|-|2017-11-30|Assurance|corrective_action|a-1.pdf"
        );
        let columns = "SELECT incident_number, risk, level, incident_date, mine_site_id, \
                       mine_site_key, exporter_identifier, state, summary FROM incident";
        assert_eq!(
            row(&store, columns).await,
            "N-1|A2-2|3|2017-11-15|no id|-|-|under_review|Barrière illégale"
        );
    })
    .await;
}
