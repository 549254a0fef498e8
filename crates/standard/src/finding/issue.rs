//! What a check found, before its messages are written.
//!
//! Most messages are never read, and two languages cost more than the checks;
//! an issue holds what they are made of.

use std::borrow::Cow;

use super::{Finding, Severity};
use crate::{
    Entity,
    draft::Misread,
    model::{Class, Fault, RuleText, Spec, Trail},
};

/// Which rule was broken.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ground {
    /// A rule of one field, out of its table row.
    Field { code: &'static str, spec: &'static Spec, fault: Fault },
    /// A rule across fields.
    Rule(&'static RuleText),
    /// A cell that a mapping could not read.
    Reading(&'static Misread, &'static Spec),
}

/// A letter of a field's name, as ids of rules have it.
const fn upper(letter: char) -> char {
    if letter == '_' { '-' } else { letter.to_ascii_uppercase() }
}

impl Ground {
    /// The id of the rule.
    pub(crate) fn id(&self) -> String {
        match self {
            Self::Field { code, spec, fault } => {
                let suffix = fault.suffix();
                let length = code.len() + spec.name.len() + suffix.len() + 2;
                let mut id = String::with_capacity(length);
                id.push_str(code);
                id.push('-');
                id.extend(spec.name.chars().map(upper));
                id.push('-');
                id.push_str(suffix);
                id
            }
            Self::Rule(text) => text.id.to_owned(),
            Self::Reading(why, _) => why.rule.to_owned(),
        }
    }

    /// What is wrong, in English and French.
    pub(crate) fn complaint(&self) -> (String, String) {
        match self {
            Self::Field { spec, fault, .. } => spec.form.complaint(*fault),
            Self::Rule(text) => (text.parts().0.to_owned(), text.parts().2.to_owned()),
            Self::Reading(why, _) => (why.en[0].to_owned(), why.fr[0].to_owned()),
        }
    }

    /// What to do about it, in English and French.
    pub(crate) fn remedy(&self) -> (String, String) {
        match self {
            Self::Field { spec, fault, .. } => spec.form.remedy(*fault),
            Self::Rule(text) => (text.parts().1.to_owned(), text.parts().3.to_owned()),
            Self::Reading(why, _) => (why.en[1].to_owned(), why.fr[1].to_owned()),
        }
    }

    fn is_national(&self) -> bool {
        matches!(self, Self::Field { spec, .. } | Self::Reading(_, spec) if spec.class == Class::National)
    }
}

/// One issue: ground, weight, place, value.
#[derive(Debug, Clone)]
pub(crate) struct Issue {
    pub(crate) ground: Ground,
    pub(crate) severity: Severity,
    pub(crate) trail: Trail,
    pub(crate) value: String,
}

impl Issue {
    /// Writes the messages.
    pub(crate) fn render(&self, entity: Entity, key: Option<&str>) -> Finding {
        let mut finding = self.brief(entity);
        let Finding { rule, path, value, .. } = &finding;
        let (en, fr) = messages(&self.ground, rule, path, value, entity, key);
        (finding.en, finding.fr) = (en, fr);
        finding
    }

    /// The finding without its messages.
    pub(crate) fn brief(&self, entity: Entity) -> Finding {
        // Findings leave the state; what may not leave it does not enter them.
        let value = if self.ground.is_national() { String::new() } else { self.value.clone() };
        Finding {
            rule: self.ground.id(),
            severity: self.severity,
            path: self.trail.path(entity),
            value,
            en: String::new(),
            fr: String::new(),
        }
    }
}

/// The messages of a finding, English and French.
pub(super) fn messages(
    ground: &Ground,
    rule: &str,
    path: &str,
    value: &str,
    entity: Entity,
    key: Option<&str>,
) -> (String, String) {
    let (complaint_en, complaint_fr) = ground.complaint();
    let (remedy_en, remedy_fr) = ground.remedy();
    let (path, value, key) = (plain(path), plain(value), key.map(plain));
    let (quoted_en, quoted_fr) = if value.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(" with value \"{value}\""), format!(" de valeur « {value} »"))
    };
    let (name_en, name_fr) = match &key {
        Some(key) => (key.as_ref(), key.as_ref()),
        None => ("(without a key)", "(sans clé)"),
    };
    let en = format!(
        "{entity} {name_en}: field {path}{quoted_en} {complaint_en} (rule {rule}). {remedy_en}."
    );
    let fr = format!(
        "{entity} {name_fr} : la donnée {path}{quoted_fr} {complaint_fr} (règle {rule}). {remedy_fr}."
    );
    (en, fr)
}

/// A text of a record inside a sentence: what would act on a terminal is written out.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(char::is_control) {
        return Cow::Borrowed(text);
    }
    let written = text.chars().map(|letter| {
        if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() }
    });
    Cow::Owned(written.collect())
}

/// Writes the messages of all issues of one record.
pub(crate) fn render_all(issues: &[Issue], entity: Entity, key: Option<&str>) -> Vec<Finding> {
    issues.iter().map(|issue| issue.render(entity, key)).collect()
}
