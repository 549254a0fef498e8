//! The findings of a verdict as one text.
//!
//! Owns the column `verdict.findings`. A hub that judges a first load tells a dozen
//! findings of each record, which have few rules and always the same messages: a message
//! that this version would write to the byte is left out, and written when it is read.
//! Words that this version does not know are kept as they came.

use std::collections::BTreeMap;

use rmd_proto::v1;
use rmd_standard::{Entity, Finding as Written, Severity};

use super::report::Finding;

/// Rule, severity, path, value, English, French, parameters.
type Packed<T> = (T, T, T, T, T, T, BTreeMap<T, T>);

/// The findings of a verdict, the gravest first.
pub(super) fn pack(verdict: &v1::Verdict) -> String {
    let entity = Entity::from_name(&verdict.entity);
    let packed = verdict.finding.iter().map(|finding| -> Packed<&str> {
        let v1::VerdictFinding { rule, severity, path, value, en, fr, param } = finding;
        let is_ours = entity.is_some_and(|entity| {
            messages(entity, &verdict.record_key, (rule, path, value)) == (en.clone(), fr.clone())
        });
        let (en, fr) = if is_ours { ("", "") } else { (en.as_str(), fr.as_str()) };
        let param = param.iter().map(|param| (param.name.as_str(), param.value.as_str()));
        (rule, severity, path, value, en, fr, param.collect())
    });
    serde_json::to_string(&packed.collect::<Vec<_>>()).expect("texts")
}

/// The same as they were told.
pub(super) fn unpack(
    entity: &str,
    record_key: &str,
    packed: &str,
) -> Result<Vec<Finding>, serde_json::Error> {
    let packed: Vec<Packed<String>> = serde_json::from_str(packed)?;
    let entity = Entity::from_name(entity);
    let finding = |(rule, severity, path, value, mut en, mut fr, params): Packed<String>| {
        if let Some(entity) = entity.filter(|_| en.is_empty() && fr.is_empty()) {
            (en, fr) = messages(entity, record_key, (&rule, &path, &value));
        }
        Finding { rule, severity, path, value, en, fr, params }
    };
    Ok(packed.into_iter().map(finding).collect())
}

/// What this version says of a field; empty if it does not know the rule.
fn messages(
    entity: Entity,
    record_key: &str,
    (rule, path, value): (&str, &str, &str),
) -> (String, String) {
    let mut written = Written {
        rule: rule.to_owned(),
        // No message depends on it.
        severity: Severity::Incomplete,
        path: path.to_owned(),
        value: value.to_owned(),
        en: String::new(),
        fr: String::new(),
    };
    written.complete(entity, record_key);
    (written.en, written.fr)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rule: &str, (en, fr): (&str, &str)) -> v1::VerdictFinding {
        v1::VerdictFinding {
            rule: rule.to_owned(),
            severity: "a-later-word".to_owned(),
            path: "mineral".to_owned(),
            value: "2609\"".to_owned(),
            en: en.to_owned(),
            fr: fr.to_owned(),
            param: vec![v1::VerdictParam { name: "least".to_owned(), value: "0".to_owned() }],
        }
    }

    #[test]
    fn messages_come_back_to_the_byte_and_mostly_take_no_room() {
        let rule = rmd_standard::rules::all().next().unwrap().id;
        let (en, fr) = messages(Entity::Lot, "CD/1", (&rule, "mineral", "2609\""));
        assert!(!en.is_empty() && !fr.is_empty());
        let of_another_wording = told(&rule, ("Say so.", "Dites-le."));
        let of_no_rule = told("LATER", ("later", "plus tard"));
        let finding = vec![told(&rule, (&en, &fr)), of_another_wording, of_no_rule];
        let verdict = v1::Verdict {
            entity: Entity::Lot.name().to_owned(),
            record_key: "CD/1".to_owned(),
            finding: finding.clone(),
            ..v1::Verdict::default()
        };
        let packed = pack(&verdict);
        assert!(!packed.contains(&en) && packed.contains("Say so."), "{packed}");
        let unpacked = unpack("Lot", "CD/1", &packed).unwrap();
        for (unpacked, told) in unpacked.iter().zip(&finding) {
            assert_eq!(
                (&unpacked.rule, &unpacked.en, &unpacked.fr),
                (&told.rule, &told.en, &told.fr)
            );
            assert_eq!((&unpacked.value, &unpacked.severity), (&told.value, &told.severity));
            assert_eq!(unpacked.params["least"], "0");
        }
        assert_eq!(unpacked.len(), 3);
    }

    #[test]
    fn findings_of_an_incomplete_lot_take_a_quarter_of_what_was_told() {
        let rules = rmd_standard::rules::all().filter(|rule| rule.entity == Entity::Lot);
        let finding: Vec<v1::VerdictFinding> = rules
            .take(12)
            .map(|rule| {
                let (en, fr) = messages(Entity::Lot, "CD/L-00000001", (&rule.id, &rule.path, ""));
                let severity = "incomplete".to_owned();
                let (path, value) = (rule.path, String::new());
                v1::VerdictFinding { rule: rule.id, severity, path, value, en, fr, param: vec![] }
            })
            .collect();
        let told: usize = finding.iter().map(prost::Message::encoded_len).sum();
        let verdict = v1::Verdict {
            entity: Entity::Lot.name().to_owned(),
            record_key: "CD/L-00000001".to_owned(),
            finding,
            ..v1::Verdict::default()
        };
        let packed = pack(&verdict).len();
        assert!(packed * 4 < told, "{packed} of {told} bytes");
    }
}
