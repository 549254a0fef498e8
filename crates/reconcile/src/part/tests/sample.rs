//! Regions made up at random, small enough for names to meet.

use rmd_proto::v1::{
    ActivityStatus, Address, Audit, AuditType, BusinessEntity, CertificateState,
    CertificationStatus, ExportCertificate, ExportDeclaration, ExporterStatus, GeoPoint,
    ImportDeclaration, InputLot, Inspection, License, LicenseType, Location, Lot, MineSite,
    OriginatingOperation, Procedure, ProductionDeclaration, ReportingPeriod, StatusChange,
    StockDeclaration, Tag, TagAllocation, TagScheme,
};
use rmd_standard::{Record, effective::DecisionEvent};

use crate::{Named, region::MirrorRow, region::Region, testing::KG};

const STATES: [&str; 3] = ["RW", "UG", "CD"];
const MINERALS: [&str; 3] = ["2609.00.00", "260900", "2615.90.00"];
/// A microsecond of 1 January 2026, and a day.
const YEAR_US: i64 = 1_767_225_600_000_000;
const DAY_US: i64 = 86_400_000_000;

/// Numbers that look like chance and are the same every time.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn of(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `sides`.
    pub(super) fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % sides as u64).unwrap()
    }

    /// True once in so many times.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    fn any<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }

    fn number(&mut self, letter: &str, of: usize) -> String {
        format!("{letter}{}", self.roll(of))
    }

    fn date(&mut self) -> String {
        format!("{}-{:02}-{:02}", 2025 + self.roll(2), 1 + self.roll(12), 1 + self.roll(28))
    }

    fn day(&mut self, month: usize) -> String {
        format!("2026-{month:02}-{:02}", 1 + self.roll(28))
    }

    fn state(&mut self) -> String {
        self.any(&STATES).to_owned()
    }

    fn site(&mut self) -> String {
        site_id(self.roll(5))
    }

    fn mass(&mut self) -> i64 {
        [500, 980, 1_000, 1_020][self.roll(4)] * KG
    }
}

fn party(identifier: String) -> BusinessEntity {
    BusinessEntity { identifier, name: "A party".to_owned(), ..Default::default() }
}

/// Sites stand in a row, half a kilometre apart, some beyond where a neighbour counts.
fn site_id(at: usize) -> String {
    format!("RW-1.9{:03}+29.8739-{}", 400 + 45 * at, at + 1)
}

fn site(dice: &mut Dice) -> Record {
    let at = dice.roll(5);
    let status = |dice: &mut Dice| {
        [
            CertificationStatus::Green,
            CertificationStatus::Blue,
            CertificationStatus::Yellow,
            CertificationStatus::Red,
        ][dice.roll(4)]
        .into()
    };
    let latitude_e7 = -19_400_000 - 45_000 * i32::try_from(at).unwrap();
    let address = Address {
        subnational_division_l1_text: dice.any(&["North", "South", ""]).to_owned(),
        ..Address::default()
    };
    Record::MineSite(Box::new(MineSite {
        icglr_id: site_id(at),
        address_country: "RW".to_owned(),
        national_id: dice.number("N", 3),
        certification_status: status(dice),
        certification_status_since: dice.date(),
        status_change: (0..dice.roll(3))
            .map(|_| StatusChange {
                date_of_change: dice.date(),
                new_status: status(dice),
                ..StatusChange::default()
            })
            .collect(),
        inspection: (0..dice.roll(3))
            .map(|_| Inspection {
                inspection_date: dice.date(),
                inspection_result: status(dice),
                ..Inspection::default()
            })
            .collect(),
        activity_status: [ActivityStatus::Active, ActivityStatus::NonActive][dice.roll(2)].into(),
        activity_since: if dice.once_in(2) { dice.date() } else { String::new() },
        mine_site_location: Some(Location {
            geolocalization: Some(GeoPoint { latitude_e7, longitude_e7: 298_739_000 }),
            local_geographic_designation: Some(address),
            ..Location::default()
        }),
        license: vec![License {
            license_type: LicenseType::MiningLicense.into(),
            covered_commodities: vec![dice.any(&MINERALS).to_owned()],
            granted_date: dice.date(),
            ..License::default()
        }],
        owner: Some(party(dice.number("O", 2))),
        tag_allocation: (0..dice.roll(2))
            .map(|_| TagAllocation {
                scheme: TagScheme::Itsci.into(),
                from_identifier: "T-0".to_owned(),
                to_identifier: dice.number("T-", 6),
                tag_count: Some(u32::try_from(dice.roll(3)).unwrap()),
            })
            .collect(),
        ..MineSite::default()
    }))
}

