//! Why a label was not found: a recall that is lost is never lost in silence.

use std::collections::BTreeMap;

use crate::{direct::Judgement, label::Label, set::Loaded};

/// Letters of a reason that are told.
const REASON_MAX: usize = 600;

/// One word for the cause, and the reason in full.
pub(crate) fn reason(label: &Label, loaded: &Loaded, judged: &Judgement) -> (&'static str, String) {
    if let Some(refused) = refused(label, loaded) {
        return ("refused", format!("a node refuses its record: {refused}"));
    }
    if !label.is_known {
        let text = "no record of the set has this key; write the key as docs/SCORE.md tells";
        return ("unknown", text.to_owned());
    }
    let found =
        judged.found.iter().any(|one| one.rule == label.rule && label.keys.contains(&one.subject));
    if found {
        return (
            "exchange",
            "the rules find it without nodes and hub, the hub does not".to_owned(),
        );
    }
    let lacking: Vec<&str> = label
        .keys
        .iter()
        .filter_map(|key| judged.lacking.get(&(label.rule.clone(), key.clone())))
        .map(String::as_str)
        .collect();
    if lacking.is_empty() {
        let text = "finds nothing and lacks nothing: what it reads is within its limits, or no \
                    business of its";
        return ("passed", format!("{} {text}", label.rule));
    }
    ("not_testable", format!("{} could not be tested: {}", label.rule, lacking.join("; ")))
}

/// Why a node refuses the record of a label, and where it stands.
fn refused(label: &Label, loaded: &Loaded) -> Option<String> {
    if label.is_known && label.record_type().is_some() {
        return None;
    }
    let number = label.key.rsplit('/').next().unwrap_or(&label.key);
    let quoted = format!("\"{number}\"");
    let meant = label.record_type();
    let mut refused = loaded.refused.iter().filter(|one| meant.is_none_or(|of| of == one.entity));
    let one = refused.find(|one| {
        one.key.as_ref().is_some_and(|key| label.keys.contains(key)) || one.text.contains(&quoted)
    })?;
    let reason: String = one.reason.chars().take(REASON_MAX).collect();
    Some(format!("{} {reason}", one.place))
}

/// How many labels were lost by each cause.
pub(crate) fn counted(reasons: &[(&'static str, String)]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for (cause, _) in reasons {
        *counts.entry(*cause).or_default() += 1;
    }
    counts
}
