//! Labels against findings.
//!
//! A label is found when a finding of its rule has its key, as its subject or among the
//! records of the label's entity that it rests on. A finding is right when it finds a
//! label, whatever their severities: where those differ, that is told apart. What there
//! is none of counts as whole: a rule without findings is never wrong.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{found::Found, label::Label};

/// Texts that are told of each kind; of more, the first.
const TOLD_MAX: usize = 60;

/// How a rule did at one severity.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct OfRule {
    /// `R01` to `R28`.
    pub(crate) rule: String,
    /// 1 to 3.
    pub(crate) severity: u8,
    /// Labels.
    pub(crate) positives: usize,
    /// Findings that find a label, out of all.
    pub(crate) precision: f64,
    /// Labels that are found, out of all.
    pub(crate) recall: f64,
}

/// How all rules did.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Score {
    /// Rule by rule.
    pub(crate) rules: Vec<OfRule>,
    /// Labels of severity 3 that are found, out of all.
    pub(crate) severity3_recall: f64,
    /// Findings of severity 3 on the clean control.
    pub(crate) severity3_on_clean: usize,
    /// Labels of the set.
    pub(crate) labels: usize,
    /// Findings in the set.
    pub(crate) findings: usize,
    /// Lines of the labels' file that are no label.
    pub(crate) labels_unreadable: usize,
    /// Records that no node takes.
    pub(crate) refused: usize,
    /// Labels that are not found, by cause.
    pub(crate) lost: BTreeMap<&'static str, usize>,
    /// What is just inside a limit, and must not be found.
    pub(crate) near_misses: usize,
    /// What of that was found.
    pub(crate) near_misses_found: usize,
    /// Places of the labels that are not found.
    #[serde(skip)]
    pub(crate) unfound: Vec<usize>,
    /// The same in words.
    #[serde(skip)]
    pub(crate) missed: Vec<String>,
    /// Findings without a label.
    #[serde(skip)]
    pub(crate) wrong: Vec<String>,
    /// Labels that are found at another severity alone.
    #[serde(skip)]
    pub(crate) other_weight: Vec<String>,
    /// Near misses that were found.
    #[serde(skip)]
    pub(crate) near: Vec<String>,
    /// What was found on the clean control, of whatever severity.
    #[serde(skip)]
    pub(crate) on_clean: Vec<String>,
}

impl Score {
    /// The score of a set, without a control yet.
    pub(crate) fn of(labels: &[Label], findings: &[Found]) -> Self {
        let by_key = keys_of(findings);
        let mut is_right = vec![false; findings.len()];
        let (mut unfound, mut missed, mut other_weight) = (Vec::new(), Vec::new(), Vec::new());
        let mut counts = BTreeMap::<(String, u8), Count>::new();
        for (place, label) in labels.iter().enumerate() {
            let places = found_by(label, findings, &by_key);
            for found in &places {
                is_right[*found] = true;
            }
            if places.is_empty() {
                unfound.push(place);
                missed.push(label.to_string());
            } else if places.iter().all(|found| findings[*found].severity != label.severity) {
                other_weight.push(label.to_string());
            }
            let count = counts.entry((label.rule.clone(), label.severity)).or_default();
            count.labels += 1;
            count.labels_found += usize::from(!places.is_empty());
        }
        let mut wrong = Vec::new();
        for (found, is_right) in findings.iter().zip(is_right) {
            let count = counts.entry((found.rule.clone(), found.severity)).or_default();
            count.findings += 1;
            count.findings_right += usize::from(is_right);
            if !is_right {
                wrong.push(found.to_string());
            }
        }
        let serious = counts.iter().filter(|((_, severity), _)| *severity == 3);
        let (all, found) = serious.fold((0, 0), |(all, found), (_, count)| {
            (all + count.labels, found + count.labels_found)
        });
        for texts in [&mut wrong, &mut other_weight] {
            texts.truncate(TOLD_MAX);
        }
        Self {
            rules: counts
                .into_iter()
                .map(|((rule, severity), count)| count.of(rule, severity))
                .collect(),
            severity3_recall: share(found, all),
            severity3_on_clean: 0,
            labels: labels.len(),
            findings: findings.len(),
            labels_unreadable: 0,
            refused: 0,
            lost: BTreeMap::new(),
            near_misses: 0,
            near_misses_found: 0,
            unfound,
            missed,
            wrong,
            other_weight,
            near: Vec::new(),
            on_clean: Vec::new(),
        }
    }

    /// Counts what is found although it is just inside a limit: a finding of its rule that
    /// weighs as much, or more.
    pub(crate) fn take_near(&mut self, near: &[Label], findings: &[Found]) {
        let by_key = keys_of(findings);
        let is_found = |one: &&Label| {
            let mut found = found_by(one, findings, &by_key).into_iter();
            found.any(|place| findings[place].severity >= one.severity)
        };
        let found: Vec<&Label> = near.iter().filter(is_found).collect();
        (self.near_misses, self.near_misses_found) = (near.len(), found.len());
        self.near = found.into_iter().take(TOLD_MAX).map(Label::to_string).collect();
    }

