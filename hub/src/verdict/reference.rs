//! Which other records a record names.
//!
//! Pure. A reference is a field that names a record of the standard by its
//! identifiers: a site, a lot, a certificate. Parties are none: they are derived
//! from the records that name them, so they are never absent. A field that names
//! nothing readable is the business of the rules of the standard, and a document
//! of a state that is not a member will never come.

use rmd_proto::v1;
use rmd_standard::{Entity, Record, country, site_id};

/// A field that names another record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// Path of the field.
    pub(crate) path: String,
    /// What stands there.
    pub(crate) value: String,
    /// What it names.
    pub(crate) target: Target,
}

/// A record as another one names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Target {
    /// Its type.
    pub(crate) entity: Entity,
    /// The state that has it, alpha-2.
    pub(crate) country: String,
    /// Its key; or, of a lot of which only the number is named, the key without
    /// a creator, which no record has.
    pub(crate) key: String,
}

impl Target {
    /// The number of a lot that is named by its number alone.
    pub(crate) fn number(&self) -> Option<String> {
        let (_, number) = self.key.split_once("//")?;
        (self.entity == Entity::Lot).then(|| number.replace("%2F", "/").replace("%25", "%"))
    }
}

/// Everything that a record names.
pub(crate) fn of(record: &Record) -> Vec<Reference> {
    match record {
        Record::Lot(lot) => of_lot(lot),
        Record::ExportCertificate(certificate) => (0..)
            .zip(&certificate.lot_number)
            .filter_map(|(place, number): (usize, _)| {
                let path = format!("lot_number[{place}]");
                to_lot(path, &certificate.issuing_country, None, number)
            })
            .collect(),
        Record::ExportDeclaration(one) => {
            let named = (one.certificate_country.as_str(), one.certificate_identifier.as_str());
            to_certificate("certificate_identifier", &one.country, named).into_iter().collect()
        }
        Record::ImportDeclaration(one) => {
            // The certificate is the exporting state's; without its country nobody's.
            let named = (one.certificate_country.as_str(), one.certificate_identifier.as_str());
            to_certificate("certificate_identifier", "", named).into_iter().collect()
        }
        Record::ProductionDeclaration(one) => to_site(&one.mine_site_id),
        Record::Audit(audit) => to_site(&audit.mine_site_id),
        Record::Incident(incident) => to_site(&incident.mine_site_id),
        Record::MineSite(_)
        | Record::ExporterStatus(_)
        | Record::StockDeclaration(_)
        | Record::ReportingPeriod(_) => Vec::new(),
    }
}

/// Under which keys others may name a record: its own, and for a lot its number.
pub(crate) fn names(entity: Entity, key: &str) -> Vec<String> {
    let mut names = vec![key.to_owned()];
    let mut parts = key.splitn(3, '/');
    if let (Entity::Lot, Some(country), Some(_), Some(number)) =
        (entity, parts.next(), parts.next(), parts.next())
    {
        names.push(format!("{country}//{number}"));
    }
    names
}

fn of_lot(lot: &v1::Lot) -> Vec<Reference> {
    let mut references = to_site(&lot.mine_site_id);
    for (place, input) in lot.input_lot.iter().enumerate() {
        let state = if input.country.is_empty() { &lot.country } else { &input.country };
        let creator = Some(input.creator_identifier.as_str()).filter(|creator| !creator.is_empty());
        let path = format!("input_lot[{place}].lot_number");
        references.extend(to_lot(path, state, creator, &input.lot_number));
    }
    let named = (lot.country.as_str(), lot.export_certificate_id.as_str());
    references.extend(to_certificate("export_certificate_id", &lot.country, named));
    references
}

fn to_site(icglr_id: &str) -> Vec<Reference> {
    let reference = site_id::SiteId::parse(icglr_id).and_then(|id| {
        let target = target(Entity::MineSite, id.country, id.key())?;
        Some(Reference { path: "mine_site_id".to_owned(), value: icglr_id.to_owned(), target })
    });
    reference.into_iter().collect()
}

