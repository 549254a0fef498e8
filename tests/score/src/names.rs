//! Which key the author of a label means.
//!
//! A key is first taken as it is. Where no record has it, it is compared without what
//! spellings differ in: case, alpha-3 codes, dots of an HS code, signs of a site's id, parts
//! that the folder or the type of the label say already. Several records may be meant by a
//! short form; then any of them will do, and the state of the label chooses where it can.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use rmd_proto::v1::TagScheme;
use rmd_standard::{Entity, Record, country, mineral, site_id};

use crate::{
    label::Label,
    set::{Loaded, Taken, country_of},
};

/// Kinds of subjects that are no record, or a record that should be there and is not.
const UNRECORDED: [&str; 4] = ["R05", "R17", "R18", "R26"];

/// The keys of a set in all forms.
#[derive(Debug, Default)]
pub(crate) struct Names {
    exact: HashSet<(Entity, String)>,
    by_form: BTreeMap<String, BTreeSet<(Entity, String)>>,
    /// Keys of tags by their forms, with the keys of the lots that carry them.
    tags: BTreeMap<String, BTreeSet<String>>,
    /// Keys of the tags that a lot carries.
    carried: BTreeMap<String, BTreeSet<String>>,
}

impl Names {
    /// Those of a set.
    pub(crate) fn of(loaded: &Loaded) -> Self {
        let mut names = Self::default();
        for one in loaded.states.iter().flat_map(|state| &state.taken) {
            names.add(one);
        }
        names
    }

    fn add(&mut self, one: &Taken) {
        let key = one.valid.key().to_owned();
        for form in forms(one.valid.record(), &key) {
            self.by_form.entry(fold(&form)).or_default().insert((one.entity, key.clone()));
        }
        if let Record::Lot(lot) = one.valid.record() {
            for tag in &lot.tag {
                self.carry(&format!("{}/{}", word(tag.scheme()), tag.identifier), &key);
            }
        }
        self.exact.insert((one.entity, key));
    }

    /// A lot carries a tag.
    fn carry(&mut self, tag: &str, lot: &str) {
        let bare = tag.split_once('/').map_or(tag, |(_, bare)| bare);
        for form in [tag, bare] {
            let keys = self.tags.entry(fold(form)).or_default();
            keys.extend([tag.to_owned(), lot.to_owned()]);
        }
        self.carried.entry(lot.to_owned()).or_default().insert(tag.to_owned());
    }

    /// Finds out which keys a label means.
    pub(crate) fn resolve(&self, label: &mut Label) {
        self.resolve_record(label);
        // What is found of a tag names one lot of each chain of hands.
        if label.rule == "R05" {
            let tags = label.keys.iter().filter_map(|key| self.carried.get(key)).flatten();
            let tags: Vec<String> = tags.cloned().collect();
            label.keys.extend(tags);
        }
    }

    fn resolve_record(&self, label: &mut Label) {
        label.is_known = UNRECORDED.contains(&label.rule.as_str());
        label.keys.extend(site_id::key_of(&label.key));
        let meant = label.record_type();
        let known = |keys: &BTreeSet<String>| {
            let mut all = keys
                .iter()
                .flat_map(|key| Entity::ALL.into_iter().map(move |entity| (entity, key.clone())));
            all.any(|one| meant.is_none_or(|meant| meant == one.0) && self.exact.contains(&one))
        };
        if known(&label.keys) {
            label.is_known = true;
            return;
        }
        label.keys.extend(plain(&label.key));
        if label.rule == "R26" && label.key.matches('/').count() == 1 {
            label.keys.extend(plain(&format!("{}/transactions", label.key)));
        }
        let form = fold(&label.key);
        let tags = self.tags.get(&form).filter(|_| meant.is_none());
        let records: BTreeSet<String> = self.meant(&form, meant, &label.country);
        label.is_known |= known(&label.keys) || tags.is_some() || !records.is_empty();
        label.keys.extend(records);
        label.keys.extend(tags.into_iter().flatten().cloned());
    }

