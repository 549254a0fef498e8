//! Findings of accepted records, as the table of all records keeps them.
//!
//! Lots come by the hundred thousand, and each says of every tag what the one before
//! said: so a finding is its rule and its path, and what is found on neighbours in a
//! list is written once. Order and content come back as they were. What an earlier
//! version wrote, a list of whole findings, is read too.

use std::borrow::Cow;

use rmd_standard::{Finding, Severity};
use serde::{Deserialize, Serialize};

/// An element of the JSON list in `record.findings`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Item<'a> {
    /// Rule and path of something that is missing.
    #[serde(borrow)]
    Missing((Cow<'a, str>, Cow<'a, str>)),
    /// Rule, path and value of something that is not as it should be.
    #[serde(borrow)]
    Valued((Cow<'a, str>, Cow<'a, str>, Cow<'a, str>)),
    /// The same on each of some neighbours in a list; their paths begin behind the index.
    #[serde(borrow)]
    Each(Each<'a>),
    /// Of another weight, or with its messages.
    Whole(Finding),
}

/// Neighbours in a list of the record, as `tag`, of which the same is to be said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Each<'a> {
    #[serde(borrow)]
    list: Cow<'a, str>,
    first: usize,
    last: usize,
    #[serde(borrow)]
    found: Vec<Item<'a>>,
}

/// A path into a list: the list, the index, and what stands behind it.
fn parts(path: &str) -> Option<(&str, usize, &str)> {
    let (list, rest) = path.split_once('[')?;
    let (digits, rest) = rest.split_once(']')?;
    let index: usize = digits.parse().ok()?;
    // Nothing that would not come back the same.
    (digits.len() == 1 || !digits.starts_with(['0', '+'])).then_some((list, index, rest))
}

/// Findings as the table keeps them.
pub(crate) fn write(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "[]".to_owned();
    }
    let mut items: Vec<Item<'_>> = Vec::new();
    for finding in findings {
        if let Some((list, index, rest)) = parts(&finding.path) {
            add(&mut items, (list, index), item(finding, rest));
        } else {
            join_last(&mut items);
            items.push(item(finding, &finding.path));
        }
    }
    join_last(&mut items);
    serde_json::to_string(&items).expect("findings are texts and numbers")
}

fn item<'a>(finding: &'a Finding, path: &'a str) -> Item<'a> {
    let Finding { rule, severity, value, en, fr, .. } = finding;
    if *severity != Severity::Incomplete || !en.is_empty() || !fr.is_empty() {
        return Item::Whole(Finding { path: path.to_owned(), ..finding.clone() });
    }
    let (rule, path) = (Cow::Borrowed(rule.as_str()), Cow::Borrowed(path));
    if value.is_empty() {
        Item::Missing((rule, path))
    } else {
        Item::Valued((rule, path, Cow::Borrowed(value.as_str())))
    }
}

/// Adds what was found at a place in a list.
fn add<'a>(items: &mut Vec<Item<'a>>, (list, index): (&'a str, usize), item: Item<'a>) {
    if let Some(Item::Each(each)) = items.last_mut()
        && each.list == list
        && each.first == index
        && each.last == index
    {
        each.found.push(item);
        return;
    }
    join_last(items);
    let list = Cow::Borrowed(list);
    items.push(Item::Each(Each { list, first: index, last: index, found: vec![item] }));
}

/// Makes one of the last two elements if they say the same of neighbours.
fn join_last(items: &mut Vec<Item<'_>>) {
    if let [.., Item::Each(before), Item::Each(last)] = items.as_mut_slice()
        && before.list == last.list
        && before.last.checked_add(1) == Some(last.first)
        && before.found == last.found
    {
        before.last = last.last;
        items.pop();
    }
}

