//! Rows of cells as a mapping gives them, and the records they make.

mod declared;
mod measures;

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