fn lot(dice: &mut Dice) -> Record {
    let operation = [
        OriginatingOperation::Production,
        OriginatingOperation::Combination,
        OriginatingOperation::Processing,
        OriginatingOperation::Storage,
        OriginatingOperation::Import,
    ][dice.roll(5)];
    let input = |dice: &mut Dice| InputLot {
        lot_number: dice.number("L", 6),
        country: if dice.once_in(3) { dice.state() } else { String::new() },
        creator_identifier: if dice.once_in(3) { dice.number("P", 3) } else { String::new() },
        contributed_mass_mg: (!dice.once_in(6)).then(|| dice.mass()),
        ..InputLot::default()
    };
    Record::Lot(Box::new(Lot {
        country: dice.state(),
        lot_number: dice.number("L", 6),
        registered_at_us: YEAR_US + DAY_US * i64::try_from(dice.roll(300)).unwrap(),
        creator: Some(party(dice.number("P", 3))),
        recipient: dice.once_in(2).then(|| party(dice.number("P", 3))),
        mineral: dice.any(&MINERALS).to_owned(),
        concentration_ppm: (!dice.once_in(4)).then_some(600_000),
        mass_mg: dice.mass(),
        originating_operation: vec![operation.into()],
        input_lot: (0..dice.roll(3)).map(|_| input(dice)).collect(),
        tag: (0..dice.roll(3))
            .map(|_| Tag {
                identifier: dice.number("T-", 6),
                scheme: TagScheme::Itsci.into(),
                applied_at_us: Some(YEAR_US),
                ..Tag::default()
            })
            .collect(),
        mine_site_id: if dice.once_in(2) { dice.site() } else { String::new() },
        export_certificate_id: if dice.once_in(4) { dice.number("C", 4) } else { String::new() },
        ..Lot::default()
    }))
}

fn certificate(dice: &mut Dice) -> Record {
    let state =
        if dice.once_in(5) { CertificateState::Revoked } else { CertificateState::Unspecified };
    Record::ExportCertificate(Box::new(ExportCertificate {
        issuing_country: dice.state(),
        identifier: dice.number("C", 4),
        exporter: Some(party(dice.number("P", 3))),
        lot_number: (0..dice.roll(3)).map(|_| dice.number("L", 6)).collect(),
        type_of_ore: dice.any(&MINERALS).to_owned(),
        lot_weight_mg: dice.mass(),
        concentration_ppm: (!dice.once_in(4)).then_some(600_000),
        customs_value_minor: Some([1_000_000, 9_000_000][dice.roll(2)]),
        customs_value_currency: "USD".to_owned(),
        mineral_origin: vec![dice.state()],
        date_of_verification: dice.day(6),
        date_of_issuance: dice.day(6),
        date_of_expiration: dice.day(8),
        state: state.into(),
        ..ExportCertificate::default()
    }))
}

fn procedure(dice: &mut Dice) -> i32 {
    if dice.once_in(6) { Procedure::Transit.into() } else { Procedure::Normal.into() }
}

fn export(dice: &mut Dice) -> Record {
    let month = 6 + dice.roll(4);
    Record::ExportDeclaration(Box::new(ExportDeclaration {
        country: dice.state(),
        declaration_number: dice.number("X", 8),
        line: 1,
        exporter_identifier: dice.number("P", 3),
        mineral: dice.any(&MINERALS).to_owned(),
        net_mass_mg: dice.mass(),
        destination_country: dice.any(&["RW", "UG", "CD", "TH"]).to_owned(),
        exit_date: dice.day(month),
        procedure: procedure(dice),
        certificate_country: if dice.once_in(2) { dice.state() } else { String::new() },
        certificate_identifier: if dice.once_in(2) { dice.number("C", 4) } else { String::new() },
        ..ExportDeclaration::default()
    }))
}

