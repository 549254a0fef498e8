//! Documents of the regional view: what their owner keeps back.

use rmd_proto::v1::Extension;
use serde_json::{Map, Value as Json};

use super::{Reader, rules};
use crate::{
    Record, Refusal, check,
    finding::Issue,
    icglr::{
        extension::extensions_mut,
        name::name_of,
        plan::{Member, Plan, plans},
        shape::Shape,
    },
    model::{ELEMENTS_MAX, shortened},
};

/// Each element of a list may hold back a few fields of its own.
const PATHS_MAX: usize = ELEMENTS_MAX * 64;

impl Reader<'_> {
    /// Reads `withheld`; its paths are those of JSON, the record has those of the model.
    pub(super) fn read_withheld(&mut self, map: &Map<String, Json>, record: &mut Record) {
        let Some(value) = map.get("withheld").filter(|value| !super::is_blank(value)) else {
            return;
        };
        let paths = value
            .as_array()
            .and_then(|paths| paths.iter().map(Json::as_str).collect::<Option<Vec<_>>>());
        let Some(paths) = paths else {
            return self.fault(&rules::TYPE, "withheld".to_owned(), String::new());
        };
        if paths.len() > PATHS_MAX {
            return self.fault(&rules::ELEMENTS, "withheld".to_owned(), paths.len().to_string());
        }
        let withheld = paths.iter().map(|path| self.model_path(path)).collect();
        Self::restore_extensions(&paths, record);
        self.withheld = paths.into_iter().map(str::to_owned).collect();
        *record.withheld_mut() = withheld;
    }

    /// Whether the owner keeps that path back.
    pub(super) fn is_withheld(&self, path: &str) -> bool {
        self.withheld.contains(path)
    }

    /// Checks a record as it left its state, with what could not be read of it.
    pub(super) fn regional(
        &mut self,
        record: &mut Record,
        mut issues: Vec<Issue>,
    ) -> Result<(String, Vec<Issue>), Refusal> {
        let refused = issues.iter().any(|issue| issue.severity == crate::Severity::Refuse);
        match check::regional(record, self.context) {
            Ok((key, more)) if !refused => {
                issues.extend(more);
                Ok((key, issues))
            }
            Ok((key, more)) => {
                issues.extend(more);
                let findings = crate::finding::render_all(&issues, record.entity(), Some(&key));
                Err(Refusal { key: Some(key), findings })
            }
            Err(mut refusal) => {
                let own =
                    crate::finding::render_all(&issues, record.entity(), refusal.key.as_deref());
                refusal.findings.splice(0..0, own);
                Err(refusal)
            }
        }
    }

    /// The path of the model for one of JSON; what leads nowhere stays for the check to refuse.
    fn model_path(&self, path: &str) -> String {
        let mut plan: &Plan = self.plan;
        let mut found = String::with_capacity(path.len());
        for step in path.split('.') {
            let (name, index) = step.split_at(step.find('[').unwrap_or(step.len()));
            let member = member_called(plan, name);
            let Some(member) = member else { return shortened(path) };
            if !found.is_empty() {
                found.push('.');
            }
            found.push_str(member.spec.name);
            found.push_str(index);
            if let Some(child) = plans().child(member) {
                plan = child;
            }
        }
        found
    }

    /// Attributes that were kept back left their empty places in the record.
    fn restore_extensions(paths: &[&str], record: &mut Record) {
        let index = |path: &str| -> Option<usize> {
            let (index, _) = path.strip_prefix("extension[")?.split_once(']')?;
            index.parse().ok().filter(|index| *index < ELEMENTS_MAX)
        };
        let count = paths.iter().filter_map(|path| index(path)).max().map_or(0, |last| last + 1);
        if let Some(kept) = extensions_mut(record) {
            kept.resize_with(count, Extension::default);
        }
    }
}

/// The member of that very name; attributes of a national usage have one here alone.
fn member_called<'p>(plan: &'p Plan, name: &str) -> Option<&'p Member> {
    let target = plan.target(name).map(|target| &plan.members[target.member]);
    target.filter(|member| member.name == name).or_else(|| {
        let extensions = |member: &&Member| matches!(member.shape, Shape::Extensions);
        plan.members.iter().find(extensions).filter(|member| name_of(member.spec.name) == name)
    })
}
