use std::borrow::Borrow;

use rmd_proto::v1::{
    CertificationStatus, CreatorRole, ExportCertificate, ExportDeclaration, Lot, MineSite,
    OriginatingOperation, ReportingPeriod,
};

use super::*;
use crate::{Finding, Severity, sample};

/// Aliases and their cells.
type Cells<'a> = &'a [(&'a str, &'a str)];

/// A draft filled by aliases; `list[alias]` acts on the open element.
struct Row(Draft, CodeLists);

impl Row {
    fn new(entity: Entity) -> Self {
        Self(Draft::new(entity), CodeLists::default())
    }

    fn codes(mut self, list: &str, pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs.iter().map(|(word, to)| ((*word).to_owned(), (*to).to_owned())).collect();
        self.1 = CodeLists::from_tables([(list.to_owned(), pairs)].into()).unwrap();
        self
    }

    fn cell(mut self, list: Option<&str>, alias: &str, cell: impl Borrow<Cell>) -> Self {
        let column = column(self.0.record.entity(), list, alias).expect(alias);
        self.0.set(column, cell.borrow(), &self.1);
        self
    }

    fn text(self, alias: &str, text: &str) -> Self {
        self.cell(None, alias, Cell::Text(text.to_owned()))
    }

    fn element(mut self, list: &str, cells: Cells<'_>) -> Self {
        self.0.push(list);
        for (alias, text) in cells {
            self = self.cell(Some(list), alias, Cell::Text((*text).to_owned()));
        }
        self
    }

    fn finish(self) -> Result<Valid<Record, National>, Refusal> {
        self.0.finish(&sample::context())
    }

    fn refused(self) -> Vec<Finding> {
        let mut findings = self.finish().unwrap_err().findings;
        findings.retain(|finding| finding.severity == Severity::Refuse);
        findings
    }
}

fn site() -> Row {
    Row::new(Entity::MineSite)
        .text("address_country", "CD")
        .text("national_id", "codmine00191")
        .text("certification_status", "Blue")
        .cell(None, "mine_site_location.geolocalization.latitude", Cell::Real(0.33188))
        .cell(None, "mine_site_location.geolocalization.longitude", Cell::Real(28.71258))
}

fn lot() -> Row {
    Row::new(Entity::Lot)
        .text("country", "CD")
        .text("lot_number", "L-1")
        .text("creator.identifier", "TR-7")
}

fn as_site(valid: &Valid<Record, National>) -> &MineSite {
    let Record::MineSite(site) = valid.record() else { panic!("{valid:?}") };
    site
}

fn as_lot(valid: &Valid<Record, National>) -> &Lot {
    let Record::Lot(lot) = valid.record() else { panic!("{valid:?}") };
    lot
}

