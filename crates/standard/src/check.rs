//! Walks a record along its tables and collects what is wrong with it.
//!
//! One walk serves both profiles. In the national one every field may be there;
//! in the regional one a national field must be absent, and counts as present
//! if its path is in `withheld`.

use std::mem;

use crate::{
    Context, Record, Refusal, Severity,
    finding::{Ground, Issue, render_all},
    key,
    model::{self, Class, Fault, Items, Part, RuleText, Slot, Spec, Trail, Value},
    rules,
};

/// Checks a record as the state has it, together with what its draft could not read.
pub(crate) fn national(
    record: &mut Record,
    context: &Context,
    issues: Vec<Issue>,
) -> Result<(String, Vec<Issue>), Refusal> {
    Walk { context, regional: false, withheld: Vec::new(), matched: 0, issues }.run(record)
}

/// Checks a record as it left the state.
pub(crate) fn regional(
    record: &mut Record,
    context: &Context,
) -> Result<(String, Vec<Issue>), Refusal> {
    let withheld = mem::take(record.withheld_mut());
    Walk { context, regional: true, withheld, matched: 0, issues: Vec::new() }.run(record)
}

struct Walk<'a> {
    context: &'a Context,
    regional: bool,
    withheld: Vec<String>,
    matched: usize,
    issues: Vec<Issue>,
}

impl Walk<'_> {
    fn run(mut self, record: &mut Record) -> Result<(String, Vec<Issue>), Refusal> {
        self.part(model::part_of(record), &Trail::ROOT);
        if self.matched != self.withheld.len() {
            self.rule(&rules::WITHHELD, &Trail::ROOT.field("withheld"), self.withheld.join(" "));
        }
        if record.country() != self.context.country && !record.country().is_empty() {
            let country = rules::country_rule(record.entity());
            self.rule(country, &Trail::ROOT.field(country.field), record.country().to_owned());
        }
        let key = key::of(record);
        *record.withheld_mut() = mem::take(&mut self.withheld);
        let key = match key {
            Ok(key) => Some(key),
            Err(issue) => {
                self.insist(issue);
                None
            }
        };
        match key {
            Some(key) if self.issues.iter().all(|issue| issue.severity == Severity::Incomplete) => {
                Ok((key, self.issues))
            }
            key => {
                // What refuses the record comes first.
                self.issues.sort_by_key(|issue| issue.severity);
                let findings = render_all(&self.issues, record.entity(), key.as_deref());
                Err(Refusal { key, findings })
            }
        }
    }

    fn part(&mut self, part: &mut dyn Part, trail: &Trail) {
        for index in 0..part.len() {
            let (code, spec, need) = (part.code(), part.spec(index), part.need(index));
            match part.value(index) {
                Value::Part(slot) => self.slot(slot, (code, spec), need, trail),
                Value::List(items) => self.list(items, (code, spec), need, trail),
                value => self.leaf(&value, (code, spec), need, trail),
            }
        }
        for index in 0..part.rules() {
            if let Some(value) = part.broken(index, self.context) {
                let text = part.rule(index);
                self.rule(text, &trail.field(text.field), value);
            }
        }
    }

    fn slot(
        &mut self,
        slot: &mut dyn Slot,
        field: (&'static str, &'static Spec),
        need: Option<Severity>,
        trail: &Trail,
    ) {
        let here = trail.field(field.1.name);
        if slot.is_present() {
            if let Some(part) = slot.get() {
                self.part(part, &here);
            }
        } else if self.withheld.iter().any(|path| here.leads_to(path)) {
            // All that it held is withheld: its fields are judged one by one.
            self.part(slot.blank().as_mut(), &here);
        } else if let Some(severity) = need {
            self.missing(field, severity, here);
        }
    }

    fn list(
        &mut self,
        items: &mut dyn Items,
        field: (&'static str, &'static Spec),
        need: Option<Severity>,
        trail: &Trail,
    ) {
        if let (0, Some(severity)) = (items.len(), need) {
            self.missing(field, severity, trail.field(field.1.name));
        }
        for index in 0..items.len() {
            if let Some(part) = items.get(index) {
                self.part(part, &trail.element(field.1.name, index));
            }
        }
    }

    fn leaf(
        &mut self,
        value: &Value<'_>,
        (code, spec): (&'static str, &'static Spec),
        need: Option<Severity>,
        trail: &Trail,
    ) {
        let absent = value.is_absent();
        if self.regional && spec.class == Class::National {
            return self.national_leaf(absent, (code, spec), need, trail);
        }
        if absent {
            if let Some(severity) = need {
                self.missing((code, spec), severity, trail.field(spec.name));
            }
        } else if let Some((fault, value)) = spec.form.check(value) {
            let severity = spec.form.severity(fault);
            let ground = Ground::Field { code, spec, fault };
            self.issues.push(Issue { ground, severity, trail: trail.field(spec.name), value });
        }
    }

    fn national_leaf(
        &mut self,
        absent: bool,
        (code, spec): (&'static str, &'static Spec),
        need: Option<Severity>,
        trail: &Trail,
    ) {
        let here = trail.field(spec.name);
        if !absent {
            let ground = Ground::Field { code, spec, fault: Fault::National };
            let value = String::new();
            self.issues.push(Issue { ground, severity: Severity::Refuse, trail: here, value });
        }
        if self.withheld.iter().any(|path| here.is(path)) {
            self.matched += 1;
        } else if let (true, Some(severity)) = (absent, need) {
            self.missing((code, spec), severity, here);
        }
    }

    fn missing(
        &mut self,
        (code, spec): (&'static str, &'static Spec),
        severity: Severity,
        here: Trail,
    ) {
        // Something stood there that the draft could not read: that says it better.
        if self.issues.iter().any(|issue| here.contains(&issue.trail)) {
            return;
        }
        let ground = Ground::Field { code, spec, fault: Fault::Missing };
        self.issues.push(Issue { ground, severity, trail: here, value: String::new() });
    }

    fn rule(&mut self, text: &'static RuleText, here: &Trail, value: String) {
        let (ground, severity) = (Ground::Rule(text), text.severity);
        self.issues.push(Issue { ground, severity, trail: *here, value });
    }

    /// A part of the key is bad: what was merely incomplete there is refused.
    fn insist(&mut self, issue: Issue) {
        let known = self
            .issues
            .iter_mut()
            .find(|known| known.trail.contains(&issue.trail) || issue.trail.contains(&known.trail));
        match known {
            Some(known) => known.severity = Severity::Refuse,
            None => self.issues.push(issue),
        }
    }
}
