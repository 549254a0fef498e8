//! Every rule of the list is accepted by one record and broken by another.

use rmd_proto::v1::{CertificationStatus, MineSite};

use super::*;
use crate::{
    Cell, CodeLists, Context, Draft, Finding, Record, Regional, Valid, check, column,
    model::{self, Form, Part, Spec, Value},
    sample,
};

/// What a check of the record in the national profile finds.
fn findings(mut record: Record, context: &Context) -> Vec<Finding> {
    let entity = record.entity();
    match check::national(&mut record, context, Vec::new()) {
        Ok((key, issues)) => crate::finding::render_all(&issues, entity, Some(&key)),
        Err(refusal) => refusal.findings,
    }
}

/// Runs `change` on the field of a path whose lists have one element.
fn at(part: &mut dyn Part, path: &str, change: &mut dyn FnMut(&'static Spec, Value<'_>)) {
    let (head, rest) = path.split_once('.').unwrap_or((path, ""));
    let name = head.trim_end_matches("[]");
    let index = (0..part.len()).find(|index| part.spec(*index).name == name).unwrap();
    let spec = part.spec(index);
    match part.value(index) {
        Value::Part(slot) if !rest.is_empty() => at(slot.ensure(), rest, change),
        Value::List(items) if !rest.is_empty() => at(items.get(0).unwrap(), rest, change),
        value => change(spec, value),
    }
}

fn changed(rule: &RuleInfo, change: &mut dyn FnMut(&'static Spec, Value<'_>)) -> Record {
    let mut record = sample::complete(rule.entity);
    at(model::part_of(&mut record), &rule.path, change);
    record
}

/// Puts a value into the field that the field itself can hold and the rule refuses.
fn spoil(rule: &RuleInfo) -> Vec<Finding> {
    let suffix = rule.id.rsplit_once('-').unwrap().1;
    let record = changed(rule, &mut |spec, value| match (value, spec.form) {
        (Value::Text(text), Form::Text { max, .. }) if suffix == "RANGE" => *text = "é".repeat(max),
        (Value::Texts(texts), Form::Text { max, .. }) if suffix == "RANGE" => {
            texts[0] = "é".repeat(max);
        }
        (Value::Text(text), Form::Polygon) if suffix == "RANGE" => {
            *text = text.replace("28", "280");
        }
        (Value::Text(text), Form::Json) => *text = "{".to_owned(),
        (Value::Text(text), _) => *text = "?\u{1}".to_owned(),
        (Value::Texts(texts), _) => texts.push("?\u{1}".to_owned()),
        (Value::Code(code), _) => *code = 99,
        (Value::Codes(codes), _) => codes.push(99),
        (Value::Degrees(degrees), _) => *degrees = 2_000_000_000,
        (Value::Height(height), _) => *height = Some(100_000_000),
        (Value::Whole(whole), _) => *whole = -1,
        (Value::MaybeWhole(whole), _) => *whole = Some(-1),
        (Value::Small(small), _) => *small = 4,
        (Value::MaybeSmall(small), _) => *small = Some(1_000_001),
        (Value::List(items), _) => (0..=model::ELEMENTS_MAX).for_each(|_| items.push()),
        _ => {}
    });
    findings(record, &sample::context())
}

fn list_and_field(path: &str) -> (Option<&str>, &str) {
    path.split_once("[].").map_or((None, path), |(list, field)| (Some(list), field))
}

/// Lets a draft read a cell that it must not accept.
fn drafted(rule: &RuleInfo) -> Vec<Finding> {
    let suffix = rule.id.rsplit_once('-').unwrap().1;
    let (list, field) = list_and_field(&rule.path);
    let suffixes = ["_mg", "_minor", "_ppm", "_us", "_e7", "_e3", "_cm"];
    let alias = suffixes.iter().find_map(|suffix| field.strip_suffix(suffix)).unwrap_or(field);
    let cell = match suffix {
        "PRECISION" => "1.0000000000123",
        "RANGE" if rule.path == "line" => "0",
        "RANGE" => "-1",
        "UNIT" => "12.5",
        _ => "twelve",
    };
    let codes = CodeLists::default();
    let mut draft = Draft::new(rule.entity);
    let mut set = |alias: &str, text: &str| {
        if let Some(column) = column(rule.entity, list, alias) {
            draft.set(column, &Cell::Text(text.to_owned()), &codes);
        }
    };
    set(alias, cell);
    if suffix == "PRECISION" {
        for (alias, unit) in [
            ("unit_of_measurement", "KGM"),
            ("lot_weight_uom", "KGM"),
            ("contributed_unit", "KGM"),
            ("currency", "USD"),
            ("price_currency", "USD"),
            ("customs_value_currency", "USD"),
        ] {
            set(alias, unit);
        }
    }
    draft.finish(&sample::context()).unwrap_err().findings
}