    /// Says why labels were not found.
    pub(crate) fn take_reasons(&mut self, reasons: &[(&'static str, String)]) {
        self.lost = crate::why::counted(reasons);
        for (text, (cause, reason)) in self.missed.iter_mut().zip(reasons) {
            *text = format!("{text}: {cause}: {reason}");
        }
    }

    /// Counts what is found where all is in order.
    pub(crate) fn take_control(&mut self, findings: &[Found]) {
        self.severity3_on_clean = findings.iter().filter(|found| found.severity == 3).count();
        self.on_clean = findings.iter().take(TOLD_MAX).map(Found::to_string).collect();
    }

    /// Whether every serious label was found, and nothing serious on the control.
    pub(crate) fn is_good(&self) -> bool {
        self.severity3_recall >= 1.0 && self.severity3_on_clean == 0
    }
}

#[derive(Debug, Default)]
struct Count {
    labels: usize,
    labels_found: usize,
    findings: usize,
    findings_right: usize,
}

impl Count {
    fn of(&self, rule: String, severity: u8) -> OfRule {
        OfRule {
            rule,
            severity,
            positives: self.labels,
            precision: share(self.findings_right, self.findings),
            recall: share(self.labels_found, self.labels),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "no set has 2^52 findings")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// Places of findings by rule and every key that they name.
type ByKey<'a> = BTreeMap<(&'a str, &'a str), Vec<usize>>;

fn keys_of(findings: &[Found]) -> ByKey<'_> {
    let mut by_key = ByKey::new();
    for (place, found) in findings.iter().enumerate() {
        let keys = found.evidence.iter().map(|(_, key)| key).chain([&found.subject]);
        for key in keys.collect::<BTreeSet<_>>() {
            by_key.entry((&found.rule, key)).or_default().push(place);
        }
    }
    by_key
}

/// The places of the findings that find a label.
fn found_by(label: &Label, findings: &[Found], by_key: &ByKey<'_>) -> BTreeSet<usize> {
    let entity = label.record_type();
    let rule = label.rule.as_str();
    let places = label.keys.iter().filter_map(|key| by_key.get(&(rule, key.as_str()))).flatten();
    let is_meant = |place: &&usize| {
        let found = &findings[**place];
        let is_subject = label.keys.contains(&found.subject);
        let mut rests_on = found.evidence.iter().filter(|(_, key)| label.keys.contains(key));
        is_subject || rests_on.any(|(of, _)| entity.is_none_or(|entity| entity.name() == of))
    };
    places.filter(is_meant).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Names;

    fn label(rule: &str, severity: u8, entity: &str, key: &str) -> Label {
        let text = str::to_owned;
        let mut label = Label {
            rule: text(rule),
            severity,
            country: text("CD"),
            entity: text(entity),
            key: text(key),
            place: text("labels.jsonl:1"),
            keys: BTreeSet::from([text(key)]),
            is_known: false,
        };
        Names::default().resolve(&mut label);
        label
    }

    fn found(rule: &str, severity: u8, subject: &str, evidence: &[(&str, &str)]) -> Found {
        let pair = |(entity, key): &(&str, &str)| ((*entity).to_owned(), (*key).to_owned());
        let (rule, subject) = (rule.to_owned(), subject.to_owned());
        Found { rule, severity, subject, evidence: evidence.iter().map(pair).collect() }
    }

    #[test]
    fn a_label_is_found_by_its_rule_and_a_key_of_its_entity() {
        let labels = [
            label("R05", 3, "Lot", "CD/T/1"),
            label("R05", 3, "Tag", "ITSCI/7"),
            label("R08", 3, "mine-sites", "CD/T/1"),
        ];
        let findings = [found("R05", 3, "ITSCI/7", &[("Lot", "CD/T/1")])];
        let score = Score::of(&labels, &findings);
        assert_eq!(score.missed, ["labels.jsonl:1 R08 severity 3 mine-sites CD/T/1"]);
        assert!((score.severity3_recall - 2.0 / 3.0).abs() < 1e-9);
        let other = [found("R08", 3, "CD/L/1", &[("Lot", "CD/T/1")])];
        assert_eq!(Score::of(&labels[2..], &other).missed.len(), 1, "that is no site");
    }

    #[test]
    fn a_site_is_known_in_every_spelling_of_its_id() {
        let labels = [label("R24", 2, "MineSite", "CD-+0.3319+28.7126-191")];
        let findings = [found("R24", 2, "CD-0.3319-28.7126-191", &[])];
        assert!(Score::of(&labels, &findings).missed.is_empty());
    }

    #[test]
    fn a_near_miss_counts_where_what_is_found_weighs_as_much() {
        let near = [label("R02", 3, "Lot", "CD/T/1"), label("R02", 2, "Lot", "CD/T/2")];
        let findings = [found("R02", 2, "CD/T/1", &[]), found("R02", 2, "CD/T/2", &[])];
        let mut score = Score::of(&[], &findings);
        score.take_near(&near, &findings);
        assert_eq!((score.near_misses, score.near_misses_found), (2, 1));
        assert_eq!(score.near, ["labels.jsonl:1 R02 severity 2 Lot CD/T/2"]);
    }

    #[test]
    fn a_finding_without_a_label_is_wrong_and_one_on_the_control_too_much() {
        let mut score = Score::of(&[], &[found("R20", 2, "X", &[])]);
        assert_eq!((score.wrong.len(), score.rules[0].precision.to_bits()), (1, 0.0_f64.to_bits()));
        score.take_control(&[found("R20", 2, "X", &[])]);
        assert!(score.is_good(), "a warning is nothing serious");
        score.take_control(&[found("R20", 3, "X", &[])]);
        assert!(!score.is_good());
    }
}