fn to_lot(path: String, state: &str, creator: Option<&str>, number: &str) -> Option<Reference> {
    if number.is_empty() {
        return None;
    }
    let creator = creator.map(escaped).unwrap_or_default();
    let target = target(Entity::Lot, state, format!("{state}/{creator}/{}", escaped(number)))?;
    Some(Reference { path, value: number.to_owned(), target })
}

fn to_certificate(path: &str, own: &str, (named, identifier): (&str, &str)) -> Option<Reference> {
    let state = if named.is_empty() { own } else { named };
    if identifier.is_empty() {
        return None;
    }
    let key = format!("{state}/{}", escaped(identifier));
    let target = target(Entity::ExportCertificate, state, key)?;
    Some(Reference { path: path.to_owned(), value: identifier.to_owned(), target })
}

fn target(entity: Entity, state: &str, key: String) -> Option<Target> {
    country::alpha3_of(state)?;
    Some(Target { entity, country: state.to_owned(), key })
}

/// A part of a key, as keys have it.
fn escaped(part: &str) -> String {
    part.replace('%', "%25").replace('/', "%2F")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::follow::testing::{lot, site};

    fn told(record: &Record) -> Vec<(String, Entity, String)> {
        of(record).into_iter().map(|one| (one.path, one.target.entity, one.target.key)).collect()
    }

    #[test]
    fn a_lot_names_its_site_its_inputs_and_its_certificate() {
        let site = site(7, "Nzibira", &[]);
        let input = |country: &str, creator: &str| v1::InputLot {
            lot_number: "A/1".to_owned(),
            country: country.to_owned(),
            creator_identifier: creator.to_owned(),
            ..v1::InputLot::default()
        };
        let record = v1::Lot {
            mine_site_id: site.icglr_id.clone(),
            input_lot: vec![input("", "N-1"), input("RW", ""), input("BE", "X")],
            export_certificate_id: "C%1".to_owned(),
            ..lot(1, 0)
        };
        let site_key = site_id::key_of(&site.icglr_id).unwrap();
        let expected = [
            ("mine_site_id", Entity::MineSite, site_key.as_str()),
            ("input_lot[0].lot_number", Entity::Lot, "CD/N-1/A%2F1"),
            ("input_lot[1].lot_number", Entity::Lot, "RW//A%2F1"),
            ("export_certificate_id", Entity::ExportCertificate, "CD/C%251"),
        ];
        let expected =
            expected.map(|(path, entity, key)| (path.to_owned(), entity, key.to_owned()));
        assert_eq!(told(&Record::Lot(Box::new(record))), expected);
    }

    #[test]
    fn what_names_a_record_is_what_the_record_is_named_by() {
        let known_as = |record: &Record| names(record.entity(), &record.key().unwrap());
        let lot = v1::Lot { lot_number: "50%/2".to_owned(), ..lot(1, 0) };
        let of_lot = known_as(&Record::Lot(Box::new(lot.clone())));
        let by_key = to_lot(String::new(), "CD", Some("CD-T-1"), &lot.lot_number).unwrap();
        let by_number = to_lot(String::new(), "CD", None, &lot.lot_number).unwrap();
        assert_eq!(of_lot, [by_key.target.key.clone(), by_number.target.key.clone()]);
        assert_eq!(
            (by_key.target.number(), by_number.target.number()),
            (None, Some(lot.lot_number))
        );
        let site = site(3, "", &[]);
        let [reference] = &to_site(&site.icglr_id)[..] else { panic!() };
        assert_eq!(known_as(&Record::MineSite(Box::new(site))), [reference.target.key.as_str()]);
    }

    #[test]
    fn a_document_of_no_member_and_no_document_at_all_are_no_references() {
        let import = |country: &str, identifier: &str| {
            let one = v1::ImportDeclaration {
                country: "RW".to_owned(),
                certificate_country: country.to_owned(),
                certificate_identifier: identifier.to_owned(),
                ..v1::ImportDeclaration::default()
            };
            of(&Record::ImportDeclaration(Box::new(one))).len()
        };
        assert_eq!([import("BE", "1"), import("", "1"), import("CD", "")], [0; 3]);
        assert_eq!(import("CD", "1"), 1);
        assert!(to_site("no id").is_empty());
    }
}
