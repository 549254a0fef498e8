//! The rows of the tables.

use prost::Message as Wire;

use super::{Form, Value};
use crate::{Context, Severity};

/// Who may see a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Class {
    /// Every member state and the Secretariat.
    Regional,
    /// The state alone: names of persons, phones, e-mail, TIN, price.
    National,
}

/// What a field is, whatever message it belongs to.
#[derive(Debug)]
pub(crate) struct Spec {
    /// Name in the .proto text.
    pub(crate) name: &'static str,
    /// What a value must look like.
    pub(crate) form: Form,
    /// Who may see it.
    pub(crate) class: Class,
}

/// Whether a field must be there.
pub(crate) enum Need<M> {
    /// May be absent.
    Optional,
    /// Must be there.
    Always(Severity),
    /// Must be there where the rest of the message says so.
    If(Severity, fn(&M) -> bool),
}

/// One row: a field of message `M`.
pub(crate) struct Field<M> {
    pub(crate) spec: Spec,
    pub(crate) need: Need<M>,
    pub(crate) at: fn(&mut M) -> Value<'_>,
}

impl<M> Field<M> {
    /// A field that may be absent and that every state may see.
    pub(crate) const fn new(name: &'static str, form: Form, at: fn(&mut M) -> Value<'_>) -> Self {
        Self { spec: Spec { name, form, class: Class::Regional }, need: Need::Optional, at }
    }

    /// Without it the record is incomplete.
    pub(crate) const fn wanted(self) -> Self {
        Self { need: Need::Always(Severity::Incomplete), ..self }
    }

    /// Without it the record is refused.
    pub(crate) const fn vital(self) -> Self {
        Self { need: Need::Always(Severity::Refuse), ..self }
    }

    /// Without it the record is incomplete where the condition holds.
    pub(crate) const fn wanted_if(self, condition: fn(&M) -> bool) -> Self {
        Self { need: Need::If(Severity::Incomplete, condition), ..self }
    }

    /// Only the state itself may see it.
    pub(crate) const fn national(self) -> Self {
        Self { spec: Spec { class: Class::National, ..self.spec }, ..self }
    }
}

/// A rule across fields: its texts.
#[derive(Debug)]
pub(crate) struct RuleText {
    /// Stable id.
    pub(crate) id: &'static str,
    /// What a break of it does.
    pub(crate) severity: Severity,
    /// The field that a finding points at, within the message of the rule.
    pub(crate) field: &'static str,
    /// What is wrong; after the first full stop, how to mend it.
    pub(crate) en: &'static str,
    /// The same in French.
    pub(crate) fr: &'static str,
}

impl RuleText {
    /// Complaint and remedy in English, complaint and remedy in French.
    pub(crate) fn parts(&self) -> (&'static str, &'static str, &'static str, &'static str) {
        let (en, remedy_en) = self.en.split_once(". ").unwrap_or((self.en, ""));
        let (fr, remedy_fr) = self.fr.split_once(". ").unwrap_or((self.fr, ""));
        (en, remedy_en, fr, remedy_fr)
    }
}

/// A rule across fields of message `M`.
pub(crate) struct Rule<M> {
    pub(crate) text: RuleText,
    /// The value that breaks the rule, or none.
    pub(crate) broken: fn(&M, &Context) -> Option<String>,
}

/// A message that has a table.
pub(crate) trait Message: Wire + Default + PartialEq + 'static {
    /// Prefix of its rule ids, such as `MD04`.
    const CODE: &'static str;
    /// Its fields in the order of the .proto text, `withheld` left out.
    const FIELDS: &'static [Field<Self>];
    /// Its rules across fields.
    const RULES: &'static [Rule<Self>] = &[];
}

/// A message whose type does not matter to the caller.
pub(crate) trait Part {
    fn code(&self) -> &'static str;
    fn len(&self) -> usize;
    fn spec(&self, index: usize) -> &'static Spec;
    /// How badly the field is needed in this very message.
    fn need(&self, index: usize) -> Option<Severity>;
    /// How badly the field can be needed at all.
    fn need_at_most(&self, index: usize) -> Option<Severity>;
    /// Whether the field is needed whatever else the message says.
    fn is_always_needed(&self, index: usize) -> bool;
    fn value(&mut self, index: usize) -> Value<'_>;
    fn rules(&self) -> usize;
    fn rule(&self, index: usize) -> &'static RuleText;
    fn broken(&self, index: usize, context: &Context) -> Option<String>;
}

impl<M: Message> Part for M {
    fn code(&self) -> &'static str {
        M::CODE
    }

    fn len(&self) -> usize {
        M::FIELDS.len()
    }

    fn spec(&self, index: usize) -> &'static Spec {
        &M::FIELDS[index].spec
    }

    fn need(&self, index: usize) -> Option<Severity> {
        match &M::FIELDS[index].need {
            Need::Optional => None,
            Need::Always(severity) => Some(*severity),
            Need::If(severity, condition) => condition(self).then_some(*severity),
        }
    }

    fn need_at_most(&self, index: usize) -> Option<Severity> {
        match &M::FIELDS[index].need {
            Need::Optional => None,
            Need::Always(severity) | Need::If(severity, _) => Some(*severity),
        }
    }

    fn is_always_needed(&self, index: usize) -> bool {
        matches!(M::FIELDS[index].need, Need::Always(_))
    }

    fn value(&mut self, index: usize) -> Value<'_> {
        (M::FIELDS[index].at)(self)
    }

    fn rules(&self) -> usize {
        M::RULES.len()
    }

    fn rule(&self, index: usize) -> &'static RuleText {
        &M::RULES[index].text
    }

    fn broken(&self, index: usize, context: &Context) -> Option<String> {
        (M::RULES[index].broken)(self, context)
    }
}
