//! What rules said in one step, subject by subject.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rmd_proto::v1::TagScheme;
use rmd_reconcile::{
    Rule, Subject, SubjectKind,
    part::{Judgement, Wanted},
};

use super::{
    finding::{Finding, Occasion},
    kept::Said,
    shelf::KeySet,
};

/// What was said of subjects, the last word of each.
#[derive(Debug, Default)]
pub(super) struct Told {
    raised: BTreeMap<Subject, Vec<Finding>>,
    pub(super) said: BTreeMap<Subject, Said>,
}

impl Told {
    /// Takes what came out about subjects that were wanted; those that wait are not told.
    pub(super) fn take(&mut self, wanted: &Wanted, judgement: &Judgement, occasion: Occasion) {
        for subject in subjects(wanted) {
            if !judgement.waiting.contains(&subject) {
                self.raised.remove(&subject);
                self.said.insert(subject, Said::default());
            }
        }
        for judged in &judgement.judged {
            let raised = judged.outcome.raised.iter().map(|one| Finding::of(one, occasion));
            self.raised.entry(judged.subject.clone()).or_default().extend(raised);
            if !judged.outcome.missing.is_empty() {
                let said = self.said.entry(judged.subject.clone()).or_default();
                said.untested |= bit(judged.rule);
            }
        }
        for (subject, due) in &judgement.due {
            self.said.entry(subject.clone()).or_default().due = Some(*due);
        }
    }

    /// Everything that was raised.
    pub(super) fn findings(&self) -> impl Iterator<Item = Finding> {
        self.raised.values().flatten().cloned()
    }
}

/// The bit of a rule, R01 the lowest.
pub(crate) const fn bit(rule: Rule) -> i64 {
    1 << rule as i64
}

/// The subjects that are records, and tags, among those that are wanted; with periods or
/// feeds, what is about states is looked at apart.
pub(super) fn subjects(wanted: &Wanted) -> impl Iterator<Item = Subject> {
    let of = |kind: SubjectKind, keys: &KeySet| -> Vec<Subject> {
        keys.iter().map(|key| Subject::new(kind, &**key)).collect()
    };
    let tags = wanted.tags.iter().map(tag);
    [
        of(SubjectKind::Lot, &wanted.lots),
        of(SubjectKind::Certificate, &wanted.certificates),
        of(SubjectKind::Export, &wanted.exports),
        of(SubjectKind::Import, &wanted.imports),
        of(SubjectKind::MineSite, &wanted.sites),
        of(SubjectKind::SiteMonth, &wanted.productions),
        tags.collect(),
    ]
    .into_iter()
    .flatten()
}

/// The subject that a tag is.
pub(super) fn tag((scheme, identifier): &(i32, String)) -> Subject {
    let scheme = TagScheme::try_from(*scheme).unwrap_or_default().as_str_name();
    let scheme = scheme.trim_start_matches("TAG_SCHEME_");
    Subject::new(SubjectKind::Tag, format!("{scheme}/{identifier}"))
}

/// Kinds of subjects that are about states: judged all together, whatever changed.
pub(super) const STATES: [SubjectKind; 4] =
    [SubjectKind::Balance, SubjectKind::Mirror, SubjectKind::Period, SubjectKind::Feed];

/// Wants these subjects; those about states are no records.
pub(super) fn want(wanted: &mut Wanted, subjects: &[Subject]) {
    for subject in subjects {
        let key: Arc<str> = subject.key.as_str().into();
        match subject.kind {
            SubjectKind::Lot => drop(wanted.lots.insert(key)),
            SubjectKind::Certificate => drop(wanted.certificates.insert(key)),
            SubjectKind::Export => drop(wanted.exports.insert(key)),
            SubjectKind::Import => drop(wanted.imports.insert(key)),
            SubjectKind::MineSite => drop(wanted.sites.insert(key)),
            SubjectKind::SiteMonth => drop(wanted.productions.insert(key)),
            SubjectKind::Tag => wanted.tags.extend(tag_of(&subject.key)),
            SubjectKind::Balance
            | SubjectKind::Mirror
            | SubjectKind::Period
            | SubjectKind::Feed
            | SubjectKind::Exporter => {}
        }
    }
}

/// Scheme and identifier of a tag as its subject is named; every scheme whose number is
/// not known goes by the name of none.
fn tag_of(key: &str) -> Option<(i32, String)> {
    let (scheme, identifier) = key.split_once('/')?;
    let scheme = TagScheme::from_str_name(&format!("TAG_SCHEME_{scheme}"))?;
    Some((scheme.into(), identifier.to_owned()))
}

/// Keys of subjects, each once.
pub(super) fn keys(said: &BTreeMap<Subject, Said>) -> BTreeSet<&str> {
    said.keys().map(|subject| subject.key.as_str()).collect()
}