fn without(rule: &RuleInfo) -> Vec<Finding> {
    if rule.id.starts_with("MD06") {
        let (list, path) = list_and_field(&rule.path);
        let other = if path.ends_with("latitude_e7") { "longitude" } else { "latitude" };
        let alias = format!("{}.{other}", path.rsplit_once('.').unwrap().0);
        let mut draft = Draft::new(rule.entity);
        let column = column(rule.entity, list, &alias).unwrap();
        draft.set(column, &Cell::Real(28.7), &CodeLists::default());
        return draft.finish(&sample::context()).unwrap_err().findings;
    }
    let mut record = changed(rule, &mut |_, value| value.clear());
    if let Some(prefix) = rule.path.strip_suffix("legal_address") {
        let other = format!("{prefix}physical_address");
        at(model::part_of(&mut record), &other, &mut |_, value| value.clear());
    }
    // What is required under a condition only is broken where that holds.
    match (rule.id.as_str(), &mut record) {
        ("MD07-CORRECTIVE-DUE-DATE-REQUIRED", Record::MineSite(site)) => {
            site.inspection[0].set_inspection_result(CertificationStatus::Yellow);
        }
        ("AUDIT-EXPORTER-IDENTIFIER-REQUIRED", Record::Audit(audit)) => audit.mine_site_id.clear(),
        _ => {}
    }
    findings(record, &sample::context())
}

fn site(change: impl FnOnce(&mut MineSite)) -> Record {
    let Record::MineSite(mut site) = sample::complete(Entity::MineSite) else { unreachable!() };
    change(&mut site);
    Record::MineSite(site)
}

/// Records that break the rules across fields.
fn across(rule: &RuleInfo) -> Option<Vec<Finding>> {
    let mut context = sample::context();
    let mut record = sample::complete(rule.entity);
    match (rule.id.as_str(), &mut record) {
        ("MD01-ICGLR-ID-COUNTRY", Record::MineSite(site)) => {
            site.icglr_id = "RW-1.9641+30.0619-1".into();
        }
        ("MD01-ICGLR-ID-PUBLISHED", Record::MineSite(site)) => {
            site.icglr_id = "CD+0.3319+28.7126-191".into();
        }
        ("MD01-POINT-REGION", Record::MineSite(site)) => {
            let location = site.mine_site_location.as_mut()?;
            location.geolocalization.as_mut()?.longitude_e7 = 23_500_000;
        }
        ("MD02-APPLIED-GRANTED-ORDER", Record::MineSite(site)) => {
            site.license[0].applied_date = "2018-01-16".into();
        }
        ("MD02-GRANTED-EXPIRING-ORDER", Record::MineSite(site)) => {
            site.license[0].expiring_date = "2018-01-14".into();
        }
        ("MD07-CORRECTIVE-DUE-ORDER", Record::MineSite(site)) => {
            site.inspection[0].corrective_due_date = "2018-01-14".into();
        }
        ("ALLOCATION-FROM-TO-ORDER", Record::MineSite(site)) => {
            site.tag_allocation[0].from_identifier = "0000200".into();
            site.tag_allocation[0].to_identifier = "0000199".into();
        }
        ("PRODUCTION-MINE-SITE-ID-COUNTRY", Record::ProductionDeclaration(one)) => {
            one.mine_site_id = "RW-1.9641+30.0619-1".into();
        }
        (id, _) if id.ends_with("-FUTURE") => context.today = "2017-12-31".parse().unwrap(),
        ("MD12-SEALED-SHIPPED-ORDER", Record::Lot(lot)) => lot.date_shipped = "2018-01-14".into(),
        ("MD12-TIME-REGISTRATION-REQUIRED", Record::Lot(_)) => {
            let mut draft = Draft::new(Entity::Lot);
            let column = column(Entity::Lot, None, "date_registration").unwrap();
            draft.set(column, &Cell::Text(sample::DAY.into()), &CodeLists::default());
            return Some(draft.finish(&context).unwrap_err().findings);
        }
        ("MD03-ISSUANCE-EXPIRATION-ORDER", Record::ExportCertificate(one)) => {
            one.date_of_expiration = "2018-01-14".into();
        }
        ("MD03-EXPIRATION-90-DAYS", Record::ExportCertificate(one)) => {
            one.date_of_expiration = "2018-04-16".into();
        }
        ("MD03-VERIFICATION-ISSUANCE-ORDER", Record::ExportCertificate(one)) => {
            one.date_of_verification = "2018-01-16".into();
        }
        ("WITHHELD-PATHS", _) => {
            record.withheld_mut().push("mass_mg".into());
            return Some(Valid::<_, Regional>::check(record, &context).unwrap_err().findings);
        }
        (id, _) if id.ends_with("-OWN") => context.country = "RW".into(),
        _ => return None,
    }
    Some(findings(record, &context))
}