    /// Keys of the records that a form means.
    fn meant(&self, form: &str, meant: Option<Entity>, country: &str) -> BTreeSet<String> {
        let all = self.by_form.get(form).into_iter().flatten();
        let all: Vec<&(Entity, String)> =
            all.filter(|one| meant.is_none_or(|meant| meant == one.0)).collect();
        let is_own = |one: &&&(Entity, String)| one.1.split(['/', '-']).next() == Some(country);
        let own: Vec<&&(Entity, String)> = all.iter().filter(is_own).collect();
        if own.is_empty() {
            all.iter().map(|one| one.1.clone()).collect()
        } else {
            own.iter().map(|one| one.1.clone()).collect()
        }
    }
}

/// The scheme of a tag, as the key of the subject has it.
fn word(scheme: TagScheme) -> &'static str {
    scheme.as_str_name().trim_start_matches("TAG_SCHEME_")
}

/// What a record may be called.
fn forms(record: &Record, key: &str) -> Vec<String> {
    let parts: Vec<&str> = key.split('/').collect();
    let own = parts[1..].join("/");
    let decoded = |text: &str| text.replace("%2F", "/").replace("%25", "%");
    let mut forms = vec![key.to_owned()];
    match record {
        Record::MineSite(site) => {
            forms.extend([site.icglr_id.clone(), site.national_id.clone()]);
            forms.push(format!("{}/{}", site.address_country, site.national_id));
            forms.push(format!("{}/{}", site.address_country, site.icglr_id));
        }
        Record::ProductionDeclaration(one) => forms.push(format!("{}/{key}", one.country)),
        Record::Lot(_) => {
            let number = parts.last().copied().unwrap_or_default();
            forms.extend([own, format!("{}/{number}", parts[0]), number.to_owned()]);
        }
        Record::ExportDeclaration(_) | Record::ImportDeclaration(_) => {
            let number = parts.get(1).copied().unwrap_or_default();
            forms.extend([own, format!("{}/{number}", parts[0]), number.to_owned()]);
        }
        Record::ReportingPeriod(_) => {}
        _ => forms.push(own),
    }
    let plain: Vec<String> = forms.iter().map(|form| decoded(form)).collect();
    forms.extend(plain);
    forms
}

/// A key with each part in the form of our keys.
fn plain(key: &str) -> BTreeSet<String> {
    let parts: Vec<String> = key.split(['/', ':', '|']).map(|part| part_of(part.trim())).collect();
    let whole = parts.join("/");
    let upper = whole.to_uppercase();
    // The state in capitals, the rest as it is: the name of a feed has none.
    let (state, rest) = whole.split_once('/').unwrap_or((&whole, ""));
    let of_state = format!("{}/{rest}", state.to_uppercase());
    // A balance is that of state and mineral, whatever window its label names.
    let first_two = parts.iter().take(2).cloned().collect::<Vec<_>>().join("/");
    [whole, upper, of_state, first_two.to_uppercase(), first_two].into()
}

fn part_of(part: &str) -> String {
    if let Some(key) = site_id::key_of(part).or_else(|| site_id::key_of(&part.to_uppercase())) {
        return key;
    }
    let is_mineral = |hs6: &String| mineral::is_designated(hs6);
    let word = mineral::DESIGNATED.iter().find(|one| one.0.eq_ignore_ascii_case(part));
    let code = word.map_or(part, |one| one.1);
    if let Some(hs6) = mineral::hs6(code).filter(is_mineral) {
        return hs6;
    }
    let code = Some(part).filter(|part| part.len() == 3).and_then(country_of);
    code.unwrap_or_else(|| part.to_owned())
}

/// A form without what spellings differ in.
fn fold(form: &str) -> String {
    let part = |part: &str| {
        let part = part.trim();
        let member = country::alpha2_of(&part.to_uppercase());
        member.map_or_else(|| part_of(part), str::to_owned).to_lowercase()
    };
    form.split(['/', ':', '|']).map(part).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_keys_are_compared_by_what_they_mean() {
        assert_eq!(fold("COD/CD-T-1/L-7"), fold("cd:cd-t-1:l-7"));
        assert_eq!(
            fold("CD-+0.3319+28.7126-191/7108.12.00/2026-10"),
            fold("CD-0.3319-28.7126-191/gold/2026-10")
        );
        assert!(plain("RWA/2611.00.00").contains("RW/261100"));
        assert!(plain("UGA/ARE/710812/2025").contains("UG/AE/710812/2025"));
        assert!(plain("rw/261100/2025-11..2026-10").contains("rw/261100"));
    }
}
