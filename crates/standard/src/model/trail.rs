//! Where in a record a field is, without allocating until someone reads it.

use std::fmt::Write as _;

/// No message of the standard nests deeper: `license[0].owner.legal_address.country`.
const DEPTH_MAX: usize = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    name: &'static str,
    index: Option<u32>,
}

/// A path of field names and list indexes from the record inwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trail {
    steps: [Step; DEPTH_MAX],
    depth: usize,
}

impl Trail {
    /// The record itself.
    pub(crate) const ROOT: Self =
        Self { steps: [Step { name: "", index: None }; DEPTH_MAX], depth: 0 };

    /// One field further in.
    pub(crate) fn field(&self, name: &'static str) -> Self {
        self.step(Step { name, index: None })
    }

    /// One list element further in.
    pub(crate) fn element(&self, name: &'static str, index: usize) -> Self {
        self.step(Step { name, index: u32::try_from(index).ok() })
    }

    /// The field beside this one.
    pub(crate) fn rename(&mut self, name: &'static str) {
        if let Some(last) = self.steps[..self.depth].last_mut() {
            last.name = name;
        }
    }

    fn step(&self, step: Step) -> Self {
        let mut next = *self;
        next.steps[next.depth] = step;
        next.depth += 1;
        next
    }

    /// The path as it is written: `license[0].owner.tin`.
    ///
    /// Every released record lists some, so it takes one allocation.
    pub(crate) fn path(&self) -> String {
        let steps = &self.steps[..self.depth];
        // A dot, and an index of at most four digits in brackets.
        let mut path = String::with_capacity(steps.iter().map(|step| step.name.len() + 7).sum());
        for step in steps {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(step.name);
            if let Some(index) = step.index {
                // Writing into a String cannot fail.
                let _ = write!(path, "[{index}]");
            }
        }
        path
    }

    /// Whether `other` is this place or lies inside it.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.depth <= other.depth && self.steps[..self.depth] == other.steps[..self.depth]
    }

    /// Whether the written path is this place.
    pub(crate) fn is(&self, path: &str) -> bool {
        self.rest_of(path).is_some_and(str::is_empty)
    }

    /// Whether the written path lies strictly inside this place.
    pub(crate) fn leads_to(&self, path: &str) -> bool {
        self.rest_of(path).is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
    }

    fn rest_of<'a>(&self, path: &'a str) -> Option<&'a str> {
        let mut rest = path;
        for (position, step) in self.steps[..self.depth].iter().enumerate() {
            if position > 0 {
                rest = rest.strip_prefix('.')?;
            }
            rest = rest.strip_prefix(step.name)?;
            if let Some(index) = step.index {
                rest = after_index(rest, index)?;
            }
        }
        Some(rest)
    }
}

/// What follows `[index]`, which has one spelling only.
fn after_index(text: &str, index: u32) -> Option<&str> {
    let (digits, rest) = text.strip_prefix('[')?.split_once(']')?;
    let plain = digits == "0" || !digits.starts_with(['0', '+']);
    (plain && digits.parse() == Ok(index)).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_path_matches_its_own_trail_only() {
        let list = Trail::ROOT.element("license", 10).field("owner");
        assert_eq!(list.field("tin").path(), "license[10].owner.tin");
        assert!(list.field("tin").is("license[10].owner.tin"));
        assert!(!list.field("tin").is("license[1].owner.tin"));
        assert!(!list.field("tin").is("license[010].owner.tin"));
        assert!(!list.field("tin").is("license[10].owner.tins"));
        assert!(list.leads_to("license[10].owner.tin"));
        assert!(!list.leads_to("license[10].owner"));
        assert!(!list.leads_to("license[10].owners.tin"));
        assert!(list.contains(&list.field("tin")));
        assert!(!list.field("tin").contains(&list));
    }
}