/// Findings as they were written, by this version or an earlier one.
pub(crate) fn read(text: &str) -> serde_json::Result<Vec<Finding>> {
    let items: Vec<Item<'_>> = serde_json::from_str(text)?;
    let mut findings = Vec::with_capacity(items.len());
    for item in items {
        match item {
            Item::Each(Each { list, first, last, found }) => {
                for index in first..=last {
                    let at = format!("{list}[{index}]");
                    findings.extend(found.iter().filter_map(|item| finding(item.clone(), &at)));
                }
            }
            item => findings.extend(finding(item, "")),
        }
    }
    Ok(findings)
}

fn finding(item: Item<'_>, at: &str) -> Option<Finding> {
    let (rule, path, value) = match item {
        Item::Missing((rule, path)) => (rule, path, Cow::Borrowed("")),
        Item::Valued(three) => three,
        Item::Whole(finding) => {
            return Some(Finding { path: format!("{at}{}", finding.path), ..finding });
        }
        // Lists within lists stand in the path.
        Item::Each(_) => return None,
    };
    Some(Finding {
        rule: rule.into_owned(),
        severity: Severity::Incomplete,
        path: format!("{at}{path}"),
        value: value.into_owned(),
        en: String::new(),
        fr: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(rule: &str, path: &str) -> Finding {
        Finding {
            rule: rule.to_owned(),
            severity: Severity::Incomplete,
            path: path.to_owned(),
            value: String::new(),
            en: String::new(),
            fr: String::new(),
        }
    }

    #[test]
    fn what_is_found_on_each_tag_is_written_once() {
        let mut findings = vec![missing("MD12-DATE-IN-REQUIRED", "date_in")];
        for index in 0..12 {
            findings.push(missing("MD04-NAME-REQUIRED", &format!("tag[{index}].issuer.name")));
            findings.push(missing("MD11-KIND-REQUIRED", &format!("tag[{index}].kind")));
        }
        let text = write(&findings);
        assert_eq!(
            text,
            r#"[["MD12-DATE-IN-REQUIRED","date_in"],{"list":"tag","first":0,"last":11,"found":[["MD04-NAME-REQUIRED",".issuer.name"],["MD11-KIND-REQUIRED",".kind"]]}]"#
        );
        assert_eq!(read(&text).unwrap(), findings);
    }

    #[test]
    fn everything_comes_back_as_it_was_and_in_its_order() {
        let valued = Finding { value: "é\"\\\n".to_owned(), ..missing("R", "mineral") };
        let whole = Finding { en: "why".to_owned(), fr: "pourquoi".to_owned(), ..valued.clone() };
        let refused = Finding { severity: Severity::Refuse, ..missing("R", "tag[7]") };
        let paths = [
            "tag[3].kind",
            "tag[4].kind",
            "tag[6].kind",
            "tag[6].kind",
            "tag[07].x",
            "tag[].x",
            "a[0].b[1].c",
            "a[1].b[1].c",
            "a[1].b[2].c",
            "tag[+1]",
            "tag[0",
            "",
            "x[0]",
            "x[1]",
            "x[18446744073709551615].y",
            "x[99999999999999999999].y",
        ];
        let mut findings: Vec<Finding> = paths.iter().map(|path| missing("R", path)).collect();
        findings.extend([valued, whole, refused]);
        assert_eq!(read(&write(&findings)).unwrap(), findings);
        findings.reverse();
        assert_eq!(read(&write(&findings)).unwrap(), findings);
        assert_eq!((write(&[]).as_str(), read("[]").unwrap()), ("[]", vec![]));
    }

    #[test]
    fn what_an_earlier_version_wrote_is_read() {
        let findings = vec![missing("MD11-KIND-REQUIRED", "tag[0].kind")];
        let earlier = serde_json::to_string(&findings).unwrap();
        assert!(earlier.starts_with(r#"[{"rule":"#), "{earlier}");
        assert_eq!(read(&earlier).unwrap(), findings);
        assert!(read("{}").is_err() && read(r#"["x"]"#).is_err());
    }
}
