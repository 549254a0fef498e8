//! Declarations, allotments, premises, and instants of tags.

use rmd_proto::v1::{ProductionDeclaration, StockDeclaration};

use super::*;

fn production() -> Row {
    Row::new(Entity::ProductionDeclaration)
        .text("country", "CD")
        .text("mine_site_id", "CD-+0.3319+28.7126-191")
        .text("mineral", "cassiterite")
        .text("period", "2018-01")
}

fn as_production(valid: &Valid<Record, National>) -> &ProductionDeclaration {
    let Record::ProductionDeclaration(one) = valid.record() else { panic!("{valid:?}") };
    one
}

#[test]
fn a_zero_month_is_declared_with_or_without_a_unit() {
    let mass = |row: Row| row.finish().map(|valid| as_production(&valid).mass_mg);
    assert_eq!(mass(production().text("mass", "0")).unwrap(), Some(0));
    let month = || production().text("mass", "1.5");
    assert_eq!(mass(month().text("unit_of_measurement", "TNE")).unwrap(), Some(1_500_000_000));
    assert_eq!(rules(&month().refused()), ["PRODUCTION-MASS-MG-UNIT"]);
    assert_eq!(rules(&production().refused()), ["PRODUCTION-MASS-MG-REQUIRED"]);
    let below = production().text("mass", "-1").text("unit_of_measurement", "KGM");
    assert_eq!(rules(&below.refused()), ["PRODUCTION-MASS-MG-RANGE"]);
    let stock = Row::new(Entity::StockDeclaration)
        .text("country", "CD")
        .text("party_identifier", "P-1")
        .text("mineral", "2609.00.00")
        .text("period", "2018-01")
        .text("unit_of_measurement", "KGM")
        .text("closing_mass", "12")
        .text("concentration", "61.5")
        .text("analyte", "sno2")
        .finish()
        .unwrap();
    let Record::StockDeclaration(one) = stock.record() else { panic!("{stock:?}") };
    let StockDeclaration { closing_mass_mg, concentration_ppm, analyte, .. } = **one;
    assert_eq!((closing_mass_mg, concentration_ppm, analyte), (Some(12_000_000), Some(615_000), 2));
    assert_eq!(stock.key(), "CD/P-1/260900/2018-01");
}

#[test]
fn a_declaration_names_its_site_by_what_the_site_was_minted_from() {
    let declared = Row::new(Entity::ProductionDeclaration)
        .text("country", "CD")
        .text("mine_site.national_id", "codmine00191")
        .cell(None, "mine_site.latitude", Cell::Real(0.33188))
        .cell(None, "mine_site.longitude", Cell::Real(28.71258))
        .text("mineral", "2609.00.00")
        .text("period", "2018-01")
        .text("mass", "0")
        .finish()
        .unwrap();
    let site = site().finish().unwrap();
    assert_eq!(as_production(&declared).mine_site_id, as_site(&site).icglr_id);
    assert_eq!(declared.key(), format!("{}/260900/2018-01", site.key()));
}

#[test]
fn capacities_and_allotted_tags_are_lists_of_a_site() {
    let valid = site()
        .element(
            "capacity",
            &[("mineral", "2609.00.00"), ("monthly_mass", "2"), ("unit_of_measurement", "TNE")],
        )
        .element(
            "capacity",
            &[("unit_of_measurement", "GRM"), ("mineral", "gold"), ("monthly_mass", "31")],
        )
        .element(
            "tag_allocation",
            &[
                ("scheme", "ITSCI"),
                ("from_identifier", "100"),
                ("to_identifier", "199"),
                ("tag_count", "100"),
            ],
        )
        .finish()
        .unwrap();
    let site = as_site(&valid);
    let masses: Vec<_> = site.capacity.iter().map(|one| one.monthly_mass_mg).collect();
    assert_eq!(masses, [2_000_000_000, 31_000]);
    assert_eq!((site.tag_allocation[0].scheme, site.tag_allocation[0].tag_count), (1, Some(100)));
    let unitless = super::site().element("capacity", &[("monthly_mass", "2")]);
    assert_eq!(rules(&unitless.refused()), ["CAPACITY-MONTHLY-MASS-MG-UNIT"]);
}