fn broken(rule: &RuleInfo) -> Vec<Finding> {
    if let Some(findings) = across(rule) {
        return findings;
    }
    let suffix = rule.id.rsplit_once('-').unwrap().1;
    if suffix == "REQUIRED" {
        return without(rule);
    }
    if suffix == "NATIONAL" {
        let record = sample::complete(rule.entity);
        return Valid::<_, Regional>::check(record, &sample::context()).unwrap_err().findings;
    }
    let found = spoil(rule);
    if found.iter().any(|finding| finding.rule == rule.id) { found } else { drafted(rule) }
}

#[test]
fn every_rule_is_kept_by_a_complete_record_and_broken_by_another() {
    let mut rules = 0;
    for rule in all() {
        let path = rule.path.replace("[]", "[0]");
        // A second element is where the spoiled values of repeated text stand.
        let is_it = |finding: &&Finding| finding.rule == rule.id && finding.path == path;
        let found = broken(&rule);
        let finding = found.iter().find(is_it);
        let finding = finding.unwrap_or_else(|| panic!("{rule:#?} is not broken: {found:#?}"));
        assert_eq!(finding.severity, rule.severity, "{rule:?}");
        for (text, whole) in [(&finding.en, &rule.en), (&finding.fr, &rule.fr)] {
            let (complaint, remedy) = whole.split_once(". ").unwrap();
            assert!(text.contains(complaint) && text.ends_with(remedy), "{text}");
            assert!(text.contains(rule.entity.name()), "{text}");
            assert!(text.contains(&path) && text.contains(&rule.id), "{text}");
            assert!(text.contains(&*crate::finding::plain(&finding.value)), "{text}");
        }
        assert!(!rule.en.is_empty() && !rule.fr.is_empty() && rule.en != rule.fr);
        rules += 1;
    }
    assert!(rules > 400, "{rules}");
    for entity in Entity::ALL {
        assert_eq!(findings(sample::complete(entity), &sample::context()), []);
    }
}

#[test]
fn rule_ids_name_one_rule_for_one_path() {
    let mut seen = std::collections::BTreeSet::new();
    for rule in all() {
        assert!(seen.insert((rule.entity, rule.path.clone(), rule.id.clone())), "{rule:?}");
    }
}

#[test]
fn limits_of_the_rules_across_fields_are_inside() {
    let none = |record: Record, today: &str| {
        let context = Context { today: today.parse().unwrap(), ..sample::context() };
        assert_eq!(findings(record, &context), []);
    };
    none(sample::complete(Entity::MineSite), sample::DAY);
    none(site(|site| site.license[0].expiring_date = sample::DAY.into()), sample::DAY);
    let Record::ExportCertificate(mut one) = sample::complete(Entity::ExportCertificate) else {
        unreachable!()
    };
    one.date_of_expiration = "2018-04-15".into();
    none(Record::ExportCertificate(one), sample::DAY);
}