fn import(dice: &mut Dice) -> Record {
    let month = 6 + dice.roll(4);
    Record::ImportDeclaration(Box::new(ImportDeclaration {
        country: dice.state(),
        declaration_number: dice.number("I", 8),
        line: 1,
        mineral: dice.any(&MINERALS).to_owned(),
        net_mass_mg: dice.mass(),
        consignor_country: dice.state(),
        entry_date: dice.day(month),
        procedure: procedure(dice),
        certificate_country: if dice.once_in(2) { dice.state() } else { String::new() },
        certificate_identifier: if dice.once_in(2) { dice.number("C", 4) } else { String::new() },
        ..ImportDeclaration::default()
    }))
}

fn production(dice: &mut Dice) -> Record {
    Record::ProductionDeclaration(Box::new(ProductionDeclaration {
        country: "RW".to_owned(),
        mine_site_id: dice.site(),
        mineral: dice.any(&MINERALS).to_owned(),
        period: format!("2026-{:02}", 1 + dice.roll(9)),
        mass_mg: Some([KG, 2 * KG, 40 * KG][dice.roll(3)]),
        concentration_ppm: Some(600_000),
        workers_declared: Some(10),
        ..ProductionDeclaration::default()
    }))
}

fn rest(dice: &mut Dice) -> Record {
    match dice.roll(4) {
        0 => Record::StockDeclaration(Box::new(StockDeclaration {
            country: dice.state(),
            party_identifier: dice.number("P", 3),
            mineral: dice.any(&MINERALS).to_owned(),
            period: dice.any(&["2025-09", "2026-09"]).to_owned(),
            closing_mass_mg: Some(dice.mass()),
            concentration_ppm: Some(600_000),
            ..StockDeclaration::default()
        })),
        1 => Record::ExporterStatus(Box::new(ExporterStatus {
            country: dice.state(),
            exporter: Some(party(dice.number("P", 3))),
            certification_status: CertificationStatus::Red.into(),
            certification_status_since: dice.day(6),
            license_expiring_date: dice.day(7),
            ..ExporterStatus::default()
        })),
        2 => Record::Audit(Box::new(Audit {
            country: dice.state(),
            audit_number: dice.number("A", 4),
            exporter_identifier: dice.number("P", 3),
            audit_type: AuditType::ThirdParty.into(),
            audit_date: dice.day(3),
            ..Audit::default()
        })),
        _ => Record::ReportingPeriod(Box::new(ReportingPeriod {
            country: dice.state(),
            period: format!("2026-{:02}", 6 + dice.roll(4)),
            feed: "transactions".to_owned(),
            record_count: Some(9),
            ..ReportingPeriod::default()
        })),
    }
}

/// Any record.
pub(super) fn record(dice: &mut Dice) -> Record {
    match dice.roll(12) {
        0..4 => lot(dice),
        4 | 5 => certificate(dice),
        6 => export(dice),
        7 => import(dice),
        8 | 9 => production(dice),
        10 => site(dice),
        _ => rest(dice),
    }
}

/// Takes a record, as one of that revision, now and then as void.
pub(super) fn take(region: &mut Region, record: Record, rev: u64, dice: &mut Dice) -> Named {
    let named = Named {
        entity: record.entity(),
        key: record.key().unwrap().into(),
        country: record.country().into(),
        rev,
        digest: [u8::try_from(rev % 256).unwrap(); 32],
    };
    region.take(named.clone(), dice.once_in(12), record);
    named
}

/// So many records, with decisions and what partners say.
pub(super) fn region(dice: &mut Dice, records: usize) -> Region {
    let mut region = Region::default();
    for _ in 0..records {
        let record = record(dice);
        take(&mut region, record, 1, dice);
    }
    for at in 0..2 {
        let key = rmd_standard::site_id::key_of(&dice.site()).unwrap();
        let day: jiff::civil::Date = dice.date().parse().unwrap();
        let known_at = day.tomorrow().unwrap().to_zoned(jiff::tz::TimeZone::UTC).unwrap();
        region.decisions.entry(key.into()).or_default().push(DecisionEvent {
            decision_id: format!("D-{at}"),
            status: CertificationStatus::Red,
            decided_on: day,
            known_at: known_at.timestamp(),
            lifts: dice.once_in(2),
        });
    }
    for year in [2025, 2026] {
        region.mirror.push(MirrorRow {
            country: dice.state(),
            partner: "TH".to_owned(),
            mineral: "260900".to_owned(),
            year,
            mass_mg: i128::from(30_000 * KG),
        });
    }
    region
}
