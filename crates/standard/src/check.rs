//! Walks a record along its tables and collects what is wrong with it.
//!
//! One walk serves both profiles. In the national one every field may be there;
//! in the regional one a national field must be absent, and counts as present
//! if its path is in `withheld`.

use std::{fmt::Write as _, mem};

use crate::{
    Context, Record, Refusal, Severity,
    finding::{Ground, Issue, render_all},
    key,
    model::{
        self, Class, ELEMENTS_MAX, Fault, Items, Message, Part, RuleText, Slot, Spec, Trail, Value,
        shortened,
    },
    rules,
};

/// Issues kept of one record; a record with more is not read line by line.
const ISSUES_MAX: usize = 1000;
/// Issues of most records that have any.
const ISSUES_USUAL: usize = 12;
/// Withheld paths searched in any order; longer lists must be in that of the tables.
const WITHHELD_SEARCH_MAX: usize = 256;

/// Checks a record as the state has it, together with what its draft could not read.
pub(crate) fn national(
    record: &mut Record,
    context: &Context,
    issues: Vec<Issue>,
) -> Result<(String, Vec<Issue>), Refusal> {
    Walk::new(context, false, Vec::new(), issues).run(record)
}

/// Checks a record as it left the state.
pub(crate) fn regional(
    record: &mut Record,
    context: &Context,
) -> Result<(String, Vec<Issue>), Refusal> {
    let withheld = mem::take(record.withheld_mut());
    Walk::new(context, true, withheld, Vec::new()).run(record)
}

/// A walk that checks.
pub(crate) struct Walk<'a> {
    context: &'a Context,
    regional: bool,
    withheld: Vec<String>,
    /// How many withheld paths were found to be fields.
    matched: usize,
    /// Path of the message that the walk is in, with the dot that ends it; in the
    /// regional profile alone, which compares it with the withheld ones.
    path: String,
    /// How many issues the draft brought.
    drafted: usize,
    issues: Vec<Issue>,
}

impl<'a> Walk<'a> {
    fn new(
        context: &'a Context,
        regional: bool,
        withheld: Vec<String>,
        issues: Vec<Issue>,
    ) -> Self {
        let drafted = issues.len();
        Self { context, regional, withheld, matched: 0, path: String::new(), drafted, issues }
    }