#[test]
fn severities_are_divided_as_the_design_says() {
    let severity = |entity: Entity, path: &str, suffix: &str| {
        all()
            .find(|rule| rule.entity == entity && rule.path == path && rule.id.ends_with(suffix))
            .unwrap_or_else(|| panic!("{entity} {path} {suffix}"))
            .severity
    };
    let (site, lot, certificate) = (Entity::MineSite, Entity::Lot, Entity::ExportCertificate);
    for (entity, path, suffix) in [
        (site, "icglr_id", "-REQUIRED"),
        (site, "address_country", "-REQUIRED"),
        (site, "certification_status", "-REQUIRED"),
        (site, "certification_status", "-LIST"),
        (site, "mine_site_location.geolocalization", "-REQUIRED"),
        (site, "mine_site_location.geolocalization.latitude_e7", "-RANGE"),
        (site, "mineral", "-LIST"),
        (lot, "mass_mg", "-FORM"),
        (lot, "mass_mg", "-PRECISION"),
        (lot, "mass_mg", "-UNIT"),
        (lot, "creator_role", "-LIST"),
        (certificate, "date_of_issuance", "-FORM"),
    ] {
        assert_eq!(severity(entity, path, suffix), Severity::Refuse, "{entity} {path} {suffix}");
    }
    for (entity, path, suffix) in [
        (site, "owner", "-REQUIRED"),
        (site, "license", "-REQUIRED"),
        (site, "activity_status", "-REQUIRED"),
        (site, "inspection[].inspector_name", "-REQUIRED"),
        (site, "inspection[].inspection_result", "-REQUIRED"),
        (site, "owner.tin", "-REQUIRED"),
        (site, "owner.contact_details", "-REQUIRED"),
        (site, "owner.contact_details.contact_email", "-FORM"),
        (lot, "tag", "-REQUIRED"),
        (lot, "mine_site_id", "-REQUIRED"),
        (certificate, "certificate_file", "-REQUIRED"),
        (certificate, "date_of_expiration", "-90-DAYS"),
    ] {
        assert_eq!(
            severity(entity, path, suffix),
            Severity::Incomplete,
            "{entity} {path} {suffix}"
        );
    }
}

#[test]
fn tag_and_site_are_mandatory_on_production_lots_alone() {
    let lot = |operation: &str| {
        let Record::Lot(mut lot) = sample::complete(Entity::Lot) else { unreachable!() };
        lot.originating_operation =
            vec![crate::code::ORIGINATING_OPERATION.number_of(operation).unwrap()];
        lot.tag.clear();
        lot.mine_site_id.clear();
        let found = findings(Record::Lot(lot), &sample::context());
        found.into_iter().map(|finding| finding.rule).collect::<Vec<_>>()
    };
    assert_eq!(lot("production"), ["MD12-MINE-SITE-ID-REQUIRED", "MD12-TAG-REQUIRED"]);
    assert_eq!(lot("purchase"), Vec::<String>::new());
}

#[test]
fn number_and_holder_are_optional_on_artisanal_and_unlicensed_titles() {
    for (kind, expected) in [
        ("claim", 2),
        ("mining_license", 2),
        ("artisanal_permit", 0),
        ("unlicensed", 0),
        ("other", 2),
    ] {
        let record = site(|site| {
            let license = &mut site.license[0];
            license.license_type = crate::code::LICENSE_TYPE.number_of(kind).unwrap();
            license.license_id.clear();
            license.owner = None;
        });
        assert_eq!(findings(record, &sample::context()).len(), expected, "{kind}");
    }
}

#[test]
fn a_yellow_visit_needs_a_date_and_an_audit_its_subject() {
    let visit = |status: CertificationStatus| {
        let record = site(|site| {
            site.inspection[0].set_inspection_result(status);
            site.inspection[0].corrective_due_date.clear();
        });
        findings(record, &sample::context()).len()
    };
    assert_eq!(visit(CertificationStatus::Yellow), 1);
    assert_eq!([visit(CertificationStatus::Green), visit(CertificationStatus::Red)], [0, 0]);
    let audit = |exporter: &str, mine_site_id: &str| {
        let Record::Audit(mut audit) = sample::complete(Entity::Audit) else { unreachable!() };
        audit.exporter_identifier = exporter.to_owned();
        audit.mine_site_id = mine_site_id.to_owned();
        findings(Record::Audit(audit), &sample::context()).len()
    };
    let id = "CD-+0.3319+28.7126-191";
    assert_eq!([audit("E-1", ""), audit("", id), audit("E-1", id)], [0, 0, 0]);
    assert_eq!(audit("", ""), 1);
}
