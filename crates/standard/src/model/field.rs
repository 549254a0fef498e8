//! The rows of the tables.

use prost::Message as Wire;

use super::{Form, Trail, Value};
use crate::{Context, Severity, check::Walk, release::Strip};

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
    /// Prefix of the rule ids of its message, such as `MD04`.
    pub(crate) code: &'static str,
    /// Name in the .proto text.
    pub(crate) name: &'static str,
    /// What a value must look like.
    pub(crate) form: Form,
    /// Who may see it.
    pub(crate) class: Class,
    /// Whether it is national or embeds messages with national fields.
    pub(crate) holds_national: bool,
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

impl<M: Message> Field<M> {
    /// A field that may be absent and that every state may see.
    pub(crate) const fn new(name: &'static str, form: Form, at: fn(&mut M) -> Value<'_>) -> Self {
        let (code, class) = (M::CODE, Class::Regional);
        let spec = Spec { code, name, form, class, holds_national: false };
        Self { spec, need: Need::Optional, at }
    }

    /// An embedded message of type `C`; a test compares the type with what `at` reaches.
    pub(crate) const fn part<C: Message>(name: &'static str, at: fn(&mut M) -> Value<'_>) -> Self {
        let field = Self::new(name, Form::Part, at);
        Self { spec: Spec { holds_national: C::HOLDS_NATIONAL, ..field.spec }, ..field }
    }

    /// A list of embedded messages of type `C`.
    pub(crate) const fn list<C: Message>(name: &'static str, at: fn(&mut M) -> Value<'_>) -> Self {
        let field = Self::new(name, Form::List, at);
        Self { spec: Spec { holds_national: C::HOLDS_NATIONAL, ..field.spec }, ..field }
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
        let spec = Spec { class: Class::National, holds_national: true, ..self.spec };
        Self { spec, ..self }
    }

    /// How badly the field is needed in that very message.
    #[inline]
    pub(crate) fn need_in(&self, message: &M) -> Option<Severity> {
        match &self.need {
            Need::Optional => None,
            Need::Always(severity) => Some(*severity),
            Need::If(severity, condition) => condition(message).then_some(*severity),
        }
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
    /// Whether any field of it, or inside it, is national.
    const HOLDS_NATIONAL: bool = {
        let mut holds = false;
        let mut index = 0;
        while index < Self::FIELDS.len() {
            holds |= Self::FIELDS[index].spec.holds_national;
            index += 1;
        }
        holds
    };
}

/// A message whose type does not matter to the caller.
pub(crate) trait Part {
    fn code(&self) -> &'static str;
    fn len(&self) -> usize;
    fn spec(&self, index: usize) -> &'static Spec;
    /// How badly the field can be needed at all.
    fn need_at_most(&self, index: usize) -> Option<Severity>;
    /// Whether the field is needed whatever else the message says.
    fn is_always_needed(&self, index: usize) -> bool;
    fn value(&mut self, index: usize) -> Value<'_>;
    fn rules(&self) -> usize;
    fn rule(&self, index: usize) -> &'static RuleText;
    /// Follows a path of field numbers, making the messages on the way.
    fn reach(&mut self, path: &[u8]) -> Option<Value<'_>>;
    /// Whether no field holds anything.
    fn is_blank(&mut self) -> bool;
    /// Checks the message and what is inside it.
    fn check(&mut self, walk: &mut Walk<'_>, trail: Trail);
    /// Takes the national values out of the message and of what is inside it.
    fn strip(&mut self, strip: &mut Strip);
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

    fn reach(&mut self, path: &[u8]) -> Option<Value<'_>> {
        let (first, rest) = path.split_first()?;
        let at = M::FIELDS.get(usize::from(*first))?.at;
        if rest.is_empty() {
            return Some(at(self));
        }
        match at(self) {
            Value::Part(slot) => slot.ensure().reach(rest),
            _ => None,
        }
    }

    fn is_blank(&mut self) -> bool {
        M::FIELDS.iter().all(|field| match (field.at)(self) {
            // Zeros of a point are no content: its message has nothing on the wire.
            Value::Degrees(degrees) => *degrees == 0,
            Value::Part(slot) => slot.filled().is_none(),
            value => value.is_absent(),
        })
    }

    fn check(&mut self, walk: &mut Walk<'_>, trail: Trail) {
        walk.message(self, trail);
    }

    fn strip(&mut self, strip: &mut Strip) {
        strip.message(self);
    }
}
