//! What is meant where a record is refused for its spelling alone.
//!
//! A node refuses such a record and names the field; the author of a set is not there to
//! mend it. Only what can mean one thing is mended, and each mend is told: a number where
//! text is meant, the constant of an enumeration, a country's alpha-3 code, a day with a
//! time, a field that no record of the type has, the state that the folder names.
//!
//! Never mended: a value that is missing, or that may mean two things.

use isocountry::CountryCode;
use rmd_standard::{Entity, Finding, aliases, code, country, icglr::name_of, mineral};
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use super::{
    day::day_of,
    place::{at, folded, holder},
};

/// One mend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mend {
    /// The path of the field.
    pub(crate) path: String,
    /// What stands there, and as what it is read.
    pub(crate) told: String,
}

/// Enumerations of the .proto text; its constants begin with these.
const CONSTANTS: [&str; 18] = [
    "CERTIFICATION_STATUS_",
    "ACTIVITY_STATUS_",
    "LICENSE_TYPE_",
    "LICENSE_STATUS_",
    "CREATOR_ROLE_",
    "ORIGINATING_OPERATION_",
    "UNIT_OF_MEASUREMENT_",
    "STATUS_CAUSE_",
    "ANALYTE_",
    "TAG_SCHEME_",
    "TAG_KIND_",
    "TAG_STATE_",
    "CERTIFICATE_STATE_",
    "AUDIT_TYPE_",
    "AUDIT_CONCLUSION_",
    "INCIDENT_STATE_",
    "PROCEDURE_",
    "OPERATION_TYPE_",
];

/// Decimals to which a number is rounded that says more than its unit can hold.
const DECIMALS: [u32; 4] = [6, 4, 3, 2];

/// A number without the digits that arithmetic with doubles has left: rounded to fewer
/// decimals.
fn rounded(value: &Json) -> Option<Json> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let number: Decimal = text.trim().parse().ok()?;
    let decimals = DECIMALS.into_iter().find(|decimals| *decimals < number.scale())?;
    Some(json!(number.round_dp(decimals).normalize().to_string()))
}

/// Mends what a finding is about, in a record of the state with that alpha-2 code; none if
/// that cannot be done.
pub(super) fn mend(
    json: &mut Json,
    entity: Entity,
    finding: &Finding,
    alpha2: &str,
) -> Option<Mend> {
    let path = finding.path.as_str();
    let told = match finding.rule.as_str() {
        "JSON-UNKNOWN" => left_out(json, path),
        "JSON-NAME" => renamed(json, entity, path).or_else(|| left_out(json, path)),
        _ => match at(json, path).map(|value| value.clone()) {
            Some(value) if !value.is_null() => {
                let is_long = finding.rule.ends_with("-PRECISION");
                let meant = if is_long { rounded(&value) } else { meant(path, &value) }?;
                let told = format!("{value} is read as {meant}");
                *at(json, path)? = meant;
                Some(told)
            }
            _ => given(json, path, alpha2),
        },
    };
    told.map(|told| Mend { path: path.to_owned(), told })
}

/// A field that no record of the type has.
fn left_out(json: &mut Json, path: &str) -> Option<String> {
    let (object, name) = holder(json, path)?;
    let value = object.remove(&name)?;
    Some(format!("{value} is left out: records of this type have no such field"))
}

/// A field whose name is spelled in another way.
fn renamed(json: &mut Json, entity: Entity, path: &str) -> Option<String> {
    let own = aliases(entity, None).into_iter();
    let of_lists = entity.lists().iter().flat_map(|list| aliases(entity, Some(list)));
    let steps = own.chain(of_lists).flat_map(|alias| alias.split('.')).map(name_of);
    let (object, name) = holder(json, path)?;
    let known = steps.into_iter().find(|known| folded(known) == folded(&name))?;
    if known == name || object.contains_key(&known) {
        return None;
    }
    let value = object.remove(&name)?;
    let told = format!("{name} is read as {known}");
    object.insert(known, value);
    Some(told)
}

/// What the folder, or the layout, says of a field that is not there.
fn given(json: &mut Json, path: &str, alpha2: &str) -> Option<String> {
    let object = json.as_object_mut()?;
    let value = match path {
        "country" | "issuingCountry" | "addressCountry" => json!(alpha2),
        // A declaration whose lines are not numbered has one.
        "line" => json!(1),
        _ => return None,
    };
    object.insert(path.to_owned(), value.clone());
    Some(format!("not there, read as {value}"))
}

