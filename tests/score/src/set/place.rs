//! Where a finding about a document points: a member of JSON by its path.

use serde_json::{Map, Value as Json};

/// Suffixes of the units under which our names stand too.
const UNITS: [&str; 8] = ["", "mg", "ppm", "minor", "e7", "e3", "cm", "us"];

/// The object that holds the member at a path, and the member's name as it is written.
pub(super) fn holder<'j>(
    json: &'j mut Json,
    path: &str,
) -> Option<(&'j mut Map<String, Json>, String)> {
    let (parent, name) = path.rsplit_once('.').unwrap_or(("", path));
    let object = at(json, parent)?.as_object_mut()?;
    let name = name_in(object, name.split('[').next()?)?;
    Some((object, name))
}

/// The value at a path.
pub(super) fn at<'j>(json: &'j mut Json, path: &str) -> Option<&'j mut Json> {
    let mut here = json;
    for step in path.split('.').filter(|step| !step.is_empty()) {
        let (name, index) = step.split_once('[').map_or((step, None), |(name, index)| {
            (name, index.strip_suffix(']').and_then(|index| index.parse::<usize>().ok()))
        });
        let object = here.as_object_mut()?;
        let name = name_in(object, name)?;
        here = object.get_mut(&name)?;
        if let Some(index) = index
            && here.is_array()
        {
            here = here.get_mut(index)?;
        }
    }
    Some(here)
}

/// How a member is written: as it is named, in snake case, or with its unit.
fn name_in(object: &Map<String, Json>, name: &str) -> Option<String> {
    if object.contains_key(name) {
        return Some(name.to_owned());
    }
    let wanted = folded(name);
    let is_meant = |known: &&String| {
        let known = folded(known);
        UNITS.iter().any(|unit| known.strip_suffix(unit) == Some(wanted.as_str()))
    };
    object.keys().find(is_meant).cloned()
}

/// A name without what spellings differ in.
pub(super) fn folded(name: &str) -> String {
    name.chars()
        .filter(|letter| !matches!(letter, '_' | '-' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_path_leads_to_a_member_in_any_spelling() {
        let mut json = json!({"input_lot": [{"contributedMassMg": "1"}], "tag": {"issueDate": 2}});
        assert_eq!(at(&mut json, "inputLot[0].contributedMass"), Some(&mut json!("1")));
        assert_eq!(at(&mut json, "tag.issueDate"), Some(&mut json!(2)));
        assert_eq!(at(&mut json, "inputLot[1].contributedMass"), None);
        let (object, name) = holder(&mut json, "inputLot[0].contributedMass").unwrap();
        assert_eq!((object.len(), &*name), (1, "contributedMassMg"));
        assert!(holder(&mut json, "nowhere").is_none());
    }
}
