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
    model::{
        self, Class, ELEMENTS_MAX, Fault, Items, Part, RuleText, Slot, Spec, Trail, Value,
        shortened,
    },
    rules,
};

/// Issues kept of one record; a record with more is not read line by line.
const ISSUES_MAX: usize = 1000;
/// Withheld paths searched in any order; longer lists must be in that of the tables.
const WITHHELD_SEARCH_MAX: usize = 256;

/// Checks a record as the state has it, together with what its draft could not read.
pub(crate) fn national(
    record: &mut Record,
    context: &Context,
    issues: Vec<Issue>,
) -> Result<(String, Vec<Issue>), Refusal> {
    let drafted = issues.len();
    let withheld = Vec::new();
    Walk { context, regional: false, withheld, matched: 0, drafted, issues }.run(record)
}

/// Checks a record as it left the state.
pub(crate) fn regional(
    record: &mut Record,
    context: &Context,
) -> Result<(String, Vec<Issue>), Refusal> {
    let withheld = mem::take(record.withheld_mut());
    let issues = Vec::new();
    Walk { context, regional: true, withheld, matched: 0, drafted: 0, issues }.run(record)
}

struct Walk<'a> {
    context: &'a Context,
    regional: bool,
    withheld: Vec<String>,
    /// How many withheld paths were found to be fields.
    matched: usize,
    /// How many issues the draft brought.
    drafted: usize,
    issues: Vec<Issue>,
}

impl Walk<'_> {
    fn run(mut self, record: &mut Record) -> Result<(String, Vec<Issue>), Refusal> {
        self.part(model::part_of(record), &Trail::ROOT);
        if self.matched != self.withheld.len() {
            let value = shortened(&self.withheld.join(" "));
            self.rule(&rules::WITHHELD, &Trail::ROOT.field("withheld"), value);
        }
        if record.country() != self.context.country && !record.country().is_empty() {
            let country = rules::country_rule(record.entity());
            self.rule(country, &Trail::ROOT.field(country.field), shortened(record.country()));
        }
        let key = key::of(record);
        *record.withheld_mut() = mem::take(&mut self.withheld);
        let key = match key {
            Ok(key) => Some(key),
            Err(issue) => {
                self.insist(*issue);
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
        } else if self.withheld_where(|path| here.leads_to(path)) {
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
        if items.len() > ELEMENTS_MAX {
            let ground = Ground::Field { code: field.0, spec: field.1, fault: Fault::OutOfRange };
            let (trail, value) = (trail.field(field.1.name), items.len().to_string());
            return self.push(Issue { ground, severity: Severity::Refuse, trail, value });
        }
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
            self.push(Issue { ground, severity, trail: trail.field(spec.name), value });
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
            self.push(Issue { ground, severity: Severity::Refuse, trail: here, value });
        }
        if self.withheld_where(|path| here.is(path)) {
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
        if self.issues[..self.drafted].iter().any(|issue| here.contains(&issue.trail)) {
            return;
        }
        let ground = Ground::Field { code, spec, fault: Fault::Missing };
        self.push(Issue { ground, severity, trail: here, value: String::new() });
    }

    fn rule(&mut self, text: &'static RuleText, here: &Trail, value: String) {
        let (ground, severity) = (Ground::Rule(text), text.severity);
        self.push(Issue { ground, severity, trail: *here, value });
    }

    fn push(&mut self, issue: Issue) {
        // The first that refuses is always kept: it decides.
        if self.issues.len() < ISSUES_MAX || self.decides(&issue) {
            self.issues.push(issue);
        }
    }

    fn decides(&self, issue: &Issue) -> bool {
        issue.severity == Severity::Refuse
            && self.issues.iter().all(|known| known.severity == Severity::Incomplete)
    }

    /// Whether a withheld path is such; the next one in order is looked at first.
    fn withheld_where(&self, matches: impl Fn(&str) -> bool) -> bool {
        if self.withheld.get(self.matched).is_some_and(|path| matches(path)) {
            return true;
        }
        let searched = self.withheld.len() <= WITHHELD_SEARCH_MAX;
        searched && self.withheld.iter().any(|path| matches(path))
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