/// The value that is meant; none where that is not plain.
fn meant(path: &str, value: &Json) -> Option<Json> {
    let field = path.rsplit('.').next()?.split('[').next()?;
    match value {
        Json::String(text) => of_text(path, field, text.trim()).filter(|meant| meant != text),
        Json::Number(number) => {
            let word = list_of(path, field)
                .zip(number.as_i64())
                .and_then(|(list, number)| list.word_of(i32::try_from(number).ok()?));
            Some(word.map_or_else(|| number.to_string(), str::to_owned))
        }
        Json::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
    .map(Json::from)
}

fn of_text(path: &str, field: &str, text: &str) -> Option<String> {
    let words = ["mineral", "typeOfOre", "coveredCommodities"];
    if let Some(prefix) = CONSTANTS.iter().find(|prefix| text.starts_with(**prefix)) {
        return Some(text[prefix.len()..].to_lowercase());
    }
    if field.to_lowercase().ends_with("country") || field == "mineralOrigin" {
        return country_of(text);
    }
    if words.contains(&field) {
        let mut known = mineral::DESIGNATED.iter();
        return known.find(|one| one.0.eq_ignore_ascii_case(text)).map(|one| one.1.to_owned());
    }
    if field == "period" {
        let month = text.get(..7).filter(|_| text.len() > 7)?;
        return day_of(text).map(|_| month.to_owned());
    }
    let is_long = text.len() > 10 && !path.ends_with("At") && !path.ends_with("Us");
    if is_long && let Some(day) = day_of(text) {
        return Some(day.to_string());
    }
    // A number with its unit, or one that a sheet wrote with blanks between thousands.
    let bare = text.replace([' ', '\u{a0}', '\u{202f}'], "");
    (bare != text && bare.parse::<f64>().is_ok()).then_some(bare)
}

/// The alpha-2 code of a country that is named by another spelling of a code.
pub(crate) fn country_of(text: &str) -> Option<String> {
    let upper = text.to_ascii_uppercase();
    if country::is_country(&upper) {
        return Some(upper);
    }
    CountryCode::for_alpha3(&upper).ok().map(|code| code.alpha2().to_owned())
}

/// The list of a field that the standard has no numbers for.
fn list_of(path: &str, field: &str) -> Option<&'static code::List> {
    Some(match field {
        "procedure" => &code::PROCEDURE,
        "scheme" => &code::TAG_SCHEME,
        "kind" => &code::TAG_KIND,
        "state" if path.contains("ag") => &code::TAG_STATE,
        "state" => &code::CERTIFICATE_STATE,
        "cause" => &code::STATUS_CAUSE,
        "analyte" => &code::ANALYTE,
        "operationType" => &code::OPERATION_TYPE,
        "licenseType" => &code::LICENSE_TYPE,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_that_doubles_have_left_are_rounded_away() {
        assert_eq!(rounded(&json!(502.499_999_999_999_94)), Some(json!("502.5")));
        assert_eq!(rounded(&json!("62.123456")), Some(json!("62.1235")));
        assert_eq!(rounded(&json!(12.25)), None);
    }

    #[test]
    fn what_can_mean_one_thing_is_meant() {
        for (path, value, meant_as) in [
            ("lotNumber", json!(17), json!("17")),
            ("procedure", json!("PROCEDURE_TRANSIT"), json!("transit")),
            ("procedure", json!(2), json!("transit")),
            ("tag[0].scheme", json!("TAG_SCHEME_BETTER_MINING"), json!("better_mining")),
            ("destinationCountry", json!("CHN"), json!("CN")),
            ("country", json!("cd"), json!("CD")),
            ("mineral", json!("Gold"), json!("7108.12.00")),
            ("exitDate", json!("2026-10-05T23:30:00Z"), json!("2026-10-06")),
            ("period", json!("2026-10-01"), json!("2026-10")),
            ("netMass", json!("1 200.5"), json!("1200.5")),
        ] {
            assert_eq!(meant(path, &value), Some(meant_as), "{path}");
        }
        for (path, value) in [
            ("exitDate", json!("05/10/2026")),
            ("country", json!("Congo")),
            ("netMass", json!("1,200")),
            ("exporter", json!({})),
        ] {
            assert_eq!(meant(path, &value), None, "{path}");
        }
    }
}
