//! What is said of a row that cannot become a record.
//!
//! Owns the rules that lie before those of the standard: each row has one key
//! that can be read, and values that the source can give. A finding names record
//! type, row, field, value, rule and remedy in English and in French, in the form
//! that the findings of the standard have.

use rmd_standard::{Entity, Finding, Severity};

use super::culprit::Culprit;

/// A problem and its remedy, in one language.
type Said<'a> = (&'a str, &'a str);

/// Rows whose key is null.
pub(super) fn keyless(entity: Entity) -> Finding {
    finding(
        (entity, ""),
        "SOURCE-KEY-MISSING",
        ("_key", ""),
        (
            "is null in at least one row",
            "Give each row a key at the source, or leave such rows out in the query.",
        ),
        (
            "est nulle dans au moins une ligne",
            "Donnez une clé à chaque ligne à la source, ou écartez ces lignes dans la requête.",
        ),
    )
}

/// More than one row with the same key.
pub(super) fn twice(entity: Entity, key: &str) -> Finding {
    finding(
        (entity, key),
        "SOURCE-KEY-TWICE",
        ("_key", key),
        ("comes with more than one row", "Move what repeats into a [[record.child]] query."),
        (
            "vient avec plusieurs lignes",
            "Déplacez ce qui se répète dans une requête [[record.child]].",
        ),
    )
}

/// A value that the source cannot give; it is not repeated, since it cannot be read.
pub(super) fn unreadable(entity: Entity, key: &str, path: &str, fault: &str) -> Finding {
    finding(
        (entity, key),
        "SOURCE-VALUE",
        (path, ""),
        (
            &format!("cannot be read from the source ({fault})"),
            "Correct it there, or cast the column to text in the mapping.",
        ),
        (
            &format!("est illisible à la source ({fault})"),
            "Corrigez-la là-bas, ou convertissez la colonne en texte dans la correspondance.",
        ),
    )
}

/// A row that the source cannot give at all.
pub(super) fn ungiven(entity: Entity, key: &str, fault: &str) -> Finding {
    finding(
        (entity, key),
        "SOURCE-ROW",
        ("_key", key),
        (
            &format!("names a row that the source cannot give ({fault})"),
            "Run the query of the mapping for this row, and correct the value that stops it.",
        ),
        (
            &format!("nomme une ligne que la source ne peut pas donner ({fault})"),
            "Lancez la requête de la correspondance pour cette ligne et corrigez la valeur qui l'arrête.",
        ),
    )
}

/// A value that stops the query of its row; it is not repeated, since it was not read.
pub(super) fn stopping(entity: Entity, key: &str, culprit: &Culprit) -> Finding {
    let Culprit { path, said } = culprit;
    finding(
        (entity, key),
        "SOURCE-ROW",
        (path, ""),
        (
            &format!("stops the query of the mapping ({said})"),
            "Correct the value at the source, or let the query read it as text.",
        ),
        (
            &format!("arrête la requête de la correspondance ({said})"),
            "Corrigez la valeur à la source, ou faites-la lire comme texte par la requête.",
        ),
    )
}

/// An `_annulled_on` that is no day.
pub(super) fn no_day(entity: Entity, key: &str, value: &str) -> Finding {
    finding(
        (entity, key),
        "SOURCE-ANNULLED-ON",
        ("_annulled_on", value),
        ("is no day", "Write it as 2017-12-31."),
        ("n'est pas un jour", "Écrivez-la comme 2017-12-31."),
    )
}

fn finding(
    (entity, key): (Entity, &str),
    rule: &str,
    (path, value): (&str, &str),
    (problem, remedy): Said<'_>,
    (problem_fr, remedy_fr): Said<'_>,
) -> Finding {
    let (row, ligne) = if key.is_empty() {
        ("(without a key)".to_owned(), "(sans clé)".to_owned())
    } else {
        (format!("row {key}"), format!("ligne {key}"))
    };
    let (with, de) = if value.is_empty() {
        (String::new(), String::new())
    } else {
        (format!(" with value \"{value}\""), format!(" de valeur « {value} »"))
    };
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Refuse,
        path: path.to_owned(),
        value: value.to_owned(),
        en: format!("{entity} {row}: field {path}{with} {problem} (rule {rule}). {remedy}"),
        fr: format!(
            "{entity} {ligne} : la donnée {path}{de} {problem_fr} (règle {rule}). {remedy_fr}"
        ),
    }
}