#[test]
fn instants_of_tags_are_in_the_zone_of_the_source_and_never_made_of_a_day() {
    let row = || lot().text("mass", "5").text("unit_of_measurement", "KGM");
    let valid = row()
        .text("received_at", "2018-01-02 10:00:00")
        .element(
            "tag",
            &[
                ("identifier", "T-1"),
                ("issuer.identifier", "ITSCI"),
                ("issuer.legal_address.country", "GB"),
                ("issue_time", "07:05+02"),
                ("kind", "mine"),
                ("state", "applied"),
                ("applied_at", "2018-01-02 08:00:00"),
                ("state_since", "2018-01-02T06:00:00Z"),
            ],
        )
        .element("tag", &[("identifier", "T-2"), ("applied_at", "2018-01-02 09:00:00")])
        .finish()
        .unwrap();
    let lot = as_lot(&valid);
    assert_eq!(lot.received_at_us, Some(1_514_880_000_000_000));
    assert_eq!(lot.tag[0].applied_at_us, Some(1_514_872_800_000_000));
    assert_eq!(lot.tag[0].state_since_us, lot.tag[0].applied_at_us);
    assert_eq!(lot.tag[1].applied_at_us, Some(1_514_876_400_000_000));
    assert_eq!(lot.tag[0].issue_time, "07:05:00+02:00");
    let issuer = lot.tag[0].issuer.as_ref().unwrap();
    assert_eq!(issuer.legal_address.as_ref().unwrap().country, "GB");
    let bare = row().element("tag", &[("identifier", "T-1"), ("applied_at", "2018-01-02")]);
    let valid = bare.finish().unwrap();
    assert_eq!(as_lot(&valid).tag[0].applied_at_us, None);
    let finding = valid.findings().iter().find(|one| one.rule == "MD11-APPLIED-AT-US-FORM");
    let finding = finding.unwrap();
    assert_eq!(finding.severity, Severity::Incomplete);
    assert_eq!(
        (finding.path.as_str(), finding.value.as_str()),
        ("tag[0].applied_at_us", "2018-01-02")
    );
}

#[test]
fn premises_are_points_of_two_numbers() {
    let row = || lot().text("mass", "5").text("unit_of_measurement", "KGM");
    let valid = row()
        .text("creator.premises.latitude", "-1.5")
        .text("recipient.premises.longitude", "30")
        .text("recipient.premises.latitude", "-2")
        .text("creator.premises.longitude", "29.25")
        .finish()
        .unwrap();
    let point = as_lot(&valid).creator.as_ref().unwrap().premises.unwrap();
    assert_eq!((point.latitude_e7, point.longitude_e7), (-15_000_000, 292_500_000));
    assert!(as_lot(&valid).recipient.as_ref().unwrap().premises.is_some());
    let half = row().text("creator.premises.latitude", "-1.5").refused();
    assert_eq!(rules(&half), ["MD06-LONGITUDE-E7-REQUIRED"]);
    assert_eq!(half[0].path, "creator.premises.longitude_e7");
    let operator = site()
        .element("operator", &[("premises.latitude", "1"), ("premises.longitude", "29")])
        .element("operator", &[("premises.longitude", "29")])
        .refused();
    assert_eq!(operator[0].path, "operator[1].premises.latitude_e7");
    assert_eq!(operator.len(), 1);
}

#[test]
fn packages_are_counted_in_thousandths() {
    let row = || lot().text("mass", "5").text("unit_of_measurement", "KGM");
    let packages = |text: &str| row().text("nr_of_packages", text);
    let count = |text| as_lot(&packages(text).finish().unwrap()).nr_of_packages_e3;
    assert_eq!((count("12"), count("0.5"), count("0")), (Some(12_000), Some(500), Some(0)));
    assert_eq!(rules(&packages("0.0005").refused()), ["MD12-NR-OF-PACKAGES-E3-PRECISION"]);
    assert_eq!(rules(&packages("-1").refused()), ["MD12-NR-OF-PACKAGES-E3-RANGE"]);
}

#[test]
fn place_names_of_a_site_have_a_short_alias_and_their_path() {
    let path = "mine_site_location.local_geographic_designation.subnational_division_l1_text";
    for alias in [path, "local_geographic_designation.subnational_division_l1_text"] {
        let valid = site().text(alias, "Nord-Kivu").finish().unwrap();
        let location = as_site(&valid).mine_site_location.as_ref().unwrap();
        let place = location.local_geographic_designation.as_ref().unwrap();
        assert_eq!(place.subnational_division_l1_text, "Nord-Kivu");
    }
    assert!(aliases(Entity::MineSite, Some("extension")).is_empty());
    assert!(column(Entity::Lot, Some("extension"), "path").is_none());
}

#[test]
fn a_time_may_say_its_zone() {
    let valid = lot()
        .text("mass", "5")
        .text("unit_of_measurement", "KGM")
        .text("date_registration", "2018-01-02")
        .text("time_registration", "083000+03:00")
        .finish()
        .unwrap();
    assert_eq!(as_lot(&valid).registered_at_us, 1_514_871_000_000_000);
}

#[test]
fn json_shows_the_words_of_our_own_lists() {
    let incident = Row::new(Entity::Incident)
        .text("country", "CD")
        .text("incident_number", "I-1")
        .text("risk", "a2-4")
        .text("level", "3")
        .text("incident_date", "2018-01-01")
        .text("state", "Under review")
        .finish()
        .unwrap();
    assert!(incident.findings().is_empty(), "{:?}", incident.findings());
    let json = incident.record().to_json();
    assert_eq!((&json["risk"], &json["state"]), (&"A2-4".into(), &"under_review".into()));
    assert_eq!(json["level"], 3);
    let severe = |level: &str| {
        let row = Row::new(Entity::Incident).text("country", "CD").text("incident_number", "I-1");
        row.text("level", level).finish()
    };
    assert!(severe("1").is_ok());
    for level in ["0", "4", "severe"] {
        assert!(severe(level).is_err(), "{level}");
    }
}