fn rules(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn every_field_has_an_alias_within_the_limit_of_databases() {
    for entity in Entity::ALL {
        for list in [None].into_iter().chain(entity.lists().iter().map(|list| Some(*list))) {
            let aliases = aliases(entity, list);
            assert!(!aliases.is_empty(), "{entity} {list:?}");
            let distinct: std::collections::BTreeSet<_> = aliases.iter().collect();
            assert_eq!(distinct.len(), aliases.len(), "{entity} {list:?}");
            for alias in aliases {
                assert!(alias.len() <= 63, "{alias}");
                assert!(column(entity, list, alias).is_some(), "{alias}");
            }
        }
    }
    let known = aliases(Entity::MineSite, None);
    for alias in
        ["mine_site_location.altitude", "owner.contact_details.contact_email", "owner.name"]
    {
        assert!(known.contains(&alias), "{alias}");
    }
    assert!(column(Entity::MineSite, None, "inspection_date").is_none());
    assert!(column(Entity::MineSite, Some("inspection"), "inspection_date").is_some());
    assert!(column(Entity::MineSite, None, "withheld").is_none());
    assert!(column(Entity::Lot, None, "mass_mg").is_none());
}

#[test]
fn minted_id_comes_from_country_point_and_national_id() {
    let valid = site().finish().unwrap();
    assert_eq!(as_site(&valid).icglr_id, "CD-+0.3319+28.7126-00191");
    assert_eq!(valid.key(), "CD-0.3319-28.7126-191");
    let issued = site().text("icglr_id", "CD-0.3319+28.7126-7").finish().unwrap();
    assert_eq!(as_site(&issued).icglr_id, "CD-0.3319+28.7126-7");
}

#[test]
fn masses_do_not_depend_on_the_order_of_cells() {
    let first = lot().text("mass", "1.25").text("unit_of_measurement", "TNE").finish().unwrap();
    let second = lot().text("unit_of_measurement", "TNE").text("mass", "1.25").finish().unwrap();
    assert_eq!(as_lot(&first).mass_mg, 1_250_000_000);
    assert_eq!(first.record(), second.record());
    let grams = lot()
        .cell(None, "mass", Cell::Real(31.103))
        .text("unit_of_measurement", "g")
        .codes("unit_of_measurement", &[("g", "grm")]);
    assert_eq!(rules(&grams.refused()), ["MD12-UNIT-OF-MEASUREMENT-LIST", "MD12-MASS-MG-UNIT"]);
    let grams = lot()
        .codes("unit_of_measurement", &[("g", "grm")])
        .cell(None, "mass", Cell::Real(31.103))
        .text("unit_of_measurement", "g");
    assert_eq!(as_lot(&grams.finish().unwrap()).mass_mg, 31_103);
}

#[test]
fn unreadable_masses_are_refused_by_name() {
    let rows = [
        (lot().text("mass", "1,25").text("unit_of_measurement", "KGM"), "MD12-MASS-MG-FORM"),
        (lot().text("mass", "1.25"), "MD12-MASS-MG-UNIT"),
        (lot().text("unit_of_measurement", "KGM"), "MD12-MASS-MG-REQUIRED"),
        (lot().text("mass", "0").text("unit_of_measurement", "KGM"), "MD12-MASS-MG-RANGE"),
        (
            lot().text("mass", "0.0000001").text("unit_of_measurement", "KGM"),
            "MD12-MASS-MG-PRECISION",
        ),
        (
            lot().cell(None, "mass", Cell::Real(f64::NAN)).text("unit_of_measurement", "KGM"),
            "MD12-MASS-MG-FORM",
        ),
        (
            lot().cell(None, "mass", Cell::Bool(true)).text("unit_of_measurement", "KGM"),
            "MD12-MASS-MG-FORM",
        ),
    ];
    for (row, rule) in rows {
        let findings = row.refused();
        assert_eq!(rules(&findings), [rule]);
        assert_eq!(findings[0].path, "mass_mg");
    }
    let found = lot().text("mass", "0.0000001").text("unit_of_measurement", "KGM").refused();
    assert!(found[0].en.contains("milligram") && found[0].fr.contains("milligramme"), "{found:?}");
    assert!(
        found[0].en.contains("Lot CD/TR-7/L-1") && found[0].en.contains("0.0000001"),
        "{found:?}"
    );
}

#[test]
fn contributions_are_in_their_own_unit_or_that_of_the_lot() {
    let valid = lot()
        .element("input_lot", &[("lot_number", "A"), ("contributed_mass", "2")])
        .element(
            "input_lot",
            &[("contributed_mass", "2"), ("contributed_unit", "TNE"), ("lot_number", "B")],
        )
        .text("mass", "5")
        .text("unit_of_measurement", "KGM")
        .finish()
        .unwrap();
    let masses: Vec<_> =
        as_lot(&valid).input_lot.iter().map(|input| input.contributed_mass_mg).collect();
    assert_eq!(masses, [Some(2_000_000), Some(2_000_000_000)]);
}

#[test]
fn elements_keep_their_own_cells_and_paths() {
    let found = site()
        .element("inspection", &[("inspection_date", "2017-05-01"), ("inspection_result", "green")])
        .element("inspection", &[("inspection_date", "2017-13-01"), ("inspection_result", "Vert")])
        .refused();
    let paths: Vec<_> =
        found.iter().map(|finding| (finding.path.as_str(), finding.value.as_str())).collect();
    assert_eq!(
        paths,
        [
            ("inspection[1].inspection_result", "Vert"),
            ("inspection[1].inspection_date", "2017-13-01"),
        ]
    );
    assert!(found[0].en.contains("blue, green, yellow, red"), "{}", found[0].en);
    assert!(found[0].fr.contains("[codes.certification_status]"), "{}", found[0].fr);
    assert!(found[1].en.contains("YYYY-MM-DD") && found[1].fr.contains("AAAA-MM-JJ"));
}

#[test]
fn taxes_and_values_follow_their_currency() {
    let valid = lot()
        .text("mass", "5")
        .text("unit_of_measurement", "KGM")
        .text("price_per_kg", "12.34")
        .text("price_currency", "USD")
        .element(
            "tax_paid",
            &[("tax_amount", "1500"), ("currency", "RWF"), ("tax_type", "royalty")],
        )
        .element("tax_paid", &[("currency", "USD"), ("tax_amount", "1500")])
        .finish()
        .unwrap();
    let taxes: Vec<_> = as_lot(&valid).tax_paid.iter().map(|tax| tax.tax_amount_minor).collect();
    assert_eq!(taxes, [Some(1500), Some(150_000)]);
    assert_eq!(as_lot(&valid).price_per_kg_minor, Some(1234));
    let certificate = |value: &str, currency: &str| {
        Row::new(Entity::ExportCertificate)
            .text("issuing_country", "CD")
            .text("identifier", "C-1")
            .text("lot_weight", "5")
            .text("lot_weight_uom", "KGM")
            .text("customs_value", value)
            .text("customs_value_currency", currency)
            .finish()
    };
    let value = |valid: &Valid<Record, National>| {
        let Record::ExportCertificate(one) = valid.record() else { panic!("{valid:?}") };
        let ExportCertificate { customs_value_minor, customs_value_currency, .. } = one.as_ref();
        (*customs_value_minor, customs_value_currency.clone())
    };
    let usd = (Some(8_500_000), "USD".to_owned());
    assert_eq!(value(&certificate("85000", "USD").unwrap()), usd);
    assert_eq!(value(&certificate("USD 85000.00", "").unwrap()), usd);
    assert_eq!(value(&certificate("USD 85000.00", "USD").unwrap()), usd);
    assert_eq!(value(&certificate("85000", "").unwrap()), (None, String::new()));
    let other = certificate("USD 85000.00", "RWF").unwrap_err().findings;
    assert!(rules(&other).contains(&"MD03-CUSTOMS-VALUE-MINOR-FORM"), "{other:?}");
    let fine = certificate("0.005", "USD").unwrap_err().findings;
    assert!(rules(&fine).contains(&"MD03-CUSTOMS-VALUE-MINOR-PRECISION"), "{fine:?}");
}

#[test]
fn declared_masses_have_a_unit_that_is_no_field() {
    let declaration = |unit: &str| {
        Row::new(Entity::ExportDeclaration)
            .text("country", "CD")
            .text("declaration_number", "E-1")
            .cell(None, "line", Cell::Integer(1))
            .cell(None, "net_mass", Cell::Decimal("0.75".parse().unwrap()))
            .text("unit_of_measurement", unit)
            .text("procedure", "normal")
            .finish()
    };
    let valid = declaration("TNE").unwrap();
    let Record::ExportDeclaration(one) = valid.record() else { panic!("{valid:?}") };
    let ExportDeclaration { net_mass_mg, line, .. } = **one;
    assert_eq!((net_mass_mg, line), (750_000_000, 1));
    let found = declaration("sacks").unwrap_err().findings;
    assert_eq!(found[0].rule, "EXPORT-NET-MASS-MG-UNIT");
    assert_eq!(found[0].value, "sacks");
}

#[test]
fn instants_come_from_local_days_and_times_or_as_they_are() {
    let registered = |cells: Cells<'_>| {
        let row = lot().text("mass", "5").text("unit_of_measurement", "KGM");
        let row = cells.iter().fold(row, |row, (alias, text)| row.text(alias, text));
        let valid = row.finish().unwrap();
        let untimed = rules(valid.findings()).contains(&"MD12-TIME-REGISTRATION-REQUIRED");
        (
            jiff::Timestamp::from_microsecond(as_lot(&valid).registered_at_us).unwrap().to_string(),
            untimed,
        )
    };
    let rows: [(Cells<'_>, &str, bool); 8] = [
        (
            &[("date_registration", "2018-01-02"), ("time_registration", "08:30:00")],
            "2018-01-02T06:30:00Z",
            false,
        ),
        (
            &[("time_registration", "083000"), ("date_registration", "2018-01-02 00:00:00")],
            "2018-01-02T06:30:00Z",
            false,
        ),
        (&[("registered_at", "2018-01-02T08:30:00Z")], "2018-01-02T08:30:00Z", false),
        (&[("registered_at", "2018-01-02 08:30:00+02")], "2018-01-02T06:30:00Z", false),
        (&[("registered_at", "2018-01-02 08:30:00")], "2018-01-02T06:30:00Z", false),
        (&[("registered_at", "2018-01-02T08:30:00.25")], "2018-01-02T06:30:00.25Z", false),
        (&[("registered_at", "2018-01-02")], "2018-01-01T22:00:00Z", true),
        (&[("date_registration", "2018-01-02")], "2018-01-01T22:00:00Z", true),
    ];
    for (cells, expected, untimed) in rows {
        assert_eq!(registered(cells), (expected.to_owned(), untimed), "{cells:?}");
    }
    let found = lot().text("registered_at", "02/01/2018").refused();
    assert!(rules(&found).contains(&"MD12-REGISTERED-AT-US-FORM"), "{found:?}");
    let period = Row::new(Entity::ReportingPeriod)
        .text("country", "CD")
        .text("period", "2017-12")
        .text("feed", "transactions")
        .cell(None, "record_count", Cell::Integer(0))
        .text("closed_at", "2018-01-03 10:00:00")
        .finish()
        .unwrap();
    let Record::ReportingPeriod(one) = period.record() else { panic!("{period:?}") };
    let ReportingPeriod { closed_at_us, record_count, .. } = one.as_ref();
    assert_eq!((*closed_at_us, *record_count), (1_514_966_400_000_000, Some(0)));
}

#[test]
fn days_are_taken_from_timestamps() {
    let change = |day: &str| {
        let row = site().element("status_change", &[("date_of_change", day), ("new_status", "1")]);
        row.finish().map(|valid| as_site(&valid).status_change[0].date_of_change.clone())
    };
    for day in
        ["2017-05-01", "2017-05-01 00:00:00", "2017-05-01T23:30:00Z", " 2017-05-01 10:00:00+02 "]
    {
        assert_eq!(change(day).unwrap(), "2017-05-01", "{day}");
    }
    for day in ["2017-05-01 at noon", "2017-02-30 00:00:00", "01/05/2017", "2017-05-011"] {
        assert_eq!(
            rules(&change(day).unwrap_err().findings)[0],
            "MD10-DATE-OF-CHANGE-FORM",
            "{day}"
        );
    }
}

#[test]
fn repeated_codes_come_in_one_cell() {
    let roles = |text: &str| {
        let row = lot().text("mass", "5").text("unit_of_measurement", "KGM");
        let row = row.codes("creator_role", &[("Comptoir d'achat", "trader"), ("néant", "")]);
        row.text("creator_role", text).finish().map(|valid| as_lot(&valid).creator_role.clone())
    };
    let (miner, trader) = (CreatorRole::Miner as i32, CreatorRole::Trader as i32);
    for text in
        ["1;2", "1, 2", "1 2", "miner;trader", "Miner, Comptoir d'achat", "1 ; Comptoir d'achat"]
    {
        assert_eq!(roles(text).unwrap(), [miner, trader], "{text}");
    }
    assert_eq!(roles("Comptoir d'achat").unwrap(), [trader]);
    assert_eq!(roles("néant").unwrap(), [0; 0]);
    let found = roles("1;smelter").unwrap_err().findings;
    assert_eq!(
        (found[0].rule.as_str(), found[0].value.as_str()),
        ("MD12-CREATOR-ROLE-LIST", "smelter")
    );
}

#[test]
fn minerals_and_origins_are_codes_of_the_standard() {
    let minerals = |text: &str| {
        let row = site().codes("mineral", &[("Cassitérite", "cassiterite"), ("Or", "gold")]);
        row.text("mineral", text).finish().map(|valid| as_site(&valid).mineral.clone())
    };
    assert_eq!(minerals("Or").unwrap(), ["7108.12.00"]);
    assert_eq!(
        minerals("Cassitérite, Or; 2615.90.00").unwrap(),
        ["2609.00.00", "7108.12.00", "2615.90.00"]
    );
    assert_eq!(minerals("Or;7108.12.00").unwrap(), ["7108.12.00"]);
    assert_eq!(minerals("Améthyste").unwrap_err().findings[0].value, "Améthyste");
    let origin = |text: &str| {
        let row = Row::new(Entity::ExportCertificate)
            .text("issuing_country", "CD")
            .text("identifier", "C-1")
            .text("lot_weight", "5")
            .text("lot_weight_uom", "KGM")
            .text("lot_number", "L-1; L 2")
            .text("mineral_origin", text);
        let valid = row.finish().unwrap();
        let Record::ExportCertificate(one) = valid.record() else { panic!("{valid:?}") };
        (one.mineral_origin.clone(), one.lot_number.clone())
    };
    assert_eq!(origin("CD RW").0, ["CD", "RW"]);
    assert_eq!(origin("0").0, ["UNKNOWN"]);
    assert_eq!(origin("CD").1, ["L-1", "L 2"]);
}

#[test]
fn absent_cells_leave_fields_absent() {
    let valid = site()
        .cell(None, "site_name", Cell::Null)
        .text("activity_status", "   ")
        .text("owner.name", "")
        .codes("operation_type", &[("inconnu", "")])
        .text("operation_type", "inconnu")
        .cell(None, "workers_declared", Cell::Integer(0))
        .finish()
        .unwrap();
    let site = as_site(&valid);
    assert_eq!((site.site_name.as_str(), site.activity_status, &site.owner), ("", 0, &None));
    assert_eq!((site.operation_type, site.workers_declared), (0, Some(0)));
    let expected = [
        "MD01-ACTIVITY-STATUS-REQUIRED",
        "MD01-MINERAL-REQUIRED",
        "MD01-LICENSE-REQUIRED",
        "MD01-OWNER-REQUIRED",
    ];
    assert_eq!(rules(valid.findings()), expected);
    assert!(valid.findings().iter().all(|finding| finding.severity == Severity::Incomplete));
}

#[test]
fn point_with_one_coordinate_is_refused_and_mints_nothing() {
    let alias = "mine_site_location.geolocalization.latitude";
    let base = || {
        let row = Row::new(Entity::MineSite).text("address_country", "CD").text("national_id", "7");
        row.text("certification_status", "0")
    };
    let found = base().text(alias, "1.5").refused();
    assert_eq!(rules(&found), ["MD06-LONGITUDE-E7-REQUIRED", "MD01-ICGLR-ID-REQUIRED"]);
    let found = base().text(alias, "1°30'").refused();
    assert!(rules(&found).contains(&"MD06-LATITUDE-E7-FORM"), "{found:?}");
    let equator = base().text(alias, "0").cell(
        None,
        "mine_site_location.geolocalization.longitude",
        Cell::Integer(30),
    );
    assert_eq!(as_site(&equator.finish().unwrap()).icglr_id, "CD-+0.0000+30.0000-7");
}

#[test]
fn exchanged_coordinates_are_refused() {
    let found = site()
        .cell(None, "mine_site_location.geolocalization.latitude", Cell::Real(28.71258))
        .cell(None, "mine_site_location.geolocalization.longitude", Cell::Real(0.33188))
        .refused();
    assert_eq!(rules(&found), ["MD01-POINT-REGION"]);
    assert_eq!(found[0].value, "28.71258 0.33188");
}

#[test]
fn status_numbers_of_the_standard_are_words_too() {
    for (word, status) in [("0", CertificationStatus::Blue), ("3", CertificationStatus::Red)] {
        let valid = site().text("certification_status", word).finish().unwrap();
        assert_eq!(as_site(&valid).certification_status(), status);
    }
    let valid = site().cell(None, "certification_status", Cell::Integer(1)).finish().unwrap();
    assert_eq!(as_site(&valid).certification_status(), CertificationStatus::Green);
    let license = site().element("license", &[("license_type", "claim")]).cell(
        Some("license"),
        "license_status",
        Cell::Bool(true),
    );
    assert_eq!(as_site(&license.finish().unwrap()).license[0].license_status, 2);
}

#[test]
fn national_values_do_not_enter_findings() {
    let valid = site().text("owner.contact_details.contact_email", "Jean Dupont").finish().unwrap();
    let found =
        valid.findings().iter().find(|finding| finding.rule == "MD09-CONTACT-EMAIL-FORM").unwrap();
    assert_eq!(found.value, "");
    assert!(!found.en.contains("Dupont") && !found.fr.contains("Dupont"));
}

#[test]
fn json_shows_words_and_proto_names() {
    let valid = lot()
        .text("mass", "5")
        .text("unit_of_measurement", "KGM")
        .text("originating_operation", "production")
        .text("concentration", "61.25")
        .element("tag", &[("identifier", "T-1"), ("issue_time", "070509")])
        .finish()
        .unwrap();
    let json = valid.record().to_json();
    assert_eq!(json["mass_mg"], 5_000_000);
    assert_eq!(json["unit_of_measurement"], "kgm");
    assert_eq!(json["originating_operation"][0], "production");
    assert_eq!(json["concentration_ppm"], 612_500);
    assert_eq!(json["tag"][0]["issue_time"], "07:05:09");
    assert_eq!(json["creator"]["identifier"], "TR-7");
    assert!(json.get("mine_site_id").is_none() && json.get("withheld").is_none());
    assert_eq!(as_lot(&valid).originating_operation, [OriginatingOperation::Production as i32]);
}

#[test]
fn a_lot_names_its_site_by_what_the_site_was_minted_from() {
    let site = site().finish().unwrap();
    let lot = lot()
        .text("mine_site.national_id", "codmine00191")
        .cell(None, "mine_site.latitude", Cell::Real(0.33188))
        .cell(None, "mine_site.longitude", Cell::Real(28.71258))
        .text("mass", "12")
        .text("unit_of_measurement", "KGM")
        .finish()
        .unwrap();
    assert_eq!(as_lot(&lot).mine_site_id, as_site(&site).icglr_id);
}

#[test]
fn several_values_may_come_one_by_one() {
    let site = site()
        .element("mineral", &[("mineral", "2609.00.00")])
        .element("mineral", &[("mineral", "2615.90.00")]);
    let valid = site.finish().unwrap();
    assert_eq!(as_site(&valid).mineral, ["2609.00.00", "2615.90.00"]);
}
