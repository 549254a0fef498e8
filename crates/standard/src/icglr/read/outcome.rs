//! What came of a document: a record, or every finding at once, at the place
//! where the document has the fault.

use super::{JsonFault, Reader, name_of};
use crate::{Entity, Finding, National, Record, Refusal, Valid, check};

/// A finding about a record with its path in the names of the standard's JSON.
pub fn located(finding: &Finding) -> Finding {
    let path = match (finding.rule.as_str(), finding.path.as_str()) {
        ("MD12-TIME-REGISTRATION-REQUIRED", _) => "timeRegistration".to_owned(),
        (rule, "registered_at_us") if rule.ends_with("-REQUIRED") => "dateRegistration".to_owned(),
        (_, path) => name_of(path),
    };
    moved(finding, path)
}

/// The same finding at another path, which its messages name too.
fn moved(finding: &Finding, path: String) -> Finding {
    let renamed = |text: &str, before: &str| {
        text.replacen(&format!("{before} {}", finding.path), &format!("{before} {path}"), 1)
    };
    Finding {
        en: renamed(&finding.en, "field"),
        fr: renamed(&finding.fr, "la donnée"),
        path,
        ..finding.clone()
    }
}

impl Reader<'_> {
    pub(super) fn finish(mut self, mut record: Record) -> Result<Valid<Record, National>, Refusal> {
        let entity = record.entity();
        let issues = std::mem::take(&mut self.issues);
        let checked = if record.withheld().is_empty() {
            check::national(&mut record, self.context, issues)
        } else {
            self.regional(&mut record, issues)
        };
        match checked {
            Ok((key, issues)) if self.faults.is_empty() => Ok(Valid::new(record, key, issues)),
            Ok((key, issues)) => {
                let findings = crate::finding::render_all(&issues, entity, Some(&key));
                Err(self.refusal(entity, Refusal { key: Some(key), findings }))
            }
            Err(refusal) => Err(self.refusal(entity, refusal)),
        }
    }

    fn refusal(self, entity: Entity, refusal: Refusal) -> Refusal {
        let Refusal { key, findings } = refusal;
        let (name_en, name_fr) = match &key {
            Some(key) => (key.as_str(), key.as_str()),
            None => ("(without a key)", "(sans clé)"),
        };
        let (record_en, record_fr) = (format!("{entity} {name_en}"), format!("{entity} {name_fr}"));
        let (tags_in_array, registered_by) = (self.tags_in_array, self.registered_by);
        let known = findings.iter().map(|finding| {
            let finding = located(finding);
            let path = match finding.path.as_str() {
                "registeredAt" => registered_by.to_owned(),
                path => tag_path(path, tags_in_array),
            };
            moved(&finding, path)
        });
        let mut all: Vec<Finding> = self
            .faults
            .into_iter()
            .map(|fault| {
                let path = tag_path(&fault.path, tags_in_array);
                JsonFault { path, ..fault }.render(&record_en, &record_fr)
            })
            .chain(known)
            .collect();
        // A day that cannot be read is there, unlike what the check of the record sees.
        let unreadable = |finding: &Finding| {
            finding.path == "dateRegistration" && !finding.rule.ends_with("-REQUIRED")
        };
        if all.iter().any(unreadable) {
            all.retain(|finding| finding.path != "dateRegistration" || unreadable(finding));
        }
        all.sort_by_key(|finding| finding.severity);
        Refusal { key, findings: all }
    }
}

/// Where a tag stands in a document that gives one as `tag` and the others as `otherTag`.
fn tag_path(path: &str, in_array: Option<usize>) -> String {
    let first = in_array.unwrap_or(1);
    let parts = path.strip_prefix("tag[").and_then(|rest| rest.split_once(']'));
    match parts.and_then(|(index, rest)| Some((index.parse::<usize>().ok()?, rest))) {
        Some((index, rest)) if index >= first => format!("otherTag[{}]{rest}", index - first),
        Some((_, rest)) if in_array.is_none() => format!("tag{rest}"),
        _ => path.to_owned(),
    }
}
