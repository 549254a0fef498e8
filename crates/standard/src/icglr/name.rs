//! Names: those of the .proto text as those of the standard's JSON.
//!
//! A name of JSON is the camelCase of ours without the suffix of the unit in
//! which we store. Two exceptions stand here and nowhere else.

/// Suffixes of the units in which we store.
const UNITS: [&str; 7] = ["_mg", "_ppm", "_minor", "_e7", "_e3", "_cm", "_us"];

/// The name, or the path, in the standard's JSON: `lot_weight_uom` is `lotWeightUOM`,
/// `license[0].owner.legal_address` is `license[0].owner.legalAddress`.
pub fn name_of(alias_or_path: &str) -> String {
    let mut name = String::with_capacity(alias_or_path.len());
    for step in alias_or_path.split('.') {
        if !name.is_empty() {
            name.push('.');
        }
        let (field, index) = step.split_at(step.find('[').unwrap_or(step.len()));
        match field {
            // One member holds the amount and its currency.
            "customs_value_currency" => name.push_str("customsValue"),
            _ => push_camel(bare(field), &mut name),
        }
        name.push_str(index);
    }
    name
}

/// The name of a field without the suffix of its unit.
pub(crate) fn bare(field: &str) -> &str {
    UNITS.iter().find_map(|suffix| field.strip_suffix(suffix)).unwrap_or(field)
}

/// The camelCase of a name, with the suffix of its unit: `mass_mg` is `massMg`.
pub(super) fn raw(field: &str) -> String {
    let mut name = String::with_capacity(field.len());
    push_camel(field, &mut name);
    name
}

fn push_camel(field: &str, name: &mut String) {
    if field == "lot_weight_uom" {
        // The standard writes the unit as the abbreviation that it is.
        return name.push_str("lotWeightUOM");
    }
    for (index, word) in field.split('_').enumerate() {
        match word.chars().next() {
            Some(first) if index > 0 => {
                name.push(first.to_ascii_uppercase());
                name.push_str(&word[first.len_utf8()..]);
            }
            _ => name.push_str(word),
        }
    }
}

/// Two names that differ in case, hyphens or low lines alone have one folded form.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_standard() {
        for (ours, theirs) in [
            ("lot_weight_uom", "lotWeightUOM"),
            ("lot_weight_mg", "lotWeight"),
            ("subnational_division_l1_text", "subnationalDivisionL1Text"),
            (
                "mine_site_location.geolocalization.latitude_e7",
                "mineSiteLocation.geolocalization.latitude",
            ),
            ("license[0].owner.tin", "license[0].owner.tin"),
            ("customs_value_currency", "customsValue"),
            ("nr_of_packages_e3", "nrOfPackages"),
            ("", ""),
        ] {
            assert_eq!(name_of(ours), theirs);
        }
        assert_eq!(raw("customs_value_minor"), "customsValueMinor");
        assert_eq!(folded("Lot_WeightUom"), folded("lotWeightUOM"));
    }
}