    fn run(mut self, record: &mut Record) -> Result<(String, Vec<Issue>), Refusal> {
        model::part_of(record).check(&mut self, Trail::ROOT);
        if self.matched != self.withheld.len() {
            let value = shortened(&self.withheld.join(" "));
            self.rule(&rules::WITHHELD, Trail::ROOT.field(Trail::WITHHELD), value);
        }
        if record.country() != self.context.country && !record.country().is_empty() {
            let rule = rules::country_rule(record.entity());
            let number = model::number_of(model::part_of(record), rule.field);
            self.rule(rule, Trail::ROOT.field(number), shortened(record.country()));
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

    /// Checks the fields of a message, what is inside it, and its rules across fields.
    ///
    /// One loop for each type of message: the row of a field is known where it is read.
    pub(crate) fn message<M: Message>(&mut self, message: &mut M, trail: Trail) {
        for (number, field) in M::FIELDS.iter().enumerate() {
            let row = Row { spec: &field.spec, number };
            // Looked at where it is: a value moved right after it was made stalls the core.
            let absent = match &mut (field.at)(message) {
                Value::Part(slot) => self.is_empty_slot(*slot, row, trail),
                Value::List(items) => self.is_empty_list(*items, row, trail),
                value if value.is_absent() => true,
                value => {
                    self.leaf(value, row, trail);
                    false
                }
            };
            if self.regional && field.spec.class == Class::National {
                self.national_leaf(absent, row, field.need_in(message), trail);
            } else if absent && let Some(severity) = field.need_in(message) {
                self.missing(row, severity, trail.field(number));
            }
        }
        for rule in M::RULES {
            if let Some(value) = (rule.broken)(message, self.context) {
                let number = M::FIELDS.iter().position(|field| field.spec.name == rule.text.field);
                let number = number.expect("rules name rows of the tables, which a test reads");
                self.rule(&rule.text, trail.field(number), value);
            }
        }
    }

    /// Checks what is inside a part; true if there is nothing.
    fn is_empty_slot(&mut self, slot: &mut dyn Slot, row: Row, trail: Trail) -> bool {
        if let Some(part) = slot.filled() {
            self.inside(part, row, None, trail.field(row.number));
        } else if self.withheld_where(|path, outer| leads(path, outer, row.spec.name)) {
            // All that it held is withheld: its fields are judged one by one.
            self.inside(slot.blank().as_mut(), row, None, trail.field(row.number));
        } else {
            return true;
        }
        false
    }

    /// Checks what is inside a list; true if there is nothing.
    fn is_empty_list(&mut self, items: &mut dyn Items, row: Row, trail: Trail) -> bool {
        if items.len() > ELEMENTS_MAX {
            let ground = row.ground(Fault::OutOfRange);
            let (trail, value) = (trail.field(row.number), items.len().to_string());
            let severity = Severity::Refuse;
            self.push(severity, || Issue { ground, severity, trail, value });
            return false;
        }
        for index in 0..items.len() {
            if let Some(part) = items.get(index) {
                self.inside(part, row, Some(index), trail.element(row.number, index));
            }
        }
        items.len() == 0
    }

    fn inside(&mut self, part: &mut dyn Part, row: Row, index: Option<usize>, here: Trail) {
        if !self.regional {
            return part.check(self, here);
        }
        let outer = self.path.len();
        self.path.push_str(row.spec.name);
        if let Some(index) = index {
            // Writing into a String cannot fail.
            let _ = write!(self.path, "[{index}]");
        }
        self.path.push('.');
        part.check(self, here);
        self.path.truncate(outer);
    }

    fn leaf(&mut self, value: &Value<'_>, row: Row, trail: Trail) {
        if self.regional && row.spec.class == Class::National {
            return;
        }
        if let Some((fault, value)) = row.spec.form.check(value) {
            let severity = row.spec.form.severity(fault);
            let trail = trail.field(row.number);
            self.push(severity, || Issue { ground: row.ground(fault), severity, trail, value });
        }
    }

    fn national_leaf(&mut self, absent: bool, row: Row, need: Option<Severity>, trail: Trail) {
        if !absent {
            let (ground, value) = (row.ground(Fault::National), String::new());
            let trail = trail.field(row.number);
            let severity = Severity::Refuse;
            self.push(severity, || Issue { ground, severity, trail, value });
        }
        if self.withheld_where(|path, outer| path.strip_prefix(outer) == Some(row.spec.name)) {
            self.matched += 1;
        } else if let (true, Some(severity)) = (absent, need) {
            self.missing(row, severity, trail.field(row.number));
        }
    }

    #[inline(never)]
    fn missing(&mut self, row: Row, severity: Severity, trail: Trail) {
        // Something stood there that the draft could not read: that says it better.
        if self.issues[..self.drafted].iter().any(|issue| trail.contains(issue.trail)) {
            return;
        }
        let (ground, value) = (row.ground(Fault::Missing), String::new());
        self.push(severity, || Issue { ground, severity, trail, value });
    }

    fn rule(&mut self, text: &'static RuleText, trail: Trail, value: String) {
        let (ground, severity) = (Ground::Rule(text), text.severity);
        self.push(severity, || Issue { ground, severity, trail, value });
    }

    /// Adds what `make` makes, in its place.
    #[inline]
    fn push(&mut self, severity: Severity, make: impl FnOnce() -> Issue) {
        if self.issues.capacity() == 0 {
            self.issues.reserve(ISSUES_USUAL);
        }
        // The first that refuses is always kept: it decides.
        if self.issues.len() < ISSUES_MAX || self.decides(severity) {
            self.issues.push(make());
        }
    }

    #[cold]
    fn decides(&self, severity: Severity) -> bool {
        severity == Severity::Refuse
            && self.issues.iter().all(|known| known.severity == Severity::Incomplete)
    }

    /// Whether a withheld path is such, told from where the walk is; the next one in
    /// order is looked at first.
    fn withheld_where(&self, matches: impl Fn(&str, &str) -> bool) -> bool {
        if self.withheld.get(self.matched).is_some_and(|path| matches(path, &self.path)) {
            return true;
        }
        let searched = self.withheld.len() <= WITHHELD_SEARCH_MAX;
        searched && self.withheld.iter().any(|path| matches(path, &self.path))
    }

    /// A part of the key is bad: what was merely incomplete there is refused.
    fn insist(&mut self, issue: Issue) {
        let known = self
            .issues
            .iter_mut()
            .find(|known| known.trail.contains(issue.trail) || issue.trail.contains(known.trail));
        match known {
            Some(known) => known.severity = Severity::Refuse,
            None => self.issues.push(issue),
        }
    }
}

/// One row of a table, and its number there.
#[derive(Clone, Copy)]
struct Row {
    spec: &'static Spec,
    number: usize,
}

impl Row {
    const fn ground(self, fault: Fault) -> Ground {
        Ground::Field { code: self.spec.code, spec: self.spec, fault }
    }
}

/// Whether the written path lies strictly inside the field of that name.
fn leads(path: &str, outer: &str, name: &str) -> bool {
    let rest = path.strip_prefix(outer).and_then(|path| path.strip_prefix(name));
    rest.is_some_and(|rest| rest.starts_with(['.', '[']))
}
