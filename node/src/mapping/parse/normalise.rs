//! The normalisers of a mapping: which column takes which, with what.
//!
//! `[record.normalise]` and `[record.child.normalise]` give for an alias a name,
//! a table with a name and parameters, or a list of those. Aliases, names and
//! parameters are resolved here; that the query selects the alias is told by the
//! plan.

use std::collections::BTreeMap;

use rmd_standard::{Column, Entity, Shape, aliases, column};
use serde::Deserialize;
use toml::{Table, Value};

use super::Parser;
use crate::mapping::fault::nearest;
use crate::mapping::normalisers::{
    Axis, DateFormats, EmptyWords, Epoch, FormatFault, LISTED, Legacy, Mass, Normal, Phone,
    Pipeline, Point, of_name, unit_of,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWords {
    words: Vec<String>,
    #[serde(default)]
    fold: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLegacy {
    encoding: Option<String>,
}

#[derive(Deserialize, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
enum RawPoint {
    #[default]
    Refuse,
    Decimal,
    Thousands,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDecimal {
    #[serde(default)]
    point: RawPoint,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMass {
    default: Option<String>,
    unit: Option<String>,
    #[serde(default)]
    point: RawPoint,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDate {
    formats: Vec<String>,
    pivot: Option<i16>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExcel {
    system: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawPhone {
    country: String,
}

impl From<RawPoint> for Point {
    fn from(raw: RawPoint) -> Self {
        match raw {
            RawPoint::Refuse => Self::Refuse,
            RawPoint::Decimal => Self::Decimal,
            RawPoint::Thousands => Self::Thousands,
        }
    }
}

/// The column for which a pipeline is read.
#[derive(Clone, Copy)]
struct Place<'a> {
    entity: Entity,
    list: Option<&'a str>,
    alias: &'a str,
    /// None for the aliases that say that a record is void.
    column: Option<Column>,
}

impl Parser<'_> {
    /// The pipelines of one query, by alias.
    pub(super) fn pipelines(
        &mut self,
        entity: Entity,
        list: Option<&str>,
        table: &Table,
    ) -> BTreeMap<String, Pipeline> {
        let mut pipelines = BTreeMap::new();
        for (alias, value) in table {
            let column = column(entity, list, alias);
            let is_void =
                list.is_none() && matches!(alias.as_str(), "_annulled_on" | "_annulled_reason");
            if column.is_none() && !is_void {
                self.no_alias(entity, list, alias);
                continue;
            }
            let place = Place { entity, list, alias, column };
            if let Some(pipeline) = self.pipeline(place, value) {
                pipelines.insert(alias.clone(), pipeline);
            }
        }
        pipelines
    }

    fn no_alias(&mut self, entity: Entity, list: Option<&str>, alias: &str) {
        let (en, fr) = match nearest(alias, aliases(entity, list)) {
            Some(hint) => (
                format!("; did you mean \"{hint}\"?"),
                format!(" ; vouliez-vous dire « {hint} » ?"),
            ),
            None => ("; remove it".to_owned(), " ; supprimez-le".to_owned()),
        };
        let record = self.record.clone();
        self.fault(
            &format!("normalise.\"{alias}\""),
            &format!("\"{alias}\" is no field of {record}{en}"),
            &format!("« {alias} » n'est pas un champ de {record}{fr}"),
        );
    }

    fn pipeline(&mut self, place: Place<'_>, value: &Value) -> Option<Pipeline> {
        let one = std::slice::from_ref(value);
        let values = value.as_array().map_or(one, Vec::as_slice);
        let mut pipeline = Pipeline { steps: Vec::with_capacity(values.len()), unit: None };
        for value in values {
            let step = self.step(place, value, &mut pipeline.unit);
            pipeline.steps.push(step?);
        }
        if pipeline.steps.is_empty() {
            self.step_fault(
                place,
                "no normaliser is named; write one or remove the line",
                "aucun normaliseur n'est nommé ; écrivez-en un ou supprimez la ligne",
            );
            return None;
        }
        Some(pipeline)
    }

    fn step(
        &mut self,
        place: Place<'_>,
        value: &Value,
        unit: &mut Option<Column>,
    ) -> Option<Normal> {
        let (name, parameters) = match value {
            Value::String(name) => (name.clone(), Table::new()),
            Value::Table(table) => {
                let mut rest = table.clone();
                let name = rest.remove("name").and_then(|name| name.as_str().map(str::to_owned));
                (name.unwrap_or_default(), rest)
            }
            _ => (String::new(), Table::new()),
        };
        if of_name(&name).is_none() {
            let known: Vec<&str> = LISTED.iter().map(|listed| listed.name).collect();
            let hint = nearest(&name, known.iter().copied());
            let all = known.join(", ");
            let (en, fr) = hint.map_or_else(Default::default, |hint| {
                (format!("did you mean {hint}? "), format!("vouliez-vous dire {hint} ? "))
            });
            self.step_fault(
                place,
                &format!("`{name}` is no normaliser; {en}Known are {all}"),
                &format!("`{name}` n'est pas un normaliseur ; {fr}Connus : {all}"),
            );
            return None;
        }
        self.known(place, &name, parameters, unit)
    }

    fn known(
        &mut self,
        place: Place<'_>,
        name: &str,
        parameters: Table,
        unit: &mut Option<Column>,
    ) -> Option<Normal> {
        match name {
            "empty_words" => {
                let raw: RawWords = self.parameters(place, parameters)?;
                let words = raw.words.iter().map(String::as_str);
                Some(Normal::EmptyWords(EmptyWords::new(words, raw.fold)))
            }
            "legacy_encoding" => {
                let raw: RawLegacy = self.parameters(place, parameters)?;
                self.legacy(place, raw.encoding.as_deref().unwrap_or("windows-1252"))
            }
            "decimal_comma" => {
                let raw: RawDecimal = self.parameters(place, parameters)?;
                Some(Normal::DecimalComma(raw.point.into()))
            }
            "mass_with_unit" => {
                let raw: RawMass = self.parameters(place, parameters)?;
                self.mass(place, &raw, unit)
            }
            "date" => {
                let raw: RawDate = self.parameters(place, parameters)?;
                self.date(place, raw)
            }
            "excel_serial_date" => {
                let raw: RawExcel = self.parameters(place, parameters)?;
                self.excel(place, raw.system.unwrap_or(1900))
            }
            "phone_e164" => {
                let raw: RawPhone = self.parameters(place, parameters)?;
                self.phone(place, &raw.country)
            }
            "degrees_minutes_seconds" => {
                self.parameters::<Nothing>(place, parameters)?;
                self.degrees(place)
            }
            "html_entities" => {
                self.parameters::<Nothing>(place, parameters).map(|_| Normal::HtmlEntities)
            }
            _ => self.parameters::<Nothing>(place, parameters).map(|_| Normal::Whitespace),
        }
    }

    fn parameters<T: serde::de::DeserializeOwned>(
        &mut self,
        place: Place<'_>,
        table: Table,
    ) -> Option<T> {
        self.read(table, &format!("normalise.\"{}\"", place.alias))
    }

    fn step_fault(&mut self, place: Place<'_>, en: &str, fr: &str) {
        self.fault(&format!("normalise.\"{}\"", place.alias), en, fr);
    }

    fn legacy(&mut self, place: Place<'_>, label: &str) -> Option<Normal> {
        let legacy = Legacy::of_label(label);
        if legacy.is_none() {
            self.step_fault(
                place,
                &format!("`{label}` is no encoding of one byte a letter; write windows-1252, iso-8859-15 or another one"),
                &format!("`{label}` n'est pas un encodage à un octet par lettre ; écrivez windows-1252, iso-8859-15 ou un autre"),
            );
        }
        legacy.map(Normal::LegacyEncoding)
    }

    fn mass(
        &mut self,
        place: Place<'_>,
        raw: &RawMass,
        unit: &mut Option<Column>,
    ) -> Option<Normal> {
        let default = raw.default.as_deref().map(unit_of);
        if default == Some(None) {
            let word = raw.default.as_deref().unwrap_or_default();
            self.step_fault(
                place,
                &format!("`{word}` is no unit of mass; write t, kg or g"),
                &format!("`{word}` n'est pas une unité de masse ; écrivez t, kg ou g"),
            );
            return None;
        }
        *unit = self.unit_column(place, raw.unit.as_deref());
        unit.is_some().then(|| {
            Normal::MassWithUnit(Mass { default: default.flatten(), point: raw.point.into() })
        })
    }

    /// The column of the unit that belongs to a mass.
    fn unit_column(&mut self, place: Place<'_>, named: Option<&str>) -> Option<Column> {
        let beside = |alias: &str| {
            let head = place.alias.rsplit_once('.').map(|(head, _)| format!("{head}."));
            format!("{}{alias}", head.unwrap_or_default())
        };
        let candidates = match named {
            Some(alias) => vec![alias.to_owned()],
            None => {
                ["unit_of_measurement", "lot_weight_uom", "contributed_unit"].map(beside).to_vec()
            }
        };
        let is_unit = |found: &Column| matches!(found.shape(), Shape::Code(list) if list.name == "unit_of_measurement");
        let is_mass = place.column.is_some_and(|found| found.shape() == Shape::Mass);
        let found = candidates
            .iter()
            .filter(|_| is_mass)
            .find_map(|alias| column(place.entity, place.list, alias).filter(is_unit));
        if found.is_none() {
            self.step_fault(
                place,
                "mass_with_unit is for a mass that has a column for its unit; name that as unit = \"…\", or use decimal_comma",
                "mass_with_unit est pour une masse qui a une colonne d'unité ; nommez-la par unit = \"…\", ou prenez decimal_comma",
            );
        }
        found
    }

    fn date(&mut self, place: Place<'_>, raw: RawDate) -> Option<Normal> {
        if raw.formats.is_empty() || raw.pivot.is_some_and(|pivot| !(0..100).contains(&pivot)) {
            self.step_fault(
                place,
                "date needs at least one format, and a pivot from 0 to 99; write formats = [\"%d/%m/%Y\"]",
                "date a besoin d'au moins un format, et d'un pivot de 0 à 99 ; écrivez formats = [\"%d/%m/%Y\"]",
            );
            return None;
        }
        match DateFormats::new(raw.formats, raw.pivot) {
            Ok(formats) => Some(Normal::Date(formats)),
            Err((format, fault)) => {
                let (en, fr) = words_of(fault);
                self.step_fault(
                    place,
                    &format!("the format \"{format}\" {en}"),
                    &format!("le format « {format} » {fr}"),
                );
                None
            }
        }
    }

    fn excel(&mut self, place: Place<'_>, system: i64) -> Option<Normal> {
        match system {
            1900 => Some(Normal::ExcelSerialDate(Epoch::Y1900)),
            1904 => Some(Normal::ExcelSerialDate(Epoch::Y1904)),
            other => {
                self.step_fault(
                    place,
                    &format!("{other} is no system of a spreadsheet; write system = 1900 or 1904"),
                    &format!(
                        "{other} n'est pas un système de tableur ; écrivez system = 1900 ou 1904"
                    ),
                );
                None
            }
        }
    }

    fn phone(&mut self, place: Place<'_>, country: &str) -> Option<Normal> {
        let phone = Phone::of_country(country);
        if phone.is_none() {
            self.step_fault(
                place,
                &format!("`{country}` is no country with telephones; write its alpha-2 code, such as CD"),
                &format!("`{country}` n'est pas un pays doté de téléphones ; écrivez son code alpha-2, comme CD"),
            );
        }
        phone.map(Normal::PhoneE164)
    }

    fn degrees(&mut self, place: Place<'_>) -> Option<Normal> {
        let axis = Axis::of_alias(place.alias);
        if axis.is_none() {
            self.step_fault(
                place,
                "degrees_minutes_seconds is for a latitude or a longitude; remove it",
                "degrees_minutes_seconds est pour une latitude ou une longitude ; supprimez-le",
            );
        }
        axis.map(Normal::DegreesMinutesSeconds)
    }
}

fn words_of(fault: FormatFault) -> (&'static str, &'static str) {
    match fault {
        FormatFault::Unknown => (
            "is not understood; use %d, %m, %Y, %H, %M, %S and the marks between them",
            "est incompris ; prenez %d, %m, %Y, %H, %M, %S et les signes qui les séparent",
        ),
        FormatFault::NoDay => (
            "does not say year, month and day; add what lacks",
            "ne dit pas l'année, le mois et le jour ; ajoutez ce qui manque",
        ),
        FormatFault::NoPivot => (
            "has a year of two digits; say with pivot = 30 that 30 is 2030 and 31 is 1931, or write %Y",
            "a une année à deux chiffres ; dites par pivot = 30 que 30 est 2030 et 31 est 1931, ou écrivez %Y",
        ),
    }
}
